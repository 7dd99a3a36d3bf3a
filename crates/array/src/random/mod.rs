//! [`Random`]: arrays of random numbers. An element is a function of the seed, its place and the shape, so that the numbers are
//! the same for any chunks, any workers and any retry.
//!
//! `philox`: the generator. `normal`, `gamma`, `counts`: distributions. `order`: permutations.

mod counts;
mod gamma;
mod normal;
mod order;
mod philox;

use crate::grid::lens;
use arrow_buffer::MutableBuffer;
use bytemuck::{Pod, cast_slice_mut};
use order::{Order, below};
use philox::{Key, Stream, open, unit, words};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use stratal_core::{
    Error, Result,
    value::{Chunk, DType},
};

/// Words that are drawn at once.
const TILE: usize = 1024;

/// An array of random numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Random {
    pub(crate) seed: u64,
    pub(crate) shape: Vec<usize>,
    pub(crate) draw: Draw,
}

/// What is drawn. The parameters are those that the distribution has: whoever builds it sees to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Draw {
    /// From 0 on, below 1.
    Uniform,
    Normal {
        mean: f64,
        sd: f64,
    },
    /// `span` whole numbers from `low` on.
    Integers {
        low: i64,
        span: u64,
    },
    Exponential {
        scale: f64,
    },
    Poisson {
        mean: f64,
    },
    Gamma {
        shape: f64,
        scale: f64,
    },
    Binomial {
        n: u64,
        p: f64,
    },
    /// Some of these, each time anew.
    Choice(Chunk),
    /// The numbers below the length of the one axis.
    Permutation,
}

impl Random {
    /// What the elements are.
    pub(crate) fn dtype(&self) -> DType {
        match &self.draw {
            Draw::Uniform | Draw::Normal { .. } | Draw::Exponential { .. } | Draw::Gamma { .. } => DType::F64,
            Draw::Integers { .. } | Draw::Poisson { .. } | Draw::Binomial { .. } | Draw::Permutation => DType::I64,
            Draw::Choice(items) => items.dtype(),
        }
    }

    /// The generator's key. Distributions have streams of their own.
    fn key(&self) -> Key {
        let purpose = match self.draw {
            Draw::Uniform => 1,
            Draw::Normal { .. } => 2,
            Draw::Integers { .. } => 3,
            Draw::Exponential { .. } => 4,
            Draw::Poisson { .. } => 5,
            Draw::Gamma { .. } => 6,
            Draw::Binomial { .. } => 7,
            Draw::Choice(_) => 8,
            Draw::Permutation => 9,
        };
        Key::new(self.seed, purpose)
    }

    /// The elements of a box.
    pub(crate) fn block(&self, bounds: &[Range<usize>]) -> Result<Chunk> {
        let key = self.key();
        match &self.draw {
            Draw::Uniform => self.each(DType::F64, bounds, |_, word| unit(word)),
            Draw::Normal { mean, sd } => self.each(DType::F64, bounds, |_, word| mean + sd * normal::quantile(open(word))),
            Draw::Exponential { scale } => self.each(DType::F64, bounds, |_, word| -scale * open(word).ln()),
            Draw::Integers { low, span } => {
                let among = among(key, *span);
                self.each(DType::I64, bounds, |at, word| low.wrapping_add(among(at, word) as i64))
            }
            Draw::Poisson { mean } => self.drawn(DType::I64, bounds, |stream| counts::poisson(stream, *mean)),
            Draw::Binomial { n, p } => self.drawn(DType::I64, bounds, |stream| counts::binomial(stream, *n, *p)),
            Draw::Gamma { shape, scale } => self.drawn(DType::F64, bounds, |stream| scale * gamma::gamma(stream, *shape)),
            Draw::Permutation => {
                let order = Order::new(key, self.shape.first().map_or(0, |len| *len as u64));
                self.runs(DType::I64, bounds, |first, out: &mut [i64]| {
                    (first..).zip(out).for_each(|(place, out)| *out = order.at(place) as i64);
                })
            }
            Draw::Choice(items) => self.chosen(items, bounds),
        }
    }

    /// Elements that are a function of one word and, where that is not enough, of their place.
    fn each<T: Pod>(&self, dtype: DType, bounds: &[Range<usize>], of: impl Fn(u64, u64) -> T) -> Result<Chunk> {
        let key = self.key();
        let mut tile = [0; TILE];
        self.runs(dtype, bounds, |first, out: &mut [T]| {
            for (nth, out) in out.chunks_mut(TILE).enumerate() {
                let first = first + (nth * TILE) as u64;
                let tile = &mut tile[..out.len()];
                words(key, first, tile);
                (first..).zip(tile).zip(out).for_each(|((at, word), out)| *out = of(at, *word));
            }
        })
    }

    /// Elements that are drawn from a stream of their own.
    fn drawn<T: Pod>(&self, dtype: DType, bounds: &[Range<usize>], draw: impl Fn(&mut Stream) -> T) -> Result<Chunk> {
        let key = self.key();
        self.runs(dtype, bounds, |first, out: &mut [T]| {
            (first..).zip(out).for_each(|(at, out)| *out = draw(&mut Stream::new(key, at)));
        })
    }

