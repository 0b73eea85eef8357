//! What a publish promises, one rule a test: what is refused and by which name, what is left of a publish
//! that comes to nothing, and what becomes of others that commit at the same moment.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, AsArray, TimestampMicrosecondArray, TimestampMillisecondArray};
use arrow::datatypes::Int64Type;
use pactum::check::report::Outcome;
use pactum::check::{Delivery, Options, Report};
use pactum::engine::progress::{Progress, Silent};
use pactum::error::Error;
use pactum::project::Settings;
use pactum::publish::{Provenance, Request, StageLimits, publish};
use pactum::warehouse::{Head, Warehouse};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use crate::support::{Project, Run, contract, longs, options, tree};

const KEYED: &str = "- { name: a, logicalType: integer, primaryKey: true }";
const TIMED: &str = "- { name: a, logicalType: integer, primaryKey: true }\n\
    - { name: at, logicalType: timestamp, logicalTypeOptions: { defaultTimezone: Europe/Berlin } }";

/// Does something when a publish has staged its tables and committed nothing.
struct WhenStaged<F> {
    is_writing: AtomicBool,
    act: F,
}

impl<F: Fn()> WhenStaged<F> {
    fn new(act: F) -> Self {
        Self { is_writing: AtomicBool::new(false), act }
    }
}

impl<F: Fn() + Send + Sync> Progress for WhenStaged<F> {
    fn begin(&self, what: &str, _: u64) {
        self.is_writing.store(what == "writing", Ordering::SeqCst);
    }

    fn advance(&self, _: u64) {}

    fn end(&self) {
        if self.is_writing.swap(false, Ordering::SeqCst) {
            (self.act)();
        }
    }
}

/// Publishes a file as table `t` within this process, by this contract.
fn publish_here(
    project: &Project,
    contract: &str,
    file: &str,
    id: &str,
    stage: StageLimits,
    progress: &dyn Progress,
) -> Result<Report, Error> {
    publish_waiving(project, contract, file, id, (stage, None), progress)
}

/// The same with approved exceptions.
fn publish_waiving(
    project: &Project,
    contract: &str,
    file: &str,
    id: &str,
    (stage, waivers): (StageLimits, Option<&pactum::project::Waivers>),
    progress: &dyn Progress,
) -> Result<Report, Error> {
    let source = Arc::new(pactum::diagnostic::Source::new("t", contract));
    let contract = pactum::contract::parse(&source).contract.unwrap();
    let now = chrono::Utc::now();
    let options = Options { now, today: now.date_naive(), waivers, ..options(progress) };
    let files = [format!("t={}", project.path().join(file).display())];
    let warehouse = Warehouse::at(project.path().join("warehouse").to_str().unwrap())?;
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let delivery = Delivery::gather(&contract, None, &files, None).await?;
        let request = Request {
            contract: &contract,
            delivery: &delivery,
            warehouse: &warehouse,
            options: &options,
            settings: &Settings::default(),
            consumers: &[],
            stage,
            provenance: Provenance { publish_id: id.to_owned(), ..Provenance::default() },
            dry_run: false,
        };
        publish(&request).await
    })
}

/// As above; in between, when everything is staged, something else happens.
fn publish_while(
    project: &Project,
    contract: &str,
    file: &str,
    id: &str,
    act: impl Fn() + Send + Sync,
) -> Result<Report, Error> {
    let progress = WhenStaged::new(act);
    publish_here(project, contract, file, id, StageLimits::default(), &progress)
}

fn publish_as(project: &Project, id: &str, file: &str) -> Run {
    let table = format!("t={file}");
    project.run(&["publish", "t", &table, "--publish-id", id, "--format", "json"])
}

/// The data files below a folder, without the ledger's, sorted.
fn data_files(folder: &Path) -> Vec<PathBuf> {
    let is_data = |path: &Path| {
        path.extension().is_some_and(|e| e == "parquet")
            && !path.to_string_lossy().contains("/_ledger/")
    };
    tree(folder).into_iter().map(|(path, _)| path).filter(|path| is_data(path)).collect()
}

/// The files that a publish id has staged, and their hashes.
fn staged_as(project: &Project, id: &str) -> Vec<PathBuf> {
    let begins = |path: &Path| path.file_name().unwrap().to_string_lossy().starts_with(id);
    let table = project.path().join("warehouse/t/v1");
    tree(&table).into_iter().map(|(path, _)| path).filter(|path| begins(path)).collect()
}

