//! Time: until when a query may work, and whether anybody still waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use datafusion::error::DataFusionError;

use crate::error::Error;

/// Until when a query may work. Copies share their end.
#[derive(Debug, Clone, Default)]
pub struct TimeLimit {
    until: Option<(Instant, Duration)>,
    stopped: Arc<AtomicBool>,
}

impl TimeLimit {
    /// As long as it takes.
    pub fn never() -> Self {
        Self::default()
    }

    /// So long from now on.
    pub fn after(time: Duration) -> Self {
        let until = Instant::now().checked_add(time).map(|end| (end, time));
        Self { until, ..Self::default() }
    }

    /// When it ends; `None` for never.
    pub fn end(&self) -> Option<Instant> {
        self.until.map(|(end, _)| end)
    }

    /// Ends all work: nobody waits for it any more.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Ends all work when the guard is dropped.
    #[must_use]
    pub fn guard(&self) -> Guard {
        Guard(self.clone())
    }

    /// The error of a query whose time is over.
    pub fn error(&self) -> Error {
        match self.until {
            Some((_, time)) if !self.stopped.load(Ordering::Relaxed) => {
                let seconds = time.as_secs_f64();
                Error::try_again("timeout", format!("no answer within {seconds} seconds"))
            }
            _ => Error::try_again("stopped", "the query was stopped"),
        }
    }

    /// Fails once the time is over.
    ///
    /// # Errors
    /// With the code `timeout`, or `stopped` where nobody waits any more.
    pub fn check(&self) -> Result<(), DataFusionError> {
        let late = self.until.is_some_and(|(end, _)| Instant::now() >= end);
        match late || self.stopped.load(Ordering::Relaxed) {
            true => Err(DataFusionError::External(Box::new(self.error()))),
            false => Ok(()),
        }
    }
}

/// Stops the work when nobody waits for its result any more.
#[derive(Debug)]
pub struct Guard(TimeLimit);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_at_the_deadline_or_when_nobody_waits() {
        let code = |deadline: &TimeLimit| {
            deadline.check().map_err(|e| Error::from(e).code()).err().unwrap_or("goes on")
        };
        assert_eq!(code(&TimeLimit::never()), "goes on");
        assert_eq!(code(&TimeLimit::after(Duration::from_secs(60))), "goes on");
        assert_eq!(code(&TimeLimit::after(Duration::MAX)), "goes on");
        assert_eq!(code(&TimeLimit::after(Duration::ZERO)), "timeout");
        let deadline = TimeLimit::after(Duration::from_secs(60));
        let copy = deadline.clone();
        drop(deadline.guard());
        assert_eq!(code(&copy), "stopped");
    }
}
