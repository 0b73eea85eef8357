//! Work on several threads in parallel.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Stack of each thread: documents and plans are walked by recursion.
const STACK: usize = 64 << 20;

/// Works on every item, on several threads; each result is handed over as soon as it is there,
/// with the item's number.
pub fn in_parallel<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    work: impl Fn(&I) -> T + Sync,
    take: impl FnMut(usize, T) + Send,
) {
    let next = AtomicUsize::new(0);
    let take = Mutex::new(take);
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            let thread = std::thread::Builder::new().stack_size(STACK);
            let worker = || {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(n) else { break };
                    let result = work(item);
                    let mut take = take.lock().unwrap_or_else(PoisonError::into_inner);
                    take(n, result);
                }
            };
            // Where no thread can be started, the work is done here.
            if thread.spawn_scoped(scope, worker).is_err() {
                worker();
            }
        }
    });
}
