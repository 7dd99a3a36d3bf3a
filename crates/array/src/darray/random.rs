//! Random numbers: [`RandomArrays`], which a seed makes, makes arrays.

use super::{DArray, make::made};
use crate::{
    axes::IntoShape,
    element::Element,
    grid::show_shape,
    made::Made,
    node::Node,
    random::{Draw, Random},
};
use std::{ops::Range, panic::Location, sync::Arc};
use stratal_core::{Error, ErrorKind, Result, value::Chunk};

/// The largest mean of a Poisson distribution, and number of tries of a binomial one, that is drawn from.
const MANY: f64 = 1e12;

/// Arrays of random numbers with one seed: made by [`DArray::random`].
///
/// A number is a function of the seed, the distribution, the shape and its place, and of nothing else: it is the same in any
/// chunks, on any number of workers, and when a task runs again. Equal seeds give equal arrays; take another for each array.
///
/// ```
/// use stratal_array::DArray;
/// let x = DArray::random(7).normal((100, 20), 0.0, 1.0);
/// assert_eq!(x.compute::<f64>()?, x.rechunk(13).compute::<f64>()?);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a seed does nothing until an array is made of it"]
pub struct RandomArrays {
    seed: u64,
}

fn bad<T>(message: String, help: &str) -> Result<T> {
    Err(Error::new(ErrorKind::BadValue, message).with_help(help))
}

/// A parameter that is finite and more than 0, or 0 where that may be.
fn positive(name: &str, value: f64, zero: bool) -> Result<f64> {
    match value.is_finite() && (value > 0.0 || zero && value == 0.0) {
        true => Ok(value),
        false if zero => bad(format!("{name} is {value}, and it is at least 0"), "give a finite number that is not negative"),
        false => bad(format!("{name} is {value}, and it is more than 0"), "give a finite number above 0"),
    }
}

impl DArray {
    /// Arrays of random numbers with this seed.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let dice = DArray::random(1).integers(1000, 1..7);
    /// assert_eq!((dice.min(..).scalar::<i64>()?, dice.max(..).scalar::<i64>()?), (1, 6));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn random(seed: u64) -> RandomArrays {
        RandomArrays { seed }
    }
}

impl RandomArrays {
    fn array(self, name: &'static str, at: &'static Location<'static>, shape: Vec<usize>, draw: impl FnOnce() -> Result<Draw>) -> DArray {
        DArray::begin(name, at, || self.node(name, shape, draw()?))
    }

    fn node(self, name: &'static str, shape: Vec<usize>, draw: Draw) -> Result<Arc<Node>> {
        let count = shape.iter().try_fold(1u64, |count, len| count.checked_mul(*len as u64));
        if count.is_none() {
            return bad(format!("an array of shape {} has more elements than can be counted", show_shape(&shape)), "use a smaller shape");
        }
        let random = Random { seed: self.seed, shape: shape.clone(), draw };
        made(name, random.dtype(), &shape, Made::Random(random))
    }

