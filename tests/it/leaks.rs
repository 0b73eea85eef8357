//! What diagnostics must not print, and files and addresses that are not read: a change of a tree decides
//! neither what a log shows nor what the machine that checks it reaches.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::changes::{diff, git, in_git};
use crate::support::{Project, Run, command, contract, longs, root, texts};

const KEY: &str = "- { name: a, logicalType: integer }";
const SECRET: &str = "Xq9-the-secret-of-this-machine";

/// A project with a contract, a consumer and a delivery, and a folder outside with secrets.
fn project() -> (Project, tempfile::TempDir) {
    let outside = tempfile::tempdir().unwrap();
    for name in ["secrets.env", "secrets.yaml", "secrets.odcs.yaml", "secrets.sql"] {
        // Not YAML, not SQL: an error would point at the line.
        std::fs::write(outside.path().join(name), format!("key: '{SECRET}\n\t- {{{SECRET}\n"))
            .unwrap();
    }
    let project = Project::of_columns(KEY);
    project.write("sql/q.sql", "-- owner: x\nselect a from t.t\n");
    project.parquet("d.parquet", vec![("a", longs([1, 2]))]);
    (project, outside)
}

/// Runs the binary, and asserts that neither output holds the secret.
#[track_caller]
fn silent(command: &mut Command) -> Run {
    let begun = Instant::now();
    let output = command.output().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20), "{command:?} took {:?}", begun.elapsed());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let shown = format!("{stdout}{stderr}").to_lowercase();
    assert!(!shown.contains(&SECRET.to_lowercase()), "{command:?}: {stdout}{stderr}");
    Run { code: output.status.code().unwrap_or(-1), stdout, stderr }
}

#[track_caller]
fn run(project: &Project, arguments: &[&str]) -> Run {
    silent(command(project.path()).args(arguments))
}

/// The error of a run that ends with this code.
#[track_caller]
fn error(run: Run, code: i32) -> Value {
    run.expect(code).json()["error"].clone()
}

const COMMANDS: &[&[&str]] = &[
    &["lint", "--format", "json"],
    &["check", "t", "t=d.parquet", "--format", "json"],
    &["publish", "t", "t=d.parquet", "--format", "json"],
    &["tables", "--format", "json"],
    &["describe", "t", "--format", "json"],
    &["query", "select a from t.t", "--format", "json"],
    &["impact", "t.t.a", "--format", "json"],
    &["lineage", "--format", "json"],
];

#[test]
fn a_link_that_leaves_the_project_is_named_and_never_read() {
    for (link, target, commands) in [
        ("contracts/x.odcs.yaml", "secrets.env", COMMANDS),
        ("contracts/x.odcs.yaml", "secrets.odcs.yaml", COMMANDS),
        ("contracts/folder", ".", COMMANDS),
        ("sql/x.sql", "secrets.sql", &COMMANDS[..1]),
        ("sql/folder", ".", &COMMANDS[..1]),
        ("waivers.yaml", "secrets.yaml", &COMMANDS[1..3]),
        ("pactum.yaml", "secrets.yaml", COMMANDS),
    ] {
        let (project, outside) = project();
        let path = project.path().join(link);
        let _ = std::fs::remove_file(&path);
        symlink(outside.path().join(target), &path).unwrap();
        for arguments in commands {
            let error = error(run(&project, arguments), 1);
            assert_eq!(error["code"], "link-out", "{link} {arguments:?}: {error}");
            assert_eq!(error["where"], link, "{arguments:?}");
        }
        for format in ["human", "github"] {
            let shown = run(&project, &["lint", "--format", format]).expect(1);
            assert!(format!("{}{}", shown.stdout, shown.stderr).contains(link), "{link}");
        }
        // A named document belongs to its project too.
        run(&project, &["lint", link]).expect(1);
    }
    // The folder of contracts itself, and through folders.
    let (project, outside) = project();
    std::fs::rename(project.path().join("contracts"), outside.path().join("contracts")).unwrap();
    symlink(outside.path().join("contracts"), project.path().join("contracts")).unwrap();
    assert_eq!(error(run(&project, COMMANDS[0]), 1)["where"], "contracts");
    let named = run(&project, &["check", "contracts/t.odcs.yaml", "d.parquet", "--format", "json"]);
    assert_eq!(error(named, 1)["code"], "link-out");
}

