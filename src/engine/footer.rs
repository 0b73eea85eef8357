//! The footer of a Parquet file, looked at before it is read.
//!
//! The Parquet reader reserves what a footer claims and follows how deep it nests. A few bytes must
//! not claim gigabytes, or an endless stack.

use super::bytes::FileBytes;
use super::thrift::{Compact, I32, LIST, STRUCT, Stop};

/// Deepest nesting of columns.
const DEEPEST: usize = 64;
/// Most row groups: the format counts them in 16 bits.
const MOST_ROW_GROUPS: u64 = 32_767;
/// Longest value of a fixed length, in bytes: a batch of them is reserved in one go.
const LONGEST_FIXED: i32 = 1 << 16;
/// Longest footer.
const LONGEST: u64 = 256 << 20;

/// Refuses a footer whose claims cannot be true.
///
/// # Errors
/// In words for a report.
pub(super) fn refuse(file: &FileBytes) -> Result<(), String> {
    let cut = || "a Parquet file that is cut short or damaged".to_owned();
    let mut tail = [0; 8];
    let end = file.size().checked_sub(8).ok_or_else(cut)?;
    file.read_exact_at(&mut tail, end).map_err(|e| e.to_string())?;
    // For other faults the reader's message is better.
    if &tail[4..] != b"PAR1" {
        return Ok(());
    }
    let length = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    let start = end.checked_sub(length).filter(|_| length <= LONGEST).ok_or_else(cut)?;
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    file.read_exact_at(&mut bytes, start).map_err(|e| e.to_string())?;
    walk(&bytes).map_err(|_| format!("{}: its footer's claims are impossible", cut()))
}

fn walk(bytes: &[u8]) -> Result<(), Stop> {
    let mut reader = Compact::new(bytes);
    reader.structure(0, &mut |reader, id, kind| match (id, kind) {
        (2, LIST) => {
            let (count, kind) = reader.list()?;
            let mut children = Vec::new();
            for _ in 0..count {
                children.push(element(reader, kind)?);
            }
            refuse_depth(&children)
        }
        (4, LIST) => {
            let (count, kind) = reader.list()?;
            if count > MOST_ROW_GROUPS {
                return Err(Stop::Damaged);
            }
            (0..count).try_for_each(|_| reader.skip(kind, 2))
        }
        _ => reader.skip(kind, 1),
    })
}

/// How many children an element of the schema claims.
fn element(reader: &mut Compact<'_>, kind: u8) -> Result<u64, Stop> {
    let mut children = 0;
    if kind != STRUCT {
        return Err(Stop::Damaged);
    }
    reader.structure(1, &mut |reader, id, kind| match (id, kind) {
        (2, I32) => match reader.int()? {
            0..=LONGEST_FIXED => Ok(()),
            _ => Err(Stop::Damaged),
        },
        (5, I32) => {
            children = u64::try_from(reader.int()?).map_err(|_| Stop::Damaged)?;
            Ok(())
        }
        _ => reader.skip(kind, 2),
    })?;
    Ok(children)
}

/// Follows the tree that a list of elements encodes.
fn refuse_depth(children: &[u64]) -> Result<(), Stop> {
    let mut open: Vec<u64> = Vec::new();
    for count in children {
        if *count > children.len() as u64 {
            return Err(Stop::Damaged);
        }
        while open.last() == Some(&0) {
            open.pop();
        }
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        if *count > 0 {
            open.push(*count);
        }
        if open.len() > DEEPEST {
            return Err(Stop::Damaged);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::refuse_depth;

    #[test]
    fn deep_schemas_and_impossible_counts_are_refused() {
        assert!(refuse_depth(&[2, 0, 1, 0]).is_ok());
        assert!(refuse_depth(&[2_000_000_000, 0]).is_err());
        let chain: Vec<u64> = std::iter::repeat_n(1, 100).chain([0]).collect();
        assert!(refuse_depth(&chain).is_err());
    }
}
