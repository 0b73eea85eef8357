//! Documents: every block of the README is run, and generated files are not stale.

use crate::support::root;

#[test]
fn every_block_of_the_readme_runs_and_says_what_it_shows() {
    // In a separate folder: the blocks write.
    let folder = tempfile::tempdir().unwrap();
    for (name, target) in [
        ("README.md", "README.md"),
        // README.in holds the files that its blocks run on.
        (
            "tests/rules/lint/unknown-word.odcs.yaml",
            "README.in/tests/rules/lint/unknown-word.odcs.yaml",
        ),
    ] {
        let target = folder.path().join(target);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(root().join(name), target).unwrap();
    }
    // The contract of the section on changes.
    let learning = std::fs::read_to_string(root().join("contracts/learning.odcs.yaml")).unwrap();
    let next = learning.replacen("- name: level\n", "- name: course_level\n", 1);
    std::fs::write(folder.path().join("README.in/next.odcs.yaml"), next).unwrap();
    trycmd::TestCases::new()
        .env("PACTUM_PUBLISHER", "tester")
        .case(folder.path().join("README.md"))
        .run();
}

#[test]
fn the_readme_names_every_command() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for command in [
        "demo",
        "init",
        "lint",
        "explain",
        "schema",
        "check",
        "infer",
        "profile",
        "publish",
        "releases",
        "query",
        "tables",
        "describe",
        "diff",
        "impact",
        "lineage",
        "consumers",
    ] {
        assert!(readme.contains(&format!("pactum {command}")), "README does not name {command}");
    }
}

/// The page of every rule of change, by code.
fn rules_of_change() -> String {
    let mut page = "# What a change breaks\n\n\
        Every rule of `pactum diff`. A change has a verdict for the **reader** (consumers' SQL) and one for\n\
        the **writer** (the producer's code and existing files), and needs a step of the contract's\n\
        version. `draft`, `proposed` and 0.x contracts may change without one; `diff: {mode: write}`\n\
        counts what breaks the writer as major, `full` what breaks either side. `pactum explain CODE`\n\
        shows a rule's page.\n"
        .to_owned();
    for rule in pactum::compat::rules::RULES {
        let (meta, text) = (rule.doc.meta, rule.doc.page());
        let body = text.split_once("\n\n").map_or("", |(_, body)| body);
        let body = body.replace("## ", "### ");
        page.push_str(&format!("\n## {} {}\n\n{}", meta.code, meta.name, body.trim_end()));
        page.push('\n');
    }
    page
}

#[test]
fn the_page_of_the_rules_of_change_is_not_stale() {
    let path = root().join("docs/what-a-change-breaks.md");
    let fresh = rules_of_change();
    if std::env::var_os("PACTUM_TEST_WRITE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == fresh,
        "run: PACTUM_TEST_WRITE=1 tests/run --test it -- page_of_the_rules"
    );
}

#[test]
fn the_schema_that_editors_read_is_not_stale() {
    let committed = std::fs::read_to_string(root().join("contracts/odcs.schema.json")).unwrap();
    let fresh = crate::support::pactum(&root(), &["schema"]).expect(0).stdout;
    assert!(committed == fresh, "run: pactum schema > contracts/odcs.schema.json");
}
