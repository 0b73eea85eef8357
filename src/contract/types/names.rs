//! The names that databases and file formats give to types, by meaning.

use super::physical::Physical;

/// Each meaning with its names, in lower case.
pub(super) const NAMES: &[(Physical, &[&str])] = &[
    (Physical::String, TEXTS),
    (Physical::Binary, BYTES),
    (Physical::ByteArray, &["byte_array", "fixed_len_byte_array"]),
    (Physical::Boolean, &["boolean", "bool", "booleantype", "logical"]),
    (Physical::Flag, &["bit"]),
    (signed(8), &["tinyint", "int1", "i8", "byte", "bytetype", "int_8", "byteint"]),
    (
        signed(16),
        &[
            "smallint",
            "int2",
            "int16",
            "i16",
            "short",
            "shorttype",
            "smallserial",
            "serial2",
            "int_16",
            "year",
        ],
    ),
    (signed(32), INTEGERS),
    (
        signed(64),
        &[
            "bigint",
            "int64",
            "i64",
            "long",
            "longtype",
            "bigserial",
            "serial8",
            "int_64",
            "rowversion",
        ],
    ),
    // Eight bytes in Postgres, eight bits in Arrow.
    (Physical::AnyInteger, &["int8"]),
    (unsigned(8), &["utinyint", "uint8", "u8", "uint_8"]),
    (unsigned(16), &["usmallint", "uint16", "u16", "uint_16"]),
    (unsigned(32), &["uinteger", "uint32", "u32", "uint", "uint_32"]),
    (unsigned(64), &["ubigint", "uint64", "u64", "uint_64"]),
    (
        Physical::Float32,
        &["real", "float", "float4", "float32", "f32", "floattype", "binary_float"],
    ),
    (
        Physical::Float64,
        &["double", "double precision", "float8", "float64", "f64", "doubletype", "binary_double"],
    ),
    (
        Physical::AnyDecimal,
        &[
            "decimal",
            "numeric",
            "number",
            "decimaltype",
            "dec",
            "decimal32",
            "decimal64",
            "decimal128",
            "decimal256",
            "bignumeric",
            "bigdecimal",
        ],
    ),
    (Physical::Decimal { precision: 19, scale: 4 }, &["money"]),
    (Physical::Decimal { precision: 10, scale: 4 }, &["smallmoney"]),
    (Physical::Date, &["date", "date32", "datetype"]),
    // Spark's reader takes it for an instant, others for a reading of clocks.
    (Physical::Timestamp { zone: None }, &["timestamp", "int96"]),
    (Physical::Timestamp { zone: Some(true) }, INSTANTS),
    (Physical::Timestamp { zone: Some(false) }, READINGS),
    (Physical::Time, TIMES),
    (
        Physical::Array,
        &[
            "list",
            "array",
            "arraytype",
            "large_list",
            "largelist",
            "list_view",
            "fixed_size_list",
            "fixedsizelist",
            "repeated",
            "vector",
        ],
    ),
    (Physical::Json, &["json", "jsonb", "variant", "super", "bson", "sql_variant"]),
    (Physical::Object, &["struct", "object", "record", "row", "structtype"]),
    (Physical::Map, &["map", "maptype", "hstore"]),
];

const TEXTS: &[&str] = &[
    "string",
    "str",
    "varchar",
    "char",
    "character",
    "character varying",
    "char varying",
    "character large object",
    "text",
    "nvarchar",
    "nchar",
    "nchar varying",
    "national character varying",
    "national character",
    "varchar2",
    "nvarchar2",
    "bpchar",
    "stringtype",
    "varchartype",
    "chartype",
    "utf8",
    "large_utf8",
    "largeutf8",
    "utf8view",
    "string_view",
    "large_string",
    "largestring",
    "fixedstring",
    "uuid",
    "uniqueidentifier",
    "clob",
    "nclob",
    "citext",
    "longtext",
    "mediumtext",
    "tinytext",
    "ntext",
    "enum",
    "enum8",
    "enum16",
    "set",
    "categorical",
    "category",
    "sysname",
    "xml",
    "xmltype",
    "inet",
    "cidr",
    "macaddr",
    "rowid",
];

const BYTES: &[&str] = &[
    "binary",
    "varbinary",
    "binary varying",
    "bytea",
    "bytes",
    "blob",
    "tinyblob",
    "mediumblob",
    "longblob",
    "binary large object",
    "binarytype",
    "large_binary",
    "largebinary",
    "binaryview",
    "binary_view",
    "fixed_size_binary",
    "fixedsizebinary",
    "raw",
    "long raw",
    "image",
    "fixed",
];

/// 32 bits in the standard's own examples and in most dialects. BigQuery and Snowflake let `INT`
/// stand for their widest integer; a contract that means it says `bigint`.
const INTEGERS: &[&str] = &[
    "int",
    "integer",
    "int4",
    "int32",
    "i32",
    "integertype",
    "serial",
    "serial4",
    "mediumint",
    "int_32",
];

const INSTANTS: &[&str] = &[
    "timestamptz",
    "timestamp with time zone",
    "timestamp with local time zone",
    "timestamp_tz",
    "timestamp_ltz",
    "timestampltz",
    "timestamptype",
    "timestampltztype",
    "datetimeoffset",
    "timestamp-millis",
    "timestamp-micros",
    "timestamp-nanos",
    "timestamp_millis",
    "timestamp_micros",
];

const READINGS: &[&str] = &[
    "timestamp_ntz",
    "timestampntz",
    "timestamp without time zone",
    "timestampntztype",
    "timestamp_s",
    "timestamp_ms",
    "timestamp_us",
    "timestamp_ns",
    "datetime",
    "datetime2",
    "datetime64",
    "smalldatetime",
    "local-timestamp-millis",
    "local-timestamp-micros",
    "local-timestamp-nanos",
];

const TIMES: &[&str] = &[
    "time",
    "time32",
    "time64",
    "timetz",
    "time without time zone",
    "time with time zone",
    "time-millis",
    "time-micros",
    "time_millis",
    "time_micros",
];

const fn signed(bits: u8) -> Physical {
    Physical::Integer { bits, signed: true }
}

const fn unsigned(bits: u8) -> Physical {
    Physical::Integer { bits, signed: false }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::NAMES;

    #[test]
    fn a_name_has_one_meaning_and_is_written_as_it_is_looked_up() {
        let all: Vec<&str> = NAMES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let distinct: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), distinct.len());
        assert!(all.iter().all(|name| *name == name.trim().to_lowercase()));
    }
}
