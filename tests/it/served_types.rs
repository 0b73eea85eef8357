//! Served types: one for each major, whatever the deliveries hold.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Decimal128Array, Float32Array, Float64Array, Int16Array, Int32Array, ListArray,
    NullArray, StructArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type};
use serde_json::{Value, json};

use crate::support::{Project, clause, contract, longs, texts};

/// The SQL type that readers are served for a column.
fn served(project: &Project, column: &str) -> String {
    let sql = format!(
        "select type from pactum.columns where \"table\" = 't' and \"column\" = '{column}'"
    );
    let rows = project.query(&sql);
    rows[0]["type"].as_str().unwrap_or_else(|| panic!("{rows}")).to_owned()
}

fn publish(project: &Project, array: ArrayRef) -> Value {
    project.parquet("t.parquet", vec![("id", longs(0..array.len() as i64)), ("n", array)]);
    project.publish("t.parquet")
}

fn project(column: &str) -> Project {
    let id = "- { name: id, logicalType: integer, physicalType: bigint, primaryKey: true }";
    Project::of_columns(&format!("{id}\n- {{ name: n, {column} }}"))
}

fn ints(values: impl IntoIterator<Item = i32>) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(values))
}

fn decimals(precision: u8, scale: i8) -> ArrayRef {
    let values = Decimal128Array::from(vec![125, 250]);
    Arc::new(values.with_precision_and_scale(precision, scale).unwrap())
}

#[test]
fn a_wider_delivery_fails_at_its_column_and_says_to_declare_the_type() {
    for (declared, first, second, served_as, declare) in [
        ("logicalType: integer", ints([1, 2]), longs([1, 2]), "integer", "bigint"),
        (
            "logicalType: number",
            Arc::new(Float32Array::from(vec![1.0, 2.0])) as ArrayRef,
            Arc::new(Float64Array::from(vec![1.0, 2.0])) as ArrayRef,
            "real",
            "double",
        ),
        ("logicalType: number", decimals(5, 2), decimals(7, 2), "numeric(5,2)", "numeric(7,2)"),
        ("physicalType: numeric", decimals(5, 2), decimals(7, 2), "numeric(5,2)", "numeric(7,2)"),
        ("description: of no type", ints([1, 2]), longs([1, 2]), "integer", "bigint"),
    ] {
        let project = project(declared);
        assert_eq!(publish(&project, first)["outcome"], "released", "{declared}");
        assert_eq!(served(&project, "n"), served_as, "{declared}");
        let report = publish(&project, second);
        assert_eq!(report["outcome"], "rejected", "{declared}");
        let kind = if declared.starts_with("physical") { "physicalType" } else { "logicalType" };
        let failed = clause(&report, &format!("t/n/{kind}"));
        assert_eq!(failed["verdict"], "failed", "{declared}");
        let reason = failed["reason"].as_str().unwrap();
        assert!(reason.contains("t.parquet has"), "{reason}");
        assert!(reason.contains(&format!("declare physicalType: {declare}")), "{reason}");
        // The hint leads to something that works.
        let id = "- { name: id, logicalType: integer, physicalType: bigint, primaryKey: true }";
        let logical = if declared.starts_with("logical") { declared } else { "description: x" };
        let column = format!("{id}\n- {{ name: n, {logical}, physicalType: \"{declare}\" }}");
        // Readers of a number were planned with doubles: a decimal is another major.
        let is_major = declared == "logicalType: number" && declare.starts_with("numeric");
        let version = if is_major { "2.0.0" } else { "1.1.0" };
        project.write("contracts/t.odcs.yaml", &contract(version, &column, ""));
        let report = project.publish("t.parquet");
        assert_eq!(report["outcome"], "released", "{declared}: {report}");
        if !is_major {
            assert_eq!(served(&project, "n"), declare, "{declared}");
        }
    }
}

#[test]
fn a_narrower_delivery_is_served_as_the_first_release_was() {
    for (declared, first, second, served_as) in [
        ("logicalType: integer", longs([1, 2]), ints([3, 4]), "bigint"),
        (
            "logicalType: integer",
            ints([1, 2]),
            Arc::new(Int16Array::from(vec![3, 4])) as ArrayRef,
            "integer",
        ),
        (
            "logicalType: number",
            Arc::new(Float64Array::from(vec![1.5, 2.0])) as ArrayRef,
            ints([3, 4]),
            "double",
        ),
        ("logicalType: number", decimals(7, 2), decimals(5, 2), "numeric(7,2)"),
        // A file that has no value says nothing of types.
        ("logicalType: integer", ints([1, 2]), Arc::new(NullArray::new(2)) as ArrayRef, "integer"),
    ] {
        let project = project(declared);
        assert_eq!(publish(&project, first)["outcome"], "released", "{declared}");
        let report = publish(&project, second);
        // The same values in a narrower type are the same release.
        let outcome = report["outcome"].as_str().unwrap();
        assert!(["released", "unchanged"].contains(&outcome), "{declared}: {report}");
        assert_eq!(served(&project, "n"), served_as, "{declared}");
    }
}