/// Contract `two` of tables `a` and, where there is more, `b` with these columns.
fn two(version: &str, b: &str) -> String {
    let b = match b {
        "" => String::new(),
        columns => format!("  - name: b\n    properties: [{columns}]\n"),
    };
    format!(
        "apiVersion: v3.2.0\nkind: DataContract\nid: two\nname: two\nversion: {version}\nstatus: active\n\
         schema:\n  - name: a\n    properties: [{{ name: v, logicalType: integer }}]\n{b}"
    )
}

const VALUE: &str = "{ name: v, logicalType: integer, logicalTypeOptions: { minimum: 0 } }";

/// An approved exception for a clause.
fn waived(contract: &str, clause: &str) -> String {
    format!(
        "check:\n- {{ contract: {contract}, clause: {clause}, reason: known, approved_by: ann, expires: \
         2999-01-01 }}\n"
    )
}

/// Readings of a clock in Berlin, of which the last falls into the hour that a spring night leaves out.
fn readings_of_which_one_does_not_exist(rows: usize) -> ArrayRef {
    let left_out = 1_774_751_400_000; // 2026-03-29 02:30
    let values = (0..rows).map(|n| if n + 1 == rows { left_out } else { 1_000 });
    Arc::new(TimestampMillisecondArray::from_iter_values(values))
}

#[test]
fn a_publish_that_lacks_a_table_is_refused() {
    let project = Project::new(&[("two", &two("1.0.0", VALUE))]);
    project.parquet("a.parquet", vec![("v", longs([1]))]);
    let run = project.run(&["publish", "two", "a=a.parquet", "--format", "json"]).expect(2);
    let error = run.json()["error"].clone();
    assert_eq!(error["code"], "missing-table");
    assert!(error["hint"].as_str().unwrap().contains("b=FILES"), "{error}");
    assert!(!project.path().join("warehouse").exists());
}

#[test]
fn a_taken_name_is_told_before_anything_is_written() {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let rival = contract("1.0.0", KEYED, "").replace("id: t\nname: t", "id: rival\nname: T");
    project.write("contracts/t.odcs.yaml", &rival);
    let before = tree(&project.path().join("warehouse"));
    for more in [&["--dry-run"][..], &[]] {
        let run = project
            .run(&[&["publish", "rival", "t=a.parquet", "--format", "json"], more].concat())
            .expect(1);
        assert_eq!(run.json()["error"]["code"], "taken-name", "{more:?}");
        assert_eq!(tree(&project.path().join("warehouse")), before, "{more:?}");
    }
}

#[test]
fn a_name_that_another_contract_takes_meanwhile_ends_a_publish() {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    project.parquet("b.parquet", vec![("a", longs(0..6))]);
    let rival = contract("1.0.0", KEYED, "").replace("id: t\nname: t", "id: rival\nname: t");
    let overtaken =
        publish_while(&project, &contract("1.0.0", KEYED, ""), "a.parquet", "late", || {
            project.write("contracts/t.odcs.yaml", &rival);
            project.run(&["publish", "rival", "t=b.parquet"]).expect(0);
        });
    assert_eq!(overtaken.unwrap_err().code(), "taken-name");
    assert_eq!(staged_as(&project, "late"), Vec::<PathBuf>::new());
    assert!(!project.path().join("warehouse/t/_ledger").exists());
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 6);
}

#[test]
fn a_publish_id_does_not_come_back_with_another_version() {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    publish_as(&project, "x", "a.parquet").expect(0);
    project.write("contracts/t.odcs.yaml", &contract("1.0.1", KEYED, ""));
    let before = tree(&project.path().join("warehouse"));
    let run = publish_as(&project, "x", "a.parquet").expect(2);
    assert_eq!(run.json()["error"]["code"], "used-publish-id");
    assert_eq!(tree(&project.path().join("warehouse")), before);
}

