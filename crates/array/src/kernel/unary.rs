//! Operations of one operand.

use super::{
    complex::Plane,
    map, map1_or,
    math::{double, single},
    missing,
    real::{Real, Whole},
};
use num_complex::Complex;
use serde::{Deserialize, Serialize};
use stratal_core::{Result, value::DType};

/// An operation of one operand, named as in the Array API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Unary {
    Abs,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    BitwiseInvert,
    Ceil,
    Conj,
    Cos,
    Cosh,
    Exp,
    Expm1,
    Floor,
    Imag,
    IsFinite,
    IsInf,
    IsNan,
    Log,
    Log10,
    Log1p,
    Log2,
    LogicalNot,
    Negative,
    /// The operand itself, broadcast.
    Positive,
    Real,
    Reciprocal,
    Round,
    Sign,
    Signbit,
    Sin,
    Sinh,
    Sqrt,
    Square,
    Tan,
    Tanh,
    Trunc,
}

impl Unary {
    /// The dtype of the result for an operand of this dtype.
    pub(crate) fn gives(self, of: DType) -> DType {
        match self {
            Unary::IsFinite | Unary::IsInf | Unary::IsNan | Unary::LogicalNot | Unary::Signbit => DType::Bool,
            Unary::Abs | Unary::Imag | Unary::Real => match of {
                DType::C64 => DType::F32,
                DType::C128 => DType::F64,
                other => other,
            },
            _ => of,
        }
    }

    /// Whether integers are taken as floats first.
    pub(crate) fn wants_floats(self) -> bool {
        use Unary::*;
        matches!(
            self,
            Acos | Acosh
                | Asin
                | Asinh
                | Atan
                | Atanh
                | Cos
                | Cosh
                | Exp
                | Expm1
                | Log
                | Log10
                | Log1p
                | Log2
                | Reciprocal
                | Signbit
                | Sin
                | Sinh
                | Sqrt
                | Tan
                | Tanh
        )
    }

    /// Whether an integer is its own result.
    pub(crate) fn keeps_integers(self) -> bool {
        matches!(self, Unary::Ceil | Unary::Floor | Unary::Round | Unary::Trunc | Unary::Positive | Unary::Real | Unary::Conj)
    }

    /// Whether it knows operands of this dtype.
    pub(crate) fn takes(self, of: DType) -> bool {
        use Unary::*;
        match self {
            Positive => true,
            LogicalNot => of.is_bool(),
            BitwiseInvert => of.is_bool() || of.is_integer(),
            Ceil | Floor | Trunc => !of.is_bool() && !of.is_complex(),
            Signbit => of.is_float(),
            Conj | Real | Imag => !of.is_bool(),
            _ => !of.is_bool(),
        }
    }
}

/// A function of an angle, by std where the angle is so large that more digits of pi are needed.
macro_rules! turning {
    ($float:ty, $f:path, $a:expr, $out:expr, |$x:ident| $slow:expr, $large:expr) => {
        map1_or::<$float, $float>(
            $a,
            $out,
            #[inline(always)]
            |$x| $f($x),
            #[inline(always)]
            |$x| ($x.abs() <= $large) | $x.is_nan(),
            |$x| $slow,
        )
    };
}

