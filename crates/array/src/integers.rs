//! [`IntoIntegers`]: whole numbers as users write them down, where negative ones mean something: axes, and lengths with a -1.

/// One whole number or several: `3`, `[-1, 4]`, `(6, 4)`, a vector, a slice, `()` for none.
///
/// ```
/// use stratal_array::IntoIntegers;
/// assert_eq!([-1, 4].into_integers(), (-1, 4).into_integers());
/// ```
pub trait IntoIntegers {
    /// The numbers, in order.
    fn into_integers(self) -> Vec<i64>;
}

impl IntoIntegers for () {
    fn into_integers(self) -> Vec<i64> {
        Vec::new()
    }
}

/// The number, or the nearest that is held: what is out of range is out of range of every axis too.
pub(crate) fn saturated(number: i128) -> i64 {
    number.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

macro_rules! numbers {
    ($($int:ty)*) => {$(
        impl IntoIntegers for $int {
            fn into_integers(self) -> Vec<i64> {
                vec![saturated(self as i128)]
            }
        }
    )*};
}

numbers!(i32 i64 isize usize);

impl<T: IntoIntegers + Copy> IntoIntegers for &[T] {
    fn into_integers(self) -> Vec<i64> {
        self.iter().copied().flat_map(IntoIntegers::into_integers).collect()
    }
}

impl<T: IntoIntegers + Copy> IntoIntegers for Vec<T> {
    fn into_integers(self) -> Vec<i64> {
        self[..].into_integers()
    }
}

impl<T: IntoIntegers + Copy> IntoIntegers for &Vec<T> {
    fn into_integers(self) -> Vec<i64> {
        self[..].into_integers()
    }
}

impl<T: IntoIntegers + Copy, const N: usize> IntoIntegers for [T; N] {
    fn into_integers(self) -> Vec<i64> {
        self[..].into_integers()
    }
}

macro_rules! tuples {
    ($($Type:ident $name:ident),*) => {
        impl<$($Type: IntoIntegers),*> IntoIntegers for ($($Type,)*) {
            fn into_integers(self) -> Vec<i64> {
                let ($($name,)*) = self;
                [$($name.into_integers()),*].concat()
            }
        }
    };
}

tuples!(A a);
tuples!(A a, B b);
tuples!(A a, B b, C c);
tuples!(A a, B b, C c, D d);
tuples!(A a, B b, C c, D d, E e);
tuples!(A a, B b, C c, D d, E e, F f);
