//! What functions have computed and no operator holds yet.
//!
//! Expressions are evaluated within one poll of an operator, on one thread, and their results live until
//! the operator has its batch. So each thread keeps its own sum for the query that it works for, and all
//! together keep within a common one.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::common::resources_datafusion_err;
use datafusion::error::Result;

use super::megabytes;

/// The sum of a query.
#[derive(Debug, Clone)]
pub(super) struct Arena {
    live: Arc<AtomicUsize>,
    most: usize,
}

/// What this thread has added, and to which sum.
struct Share {
    live: Arc<AtomicUsize>,
    bytes: usize,
}

thread_local! {
    static SHARE: RefCell<Option<Share>> = const { RefCell::new(None) };
}

impl Arena {
    /// A sum of at most so many bytes.
    pub fn new(most: usize) -> Self {
        Self { live: Arc::default(), most }
    }

    /// Adds the result of a function.
    pub fn add(&self, bytes: usize) -> Result<()> {
        let before = self.live.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.most {
            self.live.fetch_sub(bytes, Ordering::Relaxed);
            let (bytes, most) = (megabytes(bytes), megabytes(self.most));
            return Err(resources_datafusion_err!(
                "functions need {bytes} MB more for one batch, of at most {most} MB"
            ));
        }
        SHARE.with_borrow_mut(|share| match share {
            Some(share) if Arc::ptr_eq(&share.live, &self.live) => share.bytes += bytes,
            share => {
                settle(share.take());
                *share = Some(Share { live: Arc::clone(&self.live), bytes });
            }
        });
        Ok(())
    }

    /// Takes off an argument that a function has consumed.
    pub fn take_off(&self, bytes: usize) {
        SHARE.with_borrow_mut(|share| {
            if let Some(share) = share.as_mut().filter(|s| Arc::ptr_eq(&s.live, &self.live)) {
                let bytes = bytes.min(share.bytes);
                share.bytes -= bytes;
                self.live.fetch_sub(bytes, Ordering::Relaxed);
            }
        });
    }

    /// An operator begins or ends its work on a batch: nothing of this thread is left.
    pub fn clear() {
        SHARE.with_borrow_mut(|share| settle(share.take()));
    }
}

fn settle(share: Option<Share>) {
    if let Some(Share { live, bytes }) = share {
        live.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_count_until_an_operator_has_its_batch() {
        let (one, other) = (Arena::new(100), Arena::new(100));
        one.add(60).unwrap();
        one.add(60).unwrap_err();
        one.take_off(30);
        one.add(60).unwrap();
        // Another query on the same thread: the first one's poll is over.
        other.add(90).unwrap();
        one.add(90).unwrap();
        Arena::clear();
        one.add(100).unwrap();
        Arena::clear();
    }

    #[test]
    fn threads_share_the_sum_of_a_query() {
        let arena = Arena::new(100);
        arena.add(60).unwrap();
        let there = arena.clone();
        std::thread::spawn(move || there.add(60).unwrap_err()).join().unwrap();
        Arena::clear();
        let there = arena.clone();
        std::thread::spawn(move || {
            there.add(60).unwrap();
            Arena::clear();
        })
        .join()
        .unwrap();
        arena.add(100).unwrap();
        Arena::clear();
    }
}
