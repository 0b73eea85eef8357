//! Drafts from data: what one file merely happens to hold is not stated of the next ones.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, StringArray};
use serde_json::json;

use crate::support::{Project, clause, longs, shared, texts};

fn project() -> Project {
    Project::of_columns("- { name: a, logicalType: integer }")
}

fn words(values: impl IntoIterator<Item = String>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// A draft from the first file, which lints clean and which its own data keep.
#[track_caller]
fn drafted(project: &Project, file: &str) -> String {
    let run = ["infer", file, "--name", "drafted", "--table", "rows"];
    let draft = project.run(&run).expect(0).stdout;
    project.write("contracts/drafted.odcs.yaml", &draft);
    project.run(&["lint", "contracts/drafted.odcs.yaml"]).expect(0);
    holds(project, file);
    draft
}

#[track_caller]
fn holds(project: &Project, file: &str) {
    let report = project.run(&["check", "drafted", file, "--format", "json"]).json();
    assert_eq!(report["verdict"], "passed", "{file}: {report:#}");
}

/// The part of a draft that is about one column.
#[track_caller]
fn column<'a>(draft: &'a str, name: &str) -> &'a str {
    let begin = draft.find(&format!("      - name: {name}\n")).unwrap_or_else(|| panic!("{draft}"));
    let rest = &draft[begin + 8..];
    let end = rest.find("\n      - name: ").or_else(|| rest.find("\n    quality:"));
    &rest[..end.unwrap_or(rest.len())]
}

#[test]
fn no_bound_is_drawn_from_one_value_a_handful_or_a_period() {
    let project = project();
    project.parquet(
        "a.parquet",
        vec![
            ("id", longs(1..=200)),
            ("fixed", longs((0..200).map(|_| 7))),
            ("flag", longs((0..200).map(|n| n % 2))),
            ("year", longs((0..200).map(|n| 1900 + n % 100))),
            ("month", longs((0..200).map(|n| 1 + n % 12))),
            ("amount", longs((0..200).map(|n| n * 3))),
            ("rating", longs((0..200).map(|n| n % 11))),
            ("visits", longs((0..200).map(|n| n % 11))),
            ("length", longs((0..200).map(|n| 230 + n % 40))),
            ("temperature", longs((0..200).map(|n| n % 30))),
        ],
    );
    let draft = drafted(&project, "a.parquet");
    for name in ["fixed", "flag", "year", "month", "length", "temperature"] {
        let found = column(&draft, name);
        assert!(!found.contains("logicalTypeOptions"), "{found}");
    }
    assert!(column(&draft, "amount").contains("{ minimum: 0 }"), "{draft}");
    assert!(column(&draft, "visits").contains("{ minimum: 0 }"), "{draft}");
    assert!(column(&draft, "rating").contains("{ minimum: 0, maximum: 10 }"), "{draft}");
    // What was seen is still told.
    assert!(column(&draft, "year").contains("# from 1900 to 1999"), "{draft}");
}

#[test]
fn shares_are_bounded_and_small_quantities_are_not() {
    let project = project();
    let floats = |value: fn(i32) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values((0..200).map(value)))
    };
    project.parquet(
        "a.parquet",
        vec![
            ("even", floats(|n| f64::from(n) / 200.0)),
            ("probability", floats(|n| 0.2 + f64::from(n) / 1000.0)),
            ("rain", floats(|n| if n % 10 == 0 { f64::from(n) / 201.0 } else { 0.0 })),
        ],
    );
    let draft = drafted(&project, "a.parquet");
    assert!(column(&draft, "even").contains("maximum: 1"), "{draft}");
    assert!(column(&draft, "probability").contains("maximum: 1"), "{draft}");
    assert!(!column(&draft, "rain").contains("maximum"), "{draft}");
}

