//! Attacks: statements that want more memory or time than there is. None gets it, and none brings the
//! process down.
//!
//! tests/attacks holds them, a file for a family, in blocks of a title and a statement; `[[text * n]]`
//! stands for n times the text, with each copy's number for `#`.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{Float64Array, ListArray};
use arrow::datatypes::Int64Type;
use serde_json::Value;

use crate::support::{Project, clause, command, contract, longs, note, root, texts, times};

/// The memory limit of the attacked process, and what it may take beyond it, in MiB.
const LIMIT: u64 = 256;
const BEYOND: u64 = 256;

/// Its time limit, and how long it may work beyond it, in seconds.
const TIME: f64 = 3.0;
const LONGER: f64 = 2.0;

struct Attack {
    name: String,
    sql: String,
}

/// Every attack, family by family.
fn attacks() -> Vec<Attack> {
    let mut all = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(root().join("tests/attacks")).unwrap().collect();
    files.sort_by_key(|file| file.as_ref().unwrap().path());
    for file in files {
        let path = file.unwrap().path();
        let family = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for block in text.trim().split("\n\n") {
            let (title, sql) = block.split_once('\n').unwrap();
            let title = title.strip_prefix("-- ").unwrap_or_else(|| panic!("{block}"));
            all.push(Attack { name: format!("{family}: {title}"), sql: written_out(sql) });
        }
    }
    all
}

/// A statement with its repetitions written out.
fn written_out(text: &str) -> String {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[[") {
        let (inside, after) = after.split_once("]]").unwrap();
        let (repeated, count) = inside.rsplit_once(" * ").unwrap_or_else(|| panic!("{inside}"));
        whole.push_str(before);
        for n in 0..count.parse().unwrap_or_else(|_| panic!("{inside}")) {
            let n: usize = n;
            whole.push_str(&repeated.replace('#', &n.to_string()));
        }
        rest = after;
    }
    whole + rest
}

/// A release of 100,000 rows.
fn attacked() -> Project {
    let columns = "
- {name: id, logicalType: integer, required: true, primaryKey: true, primaryKeyPosition: 1}
- {name: k, logicalType: integer}
- {name: g, logicalType: integer}
- {name: s, logicalType: string}
- {name: d, logicalType: string}
- {name: v, logicalType: number}
- {name: l, logicalType: array, items: {logicalType: integer}}";
    let project = Project::new(&[("t", &contract("1.0.0", columns, ""))]);
    let ids = || 0..100_000i64;
    let short: Vec<String> = ids().map(|n| format!("row-{n}")).collect();
    let long: Vec<String> = ids()
        .map(|n| {
            format!("{:06} lorem ipsum dolor sit amet ", n * 7919 % 100_000).repeat(6)[..200]
                .to_owned()
        })
        .collect();
    let items = |n: i64| Some((n..n + 4).map(Some).collect::<Vec<_>>());
    project.parquet(
        "t.parquet",
        vec![
            ("id", longs(ids())),
            ("k", longs(ids().map(|_| 1))),
            ("g", longs(ids().map(|n| n % 100))),
            ("s", texts(short.iter().map(|s| Some(s.as_str())))),
            ("d", texts(long.iter().map(|s| Some(s.as_str())))),
            ("v", Arc::new(Float64Array::from_iter_values(ids().map(|n| n as f64 * 0.5)))),
            ("l", Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(ids().map(items)))),
        ],
    );
    project.publish("t.parquet");
    project
}

/// What an attack got.
struct Damage {
    code: Option<i32>,
    said: String,
    /// The most memory, in MiB.
    memory: u64,
    elapsed: f64,
    /// Seconds of processors.
    worked: f64,
}

