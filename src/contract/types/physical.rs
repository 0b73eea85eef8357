//! `physicalType` in the dialects of Postgres, DuckDB, Spark, Snowflake, BigQuery and Arrow.

/// What a spelling of a physical type means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Physical {
    /// Text of any length; a declared length is not part of the type.
    String,
    /// Bytes.
    Binary,
    /// True or false.
    Boolean,
    /// An integer of a width in bits.
    Integer {
        /// 8, 16, 32 or 64.
        bits: u8,
        /// Whether it holds negative numbers.
        signed: bool,
    },
    /// An integer whose width the spelling leaves open.
    AnyInteger,
    /// Single precision.
    Float32,
    /// Double precision.
    Float64,
    /// `float`: single in some dialects, double in others.
    AnyFloat,
    /// Fixed point.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
    /// Fixed point whose precision the spelling leaves open.
    AnyDecimal,
    /// A calendar date.
    Date,
    /// A point in time, or a wall-clock reading.
    Timestamp {
        /// True with zone, false without, `None` where the spelling leaves it open.
        zone: Option<bool>,
    },
    /// A time of day.
    Time,
    /// A list.
    Array,
    /// A document: text or a struct.
    Json,
    /// A struct.
    Object,
    /// A map.
    Map,
}

/// Reads a spelling; `None` when no dialect has it.
pub fn parse(spelling: &str) -> Option<Physical> {
    let lower = spelling.trim().to_lowercase();
    let (head, arguments) = match lower.split_once(['(', '<', '[']) {
        Some((head, rest)) => (head.trim(), rest),
        None => (lower.as_str(), ""),
    };
    if lower.ends_with("[]") {
        return Some(Physical::Array);
    }
    let head: String = head.split_whitespace().collect::<Vec<_>>().join(" ");
    let int = |bits, signed| Some(Physical::Integer { bits, signed });
    match head.as_str() {
        "string" | "varchar" | "char" | "character" | "character varying" | "text" | "nvarchar"
        | "nchar" | "varchar2" | "nvarchar2" | "bpchar" | "stringtype" | "utf8" | "large_utf8"
        | "largeutf8" | "utf8view" | "large_string" | "uuid" | "clob" | "citext" | "longtext"
        | "mediumtext" | "tinytext" | "enum" => Some(Physical::String),
        "json" | "jsonb" => Some(Physical::Json),
        "binary" | "varbinary" | "bytea" | "bytes" | "blob" | "binarytype" | "large_binary"
        | "largebinary" | "fixed_size_binary" => Some(Physical::Binary),
        "boolean" | "bool" | "booleantype" | "logical" => Some(Physical::Boolean),
        "tinyint" | "int1" | "i8" | "byte" | "bytetype" => int(8, true),
        "smallint" | "int2" | "int16" | "i16" | "short" | "shorttype" | "smallserial" => {
            int(16, true)
        }
        // Eight bytes in Postgres, eight bits in Arrow.
        "int8" => Some(Physical::AnyInteger),
        "int" | "integer" | "int4" | "int32" | "i32" | "integertype" | "serial" | "mediumint" => {
            // BigQuery's and Snowflake's INT is 64 bits wide, Postgres' and Spark's 32.
            if matches!(head.as_str(), "int" | "integer") {
                Some(Physical::AnyInteger)
            } else {
                int(32, true)
            }
        }
        "bigint" | "int64" | "i64" | "long" | "longtype" | "bigserial" => int(64, true),
        "utinyint" | "uint8" | "u8" => int(8, false),
        "usmallint" | "uint16" | "u16" => int(16, false),
        "uinteger" | "uint32" | "u32" => int(32, false),
        "ubigint" | "uint64" | "u64" => int(64, false),
        "real" | "float4" | "float32" | "f32" | "floattype" => Some(Physical::Float32),
        "double" | "double precision" | "float8" | "float64" | "f64" | "doubletype" => {
            Some(Physical::Float64)
        }
        "float" => Some(Physical::AnyFloat),
        "decimal" | "numeric" | "number" | "decimaltype" | "dec" | "decimal128" => {
            decimal(arguments)
        }
        "bignumeric" | "bigdecimal" => Some(Physical::AnyDecimal),
        "date" | "date32" | "datetype" => Some(Physical::Date),
        "timestamptz"
        | "timestamp with time zone"
        | "timestamp_tz"
        | "timestamp_ltz"
        | "timestampltz"
        | "timestamptype" => Some(Physical::Timestamp { zone: Some(true) }),
        "timestamp_ntz"
        | "timestampntz"
        | "timestamp without time zone"
        | "datetime"
        | "timestampntztype" => Some(Physical::Timestamp { zone: Some(false) }),
        "timestamp" => Some(timestamp(arguments)),
        "time" | "time32" | "time64" | "time without time zone" | "time with time zone" => {
            Some(Physical::Time)
        }
        "list" | "array" | "arraytype" | "large_list" | "largelist" | "fixed_size_list"
        | "repeated" | "vector" => Some(Physical::Array),
        "struct" | "object" | "record" | "row" | "structtype" | "variant" => Some(Physical::Object),
        "map" | "maptype" => Some(Physical::Map),
        _ => None,
    }
}