#[test]
fn an_enum_lists_neither_one_value_nor_periods_ids_or_what_was_met_once() {
    let project = project();
    let of = |list: &'static [&'static str]| {
        words((0..200).map(move |n| list[n % list.len()].to_owned()))
    };
    let rare = (0..200).map(|n| if n == 0 { "rare" } else { ["x", "z"][n % 2] }.to_owned());
    project.parquet(
        "a.parquet",
        vec![
            ("kind", of(&["gold", "silver"])),
            ("only", of(&["gold"])),
            ("presentation", of(&["2013B", "2013J", "2014B"])),
            ("quarter_of", of(&["Q1", "Q2"])),
            ("since", of(&["Jan", "Feb", "Mar"])),
            ("module_code", of(&["AAA", "BBB", "CCC"])),
            ("seldom", words(rare)),
        ],
    );
    let draft = drafted(&project, "a.parquet");
    assert!(column(&draft, "kind").contains("enum:"), "{draft}");
    for name in ["only", "presentation", "quarter_of", "since", "module_code", "seldom"] {
        assert!(!column(&draft, name).contains("enum:"), "{name}: {draft}");
    }
    assert!(draft.contains("# 1 distinct value\n"), "{draft}");
}

#[test]
fn a_key_prefers_ids_texts_and_dates_and_one_of_measures_is_a_comment() {
    let project = project();
    let days: ArrayRef = Arc::new(Date32Array::from_iter_values((0..60).map(|n| 19_000 + n / 2)));
    project.parquet(
        "a.parquet",
        vec![
            ("population", longs((0..60).map(|n| 1_000 + n * n))),
            ("day", days),
            ("country", words((0..60).map(|n| ["NO", "SE"][n % 2].to_owned()))),
        ],
    );
    let draft = drafted(&project, "a.parquet");
    assert!(draft.contains("# key (day, country): verified on every row"), "{draft}");
    assert!(draft.contains("perhaps by accident, as it measures: (population)"), "{draft}");
    assert!(!column(&draft, "population").contains("primaryKey"), "{draft}");
    // An id wins over a text that is unique too.
    project.parquet(
        "b.parquet",
        vec![
            ("name_of", words((0..60).map(|n| format!("n {n}")))),
            ("item_id", longs((0..60).map(|n| n * 7))),
        ],
    );
    let draft = drafted(&project, "b.parquet");
    assert!(column(&draft, "item_id").contains("primaryKey: true"), "{draft}");
    assert!(!column(&draft, "name_of").contains("primaryKey"), "{draft}");
}

#[test]
fn where_no_key_is_found_the_draft_says_what_was_tried() {
    let project = project();
    let gaps: ArrayRef = Arc::new(Int64Array::from_iter((0..9).map(|n| (n > 0).then_some(n))));
    let scores: ArrayRef = Arc::new(Float64Array::from_iter_values((0..9).map(f64::from)));
    project.parquet(
        "a.parquet",
        vec![("kind", texts((0..9).map(|_| Some("x")))), ("gaps", gaps), ("score", scores)],
    );
    let draft = drafted(&project, "a.parquet");
    for words in [
        "# no key was found; tried, alone: kind\n",
        "# not tried: gaps (has NULL), score (a floating-point number)\n",
    ] {
        assert!(draft.contains(words), "{draft}");
    }
}

#[test]
fn row_numbers_of_a_notebook_are_explained_and_left_out() {
    let project = project();
    project.write("a.csv", ",city,n\n0,Oslo,5\n1,Rome,6\n2,Bern,7\n");
    let draft = drafted(&project, "a.csv");
    assert!(draft.contains("the column without a name is a data frame's row index"), "{draft}");
    assert!(draft.contains("to_csv(index=False)"), "{draft}");
    assert!(draft.contains("# key (city)"), "{draft}");
    project.parquet(
        "a.parquet",
        vec![("n", longs([5, 5, 6])), ("__index_level_0__", longs([0, 2, 3]))],
    );
    let draft = drafted(&project, "a.parquet");
    assert!(draft.contains("column __index_level_0__ is a data frame's row index"), "{draft}");
    assert!(
        draft.contains("to_parquet(index=False)") && !draft.contains("- name: __index"),
        "{draft}"
    );
    // Without it the data are the same.
    project.parquet("b.parquet", vec![("n", longs([5, 5, 6]))]);
    holds(&project, "b.parquet");
    // An index that holds data is part of them.
    let codes = words(["a", "b", "c"].map(str::to_owned));
    project.parquet("c.parquet", vec![("n", longs([5, 5, 6])), ("__index_level_0__", codes)]);
    let draft = drafted(&project, "c.parquet");
    assert!(
        draft.contains("- name: __index_level_0__") && draft.contains("reset_index()"),
        "{draft}"
    );
}

