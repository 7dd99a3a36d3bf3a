//! Not, and, or, either: of booleans.

use super::functions::{of_one, of_two};

of_one! {
    /// Not, of booleans.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, true).logical_not().scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    logical_not => LogicalNot;
}

of_two! {
    /// And, of booleans.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, true).logical_and(false).scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    logical_and => LogicalAnd;

    /// Or, of booleans.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, true).logical_or(false).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    logical_or => LogicalOr;

    /// Either, of booleans.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, true).logical_xor(true).scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    logical_xor => LogicalXor;
}