#[test]
fn a_warehouse_of_a_newer_format_is_not_published_to() {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    project.parquet("b.parquet", vec![("a", longs(0..6))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    let path = project.path().join("warehouse/pactum.json");
    let mut marker: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    marker["min_reader_version"] = json!(99);
    std::fs::write(&path, marker.to_string()).unwrap();
    let before = tree(&project.path().join("warehouse"));
    for more in [&["--dry-run"][..], &[]] {
        let run = project
            .run(&[&["publish", "t", "t=b.parquet", "--format", "json"], more].concat())
            .expect(2);
        assert_eq!(run.json()["error"]["code"], "newer-format", "{more:?}");
    }
    assert_eq!(tree(&project.path().join("warehouse")), before);
}

#[test]
fn a_waiver_of_the_policy_holds_for_a_publish() {
    let key = "- { name: id, logicalType: integer, primaryKey: true }\n";
    let scored = format!("{key}- {{ name: score, logicalType: integer }}");
    let project = Project::of_columns(key);
    project.write("pactum.yaml", "warehouse: ./warehouse\ndiff: { reserved_names: [t.score] }\n");
    project.parquet("a.parquet", vec![("id", longs([1]))]);
    project.parquet("b.parquet", vec![("id", longs([1])), ("score", longs([1]))]);
    project.run(&["publish", "t", "t=a.parquet"]).expect(0);
    project.write("contracts/t.odcs.yaml", &contract("1.1.0", &scored, ""));
    let refused = project.run(&["publish", "t", "t=b.parquet", "--format", "json"]).expect(1);
    assert_eq!(refused.json()["error"]["code"], "reserved-name-used");
    project.write(
        "waivers.yaml",
        "diff:\n- { contract: t, rule: reserved-name-used, element: t.score, reason: agreed, \
         approved_by: ann, expires: 2099-01-01 }\n",
    );
    assert_eq!(project.publish("b.parquet")["release"], 2);
}

#[test]
fn a_wall_clock_reading_is_stored_as_the_instant_that_its_zone_makes_it() {
    let project = Project::of_columns(
        "- { name: at, logicalType: timestamp, logicalTypeOptions: { defaultTimezone: Asia/Tokyo } }",
    );
    let nine: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![32_400_000_000]));
    project.parquet("a.parquet", vec![("at", nine)]);
    assert_eq!(project.publish("a.parquet")["outcome"], "released");
    assert_eq!(project.query("select at from t.t"), json!([{ "at": "1970-01-01T00:00:00Z" }]));
}

#[test]
fn a_table_without_rows_has_one_file_and_can_be_read() {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    project.parquet("a.parquet", vec![("a", longs([]))]);
    assert_eq!(project.publish("a.parquet")["outcome"], "released");
    assert_eq!(data_files(&project.path().join("warehouse/t/v1")).len(), 1);
    assert_eq!(project.query("select count(a) n from t.t"), json!([{ "n": 0 }]));
}

#[test]
fn what_a_user_was_shown_of_a_classified_column_is_not_kept_with_a_release() {
    let columns = format!("{KEYED}\n- {{ name: n, logicalType: integer, classification: secret }}");
    let rule = "quality:\n  - { id: most, type: sql, query: \"select max(n) from t\", mustBeGreaterThan: 5 }";
    let project = Project::new(&[("t", &contract("1.0.0", &columns, rule))]);
    project.parquet("a.parquet", vec![("a", longs([1, 2])), ("n", longs([710_001, 810_003]))]);
    let publish = ["publish", "t", "t=a.parquet", "--show-classified", "--format", "json"];
    let shown = project.run(&publish).expect(0).json();
    assert_eq!(shown["outcome"], "released");
    assert_eq!(crate::support::clause(&shown, "t/most")["measured"], 810_003);
    let kept = project.run(&["releases", "show", "t", "1", "--format", "json"]).expect(0).stdout;
    assert!(kept.contains("t/most") && !kept.contains("810003"), "{kept}");
}

#[test]
fn a_publish_that_changes_nothing_leaves_nothing() {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    publish_as(&project, "one", "a.parquet").expect(0);
    let before = tree(&project.path().join("warehouse"));
    let again = publish_as(&project, "two", "a.parquet").expect(0).json();
    assert_eq!(again["outcome"], "unchanged");
    assert_eq!(tree(&project.path().join("warehouse")), before);
}

#[test]
fn a_table_that_cannot_be_stored_leaves_nothing_of_the_others() {
    let b = "{ name: v, logicalType: integer }, \
        { name: at, logicalType: timestamp, logicalTypeOptions: { defaultTimezone: Europe/Berlin } }";
    let project = Project::new(&[("two", &two("1.0.0", b))]);
    project.parquet("a.parquet", vec![("v", longs(0..3))]);
    project.parquet(
        "b.parquet",
        vec![("v", longs(0..3)), ("at", readings_of_which_one_does_not_exist(3))],
    );
    let publish = ["publish", "two", "a=a.parquet", "b=b.parquet", "--format", "json"];
    let rejected = project.run(&publish).expect(1).json();
    assert_eq!(rejected["outcome"], "rejected", "{rejected:#}");
    // No waiver makes it storable.
    project.write("waivers.yaml", &waived("two", "b/at/storable"));
    let run = project.run(&publish).expect(1);
    assert_eq!(run.json()["error"]["code"], "unstorable-value", "{run:?}");
    assert!(project.path().join("warehouse/two/v1/a").exists(), "it was staged first");
    assert_eq!(data_files(&project.path().join("warehouse")), Vec::<PathBuf>::new());
}

