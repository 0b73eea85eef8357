//! `pactum diff` at work: revisions, releases, policy, waivers, consumers, backtests, formats.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Project, Run, contract, longs, output, texts};

pub const KEY: &str =
    "- { name: id, logicalType: integer, physicalType: bigint, primaryKey: true }\n";

pub fn columns(more: &str) -> String {
    format!("{KEY}{more}")
}

pub fn git(project: &Project, arguments: &[&str]) -> String {
    let identity =
        ["-c", "user.email=t@example.org", "-c", "user.name=t", "-c", "commit.gpgsign=false"];
    let mut git = Command::new("git");
    let output = output(git.current_dir(project.path()).args(identity).args(arguments));
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A project in git with one commit on `main`.
pub fn in_git(project: &Project) {
    git(project, &["init", "-q", "-b", "main"]);
    project.write(".gitignore", "warehouse/\n*.parquet\n");
    git(project, &["add", "-A"]);
    git(project, &["commit", "-qm", "one"]);
}

pub fn set(project: &Project, version: &str, columns: &str) {
    project.write("contracts/t.odcs.yaml", &contract(version, columns, ""));
}

/// A project in git whose contract has a score, and a consumer that reads it.
pub fn scored() -> Project {
    let score =
        "- { id: score, name: score, logicalType: number, logicalTypeOptions: { maximum: 1 } }";
    let project = Project::of_columns(&columns(score));
    project.write("sql/home/top.sql", "-- owner: home\nselect id, score from t.t\n");
    project.write("sql/ids.sql", "-- owner: search\nselect id from t.t\n");
    in_git(&project);
    project
}

pub fn diff(project: &Project, arguments: &[&str]) -> Run {
    project.run(&[&["diff"], arguments, &["--format", "json"]].concat())
}

pub fn rules(report: &Value) -> Vec<String> {
    let contracts = report["contracts"].as_array().unwrap();
    let findings = contracts.iter().flat_map(|c| c["findings"].as_array().unwrap());
    findings.map(|f| f["rule"].as_str().unwrap().to_owned()).collect()
}

/// Requested work that could not be done.
pub fn undone(report: &Value) -> Vec<&str> {
    let all = report["not_executed"].as_array();
    all.into_iter().flatten().filter_map(|undone| undone["what"].as_str()).collect()
}

pub fn violations(report: &Value) -> Vec<String> {
    let all = report["violations"].as_array().unwrap().iter();
    let open = all.filter(|v| v["waived"].is_null());
    open.map(|v| v["rule"].as_str().unwrap().to_owned()).collect()
}

pub fn fates(report: &Value) -> Value {
    let list = report["consumers"]["list"].as_array().unwrap().iter();
    list.map(|c| json!([c["consumer"], c["fate"]])).collect()
}

#[test]
fn without_arguments_the_working_tree_is_compared_with_the_merge_base() {
    let project = scored();
    git(&project, &["checkout", "-qb", "change"]);
    diff(&project, &[]).expect(0);
    set(&project, "1.0.0", &columns(""));
    let uncommitted = diff(&project, &[]).expect(1).json();
    assert_eq!(violations(&uncommitted), ["bump-too-small", "consumer-broken"]);
    git(&project, &["commit", "-qam", "two"]);
    // Later commits on main are not part of this change.
    git(&project, &["checkout", "-q", "main"]);
    project.write(
        "contracts/u.odcs.yaml",
        &contract("1.0.0", KEY, "").replace("id: t\nname: t", "id: u\nname: u"),
    );
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "three"]);
    git(&project, &["checkout", "-q", "change"]);
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(rules(&report), ["column-removed"]);
    // Two revisions, read through their objects: the working tree does not matter.
    std::fs::remove_file(project.path().join("contracts/t.odcs.yaml")).unwrap();
    assert_eq!(rules(&diff(&project, &["main...change"]).expect(1).json()), ["column-removed"]);
    assert_eq!(rules(&diff(&project, &["main~1..change"]).expect(1).json()), ["column-removed"]);
    let report = diff(&project, &["main..change"]).expect(1).json();
    assert_eq!(rules(&report), ["column-removed", "contract-removed"]);
    assert_eq!(rules(&diff(&project, &["main", "change"]).expect(1).json()), rules(&report));
}

#[test]
fn places_name_the_commit_of_the_base_and_the_file_of_the_head() {
    let project = scored();
    let commit = git(&project, &["rev-parse", "--short", "HEAD"]);
    set(&project, "1.0.0", &columns(""));
    let report = diff(&project, &[]).expect(1).json();
    let finding = &report["contracts"][0]["findings"][0];
    let base = format!("{}:contracts/t.odcs.yaml:11:26", commit.trim());
    assert_eq!(finding["where_base"], json!(base));
    let broken = &report["consumers"]["list"][0];
    assert_eq!(broken["reasons"][0]["where"], "sql/home/top.sql:2:12");
    assert_eq!(broken["owner"], "home");
}

#[test]
fn a_moved_file_is_followed_by_its_contract_and_a_folder_of_the_repository_is_a_project() {
    let project = scored();
    let text = std::fs::read_to_string(project.path().join("contracts/t.odcs.yaml")).unwrap();
    std::fs::remove_file(project.path().join("contracts/t.odcs.yaml")).unwrap();
    project.write("contracts/team/tables.odcs.yaml", &text);
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(report["contracts"], json!([]));
    // A project below the top of its repository.
    git(&project, &["checkout", "-q", "."]);
    project.write("below/pactum.yaml", "{}\n");
    project.write("below/contracts/b.odcs.yaml", &contract("1.0.0", &columns("- { name: a }"), ""));
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "below"]);
    project.write("below/contracts/b.odcs.yaml", &contract("1.0.0", KEY, ""));
    let run = project.run(&["--project", "below", "diff", "--format", "json"]).expect(1);
    assert_eq!(rules(&run.json()), ["column-removed"]);
}

