//! One product of two parts of chunks, added to a tile: floats and complex numbers by `faer`, integers and booleans by a plain loop
//! in blocks.

use super::{
    Contraction,
    panels::{Factor, Product, Tile},
};
use bytemuck::{Pod, cast_slice, cast_slice_mut};
use faer::{Accum, MatMut, MatRef, Par, linalg::matmul::matmul};
use num_complex::Complex;
use pulp::Arch;
use stratal_core::{
    Error, Result,
    value::{Chunk, DType},
};

/// Rows of the right side that the plain loop takes together, so that they stay in the nearest caches.
const BLOCK: usize = 64;

/// Matrices that lie in a chunk, one for each place on its batch axes. Rows or columns stand one element apart.
struct Matrices {
    chunk: Chunk,
    /// How far apart matrices are along each batch axis; 0 where they are the same one.
    batch: Vec<isize>,
    rows: usize,
    columns: usize,
    rows_apart: usize,
    columns_apart: usize,
}

/// How far apart neighbours are on axes that are walked as one; none where they are not evenly spaced.
fn apart(shape: &[usize], strides: &[isize]) -> Option<isize> {
    let mut axes = shape.iter().zip(strides).rev().filter(|(len, _)| **len != 1);
    let Some((len, first)) = axes.next() else { return Some(1) };
    let mut next = first * *len as isize;
    for (len, stride) in axes {
        if *stride != next {
            return None;
        }
        next = stride * *len as isize;
    }
    Some(*first)
}

impl Matrices {
    /// Of a chunk whose first axes are batch axes, the next ones rows, the last ones columns. It is copied where they cannot be
    /// walked as they lie: always, where `in_rows` is asked for and they stand in columns.
    fn of(chunk: Chunk, batch: usize, row_axes: usize, in_rows: bool) -> Result<Self> {
        let split = batch + row_axes;
        let walk = |chunk: &Chunk| {
            let (shape, strides) = (chunk.shape(), chunk.strides());
            let rows = apart(&shape[batch..split], &strides[batch..split])?;
            let columns = apart(&shape[split..], &strides[split..])?;
            let usable = rows > 0 && columns > 0 && (columns == 1 || rows == 1 && !in_rows);
            usable.then_some((rows as usize, columns as usize))
        };
        let (chunk, walked) = match walk(&chunk) {
            Some(walked) => (chunk, Some(walked)),
            None => {
                let compact = chunk.compact();
                let walked = walk(&compact);
                (compact, walked)
            }
        };
        let (rows_apart, columns_apart) = walked.ok_or_else(|| Error::internal("a compact chunk is not walked in rows"))?;
        let strides = chunk.shape()[..batch].iter().zip(chunk.strides()).map(|(len, stride)| if *len == 1 { 0 } else { *stride }).collect();
        let (rows, columns) = (chunk.shape()[batch..split].iter().product(), chunk.shape()[split..].iter().product());
        Ok(Matrices { batch: strides, rows, columns, rows_apart, columns_apart, chunk })
    }

    /// Where the `nth` matrix begins.
    fn start(&self, nth: usize, batch: &[usize]) -> usize {
        let (mut rest, mut at) = (nth, self.chunk.offset() as isize);
        for (len, stride) in batch.iter().zip(&self.batch).rev() {
            at += (rest % len) as isize * stride;
            rest /= len;
        }
        at as usize
    }

    fn view<'a, T>(&self, items: &'a [T]) -> MatRef<'a, T> {
        match self.columns_apart {
            1 => MatRef::from_row_major_slice_with_stride(items, self.rows, self.columns, self.rows_apart),
            apart => MatRef::from_column_major_slice_with_stride(items, self.rows, self.columns, apart),
        }
    }
}

/// A product in the making.
struct Multiplied<'a> {
    left: Matrices,
    right: Matrices,
    /// The lengths of the tile's batch axes.
    batch: &'a [usize],
    /// Elements of one matrix of the tile, and of one row of it.
    matrix: usize,
    row: usize,
    /// Where in it the product begins.
    first: usize,
}