#[test]
fn a_table_that_fails_late_leaves_none_of_its_files() {
    let project = Project::of_columns(TIMED);
    let rows = 40_000;
    project.parquet(
        "a.parquet",
        vec![("a", longs(0..rows as i64)), ("at", readings_of_which_one_does_not_exist(rows))],
    );
    // One file is closed by then, and another is being written.
    let small = StageLimits { file_bytes: 1, ..StageLimits::default() };
    let text = contract("1.0.0", TIMED, "");
    let waivers = pactum::diagnostic::Source::new("w", waived("t", "t/at/storable"));
    let waivers = pactum::project::Waivers::parse(&Arc::new(waivers)).unwrap();
    let failed =
        publish_waiving(&project, &text, "a.parquet", "late", (small, Some(&waivers)), &Silent);
    assert_eq!(failed.unwrap_err().code(), "unstorable-value");
    assert!(project.path().join("warehouse/t/v1/t").exists());
    assert_eq!(staged_as(&project, "late"), Vec::<PathBuf>::new());
}

#[test]
fn a_delivery_that_changes_after_it_was_staged_is_refused_and_leaves_nothing() {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..50))]);
    project.parquet("b.parquet", vec![("a", longs(50..100))]);
    let (file, other) = (project.path().join("a.parquet"), project.path().join("b.parquet"));
    let text = contract("1.0.0", KEYED, "");
    let changed = publish_while(&project, &text, "a.parquet", "late", || {
        assert!(!staged_as(&project, "late").is_empty());
        std::fs::write(&file, std::fs::read(&other).unwrap()).unwrap();
    });
    assert_eq!(changed.unwrap_err().code(), "file-changed");
    assert_eq!(staged_as(&project, "late"), Vec::<PathBuf>::new());
    assert!(!project.path().join("warehouse/t/_ledger").exists());
}

#[test]
fn files_of_a_table_end_between_two_values_of_the_first_key() {
    let columns = "- { name: a, logicalType: integer, primaryKey: true, primaryKeyPosition: 1 }\n\
        - { name: b, logicalType: integer, primaryKey: true, primaryKeyPosition: 2 }";
    let project = Project::of_columns(columns);
    // The second value begins in the midst of a batch.
    let rows = 40_000;
    project.parquet(
        "a.parquet",
        vec![("a", longs((0..rows).map(|n| n / 20_000))), ("b", longs(0..rows))],
    );
    let small = StageLimits { file_bytes: 1, ..StageLimits::default() };
    let text = contract("1.0.0", columns, "");
    let report = publish_here(&project, &text, "a.parquet", "x", small, &Silent).unwrap();
    assert_eq!(report.outcome, Some(Outcome::Released));
    let values: Vec<(i64, i64)> =
        data_files(&project.path().join("warehouse/t/v1")).iter().map(|f| first_keys(f)).collect();
    assert_eq!(values, [(0, 0), (1, 1)]);
    assert_eq!(project.query("select count(distinct b) n from t.t")[0]["n"], rows);
}

/// The least and the greatest `a` of a file.
fn first_keys(file: &Path) -> (i64, i64) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(file).unwrap());
    let batches = builder.unwrap().build().unwrap().map(Result::unwrap);
    let values: Vec<i64> = batches
        .flat_map(|b| b.column_by_name("a").unwrap().as_primitive::<Int64Type>().values().to_vec())
        .collect();
    (*values.iter().min().unwrap(), *values.iter().max().unwrap())
}

#[test]
fn a_version_that_is_older_by_the_time_of_the_commit_gives_way() {
    let project = Project::of_columns(KEYED);
    let wider = format!("{KEYED}\n- {{ name: b, logicalType: integer }}");
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    project.parquet("b.parquet", vec![("a", longs(0..6))]);
    project.parquet("c.parquet", vec![("a", longs(0..7)), ("b", longs(0..7))]);
    publish_as(&project, "first", "a.parquet").expect(0);
    let text = contract("1.0.0", KEYED, "");
    let report = publish_while(&project, &text, "b.parquet", "late", || {
        project.write("contracts/t.odcs.yaml", &contract("1.1.0", &wider, ""));
        publish_as(&project, "newer", "c.parquet").expect(0);
    });
    let report = report.unwrap();
    assert_eq!((report.outcome, report.release), (Some(Outcome::Conflict), None));
    assert_eq!(staged_as(&project, "late"), Vec::<PathBuf>::new());
    assert_eq!(project.query("select count(b) n from t.t")[0]["n"], 7);
}

