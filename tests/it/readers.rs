//! Consumers decide: what a change does to each, by their plans.

use serde_json::{Value, json};

use crate::changes::{KEY, columns, diff, fates, git, in_git, released, set};
use crate::support::{Project, contract};

const STATE: &str =
    "- { name: state, logicalType: string, enum: [{ value: new }, { value: paid }] }";
const MORE: &str = "- { name: state, logicalType: string, enum: [{ value: new }, { value: paid }, { value: sent }] }";

/// What happens to this SQL when a value is added.
fn fate_of(sql: &str) -> String {
    let project = Project::of_columns(&columns(STATE));
    project.write("sql/q.sql", &format!("-- owner: x\n{sql}\n"));
    in_git(&project);
    set(&project, "1.1.0", &columns(MORE));
    let report = diff(&project, &[]).json();
    report["consumers"]["list"][0]["fate"].as_str().unwrap_or("unaffected").to_owned()
}

#[track_caller]
fn all_are(fate: &str, queries: &[&str]) {
    for sql in queries {
        assert_eq!(fate_of(sql), fate, "{sql}");
    }
}

#[test]
fn only_a_list_of_all_values_that_decides_alone_misses_a_new_one() {
    let breaking = [
        "select id from t.t where state in ('new', 'paid')",
        "select id from t.t where id > 3 and state in ('paid', 'new')",
        "select id from t.t where state = 'new' or state = 'paid'",
        "select a.id from t.t a join t.t b on a.id = b.id and b.state in ('new', 'paid')",
        "select id, case state when 'new' then 1 when 'paid' then 2 end as step from t.t",
        "select id, case when state = 'new' then 1 when state = 'paid' then 2 else null end as s from t.t",
    ];
    all_are("broken", &breaking);
    let feeling = [
        "select id, state in ('new', 'paid') as known from t.t",
        "select id from t.t where state in ('new', 'paid') or id > 3",
        "select id from t.t where not (state in ('new', 'paid'))",
        "select id from t.t where state in ('new')",
        "select id from t.t where state in ('new', 'paid', 'sent')",
        "select id, case state when 'new' then 1 when 'paid' then 2 else 3 end as step from t.t",
        "select sum(case when state in ('new', 'paid') then 1 else 0 end) as n from t.t",
        "select id, state from t.t",
    ];
    all_are("affected", &feeling);
    assert_eq!(fate_of("select id from t.t"), "unaffected");
}

#[test]
fn an_edit_is_what_changes_the_tokens() {
    let project = Project::of_columns(&columns("- { name: a, logicalType: integer }"));
    project.write("sql/q.sql", "-- owner: x\nselect id -- all of them\n  , a from t.t\n");
    in_git(&project);
    project.write("sql/q.sql", "-- owner: x\nselect id, a\nfrom t.t -- every one\n");
    assert_eq!(fates(&diff(&project, &[]).expect(0).json()), json!([]));
    // A comment that swallows a column changes the query.
    project.write("sql/q.sql", "-- owner: x\nselect id -- , a\n from t.t\n");
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(fates(&report), json!([["q", "changed"]]));
}

#[test]
fn result_columns_of_one_name_are_told_apart() {
    let sql = "-- owner: x\nselect a.id, b.id from t.t a join t.t b using (v)\n";
    let project = Project::of_columns(&columns("- { name: v, logicalType: integer }"));
    project.write("sql/q.sql", sql);
    in_git(&project);
    set(
        &project,
        "1.1.0",
        &columns("- { name: v, logicalType: integer }\n- { name: w, logicalType: integer }"),
    );
    assert_eq!(fates(&diff(&project, &[]).expect(0).json()), json!([]));
}

#[test]
fn a_second_consumer_of_one_name_is_nobodys_unaffected() {
    let project = Project::of_columns(KEY);
    project.write("pactum.yaml", "sql: [sql, more]\n");
    project.write("sql/q.sql", "-- owner: x\nselect id from t.t\n");
    project.write("more/p.sql", "-- owner: x\nselect id from t.t\n");
    in_git(&project);
    project.write("more/q.sql", "-- owner: y\nselect id from t.t\n");
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(fates(&report), json!([["q", "not-planned"]]));
    assert!(report.to_string().contains("is in two folders"), "{report}");
}

