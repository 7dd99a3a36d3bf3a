//! States of sums, products, means, variances and counts.

use super::{
    Kind, Reduction,
    lanes::in_lanes,
    state::{Fold, State, value_of, words_of},
};
use crate::element::{Acc, Item};
use stratal_core::{Result, value::DType};

/// A sum.
#[derive(Clone, Copy)]
pub(crate) struct Sum<A>(A);

impl<A: Acc> State for Sum<A> {
    const WORDS: usize = 2;
    type Out = A;

    fn dtype(_: DType) -> DType {
        <A as Acc>::DTYPE
    }

    fn empty() -> Self {
        Sum(A::ZERO)
    }

    #[inline(always)]
    fn merge(&mut self, later: &Self) {
        self.0 = self.0.plus(later.0);
    }

    fn save(&self, words: &mut [u64]) {
        words_of(self.0, words);
    }

    fn load(words: &[u64]) -> Self {
        Sum(value_of(words))
    }

    fn out(&self, _: &Reduction) -> Result<A> {
        Ok(self.0)
    }
}

impl<T: Item> Fold<T> for Sum<T::Acc> {
    #[inline(always)]
    fn push(&mut self, item: T, _: u64) {
        self.0 = self.0.plus(item.acc());
    }

    #[inline(always)]
    fn run(items: &[T], _: u64) -> Self {
        Sum(in_lanes(items, T::Acc::ZERO, |sum, item| sum.plus(item.acc()), Acc::plus))
    }

    #[inline(always)]
    fn run_numbers(items: &[T], _: u64) -> Self {
        let number = |item: T| if item.is_nan() { T::Acc::ZERO } else { item.acc() };
        Sum(in_lanes(items, T::Acc::ZERO, |sum, item| sum.plus(number(item)), Acc::plus))
    }
}

/// A product.
#[derive(Clone, Copy)]
pub(crate) struct Product<A>(A);

impl<A: Acc> State for Product<A> {
    const WORDS: usize = 2;
    type Out = A;

    fn dtype(_: DType) -> DType {
        <A as Acc>::DTYPE
    }

    fn empty() -> Self {
        Product(A::ONE)
    }

    #[inline(always)]
    fn merge(&mut self, later: &Self) {
        self.0 = self.0.times(later.0);
    }

    fn save(&self, words: &mut [u64]) {
        words_of(self.0, words);
    }

    fn load(words: &[u64]) -> Self {
        Product(value_of(words))
    }

    fn out(&self, _: &Reduction) -> Result<A> {
        Ok(self.0)
    }
}

impl<T: Item> Fold<T> for Product<T::Acc> {
    #[inline(always)]
    fn push(&mut self, item: T, _: u64) {
        self.0 = self.0.times(item.acc());
    }

    #[inline(always)]
    fn run(items: &[T], _: u64) -> Self {
        Product(in_lanes(items, T::Acc::ONE, |product, item| product.times(item.acc()), Acc::times))
    }

    #[inline(always)]
    fn run_numbers(items: &[T], _: u64) -> Self {
        let number = |item: T| if item.is_nan() { T::Acc::ONE } else { item.acc() };
        Product(in_lanes(items, T::Acc::ONE, |product, item| product.times(number(item)), Acc::times))
    }
}

/// A sum and how many it is of.
#[derive(Clone, Copy)]
pub(crate) struct Mean<A> {
    sum: A,
    count: f64,
}

impl<A: Acc> State for Mean<A> {
    const WORDS: usize = 3;
    type Out = A;

    fn dtype(_: DType) -> DType {
        <A as Acc>::DTYPE
    }

    fn empty() -> Self {
        Mean { sum: A::ZERO, count: 0.0 }
    }

    #[inline(always)]
    fn merge(&mut self, later: &Self) {
        self.sum = self.sum.plus(later.sum);
        self.count += later.count;
    }

    fn save(&self, words: &mut [u64]) {
        words_of(self.sum, words);
        words[2] = self.count.to_bits();
    }

    fn load(words: &[u64]) -> Self {
        Mean { sum: value_of(words), count: f64::from_bits(words[2]) }
    }

    fn out(&self, _: &Reduction) -> Result<A> {
        Ok(self.sum.over(self.count))
    }
}

impl<T: Item> Fold<T> for Mean<T::Mean> {
    #[inline(always)]
    fn push(&mut self, item: T, _: u64) {
        self.sum = self.sum.plus(item.mean());
        self.count += 1.0;
    }

    #[inline(always)]
    fn run(items: &[T], _: u64) -> Self {
        let sum = in_lanes(items, T::Mean::ZERO, |sum, item| sum.plus(item.mean()), Acc::plus);
        Mean { sum, count: items.len() as f64 }
    }

