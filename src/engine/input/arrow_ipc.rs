//! Arrow IPC, as a file or as a stream: typed already, so that nothing is parsed.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamReader};
use arrow::ipc::{MessageHeader, root_as_footer, root_as_message};

use crate::engine::bytes::{FileBytes, FromHere};
use crate::engine::damage::contained;
use crate::engine::portions::portions;

use super::ipc_claims::{Body, Claims, refuse_schema};
use super::plain_values::{Affected, Plainly};
use super::reading::{Columns, Reading, Stop};
use super::spool::{Rendered, Spool};
use super::unwritable::refusal;

/// Rows that are written together.
const ROWS: usize = 16 * 1024;
/// The key of a field's metadata that names its extension type.
const EXTENSION: &str = "ARROW:extension:name";
/// The longest message without its body, and the longest footer.
const LONGEST: u64 = 64 << 20;

/// Writes the batches of an Arrow IPC file or stream as Parquet.
pub(super) fn write(
    file: &FileBytes,
    (columns, reading): (&Columns<'_>, &Reading),
    to: &Path,
) -> Result<Rendered, Stop> {
    // The reader trusts its input: a panic is a verdict on the file.
    contained(|| copy(file.reader(0), (columns, reading), to)).unwrap_or_else(|| {
        Err(Stop::Unreadable("not readable as Arrow IPC: it is damaged".to_owned()))
    })
}

fn copy(
    mut file: FromHere,
    (columns, reading): (&Columns<'_>, &Reading),
    to: &Path,
) -> Result<Rendered, Stop> {
    let mut magic = [0; 6];
    let is_file = file.read_exact(&mut magic).is_ok() && &magic == b"ARROW1";
    let mut claims = Claims::within(reading.memory as u64);
    if is_file {
        refuse_blocks(&mut file, &mut claims).map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        let reader = FileReader::try_new(BufReader::new(file), None).map_err(unreadable)?;
        let schema = reader.schema();
        return all(reader, &schema, (columns, reading), to);
    }
    refuse_messages(&mut file, &mut claims).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let reader = StreamReader::try_new(BufReader::new(file), None).map_err(unreadable)?;
    let schema = reader.schema();
    all(reader, &schema, (columns, reading), to)
}

fn all(
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    schema: &SchemaRef,
    (columns, reading): (&Columns<'_>, &Reading),
    to: &Path,
) -> Result<Rendered, Stop> {
    if let Some(reason) = refusal(schema) {
        return Err(Stop::Unreadable(reason));
    }
    let uuids = uuids(schema);
    let affected = Affected { categories: true, table: columns.table, uuids: &uuids };
    let plainly = Plainly::of(schema, affected);
    let mut spool = Spool::create(to, plainly.schema())
        .map_err(|error| Stop::Unreadable(format!("a type that Parquet cannot hold: {error}")))?;
    let mut written = 0;
    for batch in batches {
        let batch = batch.map_err(unreadable)?;
        for start in (0..batch.num_rows()).step_by(ROWS) {
            let part = batch.slice(start, ROWS.min(batch.num_rows() - start));
            let found = portions(part.num_rows(), part.columns().iter());
            let divided = found.ranges.len() > 1 || part.num_rows() == 1;
            if divided && found.longest_row > reading.memory as u64 {
                return Err(unreadable(format!(
                    "a row from row {written} on has {} bytes; --memory-limit lets {} be read",
                    found.longest_row, reading.memory
                )));
            }
            for range in found.ranges {
                written += range.len();
                let part = part.slice(range.start, range.len());
                spool.write(&plainly.batch(&part).map_err(unreadable)?)?;
            }
        }
    }
    Ok(Rendered { nulls: spool.finish()?, ..Rendered::default() })
}

/// Columns that their extension type says hold UUIDs.
fn uuids(schema: &SchemaRef) -> Vec<String> {
    let extension = |field: &&FieldRef| {
        field.metadata().get(EXTENSION).is_some_and(|name| name == "arrow.uuid")
    };
    schema.fields().iter().filter(extension).map(|field| field.name().clone()).collect()
}

/// Looks at every block that a file's footer names, before the reader reserves what they claim.
fn refuse_blocks(file: &mut FromHere, claims: &mut Claims) -> Result<(), String> {
    let words = |_| "the footer is damaged".to_owned();
    let size = file.seek(SeekFrom::End(0)).map_err(|e| e.to_string())?;
    let mut tail = [0; 10];
    let at = size.checked_sub(10).ok_or("the file is cut short")?;
    read_at(file, at, &mut tail)?;
    let length = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    if &tail[4..] != b"ARROW1" || length + 10 > size {
        return Err("the file is cut short".to_owned());
    }
    let footer = message(file, at - length, length)?;
    let footer = root_as_footer(&footer).map_err(words)?;
    refuse_schema(footer.schema().ok_or("the footer has no schema")?)?;
    for block in footer.dictionaries().into_iter().flatten() {
        let positions = [block.offset(), block.metaDataLength().into(), block.bodyLength()];
        refuse_block(file, size, positions, claims)?;
    }
    for block in footer.recordBatches().into_iter().flatten() {
        let positions = [block.offset(), block.metaDataLength().into(), block.bodyLength()];
        refuse_block(file, size, positions, claims)?;
    }
    Ok(())
}

fn refuse_block(
    file: &mut FromHere,
    size: u64,
    positions: [i64; 3],
    claims: &mut Claims,
) -> Result<(), String> {
    let [at, metadata, body] =
        positions.map(|n| u64::try_from(n).map_err(|_| "a negative length".to_owned()));
    let (at, metadata, body) = (at?, metadata?, body?);
    let start = at.saturating_add(metadata);
    if start.saturating_add(body) > size {
        return Err("a block lies beyond the end of the file".to_owned());
    }
    // The length before a message is marked by four bytes, except in old files.
    let mut head = [0; 8];
    read_at(file, at, &mut head)?;
    let skipped = if head[..4] == [0xff; 4] { 8 } else { 4 };
    let length = metadata.checked_sub(skipped).ok_or("a block without a message")?;
    let message = message(file, at + skipped, length)?;
    claims.add(&message, &mut Body { file, start, length: body })
}

/// Looks at every message of a stream; the last one is marked as such.
fn refuse_messages(file: &mut FromHere, claims: &mut Claims) -> Result<(), String> {
    let size = file.seek(SeekFrom::End(0)).map_err(|e| e.to_string())?;
    let cut = || "the stream has no end mark: it is cut short, or was not closed".to_owned();
    let mut at = 0u64;
    loop {
        let mut head = [0; 8];
        let room = size.saturating_sub(at).min(8);
        if room < 4 {
            return Err(cut());
        }
        read_at(file, at, &mut head[..usize::try_from(room).unwrap_or(8)])?;
        let marked = head[..4] == [0xff; 4];
        if marked && room < 8 {
            return Err(cut());
        }
        let length = if marked { &head[4..] } else { &head[..4] };
        let length = u64::from(u32::from_le_bytes([length[0], length[1], length[2], length[3]]));
        if length == 0 {
            return Ok(());
        }
        let start = at + if marked { 8 } else { 4 };
        if start + length > size {
            return Err("a message lies beyond the end of the stream".to_owned());
        }
        let bytes = message(file, start, length)?;
        let found =
            root_as_message(&bytes).map_err(|_| "this is not an Arrow IPC stream".to_owned())?;
        let body = u64::try_from(found.bodyLength()).map_err(|_| "a negative length")?;
        let end = (start + length).checked_add(body).filter(|end| *end <= size);
        let end = end.ok_or("a message lies beyond the end of the stream")?;
        match found.header_type() {
            MessageHeader::Schema => {
                refuse_schema(found.header_as_schema().ok_or("a message without its schema")?)?;
            }
            _ => claims.add(&bytes, &mut Body { file, start: start + length, length: body })?,
        }
        at = end;
    }
}

/// The bytes of a message or footer.
fn message(file: &mut FromHere, at: u64, length: u64) -> Result<Vec<u8>, String> {
    if length > LONGEST {
        return Err(format!("a message of {length} bytes; at most {LONGEST} are read"));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    read_at(file, at, &mut bytes)?;
    Ok(bytes)
}

fn read_at(file: &mut FromHere, at: u64, bytes: &mut [u8]) -> Result<(), String> {
    file.seek(SeekFrom::Start(at)).map_err(|e| e.to_string())?;
    file.read_exact(bytes).map_err(|_| "the file is cut short".to_owned())
}

fn unreadable(error: impl std::fmt::Display) -> Stop {
    Stop::Unreadable(format!("not readable as Arrow IPC: {error}"))
}