#[test]
fn what_cannot_be_compared_is_said_with_what_to_do() {
    let project = Project::of_columns(KEY);
    let error = |run: Run, code: i32| {
        let error = run.expect(code).json()["error"].clone();
        assert!(!error["hint"].is_null(), "{error}");
        error["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(error(diff(&project, &[]), 2), "no-repository");
    in_git(&project);
    assert_eq!(error(diff(&project, &["nowhere"]), 2), "unknown-revision");
    assert_eq!(error(diff(&project, &["--against", "release"]), 2), "no-warehouse");
    assert_eq!(error(diff(&project, &["main..main", "--fix"]), 2), "bad-fix");
    git(&project, &["branch", "-m", "trunk"]);
    assert_eq!(error(diff(&project, &[]), 2), "no-main-branch");
    project.write("pactum.yaml", "diff: { main: trunk }\n");
    diff(&project, &[]).expect(0);
    // A head with errors fails, and is compared all the same; a base is taken as it is.
    project.write("contracts/t.odcs.yaml", "id: t\n");
    let report = diff(&project, &[]).expect(1).json();
    assert!(rules(&report).contains(&"table-removed".to_owned()), "{report}");
    assert_eq!(report["notices"][0]["severity"], "error", "{report}");
    git(&project, &["commit", "-qam", "broken"]);
    set(&project, "1.0.0", KEY);
    let report = diff(&project, &["HEAD"]).expect(0).json();
    assert!(report.to_string().contains("has errors"), "{report}");
}

#[test]
fn fix_raises_versions_in_place_and_keeps_everything_else() {
    let project = scored();
    let path = project.path().join("contracts/t.odcs.yaml");
    let text = contract("1.0.0", &columns("- { name: other } # new"), "");
    let text = text.replace("version: 1.0.0", "version: \"1.0.0\" # keep me");
    std::fs::write(&path, &text).unwrap();
    // The new document alone would leave a consumer without the old one.
    let run = project.run(&["diff", "--fix"]).expect(1);
    assert!(
        run.stdout.contains("raised  contracts/t.odcs.yaml: version 1.0.0 to 2.0.0"),
        "{}",
        run.stdout
    );
    let raised = std::fs::read_to_string(&path).unwrap();
    assert_eq!(raised, text.replace("\"1.0.0\"", "\"2.0.0\""));
    // Beside its document the old major is still served: none is broken, one has to move.
    let old = git(&project, &["show", "HEAD:contracts/t.odcs.yaml"]);
    project.write("contracts/t.v1.odcs.yaml", &old);
    let report = diff(&project, &["--fix"]).expect(0).json();
    assert_eq!(fates(&report), json!([["home/top", "to-migrate"]]));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), raised);
}

#[test]
fn modes_raise_what_breaks_writers_and_a_policy_sets_them() {
    let project = scored();
    set(
        &project,
        "1.1.0",
        &columns(
            "- { id: score, name: score, logicalType: number, required: true, logicalTypeOptions: { maximum: 1 } }",
        ),
    );
    assert_eq!(violations(&diff(&project, &[]).expect(0).json()), Vec::<String>::new());
    for mode in ["write", "full"] {
        assert_eq!(
            violations(&diff(&project, &["--mode", mode]).expect(1).json()),
            ["bump-too-small"]
        );
    }
    project.write("pactum.yaml", "diff: { mode: write }\n");
    assert_eq!(diff(&project, &[]).expect(1).json()["mode"], "write");
    project.write("pactum.yaml", "diff: { mode: write, warnings: [required-added] }\n");
    diff(&project, &[]).expect(0);
    project.write("pactum.yaml", "diff: { warnings: [requird-added] }\n");
    let run = project.run(&["diff"]).expect(1);
    assert!(run.stdout.contains("did you mean 'required-added'?"), "{}", run.stdout);
    let run = project.run(&["lint"]).expect(1);
    assert!(run.stdout.contains("is not a rule of a contract's change"), "{}", run.stdout);
    // Rules about consumers and versions cannot be warnings.
    project.write("pactum.yaml", "diff: { warnings: [consumer-broken] }\n");
    project.run(&["diff"]).expect(1);
    project.write("pactum.yaml", "diff: { mode: full }\nlocked: [diff.mode]\n");
    assert_eq!(diff(&project, &["--mode", "read"]).expect(2).json()["error"]["code"], "locked");
}

#[test]
fn a_break_that_nobody_feels_may_be_allowed() {
    let project = scored();
    let with = |name: &str| {
        columns(&format!(
            "- {{ name: {name} }}\n- {{ id: score, name: score, logicalType: number, logicalTypeOptions: {{ maximum: 1 }} }}"
        ))
    };
    set(&project, "1.0.0", &with("unread"));
    git(&project, &["commit", "-qam", "two"]);
    let unread = columns(
        "- { id: score, name: score, logicalType: number, logicalTypeOptions: { maximum: 1 } }",
    );
    set(&project, "1.1.0", &unread);
    assert_eq!(violations(&diff(&project, &["HEAD"]).expect(1).json()), ["bump-too-small"]);
    // A warehouse that is named but missing may know readers.
    project.write("pactum.yaml", "warehouse: ./warehouse\ndiff: { breaking_if: used }\n");
    let report = diff(&project, &["HEAD"]).expect(1).json();
    assert_eq!(undone(&report), ["consumers of other repositories", "breaking_if: used"]);
    project.write("pactum.yaml", "diff: { breaking_if: used }\n");
    let report = diff(&project, &["HEAD"]).expect(0).json();
    assert_eq!(report["contracts"][0]["findings"][0]["counts_as"], "minor");
    // An unreadable consumer may read it.
    project.write("sql/odd.sql", "-- owner: x\nselect from where\n");
    git(&project, &["add", "sql"]);
    git(&project, &["commit", "-qm", "odd", "sql"]);
    diff(&project, &["HEAD"]).expect(1);
    // A column that is read counts.
    std::fs::remove_file(project.path().join("sql/odd.sql")).unwrap();
    git(&project, &["commit", "-qm", "odd", "sql"]);
    set(&project, "1.1.0", &with("unread").replace(", logicalTypeOptions: { maximum: 1 }", ""));
    let report = diff(&project, &["HEAD"]).expect(1).json();
    assert_eq!(violations(&report), ["bump-too-small"]);
    assert_eq!(report["contracts"][0]["findings"][0]["felt_by"], json!(["home/top"]));
}

pub const WAIVER: &str = "reason: agreed, approved_by: ann";

