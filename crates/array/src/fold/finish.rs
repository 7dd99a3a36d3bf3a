//! States of several chunks merged, and made elements.

use super::{Fold, Reduction, State, Visit, visit};
use crate::{element::Item, kernel};
use arrow_buffer::{Buffer, MutableBuffer};
use bytemuck::cast_slice;
use stratal_core::{
    Error, Result,
    value::{Chunk, DType},
};

/// States as a chunk of words, one row a state.
pub(crate) fn save<S: State>(states: &[S]) -> Result<Chunk> {
    let mut words = vec![0u64; states.len() * S::WORDS];
    for (state, words) in states.iter().zip(words.chunks_exact_mut(S::WORDS)) {
        state.save(words);
    }
    Chunk::new(DType::U64, &[states.len(), S::WORDS], Buffer::from_vec(words))
}

/// The states of a chunk of words.
pub(crate) fn load<S: State>(chunk: &Chunk) -> Result<Vec<S>> {
    let chunk = chunk.compact();
    let bytes = chunk.as_bytes().filter(|_| chunk.dtype() == DType::U64 && chunk.shape().get(1) == Some(&S::WORDS));
    let bytes = bytes.ok_or_else(|| Error::internal(format!("{chunk:?} does not hold states of {} words", S::WORDS)))?;
    Ok(cast_slice::<u8, u64>(bytes).chunks_exact(S::WORDS).map(S::load).collect())
}

/// The states of several chunks in one.
pub(crate) fn merge(how: &Reduction, chunks: &[Chunk]) -> Result<Chunk> {
    visit(how.kind, how.of, Merge(chunks))
}

struct Merge<'a>(&'a [Chunk]);

impl Visit for Merge<'_> {
    type Out = Result<Chunk>;

    fn visit<T: Item, S: Fold<T>>(self) -> Result<Chunk> {
        let mut all = self.0.iter().map(load::<S>);
        let mut merged = all.next().ok_or_else(|| Error::internal("there are no states to merge"))??;
        for states in all {
            let states = states?;
            if states.len() != merged.len() {
                return Err(Error::internal("states of different numbers of results"));
            }
            merged.iter_mut().zip(&states).for_each(|(merged, state)| merged.merge(state));
        }
        save(&merged)
    }
}

/// The elements that states make, as a chunk of this shape.
pub(crate) fn finish(how: &Reduction, states: &Chunk, shape: &[usize]) -> Result<Chunk> {
    visit(how.kind, how.of, Finish { how, states, shape })
}

struct Finish<'a> {
    how: &'a Reduction,
    states: &'a Chunk,
    shape: &'a [usize],
}

impl Visit for Finish<'_> {
    type Out = Result<Chunk>;

    fn visit<T: Item, S: Fold<T>>(self) -> Result<Chunk> {
        let Finish { how, states, shape } = self;
        let made = load::<S>(states)?.iter().map(|state| state.out(how)).collect::<Result<Vec<S::Out>>>()?;
        let mut out = MutableBuffer::from_len_zeroed(made.len() * how.gives.size());
        kernel::cast(S::dtype(how.of), how.gives, cast_slice(&made), out.as_slice_mut())?;
        Chunk::new(how.gives, shape, out.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::{Kind, folder};

    fn folded(kind: Kind, values: &[f64], parts: usize, ddof: f64) -> f64 {
        let how = Reduction { kind, skip: false, ddof, of: DType::F64, gives: DType::F64, axes: vec![true] };
        let chunks: Vec<Chunk> = values
            .chunks(values.len().div_ceil(parts).max(1))
            .map(|values| {
                let mut folder = folder(&how, 1, values.len(), true);
                folder.feed(cast_slice(values), 0);
                folder.finish(&|at| at).unwrap()
            })
            .collect();
        let out = finish(&how, &merge(&how, &chunks).unwrap(), &[]).unwrap();
        cast_slice::<u8, f64>(out.as_bytes().unwrap())[0]
    }

    #[test]
    fn a_variance_of_large_numbers_keeps_its_digits() {
        let values: Vec<f64> = [1.0, 2.0, 3.0].repeat(10).iter().map(|x| x + 1e8).collect();
        for parts in 1..7 {
            assert!((folded(Kind::Var, &values, parts, 0.0) - 2.0 / 3.0).abs() < 1e-9);
            assert!((folded(Kind::Var, &values, parts, 1.0) - 20.0 / 29.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_sum_of_many_does_not_lose_the_small() {
        let values = vec![0.1f64; 1_000_000];
        assert!((folded(Kind::Sum, &values, 3, 0.0) - 100_000.0).abs() < 1e-9);
    }
}
