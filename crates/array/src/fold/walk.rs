//! How the elements of a chunk are folded: tile by tile, pairwise.
//!
//! Elements come in one of two orders, whichever reads memory in rows. *Runs*: all elements of one result follow each other.
//! *Rows*: the results follow each other, again and again. Either way blocks are folded at once and merged
//! like the digits of a binary counter, so that rounding errors grow with the logarithm, and the same grid gives the same bits.

use super::{Fold, Reduction, State, Visit, save, visit};
use crate::{element::Item, kernel::wide};
use bytemuck::cast_slice;
use std::marker::PhantomData;
use stratal_core::{Result, value::Chunk};

/// Elements of a result that are folded at once, in lanes.
const BLOCK: usize = 1024;

/// Rows that are folded one after another.
const ROWS: usize = 256;

/// Folds the elements of one chunk.
pub(crate) trait Folder {
    /// Takes in the elements from the one with the number `start`. They come in order.
    fn feed(&mut self, tile: &[u8], start: usize);

    /// The states, and what they are of in the array: `place` gives the place of a reduced element.
    fn finish(self: Box<Self>, place: &dyn Fn(u64) -> u64) -> Result<Chunk>;
}

/// A folder for `kept` results of `reduced` elements each, in runs or in rows.
pub(crate) fn folder(how: &Reduction, kept: usize, reduced: usize, in_runs: bool) -> Box<dyn Folder> {
    visit(how.kind, how.of, Make { kept, reduced, in_runs, skip: how.skip })
}

struct Make {
    kept: usize,
    reduced: usize,
    in_runs: bool,
    skip: bool,
}

impl Visit for Make {
    type Out = Box<dyn Folder>;

    fn visit<T: Item, S: Fold<T>>(self) -> Box<dyn Folder> {
        let Make { kept, reduced, in_runs, skip } = self;
        match in_runs {
            true => Box::new(Runs::<T, S> { reduced, skip, done: vec![S::empty(); kept], counter: Vec::new(), of: PhantomData }),
            false => {
                if let Some(folder) = <S as Fold<T>>::columns(kept, skip) {
                    return folder;
                }
                let (done, block) = (vec![S::empty(); kept], vec![S::empty(); kept]);
                Box::new(Rows::<T, S> { skip, done, block, rows: 0, counter: Vec::new(), of: PhantomData })
            }
        }
    }
}

/// Adds a block to the counter: two of one size become one of the next.
fn count<S>(counter: &mut Vec<(S, u32)>, mut state: S, merge: impl Fn(&mut S, &S)) {
    let mut level = 0;
    while let Some((mut earlier, _)) = counter.pop_if(|(_, of)| *of == level) {
        merge(&mut earlier, &state);
        state = earlier;
        level += 1;
    }
    counter.push((state, level));
}

/// Results one after another.
struct Runs<T, S> {
    reduced: usize,
    skip: bool,
    done: Vec<S>,
    /// Blocks of the result that is being folded.
    counter: Vec<(S, u32)>,
    of: PhantomData<fn(T)>,
}

impl<T: Item, S: Fold<T>> Folder for Runs<T, S> {
    fn feed(&mut self, tile: &[u8], start: usize) {
        let mut items: &[T] = cast_slice(tile);
        let mut at = start;
        while !items.is_empty() {
            let (result, first) = (at / self.reduced, at % self.reduced);
            let len = (self.reduced - first).min(BLOCK - first % BLOCK).min(items.len());
            let (head, rest) = items.split_at(len);
            let skip = self.skip;
            let block = wide(
                #[inline(always)]
                move || if skip { S::run_numbers(head, first as u64) } else { S::run(head, first as u64) },
            );
            if self.reduced <= BLOCK {
                self.done[result].merge(&block);
            } else {
                count(&mut self.counter, block, |earlier, later| earlier.merge(later));
                if first + len == self.reduced {
                    // The last are the smallest.
                    for (state, _) in self.counter.drain(..) {
                        self.done[result].merge(&state);
                    }
                }
            }
            (items, at) = (rest, at + len);
        }
    }

    fn finish(mut self: Box<Self>, place: &dyn Fn(u64) -> u64) -> Result<Chunk> {
        self.done.iter_mut().for_each(|state| state.place(place));
        save(&self.done)
    }
}

/// All results side by side.
struct Rows<T, S> {
    skip: bool,
    done: Vec<S>,
    block: Vec<S>,
    /// Elements that the block has of every result.
    rows: usize,
    counter: Vec<(Vec<S>, u32)>,
    of: PhantomData<fn(T)>,
}

impl<T: Item, S: Fold<T>> Rows<T, S> {
    fn end_block(&mut self) {
        let empty = vec![S::empty(); self.block.len()];
        let block = std::mem::replace(&mut self.block, empty);
        count(&mut self.counter, block, |earlier, later| merge_all(earlier, later));
        self.rows = 0;
    }
}

/// Takes one element into each state.
#[inline(always)]
fn push_row<T: Item, S: Fold<T>>(states: &mut [S], items: &[T], at: u64, skip: bool) {
    if skip {
        for (state, item) in states.iter_mut().zip(items).filter(|(_, item)| !item.is_nan()) {
            state.push(*item, at);
        }
    } else {
        for (state, item) in states.iter_mut().zip(items) {
            state.push(*item, at);
        }
    }
}

fn merge_all<S: State>(earlier: &mut [S], later: &[S]) {
    earlier.iter_mut().zip(later).for_each(|(earlier, later)| earlier.merge(later));
}

impl<T: Item, S: Fold<T>> Folder for Rows<T, S> {
    fn feed(&mut self, tile: &[u8], start: usize) {
        let mut items: &[T] = cast_slice(tile);
        let (kept, mut at) = (self.block.len(), start);
        while !items.is_empty() {
            let (row, first) = (at / kept, at % kept);
            let len = (kept - first).min(items.len());
            let (head, rest) = items.split_at(len);
            let states = &mut self.block[first..first + len];
            let skip = self.skip;
            wide(
                #[inline(always)]
                move || push_row(states, head, row as u64, skip),
            );
            if first + len == kept {
                self.rows += 1;
                if self.rows == ROWS {
                    self.end_block();
                }
            }
            (items, at) = (rest, at + len);
        }
    }

    fn finish(mut self: Box<Self>, place: &dyn Fn(u64) -> u64) -> Result<Chunk> {
        if self.rows > 0 {
            self.end_block();
        }
        let Rows { mut done, counter, .. } = *self;
        for (states, _) in &counter {
            merge_all(&mut done, states);
        }
        done.iter_mut().for_each(|state| state.place(place));
        save(&done)
    }
}
