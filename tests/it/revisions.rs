//! `pactum diff` where CI runs it: settings of a revision, and what the environment says about a change.

use std::os::unix::fs::symlink;

use serde_json::json;

use crate::changes::{
    KEY, WAIVER, columns, diff, fates, git, in_git, released, rules, scored, set, undone,
    violations,
};
use crate::support::{Project, command, contract, longs, output};

#[test]
fn a_range_has_the_settings_and_waivers_of_its_head() {
    let project = scored();
    set(&project, "1.0.0", &columns(""));
    let of = |rule: &str, more: &str| {
        format!("- {{ contract: t, rule: {rule}, {more}, {WAIVER}, expires: 2099-01-01 }}\n")
    };
    let waivers =
        [of("column-removed", "element: t.score"), of("consumer-broken", "consumer: home/top")];
    project.write("waivers.yaml", &format!("diff:\n{}", waivers.concat()));
    project.write("pactum.yaml", "warehouse: ./warehouse\ndiff: { mode: full }\n");
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "two"]);
    // The working tree now holds another change.
    std::fs::remove_file(project.path().join("waivers.yaml")).unwrap();
    project.write("pactum.yaml", "diff: { mode: read, main: main }\n");
    let report = diff(&project, &["main~1..main"]).expect(0).json();
    assert_eq!(report["mode"], "full");
    assert_eq!(violations(&report), Vec::<String>::new());
    assert_eq!(violations(&diff(&project, &["main~1"]).expect(1).json()).len(), 2);
}

#[test]
fn settings_of_the_base_that_cannot_be_read_are_told_and_those_of_the_head_refused() {
    let project = scored();
    project.write("pactum.yaml", "warehouse: ./warehouse\nfuture: 1\n");
    git(&project, &["commit", "-qam", "two"]);
    project.write("pactum.yaml", "warehouse: ./warehouse\n");
    let report = diff(&project, &["HEAD"]).expect(0).json();
    assert!(undone(&report).contains(&"settings"), "{report}");
    assert!(report.to_string().contains("unknown setting 'future'"), "{report}");
    let error = diff(&project, &["HEAD~1..HEAD"]).expect(2).json();
    assert_eq!(error["error"]["code"], "bad-setting");
}

#[test]
fn shared_settings_of_a_commit_are_held_against_their_checksum() {
    let project = scored();
    project.write("shared.yaml", "diff: { mode: write }\n");
    let zeros = "0".repeat(64);
    project.write("pactum.yaml", &format!("extends: shared.yaml#sha256={zeros}\n"));
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "two"]);
    project.write("pactum.yaml", "{}\n");
    let error = diff(&project, &["HEAD~1..HEAD"]).expect(2).json();
    assert!(error.to_string().contains("another checksum"), "{error}");
}

/// Every way to a file that a working tree knows: links to files and folders, through other links; what
/// is hidden, leads out, or leads back.
#[test]
fn links_and_hidden_files_of_a_commit_are_those_of_the_working_tree() {
    let project = Project::new(&[]);
    let of = |id: &str| {
        contract("1.0.0", KEY, "").replace("id: t\nname: t", &format!("id: {id}\nname: {id}"))
    };
    for (place, id) in [
        ("elsewhere/deep/a.odcs.yaml", "a"),
        ("elsewhere/b.odcs.yaml", "b"),
        ("contracts/.hidden.odcs.yaml", "hidden"),
        ("contracts/.folder/c.odcs.yaml", "c"),
    ] {
        project.write(place, &of(id));
    }
    let contracts = project.path().join("contracts");
    symlink("../elsewhere", contracts.join("folder")).unwrap();
    symlink("folder/deep/a.odcs.yaml", contracts.join("again.odcs.yaml")).unwrap();
    symlink("nowhere.odcs.yaml", contracts.join("nowhere.odcs.yaml")).unwrap();
    symlink(".", contracts.join("back")).unwrap();
    std::fs::remove_file(contracts.join("again.odcs.yaml")).unwrap();
    in_git(&project);
    assert_eq!(diff(&project, &[]).expect(0).json()["contracts"], json!([]));
    std::fs::remove_dir_all(project.path().join("elsewhere")).unwrap();
    let report = diff(&project, &[]).expect(1).json();
    let gone: Vec<&str> = report["contracts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["contract"].as_str().unwrap())
        .collect();
    assert_eq!(gone, ["a", "b"]);
    // A link through a link.
    git(&project, &["checkout", "-q", "."]);
    std::fs::remove_file(contracts.join("folder")).unwrap();
    symlink("folder/deep", project.path().join("contracts/deep")).unwrap();
    symlink("../elsewhere", contracts.join("folder")).unwrap();
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "two"]);
    let error = diff(&project, &["HEAD~1..HEAD"]).expect(1).json();
    assert!(error.to_string().contains("major 1 occurs twice"), "{error}");
}

