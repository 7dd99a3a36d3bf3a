//! What is special of floats: infinities and not-a-number, the bit of the sign, the next one.

use super::functions::{of_one, of_two};

of_one! {
    /// Whether it is neither infinite nor NaN.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, f64::INFINITY).is_finite().scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    is_finite => IsFinite;

    /// Whether it is infinite.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, f64::INFINITY).is_inf().scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    is_inf => IsInf;

    /// Whether it is not a number.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, f64::NAN).is_nan().scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    is_nan => IsNan;

    /// Whether the sign bit is set: true for -0.0 too.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, -0.0).signbit().scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    signbit => Signbit;
}

of_two! {
    /// The number with the sign of the other.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).copysign(-2.0).scalar::<f64>()?, -1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    copysign => Copysign;

    /// The next float towards the other.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).nextafter(1.0).scalar::<f64>()?, f64::from_bits(1));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    nextafter => NextAfter;
}
