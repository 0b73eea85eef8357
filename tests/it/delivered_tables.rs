//! Delta tables as deliveries: what their log says of names, rows and values is what the table holds.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Int32Array, ListArray, StringArray, StructArray, new_null_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields};
use serde_json::{Value, json};

use crate::support::{Project, clause, longs, texts};

const KEYED: &str = "- { name: a, logicalType: integer, primaryKey: true }";

/// A column of a table's schema.
fn field(name: &str, data_type: &Value) -> Value {
    json!({ "name": name, "type": data_type, "nullable": true, "metadata": {} })
}

/// The same under another name and id in files.
fn mapped(name: &str, data_type: &Value, physical: &str, id: i32) -> Value {
    let mut field = field(name, data_type);
    field["metadata"] =
        json!({ "delta.columnMapping.id": id, "delta.columnMapping.physicalName": physical });
    field
}

/// A Delta table whose log is written by hand.
struct Table {
    fields: Vec<Value>,
    partitions: Vec<&'static str>,
    properties: Value,
    features: Vec<&'static str>,
    adds: Vec<Value>,
}

impl Table {
    fn of(fields: Vec<Value>) -> Self {
        let (partitions, features, adds) = (Vec::new(), Vec::new(), Vec::new());
        Self { fields, partitions, properties: json!({}), features, adds }
    }

    /// Adds a file that is there already.
    fn add(mut self, folder: &Path, path: &str, more: &[(&str, Value)]) -> Self {
        let size = std::fs::metadata(folder.join(path)).unwrap().len();
        let mut add = json!({
            "path": path, "partitionValues": {}, "size": size, "modificationTime": 0,
            "dataChange": true,
        });
        for (key, value) in more {
            add[*key] = value.clone();
        }
        self.adds.push(add);
        self
    }

    fn write(&self, folder: &Path) {
        let protocol = match self.features.is_empty() {
            true => json!({ "minReaderVersion": 1, "minWriterVersion": 2 }),
            false => json!({
                "minReaderVersion": 3, "minWriterVersion": 7,
                "readerFeatures": self.features, "writerFeatures": self.features,
            }),
        };
        let schema = json!({ "type": "struct", "fields": self.fields });
        let mut log = vec![
            json!({ "protocol": protocol }),
            json!({ "metaData": {
                "id": "8f7b2a1c-0000-4000-8000-000000000001",
                "format": { "provider": "parquet", "options": {} },
                "schemaString": schema.to_string(), "partitionColumns": self.partitions,
                "configuration": self.properties, "createdTime": 0,
            } }),
        ];
        log.extend(self.adds.iter().map(|add| json!({ "add": add })));
        let text: Vec<String> = log.iter().map(Value::to_string).collect();
        std::fs::create_dir_all(folder.join("_delta_log")).unwrap();
        let commit = folder.join(format!("_delta_log/{:020}.json", 0));
        std::fs::write(commit, text.join("\n")).unwrap();
    }
}