#[test]
fn an_empty_variable_is_not_set() {
    let project = released();
    set(
        &project,
        "1.1.0",
        &columns("- { name: score, logicalType: integer, physicalType: bigint }"),
    );
    project.write("pactum.yaml", "warehouse: \"${PACTUM_TEST_PLACE}\"\n");
    for (name, value) in
        [("PACTUM_WAREHOUSE", ""), ("PACTUM_PROJECT", ""), ("PACTUM_TEST_PLACE", "")]
    {
        let mut command = command(project.path());
        let output = command.env(name, value).args(["diff", "--backtest", "3", "--format", "json"]);
        let output = crate::support::output(output);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{name}: {text}");
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(undone(&report).contains(&"backtest"), "{name}: {text}");
    }
}

#[test]
fn a_first_commit_is_compared_with_nothing() {
    let project = Project::of_columns(KEY);
    git(&project, &["init", "-q", "-b", "main"]);
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(report["base"], "nothing (no commit yet)");
    assert_eq!(report["contracts"][0]["base_version"], json!(null));
}

#[test]
fn the_branch_that_ci_names_is_taken_or_missed() {
    let project = scored();
    let run = |target: &str| {
        let mut command = command(project.path());
        let command = command.env("GITHUB_BASE_REF", target).args(["diff", "--format", "json"]);
        let output = crate::support::output(command);
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, text) = run("release");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("GITHUB_BASE_REF names the branch 'release'"), "{text}");
    git(&project, &["update-ref", "refs/remotes/origin/release", "HEAD"]);
    let (code, text) = run("release");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("origin/release ("), "{text}");
    assert_eq!(run("").0, Some(0));
}

