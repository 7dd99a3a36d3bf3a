//! Aggregates that are merged from parts: what holds for some rows and what holds for the rows after them.
//!
//! Rows that leave a frame are never subtracted again: a `NaN` or an infinity that has left would stay for good, and of a
//! large value its rounding. A [`Queue`] keeps parts in two stacks instead, and merges each row a constant number of times.

use super::{
    bounds::{Bounds, Walk, walk},
    mask::Mask,
};
use arrow_array::{ArrayRef, Float64Array, Int64Array, UInt64Array};
use std::{ops::Range, sync::Arc};

/// What some consecutive rows come to. The default is that of no rows.
pub(super) trait Part: Copy + Default {
    /// Both, `self` before `later`.
    fn merge(self, later: Self) -> Self;
}

/// Parts, of which the first leaves first.
struct Queue<P> {
    /// What came in, and all of it together.
    back: Vec<P>,
    back_all: P,
    /// What leaves next, on top: each with all that came in after it and stands in this stack.
    front: Vec<P>,
    /// Whether anything leaves.
    shrinks: bool,
}

impl<P: Part> Queue<P> {
    fn new(shrinks: bool) -> Self {
        Queue { back: Vec::new(), back_all: P::default(), front: Vec::new(), shrinks }
    }

    fn clear(&mut self) {
        self.back.clear();
        self.front.clear();
        self.back_all = P::default();
    }

    fn push(&mut self, part: P) {
        self.back_all = self.back_all.merge(part);
        if self.shrinks {
            self.back.push(part);
        }
    }

    fn pop(&mut self) {
        if self.front.is_empty() {
            let mut all = P::default();
            while let Some(part) = self.back.pop() {
                all = part.merge(all);
                self.front.push(all);
            }
            self.back_all = P::default();
        }
        self.front.pop();
    }

    fn all(&self) -> P {
        self.front.last().copied().unwrap_or_default().merge(self.back_all)
    }
}

/// A queue of the rows of a frame.
struct Folded<P, V, E> {
    queue: Queue<P>,
    /// What a row comes to.
    value: V,
    /// What is done with a frame's.
    emit: E,
}

impl<P: Part, V: Fn(usize) -> P, E: FnMut(P)> Walk for Folded<P, V, E> {
    fn clear(&mut self) {
        self.queue.clear();
    }

    fn enter(&mut self, row: usize) {
        self.queue.push((self.value)(row));
    }

    fn leave(&mut self, _: usize) {
        self.queue.pop();
    }

    fn emit(&mut self) {
        (self.emit)(self.queue.all());
    }
}

/// What the frame of each row comes to. A row that does not count comes to nothing.
pub(super) fn folded<P: Part, T>(
    parts: &[Range<usize>],
    bounds: &Bounds,
    mask: &Mask,
    value: impl Fn(usize) -> P,
    finish: impl Fn(P) -> T,
) -> Vec<T> {
    let mut all = Vec::with_capacity(bounds.len());
    let value = |row: usize| if mask.has(row) { value(row) } else { P::default() };
    walk(parts, bounds, &mut Folded { queue: Queue::new(bounds.shrinks()), value, emit: |part: P| all.push(finish(part)) });
    all
}

/// How many there are, and their sum.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    count: u64,
    sum: f64,
}

impl Part for Sum {
    fn merge(self, later: Self) -> Self {
        match (self.count, later.count) {
            (0, _) => later,
            (_, 0) => self,
            _ => Sum { count: self.count + later.count, sum: self.sum + later.sum },
        }
    }
}

impl Sum {
    fn of(value: f64) -> Self {
        Sum { count: 1, sum: value }
    }
}

/// The sum of the frame, null where it is empty.
pub(super) fn sum(values: &Float64Array, parts: &[Range<usize>], bounds: &Bounds, mask: &Mask) -> ArrayRef {
    let finish = |part: Sum| (part.count > 0).then_some(part.sum);
    Arc::new(Float64Array::from(folded(parts, bounds, mask, |row| Sum::of(values.value(row)), finish)))
}