    /// Floats from 0 on, below 1, each as likely as every other.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let x = DArray::random(7).uniform((3, 4));
    /// assert!(x.min(..).scalar::<f64>()? >= 0.0 && x.max(..).scalar::<f64>()? < 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn uniform(self, shape: impl IntoShape) -> DArray {
        self.array("uniform", Location::caller(), shape.into_shape(), || Ok(Draw::Uniform))
    }

    /// Floats of the normal distribution with this mean and standard deviation, which is not negative.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let x = DArray::random(7).normal(10_000, 5.0, 2.0);
    /// assert!((x.mean(..).scalar::<f64>()? - 5.0).abs() < 0.1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn normal(self, shape: impl IntoShape, mean: f64, sd: f64) -> DArray {
        self.array("normal", Location::caller(), shape.into_shape(), || {
            if !mean.is_finite() {
                return bad(format!("the mean is {mean}"), "give a finite number");
            }
            Ok(Draw::Normal { mean, sd: positive("the standard deviation", sd, true)? })
        })
    }

    /// Whole numbers of a range, each as likely as every other.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let x = DArray::random(7).integers(100, -3..3);
    /// assert!(x.min(..).scalar::<i64>()? >= -3 && x.max(..).scalar::<i64>()? < 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn integers(self, shape: impl IntoShape, range: Range<i64>) -> DArray {
        self.array("integers", Location::caller(), shape.into_shape(), || match range.is_empty() {
            true => bad(
                format!("there is no number in {}..{}", range.start, range.end),
                "the end of a range is not part of it: 1..7 are 1 to 6",
            ),
            false => Ok(Draw::Integers { low: range.start, span: range.end.wrapping_sub(range.start) as u64 }),
        })
    }

    /// Floats of the exponential distribution with this mean, its scale, which is above 0.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert!(DArray::random(7).exponential(100, 2.0).min(..).scalar::<f64>()? > 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn exponential(self, shape: impl IntoShape, scale: f64) -> DArray {
        self.array("exponential", Location::caller(), shape.into_shape(), || {
            Ok(Draw::Exponential { scale: positive("the scale", scale, false)? })
        })
    }

    /// Whole numbers of the Poisson distribution with this mean, from 0 to 10^12.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert!(DArray::random(7).poisson(100, 3.5).min(..).scalar::<i64>()? >= 0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn poisson(self, shape: impl IntoShape, mean: f64) -> DArray {
        self.array("poisson", Location::caller(), shape.into_shape(), || match positive("the mean", mean, true)? {
            mean if mean <= MANY => Ok(Draw::Poisson { mean }),
            mean => bad(
                format!("a mean of {mean:e} is more than is drawn from"),
                "means are at most 1e12; above, normal(mean, mean.sqrt()) is as good",
            ),
        })
    }

    /// Floats of the gamma distribution with this shape parameter and scale, both above 0. The mean is their product.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert!(DArray::random(7).gamma(100, 2.5, 1.0).min(..).scalar::<f64>()? > 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn gamma(self, shape: impl IntoShape, alpha: f64, scale: f64) -> DArray {
        self.array("gamma", Location::caller(), shape.into_shape(), || {
            Ok(Draw::Gamma { shape: positive("the shape parameter", alpha, false)?, scale: positive("the scale", scale, false)? })
        })
    }

    /// Of `n` tries, each with probability `p`, how many succeed. There are at most 10^12 tries.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let heads = DArray::random(7).binomial(100, 10, 0.5);
    /// assert!(heads.max(..).scalar::<i64>()? <= 10);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn binomial(self, shape: impl IntoShape, n: u64, p: f64) -> DArray {
        self.array("binomial", Location::caller(), shape.into_shape(), || {
            if !(0.0..=1.0).contains(&p) {
                return bad(format!("the probability is {p}"), "a probability is from 0 to 1");
            }
            if n as f64 > MANY {
                return bad(format!("{n} tries are more than is drawn from"), "there are at most 1e12");
            }
            Ok(Draw::Binomial { n, p })
        })
    }

    /// Some of these elements, each drawn anew and as likely as every other.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let signs = DArray::random(7).choice(100, vec![-1.0, 1.0]);
    /// assert_eq!(signs.abs().sum(..).scalar::<f64>()?, 100.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn choice<T: Element>(self, shape: impl IntoShape, items: Vec<T>) -> DArray {
        self.array("choice", Location::caller(), shape.into_shape(), || {
            if items.is_empty() {
                return bad("there is nothing to choose from".to_owned(), "give at least one element");
            }
            let len = items.len();
            Chunk::new(T::DTYPE, &[len], T::into_buffer(items)).map(Draw::Choice)
        })
    }

    /// The numbers from 0 to `n - 1`, each once, in a random order. Any part of it is made alone, however large `n` is. Up to
    /// 4096, all orders are equally likely; for more, one of 2^64.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let order = DArray::random(7).permutation(1000);
    /// assert_eq!(order.sum(..).scalar::<i64>()?, 999 * 1000 / 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn permutation(self, n: usize) -> DArray {
        self.array("permutation", Location::caller(), vec![n], || Ok(Draw::Permutation))
    }
}