#[test]
fn a_reader_who_goes_away_does_not_change_the_verdict() {
    let project = scored();
    set(&project, "1.0.0", &columns(""));
    let mut command = command(project.path());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = command.args(["diff"]).stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[test]
fn fix_raises_every_document_or_none_and_leaves_a_major_to_its_own() {
    let other = |version: &str, columns: &str| {
        contract(version, columns, "").replace("id: t\nname: t", "id: u\nname: u")
    };
    let project = Project::of_columns(&columns("- { name: a }"));
    project.write("contracts/u.odcs.yaml", &other("1.0.0", &columns("- { name: a }")));
    in_git(&project);
    // The version of one cannot be raised without changing something else.
    set(&project, "1.0.0", KEY);
    let anchored =
        other("&v 1.0.0", KEY).replace("status: active", "status: active\ndataProduct: *v");
    project.write("contracts/u.odcs.yaml", &anchored);
    let before = std::fs::read_to_string(project.path().join("contracts/t.odcs.yaml")).unwrap();
    let error = diff(&project, &["--fix"]).expect(1).json();
    assert_eq!(error["error"]["code"], "bad-fix");
    assert_eq!(
        std::fs::read_to_string(project.path().join("contracts/t.odcs.yaml")).unwrap(),
        before
    );
    // A major that has its own document is not a step of another one.
    project.write("contracts/u.odcs.yaml", &other("1.0.0", &columns("- { name: a }")));
    let next = contract("2.0.0", &columns("- { name: a }"), "");
    project.write("contracts/t2.odcs.yaml", &next);
    let report = diff(&project, &["--fix"]).expect(1).json();
    assert_eq!(violations(&report), ["bump-too-small"]);
    let hint = report["violations"][0]["hint"].as_str().unwrap();
    assert!(hint.starts_with("contracts/t2.odcs.yaml is the next major"), "{hint}");
    assert_eq!(report["raised"], json!(null));
    std::fs::remove_file(project.path().join("contracts/t2.odcs.yaml")).unwrap();
    let report = diff(&project, &["--fix"]).expect(0).json();
    assert_eq!(
        report["raised"],
        json!([{ "file": "contracts/t.odcs.yaml", "from": "1.0.0", "to": "2.0.0" }])
    );
}

#[test]
fn each_major_is_held_against_its_own_releases() {
    let project = released();
    let score = "- { name: score, logicalType: integer, physicalType: bigint }";
    let v1 = std::fs::read_to_string(project.path().join("contracts/t.odcs.yaml")).unwrap();
    project.write("contracts/v1.odcs.yaml", &v1);
    set(&project, "2.0.0", &columns(score));
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "two"]);
    project.parquet("v2.parquet", vec![("id", longs([1])), ("score", longs([70]))]);
    project.run(&["publish", "contracts/t.odcs.yaml", "t=v2.parquet"]).expect(0);
    // Both majors have a document, and both are served: neither is new.
    let report = diff(&project, &["--against", "release"]).expect(0).json();
    assert_eq!(report["contracts"], json!([]));
    let tight = score.replace("bigint }", "bigint, logicalTypeOptions: { maximum: 10 } }");
    set(&project, "2.1.0", &columns(&tight));
    let report = diff(&project, &["HEAD", "--backtest", "5"]).expect(0).json();
    let backtest = &report["contracts"][0]["findings"][0]["backtest"];
    assert_eq!(
        (&backtest["releases"], &backtest["rejected"][0]["release"]),
        (&json!(1), &json!(4))
    );
}

#[test]
fn what_becomes_public_by_settings_needs_an_approval() {
    let secret = "- { name: mail, logicalType: string, classification: internal }";
    let project = Project::of_columns(&columns(secret));
    in_git(&project);
    project.write("pactum.yaml", "public_classifications: [Internal]\n");
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(rules(&report), ["classification-lowered"]);
    assert!(violations(&report).contains(&"classification-lowered".to_owned()));
    // Two folders that are not projects use the surrounding settings.
    project.write("old/t.odcs.yaml", &contract("1.0.0", &columns(secret), ""));
    project.write("new/t.odcs.yaml", &contract("1.0.0", &columns(secret), ""));
    assert_eq!(diff(&project, &["old", "new"]).expect(0).json()["contracts"], json!([]));
}

#[test]
fn a_waived_break_is_told_by_lint_and_a_waiver_of_nobody_by_diff() {
    let project = scored();
    set(&project, "2.0.0", &columns(""));
    let of = |consumer: &str| {
        format!(
            "diff:\n- {{ contract: t, rule: consumer-broken, consumer: {consumer}, {WAIVER}, expires: 2099-01-01 }}\n"
        )
    };
    project.write("waivers.yaml", &of("home/top"));
    let linted = project.run(&["lint"]).expect(0).stdout;
    assert!(linted.contains("warning[C003]") && linted.contains("waived until 2099"), "{linted}");
    project.write("pactum.yaml", "diff: { main: main }\n");
    project.write("waivers.yaml", &of("home/tip"));
    project.run(&["lint"]).expect(1);
    let shown = project.run(&["diff"]).stdout;
    assert!(shown.contains("did you mean 'home/top'?"), "{shown}");
}

#[test]
fn a_removal_that_is_waived_passes_and_says_so() {
    let project = scored();
    std::fs::remove_file(project.path().join("contracts/t.odcs.yaml")).unwrap();
    std::fs::remove_dir_all(project.path().join("sql")).unwrap();
    project.write(
        "waivers.yaml",
        &format!(
            "diff:\n- {{ contract: t, rule: contract-removed, element: t, {WAIVER}, expires: 2099-01-01 }}\n"
        ),
    );
    let shown = project.run(&["diff"]).expect(0).stdout;
    assert!(shown.contains("waived until 2099"), "{shown}");
    assert!(!shown.contains("no version makes room"), "{shown}");
    assert_eq!(
        fates(&diff(&project, &[]).expect(0).json()),
        json!([["home/top", "removed"], ["ids", "removed"]])
    );
}

