//! faer alone as a side: one call for each thread, of as many rows of the product each. So divided it is no slower than by its own
//! threads, and needs nothing that is built for this alone.

use super::answering::{self, Done, Work};
use crate::{data, suites::array};
use faer::{Accum, MatMut, MatRef, Par, linalg::matmul::matmul};
use std::thread;
use stratal::{Error, ErrorKind, Result};

/// Answers until stdin ends.
pub(super) fn serve(threads: usize) -> Result<()> {
    answering::answer("faer".to_owned(), |request| {
        let case = &request.case;
        let side = array::matrix(case).ok_or_else(|| Error::new(ErrorKind::NotFound, format!("{case:?} multiplies no matrices")))?;
        let numbers = (side * side) as u64;
        let (a, b) = (data::numbers(0..numbers), data::numbers(numbers..2 * numbers));
        Ok(Work::new(move || {
            let product = product(&a, &b, side, threads);
            Ok(Done::later(move || array::of_rows(product, side)))
        }))
    })
}

/// The product of square matrices, in rows.
fn product(a: &[f64], b: &[f64], side: usize, threads: usize) -> Vec<f64> {
    let mut product = vec![0.0; side * side];
    let share = side.div_ceil(threads.max(1)) * side;
    thread::scope(|scope| {
        for (a, product) in a.chunks(share).zip(product.chunks_mut(share)) {
            scope.spawn(move || {
                let rows = a.len() / side;
                let (left, right) = (MatRef::from_row_major_slice(a, rows, side), MatRef::from_row_major_slice(b, side, side));
                matmul(MatMut::from_row_major_slice_mut(product, rows, side), Accum::Replace, left, right, 1.0, Par::Seq);
            });
        }
    });
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_multiplied_with_columns_however_they_are_divided() {
        let (side, numbers) = (5, data::numbers(0..50));
        let (a, b) = numbers.split_at(25);
        let element = |at: usize| (0..side).map(|k| a[at / side * side + k] * b[k * side + at % side]).sum::<f64>();
        for threads in [1, 2, 3, 9] {
            let product = product(a, b, side, threads);
            assert!((0..25).all(|at| (product[at] - element(at)).abs() < 1e-12), "{threads}: {product:?}");
        }
    }
}
