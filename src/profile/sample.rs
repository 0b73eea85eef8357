//! A sample of numbers that depends on row numbers alone, so that it is the same however many
//! threads read.

use std::collections::BinaryHeap;

/// Values that are kept.
const MOST: usize = 8 * 1024;

/// The values of the rows whose number hashes lowest.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    heap: BinaryHeap<(u64, Bits)>,
    seen: u64,
}

/// A double, ordered by its bits: only to be kept in a heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bits(u64);

impl Sample {
    /// Offers the value of a row.
    pub fn offer(&mut self, row: u64, value: f64) {
        self.seen += 1;
        self.keep(spread(row), Bits(value.to_bits()));
    }

    fn keep(&mut self, hash: u64, value: Bits) {
        if self.heap.len() < MOST {
            self.heap.push((hash, value));
        } else if self.heap.peek().is_some_and(|(highest, _)| hash < *highest) {
            self.heap.pop();
            self.heap.push((hash, value));
        }
    }

    /// Takes over another sample.
    pub fn add(&mut self, other: Self) {
        self.seen += other.seen;
        other.heap.into_iter().for_each(|(hash, value)| self.keep(hash, value));
    }

    /// The values, ascending, and whether they are all that were offered.
    pub fn finish(self) -> (Vec<f64>, bool) {
        let whole = self.seen == self.heap.len() as u64;
        let mut values: Vec<f64> =
            self.heap.into_iter().map(|(_, bits)| f64::from_bits(bits.0)).collect();
        values.sort_by(f64::total_cmp);
        (values, whole)
    }
}

/// Spreads neighbouring numbers over all of 64 bits.
pub(super) fn spread(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