    #[inline(always)]
    fn run_numbers(items: &[T], _: u64) -> Self {
        let number = |item: T| if item.is_nan() { T::Mean::ZERO } else { item.mean() };
        let sum = in_lanes(items, T::Mean::ZERO, |sum, item| sum.plus(number(item)), Acc::plus);
        Mean { sum, count: items.iter().filter(|item| !item.is_nan()).count() as f64 }
    }
}

/// How many, their mean, and the sum of their squared distances from it. Merged as Chan, Golub and LeVeque do (1979).
#[derive(Clone, Copy)]
pub(crate) struct Moments {
    count: f64,
    mean: f64,
    m2: f64,
}

impl State for Moments {
    const WORDS: usize = 3;
    type Out = f64;

    fn dtype(_: DType) -> DType {
        DType::F64
    }

    fn empty() -> Self {
        Moments { count: 0.0, mean: 0.0, m2: 0.0 }
    }

    #[inline(always)]
    fn merge(&mut self, later: &Self) {
        if later.count == 0.0 {
            return;
        }
        if self.count == 0.0 {
            *self = *later;
            return;
        }
        let count = self.count + later.count;
        let delta = later.mean - self.mean;
        self.m2 += later.m2 + delta * delta * (self.count * later.count / count);
        self.mean += delta * (later.count / count);
        self.count = count;
    }

    fn save(&self, words: &mut [u64]) {
        words[..3].copy_from_slice(&[self.count, self.mean, self.m2].map(f64::to_bits));
    }

    fn load(words: &[u64]) -> Self {
        let [count, mean, m2] = [words[0], words[1], words[2]].map(f64::from_bits);
        Moments { count, mean, m2 }
    }

    fn out(&self, how: &Reduction) -> Result<f64> {
        let left = self.count - how.ddof;
        let variance = if left > 0.0 { self.m2 / left } else { f64::NAN };
        Ok(if how.kind == Kind::Std { variance.sqrt() } else { variance })
    }
}

impl<T: Item> Fold<T> for Moments {
    #[inline(always)]
    fn push(&mut self, item: T, _: u64) {
        let value = item.float();
        self.count += 1.0;
        let delta = value - self.mean;
        self.mean += delta / self.count;
        self.m2 += delta * (value - self.mean);
    }

    /// Several passes over what is in the nearest cache: exact, and without a division an element.
    #[inline(always)]
    fn run(items: &[T], _: u64) -> Self {
        if items.is_empty() {
            return Self::empty();
        }
        let count = items.len() as f64;
        let rough = in_lanes(items, 0.0f64, |sum, item| sum + item.float(), |a, b| a + b) / count;
        // The mean is rounded: what the distances from it sum up to mends that.
        let sum = in_lanes(items, 0.0f64, |sum, item| sum + (item.float() - rough), |a, b| a + b);
        let m2 = in_lanes(
            items,
            0.0f64,
            |sum, item| {
                let delta = item.float() - rough;
                sum + delta * delta
            },
            |a, b| a + b,
        );
        let m2 = m2 - sum * sum / count;
        // Of equal elements, rounding may leave less than nothing.
        Moments { count, mean: rough + sum / count, m2: if m2 < 0.0 { 0.0 } else { m2 } }
    }
}

/// How many are not zero, and how many there are.
#[derive(Clone, Copy)]
pub(crate) struct Nonzero {
    nonzero: u64,
    count: u64,
}

impl State for Nonzero {
    const WORDS: usize = 2;
    type Out = i64;

    fn dtype(_: DType) -> DType {
        DType::I64
    }

    fn empty() -> Self {
        Nonzero { nonzero: 0, count: 0 }
    }

    #[inline(always)]
    fn merge(&mut self, later: &Self) {
        self.nonzero += later.nonzero;
        self.count += later.count;
    }

    fn save(&self, words: &mut [u64]) {
        words[..2].copy_from_slice(&[self.nonzero, self.count]);
    }

    fn load(words: &[u64]) -> Self {
        Nonzero { nonzero: words[0], count: words[1] }
    }

    fn out(&self, how: &Reduction) -> Result<i64> {
        Ok(match how.kind {
            Kind::Any => (self.nonzero > 0) as i64,
            Kind::All => (self.nonzero == self.count) as i64,
            _ => self.nonzero as i64,
        })
    }
}

impl<T: Item> Fold<T> for Nonzero {
    #[inline(always)]
    fn push(&mut self, item: T, _: u64) {
        self.nonzero += item.is_nonzero() as u64;
        self.count += 1;
    }

    #[inline(always)]
    fn run(items: &[T], _: u64) -> Self {
        Nonzero { nonzero: items.iter().map(|item| item.is_nonzero() as u64).sum(), count: items.len() as u64 }
    }
}
