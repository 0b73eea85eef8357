//! The first minute of a new user: demo, init, help, colour.

use crate::support::{pactum, root};

#[test]
fn the_demo_is_a_guided_tour_that_ends_with_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let run = pactum(folder.path(), &["demo", "--dir", "tour", "--learners", "300"]).expect(0);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"(?m)(written to |cd )\S+?/tour", "${1}[DIR]/tour");
    settings.add_filter(r"\(\d+\.\d s so far\)", "([TIME])");
    settings.add_filter(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[ATTEMPT]");
    let _guard = settings.bind_to_scope();
    insta::assert_snapshot!("demo", run.stdout);
    // Every command that the tour ends with works.
    let tour = folder.path().join("tour");
    let (_, outro) = run.stdout.split_once("5. Go on").unwrap();
    let commands: Vec<&str> =
        outro.lines().filter_map(|l| l.trim().strip_prefix("$ pactum ")).collect();
    assert!(commands.len() >= 8);
    for line in commands {
        let words = split(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let expected = i32::from(line.contains("deliveries/2"));
        let run = pactum(&tour, &words);
        assert_eq!(run.code, expected, "{line}: {} {}", run.stdout, run.stderr);
    }
    let again = pactum(folder.path(), &["demo", "--dir", "tour"]).expect(2);
    assert!(again.stderr.contains("not empty"), "{}", again.stderr);
}

#[test]
fn the_same_seed_gives_the_same_tour() {
    let run = |seed: &str| {
        let folder = tempfile::tempdir().unwrap();
        pactum(folder.path(), &["demo", "--dir", "tour", "--learners", "100", "--seed", seed])
            .expect(0);
        std::fs::read(folder.path().join("tour/deliveries/1/results.parquet")).unwrap()
    };
    assert_eq!(run("1"), run("1"));
    assert_ne!(run("1"), run("2"));
}

/// Words of a line, with double quotes.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn init_makes_a_project_that_lints_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    pactum(folder.path(), &["init", "p"]).expect(0);
    let project = folder.path().join("p");
    let lint = pactum(&project, &["lint"]).expect(0);
    assert!(lint.stdout.contains("no problems found"), "{}", lint.stdout);
    std::fs::write(project.join("pactum.yaml"), "warehouse: ./mine\n").unwrap();
    let again = pactum(&project, &["init"]).expect(0);
    assert!(again.stdout.contains("kept   ./pactum.yaml"), "{}", again.stdout);
    assert_eq!(
        std::fs::read_to_string(project.join("pactum.yaml")).unwrap(),
        "warehouse: ./mine\n"
    );
}

#[test]
fn every_command_has_help_with_examples() {
    for command in [
        "demo",
        "init",
        "lint",
        "diff",
        "impact",
        "lineage",
        "consumers",
        "consumers push",
        "consumers list",
        "consumers remove",
        "explain",
        "schema",
        "check",
        "infer",
        "profile",
        "publish",
        "releases",
        "releases show",
        "query",
        "tables",
        "describe",
    ] {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let run = pactum(&root(), &words).expect(0);
        assert!(run.stdout.contains("Examples:"), "{command}: {}", run.stdout);
    }
    // What the list of commands says in a line, the command's own help says at length.
    let check = pactum(&root(), &["check", "--help"]).expect(0).stdout;
    assert!(check.contains("Every clause of the contract in scope gets a verdict"), "{check}");
    insta::assert_snapshot!("help", pactum(&root(), &["--help"]).expect(0).stdout);
}

#[test]
fn there_is_no_colour_where_there_is_no_terminal() {
    let run = pactum(&root(), &["lint", "tests/rules/lint/unknown-key.odcs.yaml"]).expect(1);
    assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
}

#[test]
fn the_repository_is_a_project_that_lints() {
    for project in [".", "examples/oulad", "examples/movietweetings", "examples/large"] {
        let run = pactum(&root(), &["--project", project, "lint"]);
        assert_eq!(run.code, 0, "{project}: {}", run.stdout);
    }
}

#[test]
fn settings_come_from_flag_then_variable_then_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("pactum.yaml"),
        "warehouse: ./from-file\nenvironments:\n  prod: { warehouse: \"${PROD_PLACE}/w\" }\n",
    )
    .unwrap();
    let place = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = crate::support::command(folder.path());
        command.args(arguments).arg("releases").envs(variables.iter().copied());
        let output = crate::support::output(&mut command);
        String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr)
    };
    assert!(place(&[], &[]).contains("from-file"));
    assert!(place(&[], &[("PACTUM_WAREHOUSE", "from-variable")]).contains("from-variable"));
    let both = place(&["--warehouse", "from-flag"], &[("PACTUM_WAREHOUSE", "from-variable")]);
    assert!(both.contains("from-flag"));
    assert!(place(&[], &[("PACTUM_ENV", "prod"), ("PROD_PLACE", "/x")]).contains("/x/w"));
    assert!(place(&["--env", "prod"], &[]).contains("PROD_PLACE is not set"));
}