    fn chosen(&self, items: &Chunk, bounds: &[Range<usize>]) -> Result<Chunk> {
        let among = among(self.key(), items.len() as u64);
        let places = self.each(DType::I64, bounds, |at, word| among(at, word) as i64)?;
        let places: &[i64] = bytemuck::cast_slice(places.as_bytes().ok_or_else(|| Error::internal("what was drawn is not contiguous"))?);
        let items = items.compact();
        let size = items.dtype().size();
        let from = items.as_bytes().ok_or_else(|| Error::internal("a compact chunk is not contiguous"))?;
        let mut out = MutableBuffer::with_capacity(places.len() * size);
        places.iter().for_each(|place| out.extend_from_slice(&from[*place as usize * size..(*place as usize + 1) * size]));
        Chunk::new(items.dtype(), &lens(bounds), out.into())
    }

    /// Fills a box, run by run of places that follow each other in the array.
    fn runs<T: Pod>(&self, dtype: DType, bounds: &[Range<usize>], mut fill: impl FnMut(u64, &mut [T])) -> Result<Chunk> {
        let (shape, wanted) = (&self.shape, lens(bounds));
        if shape.len() != wanted.len() {
            return Err(Error::internal("a box of random numbers has other axes than the array"));
        }
        let mut out = MutableBuffer::from_len_zeroed(wanted.iter().product::<usize>() * size_of::<T>());
        // From this axis on, the box is one piece.
        let axis = (0..shape.len()).rev().find(|axis| wanted[*axis] != shape[*axis]).unwrap_or(0);
        let run: usize = wanted.get(axis..).map_or(1, |lens| lens.iter().product());
        if run > 0 {
            let items: &mut [T] = cast_slice_mut(out.as_slice_mut());
            for (nth, items) in items.chunks_exact_mut(run).enumerate() {
                let (mut rest, mut at, mut unit) = (nth as u64, 0u64, 1u64);
                for inner in (0..shape.len()).rev() {
                    at += bounds[inner].start as u64 * unit;
                    if inner < axis {
                        at += rest % wanted[inner] as u64 * unit;
                        rest /= wanted[inner] as u64;
                    }
                    unit *= shape[inner] as u64;
                }
                fill(at, items);
            }
        }
        Chunk::new(dtype, &wanted, out.into())
    }
}

/// One of `span` numbers from a place's word; where that would favour some, from words of the place alone.
fn among(key: Key, span: u64) -> impl Fn(u64, u64) -> u64 {
    let unfair = span.wrapping_neg() % span.max(1);
    move |at, word| {
        let wide = u128::from(word) * u128::from(span);
        if wide as u64 >= unfair { (wide >> 64) as u64 } else { below(&mut Stream::new(key, at), span) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(shape: &[usize], draw: Draw) -> Random {
        Random { seed: 99, shape: shape.to_vec(), draw }
    }

    #[test]
    fn a_box_is_a_box_of_the_whole() {
        let items = Chunk::new(DType::I16, &[3], vec![5i16, 6, 7].into()).unwrap();
        for draw in [
            Draw::Uniform,
            Draw::Normal { mean: 1.0, sd: 2.0 },
            Draw::Integers { low: -3, span: 10 },
            Draw::Exponential { scale: 2.0 },
            Draw::Poisson { mean: 20.0 },
            Draw::Gamma { shape: 0.5, scale: 1.0 },
            Draw::Binomial { n: 100, p: 0.4 },
            Draw::Choice(items),
        ] {
            let all = random(&[4, 5, 7], draw);
            let whole = all.block(&[0..4, 0..5, 0..7]).unwrap();
            for bounds in [[0..4, 0..5, 3..4], [1..3, 2..5, 0..7], [2..3, 0..5, 1..6], [1..1, 0..5, 0..7], [3..4, 4..5, 6..7]] {
                let start: Vec<usize> = bounds.iter().map(|range| range.start).collect();
                let expected = whole.view(&start, &lens(&bounds), &[1; 3]).unwrap().compact();
                assert_eq!(all.block(&bounds).unwrap().as_bytes(), expected.as_bytes(), "{:?} {bounds:?}", all.draw);
            }
        }
        assert_eq!(random(&[], Draw::Uniform).block(&[]).unwrap().len(), 1);
    }

    #[test]
    fn a_span_of_nearly_all_integers_is_drawn_from() {
        let all = random(&[1000], Draw::Integers { low: i64::MIN, span: u64::MAX }).block(std::slice::from_ref(&(0..1000))).unwrap();
        let numbers: &[i64] = bytemuck::cast_slice(all.as_bytes().unwrap());
        assert!(numbers.iter().any(|number| *number > i64::MAX / 2) && numbers.iter().any(|number| *number < i64::MIN / 2));
    }
}
