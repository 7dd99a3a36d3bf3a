//! Operations of two operands of one dtype.

use super::{
    map, map2_or,
    math::{double, single},
    missing,
    real::{Real, Whole},
};
use num_complex::Complex;
use serde::{Deserialize, Serialize};
use stratal_core::{Result, value::DType};

/// An operation of two operands, named as in the Array API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Binary {
    Add,
    Atan2,
    BitwiseAnd,
    BitwiseLeftShift,
    BitwiseOr,
    BitwiseRightShift,
    BitwiseXor,
    Copysign,
    Divide,
    Equal,
    FloorDivide,
    Greater,
    GreaterEqual,
    Hypot,
    Less,
    LessEqual,
    LogAddExp,
    LogicalAnd,
    LogicalOr,
    LogicalXor,
    Maximum,
    Minimum,
    Multiply,
    NextAfter,
    NotEqual,
    Pow,
    /// Rust's `%`: it has the sign of the left.
    Rem,
    /// It has the sign of the right.
    Remainder,
    Subtract,
}

impl Binary {
    /// The dtype of the result for operands of this dtype.
    pub(crate) fn gives(self, of: DType) -> DType {
        use Binary::*;
        match self {
            Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual | LogicalAnd | LogicalOr | LogicalXor => DType::Bool,
            _ => of,
        }
    }

    /// Whether integers are taken as floats first.
    pub(crate) fn wants_floats(self) -> bool {
        use Binary::*;
        matches!(self, Divide | Atan2 | Hypot | Copysign | NextAfter | LogAddExp)
    }

    /// Whether it knows operands of this dtype.
    pub(crate) fn takes(self, of: DType) -> bool {
        use Binary::*;
        match self {
            Add | Subtract | Multiply | Divide | Pow => !of.is_bool(),
            Equal | NotEqual => true,
            Less | LessEqual | Greater | GreaterEqual => !of.is_complex(),
            Maximum | Minimum | FloorDivide | Remainder | Rem => !of.is_bool() && !of.is_complex(),
            Atan2 | Hypot | Copysign | NextAfter | LogAddExp => of.is_float() || of.is_integer(),
            LogicalAnd | LogicalOr | LogicalXor => of.is_bool(),
            BitwiseAnd | BitwiseOr | BitwiseXor => of.is_bool() || of.is_integer(),
            BitwiseLeftShift | BitwiseRightShift => of.is_integer(),
        }
    }
}

macro_rules! compared {
    ($type:ty, $operation:expr, $a:expr, $b:expr, $out:expr, $other:ident => $rest:expr) => {
        match $operation {
            Binary::Equal => map!($type => u8, $a, $b, $out, |a, b| u8::from(a == b)),
            Binary::NotEqual => map!($type => u8, $a, $b, $out, |a, b| u8::from(a != b)),
            Binary::Less => map!($type => u8, $a, $b, $out, |a, b| u8::from(a < b)),
            Binary::LessEqual => map!($type => u8, $a, $b, $out, |a, b| u8::from(a <= b)),
            Binary::Greater => map!($type => u8, $a, $b, $out, |a, b| u8::from(a > b)),
            Binary::GreaterEqual => map!($type => u8, $a, $b, $out, |a, b| u8::from(a >= b)),
            $other => $rest,
        }
    };
}

/// What is made of two floats and of what their division leaves over, the long way round where the quotient has many digits.
macro_rules! divided {
    ($float:ty, $a:expr, $b:expr, $out:expr, |$x:ident, $y:ident, $rest:ident| $result:expr) => {
        map2_or::<$float, $float>(
            $a,
            $b,
            $out,
            #[inline(always)]
            |$x, $y| {
                let $rest = $x.near_rest($y);
                $result
            },
            #[inline(always)]
            |$x, $y| $x.is_near($y),
            |$x, $y| {
                let $rest = $x % $y;
                $result
            },
        )
    };
}

macro_rules! floats {
    ($float:ty, $math:ident, $operation:expr, $a:expr, $b:expr, $out:expr) => {
        compared!($float, $operation, $a, $b, $out, other => match other {
            Binary::Add => map!($float => $float, $a, $b, $out, |a, b| a + b),
            Binary::Subtract => map!($float => $float, $a, $b, $out, |a, b| a - b),
            Binary::Multiply => map!($float => $float, $a, $b, $out, |a, b| a * b),
            Binary::Divide => map!($float => $float, $a, $b, $out, |a, b| a / b),
            Binary::Atan2 => map!($float => $float, $a, $b, $out, |a, b| $math::atan2(a, b)),
            Binary::Copysign => map!($float => $float, $a, $b, $out, |a, b| a.copysign(b)),
            Binary::FloorDivide => divided!($float, $a, $b, $out, |a, b, rest| Real::floor_div(a, b, rest)),
            Binary::Hypot => map!($float => $float, $a, $b, $out, |a, b| $math::hypot(a, b)),
            Binary::LogAddExp => map!($float => $float, $a, $b, $out, |a, b| $math::log_add_exp(a, b)),
            Binary::Maximum => map!($float => $float, $a, $b, $out, |a, b| a.larger(b)),
            Binary::Minimum => map!($float => $float, $a, $b, $out, |a, b| a.smaller(b)),
            Binary::NextAfter => map!($float => $float, $a, $b, $out, |a, b| a.next_after(b)),
            Binary::Pow => map!($float => $float, $a, $b, $out, |a, b| $math::pow(a, b)),
            Binary::Rem => divided!($float, $a, $b, $out, |a, b, rest| rest),
            Binary::Remainder => divided!($float, $a, $b, $out, |a, b, rest| Real::modulo(rest, b)),
            other => return Err(missing(other, <$float as crate::element::Element>::DTYPE)),
        })
    };
}

