//! Spill files of queries: in the run's own folder, which is made with the first of them.

use std::sync::{Arc, Mutex, PoisonError};

use datafusion::error::{DataFusionError, Result};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::{DiskManager, SpillFile, TempFileFactory};

use super::temporary;

/// Where the operators of a session spill to.
#[derive(Default)]
pub(super) struct Spills {
    /// The engine's own manager of files, once there is something to spill.
    manager: Mutex<Option<Arc<DiskManager>>>,
}

impl TempFileFactory for Spills {
    fn create_temp_file(&self, description: &str) -> Result<Arc<dyn SpillFile>> {
        self.manager()?.create_tmp_file(description)
    }
}

impl Spills {
    fn manager(&self) -> Result<Arc<DiskManager>> {
        let mut manager = self.manager.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(manager) = &*manager {
            return Ok(Arc::clone(manager));
        }
        let place = temporary::place().map_err(|e| DataFusionError::External(Box::new(e)))?;
        let mode = DiskManagerMode::Directories(vec![place.path().to_owned()]);
        let made = Arc::new(DiskManagerBuilder::default().with_mode(mode).build()?);
        for folder in made.temp_dir_paths() {
            temporary::make_private(&folder)?;
        }
        *manager = Some(Arc::clone(&made));
        Ok(made)
    }
}