impl Multiplied<'_> {
    /// Calls `one` for each place on the batch axes.
    fn each<T: Pod>(&self, out: &mut [u8], one: impl Fn(&mut [T], &[T], &[T])) {
        let out: &mut [T] = cast_slice_mut(out);
        let (left, right): (&[T], &[T]) =
            (cast_slice(self.left.chunk.buffer().as_slice()), cast_slice(self.right.chunk.buffer().as_slice()));
        for nth in 0..self.batch.iter().product::<usize>() {
            let (l, r) = (self.left.start(nth, self.batch), self.right.start(nth, self.batch));
            one(&mut out[nth * self.matrix + self.first..], &left[l..], &right[r..]);
        }
    }

    /// Element by element. The right side lies in rows.
    fn plain<T: Pod>(&self, out: &mut [T], left: &[T], right: &[T], step: impl Fn(T, T, T) -> T) {
        let (l, r) = (&self.left, &self.right);
        Arch::new().dispatch(|| {
            for block in (0..l.columns).step_by(BLOCK) {
                for i in 0..l.rows {
                    let sums = &mut out[i * self.row..i * self.row + r.columns];
                    for k in block..l.columns.min(block + BLOCK) {
                        let a = left[i * l.rows_apart + k * l.columns_apart];
                        for (sum, b) in sums.iter_mut().zip(&right[k * r.rows_apart..]) {
                            *sum = step(*sum, a, *b);
                        }
                    }
                }
            }
        });
    }

    fn run(&self, dtype: DType, out: &mut [u8]) {
        macro_rules! by_faer {
            ($type:ty, $one:expr) => {
                self.each::<$type>(out, |out, left, right| {
                    // In columns and turned: of rows, this version of the library makes a matrix that leaves the slice.
                    let columns = MatMut::from_column_major_slice_with_stride_mut(out, self.right.columns, self.left.rows, self.row);
                    let sums = columns.transpose_mut();
                    matmul(sums, Accum::Add, self.left.view(left), self.right.view(right), $one, Par::Seq);
                })
            };
        }
        macro_rules! by_loop {
            ($type:ty) => {
                self.each::<$type>(out, |out, left, right| {
                    self.plain(out, left, right, |sum: $type, a: $type, b: $type| sum.wrapping_add(a.wrapping_mul(b)));
                })
            };
        }
        match dtype {
            DType::F32 => by_faer!(f32, 1.0),
            DType::F64 => by_faer!(f64, 1.0),
            DType::C64 => by_faer!(Complex<f32>, Complex::new(1.0, 0.0)),
            DType::C128 => by_faer!(Complex<f64>, Complex::new(1.0, 0.0)),
            DType::Bool => {
                self.each::<u8>(out, |out, left, right| self.plain(out, left, right, |sum: u8, a: u8, b: u8| sum | (a & b)));
            }
            DType::I8 => by_loop!(i8),
            DType::I16 => by_loop!(i16),
            DType::I32 => by_loop!(i32),
            DType::I64 => by_loop!(i64),
            DType::U8 => by_loop!(u8),
            DType::U16 => by_loop!(u16),
            DType::U32 => by_loop!(u32),
            DType::U64 => by_loop!(u64),
        }
    }
}

/// The part of a chunk that is multiplied, its axes in this order.
fn part_of(chunk: &Chunk, factor: &Factor, order: &[Option<usize>]) -> Result<Chunk> {
    let start: Vec<usize> = factor.part.iter().map(|range| range.start).collect();
    let len: Vec<usize> = factor.part.iter().map(ExactSizeIterator::len).collect();
    chunk.view(&start, &len, &vec![1; len.len()])?.with_axes(order)
}

