//! One of several values at each place: by a condition, the larger, the smaller, within bounds.

use super::functions::of_two;
use crate::{
    darray::{
        DArray,
        operand::{IntoOperand, binary, select},
    },
    kernel::Binary,
};
use std::panic::Location;

impl DArray {
    /// One of two where this array, of booleans, is true and false.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::arange(0i64..4);
    /// assert_eq!(a.gt(1).where_(&a, 0).sum(..).scalar::<i64>()?, 5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn where_(&self, yes: impl IntoOperand, no: impl IntoOperand) -> Self {
        select(self, yes.into_operand(), no.into_operand(), Location::caller())
    }

    /// The elements within two bounds; what lies outside becomes the bound.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(0i64..5).clip(1, 3).sum(..).scalar::<i64>()?, 10);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn clip(&self, low: impl IntoOperand, high: impl IntoOperand) -> Self {
        let at = Location::caller();
        let above = binary("clip", Binary::Maximum, self.into_operand(), low.into_operand(), at);
        binary("clip", Binary::Minimum, above.into_operand(), high.into_operand(), at)
    }
}

of_two! {
    /// The larger; NaN wins.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).maximum(5).scalar::<i64>()?, 5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    maximum => Maximum;

    /// The smaller; NaN wins.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).minimum(5).scalar::<i64>()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    minimum => Minimum;
}
