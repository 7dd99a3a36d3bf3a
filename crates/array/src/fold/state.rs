//! What is remembered of some elements. Merging two states gives that of all their elements.

use super::{Kind, Reduction};
use crate::element::{Acc, Item, with_item};
use bytemuck::Pod;
use stratal_core::{Error, ErrorKind, Result, value::DType};

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
    fn run(items: &[T], at: u64) -> Self {
        let mut state = Self::empty();
        for (item, at) in items.iter().zip(at..) {
            state.push(*item, at);
        }
        state
    }
}

/// Elements that are summed in several lanes, so that the compiler can use wide registers.
const LANES: usize = 8;

fn words_of<A: Item>(value: A, words: &mut [u64]) {
    words[..2].copy_from_slice(&value.words());
}

fn value_of<A: Item>(words: &[u64]) -> A {
    A::of_words([words[0], words[1]])
}

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
    fn push(&mut self, item: T, _: u64) {
        self.0 = self.0.plus(item.acc());
    }

    fn run(items: &[T], _: u64) -> Self {
        let mut lanes = [T::Acc::ZERO; LANES];
        let (blocks, rest) = items.as_chunks::<LANES>();
        for block in blocks {
            for (lane, item) in lanes.iter_mut().zip(block) {
                *lane = lane.plus(item.acc());
            }
        }
        for (lane, item) in lanes.iter_mut().zip(rest) {
            *lane = lane.plus(item.acc());
        }
        let [a, b, c, d, e, f, g, h] = lanes;
        Sum(a.plus(b).plus(c.plus(d)).plus(e.plus(f).plus(g.plus(h))))
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
    fn push(&mut self, item: T, _: u64) {
        self.0 = self.0.times(item.acc());
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
    fn push(&mut self, item: T, _: u64) {
        self.sum = self.sum.plus(item.mean());
        self.count += 1.0;
    }

    fn run(items: &[T], _: u64) -> Self {
        let mut lanes = [T::Mean::ZERO; LANES];
        let (blocks, rest) = items.as_chunks::<LANES>();
        for block in blocks {
            for (lane, item) in lanes.iter_mut().zip(block) {
                *lane = lane.plus(item.mean());
            }
        }
        for (lane, item) in lanes.iter_mut().zip(rest) {
            *lane = lane.plus(item.mean());
        }
        let [a, b, c, d, e, f, g, h] = lanes;
        Mean { sum: a.plus(b).plus(c.plus(d)).plus(e.plus(f).plus(g.plus(h))), count: items.len() as f64 }
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
    fn push(&mut self, item: T, _: u64) {
        let value = item.float();
        self.count += 1.0;
        let delta = value - self.mean;
        self.mean += delta / self.count;
        self.m2 += delta * (value - self.mean);
    }

    /// Two passes: exact, and without a division an element.
    fn run(items: &[T], at: u64) -> Self {
        if items.is_empty() {
            return Self::empty();
        }
        let count = items.len() as f64;
        let rough = <Mean<T::Mean> as Fold<T>>::run(items, at).sum.float() / count;
        let (mut sum, mut m2) = (0.0, 0.0);
        for item in items {
            let delta = item.float() - rough;
            sum += delta;
            m2 += delta * delta;
        }
        Moments { count, mean: rough + sum / count, m2: m2 - sum * sum / count }
    }
}

/// The least or the greatest. What is not a number is both.
#[derive(Clone, Copy)]
pub(crate) struct Extreme<T, const MAX: bool> {
    value: T,
    seen: bool,
}

/// Whether `new` takes the place of `old`. Of equal ones the old stays.
fn beats<T: Item, const MAX: bool>(new: T, old: T) -> bool {
    if old.is_nan() {
        return false;
    }
    let better = if MAX { old.less(new) } else { new.less(old) };
    better || new.is_nan()
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
    fn push(&mut self, item: T, _: u64) {
        if !self.seen || beats::<T, MAX>(item, self.value) {
            *self = Extreme { value: item, seen: true };
        }
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
    fn push(&mut self, item: T, at: u64) {
        if !self.best.seen || beats::<T, MAX>(item, self.best.value) {
            *self = Place { best: Extreme { value: item, seen: true }, at };
        }
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
    fn push(&mut self, item: T, _: u64) {
        self.nonzero += item.is_nonzero() as u64;
        self.count += 1;
    }
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
