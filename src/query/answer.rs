//! An answer: the rows of a query, complete only when everything that computes them says so.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::StreamExt;

use crate::engine::Guard;
use crate::engine::damage::watched;
use crate::error::{Error, Result};

use super::blamed::{Blamed, blame};
use super::deadline::{Abort, Deadline, Stop};
use super::request::AnswerLimits;
use super::veiled_plan::veiled;

/// A query about to run, with its deadline and its limits. The work on it stops when it is dropped.
pub struct Answer {
    /// The result's columns, in their declared spelling.
    pub schema: SchemaRef,
    plan: Arc<dyn ExecutionPlan>,
    context: Arc<TaskContext>,
    /// Whether its rows are plans, which name files.
    explains: bool,
    /// The tables that it reads.
    reads: Vec<Blamed>,
    deadline: Deadline,
    limits: AnswerLimits,
    abort: Abort,
    stop: Stop,
    /// Stops the operators' work when the answer is dropped.
    guard: Option<Guard>,
}

impl Answer {
    /// An answer by a plan, without a deadline and limits.
    pub(super) fn new(
        schema: SchemaRef,
        plan: Arc<dyn ExecutionPlan>,
        context: Arc<TaskContext>,
    ) -> Self {
        let (abort, stop) = Abort::pair();
        let (deadline, limits) = (Deadline::default(), AnswerLimits::default());
        let (explains, reads) = (false, Vec::new());
        Self { schema, plan, context, explains, reads, deadline, limits, abort, stop, guard: None }
    }

    /// The answer with what its readers are told of tables and plans.
    pub(super) fn told(self, explains: bool, reads: Vec<Blamed>) -> Self {
        Self { explains, reads, ..self }
    }

    /// Holds the answer to the limits of its request; the deadline began with the request.
    #[must_use]
    pub(super) fn within(self, deadline: Deadline, limits: AnswerLimits, guard: Guard) -> Self {
        Self { deadline, limits, guard: Some(guard), ..self }
    }

    /// What ends the answer from elsewhere.
    pub fn abort(&self) -> Abort {
        self.abort.clone()
    }

    /// Runs the query and hands over every batch in order. Rows are complete only when this is
    /// `Ok`.
    ///
    /// # Errors
    /// The query's, those of `take`, `timeout` at the deadline, `cancelled`, `answer-too-large`, and
    /// when anything that computes rows panicked.
    pub async fn each(self, mut take: impl FnMut(&RecordBatch) -> Result<()>) -> Result<()> {
        let Self { plan, context, explains, reads, deadline, limits, stop, .. } = self;
        // The work stops when these are dropped: not before the rows are there.
        let _held = (self.abort, self.guard);
        // Rows are computed by a separate task: one that never pauses must not hold up the clock.
        let (sender, mut receiver) = tokio::sync::mpsc::channel(2);
        let rows = SpawnedTask::spawn(watched(async move {
            // Some operators start their tasks here: they are watched too.
            let mut stream = execute_stream(plan, context)?;
            while let Some(batch) = stream.next().await {
                if sender.send(batch?).await.is_err() {
                    break;
                }
            }
            Ok(())
        }));
        let mut taken = Taken::default();
        while let Some(batch) = deadline.hold(&stop, async { Ok(receiver.recv().await) }).await? {
            deadline.check()?;
            taken.count(&batch, &limits)?;
            match explains {
                true => take(&veiled(&batch)?)?,
                false => take(&batch)?,
            }
        }
        // The channel closes when the task ends, however it ends: only the task says that the rows
        // are complete.
        let rows = async { rows.await.map_err(|error| Error::panicked(&error.to_string()))? };
        deadline.hold(&stop, rows).await.map_err(|error| blame(&reads, error))
    }
}

/// What was handed over.
#[derive(Default)]
struct Taken {
    rows: u64,
    bytes: u64,
}

