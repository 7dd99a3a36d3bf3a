//! Whole numbers near by.

use super::functions::of_one;

of_one! {
    /// The nearest whole number; halves go to the even one.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 2.5).round().scalar::<f64>()?, 2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    round => Round;

    /// The next whole number below.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 1.8).floor().sum(..).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    floor => Floor;

    /// The next whole number above.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 1.2).ceil().sum(..).scalar::<f64>()?, 2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ceil => Ceil;

    /// The whole part.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, -1.8).trunc().scalar::<f64>()?, -1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    trunc => Trunc;
}
