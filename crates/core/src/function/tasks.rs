//! Stock functions: those that every worker has, whatever program it was started from.

use super::{Assemble, FunctionEntry, TaskOptions, Whole, erase};
use crate::{Error, ErrorKind, Result};

pub use super::obj::Obj;

/// Numbers that the stock functions know: `i64`, `u64`, `f64`.
pub trait Number: Whole + Copy {
    /// The sum of no numbers.
    const ZERO: Self;

    /// The sum of two, where it is one.
    fn plus(self, other: Self) -> Option<Self>;

    /// Whether it comes before the other; NaN comes after every number.
    fn is_less(self, other: Self) -> bool;
}

macro_rules! integers {
    ($($number:ty)*) => {$(
        impl Number for $number {
            const ZERO: Self = 0;

            fn plus(self, other: Self) -> Option<Self> {
                self.checked_add(other)
            }

            fn is_less(self, other: Self) -> bool {
                self < other
            }
        }
    )*};
}

integers!(i64 u64);

impl Number for f64 {
    const ZERO: Self = 0.0;

    fn plus(self, other: Self) -> Option<Self> {
        Some(self + other)
    }

    fn is_less(self, other: Self) -> bool {
        self < other || (other.is_nan() && !self.is_nan())
    }
}

/// The sum. The type of the argument picks the function: of `i64`, `u64` or `f64`.
///
/// # Panics
/// When integers overflow; as a task, that is its failure.
///
/// ```
/// assert_eq!(stratal_core::function::tasks::sum(&[1i64, 2, 3]), 6);
/// ```
pub fn sum<T: Number>(values: &[T]) -> T {
    let sum = values.iter().try_fold(T::ZERO, |sum, value| sum.plus(*value));
    sum.unwrap_or_else(|| panic!("the sum does not fit {}", T::type_name()))
}

/// The number of items.
///
/// ```
/// assert_eq!(stratal_core::function::tasks::len(&["a".to_owned()]), 1);
/// ```
pub fn len<T: Assemble>(items: &[T]) -> usize {
    items.len()
}

/// The items of all lists, in order.
///
/// ```
/// assert_eq!(stratal_core::function::tasks::concat(&[vec![1i64], vec![2, 3]]), [1, 2, 3]);
/// ```
pub fn concat<T: Assemble>(lists: &[Vec<T>]) -> Vec<T> {
    lists.concat()
}

/// The least value.
///
/// # Errors
/// `BadValue` when there is none.
///
/// ```
/// assert_eq!(stratal_core::function::tasks::min(&[2.0, f64::NAN, 1.0])?, 1.0);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn min<T: Number>(values: &[T]) -> Result<T> {
    pick("least", values, |value, best| value.is_less(best))
}

/// The greatest value; NaN is greater than every number.
///
/// # Errors
/// `BadValue` when there is none.
///
/// ```
/// assert_eq!(stratal_core::function::tasks::max(&[2i64, 7, 1])?, 7);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn max<T: Number>(values: &[T]) -> Result<T> {
    pick("greatest", values, |value, best| best.is_less(value))
}

fn pick<T: Number>(which: &str, values: &[T], better: impl Fn(T, T) -> bool) -> Result<T> {
    let best = values.iter().copied().reduce(|best, value| if better(value, best) { value } else { best });
    best.ok_or_else(|| Error::new(ErrorKind::BadValue, format!("no values have no {which}")))
}

macro_rules! stock {
    ($($function:ident<$($type:ty),+>: $signature:literal;)*) => {$($(
        inventory::submit! {
            FunctionEntry {
                name: concat!("stratal::tasks::", stringify!($function), "<", stringify!($type), ">"),
                signature: $signature,
                options: TaskOptions { retries: None, resources: &[], isolated: false, impure: false },
                erased: || erase($function::<$type>),
            }
        }
    )+)*};
}

stock! {
    sum<i64, u64, f64>: "fn(&[T]) -> T";
    min<i64, u64, f64>: "fn(&[T]) -> T";
    max<i64, u64, f64>: "fn(&[T]) -> T";
    len<i64, u64, f64, bool, String>: "fn(&[T]) -> usize";
    concat<i64, u64, f64, bool, String>: "fn(&[Vec<T>]) -> Vec<T>";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_that_do_not_fit_panic() {
        assert_eq!((sum::<u64>(&[]), sum(&[0.5, 0.25])), (0, 0.75));
        assert!(std::panic::catch_unwind(|| sum(&[i64::MAX, 1])).is_err());
    }

    #[test]
    fn nothing_has_no_least_and_nan_is_the_greatest() {
        assert_eq!(min::<i64>(&[]).unwrap_err().message(), "no values have no least");
        assert!(max(&[1.0, f64::NAN, 2.0]).unwrap().is_nan());
        assert_eq!(min(&[f64::NAN, 2.0]).unwrap(), 2.0);
    }
}
