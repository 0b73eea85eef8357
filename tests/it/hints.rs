//! Hints that can be run: whatever code a hint holds (YAML, SQL, a command) is written where the
//! hint says, and then what failed passes.
//!
//! The sources are searched for hints with code: one that no case here follows, and no other test
//! named here, fails the census.

mod commands;
mod lint;

use std::path::Path;

use regex::Regex;
use serde_json::Value;

use crate::support::{Project, Run, contract, longs, root};

/// A hint, the fault that shows it, and what following it changes.
struct Case {
    /// The hint as its source writes it, with placeholders.
    hint: &'static str,
    /// A project with the fault.
    faulty: fn() -> Project,
    /// The command that shows the hint, as a shell would split it.
    shows: &'static str,
    /// How the hint is followed.
    follow: Follow,
    /// The command that passes afterwards; empty where following was running it.
    then: &'static str,
}

/// What is done with a hint, given as it is shown.
enum Follow {
    /// What follows some words of the hint is written over a text of the document.
    Over(&'static str, &'static str),
    /// A text of the document becomes what the hint describes without quoting it.
    With(&'static str, &'static str),
    /// Anything else.
    Do(fn(&Project, &str)),
}

impl Follow {
    #[track_caller]
    fn it(&self, project: &Project, hint: &str) {
        match self {
            Self::Over(from, words) => replace(project, DOCUMENT, from, behind(hint, words)),
            Self::With(from, to) => replace(project, DOCUMENT, from, to),
            Self::Do(follow) => follow(project, hint),
        }
    }
}

/// Writes what follows some words of the hint over a text of the document.
const fn over(from: &'static str, words: &'static str) -> Follow {
    Follow::Over(from, words)
}

/// Replaces a text of the document by what the hint describes without quoting it.
const fn with(from: &'static str, to: &'static str) -> Follow {
    Follow::With(from, to)
}

/// A hint of lint; once it is followed, the file passes its check.
const fn linted(hint: &'static str, faulty: fn() -> Project, follow: Follow) -> Case {
    Case { hint, faulty, shows: "lint", follow, then: "check t d.parquet" }
}

/// A hint of another command, which following runs in its right form.
const fn shown_by(
    shows: &'static str,
    hint: &'static str,
    faulty: fn() -> Project,
    follow: Follow,
) -> Case {
    Case { hint, faulty, shows, follow, then: "" }
}

impl Case {
    /// The same case, after which this command passes.
    const fn then(self, then: &'static str) -> Self {
        Self { then, ..self }
    }
}

/// Every case.
fn cases() -> impl Iterator<Item = &'static Case> {
    lint::CASES.iter().chain(commands::CASES)
}

const DOCUMENT: &str = "contracts/t.odcs.yaml";

fn text(project: &Project, name: &str) -> String {
    std::fs::read_to_string(project.path().join(name)).unwrap()
}

/// Writes something else into a document, which must be there.
#[track_caller]
fn replace(project: &Project, name: &str, from: &str, to: &str) {
    let before = text(project, name);
    assert!(before.contains(from), "'{from}' is not in {before}");
    project.write(name, &before.replacen(from, to, 1));
}

/// What follows some words of a hint.
#[track_caller]
fn behind<'a>(hint: &'a str, words: &str) -> &'a str {
    hint.split_once(words).unwrap_or_else(|| panic!("'{words}' is not in '{hint}'")).1
}

/// What stands in backticks.
fn ticked(hint: &str) -> &str {
    hint.split('`').nth(1).unwrap_or_else(|| panic!("no backticks in '{hint}'"))
}

/// A project of one contract with these columns, rules and a file that keeps it.
fn of(columns: &str, more: &str) -> Project {
    let project = Project::new(&[("t", &contract("1.0.0", columns, more))]);
    project.parquet("d.parquet", vec![("a", longs([1, 2]))]);
    project
}

const A: &str = "- { name: a, logicalType: integer }";

fn rule(text: &str) -> Project {
    of(A, &format!("quality:\n- {{ {text} }}"))
}

fn on_column(quality: &str) -> Project {
    of(&format!("- {{ name: a, logicalType: integer, quality: [{{ {quality} }}] }}"), "")
}

fn released() -> Project {
    let project = of(A, "");
    assert_eq!(project.publish("d.parquet")["outcome"], "released");
    project
}

fn consumer(text: &str) -> Project {
    let project = of(A, "");
    project.write("sql/c.sql", text);
    project
}

