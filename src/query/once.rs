//! Values that are made once for each key, however many ask for them at the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::error::Result;

/// Values by key. One that could not be made is tried again by the next who asks.
#[derive(Debug)]
pub(super) struct OnceMap<K, V> {
    cells: Mutex<HashMap<K, Arc<OnceCell<V>>>>,
}

impl<K, V> Default for OnceMap<K, V> {
    fn default() -> Self {
        Self { cells: Mutex::default() }
    }
}

impl<K: Eq + Hash, V: Clone> OnceMap<K, V> {
    /// The value of a key.
    ///
    /// # Errors
    /// Those of making it.
    pub async fn get(&self, key: K, make: impl Future<Output = Result<V>>) -> Result<V> {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key).or_default())
        };
        cell.get_or_try_init(|| make).await.cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::Error;

    #[tokio::test]
    async fn a_value_is_made_once_and_a_failure_is_not_kept() {
        let (map, made) = (OnceMap::default(), AtomicUsize::new(0));
        let make = async |fails: bool| {
            let count = made.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            if fails { Err(Error::try_again("test", "not now")) } else { Ok(count) }
        };
        assert!(map.get("a", make(true)).await.is_err());
        let both = tokio::join!(map.get("a", make(false)), map.get("a", make(false)));
        assert_eq!((both.0.unwrap(), both.1.unwrap()), (1, 1));
        assert_eq!(made.load(Ordering::Relaxed), 2);
        assert_eq!(map.get("b", make(false)).await.unwrap(), 2);
    }
}
