//! What is not there asks for nothing: children of absent parents, columns of the null type, files
//! without rows, and columns that were forgotten.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Float64Array, Int64Array, ListArray, MapArray, NullArray, StringArray,
    StructArray, new_empty_array, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use serde_json::{Value, json};

use crate::python::interpreter;
use crate::support::{Project, clause, contract, longs, output, texts};

/// Optional parents of every kind, with children that are required.
const NESTED: &str = "\
- { name: id, logicalType: integer, primaryKey: true }
- name: place
  logicalType: object
  properties:
  - { name: city, logicalType: string, required: true }
  - name: geo
    logicalType: object
    properties:
    - { name: lat, logicalType: number, required: true, logicalTypeOptions: { minimum: 0 } }
- name: tags
  logicalType: array
  logicalTypeOptions: { minItems: 1 }
  items: { logicalType: string, required: true, unique: true }
- name: visits
  logicalType: array
  items:
    logicalType: object
    properties:
    - { name: day, logicalType: integer, required: true }
- name: counts
  logicalType: map
  map:
    key: { logicalType: string }
    value: { logicalType: integer, required: true }
- name: more
  logicalType: object
  logicalTypeOptions: { required: [a], minProperties: 1 }
  properties:
  - { name: a, logicalType: integer }";

fn structs(fields: Vec<(&str, ArrayRef)>, valid: &[bool]) -> ArrayRef {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = fields
        .into_iter()
        .map(|(name, array)| (Field::new(name, array.data_type().clone(), true), array))
        .unzip();
    let nulls = Some(NullBuffer::from(valid.to_vec()));
    Arc::new(StructArray::new(Fields::from(fields), arrays, nulls))
}

fn lists(items: ArrayRef, lengths: &[usize]) -> ArrayRef {
    let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
    Arc::new(ListArray::new(
        field,
        OffsetBuffer::from_lengths(lengths.iter().copied()),
        items,
        None,
    ))
}

fn maps(values: ArrayRef, lengths: &[usize]) -> ArrayRef {
    let keys: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..values.len()).map(|n| n.to_string())));
    let fields = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", values.data_type().clone(), true),
    ]);
    let entries = StructArray::new(fields.clone(), vec![keys, values], None);
    let field = Arc::new(Field::new("entries", DataType::Struct(fields), false));
    let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
    Arc::new(MapArray::new(field, offsets, entries, None, false))
}

fn nulls(rows: usize) -> ArrayRef {
    Arc::new(NullArray::new(rows))
}

/// The clauses that failed or were not executed, with their failing rows.
fn troubles(report: &Value) -> Vec<(String, Value)> {
    let tables = report["tables"].as_array().unwrap_or_else(|| panic!("{report:#}")).iter();
    let clauses = tables.flat_map(|t| t["clauses"].as_array().unwrap());
    clauses
        .filter(|c| ["failed", "not-executed"].contains(&c["verdict"].as_str().unwrap()))
        .map(|c| (c["id"].as_str().unwrap().to_owned(), c["failing_rows"].clone()))
        .collect()
}

#[track_caller]
fn assert_kept(project: &Project, file: &str) -> Value {
    let report = project.check(file);
    let found = troubles(&report);
    assert!(found.is_empty(), "{file}: {found:?} {report:#}");
    assert_eq!(report["verdict"], "passed", "{file}");
    let published = project.publish(file);
    let outcome = published["outcome"].as_str();
    assert!(matches!(outcome, Some("released" | "unchanged")), "{file}: {published:#}");
    report
}

