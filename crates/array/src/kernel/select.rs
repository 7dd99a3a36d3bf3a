//! One of two operands, by a third.

use super::wide;
use crate::element::with_item;
use bytemuck::{cast_slice, cast_slice_mut};
use stratal_core::value::DType;

/// Writes `yes` where `which` is true, and else `no`.
pub(crate) fn select(dtype: DType, which: &[u8], yes: &[u8], no: &[u8], out: &mut [u8]) {
    with_item!(dtype, T => {
        let (yes, no, out): (&[T], &[T], &mut [T]) = (cast_slice(yes), cast_slice(no), cast_slice_mut(out));
        wide(
            #[inline(always)]
            move || {
                for (((out, which), yes), no) in out.iter_mut().zip(which).zip(yes).zip(no) {
                    let (yes, no) = (*yes, *no);
                    *out = if *which != 0 { yes } else { no };
                }
            },
        );
    });
}