/// Runs an attack in a process of its own.
fn run(project: &Project, attack: &Attack) -> Damage {
    project.write("attack.sql", &attack.sql);
    let begun = Instant::now();
    let mut child = command(project.path())
        .args(["query", "-f", "attack.sql", "--timeout", "3", "--memory-limit", "256MiB"])
        .args(["--threads", "2", "--format", "csv"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut memory, mut worked) = (0, 0.0);
    let status = loop {
        let (peak, seconds) = of_process(child.id());
        (memory, worked) = (peak.max(memory), f64::max(seconds, worked));
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if begun.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    let elapsed = begun.elapsed().as_secs_f64();
    let said = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
    Damage { code: status.and_then(|s| s.code()), said, memory, elapsed, worked }
}

/// The most memory that a process had so far, in MiB, and the seconds that its threads worked.
fn of_process(id: u32) -> (u64, f64) {
    let read =
        |name: &str| std::fs::read_to_string(format!("/proc/{id}/{name}")).unwrap_or_default();
    let status = read("status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|p| p.trim().trim_end_matches(" kB").parse::<u64>().ok());
    let stat = read("stat");
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
    (peak.unwrap_or_default() / 1024, (ticks(11) + ticks(12)) / 100.0)
}

/// What is wrong with what an attack got.
fn fault(damage: &Damage) -> Option<String> {
    let Damage { code, said, memory, elapsed, worked } = damage;
    let first = said.lines().next().unwrap_or_default();
    match code {
        None => return Some(format!("aborted or without end: {first}")),
        Some(0..=3) => {}
        Some(other) => return Some(format!("exit code {other}: {first}")),
    }
    if said.contains("internal") || said.contains("panicked") {
        return Some(first.to_owned());
    }
    if *memory > LIMIT + BEYOND {
        return Some(format!("took {memory} MiB"));
    }
    // Two threads; on a busy machine waiting is not work.
    let most = TIME + LONGER;
    (*elapsed > most && *worked > most * 2.0)
        .then(|| format!("worked {worked:.1} s in {elapsed:.1} s"))
}

#[test]
fn no_attack_takes_more_memory_or_time_than_there_is() {
    let all = attacks();
    let count = times("PACTUM_TEST_ATTACKS", 12).min(all.len());
    let project = attacked();
    let mut faults = Vec::new();
    let (mut most, mut longest) = (0, 0.0);
    for n in 0..count {
        // The short run takes some of each family.
        let attack = &all[n * all.len() / count];
        let damage = run(&project, attack);
        (most, longest) = (damage.memory.max(most), f64::max(damage.worked, longest));
        if let Some(fault) = fault(&damage) {
            faults.push(format!("{}: {fault}", attack.name));
        }
    }
    assert!(faults.is_empty(), "{} of {count}:\n{}", faults.len(), faults.join("\n"));
    note(
        "attacks on memory and time",
        count,
        &format!(
            "none took more than {most} MiB at a limit of {LIMIT}, nor worked more than {longest:.1} s"
        ),
    );
}

#[test]
fn there_are_enough_attacks_and_each_is_another() {
    let all = attacks();
    assert!(all.len() >= 120, "{}", all.len());
    let mut statements: Vec<&str> = all.iter().map(|a| a.sql.as_str()).collect();
    statements.sort_unstable();
    statements.dedup();
    assert_eq!(statements.len(), all.len());
    assert_eq!(written_out("a[[b# * 3]]c [[array[ * 2]]1[[] * 2]]"), "ab0b1b2c array[array[1]]");
}

/// What is large, but within bounds, is answered as ever.
#[test]
fn what_fits_is_answered() {
    let project = attacked();
    let answers = |sql: &str, expected: Value| {
        let run = project.run(&["query", sql, "--format", "json", "--memory-limit", "256MiB"]);
        assert_eq!(run.expect(0).json(), expected, "{sql}");
    };
    answers(
        "select max(length(replace(d, 'o', 'oooooooooo'))) as n, count(distinct d || s) as m from t.t",
        serde_json::json!([{"n": 362, "m": 100_000}]),
    );
    answers(
        "select count(*) as n from t.t a join t.t b on a.id = b.id where a.d || 'x' = b.d || 'x'",
        serde_json::json!([{"n": 100_000}]),
    );
    answers(
        "select g, length(string_agg(d, ',')) as n, array_length(array_agg(s), 1) as m
         from t.t group by 1 order by 1 limit 1",
        serde_json::json!([{"g": 0, "n": 200_999, "m": 1_000}]),
    );
    answers(
        "select count(*) as n, max(x) as m from (select unnest(l) as x, d from t.t) as q where d <> 'a'",
        serde_json::json!([{"n": 400_000, "m": 100_002}]),
    );
    answers(
        "select sum(n) as n from (select id, v, g, count(*) as n from t.t group by cube (id, v, g)) as q",
        serde_json::json!([{"n": "800000"}]),
    );
    answers(
        "select max(a) as n from (select sum(v) over (partition by g order by id) as a from t.t) as q",
        serde_json::json!([{"n": 25_024_500.0}]),
    );
}

/// A rule without an answer, for want of time or memory, was not tested; the others are.
#[test]
fn a_rule_of_a_contract_has_its_time_and_its_memory() {
    let ruled = |rule: &str| {
        let more = format!(
            "quality:\n- {{ id: q, type: sql, query: \"{rule}\", mustBe: 0 }}\n\
             - {{ id: quick, type: sql, query: \"select count(*) from t\", mustBe: 20000 }}"
        );
        let contract = contract("1.0.0", "- {name: k, logicalType: integer}", &more);
        let project = Project::new(&[("t", &contract)]);
        project.parquet("t.parquet", vec![("k", longs(0..20_000))]);
        let limits = ["--rule-timeout", "1", "--memory-limit", "256MiB", "--format", "json"];
        project.run(&[["check", "t", "t.parquet"].as_slice(), &limits].concat())
    };
    let begun = Instant::now();
    let slow = ruled("select sum(a.k * b.k - c.k) from t a cross join t b cross join t c");
    let report = slow.expect(1).json();
    let (q, quick) = (clause(&report, "t/q"), clause(&report, "t/quick"));
    assert_eq!((&q["verdict"], &quick["verdict"]), (&"not-executed".into(), &"passed".into()));
    assert!(q["reason"].as_str().unwrap().contains("within 1 seconds"), "{q}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    let report = ruled("select length(repeat('x', 1000000000))").expect(1).json();
    let (q, quick) = (clause(&report, "t/q"), clause(&report, "t/quick"));
    assert_eq!((&q["verdict"], &quick["verdict"]), (&"not-executed".into(), &"passed".into()));
    assert!(q["reason"].as_str().unwrap().contains("repeat needs 1000 MB"), "{q}");
}
