//! Sums of products. The numbers are small and whole, so that they are exact in any order.

use super::{Case, Rule::Equal, Two, case};
use stratal_array::DArray;

/// A function of two arrays.
fn of(name: &str, a: &'static str, b: &'static str, function: Two) -> Case {
    case(name, Equal, move |given| function(&given.get(a), &given.get(b)))
}

fn einsum(spec: &'static str, names: &'static [&'static str]) -> Case {
    case(format!("einsum {spec}"), Equal, move |given| {
        let arrays: Vec<DArray> = names.iter().map(|name| given.get(name)).collect();
        DArray::einsum(spec, &arrays.iter().collect::<Vec<&DArray>>())
    })
}

pub(super) fn cases() -> Vec<Case> {
    let products = [
        of("matmul", "a", "b b", |a, b| a.matmul(b)),
        of("matmul of vectors", "u", "v v", |u, v| u.matmul(v)),
        of("matmul left vector", "u", "b b", |u, b| u.matmul(b)),
        of("matmul right vector", "a", "u", |a, u| a.matmul(u)),
        of("matmul of batches", "batch", "more", |a, b| a.matmul(b)),
        of("matmul of a vector and batches", "u", "more", |u, b| u.matmul(b)),
        of("matmul of transposes", "a", "b b", |a, b| b.t().matmul(&a.t())),
        of("matmul of integers", "p", "q q", |p, q| (p * 20).matmul(&(q * 20))),
        of("matmul of booleans", "a", "b b", |a, b| a.gt(3).matmul(&b.gt(3))),
        of("matmul of complex numbers", "z", "b b", |z, b| z.matmul(b)),
        of("matmul of mixed dtypes", "p", "b b", |p, b| p.matmul(b)),
        of("tensordot 1", "a", "b b", |a, b| a.tensordot(b, 1)),
        of("tensordot 0", "a", "b b", |a, b| a.tensordot(b, 0)),
        of("tensordot of pairs", "t", "w w", |t, w| t.tensordot(w, ([0, 1], [1, 0]))),
        of("tensordot of all", "t", "t", |t, u| t.tensordot(u, 3)),
        of("vecdot", "a", "u", |a, u| a.vecdot(u, -1)),
        of("vecdot of complex numbers", "z", "z", |z, w| z.vecdot(w, -1)),
        of("vecdot along 0", "a", "a", |a, b| a.vecdot(b, -2)),
        of("outer", "u", "v v", |u, v| u.outer(v)),
    ];
    let sums = [
        einsum("ij,jk->ik", &["a", "b b"]),
        einsum("ij,ij->", &["a", "a"]),
        einsum("ij->j", &["a"]),
        einsum("ij->ji", &["a"]),
        einsum("ijk,jil->kl", &["t", "w w"]),
        einsum("i,j", &["u", "v v"]),
        einsum("ij,jk,j->ki", &["a", "b b", "u"]),
        einsum("ij,kj->ijk", &["a", "a"]),
    ];
    products.into_iter().chain(sums).collect()
}
