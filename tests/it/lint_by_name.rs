//! `lint` of named consumers: they are planned against the contracts of their project, wherever the command
//! runs, and have the names that they have in it.

use crate::support::{Project, pactum};

fn project() -> Project {
    let project = Project::of_columns("- { name: a, logicalType: integer }");
    project.write("sql/good.sql", "-- owner: x\nselect a from t.t\n");
    project.write("sql/home/bad.sql", "-- owner: x\nselect b from t.t\n");
    project
}

#[test]
fn a_consumer_is_planned_against_its_project_from_anywhere() {
    let project = project();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = |name: &str| project.path().join(name).display().to_string();
    let root = project.path().to_owned();
    let (good, bad) = (path("sql/good.sql"), path("sql/home/bad.sql"));
    for (folder, good, bad) in [
        (root.clone(), "sql/good.sql", "sql/home/bad.sql"),
        (root.join("sql"), "good.sql", "home/bad.sql"),
        (root.join("sql/home"), "../good.sql", "./bad.sql"),
        (elsewhere.path().to_owned(), good.as_str(), bad.as_str()),
    ] {
        pactum(&folder, &["lint", good]).expect(0);
        let run = pactum(&folder, &["lint", bad]).expect(1);
        let message = "consumer 'home/bad' does not plan: there is no column 'b'";
        assert!(run.stdout.contains(message), "{}", run.stdout);
    }
    let run = pactum(elsewhere.path(), &["lint", &path("sql")]).expect(1);
    assert!(run.stdout.contains("0 contracts and 2 consumers: 1 error"), "{}", run.stdout);
}

#[test]
fn a_waiver_of_a_consumer_holds_when_the_consumer_is_named() {
    let project = project();
    project.write(
        "waivers.yaml",
        "diff:\n- {rule: consumer-broken, consumer: home/bad, contract: t, reason: known, \
         approved_by: ann, expires: 2999-01-01}\n",
    );
    let whole = project.run(&["lint", "--format", "json"]);
    let named = project.run(&["lint", "sql/home/bad.sql", "--format", "json"]);
    assert_eq!(whole.code, named.code, "{}{}", whole.stdout, named.stdout);
    assert_eq!(whole.json()["diagnostics"], named.json()["diagnostics"]);
}
