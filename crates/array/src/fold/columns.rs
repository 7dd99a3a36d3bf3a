//! The least or the greatest of each column, row by row. Extremes do not round, so that rows need no blocks: there is one row of
//! the best so far, which a loop without branches goes over with each new one.

use super::{
    extremes::{Extreme, take, take_number},
    finish::save,
    state::State,
    walk::Folder,
};
use crate::{element::Item, kernel::wide};
use bytemuck::cast_slice;
use stratal_core::{Result, value::Chunk};

/// The extremes of columns.
pub(super) struct Columns<T, const MAX: bool> {
    kept: usize,
    skip: bool,
    /// One for each column that has had an element.
    best: Vec<T>,
}

impl<T: Item, const MAX: bool> Columns<T, MAX> {
    pub(super) fn new(kept: usize, skip: bool) -> Self {
        Columns { kept, skip, best: Vec::with_capacity(kept) }
    }
}

/// Takes a part of a row into the best of its columns.
#[inline(always)]
fn take_row<T: Item, const MAX: bool>(best: &mut [T], items: &[T], skip: bool) {
    if skip {
        for (best, item) in best.iter_mut().zip(items) {
            *best = take_number::<T, MAX>(*best, *item);
        }
    } else {
        for (best, item) in best.iter_mut().zip(items) {
            *best = take::<T, MAX>(*best, *item);
        }
    }
}

impl<T: Item, const MAX: bool> Folder for Columns<T, MAX> {
    fn feed(&mut self, tile: &[u8], start: usize) {
        let mut items: &[T] = cast_slice(tile);
        let (kept, skip, mut at) = (self.kept, self.skip, start);
        while !items.is_empty() {
            let first = at % kept;
            let len = (kept - first).min(items.len());
            let (head, rest) = items.split_at(len);
            if at < kept {
                self.best.extend_from_slice(head);
            } else {
                let best = &mut self.best[first..first + len];
                wide(
                    #[inline(always)]
                    move || take_row::<T, MAX>(best, head, skip),
                );
            }
            (items, at) = (rest, at + len);
        }
    }

    fn finish(self: Box<Self>, _: &dyn Fn(u64) -> u64) -> Result<Chunk> {
        let mut states = vec![Extreme::<T, MAX>::empty(); self.kept];
        let found = states.iter_mut().zip(&self.best).filter(|(_, best)| !(self.skip && best.is_nan()));
        found.for_each(|(state, best)| *state = Extreme::of(*best));
        save(&states)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The extremes of the columns of rows, as they are saved: an element in two words, and whether there was one.
    fn columns<const MAX: bool>(rows: &[f64], kept: usize, skip: bool, tile: usize) -> Vec<Option<f64>> {
        let mut folder: Box<dyn Folder> = Box::new(Columns::<f64, MAX>::new(kept, skip));
        for (nth, tile_of) in rows.chunks(tile).enumerate() {
            folder.feed(cast_slice(tile_of), nth * tile);
        }
        let saved = folder.finish(&|at| at).unwrap();
        let words: Vec<u64> = cast_slice::<u8, u64>(saved.as_bytes().unwrap()).to_vec();
        words.chunks(3).map(|words| (words[2] != 0).then(|| f64::from_bits(words[0]))).collect()
    }

    #[test]
    fn what_is_not_a_number_stays_or_goes_in_every_row_and_tile() {
        const NAN: f64 = f64::NAN;
        let rows = [3.0, NAN, -1.0, NAN, 1.0, 2.0, NAN, NAN, 2.0, 5.0, -7.0, NAN];
        for tile in 1..13 {
            let most = columns::<true>(&rows, 4, false, tile);
            assert!(most[0] == Some(3.0) && most[1..].iter().all(|most| most.is_some_and(f64::is_nan)), "{most:?}");
            assert_eq!(columns::<true>(&rows, 4, true, tile), [Some(3.0), Some(5.0), Some(-1.0), None]);
            assert_eq!(columns::<false>(&rows, 4, true, tile), [Some(1.0), Some(2.0), Some(-7.0), None]);
        }
        assert_eq!(columns::<true>(&[], 2, false, 1), [None, None]);
    }
}