#[test]
fn git_looks_at_the_project_and_not_where_a_hook_was_told() {
    let project = scored();
    set(&project, "1.0.0", &columns(""));
    for (name, value) in [("GIT_DIR", "/nowhere"), ("GIT_WORK_TREE", "/"), ("GIT_PREFIX", "sql/")] {
        let mut command = command(project.path());
        let status = output(command.env(name, value).args(["diff"])).status;
        assert_eq!(status.code(), Some(1), "{name}");
    }
}

#[test]
fn a_project_is_followed_and_folders_are_found_however_they_are_named() {
    let project = scored();
    let top = project.path().canonicalize().unwrap();
    for folder in [
        "contracts/.",
        "contracts//",
        "x/../contracts",
        &top.join("contracts").display().to_string(),
    ] {
        std::fs::create_dir_all(project.path().join("x")).unwrap();
        project.write("pactum.yaml", &format!("contracts: {folder}\n"));
        git(&project, &["commit", "-qam", "folder"]);
        project.write("sql/ids.sql", "-- owner: search\nselect id, id as again from t.t\n");
        let report = diff(&project, &["HEAD"]).expect(0).json();
        assert_eq!(fates(&report), json!([["ids", "changed"]]), "{folder}");
        git(&project, &["checkout", "-q", "sql"]);
    }
    project.write("pactum.yaml", "{}\n");
    git(&project, &["commit", "-qam", "plain"]);
    // The whole project moves into a folder, and loses a column on the way.
    std::fs::create_dir(project.path().join("data")).unwrap();
    git(&project, &["mv", "pactum.yaml", "contracts", "sql", "data/"]);
    project.write("data/contracts/t.odcs.yaml", &contract("1.0.0", KEY, ""));
    let run = project.run(&["--project", "data", "diff", "HEAD", "--format", "json"]).expect(1);
    assert_eq!(rules(&run.json()), ["column-removed"]);
}

#[test]
fn what_a_commit_cannot_show_is_told() {
    let outside = Project::of_columns(KEY);
    let project = Project::new(&[]);
    symlink(
        outside.path().join("contracts/t.odcs.yaml"),
        project.path().join("contracts/t.odcs.yaml"),
    )
    .unwrap();
    in_git(&project);
    assert_eq!(diff(&project, &[]).expect(1).json()["error"]["code"], "link-out");
    std::fs::remove_file(project.path().join("contracts/t.odcs.yaml")).unwrap();
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(undone(&report), ["consumers of other repositories", "comparison"]);
    assert!(report.to_string().contains("leads out of the repository"), "{report}");
    // A submodule: the commit knows only that it is there.
    let module = scored();
    let from = module.path().display().to_string();
    let with = Project::new(&[]);
    std::fs::remove_dir(with.path().join("contracts")).unwrap();
    git(&with, &["init", "-q", "-b", "main"]);
    git(&with, &["-c", "protocol.file.allow=always", "submodule", "add", "-q", &from, "contracts"]);
    git(&with, &["add", "-A"]);
    git(&with, &["commit", "-qm", "one"]);
    let report = diff(&with, &[]).expect(0).json();
    assert!(report.to_string().contains("contracts lies in a submodule"), "{report}");
}

#[test]
fn an_error_comes_in_the_format_that_ci_reads() {
    let project = scored();
    project.write("pactum.yaml", "warehouse: ./warehouse\nmode: full\n");
    for (format, mark) in [
        (
            "github",
            "::error file=pactum.yaml,line=2,col=1,title=bad-setting::unknown setting 'mode'",
        ),
        ("markdown", "unknown setting 'mode'"),
        ("sarif", "\"executionSuccessful\": false"),
        ("junit", "unknown setting &apos;mode&apos;"),
    ] {
        let run = project.run(&["diff", "--format", format]);
        assert_eq!(run.code, 2, "{format}");
        let shown = run.stdout.replace('\'', if format == "junit" { "&apos;" } else { "'" });
        assert!(shown.contains(mark), "{format}: {shown}");
        assert!(run.stderr.contains("unknown setting 'mode'"), "{format}: {}", run.stderr);
    }
    let run = project.run(&["lint", "--format", "github"]);
    assert_eq!(run.code, 2);
    assert!(run.stdout.starts_with("::error file=pactum.yaml,line=2,"), "{}", run.stdout);
}

