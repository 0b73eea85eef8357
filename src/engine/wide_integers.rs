//! Integers of more than 64 bits, which Arrow's own readers do not know: they panic.

use arrow::ipc::{Field, Schema, root_as_message};
use base64::Engine as _;
use parquet::file::metadata::FileMetaData;

/// What a schema has that no reader knows, in words for a report.
pub(super) fn refusal(schema: Schema<'_>) -> Option<String> {
    schema.fields().into_iter().flatten().find_map(|field| wide(&field))
}

/// The same of the Arrow schema that a Parquet file embeds.
pub(super) fn embedded(file: &FileMetaData) -> Option<String> {
    let pairs = file.key_value_metadata()?;
    let text = pairs.iter().find(|pair| pair.key == "ARROW:schema")?.value.as_ref()?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    // The length before a message is marked by four bytes, except in old files.
    let skipped = if bytes.starts_with(&[0xff; 4]) { 8 } else { 4 };
    let message = root_as_message(bytes.get(skipped..)?).ok()?;
    refusal(message.header_as_schema()?)
}

/// Nesting ends at the depth that the message was verified to.
fn wide(field: &Field<'_>) -> Option<String> {
    let bits = field.type_as_int().map(|integer| integer.bitWidth()).filter(|bits| *bits > 64);
    let own = bits.map(|bits| {
        let name = field.name().unwrap_or_default();
        format!(
            "column '{name}' holds {bits}-bit integers (Int{bits}), which no Delta table holds: deliver \
             decimal(38,0), a 64-bit integer or text"
        )
    });
    own.or_else(|| field.children().into_iter().flatten().find_map(|child| wide(&child)))
}
