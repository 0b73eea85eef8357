//! When an answer must be there, and whether anybody still waits for it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::error::{Error, Result};

/// The moment at which the caller is answered, ready or not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Deadline(Option<(Instant, Duration)>);

impl Deadline {
    /// So long from now.
    pub fn within(timeout: Option<Duration>) -> Self {
        Self(timeout.and_then(|timeout| Some((Instant::now().checked_add(timeout)?, timeout))))
    }

    /// The outcome of some work, or an error at the deadline or when the caller ends it.
    pub async fn hold<T>(self, stop: &Stop, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut stopped = stop.0.clone();
        tokio::select! {
            biased;
            () = ended(&mut stopped) => Err(cancelled()),
            () = self.reached() => Err(self.error()),
            outcome = work => outcome,
        }
    }

    /// Refuses to go on past the deadline.
    pub fn check(self) -> Result<()> {
        match self.0 {
            Some((at, _)) if Instant::now() >= at => Err(self.error()),
            _ => Ok(()),
        }
    }

    async fn reached(self) {
        match self.0 {
            Some((at, _)) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    fn error(self) -> Error {
        let timeout = self.0.map(|(_, timeout)| timeout).unwrap_or_default();
        Error::try_again("timeout", format!("no answer within {} seconds", timeout.as_secs_f64()))
    }
}

/// Ends an answer from elsewhere: the work on it stops, and whoever reads it is told.
#[derive(Debug, Clone)]
pub struct Abort(watch::Sender<bool>);

/// What notices that an answer was ended.
#[derive(Debug, Clone)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Abort {
    /// A pair of both ends.
    pub(super) fn pair() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Ends the answer.
    pub fn abort(&self) {
        let _ = self.0.send(true);
    }
}

/// Returns once the answer is ended; never where nobody can end it any more.
async fn ended(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|ended| *ended).await.is_err() {
        std::future::pending().await
    }
}

fn cancelled() -> Error {
    Error::try_again("cancelled", "the query was cancelled")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_caller_is_answered_at_the_deadline_and_when_the_work_is_ended() {
        let (abort, stop) = Abort::pair();
        let deadline = Deadline::within(Some(Duration::from_millis(20)));
        let never = std::future::pending::<Result<()>>;
        let error = deadline.hold(&stop, never()).await.unwrap_err();
        assert_eq!((error.code(), error.message()), ("timeout", "no answer within 0.02 seconds"));
        assert_eq!(deadline.check().unwrap_err().code(), "timeout");
        let unlimited = Deadline::within(None);
        unlimited.check().unwrap();
        assert_eq!(unlimited.hold(&stop, async { Ok(1) }).await.unwrap(), 1);
        abort.abort();
        assert_eq!(unlimited.hold(&stop, never()).await.unwrap_err().code(), "cancelled");
    }
}
