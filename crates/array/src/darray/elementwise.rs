//! Functions of elements, named as in the Array API.
//!
//! Elementary functions of `f64` are within 2 units in the last place, those of `f32` within 4, and the same on every machine but
//! for sines, cosines and tangents of angles past 2^20. Special values are those of the standard.

use super::{
    At, DArray, cast,
    operand::{IntoOperand, binary, select},
};
use crate::{
    kernel::{Binary, Unary},
    node::{Node, Op},
};
use std::panic::Location;
use stratal_core::{Error, ErrorKind, value::DType};

impl DArray {
    /// A function of one operand. Integers become floats where it knows only these.
    pub(super) fn unary(&self, name: &'static str, operation: Unary, at: At) -> Self {
        self.then(name, at, |input| {
            if input.dtype.is_integer() && operation.keeps_integers() {
                return Ok(input.clone());
            }
            let input = match input.dtype.is_integer() && operation.wants_floats() {
                true => cast(input, DType::F64),
                false => input.clone(),
            };
            if !operation.takes(input.dtype) {
                return Err(
                    Error::new(ErrorKind::DType, format!("there is no {name} of {}", input.dtype)).with_help("cast it: .cast(DType::F64)")
                );
            }
            Ok(Node::new(name, input.grid.clone(), operation.gives(input.dtype), Op::Unary(operation), vec![input.clone()]))
        })
    }

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

