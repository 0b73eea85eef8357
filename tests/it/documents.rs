//! Documents: every block of the README is run, and what is generated is not stale.

use crate::support::root;

#[test]
fn every_block_of_the_readme_runs_and_says_what_it_shows() {
    // In a folder of its own: the blocks write.
    let folder = tempfile::tempdir().unwrap();
    for (name, target) in [
        ("README.md", "README.md"),
        // What stands in README.in is where its blocks run.
        (
            "tests/rules/lint/unknown-word.odcs.yaml",
            "README.in/tests/rules/lint/unknown-word.odcs.yaml",
        ),
    ] {
        let target = folder.path().join(target);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(root().join(name), target).unwrap();
    }
    trycmd::TestCases::new()
        .env("PACTUM_PUBLISHER", "tester")
        .case(folder.path().join("README.md"))
        .run();
}

#[test]
fn the_readme_names_every_command() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for command in [
        "demo", "init", "lint", "explain", "schema", "check", "infer", "profile", "publish",
        "releases", "query", "tables", "describe",
    ] {
        assert!(readme.contains(&format!("pactum {command}")), "README does not name {command}");
    }
}

#[test]
fn the_schema_that_editors_read_is_not_stale() {
    let committed = std::fs::read_to_string(root().join("contracts/odcs.schema.json")).unwrap();
    let fresh = crate::support::pactum(&root(), &["schema"]).expect(0).stdout;
    assert!(committed == fresh, "run: pactum schema > contracts/odcs.schema.json");
}