#[test]
fn a_waiver_lets_one_finding_of_one_element_pass_until_its_day() {
    let project = scored();
    set(&project, "1.0.0", &columns(""));
    let waive = |list: &str| project.write("waivers.yaml", &format!("diff:\n{list}"));
    let removed = |element: &str, expires: &str| {
        format!(
            "- {{contract: t, rule: column-removed, element: {element}, {WAIVER}, expires: {expires}}}\n"
        )
    };
    let broken = format!(
        "- {{contract: t, rule: consumer-broken, consumer: home/top, {WAIVER}, expires: 2099-01-01}}\n"
    );
    waive(&removed("t.score", "2099-01-01"));
    assert_eq!(violations(&diff(&project, &[]).expect(1).json()), ["consumer-broken"]);
    waive(&format!("{}{broken}", removed("t.score", "2099-01-01")));
    let report = diff(&project, &[]).expect(0).json();
    assert!(report["consumers"]["list"][0]["waived"].as_str().unwrap().contains("approved by ann"));
    // Another element is not covered, and the unused waiver is reported.
    waive(&format!("{}{broken}", removed("t.other", "2099-01-01")));
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(violations(&report), ["bump-too-small"]);
    assert_eq!(report["notices"][0]["code"], "P004");
    // An expired waiver waives nothing, and is reported.
    waive(&format!("{}{broken}", removed("t.score", "2020-01-01")));
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(violations(&report), ["bump-too-small"]);
    assert_eq!(report["notices"][0]["code"], "P003");
    // One without an element would be for all.
    waive(&format!("- {{contract: t, rule: column-removed, {WAIVER}, expires: 2099-01-01}}\n"));
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(report["notices"][0]["code"], "P005");
    // Waivers of contracts that did not change do not matter here.
    git(&project, &["checkout", "-q", "contracts"]);
    waive(&removed("t.other", "2099-01-01"));
    assert!(diff(&project, &[]).expect(0).json()["notices"].is_null());
}

#[test]
fn a_lowered_classification_needs_an_approval_whatever_the_version() {
    let secret = "- { name: mail, logicalType: string, classification: confidential }";
    let project = Project::of_columns(&columns(secret));
    in_git(&project);
    set(&project, "2.0.0", &columns(&secret.replace("confidential", "public")));
    assert_eq!(violations(&diff(&project, &[]).expect(1).json()), ["classification-lowered"]);
    project.write("waivers.yaml", &format!("diff:\n- {{contract: t, rule: classification-lowered, element: t.mail, {WAIVER}, expires: 2099-01-01}}\n"));
    diff(&project, &[]).expect(0);
}

#[test]
fn shared_settings_are_built_on_and_what_they_lock_stays() {
    let project = scored();
    project.write(
        "platform.yaml",
        "diff: { mode: full, warnings: [table-added] }\nlocked: [diff.mode]\n",
    );
    project.write("pactum.yaml", "extends: platform.yaml\n");
    assert_eq!(diff(&project, &[]).expect(0).json()["mode"], "full");
    project.write("pactum.yaml", "extends: platform.yaml\ndiff: { mode: read }\n");
    let error = diff(&project, &[]).expect(2).json()["error"].clone();
    assert!(
        error["message"].as_str().unwrap().contains("'diff.mode' is locked by platform.yaml"),
        "{error}"
    );
    assert_eq!(error["where"], "pactum.yaml:2:15");
    // The same value is not a change, and other keys are free.
    project
        .write("pactum.yaml", "extends: platform.yaml\ndiff: { mode: full, transitive: false }\n");
    diff(&project, &[]).expect(0);
    project.write("pactum.yaml", "extends: platform.yaml#sha256=00\n");
    let error = diff(&project, &[]).expect(2).json()["error"].clone();
    assert!(error["hint"].as_str().unwrap().contains("#sha256="), "{error}");
    project.write("pactum.yaml", "extends: https://example.org/platform.yaml\n");
    assert!(
        diff(&project, &[]).expect(2).json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("checksum")
    );
    project.write("platform.yaml", "locked: [diff.mod]\n");
    project.write("pactum.yaml", "extends: platform.yaml\n");
    assert!(diff(&project, &[]).expect(2).json().to_string().contains("diff.mod"));
    project.write("platform.yaml", "extends: more.yaml\n");
    assert!(diff(&project, &[]).expect(2).json().to_string().contains("cannot build on others"));
}

/// Publishes three releases of `t`: scores up to 0.9, up to 5 and up to 0.5, the second one with a NULL.
pub fn released() -> Project {
    let project = Project::of_columns(&columns(
        "- { name: score, logicalType: integer, physicalType: bigint }",
    ));
    for (n, scores) in [[1, 2], [50, 3], [4, 5]].iter().enumerate() {
        let file = format!("{n}.parquet");
        project.parquet(&file, vec![("id", longs([1, 2])), ("score", longs(*scores))]);
        project.run(&["publish", "t", &format!("t={file}")]).expect(0);
    }
    in_git(&project);
    project
}

#[test]
fn a_tightened_clause_is_held_against_the_last_releases() {
    let project = released();
    let tight = "- { name: score, logicalType: integer, physicalType: bigint, logicalTypeOptions: { maximum: 10 } }";
    set(&project, "1.1.0", &columns(tight));
    let report = diff(&project, &["--backtest", "3"]).expect(0).json();
    let backtest = &report["contracts"][0]["findings"][0]["backtest"];
    assert_eq!(backtest["releases"], 3);
    assert_eq!(backtest["rejected"][0]["release"], 2);
    assert_eq!(backtest["rejected"][0]["failing_rows"], 1);
    assert_eq!(backtest["rejected"][0]["samples"][0]["value"], 50);
    assert_eq!(
        diff(&project, &["--backtest", "1"]).expect(0).json()["contracts"][0]["findings"][0]["backtest"]
            ["rejected"],
        json!([])
    );
    let human = project.run(&["diff", "--backtest", "3"]).expect(0).stdout;
    assert!(
        human.contains("t/score/maximum would have rejected 1 of the last 3 releases"),
        "{human}"
    );
    // A fork's pull request has no warehouse, and the report says so.
    std::fs::rename(project.path().join("warehouse"), project.path().join("away")).unwrap();
    let report = diff(&project, &["--backtest", "3"]).expect(0).json();
    assert_eq!(undone(&report), ["consumers of other repositories", "backtest"]);
}

