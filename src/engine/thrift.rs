//! Thrift's compact protocol, as far as Parquet's footers and page headers use it.
//!
//! Only to look at what a file claims before the Parquet reader follows it.

/// The longest text that is skipped.
pub(super) const LONGEST: usize = 1 << 24;
/// The type of a boolean that is false.
pub(super) const FALSE: u8 = 2;
/// The type of a 32-bit integer.
pub(super) const I32: u8 = 5;
/// The type of a list.
pub(super) const LIST: u8 = 9;
/// The type of a structure.
pub(super) const STRUCT: u8 = 12;

/// Why bytes could not be parsed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// More bytes are needed.
    Short,
    /// The bytes are invalid.
    Damaged,
}

/// A reader of bytes.
pub(super) struct Compact<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What is done with a field of a structure: its number and type.
type OnField<'f, 'a> = dyn FnMut(&mut Compact<'a>, i16, u8) -> Result<(), Stop> + 'f;

impl<'a> Compact<'a> {
    /// Reads from the beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        let byte = *self.bytes.get(self.at).ok_or(Stop::Short)?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, Stop> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Stop::Damaged)
    }

    /// An integer of 32 bits.
    pub fn int(&mut self) -> Result<i32, Stop> {
        let raw = u32::try_from(self.varint()?).map_err(|_| Stop::Damaged)?;
        Ok((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    /// The fields of a structure.
    pub fn structure(&mut self, depth: usize, on_field: &mut OnField<'_, 'a>) -> Result<(), Stop> {
        if depth > 8 {
            return Err(Stop::Damaged);
        }
        let mut id = 0i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            id = match head >> 4 {
                0 => i16::try_from(self.int()?).map_err(|_| Stop::Damaged)?,
                delta => id.checked_add(delta.into()).ok_or(Stop::Damaged)?,
            };
            on_field(self, id, head & 0x0f)?;
        }
    }

    /// Skips a value.
    pub fn skip(&mut self, kind: u8, depth: usize) -> Result<(), Stop> {
        match kind {
            // A boolean's value is its type.
            1 | 2 => Ok(()),
            3 => self.byte().map(drop),
            4..=6 => self.varint().map(drop),
            7 => self.advance(8),
            8 => {
                let length = self.varint()?;
                self.advance(length)
            }
            LIST | 10 => {
                let (count, kind) = self.list()?;
                for _ in 0..count {
                    // In a list a boolean has a byte of its own.
                    self.skip(if kind <= 2 { 3 } else { kind }, depth + 1)?;
                }
                Ok(())
            }
            STRUCT => self.structure(depth, &mut |reader, _, kind| reader.skip(kind, depth + 1)),
            _ => Err(Stop::Damaged),
        }
    }

    /// The length of a list and the type of its items: no longer than there are bytes.
    pub fn list(&mut self) -> Result<(u64, u8), Stop> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        match count > (self.bytes.len() - self.at.min(self.bytes.len())) as u64 {
            true => Err(Stop::Short),
            false => Ok((count, head & 0x0f)),
        }
    }

    fn advance(&mut self, bytes: u64) -> Result<(), Stop> {
        if bytes > LONGEST as u64 {
            return Err(Stop::Damaged);
        }
        self.at += usize::try_from(bytes).map_err(|_| Stop::Damaged)?;
        if self.at > self.bytes.len() { Err(Stop::Short) } else { Ok(()) }
    }
}
