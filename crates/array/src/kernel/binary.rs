//! Operations of two operands of one dtype.

use super::{
    map2, missing,
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
            Binary::Equal => map2::<$type, u8>($a, $b, $out, |a, b| u8::from(a == b)),
            Binary::NotEqual => map2::<$type, u8>($a, $b, $out, |a, b| u8::from(a != b)),
            Binary::Less => map2::<$type, u8>($a, $b, $out, |a, b| u8::from(a < b)),
            Binary::LessEqual => map2::<$type, u8>($a, $b, $out, |a, b| u8::from(a <= b)),
            Binary::Greater => map2::<$type, u8>($a, $b, $out, |a, b| u8::from(a > b)),
            Binary::GreaterEqual => map2::<$type, u8>($a, $b, $out, |a, b| u8::from(a >= b)),
            $other => $rest,
        }
    };
}

macro_rules! floats {
    ($float:ty, $operation:expr, $a:expr, $b:expr, $out:expr) => {
        compared!($float, $operation, $a, $b, $out, other => match other {
            Binary::Add => map2::<$float, $float>($a, $b, $out, |a, b| a + b),
            Binary::Subtract => map2::<$float, $float>($a, $b, $out, |a, b| a - b),
            Binary::Multiply => map2::<$float, $float>($a, $b, $out, |a, b| a * b),
            Binary::Divide => map2::<$float, $float>($a, $b, $out, |a, b| a / b),
            Binary::Atan2 => map2::<$float, $float>($a, $b, $out, |a, b| a.atan2(b)),
            Binary::Copysign => map2::<$float, $float>($a, $b, $out, |a, b| a.copysign(b)),
            Binary::FloorDivide => map2::<$float, $float>($a, $b, $out, |a, b| Real::floor_div(a, b)),
            Binary::Hypot => map2::<$float, $float>($a, $b, $out, |a, b| a.hypot(b)),
            Binary::LogAddExp => map2::<$float, $float>($a, $b, $out, |a, b| a.log_add_exp(b)),
            Binary::Maximum => map2::<$float, $float>($a, $b, $out, |a, b| a.larger(b)),
            Binary::Minimum => map2::<$float, $float>($a, $b, $out, |a, b| a.smaller(b)),
            Binary::NextAfter => map2::<$float, $float>($a, $b, $out, |a, b| a.next_after(b)),
            Binary::Pow => map2::<$float, $float>($a, $b, $out, |a, b| a.powf(b)),
            Binary::Rem => map2::<$float, $float>($a, $b, $out, |a, b| a % b),
            Binary::Remainder => map2::<$float, $float>($a, $b, $out, |a, b| Real::modulo(a, b)),
            other => return Err(missing(other, <$float as crate::element::Element>::DTYPE)),
        })
    };
}

macro_rules! integers {
    ($int:ty, $operation:expr, $a:expr, $b:expr, $out:expr) => {
        compared!($int, $operation, $a, $b, $out, other => match other {
            Binary::Add => map2::<$int, $int>($a, $b, $out, |a, b| a.wrapping_add(b)),
            Binary::Subtract => map2::<$int, $int>($a, $b, $out, |a, b| a.wrapping_sub(b)),
            Binary::Multiply => map2::<$int, $int>($a, $b, $out, |a, b| a.wrapping_mul(b)),
            Binary::BitwiseAnd => map2::<$int, $int>($a, $b, $out, |a, b| a & b),
            Binary::BitwiseOr => map2::<$int, $int>($a, $b, $out, |a, b| a | b),
            Binary::BitwiseXor => map2::<$int, $int>($a, $b, $out, |a, b| a ^ b),
            Binary::BitwiseLeftShift => map2::<$int, $int>($a, $b, $out, |a, b| a.shift_left(b)),
            Binary::BitwiseRightShift => map2::<$int, $int>($a, $b, $out, |a, b| a.shift_right(b)),
            Binary::FloorDivide => map2::<$int, $int>($a, $b, $out, |a, b| Whole::floor_div(a, b)),
            Binary::Maximum => map2::<$int, $int>($a, $b, $out, |a, b| a.max(b)),
            Binary::Minimum => map2::<$int, $int>($a, $b, $out, |a, b| a.min(b)),
            Binary::Pow => map2::<$int, $int>($a, $b, $out, |a, b| a.power(b)),
            Binary::Rem => map2::<$int, $int>($a, $b, $out, |a, b| a.rest(b)),
            Binary::Remainder => map2::<$int, $int>($a, $b, $out, |a, b| Whole::modulo(a, b)),
            other => return Err(missing(other, <$int as crate::element::Element>::DTYPE)),
        })
    };
}

macro_rules! complexes {
    ($float:ty, $operation:expr, $a:expr, $b:expr, $out:expr) => {{
        type Z = Complex<$float>;
        match $operation {
            Binary::Equal => map2::<Z, u8>($a, $b, $out, |a, b| u8::from(a == b)),
            Binary::NotEqual => map2::<Z, u8>($a, $b, $out, |a, b| u8::from(a != b)),
            Binary::Add => map2::<Z, Z>($a, $b, $out, |a, b| a + b),
            Binary::Subtract => map2::<Z, Z>($a, $b, $out, |a, b| a - b),
            Binary::Multiply => map2::<Z, Z>($a, $b, $out, |a, b| a * b),
            Binary::Divide => map2::<Z, Z>($a, $b, $out, |a, b| a / b),
            Binary::Pow => map2::<Z, Z>($a, $b, $out, |a, b| a.powc(b)),
            other => return Err(missing(other, <Z as crate::element::Element>::DTYPE)),
        }
    }};
}

/// Writes the results for operands of `dtype`.
pub(crate) fn binary(operation: Binary, dtype: DType, a: &[u8], b: &[u8], out: &mut [u8]) -> Result<()> {
    match dtype {
        DType::Bool => compared!(u8, operation, a, b, out, other => match other {
            Binary::LogicalAnd | Binary::BitwiseAnd => map2::<u8, u8>(a, b, out, |a, b| a & b),
            Binary::LogicalOr | Binary::BitwiseOr => map2::<u8, u8>(a, b, out, |a, b| a | b),
            Binary::LogicalXor | Binary::BitwiseXor => map2::<u8, u8>(a, b, out, |a, b| a ^ b),
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
        DType::F32 => floats!(f32, operation, a, b, out),
        DType::F64 => floats!(f64, operation, a, b, out),
        DType::C64 => complexes!(f32, operation, a, b, out),
        DType::C128 => complexes!(f64, operation, a, b, out),
    }
    Ok(())
}
