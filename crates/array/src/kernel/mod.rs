//! Kernels: plain loops over slices of one type, compiled for the instruction sets of the machine and chosen at run time.
//!
//! They take elements as bytes, aligned as their dtype wants, and a dtype that the operation knows; which these are is checked
//! when an expression is built. `unary`, `binary`, `cast`, `select`: one family a file. `math`: elementary functions as loops
//! can use them. `real`, `complex`: what neither std nor `num_complex` has, or has otherwise.
//!
//! A loop gets wide registers only where all of it is inlined into the function that pulp compiles for them: so closures and what
//! they call are `#[inline(always)]`.

mod binary;
mod cast;
mod complex;
mod math;
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

/// Runs a loop with the widest registers of the machine.
#[inline(always)]
pub(crate) fn wide<R>(run: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(run)
}

/// `out[i] = f(a[i])`.
fn map1<A: Pod, O: Pod>(a: &[u8], out: &mut [u8], f: impl Fn(A) -> O) {
    let (a, out): (&[A], &mut [O]) = (cast_slice(a), cast_slice_mut(out));
    wide(
        #[inline(always)]
        move || {
            for (out, a) in out.iter_mut().zip(a) {
                *out = f(*a);
            }
        },
    );
}

/// As `map1`, but where `f` is not `right`, `out[i] = slow(a[i])`.
fn map1_or<A: Pod, O: Pod>(a: &[u8], out: &mut [u8], f: impl Fn(A) -> O, right: impl Fn(A) -> bool, slow: impl Fn(A) -> O) {
    map1::<A, O>(a, out, f);
    let (a, out): (&[A], &mut [O]) = (cast_slice(a), cast_slice_mut(out));
    let right = &right;
    let all = wide(
        #[inline(always)]
        move || {
            a.iter().fold(
                true,
                #[inline(always)]
                |all, a| all & right(*a),
            )
        },
    );
    if !all {
        for (out, a) in out.iter_mut().zip(a).filter(|(_, a)| !right(**a)) {
            *out = slow(*a);
        }
    }
}

/// `out[i] = f(a[i], b[i])`.
fn map2<A: Pod, O: Pod>(a: &[u8], b: &[u8], out: &mut [u8], f: impl Fn(A, A) -> O) {
    let (a, b, out): (&[A], &[A], &mut [O]) = (cast_slice(a), cast_slice(b), cast_slice_mut(out));
    wide(
        #[inline(always)]
        move || {
            for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                *out = f(*a, *b);
            }
        },
    );
}

/// As `map2`, but where `f` is not `right`, `out[i] = slow(a[i], b[i])`.
fn map2_or<A: Pod, O: Pod>(
    a: &[u8],
    b: &[u8],
    out: &mut [u8],
    f: impl Fn(A, A) -> O,
    right: impl Fn(A, A) -> bool,
    slow: impl Fn(A, A) -> O,
) {
    map2::<A, O>(a, b, out, f);
    let (a, b, out): (&[A], &[A], &mut [O]) = (cast_slice(a), cast_slice(b), cast_slice_mut(out));
    let right = &right;
    let all = wide(
        #[inline(always)]
        move || {
            a.iter().zip(b).fold(
                true,
                #[inline(always)]
                |all, (a, b)| all & right(*a, *b),
            )
        },
    );
    if !all {
        for ((out, a), b) in out.iter_mut().zip(a).zip(b).filter(|((_, a), b)| !right(**a, **b)) {
            *out = slow(*a, *b);
        }
    }
}

/// A loop of one operand, or of two.
macro_rules! map {
    ($from:ty => $to:ty, $a:expr, $out:expr, |$x:pat_param| $result:expr) => {
        $crate::kernel::map1::<$from, $to>(
            $a,
            $out,
            #[inline(always)]
            |$x| $result,
        )
    };
    ($from:ty => $to:ty, $a:expr, $b:expr, $out:expr, |$x:ident, $y:ident| $result:expr) => {
        $crate::kernel::map2::<$from, $to>(
            $a,
            $b,
            $out,
            #[inline(always)]
            |$x, $y| $result,
        )
    };
}

pub(crate) use map;

fn missing(operation: impl fmt::Debug, dtype: DType) -> Error {
    Error::internal(format!("there is no kernel for {operation:?} of {dtype}"))
}