impl Taken {
    fn count(&mut self, batch: &RecordBatch, limits: &AnswerLimits) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.bytes += batch.get_array_memory_size() as u64;
        let what = match limits {
            AnswerLimits { rows: Some(most), .. } if self.rows > *most => format!("{most} rows"),
            AnswerLimits { bytes: Some(most), .. } if self.bytes > *most => format!("{most} bytes"),
            _ => return Ok(()),
        };
        Err(Error::try_again("answer-too-large", format!("the answer has more than {what}"))
            .hint("ask for fewer rows or columns, or aggregate them"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use arrow::array::{ArrayRef, Int64Array};
    use arrow::datatypes::DataType;
    use datafusion::datasource::MemTable;
    use datafusion::error::Result as EngineResult;
    use datafusion::logical_expr::{
        ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    };

    use super::*;
    use crate::engine::{Limits, Session, TimeLimit, sql};
    use crate::query::{Encoder, Format};

    /// Passes values on, and panics with the batch of a number.
    #[derive(Debug)]
    struct Falls {
        signature: Signature,
        at: usize,
        seen: AtomicUsize,
    }

    impl PartialEq for Falls {
        fn eq(&self, other: &Self) -> bool {
            std::ptr::eq(self, other)
        }
    }

    impl Eq for Falls {}

    impl std::hash::Hash for Falls {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            self.at.hash(state);
        }
    }

    impl ScalarUDFImpl for Falls {
        fn name(&self) -> &'static str {
            "factorial"
        }

        fn signature(&self) -> &Signature {
            &self.signature
        }

        fn return_type(&self, _: &[DataType]) -> EngineResult<DataType> {
            Ok(DataType::Int64)
        }

        fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
            if self.seen.fetch_add(1, Ordering::Relaxed) == self.at {
                panic!("the function falls");
            }
            Ok(arguments.args[0].clone())
        }
    }

    /// The answer of a query over `t.t`, whose column `n` holds twelve batches in three partitions.
    async fn answer(query: &str, falls_at: usize) -> Answer {
        let session = Session::new(&Limits { memory: 64 << 20, threads: 3 }, "t").unwrap();
        let batch = |n: i64| {
            let numbers: ArrayRef =
                Arc::new(Int64Array::from_iter_values(n * 1000..n * 1000 + 999));
            RecordBatch::try_from_iter([("n", numbers)]).unwrap()
        };
        let parts = (0..3).map(|p| (0..4).map(|n| batch(p * 4 + n)).collect()).collect();
        let table = MemTable::try_new(batch(0).schema(), parts).unwrap();
        session.register("t", "t", Arc::new(table)).unwrap();
        let signature = Signature::exact(vec![DataType::Int64], Volatility::Volatile);
        let falls = Falls { signature, at: falls_at, seen: AtomicUsize::new(0) };
        session.context().register_udf(ScalarUDF::new_from_impl(falls));
        let frame = sql::plan_query(session.context(), query).await.unwrap();
        let schema = Arc::new(frame.schema().as_arrow().clone());
        let context = Arc::new(frame.task_ctx());
        Answer::new(schema, frame.create_physical_plan().await.unwrap(), context)
    }

    fn run<T>(work: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(2).enable_all().build().unwrap().block_on(work)
    }

    const QUERIES: [&str; 7] = [
        "select factorial(n) as n from t.t",
        "select count(*) as n from t.t where factorial(n) >= 0",
        "select factorial(n) as n from t.t order by 1",
        "select factorial(n) % 7 as m, count(*) as n from t.t group by 1",
        "select a.n from t.t a join t.t b on a.n = factorial(b.n)",
        "select n from t.t union all select factorial(n) from t.t",
        "select n, row_number() over (partition by factorial(n) % 5 order by n) as r from t.t",
    ];

    #[test]
    fn a_panic_anywhere_in_a_query_is_an_error_and_no_end_of_rows() {
        for query in QUERIES {
            for at in [0, 1, 5, 11] {
                let outcome = run(async { answer(query, at).await.each(|_| Ok(())).await });
                let error = outcome.expect_err(query);
                assert_eq!(error.code(), "internal", "{query}: {error}");
                assert!(error.message().contains("the function falls"), "{query}: {error}");
            }
            let mut rows = 0;
            let outcome = run(async {
                let whole = answer(query, usize::MAX).await;
                whole
                    .each(|b| {
                        rows += b.num_rows();
                        Ok(())
                    })
                    .await
            });
            outcome.expect(query);
            assert!(rows > 0, "{query}");
        }
    }

    #[test]
    fn a_result_that_a_panic_cuts_is_well_formed_in_no_format() {
        let formats = [
            Format::Table,
            Format::Json,
            Format::Ndjson,
            Format::Csv,
            Format::Arrow,
            Format::Parquet,
        ];
        for format in formats {
            let mut bytes = Vec::new();
            let outcome = run(async {
                let answer = answer(QUERIES[0], 8).await;
                let mut encoder = Encoder::new(format, Arc::clone(&answer.schema), &mut bytes)?;
                answer.each(|batch| encoder.write(batch)).await?;
                encoder.finish()
            });
            assert_eq!(outcome.unwrap_err().code(), "internal", "{format:?}");
            match format {
                Format::Table => assert!(bytes.is_empty()),
                Format::Json => assert!(!String::from_utf8_lossy(&bytes).contains(']')),
                Format::Arrow => {
                    assert!(!bytes.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
                }
                Format::Parquet => assert!(!bytes.ends_with(b"PAR1") || bytes.len() == 4),
                // These formats have no end mark: the exit code tells.
                Format::Ndjson | Format::Csv => {}
            }
        }
    }

    #[test]
    fn an_answer_is_held_to_its_limits() {
        let limited = |limits: AnswerLimits| {
            run(async move {
                let whole = answer(QUERIES[0], usize::MAX).await;
                let mut rows = 0;
                let within = whole.within(
                    Deadline::within(limits.timeout),
                    limits,
                    TimeLimit::never().guard(),
                );
                let outcome = within.each(|batch| {
                    rows += batch.num_rows();
                    Ok(())
                });
                let outcome = outcome.await;
                (outcome.map_err(|e| e.code()), rows)
            })
        };
        let limits = AnswerLimits::default();
        let all = limited(limits);
        assert!(all.0.is_ok());
        let count = all.1 as u64;
        assert_eq!(limited(AnswerLimits { rows: Some(count), ..limits }), all);
        let (outcome, rows) = limited(AnswerLimits { rows: Some(count - 1), ..limits });
        assert!(outcome == Err("answer-too-large") && rows < all.1);
        let (outcome, rows) = limited(AnswerLimits { bytes: Some(1), ..limits });
        assert_eq!((outcome, rows), (Err("answer-too-large"), 0));
        let timeout = Some(std::time::Duration::ZERO);
        assert_eq!(limited(AnswerLimits { timeout, ..limits }), (Err("timeout"), 0));
    }

    #[test]
    fn an_answer_can_be_ended_from_elsewhere() {
        let outcome = run(async {
            let answer = answer(QUERIES[0], usize::MAX).await;
            let abort = answer.abort();
            answer
                .each(|_| {
                    abort.abort();
                    Ok(())
                })
                .await
        });
        assert_eq!(outcome.unwrap_err().code(), "cancelled");
    }

    #[test]
    fn a_reader_that_stops_ends_the_work() {
        let mut batches = 0;
        let outcome = run(async {
            let answer = answer(QUERIES[0], usize::MAX).await;
            answer
                .each(|_| {
                    batches += 1;
                    Err(Error::try_again("output", "the reader has gone"))
                })
                .await
        });
        assert_eq!(outcome.unwrap_err().code(), "output");
        assert_eq!(batches, 1);
    }
}