#[test]
fn links_to_hidden_files_and_to_files_of_another_kind_are_refused() {
    let (project, _outside) = project();
    project.write(".env", &format!("key: '{SECRET}\n"));
    project.write(".hidden/c.odcs.yaml", &format!("key: '{SECRET}\n"));
    project.write("credentials.json", &format!("key: '{SECRET}\n"));
    project.write("other.yaml", &format!("key: '{SECRET}\n"));
    for (link, target) in [
        ("contracts/x.odcs.yaml", "../.env"),
        ("contracts/x.odcs.yaml", "../.hidden/c.odcs.yaml"),
        ("contracts/x", "../.hidden"),
        ("contracts/x.odcs.yaml", "../credentials.json"),
        ("contracts/x.odcs.yaml", "../other.yaml"),
        ("sql/x.sql", "../credentials.json"),
        ("waivers.yaml", "credentials.json"),
        // Any YAML could pass for waivers or settings.
        ("waivers.yaml", "other.yaml"),
        ("waivers.yaml", "contracts/t.odcs.yaml"),
    ] {
        let path = project.path().join(link);
        symlink(target, &path).unwrap();
        let arguments = if link == "waivers.yaml" { COMMANDS[1] } else { COMMANDS[0] };
        assert_eq!(error(run(&project, arguments), 1)["code"], "link-out", "{link} -> {target}");
        std::fs::remove_file(path).unwrap();
    }
    // Links that stay inside and lead to the same kind are followed.
    project.write(
        "shared/u.odcs.yaml",
        &contract("1.0.0", KEY, "").replace("id: t\nname: t", "id: u\nname: u"),
    );
    symlink("../shared/u.odcs.yaml", project.path().join("contracts/u.odcs.yaml")).unwrap();
    symlink("../shared", project.path().join("sql/shared")).unwrap();
    project.run(&["lint"]).expect(0);
    project.run(&["describe", "u"]).expect(0);
}

#[test]
fn a_named_document_outside_of_any_project_is_no_way_out_of_its_folder() {
    let (_project, outside) = project();
    let folder = tempfile::tempdir().unwrap();
    let link = |name: &str, target: &str| {
        symlink(outside.path().join(target), folder.path().join(name)).unwrap();
    };
    link("c.odcs.yaml", "secrets.odcs.yaml");
    link("e.odcs.yaml", "secrets.env");
    link("q.sql", "secrets.sql");
    std::fs::write(folder.path().join("a.odcs.yaml"), contract("1.0.0", KEY, "")).unwrap();
    for arguments in [
        &["lint", "c.odcs.yaml"][..],
        &["lint", "e.odcs.yaml"],
        &["lint", "q.sql"],
        &["lint", "."],
        &["check", "c.odcs.yaml", "x.parquet"],
        &["diff", "a.odcs.yaml", "c.odcs.yaml"],
        &["diff", "c.odcs.yaml", "a.odcs.yaml"],
        &["query", "-f", "q.sql", "--warehouse", "w"],
    ] {
        let run = silent(command(folder.path()).args(arguments));
        assert_ne!(run.code, 0, "{arguments:?}");
    }
    symlink("a.odcs.yaml", folder.path().join("b.odcs.yaml")).unwrap();
    silent(command(folder.path()).args(["lint", "b.odcs.yaml"])).expect(0);
}

#[test]
fn waivers_of_a_commit_that_lead_out_are_told() {
    let (project, outside) = project();
    in_git(&project);
    symlink(outside.path().join("secrets.yaml"), project.path().join("waivers.yaml")).unwrap();
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "waivers"]);
    std::fs::remove_file(project.path().join("waivers.yaml")).unwrap();
    let shown = run(&project, &["diff", "HEAD~1..HEAD", "--format", "json"]);
    assert!(shown.stdout.contains("waivers.yaml leads to nothing"), "{}", shown.stdout);
}

#[test]
fn links_of_commits_are_held_to_the_same() {
    let (project, outside) = project();
    in_git(&project);
    let link = project.path().join("contracts/x.odcs.yaml");
    let commit = |target: &Path| {
        let _ = std::fs::remove_file(&link);
        symlink(target, &link).unwrap();
        git(&project, &["add", "-A"]);
        git(&project, &["commit", "-qm", "link"]);
    };
    project.write(".hidden/c.odcs.yaml", &contract("1.0.0", KEY, "").replace("id: t", "id: u"));
    for target in [
        outside.path().join("secrets.odcs.yaml"),
        "../.hidden/c.odcs.yaml".into(),
        "../.git/config".into(),
    ] {
        commit(&target);
        for format in ["json", "human", "markdown"] {
            let shown = run(&project, &["diff", "HEAD~1..HEAD", "--format", format]).expect(0);
            assert!(!shown.stdout.contains("repositoryformatversion"), "{}", shown.stdout);
            let tells = shown.stdout.contains("contracts/x.odcs.yaml leads out");
            assert!(tells || format == "markdown", "{}", shown.stdout);
        }
        assert_eq!(error(diff(&project, &["HEAD"]), 1)["code"], "link-out");
    }
    // The settings of a commit.
    std::fs::remove_file(&link).unwrap();
    std::fs::remove_file(project.path().join("pactum.yaml")).unwrap();
    symlink(".hidden/c.odcs.yaml", project.path().join("pactum.yaml")).unwrap();
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "settings"]);
    assert_eq!(error(diff(&project, &["HEAD~1..HEAD"]), 1)["code"], "link-out");
}