#[test]
fn a_registered_consumer_that_cannot_be_read_is_nobodys_unaffected() {
    let project = released();
    let warehouse = project.path().join("warehouse");
    let reader = Project::new(&[]);
    reader.write("pactum.yaml", &format!("warehouse: {}\n", warehouse.display()));
    reader.write("sql/q.sql", "-- owner: app\nselect id from t.t\n");
    reader.run(&["consumers", "push", "--repository", "shop"]).expect(0);
    let file = warehouse.join("consumers~/shop.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("-- owner: app", "-- ownr: app")).unwrap();
    set(
        &project,
        "1.0.0",
        &columns("- { name: score, logicalType: integer, physicalType: bigint, description: x }"),
    );
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(fates(&report), json!([["q", "not-planned"]]));
    // A newer format is reported as such, whatever else it holds.
    std::fs::write(&file, "{\"format_version\": 2, \"readers\": []}").unwrap();
    let error = diff(&project, &[]).expect(2).json();
    assert_eq!(error["error"]["code"], "newer-format");
}

/// Two majors of `t` side by side; the second has no `score`.
fn majors(project: &Project) {
    let score = columns("- { name: score, logicalType: integer }");
    project.write("contracts/t1.odcs.yaml", &contract("1.0.0", &score, ""));
    project.write("contracts/t2.odcs.yaml", &contract("2.0.0", KEY, ""));
}

#[test]
fn a_flip_of_the_default_major_reaches_who_names_none() {
    let project = Project::new(&[]);
    majors(&project);
    project.write("sql/bare.sql", "-- owner: x\nselect score from t.t\n");
    project.write("sql/named.sql", "-- owner: x\nselect score from t_v1.t\n");
    in_git(&project);
    project.write("pactum.yaml", "warehouse: ./warehouse\ndefault_major: { t: 2 }\n");
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(fates(&report), json!([["bare", "broken"]]));
    assert_eq!(report["contracts"], json!([]));
}

#[test]
fn who_is_new_or_edited_is_told_to_migrate_too() {
    let score = columns("- { name: score, logicalType: integer }");
    let project = Project::of_columns(&score);
    project.write("sql/old.sql", "-- owner: x\nselect id, score from t.t\n");
    in_git(&project);
    majors(&project);
    std::fs::remove_file(project.path().join("contracts/t.odcs.yaml")).unwrap();
    project.write("sql/old.sql", "-- owner: x\nselect id, score + 1 as score from t.t\n");
    project.write("sql/fresh.sql", "-- owner: x\nselect score from t.t\n");
    project.write("sql/next.sql", "-- owner: x\nselect id from t_v2.t\n");
    let report = diff(&project, &[]).expect(0).json();
    let told = |name: &str| -> Value {
        let list = report["consumers"]["list"].as_array().unwrap().iter();
        list.filter(|c| c["consumer"] == name).map(|c| c["fate"].clone()).collect()
    };
    // The document of the first major stays: the bare name means it, and nothing changed for it.
    assert_eq!(told("next"), json!(["new"]));
    set(&project, "2.0.0", KEY);
    std::fs::remove_file(project.path().join("contracts/t2.odcs.yaml")).unwrap();
    git(&project, &["add", "-A"]);
    let report = diff(&project, &[]).expect(0).json();
    let migrate = json!([["fresh", "to-migrate"], ["old", "to-migrate"], ["next", "new"]]);
    assert_eq!(fates(&report), migrate);
    // Without the old document nothing has what they read.
    std::fs::remove_file(project.path().join("contracts/t1.odcs.yaml")).unwrap();
    let report = diff(&project, &[]).expect(1).json();
    let broken = json!([["old", "broken"], ["fresh", "not-planned"], ["next", "new"]]);
    assert_eq!(fates(&report), broken);
}

#[test]
fn who_lists_the_old_values_is_deployed_before_the_new_one_comes() {
    let project = Project::of_columns(&columns(STATE));
    project.write("sql/q.sql", "-- owner: x\nselect id from t.t where state in ('new', 'paid')\n");
    in_git(&project);
    set(&project, "1.1.0", &columns(MORE));
    project.write(
        "sql/q.sql",
        "-- owner: x\nselect id from t.t where state in ('new', 'paid', 'sent')\n",
    );
    let report = diff(&project, &[]).expect(0).json();
    let consumer = &report["consumers"]["list"][0];
    assert_eq!(consumer["fate"], "changed-together");
    assert!(
        consumer["deploy"].as_str().unwrap().starts_with("deploy the consumer first"),
        "{consumer}"
    );
    let place = consumer["reasons"][0]["where"].as_str().unwrap();
    assert!(place.contains(":sql/q.sql:2:"), "the old SQL is where the list was: {place}");
}

#[test]
fn what_breaks_a_consumer_is_told_before_what_it_also_feels() {
    let aliased = MORE.replace("name: state,", "id: s, name: status, physicalName: state, customProperties: [{ property: aliases, value: [state] }],");
    let project =
        Project::of_columns(&columns(&STATE.replace("name: state,", "id: s, name: state,")));
    project.write("sql/q.sql", "-- owner: x\nselect id from t.t where state in ('new', 'paid')\n");
    in_git(&project);
    set(&project, "1.1.0", &columns(&aliased));
    let report = diff(&project, &[]).expect(1).json();
    let message = report["violations"][0]["message"].as_str().unwrap();
    assert!(message.contains("its IN lists every old value"), "{message}");
}

#[test]
fn a_list_of_rows_that_must_not_be_there_passes_nothing_over() {
    let feeling = [
        "select a.id from t.t a where not exists (select 1 from t.t b where b.id = a.id and b.state in ('new', 'paid'))",
        "select id from t.t where id <> all (select id from t.t where state in ('new', 'paid'))",
        "select id from t.t where id not in (select id from t.t where state in ('new', 'paid'))",
        "select id from t.t except select id from t.t where state in ('new', 'paid')",
        "select a.id from t.t a left join t.t b on a.id = b.id and b.state in ('new', 'paid')",
    ];
    all_are("affected", &feeling);
    assert_eq!(
        fate_of(
            "select id from t.t where id in (select id from t.t where state in ('new', 'paid'))"
        ),
        "broken"
    );
}

#[test]
fn an_alias_tells_what_a_column_is_called_now() {
    let project = Project::of_columns(&columns("- { name: segment, logicalType: string }"));
    project.write("sql/q.sql", "-- owner: x\nselect id, segment from t.t\n");
    in_git(&project);
    set(
        &project,
        "1.1.0",
        &columns(
            "- { name: seg, logicalType: string, customProperties: [{ property: aliases, value: [segment] }] }",
        ),
    );
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(crate::changes::rules(&report), ["column-renamed-with-alias"]);
    assert_eq!(fates(&report), json!([["q", "affected"]]));
}

#[test]
fn who_reads_the_next_major_by_an_alias_is_not_taken_for_a_reader_of_the_first() {
    let project = Project::new(&[]);
    let deprecated = contract("1.0.0", &columns("- { name: old, logicalType: string }"), "")
        .replace("status: active", "status: deprecated");
    project.write("contracts/t1.odcs.yaml", &deprecated);
    project.write(
        "contracts/t2.odcs.yaml",
        &contract(
            "2.0.0",
            &columns("- { name: new, logicalType: string, customProperties: [{ property: aliases, value: [old] }] }"),
            "",
        ),
    );
    project.write("sql/q.sql", "-- owner: x\nselect old from t_v2.t\n");
    let linted = project.run(&["lint"]).expect(0).stdout;
    assert!(!linted.contains("C007"), "{linted}");
    let impact = project.run(&["impact", "t_v2.t.new", "--format", "json"]).expect(0).json();
    assert_eq!(impact["consumers"][0]["consumer"], "q");
}

#[test]
fn a_header_that_breaks_leaves_nobody_out() {
    let project = Project::of_columns(&columns("- { name: a, logicalType: integer }"));
    project.write("sql/q.sql", "-- owner: x\nselect a from t.t\n");
    in_git(&project);
    project.write("sql/q.sql", "-- ownr: x\nselect a from t.t\n");
    let report = diff(&project, &[]).expect(0).json();
    assert_eq!(fates(&report), json!([["q", "not-planned"]]));
    // It may have unknown readers.
    git(&project, &["commit", "-qam", "two"]);
    project.write("sql/q.sql", "-- owner: x\nselect id from t.t\n");
    project.write("pactum.yaml", "diff: { breaking_if: used }\n");
    set(&project, "1.1.0", KEY);
    let report = diff(&project, &["HEAD"]).expect(1).json();
    assert_eq!(report["contracts"][0]["findings"][0]["counts_as"], "major");
}

#[test]
fn consumers_of_one_text_that_move_are_each_followed() {
    let project = Project::of_columns(&columns("- { name: a, logicalType: integer }"));
    for (name, owner) in [("p", "one"), ("q", "two")] {
        project
            .write(&format!("sql/{name}.sql"), &format!("-- owner: {owner}\nselect a from t.t\n"));
    }
    in_git(&project);
    for (old, new) in [("p", "x"), ("q", "y")] {
        git(&project, &["mv", &format!("sql/{old}.sql"), &format!("sql/{new}.sql")]);
    }
    set(&project, "1.0.0", KEY);
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(fates(&report), json!([["x", "broken"], ["y", "broken"]]));
}

#[test]
fn a_major_whose_document_is_gone_and_read_is_told() {
    let project = Project::of_columns(&columns("- { name: a, logicalType: integer }"));
    project.write("sql/q.sql", "-- owner: x\nselect a from t.t\n");
    in_git(&project);
    set(&project, "2.0.0", KEY);
    let report = diff(&project, &[]).expect(1).json();
    assert_eq!(fates(&report), json!([["q", "broken"]]));
    let hint = report["consumers"]["list"][0]["reasons"][0]["hint"].as_str().unwrap();
    assert!(hint.contains("contracts/t.v1.odcs.yaml"), "{hint}");
    let old = git(&project, &["show", "HEAD:contracts/t.odcs.yaml"]);
    project.write("contracts/t.v1.odcs.yaml", &old);
    assert_eq!(diff(&project, &[]).expect(0).json()["contracts"][0]["note"], json!(null));
    project.run(&["lint"]).expect(0);
}

#[test]
fn a_list_of_what_was_computed_is_no_list_of_the_column() {
    let feeling = [
        "select id from (select id, case when state = 'new' then 'new' else 'paid' end as k from t.t) x where k in ('new', 'paid')",
        "select id from (select id, upper(state) as k from t.t) x where k in ('new', 'paid')",
        "select id from t.t where id not in (select id from t.t where state in ('new', 'paid'))",
        "select coalesce(case state when 'new' then 1 when 'paid' then 2 end, 0) as n from t.t",
        "select (case state when 'new' then 1 when 'paid' then 2 end) is null as n from t.t",
    ];
    all_are("affected", &feeling);
    let breaking = [
        "with x as (select id, state as k from t.t) select id from x where k in ('new', 'paid')",
        "select id from (select id, state from t.t group by id, state) x where state in ('new', 'paid')",
        "select id from (select id, state from t.t union all select id, state from t.t) x where state in ('new', 'paid')",
    ];
    all_are("broken", &breaking);
}

#[test]
fn a_query_that_reads_its_parts_again_and_again_is_refused_in_time() {
    let project = Project::of_columns(KEY);
    let mut sql = "-- owner: x\nwith c0 as (select id from t.t)".to_owned();
    for n in 1..40 {
        sql.push_str(&format!(
            ", c{n} as (select id from c{m} union all select id from c{m})",
            m = n - 1
        ));
    }
    project.write("sql/q.sql", &format!("{sql} select id from c39\n"));
    let linted = project.run(&["lint"]).expect(1).stdout;
    assert!(linted.contains("the query reads more than 2000 tables"), "{linted}");
    // As many names in quotes as are read at all.
    let names = vec!["\"id\""; 4_000].join(",");
    project.write("sql/q.sql", &format!("-- owner: x\nselect {names} from t.t\n"));
    assert!(project.run(&["lint"]).code <= 1);
}

#[test]
fn rules_and_service_levels_by_the_thousand_are_matched_in_time() {
    let rules = |count: usize, from: usize| -> String {
        let one = |n: usize| {
            format!(
                "  - {{ type: sql, query: \"select count(*) from t where id = {n}\", mustBe: 0 }}\n"
            )
        };
        (from..from + count).map(one).collect()
    };
    let levels = |count: usize, from: usize| -> String {
        let one = |n: usize| format!("- {{ property: p{n}, value: 1, unit: d }}\n");
        (from..from + count).map(one).collect()
    };
    let text = |from: usize| {
        format!(
            "{}slaProperties:\n{}",
            contract("1.0.0", KEY, &format!("quality:\n{}", rules(1_000, from))),
            levels(2_000, from)
        )
    };
    let project = Project::new(&[]);
    project.write("old.odcs.yaml", &text(0));
    project.write("new.odcs.yaml", &text(500));
    let report = diff(&project, &["old.odcs.yaml", "new.odcs.yaml"]).expect(1).json();
    let found = report["contracts"][0]["findings"].as_array().unwrap();
    let of = |rule: &str| found.iter().filter(|f| f["rule"] == rule).count();
    assert_eq!((of("quality-rule-added"), of("quality-rule-removed")), (500, 500));
}