#[test]
fn absent_parents_ask_nothing_of_their_children() {
    let project = Project::of_columns(NESTED);
    let place = |valid: &[bool]| {
        let geo = structs(
            vec![("lat", Arc::new(Float64Array::from(vec![None, None, Some(1.0)])))],
            &[false, false, true],
        );
        structs(vec![("city", texts([None, Some("x"), Some("y")])), ("geo", geo)], valid)
    };
    let day = |n: usize| structs(vec![("day", longs((0..n).map(|n| n as i64)))], &vec![true; n]);
    let files: Vec<(&str, Vec<(&str, ArrayRef)>)> = vec![
        ("none", vec![]),
        ("rows", vec![("place", place(&[false, true, true]))]),
        (
            "field",
            vec![(
                "place",
                structs(vec![("city", texts([None, Some("x"), Some("y")]))], &[false, true, true]),
            )],
        ),
        // Every object is NULL: the field that none of them has is asked of none.
        ("objects", vec![("place", structs(vec![("geo", nulls(3))], &[false; 3]))]),
        (
            "empty lists",
            vec![("visits", lists(day(0), &[0, 0, 0])), ("counts", maps(longs([]), &[0, 0, 0]))],
        ),
        (
            "lists",
            vec![("visits", lists(day(2), &[1, 0, 1])), ("counts", maps(longs([7]), &[0, 1, 0]))],
        ),
    ];
    for (name, columns) in files {
        let mut all = vec![("id", longs([1, 2, 3]))];
        all.extend(columns);
        project.parquet(&format!("{name}.parquet"), all);
        assert_kept(&project, &format!("{name}.parquet"));
    }
}

#[test]
fn a_required_child_fails_in_the_rows_that_have_its_parent_and_in_no_others() {
    let project = Project::of_columns(NESTED);
    let place = structs(
        vec![("geo", structs(vec![("x", longs([1, 2, 3]))], &[true, false, true]))],
        &[true, true, false],
    );
    let visits = lists(structs(vec![("hour", longs([1, 2, 3]))], &[true, true, false]), &[2, 0, 1]);
    let more = structs(vec![("b", longs([1, 2, 3]))], &[true, false, true]);
    project.parquet(
        "a.parquet",
        vec![("id", longs([1, 2, 3])), ("place", place), ("visits", visits), ("more", more)],
    );
    let report = project.check("a.parquet");
    let failing = |id: &str| clause(&report, id)["failing_rows"].clone();
    assert_eq!(failing("t/place.city/required"), 2);
    assert_eq!(failing("t/place.geo.lat/required"), 1);
    assert_eq!(failing("t/visits.items.day/required"), 1);
    assert_eq!(failing("t/more/requiredProperties"), 2, "{report:#}");
    let city = clause(&report, "t/place.city/required");
    assert_eq!(city["reason"], "a.parquet has no field 'place.city'");
    assert_eq!(city["samples"][1]["row"], 1);
    // A file that lacks the whole column beside one that has it.
    project.parquet("in/b.parquet", vec![("id", longs([4, 5]))]);
    std::fs::copy(project.path().join("a.parquet"), project.path().join("in/a.parquet")).unwrap();
    let both = project.check("in");
    assert_eq!(clause(&both, "t/place.city/required")["failing_rows"], 2, "{both:#}");
}

/// One optional column of every type.
const OPTIONAL: &str = "\
- { name: id, logicalType: integer, primaryKey: true }
- { name: a, logicalType: string, unique: true, logicalTypeOptions: { maxLength: 3, pattern: '^x' } }
- { name: b, logicalType: integer, logicalTypeOptions: { minimum: 1, multipleOf: 2 }, enum: [{ value: 2 }] }
- { name: c, logicalType: number, physicalType: 'decimal(10,2)' }
- { name: d, logicalType: boolean }
- { name: e, logicalType: date, logicalTypeOptions: { minimum: '2026-01-01' } }
- { name: f, logicalType: timestamp }
- { name: g, logicalType: array, logicalTypeOptions: { minItems: 1, uniqueItems: true }, items: { logicalType: integer, required: true } }
- name: h
  logicalType: object
  logicalTypeOptions: { required: [x] }
  properties: [{ name: x, logicalType: string, required: true }, { name: y, logicalType: number }]
- { name: i, logicalType: map, map: { key: { logicalType: string }, value: { logicalType: integer, required: true } } }
- { name: j, logicalType: string, relationships: [{ type: foreignKey, to: t.a }] }
- name: k
  logicalType: string
  quality:
  - { id: nulls, metric: nullValues, mustBeLessOrEqualTo: 100 }
  - { id: valid, metric: invalidValues, mustBe: 0, arguments: { validValues: [x] } }
  - { id: twice, metric: duplicateValues, mustBe: 0 }
  - { id: rule, type: sql, query: 'select count(*) from {table} where length({column}) > 0', mustBe: 0 }";

