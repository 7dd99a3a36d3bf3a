//! Where a large file is cut, so that several tasks read it.

use super::{Listed, read_range};
use serde::{Deserialize, Serialize};
use stratal_core::Result;

/// Bytes that are looked at where a newline is wanted.
const LOOK: u64 = 64 << 10;

/// A part of a file that begins with a record and ends after one. The first part of a file begins with what stands before
/// its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Which file.
    pub(crate) file: usize,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// The parts of file number `file` between these cuts.
pub(crate) fn parts(file: usize, size: u64, cuts: &[u64]) -> Vec<Part> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([size]);
    starts.zip(ends).map(|(start, end)| Part { file, start, end }).collect()
}

/// The files that are kept, and their parts under the numbers that the files have then.
pub(crate) fn keep<F: Clone>(files: &[F], parts: &[Part], kept: &[bool]) -> (Vec<F>, Vec<Part>) {
    let mut numbers = Vec::with_capacity(files.len());
    let mut left = Vec::new();
    for (file, is_kept) in files.iter().zip(kept) {
        numbers.push(left.len());
        if *is_kept {
            left.push(file.clone());
        }
    }
    let parts = parts.iter().filter(|part| kept[part.file]).map(|part| Part { file: numbers[part.file], ..*part });
    (left, parts.collect())
}

/// Places after newlines, at least `every` bytes apart where lines are not longer, in a file whose records begin at `body`.
pub(crate) async fn newline_cuts(file: &Listed, body: u64, every: u64) -> Result<Vec<u64>> {
    let (mut cuts, mut at) = (Vec::new(), body + every);
    while at < file.size {
        let bytes = read_range(file, at..(at + LOOK).min(file.size)).await?;
        match bytes.iter().position(|byte| *byte == b'\n') {
            Some(step) if at + step as u64 + 1 < file.size => {
                let cut = at + step as u64 + 1;
                cuts.push(cut);
                at = cut.max(at + every);
            }
            Some(_) => break,
            None => at += bytes.len() as u64,
        }
    }
    Ok(cuts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratal_stores::wait_here;

    #[test]
    fn files_that_are_kept_get_new_numbers_and_so_do_their_parts() {
        let parts = [(0, 1), (1, 2), (1, 3), (2, 4), (3, 5)].map(|(file, end)| Part { file, start: 0, end });
        let numbered = |kept: [bool; 4]| {
            let (files, parts) = keep(&["a", "b", "c", "d"], &parts, &kept);
            (files, parts.iter().map(|part| (part.file, part.end)).collect::<Vec<_>>())
        };
        assert_eq!(numbered([false, true, false, true]), (vec!["b", "d"], vec![(0, 2), (0, 3), (1, 5)]));
        assert_eq!(numbered([true; 4]).1, [(0, 1), (1, 2), (1, 3), (2, 4), (3, 5)]);
        assert_eq!(numbered([false; 4]), (vec![], vec![]));
    }

    #[test]
    fn cuts_are_after_newlines_and_parts_cover_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        let text = "head\n1\n22\n\n333\n4444\n5";
        std::fs::write(&path, text).unwrap();
        let file = Listed::local(&path).unwrap();
        for every in 1..text.len() as u64 + 2 {
            let cuts = wait_here(newline_cuts(&file, 5, every)).unwrap();
            assert!(cuts.iter().all(|cut| *cut > 5 && text.as_bytes()[*cut as usize - 1] == b'\n'), "{every}: {cuts:?}");
            let parts = parts(7, file.size, &cuts);
            assert_eq!((parts[0].start, parts[parts.len() - 1].end), (0, file.size));
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start && pair[0].start < pair[0].end), "{every}: {parts:?}");
        }
        assert_eq!(wait_here(newline_cuts(&file, 5, 1)).unwrap(), [7, 10, 11, 15, 20]);
    }
}