#[test]
fn what_old_data_may_break_is_backtested_or_said_not_to_be() {
    let project = released();
    let more = "- { name: score, logicalType: integer, physicalType: bigint }\n- { name: at, logicalType: timestamp, required: true }";
    let level = "slaProperties:\n  - { property: latency, value: 1, unit: d, element: t.at }\n";
    let text = format!("{}{level}", contract("1.1.0", &columns(more), ""));
    project.write("contracts/t.odcs.yaml", &text);
    let report = diff(&project, &["--backtest", "3"]).expect(0).json();
    let findings = report["contracts"][0]["findings"].as_array().unwrap();
    let of = |rule: &str| &findings.iter().find(|f| f["rule"] == rule).unwrap()["backtest"];
    let column = of("required-column-added");
    assert_eq!((&column["releases"], column["rejected"].as_array().unwrap().len()), (&json!(3), 3));
    let level = of("service-level-strengthened");
    assert_eq!(level["not_executed"].as_array().map(Vec::len), Some(3), "{level}");
}

#[test]
fn a_looser_policy_is_told_by_the_change_that_brings_it() {
    let project = scored();
    project.write("pactum.yaml", "diff: { mode: full, deprecation: { days: 30 } }\n");
    git(&project, &["commit", "-qam", "two"]);
    project.write("pactum.yaml", "{}\n");
    let shown = project.run(&["diff", "HEAD"]).expect(0).stdout;
    assert!(shown.contains("diff.mode was full, and is read"), "{shown}");
    assert!(
        shown.contains("diff.deprecation was 30 days and 0 versions, and is nothing"),
        "{shown}"
    );
    assert!(!shown.contains("nothing changed"), "{shown}");
}

#[test]
fn a_contract_that_comes_in_is_held_against_what_is_served() {
    let project = released();
    git(&project, &["rm", "-rq", "--cached", "contracts"]);
    project.write("sql/q.sql", "-- owner: x\nselect score from t.t\n");
    git(&project, &["add", "sql"]);
    git(&project, &["commit", "-qm", "two"]);
    set(&project, "1.1.0", KEY);
    let report = diff(&project, &["HEAD"]).expect(1).json();
    assert_eq!(rules(&report), ["column-removed"]);
    assert_eq!(fates(&report), json!([["q", "broken"]]));
}

#[test]
fn majors_are_matched_with_their_own_and_what_is_served_beside_stays() {
    let of = |version: &str, column: &str| {
        contract(version, &columns(&format!("- {{ name: {column} }}")), "")
    };
    let project = Project::new(&[("one", &of("1.0.0", "m")), ("two", &of("2.0.0", "n"))]);
    project.write("sql/one.sql", "-- owner: x\nselect m from t_v1.t\n");
    project.write("sql/two.sql", "-- owner: x\nselect n from t_v2.t\n");
    in_git(&project);
    // A single file: the other major has its own document.
    let report = diff(&project, &["main", "contracts/one.odcs.yaml"]).expect(0).json();
    assert_eq!((&report["contracts"], fates(&report)), (&json!([]), json!([])));
    // The first is removed, a third is added: it is not a step of the first.
    std::fs::remove_file(project.path().join("contracts/one.odcs.yaml")).unwrap();
    project.write("contracts/three.odcs.yaml", &of("3.0.0", "n"));
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(violations(&report), ["contract-removed", "consumer-broken"]);
    assert_eq!(fates(&report), json!([["one", "broken"]]));
}