/// The mean of the frame.
pub(super) fn mean(values: &Float64Array, parts: &[Range<usize>], bounds: &Bounds, mask: &Mask) -> ArrayRef {
    let finish = |part: Sum| (part.count > 0).then(|| part.sum / part.count as f64);
    Arc::new(Float64Array::from(folded(parts, bounds, mask, |row| Sum::of(values.value(row)), finish)))
}

/// How many pairs there are, the means of both sides, and the sums of the products of what they differ from them.
///
/// Parts are merged as Chan, Golub and LeVeque give it in "Algorithms for Computing the Sample Variance" (1983), so that
/// nothing is lost where values are large and close to each other.
#[derive(Clone, Copy, Default)]
pub(super) struct Moments {
    count: u64,
    mean_x: f64,
    mean_y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Part for Moments {
    fn merge(self, later: Self) -> Self {
        match (self.count, later.count) {
            (0, _) => return later,
            (_, 0) => return self,
            _ => {}
        }
        let count = self.count + later.count;
        let (own, other, both) = (self.count as f64, later.count as f64, count as f64);
        let (dx, dy) = (later.mean_x - self.mean_x, later.mean_y - self.mean_y);
        let weight = own * other / both;
        Moments {
            count,
            mean_x: self.mean_x + dx * other / both,
            mean_y: self.mean_y + dy * other / both,
            xx: self.xx + later.xx + dx * dx * weight,
            yy: self.yy + later.yy + dy * dy * weight,
            xy: self.xy + later.xy + dx * dy * weight,
        }
    }
}

impl Moments {
    fn of(x: f64, y: f64) -> Self {
        Moments { count: 1, mean_x: x, mean_y: y, xx: 0.0, yy: 0.0, xy: 0.0 }
    }

    /// The degrees of freedom, if there are any.
    fn freedom(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.count - 1) as f64)
    }

    /// The variance of the first side.
    pub(super) fn variance(self) -> Option<f64> {
        self.freedom().map(|freedom| self.xx / freedom)
    }

    /// The standard deviation of the first side.
    pub(super) fn deviation(self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The covariance.
    pub(super) fn covariance(self) -> Option<f64> {
        self.freedom().map(|freedom| self.xy / freedom)
    }

    /// The correlation; none where a side does not vary.
    pub(super) fn correlation(self) -> Option<f64> {
        let varies = self.count > 1 && self.xx != 0.0 && self.yy != 0.0;
        varies.then(|| self.xy / (self.xx.sqrt() * self.yy.sqrt()))
    }
}

/// A figure of one side, or of two.
pub(super) fn moments(
    (x, y): (&Float64Array, &Float64Array),
    parts: &[Range<usize>],
    bounds: &Bounds,
    mask: &Mask,
    figure: impl Fn(Moments) -> Option<f64>,
) -> ArrayRef {
    let value = |row: usize| Moments::of(x.value(row), y.value(row));
    Arc::new(Float64Array::from(folded(parts, bounds, mask, value, figure)))
}

/// How many there are, and their product. Integers are the bits of an `i64`, which wrap as those of a `u64` do.
#[derive(Clone, Copy)]
struct Product<T> {
    count: u64,
    product: T,
}

impl Default for Product<i64> {
    fn default() -> Self {
        Product { count: 0, product: 1 }
    }
}

impl Part for Product<i64> {
    fn merge(self, later: Self) -> Self {
        Product { count: self.count + later.count, product: self.product.wrapping_mul(later.product) }
    }
}

impl Default for Product<f64> {
    fn default() -> Self {
        Product { count: 0, product: 1.0 }
    }
}

impl Part for Product<f64> {
    fn merge(self, later: Self) -> Self {
        Product { count: self.count + later.count, product: self.product * later.product }
    }
}

/// The product of the frame, null where it is empty.
pub(super) fn product_f64(values: &Float64Array, parts: &[Range<usize>], bounds: &Bounds, mask: &Mask) -> ArrayRef {
    let value = |row: usize| Product { count: 1, product: values.value(row) };
    let finish = |part: Product<f64>| (part.count > 0).then_some(part.product);
    Arc::new(Float64Array::from(folded(parts, bounds, mask, value, finish)))
}