#[test]
fn columns_of_the_null_type_are_admitted_like_absent_ones() {
    let project = Project::of_columns(OPTIONAL);
    let mut columns: Vec<(&str, ArrayRef)> = vec![("id", longs([1, 2, 3]))];
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    columns.extend(names.map(|name| (name, nulls(3))));
    project.parquet("nulls.parquet", columns);
    let report = assert_kept(&project, "nulls.parquet");
    for name in names {
        let found = clause(&report, &format!("t/{name}/logicalType"));
        assert_eq!(found["verdict"], "informational", "{name}");
        let reason = "nulls.parquet has no type for it: every value is NULL";
        assert_eq!(found["reason"], reason, "{name}");
    }
    let rows = project.query("select b, g, h from t.t where c is null and f is null");
    assert_eq!(rows.as_array().unwrap().len(), 3);
    // Inside of lists, objects and maps, and beside a file that has values.
    let inside = vec![
        ("id", longs([1, 2, 3])),
        ("g", lists(nulls(0), &[0, 0, 0])),
        (
            "h",
            structs(
                vec![("x", texts([Some("u"), None, None])), ("y", nulls(3))],
                &[true, false, false],
            ),
        ),
        ("i", maps(nulls(0), &[0, 0, 0])),
    ];
    project.parquet("in/inside.parquet", inside);
    let report = project.check("in");
    // The lists are there and empty, and `minItems` asks for one.
    assert_eq!(troubles(&report), [("t/g/minItems".to_owned(), json!(3))], "{report:#}");
    let values = vec![
        ("id", longs([4])),
        ("a", texts([Some("x")])),
        ("g", lists(longs([5]), &[1])),
        (
            "h",
            structs(
                vec![
                    ("x", texts([Some("v")])),
                    ("y", Arc::new(Float64Array::from(vec![0.5])) as ArrayRef),
                ],
                &[true],
            ),
        ),
        ("i", maps(longs([6]), &[1])),
    ];
    project.parquet("both/b.parquet", values);
    std::fs::copy(project.path().join("nulls.parquet"), project.path().join("both/a.parquet"))
        .unwrap();
    let report = assert_kept(&project, "both");
    assert_eq!(clause(&report, "t/g/logicalType")["verdict"], "passed");
    assert_eq!(project.query("select id from t.t where h['y'] = 0.5"), json!([{ "id": 4 }]));
}

#[test]
fn columns_of_only_null_are_admitted_whatever_type_they_have() {
    let project = Project::of_columns(OPTIONAL);
    // As pandas types a column of NaN, of NaT, and as others type what they know nothing of.
    let types = [
        DataType::Float64,
        DataType::Timestamp(TimeUnit::Nanosecond, None),
        DataType::Utf8,
        DataType::Boolean,
    ];
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    for (n, data_type) in types.iter().enumerate() {
        let only_null = names.map(|name| (name, new_null_array(data_type, 3)));
        let mut columns: Vec<(&str, ArrayRef)> = vec![("id", longs([1, 2, 3]))];
        columns.extend(only_null);
        project.parquet(&format!("{n}.parquet"), columns);
        assert_kept(&project, &format!("{n}.parquet"));
        let rows = project.query("select id from t.t where g is null and h is null and c is null");
        assert_eq!(rows.as_array().unwrap().len(), 3, "{data_type}");
    }
    let report = project.check("0.parquet");
    let found = clause(&report, "t/a/logicalType");
    assert_eq!(found["verdict"], "informational", "{found}");
    let reason = "0.parquet has double-precision number, and every value is NULL";
    assert_eq!(found["reason"], reason);
    // One value is enough to tell the type.
    let some: ArrayRef = Arc::new(Float64Array::from(vec![None, Some(1.0)]));
    project.parquet("some.parquet", vec![("id", longs([1, 2])), ("a", some)]);
    let report = project.check("some.parquet");
    assert_eq!(clause(&report, "t/a/logicalType")["verdict"], "failed");
}

