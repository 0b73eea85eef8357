//! Texts that are compressed as a whole: by gzip or by zstd, which their first bytes tell.

use std::io::{BufReader, ErrorKind, Read};

use flate2::read::MultiGzDecoder;

use crate::engine::bytes::FileBytes;

/// The window that a zstd frame may ask for, as a power of two: 128 MiB, the most that the tool
/// itself follows.
const MOST_WINDOW: u32 = 27;

/// A file of text, as it is below its compression.
pub(super) struct Coded<'a> {
    file: &'a FileBytes,
    coding: Option<Coding>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Zstd,
}

impl<'a> Coded<'a> {
    /// Looks at a file's first bytes. No text begins like this.
    pub fn of(file: &'a FileBytes) -> Self {
        let length = usize::try_from(file.size().min(4)).unwrap_or_default();
        let head = file.get(0, length).unwrap_or_default();
        let coding = match &head[..] {
            [0x1f, 0x8b, ..] => Some(Coding::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd] => Some(Coding::Zstd),
            _ => None,
        };
        Self { file, coding }
    }

    /// The text from its beginning.
    ///
    /// # Errors
    /// When there is no memory to decode it.
    pub fn reader(&self) -> std::io::Result<Box<dyn Read>> {
        let bytes = BufReader::with_capacity(1 << 16, self.file.reader(0));
        Ok(match self.coding {
            None => Box::new(self.file.reader(0)),
            Some(Coding::Gzip) => Box::new(Named("gzip", MultiGzDecoder::new(bytes))),
            Some(Coding::Zstd) => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes)?;
                decoder.window_log_max(MOST_WINDOW)?;
                Box::new(Named("zstd", decoder))
            }
        })
    }
}

/// A decoder whose errors are the file's.
struct Named<R>(&'static str, R);

impl<R: Read> Read for Named<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.1.read(into).map_err(|error| match error.kind() {
            ErrorKind::InvalidData
            | ErrorKind::InvalidInput
            | ErrorKind::UnexpectedEof
            | ErrorKind::Other => std::io::Error::other(Undecodable(self.0)),
            // The file itself cannot be read.
            _ => error,
        })
    }
}

/// Why a compressed text ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {0} data is cut short or damaged")]
pub(super) struct Undecodable(&'static str);

/// What is wrong with the compression of a file, where that is why it could not be read.
pub(super) fn undecodable(error: &std::io::Error) -> Option<Undecodable> {
    error.get_ref()?.downcast_ref::<Undecodable>().copied()
}