#[test]
fn the_head_is_compared_with_what_is_released_and_with_every_major_served() {
    let project = released();
    diff(&project, &["--against", "release"]).expect(0);
    set(
        &project,
        "2.0.0",
        &columns("- { name: points, logicalType: integer, physicalType: bigint }"),
    );
    project.parquet("v2.parquet", vec![("id", longs([1])), ("points", longs([1]))]);
    project.run(&["publish", "t", "t=v2.parquet"]).expect(0);
    set(&project, "2.1.0", KEY);
    let report = diff(&project, &["--against", "release"]).expect(1).json();
    assert_eq!(report["contracts"].as_array().unwrap().len(), 1);
    assert_eq!(report["contracts"][0]["base_version"], "2.0.0");
    let report = diff(&project, &["--against", "served"]).expect(1).json();
    let bases: Vec<&Value> =
        report["contracts"].as_array().unwrap().iter().map(|c| &c["base_version"]).collect();
    assert_eq!(bases, ["1.0.0", "2.0.0"]);
    git(&project, &["commit", "-qam", "two"]);
    assert_eq!(diff(&project, &["HEAD"]).expect(0).json()["contracts"], json!([]));
    let report = diff(&project, &["HEAD", "--transitive"]).expect(1).json();
    assert_eq!(report["contracts"][1]["against"], "2.0.0 as served");
}

#[test]
fn publish_holds_a_contract_against_the_released_one_by_the_same_rules() {
    let project = released();
    let wide = "- { name: score, logicalType: integer, physicalType: bigint }\n- { name: note, logicalType: string }";
    project.parquet(
        "n.parquet",
        vec![("id", longs([1])), ("score", longs([1])), ("note", texts([None]))],
    );
    for version in ["1.0.0", "1.0.7"] {
        set(&project, version, &columns(wide));
        let run = project.run(&["publish", "t", "t=n.parquet"]).expect(1);
        assert!(
            run.stderr.contains("needs a minor step: t.note: column 'note' was added (D009)"),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("set version: 1.1.0"), "{}", run.stderr);
    }
    set(&project, "1.1.0", &columns(wide));
    project.run(&["publish", "t", "t=n.parquet"]).expect(0);
    // A break needs a major step, unless a waiver of diff lets it pass.
    set(
        &project,
        "1.2.0",
        &columns("- { name: score, logicalType: integer, physicalType: bigint }"),
    );
    project.parquet("s.parquet", vec![("id", longs([1])), ("score", longs([1]))]);
    project.run(&["publish", "t", "t=s.parquet"]).expect(1);
    project.write("waivers.yaml", &format!("diff:\n- {{contract: t, rule: column-removed, element: t.note, {WAIVER}, expires: 2099-01-01}}\n"));
    project.run(&["publish", "t", "t=s.parquet"]).expect(0);
}

#[test]
fn repositories_register_their_consumers_and_a_change_finds_them() {
    let owner = released();
    let warehouse = owner.path().join("warehouse").display().to_string();
    let reader = Project::new(&[]);
    reader.write("pactum.yaml", &format!("warehouse: {warehouse}\n"));
    reader.write("sql/app/list.sql", "-- owner: app\nselect id, score from t.t\n");
    // A repository with consumers and no contracts lints against the warehouse.
    reader.run(&["lint"]).expect(0);
    reader.write("sql/bad.sql", "-- owner: app\nselect scroe from t.t\n");
    assert!(reader.run(&["lint"]).expect(1).stdout.contains("did you mean 'score'?"));
    let refused = reader.run(&["consumers", "push", "--repository", "shop/app"]).expect(1);
    assert!(refused.stderr.contains("sql/bad.sql:2:8"), "{}", refused.stderr);
    std::fs::remove_file(reader.path().join("sql/bad.sql")).unwrap();
    reader.run(&["consumers", "push", "--repository", "shop/app", "--commit", "abc123"]).expect(0);
    let listed = owner.run(&["consumers", "list", "--format", "json"]).expect(0).json();
    assert_eq!(listed[0]["repository"], "shop/app");
    assert_eq!(listed[0]["commit"], "abc123");
    assert_eq!(
        owner.query("select consumer, repository, commit from pactum.consumers"),
        json!([{"consumer": "app/list", "repository": "shop/app", "commit": "abc123"}])
    );
    set(&owner, "1.0.0", KEY);
    let report = diff(&owner, &[]).expect(1).json();
    let broken = &report["consumers"]["list"][0];
    assert_eq!(
        (&broken["consumer"], &broken["repository"]),
        (&json!("app/list"), &json!("shop/app"))
    );
    assert_eq!(broken["reasons"][0]["where"], "shop/app:sql/app/list.sql:2:12");
    let impact = owner.run(&["impact", "t.t.id", "--format", "json"]).expect(0).json();
    assert_eq!(impact["consumers"], json!([]));
    assert_eq!(impact["not_planned"], json!(["app/list"]));
    owner.run(&["consumers", "remove", "shop/ap"]).expect(2);
    owner.run(&["consumers", "remove", "shop/app"]).expect(0);
    assert_eq!(diff(&owner, &[]).expect(1).json()["consumers"]["total"], 0);
}

#[test]
fn a_consumer_that_the_change_edits_is_told_what_to_deploy_first() {
    let project = scored();
    let renamed =
        "- { id: score, name: points, logicalType: number, logicalTypeOptions: { maximum: 1 } }";
    project.write("sql/home/top.sql", "-- owner: home\nselect id, points as score from t.t\n");
    set(&project, "1.1.0", &columns(renamed));
    let together =
        |report: &Value| report["consumers"]["list"][0]["deploy"].as_str().unwrap().to_owned();
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(fates(&report), json!([["home/top", "changed-together"]]));
    assert!(together(&report).starts_with("neither may be deployed first"));
    // An alias keeps the old SQL working: the contract goes first.
    let kept = renamed.replace("logicalType: number", "logicalType: number, physicalName: score, customProperties: [{ property: aliases, value: [score] }]");
    set(&project, "1.1.0", &columns(&kept));
    assert!(
        together(&diff(&project, &[]).expect(0).json())
            .starts_with("publish under the new contract first")
    );
    // A consumer that stops reading a column is deployed before its removal.
    project.write("sql/home/top.sql", "-- owner: home\nselect id from t.t\n");
    set(&project, "2.0.0", KEY);
    project.write("pactum.yaml", "default_major: { t: 2 }\n");
    assert!(
        together(&diff(&project, &[]).expect(0).json()).starts_with("deploy the consumer first")
    );
}