/// Adds a product to a tile, which is given in row-major order.
pub(crate) fn multiply(of: &Contraction, tile: &Tile, product: &Product, left: &Chunk, right: &Chunk, out: &mut [u8]) -> Result<()> {
    let batch = of.left.batch.len();
    let left = part_of(left, &product.left, &of.left.order(true))?;
    let right = part_of(right, &product.right, &of.right.order(false))?;
    let in_rows = !of.dtype.is_float() && !of.dtype.is_complex();
    let multiplied = Multiplied {
        left: Matrices::of(left, batch, of.left.free.len(), false)?,
        right: Matrices::of(right, batch, of.right.contracted.len(), in_rows)?,
        batch: &tile.shape[..batch],
        matrix: tile.rows * tile.columns,
        row: tile.columns,
        first: product.at.0 * tile.columns + product.at.1,
    };
    multiplied.run(of.dtype, out);
    Ok(())
}

/// Adds one sum to another; of booleans, whether one of them is true.
pub(crate) fn add(dtype: DType, out: &mut [u8], more: &[u8]) {
    macro_rules! added {
        ($type:ty, |$a:ident, $b:ident| $sum:expr) => {{
            let (out, more): (&mut [$type], &[$type]) = (cast_slice_mut(out), cast_slice(more));
            Arch::new().dispatch(|| {
                for (out, more) in out.iter_mut().zip(more) {
                    let ($a, $b) = (*out, *more);
                    *out = $sum;
                }
            });
        }};
    }
    match dtype {
        DType::Bool => added!(u8, |a, b| a | b),
        DType::I8 => added!(i8, |a, b| a.wrapping_add(b)),
        DType::I16 => added!(i16, |a, b| a.wrapping_add(b)),
        DType::I32 => added!(i32, |a, b| a.wrapping_add(b)),
        DType::I64 => added!(i64, |a, b| a.wrapping_add(b)),
        DType::U8 => added!(u8, |a, b| a.wrapping_add(b)),
        DType::U16 => added!(u16, |a, b| a.wrapping_add(b)),
        DType::U32 => added!(u32, |a, b| a.wrapping_add(b)),
        DType::U64 => added!(u64, |a, b| a.wrapping_add(b)),
        DType::F32 => added!(f32, |a, b| a + b),
        DType::F64 => added!(f64, |a, b| a + b),
        DType::C64 => added!(Complex<f32>, |a, b| a + b),
        DType::C128 => added!(Complex<f64>, |a, b| a + b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_walked_as_one_where_they_are_evenly_spaced() {
        assert_eq!(apart(&[2, 3], &[3, 1]), Some(1));
        assert_eq!(apart(&[2, 3], &[6, 2]), Some(2));
        assert_eq!(apart(&[3, 2], &[1, 3]), None);
        assert_eq!((apart(&[2, 1, 3], &[3, 99, 1]), apart(&[], &[]), apart(&[1], &[0])), (Some(1), Some(1), Some(1)));
    }

    #[test]
    fn a_transposed_matrix_is_not_copied_and_a_stretched_one_is() {
        let chunk = Chunk::new(DType::F64, &[2, 3], vec![1.0f64, 2.0, 3.0, 4.0, 5.0, 6.0].into()).unwrap();
        let turned = Matrices::of(chunk.with_axes(&[Some(1), Some(0)]).unwrap(), 0, 1, false).unwrap();
        assert_eq!((turned.rows, turned.columns, turned.rows_apart, turned.columns_apart), (3, 2, 1, 3));
        let in_rows = Matrices::of(chunk.with_axes(&[Some(1), Some(0)]).unwrap(), 0, 1, true).unwrap();
        assert_eq!((in_rows.rows_apart, in_rows.columns_apart), (2, 1));
        let ones = Chunk::filled(DType::F64, &[2, 3], &1.0f64.to_le_bytes()).unwrap();
        let ones = Matrices::of(ones, 0, 1, false).unwrap();
        assert_eq!((ones.rows_apart, ones.columns_apart), (3, 1));
    }
}