/// Runs a command that a hint shows, with `pactum` before it or not.
#[track_caller]
fn run(project: &Project, command: &str) -> Run {
    let command = command.strip_prefix("pactum ").unwrap_or(command);
    project.run(&split(command).iter().map(String::as_str).collect::<Vec<_>>()).expect(0)
}

/// Words of a command; quotes keep blanks together.
fn split(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in command.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            (' ', None) => words.push(std::mem::take(&mut word)),
            (c, _) => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// A folder with a contract and a file that is not a project.
fn bare() -> Project {
    let project = of(A, "");
    std::fs::remove_file(project.path().join("pactum.yaml")).unwrap();
    project
}

/// Hints with code that no case follows, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "a data frame's row index has no name: to_csv(index=False)",
        "of the program that wrote the file",
    ),
    // Lines of one hint, which the cases follow with what is put around them.
    ("apiVersion: v3.2.0", "add `{line}`"),
    ("version: 0.1.0", "add `{line}`"),
    ("kind: DataContract", "add `{line}`"),
    ("status: active", "add `{line}`"),
    (
        "--timeout allows more time; 0 sets no limit",
        "how long a query takes is not to be told here",
    ),
    ("-o FILE writes a file; or pipe it to another program", "shown to a terminal only"),
    (
        "name it: --warehouse DIR, or PACTUM_WAREHOUSE; a fork has no secrets",
        "shown without a warehouse that CI keeps secret",
    ),
];

/// Every hint that a run shows, and where clauses say why they failed.
fn shown(run: &Run) -> Vec<String> {
    let mut found = Vec::new();
    collect(&run.json(), &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| match value.as_str() {
            Some(text) if key == "hint" => found.push(text.to_owned()),
            // Reasons of clauses end with what to do.
            Some(text) if key == "reason" => {
                found.extend(text.split_once("; ").map(|(_, hint)| hint.to_owned()));
            }
            _ => collect(value, found),
        }),
        _ => {}
    }
}

/// The hint as its source writes it, as a pattern of what is shown.
fn pattern(hint: &str) -> Regex {
    if hint.contains("{ ") && !hint.contains("{{") {
        // Not a format: its braces are its own.
        return Regex::new(&format!("^{}$", regex::escape(hint))).unwrap();
    }
    let hint = hint.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let placeholder = Regex::new(r"\{[^{}]*\}").unwrap();
    let parts: Vec<String> = placeholder.split(&hint).map(regex::escape).collect();
    let text = parts.join(".+").replace('\u{1}', r"\{").replace('\u{2}', r"\}");
    Regex::new(&format!("(?s)^{text}$")).unwrap()
}

fn follows(case: &Case) {
    let project = (case.faulty)();
    let mut command = split(case.shows);
    command.extend(["--format".to_owned(), "json".to_owned()]);
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let words = if words[0] == "explain" { &words[..2] } else { &words[..] };
    let run = project.run(words);
    let hints = match words[0] {
        "explain" => run
            .stderr
            .lines()
            .filter_map(|line| line.split("help: ").nth(1))
            .map(str::to_owned)
            .collect(),
        _ => shown(&run),
    };
    let pattern = pattern(case.hint);
    let hint = hints.iter().find(|hint| pattern.is_match(hint));
    let hint = hint.unwrap_or_else(|| {
        panic!("{}: '{}' is not among {hints:?}\n{}", case.shows, case.hint, run.stdout)
    });
    case.follow.it(&project, hint);
    if !case.then.is_empty() {
        let command = split(case.then);
        let run = project.run(&command.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run.code, 0, "{hint}: {}{}", run.stdout, run.stderr);
        // The hint was followed: it is not shown again.
        let again = shown(&project.run(words));
        assert!(!again.contains(hint), "'{hint}' is still shown");
    }
}

/// Follows the hint of each case, and names every one that leads nowhere.
fn all_pass(is_meant: impl Fn(&Case) -> bool) {
    let fails = |case: &&Case| std::panic::catch_unwind(|| follows(case)).is_err();
    let failed = cases().filter(|case| is_meant(case)).filter(fails);
    let failed: Vec<&str> = failed.map(|case| case.hint).collect();
    assert!(failed.is_empty(), "these hints lead nowhere: {failed:#?}");
}

#[test]
fn what_a_hint_of_lint_says_passes() {
    all_pass(|case| case.shows == "lint");
}

#[test]
fn what_a_hint_of_another_command_says_passes() {
    all_pass(|case| case.shows != "lint");
}

