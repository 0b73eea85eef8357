//! Panics: contained where a reader meets damage, and recorded where work is watched, so that none
//! is mistaken for the end of a stream.
//!
//! A task that panics closes its channels like one that has finished. Code that reads rows from
//! tasks therefore runs them [`watched`]: the panic is noted before anything is unwound, wherever
//! in the engine's tasks it happens, and the outcome is an error.

use std::any::Any;
use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};

use datafusion::common::runtime::{JoinSetTracer, set_join_set_tracer};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::error::{Error, Result};

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

tokio::task_local! {
    /// The work that the current task is part of.
    static WATCH: Arc<Watch>;
}

static HOOK: Once = Once::new();
/// Whether panics are reported only as diagnostics.
static QUIET: AtomicBool = AtomicBool::new(false);
/// The first panic of the process that was not contained.
static FIRST: Watch = Watch(Mutex::new(None));

/// Remembers the first panic of some work.
#[derive(Default)]
struct Watch(Mutex<Option<Panicked>>);

impl Watch {
    fn note(&self, panicked: &Panicked) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| panicked.clone());
    }

    fn noted(&self) -> Option<Panicked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a panic said, and where.
#[derive(Debug, Clone)]
struct Panicked {
    message: String,
    place: Option<String>,
}

impl Panicked {
    fn of_hook(info: &PanicHookInfo<'_>) -> Self {
        let place = info.location().map(|l| format!("{}:{}", own_part(l.file()), l.line()));
        Self { message: words(info.payload()), place }
    }

    fn error(self) -> Error {
        // There an offset beyond 32 bits is unwrapped, without a useful message.
        let joins = self.place.as_ref().is_some_and(|p| p.contains("/concat_elements.rs"));
        let error = match joins {
            true => Error::too_large(),
            false => Error::panicked(&self.message),
        };
        match self.place {
            Some(place) => error.at(place),
            None => error,
        }
    }
}

fn words(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}

/// A source file's path from its package on: where the packages are does not matter.
fn own_part(file: &str) -> &str {
    let Some((_, rest)) = file.split_once("/registry/src/") else { return file };
    rest.split_once('/').map_or(rest, |(_, path)| path)
}

fn install() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if CONTAINED.get() {
                return;
            }
            let panicked = Panicked::of_hook(info);
            FIRST.note(&panicked);
            // Here, before unwinding closes channels: anyone who sees one closed sees the note too.
            let watched = WATCH.try_with(|watch| watch.note(&panicked)).is_ok();
            if !watched && !QUIET.load(Ordering::Relaxed) {
                before(info);
            }
        }));
        // A hook that was set before stays: then only passed-on panics are noticed.
        let _ = set_join_set_tracer(&Inherited);
    });
}

/// From now on panics are reported only as diagnostics, and not printed where they happen.
pub fn quiet() {
    install();
    QUIET.store(true, Ordering::Relaxed);
}

/// Runs work on a file that may be hostile; `None` when it panicked.
pub fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    install();
    let outer = CONTAINED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(outer);
    outcome.ok()
}

/// Runs work of the whole process; an uncontained panic is an error with its message.
///
/// # Errors
/// When the work panicked.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T> {
    install();
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| unwound(&*payload))
}

/// Runs work whose outcome counts only when complete: a panic in it, or in any of the engine's
/// tasks that it starts, is an error, even where a task's end was mistaken for the end of its rows.
///
/// # Errors
/// The work's own, and when it panicked.
pub async fn watched<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    install();
    let watch = Arc::new(Watch::default());
    let scoped = WATCH.scope(Arc::clone(&watch), work);
    let outcome = AssertUnwindSafe(scoped).catch_unwind().await;
    match (watch.noted(), outcome) {
        (Some(panicked), _) => Err(panicked.error()),
        (None, Ok(outcome)) => outcome,
        (None, Err(payload)) => Err(unwound(&*payload)),
    }
}

/// The message of a passed-on panic; the hook has recorded where it happened.
fn unwound(payload: &dyn Any) -> Error {
    let own = || Panicked { message: words(payload), place: None };
    FIRST.noted().unwrap_or_else(own).error()
}

/// The engine's tasks are part of the work that starts them.
struct Inherited;

impl JoinSetTracer for Inherited {
    fn trace_future(
        &self,
        task: BoxFuture<'static, Box<dyn Any + Send>>,
    ) -> BoxFuture<'static, Box<dyn Any + Send>> {
        match WATCH.try_with(Arc::clone) {
            Ok(watch) => WATCH.scope(watch, task).boxed(),
            Err(_) => task,
        }
    }

    fn trace_block(
        &self,
        work: Box<dyn FnOnce() -> Box<dyn Any + Send> + Send>,
    ) -> Box<dyn FnOnce() -> Box<dyn Any + Send> + Send> {
        match WATCH.try_with(Arc::clone) {
            Ok(watch) => Box::new(move || WATCH.sync_scope(watch, work)),
            Err(_) => work,
        }
    }
}

#[cfg(test)]
mod tests {
    use datafusion::common::runtime::SpawnedTask;

    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(2).build().unwrap().block_on(work)
    }

    #[test]
    fn a_panic_of_the_work_itself_is_an_error() {
        let error = run(watched(async {
            if true {
                panic!("the work fell");
            }
            Ok(())
        }));
        let error = error.unwrap_err();
        assert_eq!(error.code(), "internal");
        assert_eq!(error.remedy().exit_code(), 3);
        assert!(error.message().contains("the work fell"), "{error}");
        assert!(error.place().unwrap().contains("damage.rs:"), "{error}");
    }

    #[test]
    fn a_panic_of_a_task_within_a_task_is_an_error_though_its_channel_only_closes() {
        let error = run(watched(async {
            let (sender, mut receiver) = tokio::sync::mpsc::channel::<u8>(1);
            let _outer = SpawnedTask::spawn(async move {
                let inner = SpawnedTask::spawn_blocking(move || {
                    let _closed_by_the_panic = sender;
                    panic!("rows are missing");
                });
                // Its result is dropped, as the worst operator would.
                inner.await.ok().unwrap_or(0)
            });
            Ok(receiver.recv().await)
        }));
        assert!(error.unwrap_err().message().contains("rows are missing"));
    }

    #[test]
    fn contained_damage_and_other_work_are_not_this_works_panics() {
        let outcome = run(async {
            let other = tokio::spawn(watched(async {
                if true {
                    panic!("another query");
                }
                Ok(())
            }));
            let own = watched(async {
                assert_eq!(contained(|| -> u8 { panic!("damage") }), None);
                tokio::task::yield_now().await;
                Ok(7)
            });
            (own.await, other.await.unwrap())
        });
        assert_eq!(outcome.0.unwrap(), 7);
        assert!(outcome.1.is_err());
    }

    #[test]
    fn texts_beyond_what_a_batch_can_hold_are_told_as_such() {
        for message in [
            "byte array offset overflow",
            "offset overflow",
            "Offset overflow error: 2147483648",
            "offsets must be monotonically increasing",
        ] {
            assert_eq!(Error::panicked(message).code(), "too-large", "{message}");
        }
        assert_eq!(own_part("/x/registry/src/index-1/arrow-59/src/a.rs"), "arrow-59/src/a.rs");
        assert_eq!(own_part("src/engine/damage.rs"), "src/engine/damage.rs");
    }
}
