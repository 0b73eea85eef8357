//! Reads `physicalType` in the dialects of databases and file formats.

use super::names::NAMES;
use super::physical::{Inside, Physical};
use super::spelling::{Spelling, item_before_brackets, parts};

/// Reads a spelling; `None` when no dialect has it.
pub fn parse(text: &str) -> Option<Physical> {
    if item_before_brackets(text).is_some() {
        return Some(Physical::Array);
    }
    let spelling = Spelling::of(text);
    if let Some(inner) = wrapped(&spelling) {
        return parse(inner);
    }
    let named = |name: &str| NAMES.iter().find(|(_, names)| names.contains(&name)).map(|n| n.0);
    // `timestamp(6) with time zone`: the name goes on behind the brackets.
    let whole = format!("{} {}", spelling.head, spelling.tail);
    let found = named(&whole).or_else(|| named(&spelling.head))?;
    adjusted(found, &spelling)
}

/// A text type whose square brackets can only hold its length, with round ones: `varchar(15)` of
/// `varchar[15]`. Databases write arrays so; whether it is one, the logical type says.
pub fn length_in_brackets(text: &str) -> Option<String> {
    let item = item_before_brackets(text)?;
    let length = text.trim().strip_suffix(']')?.rsplit_once('[')?.1.trim();
    let spelling = Spelling::of(item);
    let has_length = ["char", "text", "string", "clob"];
    let has_length = has_length.iter().any(|word| spelling.head.contains(word));
    let is_text = parse(item) == Some(Physical::String) && spelling.inner.is_none();
    (is_text && has_length && !length.is_empty()).then(|| format!("{item}({length})"))
}

/// What the brackets and the tail of a spelling say about the type that its name means.
fn adjusted(named: Physical, spelling: &Spelling<'_>) -> Option<Physical> {
    let numbers = spelling.numbers();
    let one = |n: i64| numbers.as_deref() == Some(&[n]);
    match named {
        Physical::Integer { bits: 8, .. } if one(1) && spelling.head == "tinyint" => {
            Some(Physical::Flag)
        }
        Physical::Integer { bits, .. } if spelling.tail.contains("unsigned") => {
            Some(Physical::Integer { bits, signed: false })
        }
        Physical::Flag if spelling.inner.is_some() && !one(1) => None,
        // SQL counts the binary digits of a float: up to 24 are single precision.
        Physical::Float32 if spelling.head == "float" => match numbers.as_deref() {
            Some([digits]) if *digits > 24 => Some(Physical::Float64),
            _ => Some(Physical::Float32),
        },
        Physical::AnyDecimal => decimal(spelling),
        Physical::Timestamp { zone: None } => Some(Physical::Timestamp { zone: zone(spelling) }),
        Physical::Timestamp { zone: Some(false) } if names_zone(spelling) => {
            Some(Physical::Timestamp { zone: Some(true) })
        }
        other => Some(other),
    }
}

/// The type inside of words that add nothing to its meaning: `Nullable(Int64)`,
/// `dictionary<values=string, indices=int32>`.
fn wrapped<'a>(spelling: &Spelling<'a>) -> Option<&'a str> {
    let arguments = spelling.arguments();
    match spelling.head.as_str() {
        "nullable" | "lowcardinality" | "optional" => arguments.first().copied(),
        "dictionary" => {
            arguments.iter().find_map(|a| a.strip_prefix("values=")).or(arguments.get(1).copied())
        }
        _ => None,
    }
}

/// ClickHouse's `Decimal64(2)` counts digits after the point, and Arrow's `decimal128` has both
/// numbers.
fn decimal(spelling: &Spelling<'_>) -> Option<Physical> {
    let fixed = |precision: i64, scale: i64| {
        let (precision, scale) = (u8::try_from(precision).ok()?, i8::try_from(scale).ok()?);
        let fits = (1..=38).contains(&precision) && (0..=38).contains(&scale);
        (fits && scale.unsigned_abs() <= precision)
            .then_some(Physical::Decimal { precision, scale })
    };
    match (spelling.numbers()?.as_slice(), spelling.head.as_str()) {
        ([], _) => Some(Physical::AnyDecimal),
        ([scale], "decimal32") => fixed(9, *scale),
        ([scale], "decimal64") => fixed(18, *scale),
        ([scale], "decimal128") => fixed(38, *scale),
        ([precision], _) => fixed(*precision, 0),
        ([precision, scale], _) => fixed(*precision, *scale),
        _ => None,
    }
}

