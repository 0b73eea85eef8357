//! Releases on the command line: the same words for every command, and what is said before the first one.

use serde_json::json;

use crate::support::{Project, longs};

fn project() -> Project {
    let project = Project::of_columns("- { name: v, logicalType: integer }");
    project.parquet("t.parquet", vec![("v", longs([1]))]);
    project
}

fn of_two_releases() -> Project {
    let project = project();
    for v in [1, 2] {
        project.parquet("t.parquet", vec![("v", longs([v]))]);
        assert_eq!(project.publish("t.parquet")["outcome"], "released");
    }
    project
}

#[test]
fn a_release_is_named_alike_wherever_one_is_named() {
    let project = of_two_releases();
    for (word, number) in
        [("latest", 2), ("current", 2), ("LATEST", 2), ("-1", 1), ("1", 1), ("01", 1), ("2", 2)]
    {
        let sql = format!("select v from t.t for release {word}");
        assert_eq!(project.query(&sql), json!([{ "v": number }]), "{word}");
        let query =
            project.run(&["query", "select v from t.t", "--release", word, "--format", "json"]);
        assert_eq!(query.expect(0).json(), json!([{ "v": number }]), "{word}");
        let named = format!("t={word}");
        let query =
            project.run(&["query", "select v from t.t", "--release", &named, "--format", "json"]);
        assert_eq!(query.expect(0).json(), json!([{ "v": number }]), "{named}");
        let show = project.run(&["releases", "show", "t", word, "--format", "json"]).expect(0);
        assert_eq!(show.json()["release"], number, "{word}");
        project.run(&["check", "t", "--release", word]).expect(0);
    }
    for word in ["head", "HEAD", "newest", "v1", "#1", "+1", "-0", "1.0", ""] {
        for command in [&["query", "select v from t.t"][..], &["check", "t"]] {
            let run = project.run(&[command, &["--release", word]].concat()).expect(2);
            assert!(run.stderr.contains(&format!("'{word}' is not a release")), "{}", run.stderr);
            assert!(run.stderr.contains("--release latest (or current)"), "{}", run.stderr);
        }
    }
    for back in ["-2", "3"] {
        project.run(&["check", "t", "--release", back]).expect(2);
        project.run(&["query", "select v from t.t", "--release", back]).expect(2);
        project.run(&["releases", "show", "t", back]).expect(2);
    }
}

#[test]
fn before_the_first_release_every_command_says_so_and_how_to_make_one() {
    let project = project();
    let line = "pactum publish t t=FILES makes the first release";
    let list = project.run(&["releases", "t"]).expect(0);
    assert_eq!(list.stdout.trim_end(), format!("contract 't' has not been released yet: {line}"));
    assert_eq!(project.run(&["releases", "t", "--format", "json"]).expect(0).json(), json!([]));
    for command in [
        &["releases", "show", "t"][..],
        &["releases", "show", "t", "1"],
        &["check", "t", "--release", "latest"],
        &["check", "t", "--release", "1"],
        &["check", "t", "--release", "-1"],
        &["query", "select v from t.t"],
        &["query", "select v from t.t", "--release", "1"],
        &["query", "select v from t.t", "--as-of", "2020-01-01"],
        &["query", "select v from t.t for release 1"],
        &["query", "describe t.t"],
    ] {
        let run = project.run(command).expect(2);
        assert!(run.stderr.contains("released yet"), "{command:?}: {}", run.stderr);
        assert!(run.stderr.contains(line), "{command:?}: {}", run.stderr);
    }
    let run = project.run(&["releases", "tt"]).expect(2);
    assert!(run.stderr.contains("no contract 'tt'"), "{}", run.stderr);
    let run = project.run(&["query", "select v from t.orders"]).expect(2);
    assert!(run.stderr.contains("tables: t.t"), "{}", run.stderr);
}

#[test]
fn a_rejected_attempt_is_not_a_release() {
    let project = Project::of_columns("- { name: v, logicalType: integer, required: true }");
    project.parquet("t.parquet", vec![("w", longs([1]))]);
    assert_eq!(project.publish("t.parquet")["outcome"], "rejected");
    let list = project.run(&["releases", "t"]).expect(0);
    assert!(list.stdout.contains("has not been released yet"), "{}", list.stdout);
    let all = project.run(&["releases", "t", "--all"]).expect(0);
    assert!(all.stdout.contains("rejected"), "{}", all.stdout);
    let show = project.run(&["releases", "show", "t"]).expect(2);
    assert!(show.stderr.contains("has not been released yet"), "{}", show.stderr);
}

#[test]
fn a_date_alone_is_the_start_of_its_day_in_utc_and_the_first_release_is_named() {
    let project = of_two_releases();
    let times = project.query("select time from pactum.releases order by release");
    let first = times[0]["time"].as_str().unwrap().to_owned();
    let day = &first[..10];
    let ask = |instant: &str| {
        let query = ["query", "select v from t.t", "--format", "json", "--as-of", instant];
        project.run(&query)
    };
    for instant in [day.to_owned(), format!("{day}T00:00:00Z"), "2001-01-01".to_owned()] {
        let error = ask(&instant).expect(2).json()["error"].clone();
        let at = format!("{}T00:00:00Z", &instant[..10]);
        let message = format!("nothing of 't' was released by then ({at})");
        assert_eq!(error["message"], message);
        let hint = format!(
            "--as-of {first} reads its first release; a date alone means the start of that day in UTC"
        );
        assert_eq!(error["hint"], hint);
    }
    let error = ask(&format!("{}T01:00:00+01:30", "2001-01-01")).expect(2).json();
    assert_eq!(
        error["error"]["message"],
        "nothing of 't' was released by then (2000-12-31T23:30:00Z)"
    );
    assert_eq!(ask(&first).expect(0).json(), json!([{ "v": 1 }]));
}
