//! Counts equal those of a plain oracle that looks at one row after the other.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Builder, Int64Builder, ListBuilder, RecordBatch, StringBuilder,
};
use arrow::datatypes::{Float64Type, Int64Type};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{WriterProperties, WriterVersion};
use serde_json::Value;

use crate::support::{Project, Random, clause, contract, note, times};

/// What a row holds.
struct Row {
    whole: Option<i64>,
    number: Option<f64>,
    text: Option<String>,
    items: Option<Vec<Option<i64>>>,
}

/// A rule of the contract with what it fails: a row by itself.
struct Stated {
    id: &'static str,
    fails: Box<dyn Fn(&Row) -> bool>,
}

const WORDS: &[&str] = &[
    "",
    " ",
    "a",
    "ab",
    "abc",
    "ABC",
    "a1",
    "é",
    "日本語",
    "line\nbreak",
    "x-1",
    "٣",
    "e\u{301}",
    "0",
];
const PATTERNS: &[&str] = &[
    "^a", "[0-9]", "\\d$", "^\\w+$", "b|c", ".", "^.{2}$", "^$", "\\s", "^(?!a)", "(.)\\1",
    "[^a-z]",
];

fn row(random: &mut Random) -> Row {
    let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0, 5e-324, f64::MAX];
    let wholes = [i64::MIN, i64::MAX, 0, 1, -1];
    Row {
        whole: match random.below(8) {
            0 => None,
            1 => Some(wholes[random.below(5) as usize]),
            _ => Some(random.below(20) as i64 - 5),
        },
        number: match random.below(8) {
            0 => None,
            1 | 2 => Some(floats[random.below(8) as usize]),
            _ => Some(random.below(1000) as f64 / 250.0 - 1.0),
        },
        text: match random.below(8) {
            0 => None,
            1 => Some(format!("long text {}", random.next())),
            _ => Some(WORDS[random.below(WORDS.len() as u64) as usize].to_owned()),
        },
        items: match random.below(5) {
            0 => None,
            n => {
                Some((1..n).map(|_| Some(random.below(9) as i64 - 2).filter(|v| *v < 6)).collect())
            }
        },
    }
}

