//! Planning on a thread of its own, which the caller leaves behind at the deadline.
//!
//! Planning never pauses: a caller on the same thread would be answered when it ends. The thread looks
//! at the deadline between the steps, and has stack enough for every nesting that is admitted.

use std::future::Future;

use crate::engine::damage::watched;
use crate::error::{Error, Result};

use super::TimeLimit;

/// Stack of a thread that plans: expressions are walked by recursion. Only what is used is taken.
const STACK: usize = 256 << 20;

/// Runs work that does not pause, and answers at the deadline whether or not it is done.
///
/// # Errors
/// The work's own, and `timeout` at the deadline.
pub async fn aside<T: Send + 'static>(
    deadline: &TimeLimit,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let runtime = tokio::runtime::Handle::current();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("plan".to_owned()).stack_size(STACK);
    let thread = thread
        .spawn(move || {
            // A caller that has gone needs no outcome.
            let _ = sender.send(runtime.block_on(watched(work)));
        })
        .map_err(|error| Error::try_again("runtime", error.to_string()))?;
    let outcome = match deadline.end() {
        None => receiver.await,
        Some(end) => match tokio::time::timeout_at(end.into(), receiver).await {
            Ok(outcome) => outcome,
            Err(_) => return Err(deadline.error()),
        },
    };
    // It has nothing more to do: waiting is safer than to leave a thread behind that is ending.
    let _ = thread.join();
    outcome.unwrap_or_else(|_| Err(Error::panicked("planning ended without an outcome")))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[tokio::test]
    async fn the_caller_is_answered_at_the_deadline() {
        let deadline = TimeLimit::after(Duration::from_millis(50));
        let begun = Instant::now();
        let work = async {
            std::thread::sleep(Duration::from_secs(3));
            Ok(1)
        };
        let error = aside(&deadline, work).await.unwrap_err();
        assert_eq!(error.code(), "timeout");
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert_eq!(aside(&TimeLimit::never(), async { Ok(2) }).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_panic_aside_is_an_error() {
        let work = async {
            if true {
                panic!("planning fell");
            }
            Ok(())
        };
        let error = aside(&TimeLimit::never(), work).await.unwrap_err();
        assert!(error.message().contains("planning fell"), "{error}");
    }
}