#[test]
fn words_for_missing_values_become_missing_values_of_the_others_type() {
    let project = project();
    project.write(
        "a.csv",
        "id,weight,born,colour,country\n1,70.5,2001-02-03,red,NO\n2,NA,n/a,N/A,NA\n3,81,,blue,SE\n",
    );
    let draft = drafted(&project, "a.csv");
    assert!(column(&draft, "weight").contains("logicalType: number"), "{draft}");
    assert!(column(&draft, "weight").contains("missingValues: [null, NA]"), "{draft}");
    assert!(column(&draft, "colour").contains("missingValues: [null, \"N/A\"]"), "{draft}");
    // Namibia.
    assert!(!column(&draft, "country").contains("missingValues"), "{draft}");
    let report = project.run(&["check", "drafted", "a.csv", "--format", "json"]).json();
    let all = report["tables"][0]["clauses"].as_array().unwrap();
    let missing = |column: &str| {
        let found = all.iter().find(|c| c["kind"] == "missingValues" && c["column"] == column);
        found.unwrap()["failing_rows"].clone()
    };
    assert_eq!((missing("weight"), missing("born")), (json!(1), json!(2)));
    // Another text is still a fault of the type.
    project.write("b.csv", "id,weight,born,colour,country\n1,heavy,n/a,red,NO\n2,NA,n/a,red,SE\n");
    let report = project.run(&["check", "drafted", "b.csv", "--format", "json"]).json();
    assert_eq!(clause(&report, "rows/weight/logicalType")["failing_rows"], 1);
    assert_eq!(clause(&report, "rows/born/logicalType")["verdict"], "passed");
}

#[test]
fn a_listed_placeholder_is_missing_where_a_value_is_required() {
    let project = Project::of_columns(
        "- { name: w, logicalType: number, required: true, quality: [{ id: gone, metric: missingValues, \
         arguments: { missingValues: [NA] }, mustBe: 0, severity: warning }] }",
    );
    project.write("a.csv", "w\n1.5\nNA\nx\n");
    let report = project.check("a.csv");
    for (id, rows) in [("t/w/logicalType", 1), ("t/w/required", 1), ("t/w/gone", 1)] {
        assert_eq!(clause(&report, id)["failing_rows"], rows, "{id}: {report:#}");
    }
}

#[test]
fn whole_numbers_in_doubles_are_said_to_be_whole_and_may_become_integers() {
    let project = project();
    let gaps =
        |values: &[Option<f64>]| -> ArrayRef { Arc::new(Float64Array::from(values.to_vec())) };
    project.parquet(
        "a.parquet",
        vec![("week", gaps(&[Some(1.0), None, Some(3.0)])), ("w", gaps(&[Some(0.5), None, None]))],
    );
    let draft = drafted(&project, "a.parquet");
    assert!(column(&draft, "week").contains("every number is whole"), "{draft}");
    assert!(column(&draft, "week").contains("write astype('Int64')"), "{draft}");
    assert!(!column(&draft, "week").contains("physicalType"), "{draft}");
    assert!(!column(&draft, "w").contains("every number is whole"), "{draft}");
    project.parquet(
        "b.parquet",
        vec![("week", longs([1, 2, 3])), ("w", gaps(&[None, None, Some(1.5)]))],
    );
    holds(&project, "b.parquet");
    project.parquet("whole.parquet", vec![("week", gaps(&[Some(1.0), Some(2.0), Some(4.0)]))]);
    let draft = drafted(&project, "whole.parquet");
    assert!(column(&draft, "week").contains("write astype('int64')"), "{draft}");
    assert!(!column(&draft, "week").contains("gaps"), "{draft}");
}

