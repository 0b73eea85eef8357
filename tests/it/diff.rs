//! Diff: the corpus of change pairs, one folder per rule, and the command's report of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pactum::compat::rules::RULES;
use serde_json::Value;

use crate::support::{Run, pactum, root};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// Cases of a rule by name, sorted.
fn cases(rule: &str) -> Vec<PathBuf> {
    let folder = root().join("tests/rules/compat").join(rule);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("rule {rule} has no case"));
    let mut cases: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    cases.sort();
    cases
}

/// Runs `diff previous current` of a case in a separate folder, under the policy of `current`; of two
/// files where the case has them.
fn run(case: &Path, format: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    copy(case, folder.path());
    let has_policy = folder.path().join("current/pactum.yaml").is_file();
    let project = ["--project", "current"];
    let is_of_files = folder.path().join("previous.odcs.yaml").is_file();
    let sides = match is_of_files {
        true => ["previous.odcs.yaml", "current.odcs.yaml"],
        false => ["previous", "current"],
    };
    let diff = ["diff", sides[0], sides[1], "--format", format];
    let arguments = if has_policy { [&project[..], &diff[..]].concat() } else { diff.to_vec() };
    let run = pactum(folder.path(), &arguments);
    assert!(run.code <= 1, "{}: {}{}", case.display(), run.stdout, run.stderr);
    run
}

fn list<'a>(report: &'a Value, key: &str) -> &'a [Value] {
    report[key].as_array().map_or(&[], Vec::as_slice)
}

/// What was found, a line each: rule, element, verdicts, step, places in both files, words.
fn lines(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut lines = Vec::new();
    for contract in list(report, "contracts") {
        for f in list(contract, "findings") {
            let cells =
                ["code", "rule", "element", "reader", "writer", "counts_as"].map(|k| text(&f[k]));
            let places = ["where_base", "where"].map(|k| text(&f[k]));
            let change = match (f["old"].as_str(), f["new"].as_str()) {
                (None, None) => String::new(),
                _ => format!(" ({} -> {})", text(&f["old"]), text(&f["new"])),
            };
            lines.push(format!(
                "{}\n    {}\n    {}{change}",
                cells.join(" "),
                places.join(" -> "),
                text(&f["message"])
            ));
        }
    }
    for c in list(&report["consumers"], "list") {
        let reasons: Vec<String> = list(c, "reasons").iter().map(|r| text(&r["message"])).collect();
        let deploy = c["deploy"].as_str().map(|d| format!("; {d}")).unwrap_or_default();
        lines.push(format!(
            "consumer {} {}: {}{deploy}",
            text(&c["consumer"]),
            text(&c["fate"]),
            reasons.join("; ")
        ));
    }
    for v in list(report, "violations") {
        lines.push(format!(
            "violation {} {} {}: {}",
            text(&v["code"]),
            text(&v["rule"]),
            text(&v["where"]),
            text(&v["message"])
        ));
    }
    for n in list(report, "notices") {
        lines.push(format!(
            "notice {} {}: {}",
            text(&n["code"]),
            text(&n["place"]),
            text(&n["message"])
        ));
    }
    lines
}

fn found(report: &Value, rule: &str) -> bool {
    let of_contracts = list(report, "contracts").iter().flat_map(|c| list(c, "findings"));
    let code = RULES.iter().find(|r| r.doc.meta.name == rule).unwrap().doc.meta.code;
    of_contracts.chain(list(report, "violations")).any(|f| f["rule"] == rule)
        || list(report, "notices").iter().any(|n| n["code"] == code)
}

#[test]
fn every_rule_finds_its_breaking_pairs_and_leaves_the_allowed_ones() {
    for rule in RULES {
        let name = rule.doc.meta.name;
        let (mut shown, mut kinds) = (Vec::new(), BTreeSet::new());
        for case in cases(name) {
            let title = case.file_name().unwrap().to_string_lossy().into_owned();
            let run = run(&case, "json");
            let report = run.json();
            let breaks = title.starts_with("breaks-");
            assert_eq!(found(&report, name), breaks, "{name}/{title}: {:#?}", lines(&report));
            kinds.insert(breaks);
            shown.push(format!("# {title}: exit {}\n{}", run.code, lines(&report).join("\n")));
        }
        assert_eq!(kinds.len(), 2, "{name} lacks a breaking or an allowed pair");
        insta::assert_snapshot!(format!("compat-{name}"), shown.join("\n\n"));
    }
}

#[test]
fn no_case_stands_under_a_name_that_is_no_rule() {
    let names: BTreeSet<&str> = RULES.iter().map(|r| r.doc.meta.name).collect();
    for entry in std::fs::read_dir(root().join("tests/rules/compat")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(names.contains(name.as_str()), "{name}");
    }
}

/// Every finding's verdicts follow the table: a rule asks for one step wherever it is found.
#[test]
fn a_rule_asks_for_the_step_that_its_page_tells() {
    let mut steps: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in RULES {
        for case in cases(rule.doc.meta.name) {
            let report = run(&case, "json").json();
            for f in list(&report, "contracts").iter().flat_map(|c| list(c, "findings")) {
                let rule = f["rule"].as_str().unwrap().to_owned();
                steps.entry(rule).or_default().insert(f["bump"].as_str().unwrap().to_owned());
            }
        }
    }
    for rule in RULES {
        let page = rule.doc.page().split_whitespace().collect::<Vec<_>>().join(" ");
        let asked = steps.get(rule.doc.meta.name).into_iter().flatten();
        for step in asked.filter(|s| *s != "none") {
            let told = format!("bump {step}");
            assert!(page.contains(&told), "{} does not tell of {step}", rule.doc.meta.name);
        }
    }
}
