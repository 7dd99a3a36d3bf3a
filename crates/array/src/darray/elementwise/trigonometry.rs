//! Sines, cosines and tangents of angles in radians, their hyperbolic relatives, and the inverses of all.

use super::functions::{of_one, of_two};

of_one! {
    /// The sine of an angle in radians.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).sin().scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    sin => Sin;

    /// The cosine of an angle in radians.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).cos().sum(..).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    cos => Cos;

    /// The tangent of an angle in radians.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).tan().scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    tan => Tan;

    /// The inverse sine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).asin().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    asin => Asin;

    /// The inverse cosine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).acos().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    acos => Acos;

    /// The inverse tangent.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).atan().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    atan => Atan;

    /// The hyperbolic sine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).sinh().scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    sinh => Sinh;

    /// The hyperbolic cosine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).cosh().sum(..).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    cosh => Cosh;

    /// The hyperbolic tangent.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).tanh().scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    tanh => Tanh;

    /// The inverse hyperbolic sine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).asinh().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    asinh => Asinh;

    /// The inverse hyperbolic cosine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).acosh().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    acosh => Acosh;

    /// The inverse hyperbolic tangent.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).atanh().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    atanh => Atanh;
}

of_two! {
    /// The angle of the point with this y and that x.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).atan2(1.0).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    atan2 => Atan2;
}
