//! What kind of value a physical type means, whatever its spelling.

/// What a spelling of a physical type means. What it says about values (the length of a text, the
/// words of an enum) is [`super::Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Physical {
    /// Text.
    String,
    /// Bytes.
    Binary,
    /// Parquet's byte array: bytes, or the text or number that they hold.
    ByteArray,
    /// True or false.
    Boolean,
    /// True or false, which some databases keep as 1 and 0.
    Flag,
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
    /// A document: text, a struct, a list or a map.
    Json,
    /// A struct.
    Object,
    /// A map.
    Map,
}

/// What a type with values inside holds, each type as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inside {
    /// A list of items.
    Items(String),
    /// A map from keys to values.
    Pairs(String, String),
    /// A struct of named fields.
    Fields(Vec<(String, String)>),
}