/// Whether a timestamp has a zone: `timestamp(6) with time zone`, Arrow's `timestamp[us, tz=UTC]`
/// and `Timestamp(Microsecond, None)`, Parquet's `TIMESTAMP(MILLIS, true)`. A precision alone leaves
/// it open.
fn zone(spelling: &Spelling<'_>) -> Option<bool> {
    if spelling.tail.contains("with time zone") || spelling.tail.contains("with local time zone") {
        return Some(true);
    }
    if spelling.tail.contains("without time zone") {
        return Some(false);
    }
    let inner = spelling.inner?.to_lowercase().replace(' ', "");
    if names_zone(spelling) || inner.contains("isadjustedtoutc=true") || inner.ends_with(",true") {
        return Some(true);
    }
    let is_precision = inner.bytes().all(|b| b.is_ascii_digit());
    (!is_precision).then_some(false)
}

/// Whether the brackets name a zone: `datetime64[ns, UTC]`, `timestamp[us, tz=Europe/Berlin]`,
/// `Datetime(time_unit='us', time_zone='UTC')`, `Timestamp(Microsecond, Some("UTC"))`.
fn names_zone(spelling: &Spelling<'_>) -> bool {
    const OTHER: &[&str] = &["none", "null", "false", "true", ""];
    spelling.arguments().get(1).is_some_and(|second| {
        let second = second.to_lowercase();
        let value = second.rsplit_once('=').map_or(second.as_str(), |(_, value)| value).trim();
        let is_number = value.bytes().all(|b| b.is_ascii_digit());
        !is_number && !OTHER.contains(&value) && !second.contains("unit")
    })
}

/// What a type with values inside holds, where its spelling says it.
pub fn inside(text: &str) -> Option<Inside> {
    if let Some(item) = item_before_brackets(text) {
        return Some(Inside::Items(item.to_owned()));
    }
    let spelling = Spelling::of(text);
    if let Some(inner) = wrapped(&spelling) {
        return inside(inner);
    }
    let arguments = spelling.arguments();
    match (parse(text)?, arguments.as_slice()) {
        (Physical::Array, [item, ..]) => {
            // Arrow names the item of a list, and a vector may state its length alone.
            let named = item.strip_prefix("item:").or_else(|| item.strip_prefix("element:"));
            let item = named.unwrap_or(item).trim();
            let is_length = item.bytes().all(|b| b.is_ascii_digit());
            (!is_length).then(|| Inside::Items(item.to_owned()))
        }
        (Physical::Map, [key, value, ..]) => {
            Some(Inside::Pairs((*key).to_owned(), (*value).to_owned()))
        }
        // Spark's own constructor has fields of another form.
        (Physical::Object, [_, ..]) if spelling.head != "structtype" => {
            let fields = parts(spelling.inner?);
            fields.into_iter().map(field).collect::<Option<_>>().map(Inside::Fields)
        }
        _ => None,
    }
}