macro_rules! floats {
    ($float:ty, $math:ident, $operation:expr, $a:expr, $out:expr) => {
        match $operation {
            Unary::Abs => map!($float => $float, $a, $out, |x| x.abs()),
            Unary::Acos => map!($float => $float, $a, $out, |x| $math::acos(x)),
            Unary::Acosh => map!($float => $float, $a, $out, |x| $math::acosh(x)),
            Unary::Asin => map!($float => $float, $a, $out, |x| $math::asin(x)),
            Unary::Asinh => map!($float => $float, $a, $out, |x| $math::asinh(x)),
            Unary::Atan => map!($float => $float, $a, $out, |x| $math::atan(x)),
            Unary::Atanh => map!($float => $float, $a, $out, |x| $math::atanh(x)),
            Unary::Ceil => map!($float => $float, $a, $out, |x| x.ceil()),
            Unary::Cos => turning!($float, $math::cos, $a, $out, |x| x.cos(), $math::LARGE),
            Unary::Cosh => map!($float => $float, $a, $out, |x| $math::cosh(x)),
            Unary::Exp => map!($float => $float, $a, $out, |x| $math::exp(x)),
            Unary::Expm1 => map!($float => $float, $a, $out, |x| $math::expm1(x)),
            Unary::Floor => map!($float => $float, $a, $out, |x| x.floor()),
            Unary::Imag => map!($float => $float, $a, $out, |_| 0.0),
            Unary::IsFinite => map!($float => u8, $a, $out, |x| u8::from(x.is_finite())),
            Unary::IsInf => map!($float => u8, $a, $out, |x| u8::from(x.is_infinite())),
            Unary::IsNan => map!($float => u8, $a, $out, |x| u8::from(x.is_nan())),
            Unary::Log => map!($float => $float, $a, $out, |x| $math::log(x)),
            Unary::Log10 => map!($float => $float, $a, $out, |x| $math::log10(x)),
            Unary::Log1p => map!($float => $float, $a, $out, |x| $math::log1p(x)),
            Unary::Log2 => map!($float => $float, $a, $out, |x| $math::log2(x)),
            Unary::Negative => map!($float => $float, $a, $out, |x| -x),
            Unary::Conj | Unary::Positive | Unary::Real => $out.copy_from_slice($a),
            Unary::Reciprocal => map!($float => $float, $a, $out, |x| 1.0 / x),
            Unary::Round => map!($float => $float, $a, $out, |x| x.round_ties_even()),
            Unary::Sign => map!($float => $float, $a, $out, |x| Real::sign(x)),
            Unary::Signbit => map!($float => u8, $a, $out, |x| u8::from(x.is_sign_negative())),
            Unary::Sin => turning!($float, $math::sin, $a, $out, |x| x.sin(), $math::LARGE),
            Unary::Sinh => map!($float => $float, $a, $out, |x| $math::sinh(x)),
            Unary::Sqrt => map!($float => $float, $a, $out, |x| x.sqrt()),
            Unary::Square => map!($float => $float, $a, $out, |x| x * x),
            Unary::Tan => turning!($float, $math::tan, $a, $out, |x| x.tan(), $math::LARGE),
            Unary::Tanh => map!($float => $float, $a, $out, |x| $math::tanh(x)),
            Unary::Trunc => map!($float => $float, $a, $out, |x| x.trunc()),
            Unary::BitwiseInvert | Unary::LogicalNot => return Err(missing($operation, <$float as crate::element::Element>::DTYPE)),
        }
    };
}