#[test]
fn what_does_not_parse_is_never_unaffected() {
    let project = scored();
    project.write("sql/broken.sql", "-- owner: x\nselect from from\n");
    project.write("sql/quote.sql", "-- owner: x\nselect 'open from t.t\n");
    project.write("sql/header.sql", "-- ownr: x\nselect 1\n");
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "two"]);
    set(
        &project,
        "1.1.0",
        &columns(
            "- { id: score, name: score, logicalType: number, logicalTypeOptions: { maximum: 1 } }\n- { name: more }",
        ),
    );
    let report = diff(&project, &["HEAD"]).expect(0).json();
    assert_eq!(
        fates(&report),
        json!([["broken", "not-planned"], ["header", "not-planned"], ["quote", "not-planned"]])
    );
    assert_eq!(report["consumers"]["unaffected"], 2);
    assert_eq!(report["consumers"]["total"], 5);
}

/// Which columns of `t` and `u` a query reads, by what impact says.
#[test]
fn the_columns_that_a_query_reads_come_from_its_plan() {
    let all = "- { id: old, name: a, logicalType: integer, customProperties: [{ property: aliases, value: [was] }] }\n\
        - { name: b, logicalType: integer }\n- { name: c, logicalType: string, enum: [{ value: x }] }\n\
        - { name: l, logicalType: array, items: { logicalType: integer } }\n\
        - { name: o, logicalType: object, properties: [{ name: f, logicalType: integer }] }";
    let project = Project::of_columns(&columns(all));
    let queries = [
        ("plain", "select a from t.t", "a"),
        ("alias", "select was from t.t", "a"),
        ("filter", "select a from t.t where b > 1", "a b"),
        ("order", "select a from t.t order by b", "a b"),
        ("count", "select count(*) from t.t", ""),
        ("star", "select * from t.t", "id a b c l o"),
        ("star_inside", "select a from (select * from t.t) s", "a"),
        ("cte", "with s as (select a, b, c from t.t) select b from s", "b"),
        ("using", "select x.a from t.t x join t.t y using (b)", "a b"),
        ("natural", "select x.a from t.t x natural join (select b, id from t.t) y", "a b id"),
        ("join", "select x.a from t.t x left join t.t y on x.id = y.b", "a b id"),
        ("scalar", "select a, (select max(b) from t.t) as m from t.t", "a b"),
        (
            "correlated",
            "select a from t.t x where exists (select 1 from t.t y where y.b = x.id)",
            "a b id",
        ),
        ("in_query", "select a from t.t where id in (select b from t.t)", "a b id"),
        ("union", "select a from t.t union all select b from t.t", "a b"),
        ("except", "select a from t.t except select b from t.t", "a b"),
        ("distinct", "select distinct c from t.t", "c"),
        ("group", "select sum(a) as s from t.t group by c", "a c"),
        ("sets", "select c, sum(a) as s from t.t group by grouping sets ((c), ())", "a c"),
        ("having", "select c from t.t group by c having max(b) > 1", "b c"),
        ("over", "select sum(a) over (partition by b order by id) as s from t.t", "a b id"),
        ("unused_window", "select a from (select a, sum(b) over () as s from t.t) x", "a"),
        ("unnest", "select unnest(l) as i from t.t", "l"),
        ("field", "select o['f'] as f from t.t", "o"),
        ("cased", "select case c when 'x' then a end as v from t.t", "a c"),
        // Rows of a LATERAL subquery carry the row around them: each of its columns counts as read.
        (
            "lateral",
            "select x.a, y.m from t.t x, lateral (select max(b) as m from t.t z where z.id = x.id) y",
            "a b c id l o",
        ),
        (
            "recursive",
            "with recursive w as (select id, a from t.t union all select w.id, t.b from w join t.t t on t.id = w.a) select id from w",
            "a b id",
        ),
        ("parameter", "select a from t.t where b = $p limit $n", "a b"),
        ("functions", "select array_length(l, 1) as n, upper(c) as u from t.t", "c l"),
        ("values", "select 1 as one", ""),
        ("any", "select a from t.t where id > any (select b from t.t)", "a b id"),
        (
            "lateral_outer",
            "select y.m from t.t x, lateral (select max(z.id) as m from t.t z where z.b > x.a) y",
            "a b c id l o",
        ),
    ];
    for (name, sql, _) in queries {
        let params = match name {
            "parameter" => {
                "-- params:\n--   p: {type: bigint, required: true}\n--   n: {type: integer, default: 5}\n-- endpoint: false\n"
            }
            _ => "",
        };
        project.write(&format!("sql/{name}.sql"), &format!("-- owner: x\n{params}{sql}\n"));
    }
    let lint = project.run(&["lint"]);
    assert_eq!(lint.code, 0, "{}", lint.stdout);
    let mut read: std::collections::BTreeMap<&str, Vec<&str>> =
        queries.iter().map(|q| (q.0, Vec::new())).collect();
    for column in ["a", "b", "c", "id", "l", "o"] {
        let report =
            project.run(&["impact", &format!("t.t.{column}"), "--format", "json"]).expect(0).json();
        for consumer in report["consumers"].as_array().unwrap() {
            let name = consumer["consumer"].as_str().unwrap();
            read.get_mut(name).unwrap().push(column);
        }
    }
    for (name, sql, expected) in queries {
        let mut expected: Vec<&str> = expected.split_whitespace().collect();
        expected.sort_unstable();
        assert_eq!(read[name], expected, "{sql}");
    }
}