/// Where hints are searched for.
const SOURCES: &[&str] = &[
    "src/contract",
    "src/check",
    "src/profile",
    "src/query",
    "src/project/consumer.rs",
    "src/cli/check.rs",
    "src/cli/context.rs",
    "src/cli/explain.rs",
    "src/cli/forms.rs",
    "src/cli/infer.rs",
    "src/cli/lint.rs",
    "src/cli/publish.rs",
    "src/cli/query.rs",
    "src/cli/releases.rs",
    "src/cli/which.rs",
    "src/engine/double_quoted.rs",
];

fn sources(path: &Path, found: &mut Vec<std::path::PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            sources(&entry.unwrap().path(), found);
        }
    } else if path.extension().is_some_and(|e| e == "rs") {
        found.push(path.to_owned());
    }
}

/// The texts in the argument of every `hint(…)`, in every `hint = …;` and every `hint: …,`.
fn hints_in(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let begins = Regex::new(r"\b(?:maybe_)?hint\(|\bhint = |\bhint: ").unwrap();
    let indent = Regex::new(r"\n\s*").unwrap();
    let mut found = Vec::new();
    for begin in begins.find_iter(source) {
        let (mut depth, mut text, mut escaped) = (0, None::<String>, false);
        let ends = if begin.as_str() == "hint: " { ',' } else { ';' };
        for c in source[begin.end()..].chars() {
            match (&mut text, c) {
                (Some(open), c) if escaped => {
                    open.push(match c {
                        'n' => '\n',
                        c => c,
                    });
                    escaped = false;
                }
                (Some(_), '\\') => escaped = true,
                (Some(open), '"') => {
                    // A line that goes on begins after its blanks.
                    found.push(indent.replace_all(open, "").into_owned());
                    text = None;
                }
                (Some(open), c) => open.push(c),
                (None, '"') => text = Some(String::new()),
                (None, '(' | '{' | '[') => depth += 1,
                (None, ')' | '}' | ']') if depth == 0 => break,
                (None, ')' | '}' | ']') => depth -= 1,
                (None, c) if depth == 0 && c == ends => break,
                (None, _) => {}
            }
        }
    }
    found
}

/// Whether a hint says what to write or to run, letter by letter.
fn holds_code(hint: &str) -> bool {
    let code = [
        r"`",
        r"(^|\s)--?[a-z]",
        r"\bpactum [a-z]",
        r"\b(name|physicalName|logicalType|physicalType|arguments|metric|mustBe\w*|apiVersion|version|value|unit|external_engines|warehouse|owner|type|implementation|query|sqlName|extends|status|kind|format|enum|minimum|maximum|timezone|defaultTimezone|validValues|element): \S",
        r"=(FILES|VALUE|N)\b",
        r"\$\{name\}",
        r"^\[\{",
        r"… as name",
        r"\b\d+\.\d+\.\d+\b|\d\d:\d\d",
    ];
    code.iter().any(|code| Regex::new(code).unwrap().is_match(hint))
}

#[test]
fn every_hint_with_code_is_followed_by_a_test() {
    let mut files = Vec::new();
    SOURCES.iter().for_each(|name| sources(&root().join(name), &mut files));
    let followed: Vec<&str> =
        cases().map(|case| case.hint).chain(ELSEWHERE.iter().map(|(hint, _)| *hint)).collect();
    let mut lacking = Vec::new();
    for file in files {
        let hints = hints_in(&std::fs::read_to_string(&file).unwrap());
        let lacks =
            hints.into_iter().filter(|hint| holds_code(hint) && !followed.contains(&&**hint));
        lacking.extend(
            lacks.map(|hint| format!("{}: {hint}", file.strip_prefix(root()).unwrap().display())),
        );
    }
    assert!(lacking.is_empty(), "no test follows these hints:\n{}", lacking.join("\n"));
}

#[test]
fn hints_are_found_in_sources_and_code_in_hints() {
    let source = r#"x.hint("a \"b\""); maybe_hint(Some(format!("c {}", d("e")))); let hint = match x { _ => "f" };
        .hint(if a { "one \
               line" } else { h }) "not""#;
    assert_eq!(hints_in(source), ["a \"b\"", "c {}", "e", "f", "one line"]);
    for hint in
        ["add `x`", "pactum tables lists them", "--warehouse DIR", "name: {}", "write {}=FILES"]
    {
        assert!(holds_code(hint), "{hint}");
    }
    for hint in ["choose another name", "one of {}", "did you mean '{near}'?", "at most 3 fit"] {
        assert!(!holds_code(hint), "{hint}");
    }
    assert!(pattern("a {{ {}: … }}").is_match("a { x: … }"));
}