#[test]
fn a_declared_physical_type_is_served_whatever_admitted_type_is_delivered() {
    let project = project("logicalType: number, physicalType: \"decimal(10,2)\"");
    for precision in [5, 10, 7] {
        let report = publish(&project, decimals(precision, 2));
        assert!(report["outcome"] == "released" || report["outcome"] == "unchanged", "{report}");
        assert_eq!(served(&project, "n"), "numeric(10,2)", "{precision}");
    }
    let rows = project.query("select n from t.t order by id");
    assert!(rows.to_string().contains("1.25") && rows.to_string().contains("2.5"), "{rows}");
}

#[test]
fn a_column_that_a_file_lacks_keeps_the_type_that_readers_know() {
    let project = project("logicalType: integer");
    publish(&project, ints([1, 2]));
    project.parquet("t.parquet", vec![("id", longs([1, 2, 3]))]);
    assert_eq!(project.publish("t.parquet")["outcome"], "released");
    assert_eq!(served(&project, "n"), "integer");
    assert_eq!(publish(&project, ints([7]))["outcome"], "released");
    assert_eq!(served(&project, "n"), "integer");
}

#[test]
fn what_is_inside_a_column_is_served_as_stably_as_the_column() {
    let list = |long: bool| -> ArrayRef {
        match long {
            true => Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1)])])),
            false => Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])])),
        }
    };
    let project_of_lists = project("logicalType: array, items: { logicalType: integer }");
    assert_eq!(publish(&project_of_lists, list(false))["outcome"], "released");
    let report = publish(&project_of_lists, list(true));
    let reason = clause(&report, "t/n/logicalType")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("in items") && reason.contains("physicalType: bigint"), "{reason}");
    // A field that a delivery lacks is NULL, and readers find it.
    let object = |names: &[&str]| -> ArrayRef {
        let field = |name: &&str| {
            (Arc::new(Field::new(*name, DataType::Int32, true)), ints([name.len() as i32]))
        };
        Arc::new(StructArray::from(names.iter().map(field).collect::<Vec<_>>()))
    };
    let project = project(
        "logicalType: object, properties: [{ name: a, logicalType: integer }, { name: bb, logicalType: integer }]",
    );
    assert_eq!(publish(&project, object(&["a", "bb"]))["outcome"], "released");
    let before = served(&project, "n");
    let report = publish(&project, object(&["bb"]));
    assert_eq!(report["outcome"], "released", "{report}");
    assert_eq!(served(&project, "n"), before);
    let rows = project.query("select n from t.t");
    assert_eq!((&rows[0]["n"]["a"], &rows[0]["n"]["bb"]), (&Value::Null, &json!(2)), "{rows}");
}

#[test]
fn a_check_beside_a_warehouse_says_what_publish_would() {
    let project = project("logicalType: integer");
    publish(&project, ints([1, 2]));
    project.parquet("wide.parquet", vec![("id", longs([1])), ("n", longs([1]))]);
    let report = project.check("wide.parquet");
    assert_eq!(clause(&report, "t/n/logicalType")["verdict"], "failed");
    project.parquet("fits.parquet", vec![("id", longs([1])), ("n", ints([1]))]);
    assert_eq!(clause(&project.check("fits.parquet"), "t/n/logicalType")["verdict"], "passed");
}

#[test]
fn a_new_major_and_a_draft_of_another_type_decide_anew() {
    let project = project("logicalType: integer");
    publish(&project, ints([1, 2]));
    let id = "- { name: id, logicalType: integer, physicalType: bigint, primaryKey: true }";
    let columns = format!("{id}\n- {{ name: n, logicalType: integer }}");
    project.write("contracts/t.odcs.yaml", &contract("2.0.0", &columns, ""));
    assert_eq!(publish(&project, longs([1, 2]))["outcome"], "released");
    let draft = |declared: &str| {
        let columns = format!("{id}\n- {{ name: n, {declared} }}");
        contract("0.1.0", &columns, "")
    };
    let project = Project::new(&[("t", &draft("logicalType: integer"))]);
    assert_eq!(publish(&project, ints([1, 2]))["outcome"], "released");
    assert_eq!(publish(&project, longs([1, 2]))["outcome"], "rejected");
    project.write("contracts/t.odcs.yaml", &draft("logicalType: string"));
    let report = publish(&project, texts([Some("a"), Some("b")]));
    assert_eq!(report["outcome"], "released", "{report}");
    assert_eq!(json!(served(&project, "n")), json!("varchar"));
}
