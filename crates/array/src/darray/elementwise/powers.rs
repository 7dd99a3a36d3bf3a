//! Powers, roots, exponentials and logarithms.

use super::functions::{of_one, of_two};

of_one! {
    /// The square. Integers wrap.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).square().scalar::<i64>()?, 9);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    square => Square;

    /// The square root.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 9.0).sqrt().scalar::<f64>()?, 3.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    sqrt => Sqrt;

    /// The exponential.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).exp().sum(..).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    exp => Exp;

    /// The exponential less one, exact near zero.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).expm1().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    expm1 => Expm1;

    /// The natural logarithm.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).log().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    log => Log;

    /// The natural logarithm of one more, exact near zero.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).log1p().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    log1p => Log1p;

    /// The logarithm to base 2.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 8.0).log2().sum(..).scalar::<f64>()?, 3.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    log2 => Log2;

    /// The logarithm to base 10.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 100.0).log10().sum(..).scalar::<f64>()?, 2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    log10 => Log10;
}

of_two! {
    /// The power. Integers wrap, and a negative power of one is its whole part.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 2i64).pow(10).scalar::<i64>()?, 1024);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pow => Pow;

    /// The length of the hypotenuse, without overflow on the way.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3.0).hypot(4.0).scalar::<f64>()?, 5.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    hypot => Hypot;

    /// The logarithm of the sum of both exponentials. Where it is near zero, digits are lost.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, f64::NEG_INFINITY).logaddexp(1.0).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    logaddexp => LogAddExp;
}
