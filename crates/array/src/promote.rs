//! Which dtype two operands meet in: the Array API's table, and for an integer with a float numpy's, which the standard leaves
//! open. Numbers in the program are weak: they take the dtype of the array, of the next higher kind where they must.

use crate::scalar::Weak;
use stratal_core::value::DType;

fn signed_of(size: usize) -> DType {
    match size {
        1 => DType::I8,
        2 => DType::I16,
        4 => DType::I32,
        _ => DType::I64,
    }
}

fn larger(a: DType, b: DType) -> DType {
    if a.size() >= b.size() { a } else { b }
}

/// The dtype of two arrays together; none where there is no one for all their values.
pub(crate) fn promote(a: DType, b: DType) -> Option<DType> {
    if a == b {
        return Some(a);
    }
    if a.is_bool() || b.is_bool() {
        return None;
    }
    let of_kind = |is: fn(DType) -> bool| (is(a), is(b));
    // The operand that is of this kind, and the other.
    let sides = |is: fn(DType) -> bool| if is(a) { (a, b) } else { (b, a) };
    match (of_kind(DType::is_complex), of_kind(DType::is_float)) {
        ((true, true), _) | ((false, false), (true, true)) => Some(larger(a, b)),
        ((false, false), (false, false)) => match (of_kind(DType::is_signed), sides(DType::is_signed)) {
            ((true, true), _) | ((false, false), _) => Some(larger(a, b)),
            (_, (_, DType::U64)) => None,
            (_, (signed, unsigned)) => Some(signed_of(signed.size().max(2 * unsigned.size()))),
        },
        ((false, false), _) => {
            let (float, integer) = sides(DType::is_float);
            Some(if float == DType::F64 || integer.size() > 2 { DType::F64 } else { DType::F32 })
        }
        _ => {
            let (complex, other) = sides(DType::is_complex);
            let narrow = complex == DType::C64 && (other == DType::F32 || other.is_integer() && other.size() <= 2);
            Some(if narrow { DType::C64 } else { DType::C128 })
        }
    }
}

/// Why a number does not go with an array.
pub(crate) enum NoPlace {
    /// The kinds do not mix.
    Kind,
    /// It is outside of the dtype's range.
    Range,
}

/// The dtype of an array and a number together.
pub(crate) fn promote_weak(array: DType, number: Weak) -> Result<DType, NoPlace> {
    match number {
        Weak::Bool(_) if array.is_bool() => Ok(array),
        Weak::Bool(_) => Err(NoPlace::Kind),
        _ if array.is_bool() => Err(NoPlace::Kind),
        Weak::Int(value) if array.is_integer() => {
            let bits = 8 * array.size() as u32;
            let (low, high) = match array.is_signed() {
                true => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
                false => (0, (1i128 << bits) - 1),
            };
            if (low..=high).contains(&value) { Ok(array) } else { Err(NoPlace::Range) }
        }
        Weak::Int(_) => Ok(array),
        Weak::Float(_) if array.is_integer() => Ok(DType::F64),
        Weak::Float(_) => Ok(array),
        Weak::Complex(_) => Ok(match array {
            DType::F32 | DType::C64 => DType::C64,
            _ => DType::C128,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DType::*;

    #[test]
    fn the_table_of_the_standard_holds_in_both_directions() {
        let table = [
            (I8, I64, Some(I64)),
            (U8, U16, Some(U16)),
            (I8, U8, Some(I16)),
            (I16, U8, Some(I16)),
            (I8, U16, Some(I32)),
            (I32, U32, Some(I64)),
            (I64, U32, Some(I64)),
            (I64, U64, None),
            (F32, F64, Some(F64)),
            (F32, C64, Some(C64)),
            (F64, C64, Some(C128)),
            (F32, C128, Some(C128)),
            (Bool, I8, None),
            (Bool, F64, None),
            (I16, F32, Some(F32)),
            (I32, F32, Some(F64)),
            (U64, F32, Some(F64)),
            (I8, C64, Some(C64)),
            (I64, C64, Some(C128)),
        ];
        for (a, b, together) in table {
            assert_eq!((promote(a, b), promote(b, a)), (together, together), "{a} {b}");
        }
        assert!(DType::ALL.into_iter().all(|dtype| promote(dtype, dtype) == Some(dtype)));
    }

    #[test]
    fn numbers_are_weak_and_must_fit() {
        assert_eq!(promote_weak(F32, Weak::Float(1.0)).ok(), Some(F32));
        assert_eq!(promote_weak(I32, Weak::Float(1.0)).ok(), Some(F64));
        assert_eq!(promote_weak(U8, Weak::Int(255)).ok(), Some(U8));
        assert!(promote_weak(U8, Weak::Int(256)).is_err() && promote_weak(U8, Weak::Int(-1)).is_err());
        assert_eq!(promote_weak(U64, Weak::Int(u64::MAX as i128)).ok(), Some(U64));
        assert!(promote_weak(Bool, Weak::Int(1)).is_err() && promote_weak(I8, Weak::Bool(true)).is_err());
        assert_eq!(promote_weak(F32, Weak::Complex(num_complex::Complex::new(0.0, 1.0))).ok(), Some(C64));
    }
}