#[test]
fn consumers_are_linted_for_what_plans_and_is_wrong_all_the_same() {
    let project = Project::of_columns(&columns(
        "- { name: c, logicalType: string }\n- { name: day, logicalType: date }\n- { name: ok, logicalType: boolean }",
    ));
    project.write("sql/text.sql", "-- owner: x\nselect id from t.t where c = 1\n");
    project.write("sql/list.sql", "-- owner: x\nselect id from t.t\nwhere id in ('a', 'b')\n");
    project.write("sql/join.sql", "-- owner: x\nselect a.id from t.t a join t.t b on a.id = b.c\n");
    project.write("sql/truth.sql", "-- owner: x\nselect id from t.t where ok = 'maybe'\n");
    project.write("sql/param.sql", "-- owner: x\n-- params:\n--   d: {type: bigint, required: true}\nselect id from t.t where day = $d\n");
    project.write("sql/star.sql", "-- owner: x\n-- params: {}\nselect * from t.t\n");
    project.write(
        "sql/using.sql",
        "-- owner: x\nselect id from t.t join (select c as id from t.t) y using (id)\n",
    );
    project.write(
        "sql/cased.sql",
        "-- owner: x\nselect case id when 'abc' then 1 end as n from t.t\n",
    );
    project.write("sql/fine.sql", "-- owner: x\nselect id from t.t where day >= '2026-01-01' and id = '5' and ok and c in ('1')\n");
    let run = project.run(&["lint"]).expect(1);
    insta::assert_snapshot!("lint-consumers-that-plan", run.stdout);
    let github = project.run(&["lint", "--format", "github"]).expect(1).stdout;
    assert!(github.contains("::error file=sql/text.sql,line=2,col=26,title=C005"), "{github}");
    for (status, words) in [
        ("draft", "without a new version"),
        ("deprecated", "move to"),
        ("retired", "no longer maintained"),
    ] {
        let text =
            contract("1.0.0", KEY, "").replace("status: active", &format!("status: {status}"));
        let project = Project::new(&[("t", &text)]);
        project.write("sql/q.sql", "-- owner: x\nselect id from t.t\n");
        let run = project.run(&["lint"]).expect(0);
        assert!(run.stdout.contains("C007") && run.stdout.contains(words), "{}", run.stdout);
    }
}

/// A change with something of every kind.
fn rich() -> Project {
    let enums = |more: &str| {
        format!(
            "- {{ name: state, logicalType: string, enum: [{{ value: new }}, {{ value: paid }}{more}] }}"
        )
    };
    let score = "- { name: score, logicalType: number, logicalTypeOptions: { maximum: 1 } }";
    let project = Project::of_columns(&columns(&format!(
        "{score}\n{}\n- {{ name: note, logicalType: string, description: Old. }}",
        enums("")
    )));
    project.write("sql/home/top.sql", "-- owner: home\nselect id, note from t.t\n");
    project.write(
        "sql/steps.sql",
        "-- owner: ops\nselect case state when 'new' then 1 when 'paid' then 2 end as step from t.t\n",
    );
    project.write("sql/scores.sql", "-- owner: search\n-- params: {}\nselect id, score from t.t\n");
    in_git(&project);
    let score = score.replace("maximum: 1", "maximum: 100");
    set(
        &project,
        "1.1.0",
        &columns(&format!(
            "{score}\n{}\n- {{ name: extra, logicalType: string }}",
            enums(", { value: sent }")
        )),
    );
    project.write(
        "sql/scores.sql",
        "-- owner: search\n-- params: {}\nselect id, score::varchar as score from t.t\n",
    );
    project.write("waivers.yaml", &format!("diff:\n- {{contract: t, rule: consumer-broken, consumer: steps, {WAIVER}, expires: 2099-01-01}}\n"));
    project
}

#[test]
fn a_report_is_written_in_every_format() {
    let project = rich();
    let commit = git(&project, &["rev-parse", "--short", "HEAD"]);
    for format in ["human", "json", "markdown", "sarif", "junit", "github"] {
        let run = project.run(&["diff", "--format", format]).expect(1);
        let text = run.stdout.replace(commit.trim(), "COMMIT");
        let text = regex(r#"(uuid|timestamp|time)="[^"]*""#, &text);
        insta::assert_snapshot!(format!("diff-{format}"), text);
    }
}

fn regex(pattern: &str, text: &str) -> String {
    regress::Regex::new(pattern).unwrap().replace_all(text, "")
}

#[test]
fn lineage_is_drawn_in_every_format() {
    let columns = columns(
        "- { name: score, logicalType: number }\n- { name: parent, logicalType: integer, relationships: [{ to: t.id }] }",
    );
    let project = Project::of_columns(&columns);
    project.write(
        "sql/home/top.sql",
        "-- owner: home\nselect id, score * 2 as doubled from t.t where parent > 0\n",
    );
    project.write("sql/odd.sql", "-- owner: x\nselect <b> from\n");
    for format in ["mermaid", "dot", "json"] {
        let run = project.run(&["lineage", "--format", format]).expect(0);
        insta::assert_snapshot!(format!("lineage-{format}"), run.stdout);
    }
    let run = project.run(&["impact", "t.t.score"]).expect(0);
    insta::assert_snapshot!("impact", run.stdout);
    project.run(&["impact", "t.t.scroe"]).expect(2);
    project.run(&["lineage", "nothing"]).expect(2);
}

#[test]
fn a_commit_is_read_as_its_working_tree_would_be() {
    let text = contract("1.0.0", &columns("- { name: v, logicalType: integer }"), "");
    let removed = contract("1.0.1", KEY, "");
    // Folders named by shared settings, a hidden folder, one above the project, a link.
    let layouts: [(&str, &str, &str); 4] = [
        ("", "extends: shared.yaml\n", "defs/c.odcs.yaml"),
        ("", "contracts: .data\n", ".data/c.odcs.yaml"),
        ("app/", "contracts: ../defs\n", "defs/c.odcs.yaml"),
        ("", "contracts: linked\n", "defs/c.odcs.yaml"),
    ];
    for (folder, settings, place) in layouts {
        let project = Project::new(&[]);
        std::fs::remove_file(project.path().join("pactum.yaml")).unwrap();
        project.write("shared.yaml", "contracts: defs\n");
        project.write(place, &text);
        if settings.contains("linked") {
            std::fs::create_dir(project.path().join("linked")).unwrap();
            std::os::unix::fs::symlink(
                "../defs/c.odcs.yaml",
                project.path().join("linked/c.odcs.yaml"),
            )
            .unwrap();
        }
        project.write(&format!("{folder}pactum.yaml"), settings);
        in_git(&project);
        project.write(place, &removed);
        let at = if folder.is_empty() { "." } else { "app" };
        let run = project.run(&["--project", at, "diff", "--format", "json"]).expect(1);
        assert_eq!(rules(&run.json()), ["column-removed"], "{settings}");
        if settings.contains("linked") {
            project.run(&["diff", "--fix"]).expect(0);
            assert!(project.path().join("linked/c.odcs.yaml").is_symlink());
            assert!(
                std::fs::read_to_string(project.path().join(place))
                    .unwrap()
                    .contains("version: 2.0.0")
            );
        }
    }
}

#[test]
fn hostile_repositories_end_in_a_diagnostic() {
    let project = scored();
    // Links that lead back above themselves.
    for name in ["a", "b"] {
        std::os::unix::fs::symlink(".", project.path().join("contracts").join(name)).unwrap();
    }
    project.run(&["lint"]).expect(0);
    std::fs::remove_file(project.path().join("contracts/a")).unwrap();
    std::fs::remove_file(project.path().join("contracts/b")).unwrap();
    // Bytes that are not text, and oversized documents, in the base.
    std::fs::write(project.path().join("sql/bytes.sql"), b"-- owner: x\nselect '\xff'").unwrap();
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "bytes"]);
    std::fs::remove_file(project.path().join("sql/bytes.sql")).unwrap();
    diff(&project, &["HEAD"]).expect(0);
    project.write("contracts/large.odcs.yaml", &"#".repeat(2 << 20));
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "large"]);
    assert_eq!(diff(&project, &["HEAD"]).expect(1).json()["error"]["code"], "too-large");
    git(&project, &["rm", "-q", "contracts/large.odcs.yaml"]);
    // A revision is never taken for an option.
    let run = project.run(&["diff", "--format", "json", "--", "--output=x"]).expect(2);
    assert_eq!(run.json()["error"]["code"], "unknown-revision");
}