/// Rows, as a deletion vector holds them: behind their magic number, in the portable format.
fn vector(rows: &[u16]) -> Vec<u8> {
    let mut bytes = 1_681_511_377_u32.to_le_bytes().to_vec();
    bytes.extend(1_u64.to_le_bytes());
    bytes.extend(0_u32.to_le_bytes());
    // One container, an array: its key, its count and where it is.
    bytes.extend(12_346_u32.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(0_u16.to_le_bytes());
    bytes.extend((u16::try_from(rows.len()).unwrap() - 1).to_le_bytes());
    bytes.extend(16_u32.to_le_bytes());
    rows.iter().for_each(|row| bytes.extend(row.to_le_bytes()));
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    !crc
}

fn z85(bytes: &[u8]) -> String {
    const SIGNS: &[u8] =
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    let word = |word: &[u8]| {
        let mut n = u32::from_be_bytes(word.try_into().unwrap());
        let mut signs = [0; 5];
        for sign in signs.iter_mut().rev() {
            *sign = SIGNS[usize::try_from(n % 85).unwrap()];
            n /= 85;
        }
        String::from_utf8(signs.to_vec()).unwrap()
    };
    bytes.chunks(4).map(word).collect()
}

/// Writes the file of a deletion vector, and describes it.
fn stored(folder: &Path, prefix: &str, rows: &[u16]) -> Value {
    let id = uuid::Uuid::from_bytes(*b"sixteen bytes it");
    let found = vector(rows);
    let mut bytes = vec![1];
    bytes.extend(u32::try_from(found.len()).unwrap().to_be_bytes());
    bytes.extend(&found);
    bytes.extend(crc32(&found).to_be_bytes());
    let folder = folder.join(prefix);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("deletion_vector_{id}.bin")), bytes).unwrap();
    json!({
        "storageType": "u", "pathOrInlineDv": format!("{prefix}{}", z85(id.as_bytes())), "offset": 1,
        "sizeInBytes": found.len(), "cardinality": rows.len(),
    })
}

fn inline(rows: &[u16]) -> Value {
    let mut bytes = vector(rows);
    let size = bytes.len();
    bytes.resize(size.next_multiple_of(4), 0);
    json!({
        "storageType": "i", "pathOrInlineDv": z85(&bytes), "sizeInBytes": size,
        "cardinality": rows.len(),
    })
}

/// A table `d` of ten rows, some of which its log deletes.
fn deleting(project: &Project, vector: &Value) {
    let folder = project.path().join("d");
    let mut table = Table::of(vec![field("a", &json!("long"))]);
    table.features = vec!["deletionVectors"];
    table.properties = json!({ "delta.enableDeletionVectors": "true" });
    table.add(&folder, "part.parquet", &[("deletionVector", vector.clone())]).write(&folder);
}