/// CI's word about a pull request comes before its own settings.
#[test]
fn a_change_cannot_name_itself_as_what_it_is_compared_with() {
    let project = scored();
    git(&project, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    set(&project, "1.0.0", &columns(""));
    project.write("pactum.yaml", "diff: { main: \"@\" }\n");
    git(&project, &["commit", "-qam", "two"]);
    let error = diff(&project, &[]).expect(2).json();
    assert_eq!(error["error"]["code"], "no-main-branch");
    project.write("pactum.yaml", "diff: { main: main }\n");
    git(&project, &["commit", "-qam", "three"]);
    let mut command = command(project.path());
    let status = output(command.env("GITHUB_BASE_REF", "main").args(["diff"])).status;
    assert_eq!(status.code(), Some(1));
}

#[test]
fn links_that_no_system_would_follow_end_in_a_diagnostic() {
    let project = scored();
    // Folders that lead to each other: as many ways as there are words of two letters.
    for n in 0..20 {
        let folder = project.path().join(format!("contracts/d{n}"));
        std::fs::create_dir(&folder).unwrap();
        for name in ["a", "b"] {
            symlink(format!("../d{}", n + 1), folder.join(name)).unwrap();
        }
    }
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "two"]);
    assert!(project.run(&["lint"]).expect(1).stderr.contains("more than 20000 folders"));
    let error = diff(&project, &["HEAD~1..HEAD"]).expect(1).json();
    assert_eq!(error["error"]["code"], "too-many-folders");
    git(&project, &["reset", "-q", "--hard", "HEAD~1"]);
    // A link as long as a book.
    let path = project.path().join("long");
    std::fs::write(&path, "a/".repeat(100_000)).unwrap();
    let object = git(&project, &["hash-object", "-w", "long"]);
    let entry = format!("120000,{},contracts/long", object.trim());
    git(&project, &["update-index", "--add", "--cacheinfo", &entry]);
    git(&project, &["commit", "-qm", "long"]);
    let report = diff(&project, &["HEAD~1..HEAD"]).expect(0).json();
    assert!(report.to_string().contains("contracts/long leads out"), "{report}");
}

#[test]
fn a_document_that_was_too_large_is_told_and_may_go() {
    let project = scored();
    project.write("contracts/large.odcs.yaml", &format!("# {}\n", "x".repeat(1 << 21)));
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "large"]);
    std::fs::remove_file(project.path().join("contracts/large.odcs.yaml")).unwrap();
    let report = diff(&project, &["HEAD"]).expect(0).json();
    assert!(report.to_string().contains("large.odcs.yaml is too large to be read"), "{report}");
}

#[test]
fn a_revision_does_not_build_on_files_that_it_lacks() {
    let project = scored();
    project.write("pactum.yaml", "extends: shared.yaml\n");
    git(&project, &["commit", "-qam", "two"]);
    project.write("shared.yaml", "diff: { mode: full }\n");
    let error = diff(&project, &["HEAD~1..HEAD"]).expect(2).json();
    assert!(error.to_string().contains("the commit has no such file"), "{error}");
}

#[test]
fn what_documents_say_begins_no_line_and_hides_nothing() {
    let project = scored();
    project.write(
        "sql/home/top.sql",
        "-- owner: \"me\\n\\n✓ all is well\\n::add-mask::x\"\nselect id, score from t.t\n",
    );
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "two"]);
    set(&project, "1.0.0", &columns("").replace("name: id", "name: \"i\\e[8md\""));
    for format in ["human", "github", "markdown"] {
        let shown = project.run(&["diff", "HEAD", "--format", format]).stdout;
        assert!(!shown.contains("\n✓ all is well") && !shown.contains("\n::add-mask"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{format}: {shown:?}");
    }
}

#[test]
fn a_window_of_ages_is_no_day() {
    let project = scored();
    project.write("pactum.yaml", "diff: { deprecation: { days: 2000000000, versions: 1 } }\n");
    let score = "- { id: score, name: score, logicalType: number, deprecated: true, customProperties: [{ property: deprecatedSince, value: 2020-01-01 }] }";
    set(&project, "1.1.0", &columns(score));
    git(&project, &["commit", "-qam", "two"]);
    set(&project, "2.0.0", KEY);
    let report = diff(&project, &["HEAD"]).expect(1).json();
    assert!(violations(&report).contains(&"removed-without-deprecation".to_owned()), "{report}");
}
