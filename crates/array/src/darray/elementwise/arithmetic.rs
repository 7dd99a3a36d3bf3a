//! Arithmetic beside the operators `+`, `-`, `*`, `/` and `%`: signs, whole quotients and what they leave.

use super::functions::{of_one, of_two};

of_one! {
    /// The absolute value; of a complex number, its distance from zero. The least signed integer stays what it is.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![-3i64, 4], 2).abs().sum(..).scalar::<i64>()?, 7);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    abs => Abs;

    /// The number with the other sign, as unary `-`. Integers wrap.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<i64>(1).negative().scalar::<i64>()?, -1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    negative => Negative;

    /// The number itself.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<i64>(1).positive().scalar::<i64>()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    positive => Positive;

    /// -1, 0 or 1; of a complex number, that on the unit circle. NaN stays NaN.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, -7i64).sign().scalar::<i64>()?, -1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    sign => Sign;

    /// One over the number.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 4.0).reciprocal().scalar::<f64>()?, 0.25);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    reciprocal => Reciprocal;
}

of_two! {
    /// The quotient rounded down. An integer divided by 0 is 0.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, -7i64).floor_divide(2).scalar::<i64>()?, -4);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    floor_divide => FloorDivide;

    /// What floor division leaves over: it has the sign of the divisor. `%` is Rust's.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, -7i64).remainder(3).scalar::<i64>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    remainder => Remainder;
}