#[test]
fn deleted_rows_are_neither_checked_nor_published_and_others_keep_their_numbers() {
    let rule =
        "- { name: a, logicalType: integer, primaryKey: true, logicalTypeOptions: { maximum: 7 } }";
    let project = Project::of_columns(&format!(
        "{rule}\n- {{ name: b, logicalType: string, unique: true, required: true }}"
    ));
    let folder = project.path().join("d");
    // Rows 2 and 9 alone break the contract, and 3 repeats 4.
    let a = longs([0, 1, 99, 4, 4, 5, 6, 7, 3, 99]);
    let names = ["a", "b", "c", "d", "d", "f", "g", "h", "i", "j"];
    let b = texts(names.iter().enumerate().map(|(n, t)| (n != 2).then_some(*t)));
    project.parquet("d/part.parquet", vec![("a", a), ("b", b)]);
    let both = || vec![field("a", &json!("long")), field("b", &json!("string"))];
    let write = |vector: Option<Value>| {
        let mut table = Table::of(both());
        table.features = vec!["deletionVectors"];
        let more: Vec<(&str, Value)> = vector.into_iter().map(|v| ("deletionVector", v)).collect();
        table.add(&folder, "part.parquet", &more).write(&folder);
    };
    write(None);
    assert_eq!(project.check("d")["tables"][0]["rows"], 10);
    for vector in
        [stored(&folder, "", &[2, 3, 9]), stored(&folder, "ab", &[2, 3, 9]), inline(&[2, 3, 9])]
    {
        write(Some(vector));
        let report = project.check("d");
        assert_eq!(report["verdict"], "passed", "{report:#}");
        assert_eq!(report["tables"][0]["rows"], 7);
    }
    // The rows that are left keep the numbers that they have in the file.
    write(Some(inline(&[0, 1, 4])));
    let report = project.check("d");
    let found = |id: &str| {
        let samples = clause(&report, id)["samples"].as_array().unwrap().clone();
        samples.into_iter().map(|s| s["row"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(found("t/a/maximum"), [2, 9]);
    assert_eq!(found("t/b/required"), [2]);
    project.run(&["check", "t", "d", "--quarantine", "q"]).expect(1);
    write(Some(inline(&[2, 3, 9])));
    assert_eq!(project.publish("d")["outcome"], "released");
    let sums = project.query("select count(*) n, sum(a) s, min(b) least from t.t");
    assert_eq!(sums, json!([{ "n": 7, "s": "26", "least": "a" }]));
}

#[test]
fn sql_rules_foreign_keys_and_drafts_see_no_deleted_row() {
    let project = Project::of_columns(
        "- name: a\n  logicalType: integer\n  quality:\n  - { name: n, type: sql, query: 'select count(*) \
         from t where a > 7', mustBe: 0 }",
    );
    let folder = project.path().join("d");
    project.parquet("d/part.parquet", vec![("a", longs(0..10))]);
    deleting(&project, &stored(&folder, "", &[8, 9]));
    let report = project.check("d");
    assert_eq!(clause(&report, "t/a/n")["verdict"], "passed", "{report:#}");
    let profile = project.run(&["profile", "d", "--format", "json"]).expect(0).json();
    assert_eq!((&profile["rows"], &profile["columns"][0]["max"]), (&json!(8), &json!(7)));
    deleting(&project, &stored(&folder, "", &[8]));
    assert_eq!(clause(&project.check("d"), "t/a/n")["measured"], 1);
}

#[test]
fn a_deletion_vector_that_is_damaged_or_lies_elsewhere_is_refused_and_no_bare_file_is_advised() {
    let project = Project::of_columns(KEYED);
    let folder = project.path().join("d");
    project.parquet("d/part.parquet", vec![("a", longs(0..10))]);
    let refused = |vector: &Value, code: &str| {
        deleting(&project, vector);
        let run = project.run(&["check", "t", "d", "--format", "json"]).expect(1);
        let error = &run.json()["error"];
        assert_eq!(error["code"], code, "{error}");
        assert!(!error["hint"].as_str().unwrap().contains("Parquet"), "{error}");
        error["message"].as_str().unwrap().to_owned()
    };
    let good = stored(&folder, "", &[1, 2]);
    let with = |key: &str, value: Value| {
        let mut vector = good.clone();
        vector[key] = value;
        vector
    };
    assert!(refused(&with("cardinality", json!(3)), "damaged-log").contains("3 rows, it has 2"));
    refused(&with("sizeInBytes", json!(7)), "damaged-log");
    refused(&with("offset", json!(9_000)), "damaged-log");
    refused(&with("storageType", json!("x")), "damaged-log");
    assert!(refused(&stored(&folder, "", &[10]), "damaged-log").contains("row 10 of 10"));
    refused(
        &json!({ "storageType": "i", "pathOrInlineDv": "", "sizeInBytes": 0, "cardinality": 0 }),
        "damaged-log",
    );
    // Elsewhere: by an absolute path, by a prefix, by a link.
    let outside = tempfile::tempdir().unwrap();
    stored(outside.path(), "", &[1, 2]);
    let name = format!("deletion_vector_{}.bin", uuid::Uuid::from_bytes(*b"sixteen bytes it"));
    let address = url::Url::from_file_path(outside.path().join(&name)).unwrap();
    let absolute = with("storageType", json!("p"));
    let absolute = |path: &str| {
        let mut vector = absolute.clone();
        vector["pathOrInlineDv"] = json!(path);
        vector
    };
    refused(&absolute(address.as_str()), "foreign-path");
    refused(&absolute("s3://bucket/vector.bin"), "foreign-path");
    let encoded = good["pathOrInlineDv"].as_str().unwrap();
    refused(&with("pathOrInlineDv", json!(format!("../d{encoded}"))), "foreign-path");
    std::os::unix::fs::symlink(outside.path(), folder.join("link")).unwrap();
    refused(&with("pathOrInlineDv", json!(format!("link{encoded}"))), "foreign-path");
    std::fs::remove_file(folder.join("link")).unwrap();
    // An absolute path into the table itself is the table's.
    stored(&folder, "", &[1, 2]);
    let own = url::Url::from_file_path(folder.canonicalize().unwrap().join(&name)).unwrap();
    deleting(&project, &absolute(own.as_str()));
    assert_eq!(project.check("d")["tables"][0]["rows"], 8);
    std::fs::remove_file(folder.join(&name)).unwrap();
    assert!(refused(&good, "damaged-log").contains("missing"));
}

/// Columns under other names than the table's, one of which it has dropped.
fn renamed() -> Vec<(&'static str, ArrayRef)> {
    let inner = Fields::from(vec![
        Field::new("col-5", DataType::Int32, true),
        Field::new("col-9", DataType::Utf8, true),
    ]);
    let fields: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from(vec![1, 2, 3])),
        Arc::new(StringArray::from(vec!["gone"; 3])),
    ];
    let objects = StructArray::new(inner, fields, None);
    let item = Arc::new(Field::new("element", objects.data_type().clone(), true));
    let lists =
        ListArray::new(item, OffsetBuffer::from_lengths([2, 0, 1]), Arc::new(objects), None);
    vec![
        ("col-1", longs([7, 8, 9])),
        ("col-2", texts([Some("x"), None, Some("z")])),
        ("col-3", new_null_array(&DataType::Utf8, 3)),
        ("col-4", Arc::new(lists)),
    ]
}

#[test]
fn columns_have_the_names_of_the_table_and_the_types_of_the_file() {
    let project = Project::of_columns(
        "- { name: a, logicalType: integer, physicalType: bigint, primaryKey: true }\n\
         - { name: word, logicalType: string }\n\
         - name: list\n  logicalType: array\n  items:\n    logicalType: object\n    properties:\n\
         \x20   - { name: n, logicalType: integer, logicalTypeOptions: { maximum: 2 } }",
    );
    let folder = project.path().join("d");
    project.parquet("d/part.parquet", renamed());
    let n = mapped("n", &json!("integer"), "col-5", 5);
    let item = json!({ "type": "struct", "fields": [n] });
    let list = json!({ "type": "array", "elementType": item, "containsNull": true });
    let mut table = Table::of(vec![
        mapped("a", &json!("long"), "col-1", 1),
        mapped("word", &json!("string"), "col-2", 2),
        mapped("list", &list, "col-4", 4),
    ]);
    table.features = vec!["columnMapping"];
    table.properties = json!({ "delta.columnMapping.mode": "name" });
    let table = table.add(&folder, "part.parquet", &[]);
    table.write(&folder);
    let report = project.check("d");
    let failed: Vec<&Value> = report["tables"][0]["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|clause| clause["verdict"] != "passed")
        .collect();
    assert_eq!(failed.len(), 1, "{report:#}");
    assert_eq!(failed[0]["id"], "t/list.items.n/maximum");
    assert_eq!(failed[0]["samples"][0]["row"], 2);
    project.write(
        "contracts/t.odcs.yaml",
        &std::fs::read_to_string(project.path().join("contracts/t.odcs.yaml"))
            .unwrap()
            .replace("maximum: 2", "maximum: 3"),
    );
    assert_eq!(project.publish("d")["outcome"], "released");
    let rows = project.query("select a, word from t.t order by a");
    assert_eq!(rows[0], json!({ "a": 7, "word": "x" }));
    // The file's own type is compared, not the log's.
    project.parquet("d/part.parquet", vec![("col-1", Arc::new(Int32Array::from(vec![1])))]);
    let mut narrow = Table::of(vec![mapped("a", &json!("long"), "col-1", 1)]);
    narrow.features = vec!["columnMapping"];
    narrow.properties = json!({ "delta.columnMapping.mode": "name" });
    narrow.add(&folder, "part.parquet", &[]).write(&folder);
    let report = project.check("d");
    assert_eq!(clause(&report, "t/a/physicalType")["verdict"], "failed", "{report:#}");
}

#[test]
fn columns_that_are_mapped_by_id_are_found_by_their_ids() {
    let project = Project::of_columns(&format!("{KEYED}\n- {{ name: b, logicalType: integer }}"));
    let folder = project.path().join("d");
    let of_id = |name: &str, id: &str| {
        let key = "PARQUET:field_id".to_owned();
        Field::new(name, DataType::Int64, true).with_metadata([(key, id.to_owned())].into())
    };
    // Names in the file are those of the other column.
    let write = |id: &str| {
        let fields = vec![of_id("b", id), of_id("a", "20")];
        let schema = Arc::new(arrow::datatypes::Schema::new(fields));
        let columns = vec![longs([1, 2]), longs([7, 7])];
        let batch = arrow::array::RecordBatch::try_new(schema, columns).unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        let file = std::fs::File::create(folder.join("part.parquet")).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let mut table = Table::of(vec![
            mapped("a", &json!("long"), "other", 12),
            mapped("b", &json!("long"), "third", 20),
        ]);
        table.features = vec!["columnMapping"];
        table.properties = json!({ "delta.columnMapping.mode": "id" });
        table.add(&folder, "part.parquet", &[]).write(&folder);
    };
    write("12");
    let report = project.check("d");
    assert_eq!(report["verdict"], "passed", "{report:#}");
    // Another id is another column: this one is not in the file.
    write("13");
    assert_eq!(clause(&project.check("d"), "t/primaryKey")["verdict"], "failed");
    let mut unknown = Table::of(vec![field("a", &json!("long"))]);
    unknown.properties = json!({ "delta.columnMapping.mode": "riddle" });
    unknown.add(&folder, "part.parquet", &[]).write(&folder);
    let error = project.run(&["check", "t", "d", "--format", "json"]).expect(1).json();
    assert_eq!(error["error"]["code"], "damaged-log", "{error}");
}

/// A table `d` of one file that is partitioned by `p`.
fn partitioned(project: &Project, data_type: &str, value: &Value) {
    let folder = project.path().join("d");
    project.parquet("d/p=x/part.parquet", vec![("a", longs([1, 2]))]);
    let mut table = Table::of(vec![field("a", &json!("long")), field("p", &json!(data_type))]);
    table.partitions = vec!["p"];
    if data_type == "timestamp_ntz" {
        table.features = vec!["timestampNtz"];
    }
    let values = json!({ "p": value });
    table.add(&folder, "p=x/part.parquet", &[("partitionValues", values)]).write(&folder);
}

#[test]
fn partition_columns_have_the_types_of_the_log() {
    for (declared, logged, value, fits) in [
        ("integer", "integer", json!("7"), true),
        ("integer", "string", json!("7"), false),
        ("string", "integer", json!("7"), false),
        ("string", "string", json!("7"), true),
        ("date", "date", json!("2026-01-31"), true),
        ("date", "string", json!("2026-01-31"), false),
        ("number", "decimal(20,2)", json!("12345678901234567.89"), true),
        ("timestamp", "timestamp", json!("2026-01-31 12:00:00"), true),
        ("timestamp", "timestamp", json!("2026-01-31T12:00:00.000001Z"), true),
        ("timestamp", "timestamp_ntz", json!("2026-01-31 12:00:00"), false),
        ("boolean", "boolean", json!("true"), true),
        ("integer", "integer", Value::Null, true),
    ] {
        let project =
            Project::of_columns(&format!("{KEYED}\n- {{ name: p, logicalType: {declared} }}"));
        partitioned(&project, logged, &value);
        let report = project.check("d");
        let expected = if fits { "passed" } else { "failed" };
        assert_eq!(clause(&report, "t/p/logicalType")["verdict"], expected, "{declared} {logged}");
        assert_eq!(report["verdict"], expected, "{declared} {logged}");
    }
}

#[test]
fn partition_values_are_the_logs_and_an_undeclared_partition_column_is_a_column() {
    let project = Project::of_columns(&format!(
        "{KEYED}\n- {{ name: p, logicalType: number, physicalType: 'decimal(20,2)', required: true }}"
    ));
    partitioned(&project, "decimal(20,2)", &json!("12345678901234567.89"));
    assert_eq!(project.publish("d")["outcome"], "released");
    assert_eq!(project.query("select min(p) p from t.t"), json!([{ "p": "12345678901234567.89" }]));
    // An empty text is NULL, as Delta writes it.
    partitioned(&project, "decimal(20,2)", &json!(""));
    assert_eq!(clause(&project.check("d"), "t/p/required")["failing_rows"], 2);
    // What is not of the log's own type is a fault of the log, and is not quoted.
    partitioned(&project, "decimal(20,2)", &json!("much"));
    let error = project.run(&["check", "t", "d", "--format", "json"]).expect(1).json();
    assert_eq!(error["error"]["code"], "damaged-log", "{error}");
    assert!(!error.to_string().contains("much"), "{error}");
    let project = Project::of_columns(KEYED);
    partitioned(&project, "integer", &json!("7"));
    let report = project.check("d");
    assert_eq!(clause(&report, "t/additionalColumns")["verdict"], "failed", "{report:#}");
}

#[test]
fn a_table_that_needs_a_feature_that_is_not_read_is_refused_by_its_name() {
    let project = Project::of_columns(KEYED);
    let folder = project.path().join("d");
    project.parquet("d/part.parquet", vec![("a", longs([1]))]);
    let mut table = Table::of(vec![field("a", &json!("long"))]);
    table.features = vec!["someNewThing"];
    table.add(&folder, "part.parquet", &[]).write(&folder);
    let error = project.run(&["check", "t", "d", "--format", "json"]).expect(2).json();
    assert_eq!(error["error"]["code"], "delta-feature", "{error}");
    assert!(error["error"]["message"].as_str().unwrap().contains("someNewThing"), "{error}");
    assert!(!error["error"]["hint"].as_str().unwrap().contains("Parquet"), "{error}");
}

#[test]
fn a_table_inside_a_folder_is_not_taken_for_its_bare_files() {
    let project = Project::of_columns(KEYED);
    project.parquet("in/d/part.parquet", vec![("a", longs([1]))]);
    let folder = project.path().join("in/d");
    Table::of(vec![field("a", &json!("long"))]).write(&folder);
    let error = project.run(&["check", "t", "in", "--format", "json"]).expect(2).json();
    assert_eq!(error["error"]["code"], "delta-inside", "{error}");
    // The table itself has no file.
    assert_eq!(project.check("in/d")["tables"][0]["rows"], 0);
}

#[test]
fn the_files_of_a_table_are_not_read_without_its_log_however_they_are_named() {
    let project = Project::of_columns(KEYED);
    project.parquet("in/d/country=DE/part.parquet", vec![("a", longs([1]))]);
    project.parquet("in/d/part.parquet", vec![("a", longs([2]))]);
    Table::of(vec![field("a", &json!("long"))]).write(&project.path().join("in/d"));
    let places = ["in/d/part.parquet", "in/d/*.parquet", "in/d/country=DE", "in/*/*/*.parquet"];
    for place in places {
        let error = project.run(&["check", "t", place, "--format", "json"]).expect(2).json();
        assert_eq!(error["error"]["code"], "delta-files", "{place}: {error}");
        let hint = error["error"]["hint"].as_str().unwrap();
        assert!(hint.contains("in/d: "), "{place}: {hint}");
    }
    // Copied away, they are ordinary files.
    project.parquet("out/part.parquet", vec![("a", longs([1]))]);
    assert_eq!(project.check("out/part.parquet")["verdict"], "passed");
}
