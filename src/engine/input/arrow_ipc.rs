//! Arrow IPC, as a file or as a stream: typed already, so that nothing is parsed.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamReader};
use arrow::ipc::root_as_footer;

use crate::engine::bytes::{FileBytes, FromHere};
use crate::engine::damage::contained;

use super::Stop;
use super::spool::Spool;

/// Writes the batches of an Arrow IPC file or stream as Parquet.
pub(super) fn write(file: &FileBytes, to: &Path) -> Result<(), Stop> {
    // The reader trusts its input: what makes it panic is a verdict on the file.
    contained(|| copy(file, to))
        .unwrap_or_else(|| Err(Stop::Unreadable("no readable Arrow IPC: it is damaged".to_owned())))
}

fn copy(file: &FileBytes, to: &Path) -> Result<(), Stop> {
    let mut file = file.reader(0);
    let mut magic = [0; 6];
    let is_file = file.read_exact(&mut magic).is_ok() && &magic == b"ARROW1";
    file.rewind().map_err(unreadable)?;
    if is_file {
        refuse_blocks(&mut file).map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        let reader = FileReader::try_new(BufReader::new(file), None).map_err(unreadable)?;
        let schema = reader.schema();
        return all(reader, &schema, to);
    }
    refuse_messages(&mut file).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    let reader = StreamReader::try_new(BufReader::new(file), None).map_err(unreadable)?;
    let schema = reader.schema();
    all(reader, &schema, to)
}

fn all(
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    schema: &SchemaRef,
    to: &Path,
) -> Result<(), Stop> {
    let mut spool = Spool::create(to, schema)
        .map_err(|error| Stop::Unreadable(format!("a type that Parquet cannot hold: {error}")))?;
    for batch in batches {
        spool.write(&batch.map_err(unreadable)?)?;
    }
    Ok(spool.finish()?)
}

/// The reader reserves what a footer's blocks claim: none may be larger than the file.
fn refuse_blocks(file: &mut FromHere) -> Result<(), String> {
    let words = |_| "the footer is damaged".to_owned();
    let size = file.seek(SeekFrom::End(0)).map_err(|e| e.to_string())?;
    let mut tail = [0; 10];
    file.seek(SeekFrom::End(-10)).map_err(|_| "the file is cut short".to_owned())?;
    file.read_exact(&mut tail).map_err(|e| e.to_string())?;
    let length = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    if &tail[4..] != b"ARROW1" || length + 10 > size {
        return Err("the file is cut short".to_owned());
    }
    file.seek(SeekFrom::Start(size - 10 - length)).map_err(|e| e.to_string())?;
    let mut footer = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read_exact(&mut footer).map_err(|e| e.to_string())?;
    let footer = root_as_footer(&footer).map_err(words)?;
    let blocks = footer.dictionaries().into_iter().chain(footer.recordBatches()).flatten();
    for block in blocks {
        let parts = [block.offset(), i64::from(block.metaDataLength()), block.bodyLength()];
        let mut end = 0u64;
        for part in parts {
            let part = u64::try_from(part).map_err(|_| "a negative length".to_owned())?;
            end = end.saturating_add(part);
        }
        if end > size {
            return Err("a block lies beyond the end of the file".to_owned());
        }
    }
    Ok(())
}

/// Of a stream, no message's body may be larger than what is left of it.
fn refuse_messages(file: &mut FromHere) -> Result<(), String> {
    let size = file.seek(SeekFrom::End(0)).map_err(|e| e.to_string())?;
    let mut at = 0u64;
    while at + 8 <= size {
        file.seek(SeekFrom::Start(at)).map_err(|e| e.to_string())?;
        let mut head = [0; 8];
        file.read_exact(&mut head).map_err(|e| e.to_string())?;
        let marked = head[..4] == [0xff; 4];
        let length = if marked { &head[4..] } else { &head[..4] };
        let length = u64::from(u32::from_le_bytes([length[0], length[1], length[2], length[3]]));
        if length == 0 {
            return Ok(());
        }
        let start = at + if marked { 8 } else { 4 };
        if start + length > size {
            return Err("a message lies beyond the end of the stream".to_owned());
        }
        file.seek(SeekFrom::Start(start)).map_err(|e| e.to_string())?;
        let mut message = vec![0; usize::try_from(length).unwrap_or(0)];
        file.read_exact(&mut message).map_err(|e| e.to_string())?;
        let message = arrow::ipc::root_as_message(&message)
            .map_err(|_| "this is no Arrow IPC stream".to_owned())?;
        let body = u64::try_from(message.bodyLength()).map_err(|_| "a negative length")?;
        at = (start + length)
            .checked_add(body)
            .filter(|end| *end <= size)
            .ok_or_else(|| "a message lies beyond the end of the stream".to_owned())?;
    }
    Ok(())
}

fn unreadable(error: impl std::fmt::Display) -> Stop {
    Stop::Unreadable(format!("no readable Arrow IPC: {error}"))
}