macro_rules! complexes {
    ($float:ty, $operation:expr, $a:expr, $out:expr) => {{
        type Z = Complex<$float>;
        let one = Complex::<$float>::new(1.0, 0.0);
        match $operation {
            Unary::Abs => map!(Z => $float, $a, $out, |z| z.norm()),
            Unary::Acos => map!(Z => Z, $a, $out, |z| z.acos()),
            Unary::Acosh => map!(Z => Z, $a, $out, |z| z.acosh()),
            Unary::Asin => map!(Z => Z, $a, $out, |z| z.asin()),
            Unary::Asinh => map!(Z => Z, $a, $out, |z| z.asinh()),
            Unary::Atan => map!(Z => Z, $a, $out, |z| z.atan()),
            Unary::Atanh => map!(Z => Z, $a, $out, |z| z.atanh()),
            Unary::Conj => map!(Z => Z, $a, $out, |z| z.conj()),
            Unary::Cos => map!(Z => Z, $a, $out, |z| z.cos()),
            Unary::Cosh => map!(Z => Z, $a, $out, |z| z.cosh()),
            Unary::Exp => map!(Z => Z, $a, $out, |z| z.exp()),
            Unary::Expm1 => map!(Z => Z, $a, $out, |z| z.exp_less_one()),
            Unary::Imag => map!(Z => $float, $a, $out, |z| z.im),
            Unary::IsFinite => map!(Z => u8, $a, $out, |z| u8::from(z.re.is_finite() && z.im.is_finite())),
            Unary::IsInf => map!(Z => u8, $a, $out, |z| u8::from(z.re.is_infinite() || z.im.is_infinite())),
            Unary::IsNan => map!(Z => u8, $a, $out, |z| u8::from(z.re.is_nan() || z.im.is_nan())),
            Unary::Log => map!(Z => Z, $a, $out, |z| z.ln()),
            Unary::Log10 => map!(Z => Z, $a, $out, |z| z.ln() / (std::f64::consts::LN_10 as $float)),
            Unary::Log1p => map!(Z => Z, $a, $out, |z| z.log_of_one_more()),
            Unary::Log2 => map!(Z => Z, $a, $out, |z| z.ln() / (std::f64::consts::LN_2 as $float)),
            Unary::Negative => map!(Z => Z, $a, $out, |z| -z),
            Unary::Positive => $out.copy_from_slice($a),
            Unary::Real => map!(Z => $float, $a, $out, |z| z.re),
            Unary::Reciprocal => map!(Z => Z, $a, $out, |z| one / z),
            Unary::Round => map!(Z => Z, $a, $out, |z| Z::new(z.re.round_ties_even(), z.im.round_ties_even())),
            Unary::Sign => map!(Z => Z, $a, $out, |z| z.direction()),
            Unary::Sin => map!(Z => Z, $a, $out, |z| z.sin()),
            Unary::Sinh => map!(Z => Z, $a, $out, |z| z.sinh()),
            Unary::Sqrt => map!(Z => Z, $a, $out, |z| z.sqrt()),
            Unary::Square => map!(Z => Z, $a, $out, |z| z * z),
            Unary::Tan => map!(Z => Z, $a, $out, |z| z.tan()),
            Unary::Tanh => map!(Z => Z, $a, $out, |z| z.tanh()),
            other => return Err(missing(other, <Z as crate::element::Element>::DTYPE)),
        }
    }};
}

macro_rules! integers {
    ($int:ty, $operation:expr, $a:expr, $out:expr) => {
        match $operation {
            Unary::Abs => map!($int => $int, $a, $out, |x| x.magnitude()),
            Unary::BitwiseInvert => map!($int => $int, $a, $out, |x| !x),
            Unary::Imag => map!($int => $int, $a, $out, |_| 0),
            Unary::IsFinite => $out.fill(1),
            Unary::IsInf | Unary::IsNan => $out.fill(0),
            Unary::Negative => map!($int => $int, $a, $out, |x| x.wrapping_neg()),
            Unary::Ceil | Unary::Conj | Unary::Floor | Unary::Positive | Unary::Real | Unary::Round | Unary::Trunc => {
                $out.copy_from_slice($a)
            }
            Unary::Sign => map!($int => $int, $a, $out, |x| Whole::sign(x)),
            Unary::Square => map!($int => $int, $a, $out, |x| x.wrapping_mul(x)),
            other => return Err(missing(other, <$int as crate::element::Element>::DTYPE)),
        }
    };
}

/// Writes the results for elements of `dtype`.
pub(crate) fn unary(operation: Unary, dtype: DType, a: &[u8], out: &mut [u8]) -> Result<()> {
    match dtype {
        DType::Bool => match operation {
            Unary::LogicalNot | Unary::BitwiseInvert => map!(u8 => u8, a, out, |x| x ^ 1),
            Unary::Positive => out.copy_from_slice(a),
            other => return Err(missing(other, dtype)),
        },
        DType::I8 => integers!(i8, operation, a, out),
        DType::I16 => integers!(i16, operation, a, out),
        DType::I32 => integers!(i32, operation, a, out),
        DType::I64 => integers!(i64, operation, a, out),
        DType::U8 => integers!(u8, operation, a, out),
        DType::U16 => integers!(u16, operation, a, out),
        DType::U32 => integers!(u32, operation, a, out),
        DType::U64 => integers!(u64, operation, a, out),
        DType::F32 => floats!(f32, single, operation, a, out),
        DType::F64 => floats!(f64, double, operation, a, out),
        DType::C64 => complexes!(f32, operation, a, out),
        DType::C128 => complexes!(f64, operation, a, out),
    }
    Ok(())
}
