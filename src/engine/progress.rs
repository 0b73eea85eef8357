//! Progress of long work, reported in rows.

/// Shows progress. All methods may be called from several threads concurrently.
pub trait Progress: Send + Sync {
    /// A step begins: what it does, and how many rows it will look at (zero when unknown).
    fn begin(&self, what: &str, rows: u64);
    /// More rows were looked at.
    fn advance(&self, rows: u64);
    /// The step is done.
    fn end(&self);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}
