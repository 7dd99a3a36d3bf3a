//! Kernels: plain loops over slices of one type, compiled for the instruction sets of the machine and chosen at run time.
//!
//! They take elements as bytes, aligned as their dtype wants, and a dtype that the operation knows; which these are is checked
//! when an expression is built. `unary`, `binary`, `cast`, `select`: one family a file. `real`: what std has no name for.

mod binary;
mod cast;
mod real;
mod select;
mod unary;

pub(crate) use binary::{Binary, binary};
pub(crate) use cast::cast;
pub(crate) use select::select;
pub(crate) use unary::{Unary, unary};

use bytemuck::{Pod, cast_slice, cast_slice_mut};
use pulp::Arch;
use std::fmt;
use stratal_core::{Error, value::DType};

/// `out[i] = f(a[i])`.
fn map1<A: Pod, O: Pod>(a: &[u8], out: &mut [u8], f: impl Fn(A) -> O) {
    let (a, out): (&[A], &mut [O]) = (cast_slice(a), cast_slice_mut(out));
    Arch::new().dispatch(|| {
        for (out, a) in out.iter_mut().zip(a) {
            *out = f(*a);
        }
    });
}

/// `out[i] = f(a[i], b[i])`.
fn map2<A: Pod, O: Pod>(a: &[u8], b: &[u8], out: &mut [u8], f: impl Fn(A, A) -> O) {
    let (a, b, out): (&[A], &[A], &mut [O]) = (cast_slice(a), cast_slice(b), cast_slice_mut(out));
    Arch::new().dispatch(|| {
        for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
            *out = f(*a, *b);
        }
    });
}

fn missing(operation: impl fmt::Debug, dtype: DType) -> Error {
    Error::internal(format!("there is no kernel for {operation:?} of {dtype}"))
}
