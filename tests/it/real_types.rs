//! Types that real tools write: read for what they mean, or refused by name.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Decimal256Array, DictionaryArray, DurationMicrosecondArray,
    FixedSizeBinaryArray, Float32Array, Int64Array, ListArray, RecordBatch, StringViewArray,
    StructArray, UInt32Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, i256};
use arrow::ipc::writer::{FileWriter, StreamWriter};
use parquet::data_type::{FixedLenByteArray, FixedLenByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::json;

use crate::support::{Project, clause, write_parquet};

const ONE: &str = "00112233-4455-6677-8899-aabbccddeeff";

fn bytes(n: u8) -> Vec<u8> {
    let mut bytes = *uuid::Uuid::parse_str(ONE).unwrap().as_bytes();
    bytes[15] = n;
    bytes.to_vec()
}

/// A file whose only column has Parquet's type UUID, and no Arrow schema.
fn write_uuids(path: &Path, values: &[Option<Vec<u8>>]) {
    let message = "message m { optional fixed_len_byte_array(16) u (UUID); }";
    let schema = Arc::new(parse_message_type(message).unwrap());
    let file = File::create(path).unwrap();
    let properties = Arc::new(WriterProperties::default());
    let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let found: Vec<FixedLenByteArray> =
        values.iter().flatten().map(|v| FixedLenByteArray::from(v.clone())).collect();
    let levels: Vec<i16> = values.iter().map(|value| value.is_some().into()).collect();
    column.typed::<FixedLenByteArrayType>().write_batch(&found, Some(&levels), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

fn batch(column: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable([("u", column, true)]).unwrap()
}

fn write_ipc(path: &Path, batch: &RecordBatch) {
    let mut writer = FileWriter::try_new(File::create(path).unwrap(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
}

#[test]
fn uuids_that_parquet_holds_as_bytes_are_checked_published_and_drafted_as_text() {
    for declared in ["logicalTypeOptions: { format: uuid }", "physicalType: uuid"] {
        let project = Project::of_columns(&format!(
            "- {{ name: u, logicalType: string, {declared}, unique: true }}"
        ));
        write_uuids(&project.path().join("u.parquet"), &[Some(bytes(0xff)), None, Some(bytes(1))]);
        let report = project.check("u.parquet");
        assert_eq!(report["verdict"], "passed", "{report:#}");
        assert_eq!(project.publish("u.parquet")["outcome"], "released");
        let found = project.query(&format!("select count(*) n from t.t where u = '{ONE}'"));
        assert_eq!(found, json!([{ "n": 1 }]));
        // Rows keep their numbers, and a repeated value is shown as text.
        write_uuids(
            &project.path().join("v.parquet"),
            &[None, Some(bytes(0xff)), Some(bytes(0xff))],
        );
        let report = project.check("v.parquet");
        let samples = &clause(&report, "t/u/unique")["samples"];
        assert_eq!((&samples[1]["row"], &samples[1]["value"]), (&json!(2), &json!(ONE)));
        let draft = project.run(&["infer", "u.parquet"]).expect(0).stdout;
        assert!(draft.contains("uuid"), "{draft}");
    }
    // Sixteen bytes are not text where no UUIDs are declared.
    let project = Project::of_columns("- { name: u, logicalType: string }");
    write_uuids(&project.path().join("u.parquet"), &[Some(bytes(1))]);
    assert_eq!(clause(&project.check("u.parquet"), "t/u/logicalType")["verdict"], "failed");
}

#[test]
fn uuids_inside_objects_and_of_arrow_files_are_read_too() {
    let project = Project::of_columns(
        "- name: u\n  logicalType: array\n  items:\n    logicalType: object\n    properties:\n    - { name: k, \
         logicalType: string, logicalTypeOptions: { format: uuid }, required: true }",
    );
    let values = vec![Some(bytes(1)), Some(bytes(2)), None].into_iter();
    let uuids = FixedSizeBinaryArray::try_from_sparse_iter_with_size(values, 16).unwrap();
    let fields = Fields::from(vec![Field::new("k", uuids.data_type().clone(), true)]);
    let objects = StructArray::new(fields, vec![Arc::new(uuids) as ArrayRef], None);
    let item = Arc::new(Field::new("item", objects.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths([2, 0, 1]);
    let lists: ArrayRef = Arc::new(ListArray::new(item, offsets, Arc::new(objects), None));
    write_parquet(&project.path().join("u.parquet"), vec![("u", Arc::clone(&lists))]);
    write_ipc(&project.path().join("u.arrow"), &batch(lists));
    for file in ["u.parquet", "u.arrow"] {
        let report = project.check(file);
        let required = clause(&report, "t/u.items.k/required");
        assert_eq!(
            (&required["failing_rows"], &required["samples"][0]["row"]),
            (&json!(1), &json!(2))
        );
        assert_eq!(clause(&report, "t/u.items.k/format")["verdict"], "passed", "{report:#}");
    }
}

#[test]
fn categories_of_arrow_files_are_read_whatever_their_indices_and_texts_are() {
    let project = Project::of_columns(
        "- { name: u, logicalType: string, required: true, logicalTypeOptions: { maxLength: 3 } }",
    );
    // As Polars writes them: indices of 32 bits without sign, texts as views.
    let keys = UInt32Array::from(vec![Some(0), Some(1), None, Some(0)]);
    let values = Arc::new(StringViewArray::from(vec!["abc", "a category of many letters"]));
    let categories = batch(Arc::new(DictionaryArray::new(keys, values)));
    write_ipc(&project.path().join("c.arrow"), &categories);
    let mut stream = StreamWriter::try_new(
        File::create(project.path().join("s.arrows")).unwrap(),
        &categories.schema(),
    )
    .unwrap();
    stream.write(&categories).unwrap();
    stream.finish().unwrap();
    for file in ["c.arrow", "s.arrows"] {
        let report = project.check(file);
        let row = |id: &str| clause(&report, id)["samples"][0]["row"].clone();
        assert_eq!((row("t/u/required"), row("t/u/maxLength")), (json!(2), json!(1)), "{report:#}");
        assert_eq!(clause(&report, "t/u/logicalType")["verdict"], "passed");
    }
}

#[test]
fn types_that_no_contract_admits_are_refused_by_name_whether_a_type_is_declared_or_not() {
    let half = cast(&Float32Array::from(vec![1.5]), &DataType::Float16).unwrap();
    let long =
        Decimal256Array::from(vec![i256::from_i128(1)]).with_precision_and_scale(50, 2).unwrap();
    let columns: [(&str, ArrayRef); 3] = [
        ("Float16", half),
        ("Duration", Arc::new(DurationMicrosecondArray::from(vec![5]))),
        ("Decimal256(50, 2)", Arc::new(long)),
    ];
    for declared in ["- { name: u, logicalType: number }", "- { name: u, required: true }"] {
        for (name, column) in &columns {
            let project = Project::of_columns(declared);
            write_parquet(&project.path().join("f.parquet"), vec![("u", Arc::clone(column))]);
            write_ipc(&project.path().join("f.arrow"), &batch(Arc::clone(column)));
            for file in ["f.parquet", "f.arrow"] {
                let report = project.check(file);
                let typed = clause(&report, "t/u/logicalType");
                assert_eq!(typed["verdict"], "failed", "{report:#}");
                let reason = typed["reason"].as_str().unwrap();
                assert!(reason.contains(name) && reason.contains("deliver"), "{reason}");
            }
        }
    }
}

#[test]
fn integers_of_128_bits_are_refused_by_name() {
    let project = Project::of_columns("- { name: u, logicalType: number }");
    let path = project.path().join("w.arrow");
    write_ipc(&path, &batch(Arc::new(Int64Array::from(vec![1]))));
    let whole = std::fs::read(&path).unwrap();
    // The widths in the file's two schemas say 64.
    let widths: Vec<usize> =
        (0..whole.len() - 4).filter(|at| whole[*at..*at + 4] == [64, 0, 0, 0]).collect();
    let mut wide = whole.clone();
    for at in widths {
        let mut one = wide.clone();
        one[at] = 128;
        std::fs::write(&path, &one).unwrap();
        let report = project.check("w.arrow");
        let reason =
            clause(&report, "t/readable")["reason"].as_str().unwrap_or_default().to_owned();
        if reason.contains("Int128") {
            assert!(reason.contains("column 'u'") && reason.contains("decimal(38,0)"), "{reason}");
            return;
        }
        wide = whole.clone();
    }
    panic!("no width was found");
}

#[test]
fn decimals_of_256_bits_with_at_most_38_digits_are_stored() {
    let project = Project::of_columns("- { name: u, logicalType: number }");
    let values = Decimal256Array::from(vec![i256::from_i128(150)]);
    let values = values.with_precision_and_scale(38, 2).unwrap();
    assert_eq!(*values.data_type(), DataType::Decimal256(38, 2));
    write_parquet(&project.path().join("f.parquet"), vec![("u", Arc::new(values))]);
    assert_eq!(project.publish("f.parquet")["outcome"], "released");
    assert_eq!(project.query("select u from t.t"), json!([{ "u": "1.50" }]));
}