#[test]
fn dates_of_json_are_read_as_those_of_csv() {
    let project = project();
    project.write(
        "a.ndjson",
        "{\"id\": \"007\", \"day\": \"2026-01-31\", \"at\": \"2026-01-31T12:00:00Z\", \"n\": 1.5, \"tags\": [1]}\n\
         {\"id\": \"8\", \"day\": \"2026-02-01\", \"at\": \"2026-02-01T12:00:00Z\", \"n\": 2, \"tags\": []}\n",
    );
    let draft = drafted(&project, "a.ndjson");
    for (name, word) in
        [("id", "string"), ("day", "date"), ("at", "timestamp"), ("n", "number"), ("tags", "array")]
    {
        let shown = if name == "n" { "\"n\"" } else { name };
        assert!(column(&draft, shown).contains(&format!("logicalType: {word}")), "{draft}");
    }
}

#[test]
fn the_name_of_a_thing_is_not_a_persons() {
    let project = project();
    let names = || words((0..60).map(|n| format!("Name {n}")));
    project.parquet(
        "airports.parquet",
        vec![("faa", words((0..60).map(|n| format!("K{n}")))), ("name", names())],
    );
    let of = |file: &str| project.run(&["infer", file]).expect(0).stdout;
    assert!(!of("airports.parquet").contains("classification"));
    project.parquet("customers.parquet", vec![("id", longs(0..60)), ("name", names())]);
    assert!(column(&of("customers.parquet"), "name").contains("classification: confidential"));
    project.parquet("list.parquet", vec![("age", longs(0..60)), ("name", names())]);
    assert!(column(&of("list.parquet"), "name").contains("classification: confidential"));
    // A flag about an address is none.
    let flags: ArrayRef = Arc::new(arrow::array::BooleanArray::from(vec![true, false]));
    project.parquet("sent.parquet", vec![("email_sent", longs([3, 4])), ("is_mobile", flags)]);
    assert!(!of("sent.parquet").contains("classification"));
}

#[test]
fn numbers_beyond_a_double_are_drafted_as_decimals() {
    let project = project();
    project
        .write("a.csv", "id,price,ratio\n1,12345678901234567.89,0.30000000000000004\n2,0.50,0.5\n");
    let draft = drafted(&project, "a.csv");
    assert!(column(&draft, "price").contains("numeric(19,2)"), "{draft}");
    assert!(column(&draft, "ratio").contains("physicalType: double"), "{draft}");
}

/// Files of a series, the first of which a draft is made from.
#[track_caller]
fn series(project: &Project, files: &[String]) {
    let draft = drafted(project, &files[0]);
    for file in &files[1..] {
        let report = project.run(&["check", "drafted", file, "--format", "json"]).json();
        assert_eq!(report["verdict"], "passed", "{file}\n{draft}\n{report:#}");
    }
}

#[test]
fn a_draft_from_the_first_delivery_holds_for_the_later_ones() {
    let Some(folder) = shared("data/movietweetings") else { return };
    let day = |n| folder.join(format!("ratings-2013-08-{n}.parquet")).display().to_string();
    series(&project(), &(19..=26).map(day).collect::<Vec<_>>());
}

#[test]
fn a_draft_from_one_presentation_holds_for_the_later_ones() {
    let Some(folder) = shared("data/oulad") else { return };
    for table in ["courses", "assessments", "vle", "studentInfo", "studentRegistration"] {
        let project = project();
        let file = std::fs::File::open(folder.join(format!("{table}.parquet"))).unwrap();
        let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file);
        let batches: Vec<_> = reader.unwrap().build().unwrap().map(Result::unwrap).collect();
        let all = arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap();
        let periods = arrow::compute::cast(
            all.column_by_name("code_presentation").unwrap(),
            &arrow::datatypes::DataType::Utf8,
        )
        .unwrap();
        let mut files = Vec::new();
        for period in ["2013B", "2013J", "2014B", "2014J"] {
            let scalar = StringArray::new_scalar(period);
            let rows = arrow::compute::kernels::cmp::eq(&periods, &scalar).unwrap();
            let part = arrow::compute::filter_record_batch(&all, &rows).unwrap();
            let name = format!("{period}.parquet");
            let to = std::fs::File::create(project.path().join(&name)).unwrap();
            let mut writer = parquet::arrow::ArrowWriter::try_new(to, part.schema(), None).unwrap();
            writer.write(&part).unwrap();
            writer.close().unwrap();
            files.push(name);
        }
        series(&project, &files);
    }
}