#[test]
fn a_required_column_of_the_null_type_fails_by_its_nulls() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }
- { name: note, logicalType: string, required: true }
- { name: tags, logicalType: array, required: true, items: { logicalType: string, required: true } }";
    let project = Project::of_columns(columns);
    let tags = lists(nulls(2), &[1, 0, 1]);
    project.parquet("a.parquet", vec![("id", nulls(3)), ("note", nulls(3)), ("tags", tags)]);
    let report = project.check("a.parquet");
    let expected = [("t/id/primaryKey", 3), ("t/note/required", 3), ("t/tags.items/required", 2)];
    let expected = expected.map(|(id, rows)| (id.to_owned(), json!(rows)));
    assert_eq!(troubles(&report), expected, "{report:#}");
    assert_eq!(clause(&report, "t/note/required")["samples"][2]["row"], 2);
    // One file has the column, the other does not.
    let tags = || lists(texts([Some("x")]), &[1]);
    project.parquet(
        "in/a.parquet",
        vec![("id", longs([1])), ("note", texts([Some("n")])), ("tags", tags())],
    );
    project.parquet("in/b.parquet", vec![("id", longs([2])), ("tags", tags())]);
    let report = project.check("in");
    let note = clause(&report, "t/note/required");
    assert_eq!(
        (&note["failing_rows"], &note["reason"]),
        (&json!(1), &json!("in/b.parquet has no column 'note'"))
    );
}

#[test]
fn a_file_without_rows_keeps_what_its_rows_would_have_to_keep() {
    let project = Project::of_columns(OPTIONAL);
    // As pandas types columns without values: null, object, float64.
    let types = [DataType::Null, DataType::Utf8, DataType::Float64];
    for (n, data_type) in types.iter().enumerate() {
        let names = ["id", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
        let columns = names.map(|name| (name, new_empty_array(data_type)));
        project.parquet(&format!("{n}.parquet"), columns.to_vec());
        let report = assert_kept(&project, &format!("{n}.parquet"));
        let found = &clause(&report, "t/d/logicalType");
        assert_eq!(found["verdict"], "informational", "{found:#}");
    }
    project.parquet("in/none.parquet", vec![("id", new_empty_array(&DataType::Float64))]);
    project
        .parquet("in/some.parquet", vec![("id", longs([1, 2])), ("a", texts([Some("x"), None]))]);
    let report = assert_kept(&project, "in");
    assert_eq!(clause(&report, "t/id/logicalType")["verdict"], "passed");
    assert_eq!(project.query("select count(*) as n from t.t"), json!([{ "n": 2 }]));
}

#[test]
fn a_forgotten_column_is_said_aloud() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }
- { name: recommended, logicalType: boolean }
- { name: place, logicalType: object, properties: [{ name: city, logicalType: string }] }
- { name: score, logicalType: number, required: true }";
    let project = Project::of_columns(columns);
    let place = || structs(vec![("town", texts([Some("x")]))], &[true]);
    let score = || Arc::new(Float64Array::from(vec![0.5])) as ArrayRef;
    project.parquet("a.parquet", vec![("id", longs([1])), ("score", score())]);
    let said = project.run(&["check", "t", "a.parquet"]).expect(0).stdout;
    for words in [
        "! column 'recommended' is not in the file: it will be NULL",
        "! column 'place' is not in the file",
    ] {
        assert!(said.contains(words), "{said}");
    }
    // A child of an absent column is not missed, and a required column fails by itself.
    project.parquet("b.parquet", vec![("id", longs([1])), ("recomended", longs([1]))]);
    let report = project.check("b.parquet");
    let said: Vec<(&Value, &Value)> =
        report["notices"].as_array().unwrap().iter().map(|n| (&n["message"], &n["hint"])).collect();
    assert_eq!(said.len(), 2, "{report:#}");
    assert_eq!(said[0].0, "column 'recommended' is not in the file: it will be NULL");
    assert_eq!(said[0].1, "is 'recomended' meant, which is in the file?");
    assert_eq!(said[1].0, "column 'place' is not in the file: it will be NULL");
    project
        .parquet("in/a.parquet", vec![("id", longs([1])), ("score", score()), ("place", place())]);
    project.parquet(
        "in/b.parquet",
        vec![
            ("id", longs([2])),
            ("score", score()),
            ("recommended", Arc::new(arrow::array::BooleanArray::from(vec![true]))),
        ],
    );
    let said = project.run(&["check", "t", "in"]).stdout;
    for words in [
        "column 'recommended' is not in in/a.parquet: its rows will have NULL",
        "column 'place' is not in in/b.parquet: its rows will have NULL",
        "column 'place.city' is not in in/a.parquet: its rows will have NULL",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let page = project.run(&["check", "t", "a.parquet", "--format", "html"]).expect(0).stdout;
    assert!(
        page.contains("column 'recommended' is not in the file")
            || page.contains("column &#39;recommended&#39; is not in the file"),
        "{page}"
    );
}