#[test]
fn of_documents_outside_of_the_repository_no_line_is_shown() {
    let (project, outside) = project();
    std::fs::create_dir(outside.path().join("more")).unwrap();
    for file in ["secrets.odcs.yaml", "secrets.sql"] {
        std::fs::rename(outside.path().join(file), outside.path().join("more").join(file)).unwrap();
    }
    let folder = outside.path().join("more").display().to_string();
    project.write("pactum.yaml", &format!("sql: [sql, {folder}]\ncontracts: {folder}\n"));
    for format in ["human", "json", "github"] {
        let shown = run(&project, &["lint", "--format", format]).expect(1);
        assert!(shown.stdout.contains("secrets.odcs.yaml"), "{format}: {}", shown.stdout);
    }
    // Shared settings: the place of a fault, and none of its content.
    for text in [
        format!("{SECRET}: 1\n"),
        format!("key: '{SECRET}\n"),
        format!("sql: {{{SECRET}: 1}}\n"),
        SECRET.to_owned(),
    ] {
        std::fs::write(outside.path().join("secrets.yaml"), &text).unwrap();
        let path = outside.path().join("secrets.yaml").display().to_string();
        project.write("pactum.yaml", &format!("extends: {path}\n"));
        let error = error(run(&project, COMMANDS[0]), 2);
        assert_eq!(
            (&error["code"], &error["where"]),
            (&json!("bad-setting"), &json!("pactum.yaml:1:10"))
        );
        assert!(error["hint"].as_str().unwrap().contains("secrets.yaml:"), "{error}");
    }
    // A file without a YAML name is not even read.
    let path = outside.path().join("secrets.env").display().to_string();
    project.write("pactum.yaml", &format!("extends: {path}\n"));
    assert!(
        error(run(&project, COMMANDS[0]), 2)["message"].as_str().unwrap().contains("YAML file")
    );
    symlink(outside.path().join("secrets.yaml"), project.path().join("shared.yaml")).unwrap();
    project.write("pactum.yaml", "extends: shared.yaml\n");
    assert!(
        error(run(&project, COMMANDS[0]), 2)["message"].as_str().unwrap().contains("leads out")
    );
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn special_files_are_never_read_where_a_document_is_expected() {
    let (project, _outside) = project();
    for name in ["pactum.yaml", "waivers.yaml", "contracts/x.odcs.yaml", "sql/x.sql"] {
        let path = project.path().join(name);
        let kept = std::fs::read(&path).ok();
        let _ = std::fs::remove_file(&path);
        pipe(&path);
        let arguments = if name == "waivers.yaml" { COMMANDS[1] } else { COMMANDS[0] };
        let error = error(run(&project, arguments), 2);
        assert_eq!((&error["code"], &error["where"]), (&json!("not-a-file"), &json!(name)));
        std::fs::remove_file(&path).unwrap();
        if let Some(kept) = kept {
            std::fs::write(&path, kept).unwrap();
        }
    }
    for extends in ["/dev/zero", "/dev/zero.yaml", "/proc/self/environ", "x.yaml"] {
        if extends == "x.yaml" {
            pipe(&project.path().join(extends));
        }
        project.write("pactum.yaml", &format!("extends: {extends}\n"));
        assert_eq!(error(run(&project, COMMANDS[0]), 2)["code"], "bad-setting", "{extends}");
    }
    project.write("pactum.yaml", "{}\n");
    let mut secret = command(project.path());
    secret.env("TOKEN", SECRET).args(["lint", "/proc/self/environ", "--format", "json"]);
    assert_eq!(error(silent(&mut secret), 2)["code"], "not-a-file");
    // A file that claims no bytes, and has too many.
    std::fs::write(project.path().join("contracts/l.odcs.yaml"), vec![b'#'; (1 << 20) + 1])
        .unwrap();
    assert_eq!(error(run(&project, COMMANDS[0]), 1)["code"], "too-large");
}

#[test]
fn special_files_are_never_read_where_a_delivery_is_expected() {
    let (project, _outside) = project();
    pipe(&project.path().join("p.parquet"));
    pipe(&project.path().join("p.csv"));
    std::fs::create_dir(project.path().join("folder")).unwrap();
    pipe(&project.path().join("folder/p.parquet"));
    symlink("/dev/zero", project.path().join("zero.csv")).unwrap();
    symlink("/proc/self/environ", project.path().join("environ.csv")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(project.path().join("s.ndjson")).unwrap();
    for file in [
        "p.parquet",
        "p.csv",
        "folder",
        "zero.csv",
        "environ.csv",
        "s.ndjson",
        "p.*",
        "/dev/zero",
        "/dev/urandom",
    ] {
        for arguments in [
            &["check", "t", file, "--input", "csv", "--format", "json"][..],
            &["check", "t", file, "--format", "json"],
            &["publish", "t", file, "--format", "json"],
            &["profile", file, "--format", "json"],
        ] {
            let mut command = command(project.path());
            command.env("TOKEN", SECRET).args(arguments);
            let error = error(silent(&mut command), 2);
            assert_eq!(error["code"], "not-a-file", "{arguments:?}: {error}");
        }
    }
    run(&project, &["infer", "zero.csv"]).expect(2);
    assert!(!project.path().join("warehouse").exists());
}

/// Runs a command with the secret in `TOKEN`, in every format that it has.
#[track_caller]
fn with_token(project: &Project, arguments: &[&str], token: &str) -> Vec<Run> {
    let formats = ["human", "json"];
    let runs = formats.map(|format| {
        let mut command = command(project.path());
        command.env("TOKEN", token).args(arguments).args(["--format", format]);
        silent(&mut command)
    });
    runs.into_iter().collect()
}

#[test]
fn values_of_variables_are_never_printed() {
    let (project, _outside) = project();
    let commands: &[&[&str]] = &[
        &["publish", "t", "t=d.parquet"],
        &["check", "t", "d.parquet"],
        &["tables"],
        &["describe", "t"],
        &["releases"],
        &["query", "select a from t.t"],
        &["consumers", "list"],
        &["lint"],
        &["diff"],
        &["impact", "t.t.a"],
    ];
    for setting in [
        "warehouse: \"s3://${TOKEN}/x\"",
        "warehouse: \"s3://user:${TOKEN}@host/x\"",
        "warehouse: \"file://${TOKEN}/x\"",
        "warehouse: \"https://host/?sig=${TOKEN}\"",
        "warehouse: \"d.parquet/${TOKEN}\"",
        "warehouse: \"${TOKEN}\\n\"",
        "environments: { prod: { warehouse: \"gs://${TOKEN}\" } }",
        "contracts: \"${TOKEN}\"",
        "contracts: \"x/${TOKEN}\"",
        "sql: \"${TOKEN}\"",
        "sql: [sql, \"${TOKEN}\"]",
        "locked: [\"${TOKEN}\"]",
        "public_classifications: \"${TOKEN}\"",
        "external_engines: [\"${TOKEN}\"]",
        "diff: { main: \"${TOKEN}\" }",
        "diff: { reserved_names: [\"${TOKEN}\"], warnings: [\"${TOKEN}\"] }",
        "diff: { mode: \"${TOKEN}\" }",
        "default_major: { \"${TOKEN}\": 1 }",
        "extends: \"${TOKEN}.yaml\"",
        "extends: \"https://localhost/${TOKEN}.yaml#sha256=00\"",
        "\"${TOKEN}\": 1",
    ] {
        project.write("pactum.yaml", &format!("{setting}\n"));
        for arguments in commands {
            with_token(&project, arguments, SECRET);
        }
        if setting.contains("prod") {
            let runs = with_token(&project, &["tables", "--env", "prod"], SECRET);
            assert!(runs[0].stderr.contains("gs://${TOKEN}"), "{}", runs[0].stderr);
        }
    }
    project.write("pactum.yaml", "warehouse: \"s3://${TOKEN}/x\"\n");
    let refused = error(with_token(&project, &["tables"], SECRET).pop().unwrap(), 2);
    assert_eq!(refused["where"], "s3://${TOKEN}/x");
    // The folder is shown as in the setting, however short the value is.
    for setting in ["sql: \"${TOKEN}\"", "contracts: \"${TOKEN}\"", "sql: [sql, \"${TOKEN}\"]"] {
        project.write("pactum.yaml", &format!("{setting}\n"));
        let shown = with_token(&project, &["lint"], "q7").pop().unwrap();
        let error = error(shown, 2);
        assert_eq!(error["message"], "there is no folder '${TOKEN}'", "{setting}");
    }
}

#[test]
fn no_line_begins_with_what_data_say() {
    const BAD: &str = "u\n::error::pwned\u{1b}]0;t\u{7}\u{202e}";
    let rule = "quality: [{ type: sql, query: \"select cast(max(s) as int) from t\", mustBe: 5 }]";
    let columns = format!("{KEY}\n- {{ name: s, logicalType: string }}");
    let project = Project::new(&[("t", &contract("1.0.0", &columns, rule))]);
    // An undeclared column, and a value that the engine quotes.
    let values = vec![("a", longs([1])), ("s", texts([Some(BAD)])), (BAD, longs([1]))];
    project.parquet("d.parquet", values);
    let summary = project.path().join("summary.md");
    let assert_shown = |text: &str, what: &str| {
        let begins = text.lines().any(|line| line.trim_start().starts_with("::error::pwned"));
        assert!(!begins && !text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{what}: {text}");
        assert!(text.contains("pwned"), "{what}: {text}");
    };
    for format in ["human", "github", "junit", "html"] {
        let mut check = command(project.path());
        check.env("GITHUB_STEP_SUMMARY", &summary);
        check.args(["check", "t", "d.parquet", "--format", format]);
        assert_shown(&silent(&mut check).expect(1).stdout, format);
    }
    assert_shown(&std::fs::read_to_string(&summary).unwrap(), "summary");
    let missing = format!("{BAD}/none.parquet");
    let run = run(&project, &["check", "t", &missing]);
    assert_ne!(run.code, 0);
    assert_shown(&format!("{}{}", run.stdout, run.stderr), "missing");
}

#[test]
fn values_of_variables_are_not_printed_once_they_are_respelled() {
    let (project, _outside) = project();
    for setting in ["s3://${TOKEN}/x", "file://${TOKEN}/x", "${TOKEN}", "x/${TOKEN}/y"] {
        project.write("pactum.yaml", &format!("warehouse: \"{setting}\"\n"));
        for token in [
            format!("{SECRET}#frag"),
            format!("{SECRET}?x=1"),
            format!("https://u:{SECRET}@h/x?y={SECRET}"),
            format!("{SECRET}\nnext"),
            format!("{SECRET}\u{1b}[1m"),
            format!("{SECRET}://x"),
        ] {
            for arguments in [&["tables"][..], &["publish", "t", "t=d.parquet"]] {
                with_token(&project, arguments, &token);
            }
        }
    }
    project.write("pactum.yaml", "warehouse: \"s3://${TOKEN}/x\"\n");
    let run = with_token(&project, &["tables"], &format!("{SECRET}#frag")).remove(0).expect(2);
    assert!(run.stderr.contains("s3://${TOKEN}/x"), "{}", run.stderr);
}

#[test]
fn a_warehouse_that_a_variable_names_is_shown_by_the_variable() {
    let (project, _outside) = project();
    project.write("pactum.yaml", "warehouse: \"./${TOKEN}/w\"\n");
    let released = with_token(&project, &["releases"], SECRET).remove(0).expect(0);
    assert!(released.stdout.contains("${TOKEN}/w yet"), "{}", released.stdout);
    with_token(&project, &["publish", "t", "t=d.parquet"], SECRET).remove(0).expect(0);
    for arguments in
        [&["releases"][..], &["tables"], &["describe", "t"], &["query", "select a from t.t"]]
    {
        with_token(&project, arguments, SECRET).pop().unwrap().expect(0);
    }
    // Whatever breaks there, the path is shown by the variable's name.
    let warehouse = project.path().join(SECRET).join("w");
    std::fs::write(warehouse.join("pactum.json"), "{").unwrap();
    let run = with_token(&project, &["tables"], SECRET).remove(0);
    assert!(run.stderr.contains("${TOKEN}/w/pactum.json"), "{}", run.stderr);
    std::fs::remove_file(warehouse.join("pactum.json")).unwrap();
    let damaged =
        walk(&warehouse).into_iter().find(|p| p.extension().is_some_and(|e| e == "parquet"));
    std::fs::write(damaged.unwrap(), "damaged").unwrap();
    for arguments in
        [&["query", "select a from t.t"][..], &["publish", "t", "t=d.parquet"], &["releases"]]
    {
        with_token(&project, arguments, SECRET);
    }
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut all: Vec<_> =
        entries.flat_map(|p| if p.is_dir() { walk(&p) } else { vec![p] }).collect();
    all.sort();
    all
}

#[test]
fn help_shows_variables_without_their_values() {
    let (project, _outside) = project();
    let mut command = command(project.path());
    command.env("PACTUM_WAREHOUSE", format!("s3://{SECRET}/x")).args(["tables", "--help"]);
    let shown = silent(&mut command).expect(0);
    assert!(shown.stdout.contains("PACTUM_WAREHOUSE"), "{}", shown.stdout);
}

/// A listener that only counts who connects.
fn counted() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, count)
}

#[test]
fn extends_reaches_no_private_address_and_speaks_https_alone() {
    let (project, _outside) = project();
    let (port, connections) = counted();
    for address in [
        "http://127.0.0.1:{}/a.yaml",
        "HTTP://localhost:{}/a.yaml",
        "https://127.0.0.1:{}/a.yaml",
        "https://localhost:{}/a.yaml",
        "https://127.1:{}/a.yaml",
        "https://2130706433:{}/a.yaml",
        "https://0.0.0.0:{}/a.yaml",
        "https://[::1]:{}/a.yaml",
        "https://[::ffff:127.0.0.1]:{}/a.yaml",
        "https://user:pass@localhost:{}/a.yaml",
        "https://localhost:{}/a.yaml?x=1",
        "s3://127.0.0.1:{}/a.yaml",
        "ftp://127.0.0.1:{}/a.yaml",
    ] {
        let address = address.replace("{}", &port.to_string());
        project.write("pactum.yaml", &format!("extends: {address}#sha256={}\n", "0".repeat(64)));
        for proxy in [None, Some(format!("http://127.0.0.1:{port}"))] {
            let mut command = command(project.path());
            command.args(COMMANDS[0]);
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"] {
                if let Some(proxy) = &proxy {
                    command.env(name, proxy);
                }
            }
            // Another host, or another port, is not this one.
            command.env("PACTUM_EXTENDS_HOSTS", "other.example,127.0.0.1:1,localhost:1");
            let error = error(silent(&mut command), 2);
            assert_eq!(error["where"], "pactum.yaml:1:10", "{error}");
            assert!(!error.to_string().contains("pass@"), "{error}");
        }
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

/// Serves over TLS: the answer to each request, until the test ends.
fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> u16 {
    let folder = root().join("tests/tls");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let chain = vec![CertificateDer::from(read("server.der"))];
    let key = PrivateKeyDer::try_from(read("server-key.der")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
            let mut request = [0; 4096];
            let Ok(read) = stream.read(&mut request) else { continue };
            let asked = String::from_utf8_lossy(&request[..read]).into_owned();
            let path = asked.split(' ').nth(1).unwrap_or_default().to_owned();
            let _ = stream.write_all(&answer(&path));
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    port
}

fn answer(status: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{head}\r\n")
            .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn extends_follows_no_redirect_and_prints_no_checksum_of_what_it_found() {
    let (project, _outside) = project();
    let (elsewhere, connections) = counted();
    let shared = b"diff: { mode: full }\n".to_vec();
    let served = shared.clone();
    let port = serve(move |path| match path {
        "/platform.yaml" => answer("200 OK", "", &served),
        "/moved.yaml" => {
            answer("302 Found", &format!("Location: http://127.0.0.1:{elsewhere}/\r\n"), b"")
        }
        "/kept.yaml" => answer(
            "308 Permanent Redirect",
            &format!("Location: https://127.0.0.1:{elsewhere}/\r\n"),
            b"",
        ),
        "/huge.yaml" => answer("200 OK", "", &vec![b'#'; 2 << 20]),
        _ => answer("404 Not Found", "", SECRET.as_bytes()),
    });
    let cache = tempfile::tempdir().unwrap();
    let fetch = |setting: &str, hosts: &str| {
        project.write("pactum.yaml", &format!("extends: {setting}\n"));
        let mut command = command(project.path());
        command.env("SSL_CERT_FILE", root().join("tests/tls/authority.pem"));
        command.env("XDG_CACHE_HOME", cache.path()).env("PACTUM_EXTENDS_HOSTS", hosts);
        in_git_once(&project);
        silent(command.args(["diff", "--format", "json"]))
    };
    let address = |path: &str| format!("https://localhost:{port}{path}");
    let zeros = "0".repeat(64);
    let listed = format!("localhost:{port}");
    for (path, words) in [
        ("/moved.yaml", "leads on to another"),
        ("/kept.yaml", "leads on to another"),
        ("/gone.yaml", "404"),
        ("/huge.yaml", "more than 1048576 bytes"),
        ("/platform.yaml", "another checksum"),
    ] {
        let error = error(fetch(&format!("{}#sha256={zeros}", address(path)), &listed), 2);
        assert!(error["message"].as_str().unwrap().contains(words), "{path}: {error}");
        let text = error.to_string();
        assert!(!text.contains(&sum(&shared)) && !text.contains(&elsewhere.to_string()), "{text}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    // The hint says how to find its checksum; with it the settings work, by name and by address.
    let error =
        error(fetch(&format!("{}#sha256={zeros}", address("/platform.yaml")), "localhost"), 2);
    assert!(error["hint"].as_str().unwrap().contains("sha256sum"), "{error}");
    let right = sum(&shared);
    for (setting, hosts) in [
        (format!("{}#sha256={right}", address("/platform.yaml")), "localhost"),
        (
            format!("https://127.0.0.1:{port}/platform.yaml#sha256={right}"),
            "other.example, 127.0.0.1",
        ),
    ] {
        let _ = std::fs::remove_dir_all(cache.path().join("pactum"));
        assert_eq!(fetch(&setting, hosts).expect(0).json()["mode"], "full", "{setting}");
    }
    // A fetched file is kept, and not requested again.
    let kept = fetch(&format!("https://nowhere.invalid/platform.yaml#sha256={right}"), "");
    assert_eq!(kept.expect(0).json()["mode"], "full");
    // A checksum is not a path.
    std::fs::write(cache.path().join("x"), "diff: { mode: write }\n").unwrap();
    fetch("https://nowhere.invalid/platform.yaml#sha256=../../x", "").expect(3);
}

fn in_git_once(project: &Project) {
    if !project.path().join(".git").exists() {
        in_git(project);
    }
}

#[test]
fn local_settings_of_another_checksum_do_not_tell_theirs() {
    let (project, _outside) = project();
    let shared = "diff: { mode: full }\n";
    project.write("shared.yaml", shared);
    project.write("pactum.yaml", &format!("extends: shared.yaml#sha256={}\n", "0".repeat(64)));
    let error = error(run(&project, COMMANDS[0]), 2);
    assert!(!error.to_string().contains(&sum(shared.as_bytes())), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("sha256sum shared.yaml"), "{error}");
    project
        .write("pactum.yaml", &format!("extends: shared.yaml#sha256={}\n", sum(shared.as_bytes())));
    run(&project, &["lint"]).expect(0);
}

/// A project with a consumer that is in git, with this remote.
fn with_remote(warehouse: &Path, remote: Option<&str>) -> Project {
    let project = Project::new(&[]);
    project.write("pactum.yaml", &format!("warehouse: {}\n", warehouse.display()));
    project.write("sql/q.sql", "-- owner: x\nselect a from t.t\n");
    git(&project, &["init", "-q", "-b", "main"]);
    if let Some(remote) = remote {
        git(&project, &["remote", "add", "origin", remote]);
    }
    project
}

#[test]
fn a_declared_name_never_takes_the_place_of_what_a_remote_says() {
    let (owner, _outside) = project();
    owner.run(&["publish", "t", "t=d.parquet"]).expect(0);
    let warehouse = owner.path().join("warehouse");
    let genuine = with_remote(&warehouse, Some("git@Host:team/app.git"));
    genuine.run(&["consumers", "push"]).expect(0);
    let other = with_remote(&warehouse, Some("git@host:team/other.git"));
    let without = with_remote(&warehouse, None);
    for name in ["host/team/app", "https://HOST/team/app.git", "ssh://git@host:22/team/app/"] {
        for reader in [&other, &without] {
            let pushed = ["consumers", "push", "--repository", name, "--format", "json"];
            let error = error(run(reader, &pushed), 2);
            assert_eq!(error["code"], "taken-repository", "{error}");
            assert!(error["hint"].as_str().unwrap().contains("--repository"), "{error}");
        }
    }
    let listed = "select repository, declared from pactum.consumers where repository is not null";
    assert_eq!(owner.query(listed), json!([{"repository": "host/team/app", "declared": false}]));
    // One that was declared may be declared again, and be confirmed by a remote.
    without.run(&["consumers", "push", "--repository", "host/team/other"]).expect(0);
    without.run(&["consumers", "push", "--repository", "host/team/other"]).expect(0);
    other.run(&["consumers", "push"]).expect(0);
    assert_eq!(
        error(
            run(
                &without,
                &["consumers", "push", "--repository", "host/team/other", "--format", "json"]
            ),
            2
        )["code"],
        "taken-repository"
    );
}

#[test]
fn a_repository_is_what_gits_remote_says_or_shown_as_declared() {
    let (owner, _outside) = project();
    owner.run(&["publish", "t", "t=d.parquet"]).expect(0);
    let warehouse = owner.path().join("warehouse");
    let remote = format!("https://user:{SECRET}@host/team/app.git?token={SECRET}");
    let reader = with_remote(&warehouse, Some(&remote));
    let push = |more: &[&str], code: i32| {
        let mut arguments = vec!["consumers", "push", "--format", "json"];
        arguments.extend(more);
        run(&reader, &arguments).expect(code).json()
    };
    assert_eq!(push(&[], 0)["declared"], false);
    assert_eq!(push(&["--repository", "host/team/app"], 0)["declared"], false);
    assert_eq!(push(&["--repository", "host/team/other"], 0)["declared"], true);
    let credentials = format!("https://user:{SECRET}@host/team/third");
    assert_eq!(push(&["--repository", &credentials], 0)["repository"], "host/team/third");
    assert_eq!(push(&["--repository", "ssh://git@HOST:22/team/app.git/"], 0)["declared"], false);
    for (name, code) in [("", 2), (" ", 2), ("a\nb", 2)] {
        assert_eq!(push(&["--repository", name], code)["error"]["code"], "bad-repository");
    }
    assert_eq!(push(&["--repository", &"r".repeat(300)], 2)["error"]["code"], "bad-repository");
    let listed = run(&owner, &["consumers", "list"]).expect(0).stdout;
    assert!(listed.contains("host/team/other (declared)"), "{listed}");
    assert!(listed.contains("host/team/app  ") || listed.contains("host/team/app |"), "{listed}");
    assert_eq!(
        owner.query("select repository, declared from pactum.consumers where repository is not null order by 1"),
        json!([
            {"repository": "host/team/app", "declared": false},
            {"repository": "host/team/other", "declared": true},
            {"repository": "host/team/third", "declared": true},
        ])
    );
    for file in walk(&warehouse) {
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert!(!found, "{}", file.display());
    }
    // Without a remote the repository has no name.
    let nameless = with_remote(&warehouse, None);
    let refused = run(&nameless, &["consumers", "push", "--format", "json"]);
    assert_eq!(error(refused, 2)["code"], "no-repository");
}

#[test]
fn a_tree_that_looks_like_a_repository_does_not_name_one() {
    let (owner, _outside) = project();
    owner.run(&["publish", "t", "t=d.parquet"]).expect(0);
    let reader = with_remote(&owner.path().join("warehouse"), Some("https://host/team/app"));
    // The files of a bare repository, with a remote of their own, in the project's folder.
    std::fs::create_dir_all(reader.path().join("app/objects")).unwrap();
    std::fs::create_dir_all(reader.path().join("app/refs")).unwrap();
    reader.write("app/HEAD", "ref: refs/heads/main\n");
    reader.write(
        "app/config",
        "[core]\n\tbare = true\n[remote \"origin\"]\n\turl = https://host/team/victim\n",
    );
    reader.write("app/pactum.yaml", &format!("warehouse: {}/warehouse\n", owner.path().display()));
    reader.write("app/sql/q.sql", "-- owner: x\nselect a from t.t\n");
    let pushed = run(&reader, &["--project", "app", "consumers", "push", "--format", "json"]);
    let listed = owner.run(&["consumers", "list"]).stdout;
    assert!(!listed.contains("victim"), "{listed}");
    assert!(pushed.code == 2 || pushed.json()["repository"] == "host/team/app", "{pushed:?}");
}

#[test]
fn sources_of_a_release_carry_no_credentials() {
    let (project, _outside) = project();
    let source = format!("https://user:{SECRET}@host/team/model@1a2b3c4");
    run(&project, &["publish", "t", "t=d.parquet", "--source", &source]).expect(0);
    let sources = project.query("select * from pactum.releases").to_string();
    assert!(sources.contains("host/team/model") && !sources.contains(SECRET), "{sources}");
    let location = format!("s3://user:{SECRET}@bucket/x");
    let refused = run(&project, &["tables", "--warehouse", &location, "--format", "json"]);
    assert_eq!(error(refused, 2)["where"], "s3://bucket/x");
    let broken = format!("https://user:{SECRET}@a b/x.parquet");
    run(&project, &["check", "t", &broken]).expect(2);
    run(&project, &["check", "t", &format!("gs://user:{SECRET}@bucket/x.parquet")]).expect(2);
}