fn decimal(arguments: &str) -> Option<Physical> {
    let numbers: Vec<&str> = arguments
        .trim_end_matches(')')
        .split(',')
        .map(str::trim)
        .filter(|a| !a.is_empty())
        .collect();
    let fixed = |precision: &str, scale: &str| {
        let (precision, scale): (u8, i8) = (precision.parse().ok()?, scale.parse().ok()?);
        let fits = (1..=38).contains(&precision) && (0..=38).contains(&scale);
        (fits && scale.unsigned_abs() <= precision)
            .then_some(Physical::Decimal { precision, scale })
    };
    match numbers.as_slice() {
        [] => Some(Physical::AnyDecimal),
        [precision] => fixed(precision, "0"),
        [precision, scale] => fixed(precision, scale),
        _ => None,
    }
}

/// `timestamp`, `timestamp(6) with time zone`, Arrow's `timestamp[us, tz=UTC]`.
fn timestamp(arguments: &str) -> Physical {
    let zone = if arguments.contains("with time zone") || arguments.contains("tz=") {
        Some(true)
    } else if arguments.contains("without time zone") || arguments.ends_with("s]") {
        Some(false)
    } else {
        None
    };
    Physical::Timestamp { zone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_meaning_has_many_spellings() {
        let bigint = Some(Physical::Integer { bits: 64, signed: true });
        for spelling in ["bigint", "INT64", "LongType", "long", "i64", " BIGINT "] {
            assert_eq!(parse(spelling), bigint, "{spelling}");
        }
        let money = Some(Physical::Decimal { precision: 10, scale: 2 });
        for spelling in ["decimal(10,2)", "NUMERIC(10, 2)", "Number( 10 , 2 )"] {
            assert_eq!(parse(spelling), money, "{spelling}");
        }
        for spelling in ["varchar(10)", "VARCHAR", "text", "character varying(3)", "StringType"] {
            assert_eq!(parse(spelling), Some(Physical::String), "{spelling}");
        }
    }

    #[test]
    fn what_a_spelling_leaves_open_stays_open() {
        assert_eq!(parse("int"), Some(Physical::AnyInteger));
        assert_eq!(parse("float(3,2)"), Some(Physical::AnyFloat));
        assert_eq!(parse("timestamp"), Some(Physical::Timestamp { zone: None }));
        assert_eq!(parse("timestamp[us, tz=UTC]"), Some(Physical::Timestamp { zone: Some(true) }));
        assert_eq!(parse("timestamp[us]"), Some(Physical::Timestamp { zone: Some(false) }));
        assert_eq!(parse("frobnicate"), None);
    }
}
