//! [`Axes`]: which axes a reduction takes, and shapes.

use crate::integers::saturated;
use std::ops::{RangeFrom, RangeFull};
use stratal_core::{Error, ErrorKind, Result};

/// Which axes are reduced: `0`, `-1`, `[0, 2]`, `..` for all, `1..`, [`Axes::none`]. Negative ones count from the end.
///
/// ```
/// use stratal_array::{DArray, keep};
/// let a = DArray::ones::<i64>((2, 3));
/// assert_eq!(a.sum(..).scalar::<i64>()?, 6);
/// assert_eq!(a.sum(-1).compute::<i64>()?, ndarray::arr1(&[3, 3]).into_dyn());
/// assert_eq!(a.sum(keep(0)).shape()?, [1, 3]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    said: Said,
    keep: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Said {
    All,
    From(i64),
    These(Vec<i64>),
}

/// Axes that stay, with length 1, so that the result broadcasts against what was reduced.
pub fn keep(axes: impl Into<Axes>) -> Axes {
    Axes { keep: true, ..axes.into() }
}

impl Axes {
    /// All axes.
    pub fn all() -> Self {
        Axes { said: Said::All, keep: false }
    }

    /// No axis: every element is reduced alone.
    pub fn none() -> Self {
        Axes { said: Said::These(Vec::new()), keep: false }
    }

    pub(crate) fn keeps(&self) -> bool {
        self.keep
    }

    /// Whether these are all axes by name, not by number.
    pub(crate) fn is_all(&self) -> bool {
        self.said == Said::All
    }

    /// For each of `ndim` axes, whether it is one of them.
    pub(crate) fn of(&self, ndim: usize) -> Result<Vec<bool>> {
        match &self.said {
            Said::All => Ok(vec![true; ndim]),
            Said::From(first) => {
                let first = if *first == ndim as i64 { ndim } else { axis_of(*first, ndim)? };
                Ok((0..ndim).map(|axis| axis >= first).collect())
            }
            Said::These(axes) => {
                let mut chosen = vec![false; ndim];
                for axis in axes {
                    let at = axis_of(*axis, ndim)?;
                    if std::mem::replace(&mut chosen[at], true) {
                        return Err(Error::new(ErrorKind::BadValue, format!("axis {axis} is named twice")));
                    }
                }
                Ok(chosen)
            }
        }
    }
}

/// An axis by number, from the end where it is negative.
pub(crate) fn axis_of(axis: i64, ndim: usize) -> Result<usize> {
    let counted = if axis < 0 { axis + ndim as i64 } else { axis };
    match usize::try_from(counted) {
        Ok(at) if at < ndim => Ok(at),
        _ => {
            let help = match ndim {
                0 => "the array has no axes".to_owned(),
                _ => format!("axes count from 0 to {}, or from -{ndim} to -1", ndim - 1),
            };
            Err(Error::new(ErrorKind::BadValue, format!("there is no axis {axis} among {ndim}")).with_help(help))
        }
    }
}

impl From<RangeFull> for Axes {
    fn from(_: RangeFull) -> Self {
        Axes::all()
    }
}

impl From<&Axes> for Axes {
    fn from(axes: &Axes) -> Self {
        axes.clone()
    }
}

macro_rules! numbers {
    ($($int:ty)*) => {$(
        impl From<$int> for Axes {
            fn from(axis: $int) -> Self {
                Axes { said: Said::These(vec![saturated(axis as i128)]), keep: false }
            }
        }

        impl<const N: usize> From<[$int; N]> for Axes {
            fn from(axes: [$int; N]) -> Self {
                Axes { said: Said::These(axes.iter().map(|axis| saturated(*axis as i128)).collect()), keep: false }
            }
        }

        impl From<Vec<$int>> for Axes {
            fn from(axes: Vec<$int>) -> Self {
                Axes { said: Said::These(axes.iter().map(|axis| saturated(*axis as i128)).collect()), keep: false }
            }
        }

        impl From<RangeFrom<$int>> for Axes {
            fn from(range: RangeFrom<$int>) -> Self {
                Axes { said: Said::From(saturated(range.start as i128)), keep: false }
            }
        }
    )*};
}

numbers!(i32 i64 isize usize);

/// What a shape is written as: `5`, `[2, 3]`, `(2, 3)`, a vector, `()` for no axes.
pub trait IntoShape {
    /// The lengths of the axes.
    fn into_shape(self) -> Vec<usize>;
}

impl IntoShape for usize {
    fn into_shape(self) -> Vec<usize> {
        vec![self]
    }
}

impl IntoShape for Vec<usize> {
    fn into_shape(self) -> Vec<usize> {
        self
    }
}

impl IntoShape for &[usize] {
    fn into_shape(self) -> Vec<usize> {
        self.to_vec()
    }
}

impl<const N: usize> IntoShape for [usize; N] {
    fn into_shape(self) -> Vec<usize> {
        self.to_vec()
    }
}

impl IntoShape for () {
    fn into_shape(self) -> Vec<usize> {
        Vec::new()
    }
}

macro_rules! tuples {
    ($($usize:ident),* => $($name:ident),*) => {
        impl IntoShape for ($($usize,)*) {
            fn into_shape(self) -> Vec<usize> {
                let ($($name,)*) = self;
                vec![$($name),*]
            }
        }
    };
}

tuples!(usize => a);
tuples!(usize, usize => a, b);
tuples!(usize, usize, usize => a, b, c);
tuples!(usize, usize, usize, usize => a, b, c, d);
tuples!(usize, usize, usize, usize, usize => a, b, c, d, e);
tuples!(usize, usize, usize, usize, usize, usize => a, b, c, d, e, f);