/// The product of the frame, null where it is empty.
pub(super) fn product_i64(values: &Int64Array, parts: &[Range<usize>], bounds: &Bounds, mask: &Mask) -> ArrayRef {
    let value = |row: usize| Product { count: 1, product: values.value(row) };
    let finish = |part: Product<i64>| (part.count > 0).then_some(part.product);
    Arc::new(Int64Array::from(folded(parts, bounds, mask, value, finish)))
}

/// The product of the frame, null where it is empty.
pub(super) fn product_u64(values: &UInt64Array, parts: &[Range<usize>], bounds: &Bounds, mask: &Mask) -> ArrayRef {
    let value = |row: usize| Product { count: 1, product: values.value(row) as i64 };
    let finish = |part: Product<i64>| (part.count > 0).then_some(part.product as u64);
    Arc::new(UInt64Array::from(folded(parts, bounds, mask, value, finish)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators::window::spec::Frame;
    use arrow_array::{
        cast::AsArray,
        types::{Float64Type, Int64Type},
    };

    /// All that came in, in order.
    #[derive(Clone, Copy, Default, Debug, PartialEq)]
    struct Digits {
        count: u32,
        value: u64,
    }

    impl Part for Digits {
        fn merge(self, later: Self) -> Self {
            Digits { count: self.count + later.count, value: self.value * 10u64.pow(later.count) + later.value }
        }
    }

    #[test]
    fn parts_are_merged_in_order_whatever_leaves() {
        let mut queue: Queue<Digits> = Queue::new(true);
        for (digit, leaves) in [(1, 0), (2, 0), (3, 2), (4, 0), (5, 1), (6, 3), (7, 0)] {
            queue.push(Digits { count: 1, value: digit });
            (0..leaves).for_each(|_| queue.pop());
        }
        assert_eq!(queue.all(), Digits { count: 1, value: 7 });
        queue.push(Digits { count: 1, value: 8 });
        assert_eq!(queue.all().value, 78);
        queue.clear();
        assert_eq!(queue.all(), Digits::default());
    }

    fn rolling(values: &[f64], of: fn(&Float64Array, &[Range<usize>], &Bounds, &Mask) -> ArrayRef) -> Vec<f64> {
        let part = 0..values.len();
        let (values, parts) = (Float64Array::from(values.to_vec()), std::slice::from_ref(&part));
        let bounds = Bounds::new(Frame::Rows { start: Some(-1), end: Some(0) }, parts, None, false);
        of(&values, parts, &bounds, &Mask::of_filter(None)).as_primitive::<Float64Type>().values().to_vec()
    }

    #[test]
    fn what_has_left_a_frame_is_gone() {
        let sums = rolling(&[1.0, f64::NAN, 2.0, 3.0, f64::INFINITY, 4.0, 5.0, 1e300, 1.0, 2.0], sum);
        assert!(sums[1].is_nan() && sums[2].is_nan());
        assert_eq!(sums[3], 5.0);
        assert_eq!(sums[4..8], [f64::INFINITY, f64::INFINITY, 9.0, 1e300]);
        assert_eq!(sums[9], 3.0);
    }

    #[test]
    fn variances_of_large_values_lose_nothing() {
        let variance = |values: &[f64]| {
            let all = values.iter().map(|x| Moments::of(*x, *x)).fold(Moments::default(), Moments::merge);
            (all.variance(), all.correlation())
        };
        let (of_three, with_itself) = variance(&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0]);
        assert_eq!(of_three, Some(1.0));
        assert!((with_itself.unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(variance(&[5.0]), (None, None));
        assert_eq!(variance(&[2.0, 2.0]), (Some(0.0), None));
    }

    #[test]
    fn integer_products_wrap() {
        let values = Int64Array::from(vec![i64::MAX, 2, 3]);
        let parts = std::slice::from_ref(&(0..3));
        let bounds = Bounds::new(Frame::Whole, parts, None, false);
        let all = product_i64(&values, parts, &bounds, &Mask::of_filter(None));
        assert_eq!(all.as_primitive::<Int64Type>().values(), &[-6, -6, -6]);
    }
}