fn file(rows: &[Row], path: &std::path::Path, random: &mut Random) {
    let (mut whole, mut number) = (Int64Builder::new(), Float64Builder::new());
    let (mut text, mut items) = (StringBuilder::new(), ListBuilder::new(Int64Builder::new()));
    for row in rows {
        whole.append_option(row.whole);
        number.append_option(row.number);
        text.append_option(row.text.as_deref());
        items.append_option(row.items.clone());
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("whole", Arc::new(whole.finish())),
        ("number", Arc::new(number.finish())),
        ("text", Arc::new(text.finish())),
        ("items", Arc::new(items.finish())),
    ];
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    // Pages by dictionary, plain, or falling back from the one to the other.
    let properties = WriterProperties::builder()
        .set_writer_version(match random.below(2) {
            0 => WriterVersion::PARQUET_1_0,
            _ => WriterVersion::PARQUET_2_0,
        })
        .set_dictionary_enabled(random.below(4) > 0)
        .set_dictionary_page_size_limit([64, 1 << 20][random.below(2) as usize])
        .set_data_page_row_count_limit(1 + random.below(40) as usize)
        .set_write_batch_size(1 + random.below(16) as usize)
        .set_max_row_group_row_count(Some(1 + random.below(60) as usize))
        .build();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let out = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// A contract of random rules, and its rules in plain words.
fn rules(random: &mut Random) -> (String, Vec<Stated>) {
    let low = random.below(8) as i64 - 4;
    let bound = random.below(250) as f64 / 100.0 - 1.0;
    let step = [2, 3, 7][random.below(3) as usize];
    let least = random.below(4) as usize;
    let pattern = PATTERNS[random.below(PATTERNS.len() as u64) as usize];
    let words: Vec<&str> =
        (0..3).map(|_| WORDS[random.below(WORDS.len() as u64) as usize]).collect();
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let list: Vec<String> = words.iter().map(|w| quoted(w)).collect();
    let columns = format!(
        "- name: whole\n  logicalType: integer\n  required: true\n  unique: true\n\
         \x20 logicalTypeOptions: {{ minimum: {low}, multipleOf: {step} }}\n\
         \x20 quality: [{{ id: some, metric: nullValues, mustBe: 0, customProperties: [{{ property: where, value: 'number > 0' }}] }}]\n\
         - name: number\n  logicalType: number\n  logicalTypeOptions: {{ exclusiveMinimum: {bound}, maximum: 2 }}\n\
         - name: text\n  logicalType: string\n  logicalTypeOptions: {{ minLength: {least}, pattern: {} }}\n\
         \x20 quality:\n\
         \x20 - {{ id: valid, metric: invalidValues, mustBe: 0, arguments: {{ validValues: [{}] }} }}\n\
         \x20 - {{ id: gone, metric: missingValues, mustBe: 0, arguments: {{ missingValues: [null, {}] }} }}\n\
         - name: items\n  logicalType: array\n  logicalTypeOptions: {{ maxItems: 2, uniqueItems: true }}\n\
         \x20 items: {{ logicalType: integer, required: true, logicalTypeOptions: {{ minimum: 0 }} }}",
        quoted(pattern),
        list.join(", "),
        quoted(words[0]),
    );
    let ecma = regress::Regex::new(pattern).unwrap();
    let owned: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
    let missing = owned[0].clone();
    let stated = |id, fails: Box<dyn Fn(&Row) -> bool>| Stated { id, fails };
    let outside = move |v: f64, good: bool| !v.is_finite() || !good;
    let all = vec![
        stated("t/whole/required", Box::new(|r| r.whole.is_none())),
        stated("t/whole/minimum", Box::new(move |r| r.whole.is_some_and(|v| v < low))),
        stated("t/whole/multipleOf", Box::new(move |r| r.whole.is_some_and(|v| v % step != 0))),
        stated(
            "t/whole/some",
            Box::new(|r| {
                // SQL orders NaN above every number.
                let scoped = r.number.is_some_and(|v| v > 0.0 || v.is_nan());
                scoped && r.whole.is_none()
            }),
        ),
        stated(
            "t/number/exclusiveMinimum",
            Box::new(move |r| r.number.is_some_and(|v| outside(v, v > bound))),
        ),
        stated(
            "t/number/maximum",
            Box::new(move |r| r.number.is_some_and(|v| outside(v, v <= 2.0))),
        ),
        stated(
            "t/text/minLength",
            Box::new(move |r| r.text.as_ref().is_some_and(|t| t.chars().count() < least)),
        ),
        stated(
            "t/text/pattern",
            Box::new(move |r| r.text.as_ref().is_some_and(|t| ecma.find(t).is_none())),
        ),
        stated(
            "t/text/valid",
            Box::new(move |r| r.text.as_ref().is_some_and(|t| !owned.contains(t))),
        ),
        stated("t/text/gone", Box::new(move |r| r.text.as_ref().is_none_or(|t| *t == missing))),
        stated("t/items/maxItems", Box::new(|r| r.items.as_ref().is_some_and(|i| i.len() > 2))),
        stated(
            "t/items/uniqueItems",
            Box::new(|r| {
                let items = r.items.clone().unwrap_or_default();
                (1..items.len()).any(|n| items[..n].contains(&items[n]))
            }),
        ),
        stated(
            "t/items.items/required",
            Box::new(|r| r.items.as_ref().is_some_and(|i| i.iter().any(Option::is_none))),
        ),
        stated(
            "t/items.items/minimum",
            Box::new(|r| r.items.as_ref().is_some_and(|i| i.iter().flatten().any(|v| *v < 0))),
        ),
    ];
    (columns, all)
}

#[test]
fn counts_equal_those_of_a_plain_oracle() {
    let count = times("PACTUM_TEST_TABLES", 200);
    let mut random = Random(times("PACTUM_TEST_SEED", 17) as u64);
    let mut failing = 0;
    for n in 0..count {
        let (columns, stated) = rules(&mut random);
        let project = Project::new(&[("t", &contract("1.0.0", &columns, ""))]);
        let mut rows: Vec<Row> = (0..random.below(150)).map(|_| row(&mut random)).collect();
        if random.below(3) == 0 {
            rows.sort_by_key(|r| (r.whole.is_none(), r.whole));
        }
        let cut = random.below(rows.len() as u64 + 1) as usize;
        let (left, right) = rows.split_at(cut);
        file(left, &project.path().join("d/a.parquet"), &mut random);
        file(right, &project.path().join("d/b.parquet"), &mut random);
        let report = project.check("d");
        assert!(report["tables"].is_array(), "table {n}: {report:#}\n{columns}");
        for Stated { id, fails } in &stated {
            let expected = rows.iter().filter(|row| fails(row)).count();
            let found = clause(&report, id);
            assert_eq!(found["failing_rows"], expected, "table {n}, {id}: {found:#}\n{columns}");
            failing += usize::from(expected > 0);
        }
        let mut seen: HashMap<i64, u64> = HashMap::new();
        rows.iter().filter_map(|r| r.whole).for_each(|v| *seen.entry(v).or_default() += 1);
        let duplicates: u64 = seen.values().map(|n| n - 1).sum();
        let unique = clause(&report, "t/whole/unique");
        assert_eq!(unique["measured"], duplicates, "table {n}: {unique:#}");
    }
    assert!(failing > count * 5, "the rules are too mild: {failing}");
    note("random tables against a plain oracle", count, "every count is the oracle's");
}

/// The builders above make what they are meant to.
#[test]
fn the_oracles_rows_are_the_files_rows() {
    let mut random = Random(1);
    let rows: Vec<Row> = (0..50).map(|_| row(&mut random)).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    file(&rows, &path, &mut random);
    let open = std::fs::File::open(path).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(open, 7).unwrap();
    let mut at = 0;
    for batch in reader {
        let batch = batch.unwrap();
        for n in 0..batch.num_rows() {
            let whole = batch.column(0).as_primitive::<Int64Type>();
            let number = batch.column(1).as_primitive::<Float64Type>();
            assert_eq!(whole.is_valid(n).then(|| whole.value(n)), rows[at].whole);
            let same = number.is_valid(n).then(|| number.value(n).to_bits());
            assert_eq!(same, rows[at].number.map(f64::to_bits));
            at += 1;
        }
    }
    assert_eq!(at, 50);
}