macro_rules! integers {
    ($int:ty, $operation:expr, $a:expr, $b:expr, $out:expr) => {
        compared!($int, $operation, $a, $b, $out, other => match other {
            Binary::Add => map!($int => $int, $a, $b, $out, |a, b| a.wrapping_add(b)),
            Binary::Subtract => map!($int => $int, $a, $b, $out, |a, b| a.wrapping_sub(b)),
            Binary::Multiply => map!($int => $int, $a, $b, $out, |a, b| a.wrapping_mul(b)),
            Binary::BitwiseAnd => map!($int => $int, $a, $b, $out, |a, b| a & b),
            Binary::BitwiseOr => map!($int => $int, $a, $b, $out, |a, b| a | b),
            Binary::BitwiseXor => map!($int => $int, $a, $b, $out, |a, b| a ^ b),
            Binary::BitwiseLeftShift => map!($int => $int, $a, $b, $out, |a, b| a.shift_left(b)),
            Binary::BitwiseRightShift => map!($int => $int, $a, $b, $out, |a, b| a.shift_right(b)),
            Binary::FloorDivide => map!($int => $int, $a, $b, $out, |a, b| Whole::floor_div(a, b)),
            Binary::Maximum => map!($int => $int, $a, $b, $out, |a, b| a.max(b)),
            Binary::Minimum => map!($int => $int, $a, $b, $out, |a, b| a.min(b)),
            Binary::Pow => map!($int => $int, $a, $b, $out, |a, b| a.power(b)),
            Binary::Rem => map!($int => $int, $a, $b, $out, |a, b| a.rest(b)),
            Binary::Remainder => map!($int => $int, $a, $b, $out, |a, b| Whole::modulo(a, b)),
            other => return Err(missing(other, <$int as crate::element::Element>::DTYPE)),
        })
    };
}

macro_rules! complexes {
    ($float:ty, $operation:expr, $a:expr, $b:expr, $out:expr) => {{
        type Z = Complex<$float>;
        match $operation {
            Binary::Equal => map!(Z => u8, $a, $b, $out, |a, b| u8::from(a == b)),
            Binary::NotEqual => map!(Z => u8, $a, $b, $out, |a, b| u8::from(a != b)),
            Binary::Add => map!(Z => Z, $a, $b, $out, |a, b| a + b),
            Binary::Subtract => map!(Z => Z, $a, $b, $out, |a, b| a - b),
            Binary::Multiply => map!(Z => Z, $a, $b, $out, |a, b| a * b),
            Binary::Divide => map!(Z => Z, $a, $b, $out, |a, b| a / b),
            Binary::Pow => map!(Z => Z, $a, $b, $out, |a, b| a.powc(b)),
            other => return Err(missing(other, <Z as crate::element::Element>::DTYPE)),
        }
    }};
}

/// Writes the results for operands of `dtype`.
pub(crate) fn binary(operation: Binary, dtype: DType, a: &[u8], b: &[u8], out: &mut [u8]) -> Result<()> {
    match dtype {
        DType::Bool => compared!(u8, operation, a, b, out, other => match other {
            Binary::LogicalAnd | Binary::BitwiseAnd => map!(u8 => u8, a, b, out, |a, b| a & b),
            Binary::LogicalOr | Binary::BitwiseOr => map!(u8 => u8, a, b, out, |a, b| a | b),
            Binary::LogicalXor | Binary::BitwiseXor => map!(u8 => u8, a, b, out, |a, b| a ^ b),
            other => return Err(missing(other, dtype)),
        }),
        DType::I8 => integers!(i8, operation, a, b, out),
        DType::I16 => integers!(i16, operation, a, b, out),
        DType::I32 => integers!(i32, operation, a, b, out),
        DType::I64 => integers!(i64, operation, a, b, out),
        DType::U8 => integers!(u8, operation, a, b, out),
        DType::U16 => integers!(u16, operation, a, b, out),
        DType::U32 => integers!(u32, operation, a, b, out),
        DType::U64 => integers!(u64, operation, a, b, out),
        DType::F32 => floats!(f32, single, operation, a, b, out),
        DType::F64 => floats!(f64, double, operation, a, b, out),
        DType::C64 => complexes!(f32, operation, a, b, out),
        DType::C128 => complexes!(f64, operation, a, b, out),
    }
    Ok(())
}
