//! Files of columnar formats to partitions, in row order.
//!
//! Such a file is made of groups of rows: row groups, record batches. A file is a partition; one that is large is several,
//! which begin with groups. Where there are many small files, neighbours share a partition.

use std::ops::Range;

/// Bytes below which a partition is not cut to keep more slots busy.
const FINEST: u64 = 8 << 20;

/// Partitions beyond which small files are put together, at least.
const MANY: usize = 64;

/// Groups of one file that are read together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Which file.
    pub(super) file: usize,
    pub(super) groups: Range<usize>,
    bytes: u64,
}

/// The pieces of each partition. `files` are the bytes of the groups of each file; a partition has about `most` bytes,
/// and fewer if otherwise some of `slots` were idle.
pub(super) fn parts(files: &[&[u64]], most: u64, slots: usize) -> Vec<Vec<Piece>> {
    let total: u64 = files.iter().flat_map(|groups| groups.iter()).sum();
    let share = total / slots.max(1) as u64;
    let pieces = files.iter().enumerate().flat_map(|(file, groups)| cut(file, groups, share.clamp(FINEST.min(most), most).max(1)));
    let pieces: Vec<Piece> = pieces.collect();
    let many = MANY.max(4 * slots);
    if pieces.len() <= many {
        return pieces.into_iter().map(|piece| vec![piece]).collect();
    }
    let enough = (total / many as u64).min(most);
    let mut parts: Vec<(Vec<Piece>, u64)> = Vec::new();
    for piece in pieces {
        match parts.last_mut() {
            Some((part, bytes)) if *bytes + piece.bytes <= enough => {
                *bytes += piece.bytes;
                part.push(piece);
            }
            _ => {
                let bytes = piece.bytes;
                parts.push((vec![piece], bytes));
            }
        }
    }
    parts.into_iter().map(|(part, _)| part).collect()
}

/// Cuts a file into pieces of about `every` bytes: a group belongs to the piece that its middle lies in.
fn cut(file: usize, groups: &[u64], every: u64) -> Vec<Piece> {
    let total: u64 = groups.iter().sum();
    let count = total.div_ceil(every).clamp(1, groups.len().max(1) as u64);
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut before, mut last) = (0, None);
    for (at, bytes) in groups.iter().enumerate() {
        let middle = u128::from(before + bytes / 2) * u128::from(count);
        let nth = middle / u128::from(total.max(1));
        before += bytes;
        match pieces.last_mut() {
            Some(piece) if last == Some(nth) => {
                piece.groups.end = at + 1;
                piece.bytes += bytes;
            }
            _ => pieces.push(Piece { file, groups: at..at + 1, bytes: *bytes }),
        }
        last = Some(nth);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[Vec<u64>], most: u64, slots: usize) -> Vec<Vec<Piece>> {
        parts(&files.iter().map(Vec::as_slice).collect::<Vec<_>>(), most, slots)
    }

    /// Every group once, in order; the number of partitions.
    fn checked(files: &[Vec<u64>], most: u64, slots: usize) -> usize {
        let parts = of(files, most, slots);
        let read = parts.iter().flatten().flat_map(|piece| piece.groups.clone().map(move |group| (piece.file, group)));
        let all = files.iter().enumerate().flat_map(|(file, groups)| (0..groups.len()).map(move |group| (file, group)));
        assert!(read.eq(all), "{files:?} {most} {slots}: {parts:?}");
        assert!(parts.iter().all(|part| !part.is_empty() && part.iter().all(|piece| !piece.groups.is_empty())));
        parts.len()
    }

    #[test]
    fn every_group_is_in_one_partition_in_order() {
        let many: Vec<Vec<u64>> = std::iter::repeat_n(vec![9, 1], 300).collect();
        for files in [vec![], vec![vec![]], vec![vec![5; 10], vec![], vec![1, 1000, 1]], vec![vec![0; 7]], many] {
            for most in [0, 1, 7, 10, 30, 1 << 30] {
                for slots in [0, 1, 4] {
                    checked(&files, most, slots);
                }
            }
        }
    }

    #[test]
    fn a_small_file_is_a_partition_and_a_large_one_several() {
        assert_eq!(checked(&[vec![10], vec![10, 10], vec![10]], 1 << 30, 8), 3);
        assert_eq!(checked(&[vec![10; 10]], 30, 1), 4);
        assert_eq!(checked(&[vec![10; 10]], 1, 1), 10);
        assert_eq!(checked(&[vec![40 << 20; 6]], 128 << 20, 1), 2);
    }

    #[test]
    fn slots_are_not_left_idle_for_want_of_partitions() {
        assert_eq!(checked(&[vec![40 << 20; 6]], 128 << 20, 4), 4);
        assert_eq!(checked(&[vec![40 << 20; 6]], 128 << 20, 100), 6);
        assert_eq!(checked(&[vec![1 << 20; 16]], 128 << 20, 100), 2);
    }

    #[test]
    fn many_small_files_share_partitions() {
        let files = |count, bytes: u64| std::iter::repeat_n(vec![bytes], count).collect::<Vec<_>>();
        assert_eq!(checked(&files(MANY, 10), 1 << 30, 2), MANY);
        let shared = checked(&files(10_000, 10), 1 << 30, 2);
        assert!((MANY..=MANY + 2).contains(&shared), "{shared}");
        let shared = checked(&files(10_000, 1 << 20), 128 << 20, 2);
        assert!((78..=80).contains(&shared), "{shared}");
        assert_eq!(checked(&files(1000, 100 << 20), 128 << 20, 2), 1000);
    }
}
