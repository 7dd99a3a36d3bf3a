//! Elements of one dtype as another, as Rust's `as` has it: floats outside of an integer's range become its bounds, what is
//! not a number becomes 0.

use super::map;
use num_complex::Complex;
use stratal_core::{Error, Result, value::DType};

macro_rules! from_real {
    ($from:ty, $to:expr, $a:expr, $out:expr) => {
        match $to {
            DType::Bool => map!($from => u8, $a, $out, |x| u8::from(x != (0 as $from))),
            DType::I8 => map!($from => i8, $a, $out, |x| x as i8),
            DType::I16 => map!($from => i16, $a, $out, |x| x as i16),
            DType::I32 => map!($from => i32, $a, $out, |x| x as i32),
            DType::I64 => map!($from => i64, $a, $out, |x| x as i64),
            DType::U8 => map!($from => u8, $a, $out, |x| x as u8),
            DType::U16 => map!($from => u16, $a, $out, |x| x as u16),
            DType::U32 => map!($from => u32, $a, $out, |x| x as u32),
            DType::U64 => map!($from => u64, $a, $out, |x| x as u64),
            DType::F32 => map!($from => f32, $a, $out, |x| x as f32),
            DType::F64 => map!($from => f64, $a, $out, |x| x as f64),
            DType::C64 => map!($from => Complex<f32>, $a, $out, |x| Complex::new(x as f32, 0.0)),
            DType::C128 => map!($from => Complex<f64>, $a, $out, |x| Complex::new(x as f64, 0.0)),
        }
    };
}

macro_rules! from_complex {
    ($from:ty, $to:expr, $a:expr, $out:expr) => {
        match $to {
            DType::Bool => map!(Complex<$from> => u8, $a, $out, |z| u8::from(z.re != 0.0 || z.im != 0.0)),
            DType::C64 => map!(Complex<$from> => Complex<f32>, $a, $out, |z| Complex::new(z.re as f32, z.im as f32)),
            DType::C128 => map!(Complex<$from> => Complex<f64>, $a, $out, |z| Complex::new(z.re as f64, z.im as f64)),
            other => return Err(Error::internal(format!("complex numbers are not cast to {other}"))),
        }
    };
}

/// Writes elements of `from` as elements of `to`. Complex numbers become no real ones.
pub(crate) fn cast(from: DType, to: DType, a: &[u8], out: &mut [u8]) -> Result<()> {
    match from {
        _ if from == to => out.copy_from_slice(a),
        DType::Bool | DType::U8 => from_real!(u8, to, a, out),
        DType::I8 => from_real!(i8, to, a, out),
        DType::I16 => from_real!(i16, to, a, out),
        DType::I32 => from_real!(i32, to, a, out),
        DType::I64 => from_real!(i64, to, a, out),
        DType::U16 => from_real!(u16, to, a, out),
        DType::U32 => from_real!(u32, to, a, out),
        DType::U64 => from_real!(u64, to, a, out),
        DType::F32 => from_real!(f32, to, a, out),
        DType::F64 => from_real!(f64, to, a, out),
        DType::C64 => from_complex!(f32, to, a, out),
        DType::C128 => from_complex!(f64, to, a, out),
    }
    Ok(())
}