#[test]
fn a_retry_that_was_faster_makes_the_slower_publish_unchanged() {
    let project = Project::of_columns(KEYED);
    project.parquet("a.parquet", vec![("a", longs(0..5))]);
    let text = contract("1.0.0", KEYED, "");
    let report = publish_while(&project, &text, "a.parquet", "same", || {
        publish_as(&project, "same", "a.parquet").expect(0);
    });
    let report = report.unwrap();
    assert_eq!((report.outcome, report.release), (Some(Outcome::Unchanged), Some(1)));
    assert_eq!(data_files(&project.path().join("warehouse/t/v1")).len(), 1);
    assert_eq!(project.query("select count(*) n from t.t")[0]["n"], 5);
}

#[test]
fn publishers_that_commit_at_the_same_moment_all_make_a_release() {
    let publishers = 6;
    let project = Project::of_columns(KEYED);
    project.parquet("0.parquet", vec![("a", longs(0..1))]);
    publish_as(&project, "first", "0.parquet").expect(0);
    for n in 1..=publishers {
        project.parquet(&format!("{n}.parquet"), vec![("a", longs(0..=n))]);
    }
    let text = contract("1.0.0", KEYED, "");
    let staged = AtomicUsize::new(0);
    let wait_for_all = || {
        staged.fetch_add(1, Ordering::SeqCst);
        let begun = Instant::now();
        while staged.load(Ordering::SeqCst) < publishers as usize {
            assert!(begun.elapsed() < Duration::from_secs(60), "not all publishers have staged");
            std::thread::yield_now();
        }
    };
    let mut numbers: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=publishers)
            .map(|n| {
                let (project, text, wait_for_all) = (&project, &text, &wait_for_all);
                scope.spawn(move || {
                    let (file, id) = (format!("{n}.parquet"), format!("id-{n}"));
                    let report = publish_while(project, text, &file, &id, wait_for_all).unwrap();
                    assert_eq!(report.outcome, Some(Outcome::Released), "{n}");
                    report.release.unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (2..2 + publishers as u64).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_publish_puts_the_heads_right_that_a_dead_one_left() {
    let project = Project::new(&[("two", &two("1.0.0", ""))]);
    project.parquet("a.parquet", vec![("v", longs([1]))]);
    project.parquet("b.parquet", vec![("v", longs([1, 2]))]);
    project.parquet("bad.parquet", vec![("v", longs([-1]))]);
    project.run(&["publish", "two", "a=a.parquet"]).expect(0);
    let folder = project.path().join("warehouse/two");
    let head = |table: &str| Head::new(folder.join("v1").join(table));
    let released = head("a").newest().await.unwrap().unwrap().files;
    project.write("contracts/two.odcs.yaml", &two("1.1.0", VALUE));
    project.run(&["publish", "two", "a=b.parquet", "b=b.parquet"]).expect(0);
    // As if the publisher had died before its entry. The ledger was created by the first commit.
    let entry = folder.join("_ledger/_delta_log/00000000000000000002.json");
    std::fs::remove_file(entry).unwrap();
    assert_ne!(head("a").newest().await.unwrap().unwrap().files, released);
    assert_eq!(head("b").newest().await.unwrap().unwrap().files.len(), 1);
    let publish = ["publish", "two", "a=a.parquet", "b=bad.parquet", "--format", "json"];
    assert_eq!(project.run(&publish).expect(1).json()["outcome"], "rejected");
    assert_eq!(head("a").newest().await.unwrap().unwrap().files, released);
    // No release has the second table.
    assert!(head("b").newest().await.unwrap().unwrap().files.is_empty());
}

#[test]
fn a_log_that_cannot_be_looked_into_is_not_taken_for_a_damaged_one() {
    let project = Project::new(&[("two", &two("1.0.0", ""))]);
    project.parquet("a.parquet", vec![("v", longs([1]))]);
    project.run(&["publish", "two", "a=a.parquet"]).expect(0);
    project.write("contracts/two.odcs.yaml", &two("1.1.0", VALUE));
    // A link that leads to itself stands in for what permissions do to others than the administrator.
    let table = project.path().join("warehouse/two/v1/b");
    std::fs::create_dir(&table).unwrap();
    std::os::unix::fs::symlink("_delta_log", table.join("_delta_log")).unwrap();
    let publish = ["publish", "two", "a=a.parquet", "b=a.parquet", "--format", "json"];
    let run = project.run(&publish).expect(3);
    assert_eq!(run.json()["error"]["code"], "io", "{run:?}");
    assert!(!project.path().join("warehouse/two/v1/b~r2").exists());
    std::fs::remove_dir_all(&table).unwrap();
    assert_eq!(project.run(&publish).expect(0).json()["release"], 2);
}