#[test]
fn a_name_of_a_classified_table_is_not_said() {
    let columns = "- { name: id, logicalType: integer }\n- { name: mail, logicalType: string, classification: personal }";
    let project = Project::of_columns(columns);
    // A file without its line of names: what is found in their place are values.
    project.write("a.csv", "7,ann@example.org\n8,bob@example.org\n");
    let report = project.check("a.csv");
    assert_eq!(report.get("notices"), None, "{report:#}");
    assert!(!report.to_string().contains("ann@"), "{report:#}");
}

/// Runs a script of pandas in a folder.
fn pandas(python: &Path, folder: &Path, script: &str) {
    let script = format!("import numpy as np\nimport pandas as pd\n{script}");
    let output = output(Command::new(python).current_dir(folder).args(["-c", &script]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn frames_of_pandas_without_values_are_admitted_and_its_nulls_are_explained() {
    let Some(python) = interpreter() else { return };
    let columns = "- { name: id, logicalType: integer, primaryKey: true }
- { name: note, logicalType: string }
- { name: tags, logicalType: array, items: { logicalType: string, required: true } }
- { name: score, logicalType: number, required: true }";
    let project = Project::of_columns(columns);
    pandas(
        &python,
        project.path(),
        "df = pd.DataFrame({'id': [1, 2], 'score': [0.5, 0.25]})
df['note'] = None
df['tags'] = [[], []]
df.to_parquet('none.parquet')
df[df.score > 1].to_parquet('filtered.parquet')
pd.DataFrame(columns=['id', 'note', 'tags', 'score']).to_parquet('empty.parquet')
pd.DataFrame({'id': [], 'note': [], 'tags': [], 'score': []}).to_parquet('floats.parquet')
df['score'] = [0.5, np.nan]
df.to_parquet('nan.parquet')
",
    );
    for file in ["none", "filtered", "empty", "floats"] {
        assert_kept(&project, &format!("{file}.parquet"));
    }
    let report = project.check("nan.parquet");
    let score = clause(&report, "t/score/required");
    assert_eq!((&score["verdict"], &score["failing_rows"]), (&json!("failed"), &json!(1)));
    assert_eq!(score["reason"], "pandas writes NaN, NaT and None as NULL");
    // Rows that have no NULL need no explanation.
    let report = project.check("none.parquet");
    assert_eq!(clause(&report, "t/score/required")["reason"], Value::Null);
}

#[test]
fn unique_and_foreign_keys_inside_absent_parents_hold() {
    let columns = "- { name: id, logicalType: integer, primaryKey: true }
- name: place
  logicalType: object
  properties:
  - { name: code, logicalType: integer, unique: true, relationships: [{ type: foreignKey, to: t.id }] }
  - name: geo
    logicalType: object
    properties: [{ name: cell, logicalType: integer, unique: true }]";
    let project = Project::new(&[("t", &contract("1.0.0", columns, ""))]);
    let ids = || ("id", longs([1, 2, 3]));
    let other = || {
        structs(
            vec![(
                "geo",
                structs(
                    vec![("cell", Arc::new(Int64Array::from(vec![Some(1), None, Some(1)])))],
                    &[true, true, false],
                ),
            )],
            &[true; 3],
        )
    };
    project.parquet("absent.parquet", vec![ids()]);
    project.parquet("null.parquet", vec![ids(), ("place", nulls(3))]);
    project.parquet("field.parquet", vec![ids(), ("place", other())]);
    for file in ["absent", "null", "field"] {
        assert_kept(&project, &format!("{file}.parquet"));
    }
}
