//! Claims of Arrow IPC messages, compared with their bytes and the memory limit before a reader
//! follows them.
//!
//! The reader reserves what the first eight bytes of a compressed buffer say, and accepts whatever
//! an LZ4 frame yields.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

use arrow::ipc::{CompressionType, Field, MessageHeader, RecordBatch, Schema, root_as_message};

use crate::engine::bytes::FromHere;
use crate::engine::wide_integers;

/// The most bytes that a byte of LZ4 can expand to.
const LZ4_RATIO: u64 = 255;
/// Most rows of a batch, and most elements of an array in it.
const MOST_ROWS: i64 = 1 << 31;
/// Most fields of a schema, nested ones included.
const MOST_FIELDS: usize = 1 << 17;
/// Most bytes of a schema's names and metadata, as often as they are referred to.
const MOST_NAMES: usize = 32 << 20;

/// The bytes behind a message.
pub(super) struct Body<'a> {
    /// The file that holds them.
    pub file: &'a mut FromHere,
    /// Where they begin.
    pub start: u64,
    /// How many there are.
    pub length: u64,
}

impl Body<'_> {
    fn reader(&mut self, at: u64, length: u64) -> Result<impl Read + '_, String> {
        self.file.seek(SeekFrom::Start(self.start + at)).map_err(|e| e.to_string())?;
        Ok(std::io::Read::take(&mut *self.file, length))
    }
}

/// What has been claimed so far.
pub(super) struct Claims {
    /// Bytes that a batch may take, with the dictionaries that it refers to.
    limit: u64,
    /// Bytes of each dictionary that is held.
    dictionaries: HashMap<i64, u64>,
}

impl Claims {
    /// Claims, limited to a number of bytes.
    pub fn within(limit: u64) -> Self {
        Self { limit, dictionaries: HashMap::new() }
    }