#[test]
fn what_a_document_says_is_no_markup_and_no_command() {
    let name = "x` <img src=e> @team";
    let odd = columns(&format!("- {{ name: {name:?}, physicalName: x, logicalType: integer }}"));
    let project = Project::of_columns(&odd);
    project.write(
        "sql/q.sql",
        "-- owner: \"me\\n::error::pwned\"\nselect \"x` <img src=e> @team\" as x from t.t\n",
    );
    in_git(&project);
    set(&project, "1.0.0", KEY);
    let markdown = project.run(&["diff", "--format", "markdown"]).expect(1).stdout;
    let outside = regress::Regex::new("`[^`\n]*`").unwrap().replace_all(&markdown, "");
    assert!(!outside.contains("<img") && !outside.contains(" @team"), "{markdown}");
    let github = project.run(&["diff", "--format", "github"]).expect(1).stdout;
    assert!(!github.lines().any(|line| line.starts_with("::error::")), "{github}");
}

#[test]
fn faults_of_documents_are_written_in_the_format_that_was_asked_for() {
    let project = scored();
    project.write("contracts/t.odcs.yaml", "id: t\nversion 1\n");
    for (format, words) in [
        ("github", "::error file=contracts/t.odcs.yaml"),
        ("sarif", "\"ruleId\": \"L001\""),
        ("junit", "<failure"),
        ("markdown", "L001"),
    ] {
        let run = project.run(&["diff", "--format", format]).expect(1);
        assert!(run.stdout.contains(words), "{format}: {}{}", run.stdout, run.stderr);
    }
    // Two documents of one id and major are ambiguous.
    let text = contract("1.0.0", KEY, "");
    project.write("contracts/t.odcs.yaml", &text);
    project.write("contracts/u.odcs.yaml", &text);
    assert!(diff(&project, &[]).expect(1).json().to_string().contains("occurs twice"));
}