    /// The absolute value; of a complex number, its distance from zero. The least signed integer stays what it is.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::from_vec(vec![-3i64, 4], 2).abs().sum(..).scalar::<i64>()?, 7);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn abs(&self) -> Self {
        self.unary("abs", Unary::Abs, Location::caller())
    }

    /// The inverse cosine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).acos().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn acos(&self) -> Self {
        self.unary("acos", Unary::Acos, Location::caller())
    }

    /// The inverse hyperbolic cosine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).acosh().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn acosh(&self) -> Self {
        self.unary("acosh", Unary::Acosh, Location::caller())
    }

    /// The inverse sine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).asin().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn asin(&self) -> Self {
        self.unary("asin", Unary::Asin, Location::caller())
    }

    /// The inverse hyperbolic sine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).asinh().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn asinh(&self) -> Self {
        self.unary("asinh", Unary::Asinh, Location::caller())
    }

    /// The inverse tangent.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).atan().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn atan(&self) -> Self {
        self.unary("atan", Unary::Atan, Location::caller())
    }

    /// The inverse hyperbolic tangent.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).atanh().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn atanh(&self) -> Self {
        self.unary("atanh", Unary::Atanh, Location::caller())
    }

    /// Every bit turned over, as `!`.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<u8>(1).bitwise_invert().sum(..).scalar::<u64>()?, 255);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn bitwise_invert(&self) -> Self {
        self.unary("bitwise_invert", Unary::BitwiseInvert, Location::caller())
    }

    /// The next whole number above.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 1.2).ceil().sum(..).scalar::<f64>()?, 2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn ceil(&self) -> Self {
        self.unary("ceil", Unary::Ceil, Location::caller())
    }

    /// The complex conjugate.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 1.5).conj().sum(..).scalar::<f64>()?, 1.5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn conj(&self) -> Self {
        self.unary("conj", Unary::Conj, Location::caller())
    }

    /// The cosine of an angle in radians.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).cos().sum(..).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn cos(&self) -> Self {
        self.unary("cos", Unary::Cos, Location::caller())
    }

    /// The hyperbolic cosine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).cosh().sum(..).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn cosh(&self) -> Self {
        self.unary("cosh", Unary::Cosh, Location::caller())
    }

    /// The exponential.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).exp().sum(..).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn exp(&self) -> Self {
        self.unary("exp", Unary::Exp, Location::caller())
    }

    /// The exponential less one, exact near zero.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).expm1().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn expm1(&self) -> Self {
        self.unary("expm1", Unary::Expm1, Location::caller())
    }

    /// The next whole number below.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 1.8).floor().sum(..).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn floor(&self) -> Self {
        self.unary("floor", Unary::Floor, Location::caller())
    }

    /// The imaginary part.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).imag().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn imag(&self) -> Self {
        self.unary("imag", Unary::Imag, Location::caller())
    }

    /// Whether it is neither infinite nor NaN.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, f64::INFINITY).is_finite().scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn is_finite(&self) -> Self {
        self.unary("is_finite", Unary::IsFinite, Location::caller())
    }

    /// Whether it is infinite.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, f64::INFINITY).is_inf().scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn is_inf(&self) -> Self {
        self.unary("is_inf", Unary::IsInf, Location::caller())
    }

    /// Whether it is not a number.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, f64::NAN).is_nan().scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn is_nan(&self) -> Self {
        self.unary("is_nan", Unary::IsNan, Location::caller())
    }

    /// The natural logarithm.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).log().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn log(&self) -> Self {
        self.unary("log", Unary::Log, Location::caller())
    }

    /// The logarithm to base 10.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 100.0).log10().sum(..).scalar::<f64>()?, 2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn log10(&self) -> Self {
        self.unary("log10", Unary::Log10, Location::caller())
    }

    /// The natural logarithm of one more, exact near zero.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).log1p().sum(..).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn log1p(&self) -> Self {
        self.unary("log1p", Unary::Log1p, Location::caller())
    }

    /// The logarithm to base 2.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 8.0).log2().sum(..).scalar::<f64>()?, 3.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn log2(&self) -> Self {
        self.unary("log2", Unary::Log2, Location::caller())
    }

    /// Not, of booleans.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, true).logical_not().scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn logical_not(&self) -> Self {
        self.unary("logical_not", Unary::LogicalNot, Location::caller())
    }

    /// The number with the other sign, as unary `-`. Integers wrap.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<i64>(1).negative().scalar::<i64>()?, -1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn negative(&self) -> Self {
        self.unary("negative", Unary::Negative, Location::caller())
    }

    /// The number itself.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<i64>(1).positive().scalar::<i64>()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn positive(&self) -> Self {
        self.unary("positive", Unary::Positive, Location::caller())
    }

    /// The real part.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).real().scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn real(&self) -> Self {
        self.unary("real", Unary::Real, Location::caller())
    }

    /// One over the number.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 4.0).reciprocal().scalar::<f64>()?, 0.25);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn reciprocal(&self) -> Self {
        self.unary("reciprocal", Unary::Reciprocal, Location::caller())
    }

    /// The nearest whole number; halves go to the even one.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 2.5).round().scalar::<f64>()?, 2.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn round(&self) -> Self {
        self.unary("round", Unary::Round, Location::caller())
    }

    /// -1, 0 or 1; of a complex number, that on the unit circle. NaN stays NaN.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, -7i64).sign().scalar::<i64>()?, -1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn sign(&self) -> Self {
        self.unary("sign", Unary::Sign, Location::caller())
    }

    /// Whether the sign bit is set: true for -0.0 too.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, -0.0).signbit().scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn signbit(&self) -> Self {
        self.unary("signbit", Unary::Signbit, Location::caller())
    }

    /// The sine of an angle in radians.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).sin().scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn sin(&self) -> Self {
        self.unary("sin", Unary::Sin, Location::caller())
    }

    /// The hyperbolic sine.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).sinh().scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn sinh(&self) -> Self {
        self.unary("sinh", Unary::Sinh, Location::caller())
    }

    /// The square root.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 9.0).sqrt().scalar::<f64>()?, 3.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn sqrt(&self) -> Self {
        self.unary("sqrt", Unary::Sqrt, Location::caller())
    }

    /// The square. Integers wrap.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).square().scalar::<i64>()?, 9);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn square(&self) -> Self {
        self.unary("square", Unary::Square, Location::caller())
    }

    /// The tangent of an angle in radians.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).tan().scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn tan(&self) -> Self {
        self.unary("tan", Unary::Tan, Location::caller())
    }

    /// The hyperbolic tangent.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).tanh().scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn tanh(&self) -> Self {
        self.unary("tanh", Unary::Tanh, Location::caller())
    }

    /// The whole part.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, -1.8).trunc().scalar::<f64>()?, -1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn trunc(&self) -> Self {
        self.unary("trunc", Unary::Trunc, Location::caller())
    }

    /// The angle of the point with this y and that x.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).atan2(1.0).scalar::<f64>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn atan2(&self, other: impl IntoOperand) -> Self {
        binary("atan2", Binary::Atan2, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// The number with the sign of the other.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<f64>(1).copysign(-2.0).scalar::<f64>()?, -1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn copysign(&self, other: impl IntoOperand) -> Self {
        binary("copysign", Binary::Copysign, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// The quotient rounded down. An integer divided by 0 is 0.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, -7i64).floor_divide(2).scalar::<i64>()?, -4);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn floor_divide(&self, other: impl IntoOperand) -> Self {
        binary("floor_divide", Binary::FloorDivide, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// The length of the hypotenuse, without overflow on the way.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3.0).hypot(4.0).scalar::<f64>()?, 5.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn hypot(&self, other: impl IntoOperand) -> Self {
        binary("hypot", Binary::Hypot, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// The logarithm of the sum of both exponentials. Where it is near zero, digits are lost.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, f64::NEG_INFINITY).logaddexp(1.0).scalar::<f64>()?, 1.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn logaddexp(&self, other: impl IntoOperand) -> Self {
        binary("logaddexp", Binary::LogAddExp, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// And, of booleans.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, true).logical_and(false).scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn logical_and(&self, other: impl IntoOperand) -> Self {
        binary("logical_and", Binary::LogicalAnd, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Or, of booleans.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, true).logical_or(false).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn logical_or(&self, other: impl IntoOperand) -> Self {
        binary("logical_or", Binary::LogicalOr, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Either, of booleans.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, true).logical_xor(true).scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn logical_xor(&self, other: impl IntoOperand) -> Self {
        binary("logical_xor", Binary::LogicalXor, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// The larger; NaN wins.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).maximum(5).scalar::<i64>()?, 5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn maximum(&self, other: impl IntoOperand) -> Self {
        binary("maximum", Binary::Maximum, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// The smaller; NaN wins.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).minimum(5).scalar::<i64>()?, 3);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn minimum(&self, other: impl IntoOperand) -> Self {
        binary("minimum", Binary::Minimum, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// The next float towards the other.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f64>(1).nextafter(1.0).scalar::<f64>()?, f64::from_bits(1));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn nextafter(&self, other: impl IntoOperand) -> Self {
        binary("nextafter", Binary::NextAfter, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// The power. Integers wrap, and a negative power of one is its whole part.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 2i64).pow(10).scalar::<i64>()?, 1024);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn pow(&self, other: impl IntoOperand) -> Self {
        binary("pow", Binary::Pow, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// What floor division leaves over: it has the sign of the divisor. `%` is Rust's.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, -7i64).remainder(3).scalar::<i64>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn remainder(&self, other: impl IntoOperand) -> Self {
        binary("remainder", Binary::Remainder, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// And, bit by bit, as `&`.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 6u8).bitwise_and(3).scalar::<u8>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn bitwise_and(&self, other: impl IntoOperand) -> Self {
        binary("bitwise_and", Binary::BitwiseAnd, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Or, bit by bit, as `|`.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 6u8).bitwise_or(3).scalar::<u8>()?, 7);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn bitwise_or(&self, other: impl IntoOperand) -> Self {
        binary("bitwise_or", Binary::BitwiseOr, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Either, bit by bit, as `^`.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 6u8).bitwise_xor(3).scalar::<u8>()?, 5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn bitwise_xor(&self, other: impl IntoOperand) -> Self {
        binary("bitwise_xor", Binary::BitwiseXor, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Whether both are equal. NaN equals nothing.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).eq(3).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn eq(&self, other: impl IntoOperand) -> Self {
        binary("eq", Binary::Equal, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Whether they differ.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).not_eq(3).scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn not_eq(&self, other: impl IntoOperand) -> Self {
        binary("not_eq", Binary::NotEqual, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Whether it is less.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).lt(4).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn lt(&self, other: impl IntoOperand) -> Self {
        binary("lt", Binary::Less, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Whether it is less or equal.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).lt_eq(3).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn lt_eq(&self, other: impl IntoOperand) -> Self {
        binary("lt_eq", Binary::LessEqual, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Whether it is greater.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).gt(4).scalar::<bool>()?, false);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn gt(&self, other: impl IntoOperand) -> Self {
        binary("gt", Binary::Greater, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Whether it is greater or equal.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 3i64).gt_eq(3).scalar::<bool>()?, true);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn gt_eq(&self, other: impl IntoOperand) -> Self {
        binary("gt_eq", Binary::GreaterEqual, self.into_operand(), other.into_operand(), Location::caller())
    }

    /// Shifted left, as `<<`; past all bits nothing is left.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 4u8).bitwise_left_shift(1).scalar::<u8>()?, 8);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn bitwise_left_shift(&self, by: impl IntoOperand) -> Self {
        binary("bitwise_left_shift", Binary::BitwiseLeftShift, self.into_operand(), by.into_operand(), Location::caller())
    }

    /// Shifted right, as `>>`; past all bits only the sign is left.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(1, 4u8).bitwise_right_shift(1).scalar::<u8>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn bitwise_right_shift(&self, by: impl IntoOperand) -> Self {
        binary("bitwise_right_shift", Binary::BitwiseRightShift, self.into_operand(), by.into_operand(), Location::caller())
    }
}