/// `a int`, `a: int`, `"a" int`.
fn field(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    let (name, data_type) = match text.chars().next()? {
        quote @ ('"' | '`' | '\'') => text[1..].split_once(quote)?,
        _ => {
            let end = text.find([':', ' '])?;
            text.split_at(end)
        }
    };
    let data_type = data_type.trim_start_matches([':', ' ']).trim();
    (!data_type.is_empty()).then(|| (name.trim().to_owned(), data_type.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A meaning, and its spellings between bars.
    const SPELLINGS: &[(Option<Physical>, &str)] = &[
        (
            Some(Physical::String),
            "varchar | VARCHAR(10) | text | character varying(3) | StringType",
        ),
        (
            Some(Physical::String),
            "NVARCHAR2(3) | varchar2(10 char) | nvarchar(max) | STRING | utf8",
        ),
        (
            Some(Physical::String),
            "uuid | uniqueidentifier | enum('a','b') | LowCardinality(String)",
        ),
        (Some(Physical::String), "dictionary<values=string, indices=int32, ordered=0>"),
        (Some(Physical::String), "Dictionary(Int32, Utf8) | StringType() | text COLLATE \"C\""),
        (Some(Physical::Binary), "bytea | BLOB | VARBINARY(16) | raw(16) | fixed_size_binary[16]"),
        (Some(Physical::ByteArray), "BYTE_ARRAY | FIXED_LEN_BYTE_ARRAY(16)"),
        (Some(Physical::Boolean), "boolean | BOOL | BooleanType | boolean not null"),
        (Some(Physical::Flag), "bit | bit(1) | tinyint(1)"),
        (Some(Physical::Integer { bits: 8, signed: true }), "tinyint | byte | ByteType | INT_8"),
        (Some(Physical::Integer { bits: 16, signed: true }), "smallint | int16 | short | int2"),
        (Some(Physical::Integer { bits: 32, signed: true }), "int | integer | INTEGER | int4"),
        (Some(Physical::Integer { bits: 32, signed: true }), "int32 | IntegerType() | INT(11)"),
        (Some(Physical::Integer { bits: 32, signed: true }), "INTEGER NOT NULL | Nullable(Int32)"),
        (Some(Physical::Integer { bits: 64, signed: true }), "bigint | INT64 | LongType | long"),
        (Some(Physical::Integer { bits: 64, signed: true }), " BIGINT  | bigint(20) | i64"),
        (Some(Physical::AnyInteger), "int8"),
        (Some(Physical::Integer { bits: 32, signed: false }), "int unsigned | UINT32 | uinteger"),
        (Some(Physical::Integer { bits: 64, signed: false }), "bigint(20) unsigned | UBIGINT"),
        (Some(Physical::Integer { bits: 8, signed: false }), "tinyint unsigned | UInt8 | UINT_8"),
        (Some(Physical::Float32), "float | real | FLOAT4 | float(24) | FloatType | binary_float"),
        (Some(Physical::Float32), "float(3,2)"),
        (Some(Physical::Float64), "double | DOUBLE PRECISION | float8 | FLOAT64 | float(53)"),
        (Some(Physical::Float64), "FLOAT(126) | DoubleType | binary_double"),
        (Some(Physical::Decimal { precision: 10, scale: 2 }), "decimal(10,2) | NUMERIC(10, 2)"),
        (
            Some(Physical::Decimal { precision: 10, scale: 2 }),
            "Number( 10 , 2 ) | DecimalType(10,2)",
        ),
        (Some(Physical::Decimal { precision: 10, scale: 2 }), "decimal128(10, 2) | dec(10,2)"),
        (Some(Physical::Decimal { precision: 10, scale: 0 }), "decimal(10) | NUMBER(10,0)"),
        (Some(Physical::Decimal { precision: 38, scale: 0 }), "NUMBER(*,0) | number(38)"),
        (Some(Physical::Decimal { precision: 18, scale: 4 }), "Decimal64(4)"),
        (Some(Physical::Decimal { precision: 19, scale: 4 }), "money"),
        (Some(Physical::AnyDecimal), "decimal | NUMERIC | number | BIGNUMERIC"),
        (Some(Physical::Date), "date | DATE | date32[day] | DateType"),
        (Some(Physical::Timestamp { zone: None }), "timestamp | TIMESTAMP(6) | INT96"),
        (Some(Physical::Timestamp { zone: Some(true) }), "timestamptz | TIMESTAMP WITH TIME ZONE"),
        (Some(Physical::Timestamp { zone: Some(true) }), "timestamp(3) with time zone"),
        (Some(Physical::Timestamp { zone: Some(true) }), "TIMESTAMP(6) WITH LOCAL TIME ZONE"),
        (Some(Physical::Timestamp { zone: Some(true) }), "TIMESTAMP_TZ | timestamp_ltz(9)"),
        (Some(Physical::Timestamp { zone: Some(true) }), "datetimeoffset(7) | TimestampType"),
        (Some(Physical::Timestamp { zone: Some(true) }), "timestamp[us, tz=UTC]"),
        (Some(Physical::Timestamp { zone: Some(true) }), "Timestamp(Microsecond, Some(\"UTC\"))"),
        (Some(Physical::Timestamp { zone: Some(true) }), "datetime64[ns, Europe/Berlin]"),
        (Some(Physical::Timestamp { zone: Some(true) }), "TIMESTAMP(MILLIS, true)"),
        (
            Some(Physical::Timestamp { zone: Some(true) }),
            "TIMESTAMP(isAdjustedToUTC=true, unit=MILLIS)",
        ),
        (Some(Physical::Timestamp { zone: Some(true) }), "timestamp-millis | TIMESTAMP_MICROS"),
        (
            Some(Physical::Timestamp { zone: Some(true) }),
            "Datetime(time_unit='us', time_zone='UTC')",
        ),
        (Some(Physical::Timestamp { zone: Some(false) }), "timestamp_ntz | TIMESTAMP_NTZ(9)"),
        (Some(Physical::Timestamp { zone: Some(false) }), "timestamp without time zone"),
        (Some(Physical::Timestamp { zone: Some(false) }), "timestamp(3) WITHOUT TIME ZONE"),
        (
            Some(Physical::Timestamp { zone: Some(false) }),
            "datetime | DATETIME2(7) | datetime64[ns]",
        ),
        (Some(Physical::Timestamp { zone: Some(false) }), "smalldatetime | timestamp_ms"),
        (
            Some(Physical::Timestamp { zone: Some(false) }),
            "timestamp[us] | Timestamp(Second, None)",
        ),
        (Some(Physical::Timestamp { zone: Some(false) }), "TIMESTAMP(MILLIS, false)"),
        (Some(Physical::Timestamp { zone: Some(false) }), "local-timestamp-micros"),
        (
            Some(Physical::Timestamp { zone: Some(false) }),
            "Datetime(time_unit='us', time_zone=None)",
        ),
        (Some(Physical::Time), "time | TIME(3) | time64[us] | timetz | time with time zone"),
        (
            Some(Physical::Array),
            "int[] | INTEGER[3] | array<int> | List(Int64) | ArrayType(LongType())",
        ),
        (Some(Physical::Array), "list<item: int64> | decimal(10,2)[] | VECTOR(FLOAT, 256)"),
        (Some(Physical::Json), "json | JSONB | VARIANT"),
        (Some(Physical::Object), "struct<a: int> | RECORD | ROW(a int) | OBJECT"),
        (Some(Physical::Map), "map<string, int> | MapType(StringType(), LongType())"),
        (
            None,
            "frobnicate | geography | interval | hugeint | decimal(39,2) | decimal(2,3) | bit(8) | ",
        ),
    ];

    #[test]
    fn one_meaning_has_many_spellings() {
        for (meaning, spellings) in SPELLINGS {
            for spelling in spellings.split(" | ") {
                assert_eq!(parse(spelling), *meaning, "{spelling}");
            }
        }
    }

    #[test]
    fn what_a_type_holds_is_read_in_every_form() {
        let items = |of: &str| Some(Inside::Items(of.to_owned()));
        for (text, expected) in [
            ("int[]", items("int")),
            ("decimal(10,2)[3]", items("decimal(10,2)")),
            ("array<array<bigint>>", items("array<bigint>")),
            ("ARRAY(VARCHAR(10))", items("VARCHAR(10)")),
            ("list<item: int64>", items("int64")),
            ("ArrayType(StringType(), True)", items("StringType()")),
            ("VECTOR(FLOAT, 256)", items("FLOAT")),
            ("vector(3)", None),
            ("array", None),
            ("struct", None),
            ("varchar(3)", None),
            ("map<string, int>", Some(Inside::Pairs("string".into(), "int".into()))),
            (
                "struct<a: int, `b c` decimal(1,0)>",
                Some(Inside::Fields(vec![
                    ("a".into(), "int".into()),
                    ("b c".into(), "decimal(1,0)".into()),
                ])),
            ),
            ("STRUCT<INT64, STRING>", None),
        ] {
            assert_eq!(inside(text), expected, "{text}");
        }
    }
}
