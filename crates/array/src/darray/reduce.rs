//! Reductions, and running sums and products.

use super::{At, DArray};
use crate::{
    axes::{Axes, axis_of},
    fold::{Kind, Reduction},
    grid::{Axis, Grid},
    node::{Node, Op, Scan},
};
use std::{panic::Location, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};

fn unknown(name: &str, dtype: stratal_core::value::DType) -> Error {
    Error::new(ErrorKind::DType, format!("there is no {name} of {dtype}")).with_help("cast it: .cast(DType::F64)")
}

fn reduced(name: &'static str, input: &Arc<Node>, kind: Kind, skip: bool, axes: &Axes, ddof: f64) -> Result<Arc<Node>> {
    let (grid, of) = (&input.grid, input.dtype);
    let chosen = axes.of(grid.ndim())?;
    let gives = kind.gives(of).ok_or_else(|| unknown(name, of))?;
    let some = chosen.iter().filter(|chosen| **chosen).count();
    if matches!(kind, Kind::ArgMin | Kind::ArgMax) && some != 1 && !axes.is_all() {
        return Err(Error::new(ErrorKind::BadValue, format!("a place is found along one axis or over all, and {some} are given")));
    }
    let is_empty = |of: bool| grid.axes.iter().zip(&chosen).any(|(axis, chosen)| *chosen == of && axis.len() == 0);
    if kind.wants_one() && is_empty(true) && !is_empty(false) {
        return Err(Error::new(ErrorKind::BadValue, format!("there is no {name} of no elements")));
    }
    let kept = grid.axes.iter().zip(&chosen).filter_map(|(axis, reduced)| match (*reduced, axes.keeps()) {
        (false, _) => Some(axis.clone()),
        (true, true) => Some(Axis::regular(1, 1)),
        (true, false) => None,
    });
    let out = Arc::new(Grid::new(kept.collect()));
    let how = Reduction { kind, skip, ddof, of, gives, axes: chosen };
    Ok(Node::new(name, out, gives, Op::Reduce(how), vec![input.clone()]))
}

impl DArray {
    fn reduce(&self, name: &'static str, kind: Kind, skip: bool, axes: Axes, ddof: f64, at: At) -> Self {
        self.then(name, at, |input| reduced(name, input, kind, skip, &axes, ddof))
    }

    fn running(&self, name: &'static str, kind: Kind, skip: bool, axis: i64, at: At) -> Self {
        self.then(name, at, |input| {
            let axis = axis_of(axis, input.grid.ndim())?;
            let gives = kind.gives(input.dtype).ok_or_else(|| unknown(name, input.dtype))?;
            let axes = (0..input.grid.ndim()).map(|at| at == axis).collect();
            let how = Reduction { kind, skip, ddof: 0.0, of: input.dtype, gives, axes };
            Ok(Node::new(name, input.grid.clone(), gives, Op::Scan(Scan { how, axis }), vec![input.clone()]))
        })
    }

