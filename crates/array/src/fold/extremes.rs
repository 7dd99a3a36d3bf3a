//! States of the least and the greatest, and of their places.

use super::{
    Folder, Reduction,
    columns::Columns,
    lanes::{LANES, in_lanes},
    state::{Fold, State, value_of, words_of},
};
use crate::element::Item;
use stratal_core::{Error, ErrorKind, Result, value::DType};

/// The least or the greatest. What is not a number is both.
#[derive(Clone, Copy)]
pub(crate) struct Extreme<T, const MAX: bool> {
    value: T,
    seen: bool,
}

impl<T: Item, const MAX: bool> Extreme<T, MAX> {
    /// The extreme of elements that there were.
    pub(super) fn of(value: T) -> Self {
        Extreme { value, seen: true }
    }
}

/// The extreme of two. What is not a number stays: nothing is better than it.
#[inline(always)]
pub(super) fn take<T: Item, const MAX: bool>(old: T, new: T) -> T {
    if better::<T, MAX>(new, old) | new.is_nan() { new } else { old }
}

/// The extreme of two, where numbers take the place of what is none.
#[inline(always)]
pub(super) fn take_number<T: Item, const MAX: bool>(old: T, new: T) -> T {
    if better::<T, MAX>(new, old) | old.is_nan() { new } else { old }
}

/// Whether one is nearer to the extreme than the other.
#[inline(always)]
fn better<T: Item, const MAX: bool>(new: T, old: T) -> bool {
    if MAX { old.less(new) } else { new.less(old) }
}

/// Whether `new` takes the place of `old`. Of equal ones the old stays.
#[inline(always)]
fn beats<T: Item, const MAX: bool>(new: T, old: T) -> bool {
    !old.is_nan() & (better::<T, MAX>(new, old) | new.is_nan())
}

impl<T: Item, const MAX: bool> State for Extreme<T, MAX> {
    const WORDS: usize = 3;
    type Out = T;

    fn dtype(of: DType) -> DType {
        of
    }

    fn empty() -> Self {
        Extreme { value: T::zeroed(), seen: false }
    }

    #[inline(always)]
    fn merge(&mut self, later: &Self) {
        if later.seen && (!self.seen || beats::<T, MAX>(later.value, self.value)) {
            *self = *later;
        }
    }

    fn save(&self, words: &mut [u64]) {
        words_of(self.value, words);
        words[2] = self.seen as u64;
    }

    fn load(words: &[u64]) -> Self {
        Extreme { value: value_of(words), seen: words[2] != 0 }
    }

    fn out(&self, how: &Reduction) -> Result<T> {
        match self.seen {
            true => Ok(self.value),
            // Only where all were left out: that there are no elements is found when the array is built.
            false => Ok(not_a_number(how.of)),
        }
    }
}

/// What is not a number, of a float dtype.
fn not_a_number<T: Item>(of: DType) -> T {
    match of {
        DType::F32 => T::of_words(f32::NAN.words()),
        _ => T::of_words(f64::NAN.words()),
    }
}

impl<T: Item, const MAX: bool> Fold<T> for Extreme<T, MAX> {
    #[inline(always)]
    fn push(&mut self, item: T, _: u64) {
        let value = if !self.seen | beats::<T, MAX>(item, self.value) { item } else { self.value };
        *self = Extreme { value, seen: true };
    }

    #[inline(always)]
    fn run(items: &[T], _: u64) -> Self {
        let Some(first) = items.first() else { return Self::empty() };
        Extreme { value: in_lanes(items, *first, take::<T, MAX>, take::<T, MAX>), seen: true }
    }

    #[inline(always)]
    fn run_numbers(items: &[T], _: u64) -> Self {
        let Some(first) = items.first() else { return Self::empty() };
        let value = in_lanes(items, *first, take_number::<T, MAX>, take_number::<T, MAX>);
        if value.is_nan() { Self::empty() } else { Extreme { value, seen: true } }
    }

    fn columns(kept: usize, skip: bool) -> Option<Box<dyn Folder>> {
        Some(Box::new(Columns::<T, MAX>::new(kept, skip)))
    }
}

/// The place of the least or the greatest, the first of several.
#[derive(Clone, Copy)]
pub(crate) struct Place<T, const MAX: bool> {
    best: Extreme<T, MAX>,
    at: u64,
}

impl<T: Item, const MAX: bool> State for Place<T, MAX> {
    const WORDS: usize = 4;
    type Out = i64;

    fn dtype(_: DType) -> DType {
        DType::I64
    }

    fn empty() -> Self {
        Place { best: Extreme::empty(), at: 0 }
    }

    #[inline(always)]
    fn merge(&mut self, other: &Self) {
        if !other.best.seen {
            return;
        }
        let (mine, theirs) = (self.best.value, other.best.value);
        let ties = mine == theirs || mine.is_nan() && theirs.is_nan();
        if !self.best.seen || beats::<T, MAX>(theirs, mine) || ties && other.at < self.at {
            *self = *other;
        }
    }

    fn save(&self, words: &mut [u64]) {
        self.best.save(words);
        words[3] = self.at;
    }

    fn load(words: &[u64]) -> Self {
        Place { best: Extreme::load(words), at: words[3] }
    }

    fn out(&self, _: &Reduction) -> Result<i64> {
        match self.best.seen {
            true => Ok(self.at as i64),
            false => Err(Error::new(ErrorKind::BadValue, "there is nothing but NaN to take the place of")),
        }
    }

    fn place(&mut self, of: &dyn Fn(u64) -> u64) {
        if self.best.seen {
            self.at = of(self.at);
        }
    }
}

impl<T: Item, const MAX: bool> Fold<T> for Place<T, MAX> {
    #[inline(always)]
    fn push(&mut self, item: T, at: u64) {
        if !self.best.seen || beats::<T, MAX>(item, self.best.value) {
            *self = Place { best: Extreme { value: item, seen: true }, at };
        }
    }

    #[inline(always)]
    fn run(items: &[T], at: u64) -> Self {
        Self::find(<Extreme<T, MAX> as Fold<T>>::run(items, at), items, at)
    }

    #[inline(always)]
    fn run_numbers(items: &[T], at: u64) -> Self {
        Self::find(<Extreme<T, MAX> as Fold<T>>::run_numbers(items, at), items, at)
    }
}

impl<T: Item, const MAX: bool> Place<T, MAX> {
    /// The first place of a value that is among the elements.
    #[inline(always)]
    fn find(best: Extreme<T, MAX>, items: &[T], at: u64) -> Self {
        if !best.seen {
            return Self::empty();
        }
        let lost = best.value.is_nan();
        let is = |item: &T| (*item == best.value) | (lost & item.is_nan());
        // First the block that has it: a loop without an exit in it can use wide registers.
        let block = items.chunks(LANES).position(|block| block.iter().fold(false, |found, item| found | is(item))).unwrap_or(0) * LANES;
        let within = items[block..].iter().position(is).unwrap_or(0);
        Place { best, at: at + (block + within) as u64 }
    }
}
