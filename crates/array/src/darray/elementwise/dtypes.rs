//! The elements as another dtype, and the parts of complex numbers.

use super::functions::of_one;
use crate::darray::{DArray, cast};
use std::panic::Location;
use stratal_core::{Error, ErrorKind, value::DType};

impl DArray {
    /// The elements as another dtype, as Rust's `as` has it; complex ones become no real ones.
    ///
    /// ```
    /// use stratal_array::{DArray, DType};
    /// assert_eq!(DArray::full(1, 2.9).cast(DType::I32).scalar::<i32>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn cast(&self, to: DType) -> Self {
        self.then("cast", Location::caller(), |input| {
            if input.dtype.is_complex() && !to.is_complex() && !to.is_bool() {
                return Err(
                    Error::new(ErrorKind::DType, format!("{} is not cast to {to}", input.dtype)).with_help("take .real() or .abs()")
                );
            }
            Ok(cast(input, to))
        })
    }
}

of_one! {
    /// The real part.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).real().scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    real => Real;

    /// The imaginary part.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).imag().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    imag => Imag;

    /// The complex conjugate.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 1.5).conj().sum(..).scalar::<f64>()?, 1.5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    conj => Conj;
}