    /// Looks at a message and its body.
    ///
    /// # Errors
    /// In words for a report: what cannot be true, or what is beyond the limit.
    pub fn add(&mut self, message: &[u8], body: &mut Body<'_>) -> Result<(), String> {
        let message = root_as_message(message).map_err(|_| "a message is damaged".to_owned())?;
        let held: u64 = self.dictionaries.values().sum();
        match message.header_type() {
            MessageHeader::RecordBatch => {
                let batch =
                    message.header_as_record_batch().ok_or("a message without its batch")?;
                self.bytes(&batch, body, held).map(drop)
            }
            MessageHeader::DictionaryBatch => {
                let dictionary = message
                    .header_as_dictionary_batch()
                    .ok_or("a message without its dictionary")?;
                let batch = dictionary.data().ok_or("a dictionary without values")?;
                let own = self.dictionaries.get(&dictionary.id()).copied().unwrap_or_default();
                // A dictionary is held until it is replaced.
                let bytes = self.bytes(&batch, body, held)?;
                let bytes = if dictionary.isDelta() { own.saturating_add(bytes) } else { bytes };
                self.dictionaries.insert(dictionary.id(), bytes);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The bytes that a batch takes, its body included.
    fn bytes(
        &self,
        batch: &RecordBatch<'_>,
        body: &mut Body<'_>,
        held: u64,
    ) -> Result<u64, String> {
        let counts = |n: i64| (0..=MOST_ROWS).contains(&n);
        if !counts(batch.length()) {
            return Err(format!("a batch of {} rows", batch.length()));
        }
        let nodes = batch.nodes().into_iter().flatten();
        for node in nodes {
            if !counts(node.length()) || node.null_count() > node.length() || node.null_count() < -1
            {
                return Err("an array with an impossible number of values".to_owned());
            }
        }
        let buffers = batch.buffers().map_or(0, |b| b.len());
        let mut named = 0usize;
        for count in batch.variadicBufferCounts().into_iter().flatten() {
            let count = usize::try_from(count).map_err(|_| "a negative number of buffers")?;
            named = named.saturating_add(count);
        }
        if named > buffers {
            return Err(format!("{named} buffers are named, and there are {buffers}"));
        }
        let codec = batch.compression().map(|c| c.codec());
        let (mut stored, mut taken, mut doubtful) = (0u64, body.length, Vec::new());
        for buffer in batch.buffers().into_iter().flatten() {
            let at = u64::try_from(buffer.offset()).map_err(|_| "a negative offset")?;
            let length = u64::try_from(buffer.length()).map_err(|_| "a negative length")?;
            if at.checked_add(length).is_none_or(|end| end > body.length) {
                return Err("a buffer lies beyond its message".to_owned());
            }
            stored = stored.saturating_add(length);
            let Some(codec) = codec.filter(|_| length > 0) else { continue };
            let claimed = self.claim(at, length, body)?;
            taken = taken.saturating_add(claimed.unwrap_or_default());
            if let (Some(claimed), CompressionType::LZ4_FRAME) = (claimed, codec) {
                doubtful.push((at, length, claimed));
            }
        }
        // Buffers that overlap would be copied once each.
        if stored > body.length {
            return Err("buffers that overlap".to_owned());
        }
        self.refuse(taken.saturating_add(held))?;
        let worst = doubtful.iter().map(|(_, length, _)| length.saturating_mul(LZ4_RATIO));
        let worst = worst.fold(taken.saturating_add(held), u64::saturating_add);
        if worst > self.limit {
            doubtful.into_iter().try_for_each(|doubt| refuse_lz4(body, doubt))?;
        }
        Ok(taken)
    }

    /// The bytes that a compressed buffer says it has; none where it is stored uncompressed.
    fn claim(&self, at: u64, length: u64, body: &mut Body<'_>) -> Result<Option<u64>, String> {
        let mut prefix = [0; 8];
        let short = |_| "a compressed buffer without a length".to_owned();
        body.reader(at, length)?.read_exact(&mut prefix).map_err(short)?;
        match i64::from_le_bytes(prefix) {
            -1 => Ok(None),
            claimed => {
                let claimed = u64::try_from(claimed)
                    .map_err(|_| "a buffer of a negative length".to_owned())?;
                self.refuse(claimed).map(|()| Some(claimed))
            }
        }
    }

    fn refuse(&self, bytes: u64) -> Result<(), String> {
        match bytes > self.limit {
            true => Err(format!(
                "a batch takes {bytes} bytes, and --memory-limit lets {} be read: write smaller \
                 batches, or raise it",
                self.limit
            )),
            false => Ok(()),
        }
    }
}

/// An LZ4 frame that yields more than it claims.
fn refuse_lz4(body: &mut Body<'_>, (at, length, claimed): (u64, u64, u64)) -> Result<(), String> {
    let frame = body.reader(at + 8, length - 8)?;
    let frame = std::io::BufReader::with_capacity(1 << 16, frame);
    let mut capped = lz4_flex::frame::FrameDecoder::new(frame).take(claimed + 1);
    let found = std::io::copy(&mut capped, &mut std::io::sink())
        .map_err(|_| "a compressed buffer is damaged".to_owned())?;
    match found == claimed {
        true => Ok(()),
        false => Err(format!("a buffer claims {claimed} bytes and has others")),
    }
}

/// Refuses a schema of few bytes that expands to many.
pub(super) fn refuse_schema(schema: Schema<'_>) -> Result<(), String> {
    if let Some(what) = wide_integers::refusal(schema) {
        return Err(what);
    }
    let mut count = Count::default();
    count.pairs(schema.custom_metadata().into_iter().flatten().map(|p| (p.key(), p.value())));
    schema.fields().into_iter().flatten().try_for_each(|field| count.field(&field))
}

#[derive(Default)]
struct Count {
    fields: usize,
    bytes: usize,
}

impl Count {
    fn pairs<'a>(&mut self, pairs: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>) {
        let length = |text: Option<&str>| text.map_or(0, str::len);
        self.bytes += pairs.map(|(key, value)| length(key) + length(value)).sum::<usize>();
    }

    /// Nesting ends at the depth that the message was verified to.
    fn field(&mut self, field: &Field<'_>) -> Result<(), String> {
        self.fields += 1;
        self.bytes += field.name().map_or(0, str::len);
        self.pairs(field.custom_metadata().into_iter().flatten().map(|p| (p.key(), p.value())));
        if self.fields > MOST_FIELDS || self.bytes > MOST_NAMES {
            return Err("a schema with too many fields or too much metadata".to_owned());
        }
        field.children().into_iter().flatten().try_for_each(|child| self.field(&child))
    }
}
