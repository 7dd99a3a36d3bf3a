//! A cast to the dtype that is there already goes, and a cast of a cast is one cast where the first one loses nothing and the
//! second one does with its values what it does with those before.

use super::{Local, Readers, remade};
use crate::node::{Node, Op};
use std::sync::Arc;
use stratal_core::value::DType;

pub(super) const RULE: Local = Local { name: "fold-casts", apply };

/// Whether a dtype has every value of another.
fn holds(wide: DType, narrow: DType) -> bool {
    let bits = |dtype: DType| 8 * dtype.size();
    // Digits of the significand, of one part for complex numbers.
    let digits = |dtype: DType| match dtype {
        DType::F32 | DType::C64 => 24,
        _ => 53,
    };
    match (wide, narrow) {
        _ if wide == narrow || narrow.is_bool() => true,
        (wide, narrow) if wide.is_bool() || narrow.is_complex() && !wide.is_complex() => false,
        (wide, narrow) if narrow.is_integer() && wide.is_integer() => match (wide.is_signed(), narrow.is_signed()) {
            (true, false) => bits(wide) > bits(narrow),
            (false, true) => false,
            _ => bits(wide) >= bits(narrow),
        },
        (wide, _) if wide.is_integer() => false,
        (wide, narrow) if narrow.is_integer() => bits(narrow) <= digits(wide),
        (wide, narrow) => digits(wide) >= digits(narrow),
    }
}

fn apply(node: &Arc<Node>, _: &Readers) -> Option<Arc<Node>> {
    let (Op::Cast, [input]) = (&node.op, &node.inputs[..]) else { return None };
    if input.dtype == node.dtype {
        return Some(input.clone());
    }
    let (Op::Cast, [source]) = (&input.op, &input.inputs[..]) else { return None };
    // What is outside of an integer's range becomes its bound if it comes from a float, and wraps if it comes from an integer.
    let cuts_off = input.dtype.is_float() && source.dtype.is_integer() && node.dtype.is_integer() && !holds(node.dtype, source.dtype);
    (holds(input.dtype, source.dtype) && !cuts_off)
        .then(|| remade(node.name, node.at, &node.grid, node.dtype, Op::Cast, vec![source.clone()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DType::*;

    #[test]
    fn only_a_dtype_with_all_values_holds_another() {
        for (wide, narrow) in [(I64, I32), (I16, U8), (F64, I32), (F32, U16), (F64, F32), (C64, F32), (C128, F64), (U8, Bool), (F32, Bool)]
        {
            assert!(holds(wide, narrow) && (wide == narrow || !holds(narrow, wide)), "{wide} {narrow}");
        }
        for (one, other) in [(U64, I64), (F32, I32), (F64, I64), (I8, U8), (C64, F64)] {
            assert!(!holds(one, other) && !holds(other, one), "{one} {other}");
        }
        assert!(DType::ALL.into_iter().all(|dtype| holds(dtype, dtype)));
    }
}
