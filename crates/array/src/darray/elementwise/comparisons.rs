//! Comparisons of two sides, element by element. They give booleans.

use super::functions::of_two;

of_two! {
    /// Whether both are equal. NaN equals nothing.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).eq(3).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    eq => Equal;

    /// Whether they differ.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).not_eq(3).scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    not_eq => NotEqual;

    /// Whether it is less.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).lt(4).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    lt => Less;

    /// Whether it is less or equal.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).lt_eq(3).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    lt_eq => LessEqual;

    /// Whether it is greater.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).gt(4).scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    gt => Greater;

    /// Whether it is greater or equal.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).gt_eq(3).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    gt_eq => GreaterEqual;
}