#[test]
fn annotations_name_files_from_the_top_of_the_repository() {
    let project = Project::new(&[]);
    project.write("data/pactum.yaml", "{}\n");
    project.write("data/contracts/t.odcs.yaml", &contract("1.0.0", &columns("- { name: v }"), ""));
    in_git(&project);
    project.write("data/contracts/t.odcs.yaml", &contract("1.0.0", KEY, ""));
    let run = crate::support::pactum(&project.path().join("data"), &["diff", "--format", "github"])
        .expect(1);
    assert!(
        run.stdout.contains("::error file=data/contracts/t.odcs.yaml,line=5"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_path_of_the_working_tree_is_no_base_for_it() {
    let project = scored();
    for path in ["contracts/t.odcs.yaml", "contracts", "."] {
        assert_eq!(
            diff(&project, &[path]).expect(2).json()["error"]["code"],
            "same-side",
            "{path}"
        );
    }
    let text = std::fs::read_to_string(project.path().join("contracts/t.odcs.yaml")).unwrap();
    project.write("old.odcs.yaml", &text.replace("maximum: 1 ", "maximum: 0.5 "));
    assert_eq!(rules(&diff(&project, &["old.odcs.yaml"]).expect(1).json()), ["limit-loosened"]);
    assert_eq!(
        rules(&diff(&project, &["main", "contracts/t.odcs.yaml"]).expect(0).json()),
        Vec::<String>::new()
    );
}

#[test]
fn consumers_of_a_released_major_plan_after_the_next_one_has_come() {
    let project = released();
    project.write("sql/scores.sql", "-- owner: x\nselect score from t.t\n");
    git(&project, &["add", "-A"]);
    git(&project, &["commit", "-qm", "consumer"]);
    set(&project, "2.0.0", KEY);
    project.run(&["lint"]).expect(0);
    let report = diff(&project, &["HEAD"]).expect(0).json();
    assert_eq!(fates(&report), json!([["scores", "to-migrate"]]));
    assert!(
        report["consumers"]["list"][0]["reasons"][0]["hint"]
            .as_str()
            .unwrap()
            .contains("'t_v2' names the next")
    );
    // Later changes still know who reads the old one.
    git(&project, &["commit", "-qam", "two"]);
    set(&project, "2.1.0", &columns("- { name: more }"));
    let report = diff(&project, &["HEAD"]).expect(0).json();
    assert_eq!(report["consumers"]["not_planned"], 0);
}

#[test]
fn waivers_are_found_by_code_and_the_one_that_holds_counts() {
    let project = scored();
    set(
        &project,
        "1.0.0",
        &columns(
            "- { id: score, name: score, logicalType: number, logicalTypeOptions: { maximum: 2 } }",
        ),
    );
    let one = |rule: &str, contract: &str, day: &str| {
        format!(
            "- {{contract: {contract}, rule: {rule}, element: t.score, {WAIVER}, expires: {day}}}\n"
        )
    };
    project.write("waivers.yaml", &format!("diff:\n{}", one("D026", "t", "2099-01-01")));
    diff(&project, &[]).expect(0);
    // One that has expired stands before the one that was renewed.
    let both = [one("limit-loosened", "t", "2020-01-01"), one("limit-loosened", "t", "2099-01-01")]
        .concat();
    project.write("waivers.yaml", &format!("diff:\n{both}"));
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(violations(&report), Vec::<String>::new());
    assert_eq!(report["notices"].as_array().unwrap().len(), 1);
    project.write("waivers.yaml", &format!("diff:\n{}", one("limit-loosened", "tt", "2099-01-01")));
    let report = diff(&project, &[]).expect(1).json();
    assert!(
        report["notices"][0]["message"]
            .as_str()
            .unwrap()
            .contains("contract 'tt', which is not there")
    );
    project.write("waivers.yaml", &format!("diff:\n- {{contract: t, rule: bump-too-small, element: version, {WAIVER}, expires: 2099-01-01}}\n"));
    diff(&project, &[]).expect(0);
}

#[test]
fn a_removal_before_its_time_is_told_of_fields_and_renames_and_not_of_a_major_beside() {
    let nested = "- { name: o, logicalType: object, properties: [{ name: f, logicalType: integer, deprecated: true, customProperties: [{ property: deprecatedSince, value: '2020-01-01' }] }, { name: g, logicalType: integer }] }";
    let project = Project::of_columns(&columns(nested));
    project.write("pactum.yaml", "diff: { deprecation: { days: 30, versions: 1 } }\n");
    in_git(&project);
    set(
        &project,
        "2.0.0",
        &columns(
            "- { name: o, logicalType: object, properties: [{ name: g, logicalType: integer }] }",
        ),
    );
    diff(&project, &[]).expect(0);
    set(
        &project,
        "2.0.0",
        &columns(
            "- { name: o, logicalType: object, properties: [{ name: f, logicalType: integer, deprecated: true }] }",
        ),
    );
    assert_eq!(violations(&diff(&project, &[]).expect(1).json()), ["removed-without-deprecation"]);
    // The old major is beside the new one: nothing was removed.
    set(&project, "1.0.0", &columns(nested));
    project.write("contracts/t2.odcs.yaml", &contract("2.0.0", KEY, ""));
    diff(&project, &[]).expect(0);
}

#[test]
fn texts_of_every_kind_are_read_and_pointed_into() {
    let project = Project::of_columns(&columns(
        "- { name: Übung, physicalName: u, logicalType: string, required: true, enum: [{ value: p }, { value: q }] }",
    ));
    project.write(
        "sql/crlf.sql",
        "-- owner: me\r\n-- summary: é\r\nselect id,\r\n  \"Übung\" from t.t\r\n",
    );
    project.write("sql/in.sql", "-- owner: me\nselect id from t.t where \"Übung\" in ('p', 'q')\n");
    project.write("pactum.yaml", "diff: { breaking_if: used }\n");
    in_git(&project);
    set(
        &project,
        "1.1.0",
        &columns(
            "- { name: Übung, physicalName: u, logicalType: string, enum: [{ value: p }, { value: q }, { value: r }] }",
        ),
    );
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(violations(&report), ["bump-too-small", "consumer-broken"]);
    assert_eq!(fates(&report), json!([["in", "broken"], ["crlf", "changed"]]));
    assert_eq!(
        project.run(&["impact", "t.t.Übung", "--format", "json"]).expect(0).json()["consumers"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn a_bare_name_that_means_another_major_is_judged_by_both_documents() {
    let score = "- { name: score, logicalType: number, logicalTypeOptions: { maximum: 1 } }";
    let project = Project::of_columns(&columns(score));
    project.write(
        "contracts/t2.odcs.yaml",
        &contract("2.0.0", &columns(&score.replace("maximum: 1 ", "maximum: 100 ")), ""),
    );
    project.write("sql/q.sql", "-- owner: x\nselect score from t.t\n");
    project.write("sql/named.sql", "-- owner: x\nselect score from t_v1.t\n");
    in_git(&project);
    project.write("pactum.yaml", "default_major: { t: 2 }\n");
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(fates(&report), json!([["q", "affected"]]));
}

#[test]
fn a_column_that_joins_in_by_its_name_is_told() {
    let project = Project::new(&[(
        "t",
        &contract("1.0.0", &columns("- { name: x, logicalType: integer }"), ""),
    )]);
    project.write(
        "contracts/u.odcs.yaml",
        &contract("1.0.0", KEY, "").replace("id: t\nname: t", "id: u\nname: u"),
    );
    project
        .write("sql/natural.sql", "-- owner: x\nselect count(*) as n from t.t natural join u.t\n");
    in_git(&project);
    project.write(
        "contracts/u.odcs.yaml",
        &contract("1.1.0", &columns("- { name: x, logicalType: integer }"), "")
            .replace("id: t\nname: t", "id: u\nname: u"),
    );
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(fates(&report), json!([["natural", "changed"]]));
}

#[test]
fn publish_and_diff_agree_on_waivers_policy_and_majors() {
    let project = released();
    let waiver = format!(
        "diff:\n- {{contract: t, rule: bump-too-small, element: version, {WAIVER}, expires: 2099-01-01}}\n"
    );
    project.write("waivers.yaml", &waiver);
    set(&project, "1.0.1", KEY);
    project.parquet("k.parquet", vec![("id", longs([1]))]);
    diff(&project, &[]).expect(0);
    let fixed = diff(&project, &["--fix"]).expect(0).json();
    assert_eq!(fixed["contracts"][0]["head_version"], "1.0.1");
    project.run(&["publish", "t", "t=k.parquet"]).expect(0);
    // The policy applies here too.
    project.write("pactum.yaml", "warehouse: ./warehouse\ndiff: { reserved_names: [t.score] }\n");
    set(
        &project,
        "1.1.0",
        &columns("- { name: score, logicalType: integer, physicalType: bigint }"),
    );
    project.parquet("s.parquet", vec![("id", longs([1])), ("score", longs([1]))]);
    let run = project.run(&["publish", "t", "t=s.parquet"]).expect(1);
    assert!(run.stderr.contains("is reserved"), "{}", run.stderr);
    // No major begins below one that is released.
    set(&project, "0.9.0", KEY);
    let run = project.run(&["publish", "t", "t=k.parquet"]).expect(1);
    assert!(run.stderr.contains("major 1 is released"), "{}", run.stderr);
}