    /// The sum. Small integers and booleans are summed in 64 bits, which wrap.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..4).sum(..).scalar::<i64>()?, 6);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn sum(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("sum", Kind::Sum, false, axes.into(), 0.0, Location::caller())
    }

    /// The product. Small integers are multiplied in 64 bits, which wrap.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(1i64..5).prod(..).scalar::<i64>()?, 24);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn prod(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("prod", Kind::Prod, false, axes.into(), 0.0, Location::caller())
    }

    /// The mean; of no elements NaN.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..4).mean(..).scalar::<f64>()?, 1.5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn mean(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("mean", Kind::Mean, false, axes.into(), 0.0, Location::caller())
    }

    /// The variance of all elements (`ddof` 0).
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..10).var(..).scalar::<f64>()?, 8.25);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn var(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("var", Kind::Var, false, axes.into(), 0.0, Location::caller())
    }

    /// The square root of the variance of all elements (`ddof` 0).
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![1.0, 3.0], 2).std(..).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn std(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("std", Kind::Std, false, axes.into(), 0.0, Location::caller())
    }

    /// The least. NaN is the least of all; of no elements it is an error.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(3i64..6).min(..).scalar::<i64>()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn min(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("min", Kind::Min, false, axes.into(), 0.0, Location::caller())
    }

    /// The greatest. NaN is the greatest of all; of no elements it is an error.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(3i64..6).max(..).scalar::<i64>()?, 5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn max(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("max", Kind::Max, false, axes.into(), 0.0, Location::caller())
    }

    /// Whether one is not zero; of no elements false.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..2).any(..).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn any(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("any", Kind::Any, false, axes.into(), 0.0, Location::caller())
    }

    /// Whether none is zero; of no elements true.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..2).all(..).scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn all(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("all", Kind::All, false, axes.into(), 0.0, Location::caller())
    }

    /// The place of the least along one axis, the first of several; over `..`, in row-major order.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![5i64, 2, 2], 3).argmin(0).scalar::<i64>()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn argmin(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("argmin", Kind::ArgMin, false, axes.into(), 0.0, Location::caller())
    }

    /// The place of the greatest along one axis, the first of several; over `..`, in row-major order.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![5i64, 2, 5], 3).argmax(0).scalar::<i64>()?, 0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn argmax(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("argmax", Kind::ArgMax, false, axes.into(), 0.0, Location::caller())
    }

    /// How many are not zero.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..4).count_nonzero(..).scalar::<i64>()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn count_nonzero(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("count_nonzero", Kind::CountNonzero, false, axes.into(), 0.0, Location::caller())
    }

    /// The sum of what is not NaN.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![1.0, f64::NAN], 2).nan_sum(..).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_sum(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("nan_sum", Kind::Sum, true, axes.into(), 0.0, Location::caller())
    }

    /// The product of what is not NaN.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![2.0, f64::NAN], 2).nan_prod(..).scalar::<f64>()?, 2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_prod(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("nan_prod", Kind::Prod, true, axes.into(), 0.0, Location::caller())
    }

    /// The mean of what is not NaN.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![2.0, f64::NAN], 2).nan_mean(..).scalar::<f64>()?, 2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_mean(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("nan_mean", Kind::Mean, true, axes.into(), 0.0, Location::caller())
    }

    /// The variance of what is not NaN (`ddof` 0).
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![2.0, f64::NAN], 2).nan_var(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_var(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("nan_var", Kind::Var, true, axes.into(), 0.0, Location::caller())
    }

    /// The square root of the variance of what is not NaN (`ddof` 0).
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![2.0, f64::NAN], 2).nan_std(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_std(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("nan_std", Kind::Std, true, axes.into(), 0.0, Location::caller())
    }

    /// The least that is not NaN; NaN where there is none.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![2.0, f64::NAN], 2).nan_min(..).scalar::<f64>()?, 2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_min(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("nan_min", Kind::Min, true, axes.into(), 0.0, Location::caller())
    }

    /// The greatest that is not NaN; NaN where there is none.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![2.0, f64::NAN], 2).nan_max(..).scalar::<f64>()?, 2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_max(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("nan_max", Kind::Max, true, axes.into(), 0.0, Location::caller())
    }

    /// The place of the least that is not NaN; an error where there is none.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![f64::NAN, 2.0], 2).nan_argmin(..).scalar::<i64>()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_argmin(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("nan_argmin", Kind::ArgMin, true, axes.into(), 0.0, Location::caller())
    }

    /// The place of the greatest that is not NaN; an error where there is none.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![f64::NAN, 2.0], 2).nan_argmax(..).scalar::<i64>()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_argmax(&self, axes: impl Into<Axes>) -> Self {
        self.reduce("nan_argmax", Kind::ArgMax, true, axes.into(), 0.0, Location::caller())
    }

    /// The variance, as the squares over the number of elements less `ddof`; NaN where that is not positive.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..3).var_ddof(.., 1.0).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn var_ddof(&self, axes: impl Into<Axes>, ddof: f64) -> Self {
        self.reduce("var_ddof", Kind::Var, false, axes.into(), ddof, Location::caller())
    }

    /// The square root of [`var_ddof`](Self::var_ddof).
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..3).std_ddof(.., 1.0).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn std_ddof(&self, axes: impl Into<Axes>, ddof: f64) -> Self {
        self.reduce("std_ddof", Kind::Std, false, axes.into(), ddof, Location::caller())
    }

    /// [`var_ddof`](Self::var_ddof) of what is not NaN.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..3).nan_var_ddof(.., 1.0).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_var_ddof(&self, axes: impl Into<Axes>, ddof: f64) -> Self {
        self.reduce("nan_var_ddof", Kind::Var, true, axes.into(), ddof, Location::caller())
    }

    /// [`std_ddof`](Self::std_ddof) of what is not NaN.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..3).nan_std_ddof(.., 1.0).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_std_ddof(&self, axes: impl Into<Axes>, ddof: f64) -> Self {
        self.reduce("nan_std_ddof", Kind::Std, true, axes.into(), ddof, Location::caller())
    }

    /// The sum up to and with each element along an axis.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(1i64..4).cumulative_sum(0).compute::<i64>()?, ndarray::arr1(&[1, 3, 6]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn cumulative_sum(&self, axis: i64) -> Self {
        self.running("cumulative_sum", Kind::Sum, false, axis, Location::caller())
    }

    /// The product up to and with each element along an axis.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(1i64..4).cumulative_prod(0).compute::<i64>()?, ndarray::arr1(&[1, 2, 6]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn cumulative_prod(&self, axis: i64) -> Self {
        self.running("cumulative_prod", Kind::Prod, false, axis, Location::caller())
    }

    /// The sum of what is not NaN up to and with each element along an axis.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(1i64..4).nan_cumulative_sum(0).compute::<i64>()?, ndarray::arr1(&[1, 3, 6]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_cumulative_sum(&self, axis: i64) -> Self {
        self.running("nan_cumulative_sum", Kind::Sum, true, axis, Location::caller())
    }

    /// The product of what is not NaN up to and with each element along an axis.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(1i64..4).nan_cumulative_prod(0).compute::<i64>()?, ndarray::arr1(&[1, 2, 6]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_cumulative_prod(&self, axis: i64) -> Self {
        self.running("nan_cumulative_prod", Kind::Prod, true, axis, Location::caller())
    }
}
