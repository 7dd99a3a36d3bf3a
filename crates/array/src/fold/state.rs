//! What is remembered of some elements. Merging two states gives that of all their elements.

use super::{
    Folder, Kind, Reduction,
    extremes::{Extreme, Place},
    sums::{Mean, Moments, Nonzero, Product, Sum},
};
use crate::element::{Item, with_item};
use bytemuck::Pod;
use stratal_core::{Result, value::DType};

/// What is remembered of some elements.
pub(crate) trait State: Copy + Send + 'static {
    /// Words that it is stored in.
    const WORDS: usize;
    /// The dtype of its result, before that is cast to the reduction's.
    fn dtype(of: DType) -> DType;
    /// What it makes.
    type Out: Pod;

    fn empty() -> Self;

    /// Takes in what was remembered of elements that come later.
    fn merge(&mut self, later: &Self);

    fn save(&self, words: &mut [u64]);

    fn load(words: &[u64]) -> Self;

    /// The result.
    fn out(&self, how: &Reduction) -> Result<Self::Out>;

    /// Turns a place in the chunk into one in the array.
    fn place(&mut self, _: &dyn Fn(u64) -> u64) {}
}

/// A state that takes elements of a type.
pub(crate) trait Fold<T: Item>: State {
    /// Takes in an element, at this place among those that are reduced.
    fn push(&mut self, item: T, at: u64);

    /// The state of consecutive elements.
    fn run(items: &[T], at: u64) -> Self;

    /// The state of those consecutive elements that are numbers.
    fn run_numbers(items: &[T], at: u64) -> Self {
        let mut state = Self::empty();
        for (item, at) in items.iter().zip(at..).filter(|(item, _)| !item.is_nan()) {
            state.push(*item, at);
        }
        state
    }

    /// What folds rows of `kept` elements faster than states side by side do, where there is such a thing.
    fn columns(_kept: usize, _skip: bool) -> Option<Box<dyn Folder>> {
        None
    }
}

/// Writes an element into two words.
pub(super) fn words_of<A: Item>(value: A, words: &mut [u64]) {
    words[..2].copy_from_slice(&value.words());
}

/// Reads it back.
pub(super) fn value_of<A: Item>(words: &[u64]) -> A {
    A::of_words([words[0], words[1]])
}

/// Something to be done with the state of a reduction.
pub(crate) trait Visit {
    type Out;

    fn visit<T: Item, S: Fold<T>>(self) -> Self::Out;
}

/// Finds the state of a reduction of elements of a dtype.
pub(crate) fn visit<V: Visit>(kind: Kind, of: DType, visit: V) -> V::Out {
    with_item!(of, T => match kind {
        Kind::Sum => visit.visit::<T, Sum<<T as Item>::Acc>>(),
        Kind::Prod => visit.visit::<T, Product<<T as Item>::Acc>>(),
        Kind::Mean => visit.visit::<T, Mean<<T as Item>::Mean>>(),
        Kind::Var | Kind::Std => visit.visit::<T, Moments>(),
        Kind::Min => visit.visit::<T, Extreme<T, false>>(),
        Kind::Max => visit.visit::<T, Extreme<T, true>>(),
        Kind::ArgMin => visit.visit::<T, Place<T, false>>(),
        Kind::ArgMax => visit.visit::<T, Place<T, true>>(),
        Kind::Any | Kind::All | Kind::CountNonzero => visit.visit::<T, Nonzero>(),
    })
}
