//! Chunks as arrays of `ndarray` and back: what functions of the user's take and give.

use crate::{
    element::{Element, with_item},
    grid::{Grid, lens, show_shape},
};
use ndarray::{ArrayD, IxDyn};
use stratal_core::{
    Error, ErrorKind, Index, Result,
    function::Whole,
    value::{Chunk, DType, Data, Value},
};

/// A chunk as an array of `ndarray`, and back. Lazy values of an array's chunks are [`Chunk`]s; functions that take these look into
/// them so.
///
/// ```
/// use stratal_array::{Chunk, ChunkArray};
/// let chunk = Chunk::of_ndarray(ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]]).into_dyn())?;
/// assert_eq!(chunk.to_ndarray::<f64>()?[[1, 0]], 3.0);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub trait ChunkArray: Sized {
    /// Its elements.
    ///
    /// # Errors
    /// `DType` where `T` is not its dtype.
    fn to_ndarray<T: Element>(&self) -> Result<ArrayD<T>>;

    /// A chunk of the elements of an array.
    ///
    /// # Errors
    /// `Shape` for more elements than can be counted.
    fn of_ndarray<T: Element>(array: ArrayD<T>) -> Result<Self>;
}

impl ChunkArray for Chunk {
    fn to_ndarray<T: Element>(&self) -> Result<ArrayD<T>> {
        if self.dtype() != T::DTYPE {
            let message = format!("the chunk is {}, and {} was asked for", self.dtype(), T::DTYPE);
            return Err(Error::new(ErrorKind::DType, message).with_help(format!("ask for {}", self.dtype())));
        }
        let compact = self.compact();
        let bytes = compact.as_bytes().ok_or_else(|| Error::internal("a compact chunk is not contiguous"))?;
        ArrayD::from_shape_vec(IxDyn(self.shape()), T::from_bytes(bytes)).map_err(|error| Error::internal(error.to_string()))
    }

    fn of_ndarray<T: Element>(array: ArrayD<T>) -> Result<Self> {
        let (shape, len) = (array.shape().to_vec(), array.len());
        let items = match array.is_standard_layout() {
            false => array.iter().copied().collect(),
            true => match array.into_raw_vec_and_offset() {
                (items, None | Some(0)) if items.len() == len => items,
                (items, start) => items.into_iter().skip(start.unwrap_or(0)).take(len).collect(),
            },
        };
        Chunk::new(T::DTYPE, &shape, T::into_buffer(items))
    }
}

mod sealed {
    pub trait Sealed {}
}

/// What lazy values may give that become the chunks of an array: a [`Chunk`], or an array of `ndarray`.
pub trait Block: Whole + sealed::Sealed {}

impl sealed::Sealed for Chunk {}
impl Block for Chunk {}
impl<T: Element + Value> sealed::Sealed for ArrayD<T> {}
impl<T: Element + Value> Block for ArrayD<T> {}

/// Evaluates an expression with `$T` as the Rust type of a dtype.
macro_rules! with_element {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            DType::Bool => {
                type $T = bool;
                $body
            }
            DType::C64 => {
                type $T = num_complex::Complex<f32>;
                $body
            }
            DType::C128 => {
                type $T = num_complex::Complex<f64>;
                $body
            }
            other => with_item!(other, $T => $body),
        }
    };
}

/// A chunk as a function takes it.
pub(crate) fn given(chunk: &Chunk) -> Result<Data> {
    with_element!(chunk.dtype(), T => Ok(chunk.to_ndarray::<T>()?.into_data()))
}

/// What a function gave, as the chunk of a task. `giver` is what messages call the function.
pub(crate) fn taken(data: &Data, dtype: DType, grid: &Grid, task: Index, giver: &str) -> Result<Chunk> {
    let chunk = match data {
        Data::Chunk(chunk) if chunk.dtype() == dtype => chunk.clone(),
        Data::Chunk(chunk) => {
            let block = place(grid, task);
            let message = format!("{giver} gave {} for block {block}, and {dtype} stands there", chunk.dtype());
            return Err(Error::new(ErrorKind::DType, message));
        }
        other => with_element!(dtype, T => {
            let array = ArrayD::<T>::from_data(other)
                .map_err(|error| Error::new(ErrorKind::DType, format!("{giver}, block {}: {}", place(grid, task), error.message())))?;
            Chunk::of_ndarray(std::sync::Arc::unwrap_or_clone(array))?
        }),
    };
    let promised = lens(&grid.bounds(task));
    if chunk.shape() == promised {
        return Ok(chunk);
    }
    let (block, have, want) = (place(grid, task), show_shape(chunk.shape()), show_shape(&promised));
    Err(Error::new(ErrorKind::Shape, format!("{giver} gave the shape {have} for block {block}, and {want} stands there")))
}

/// Where a block stands: its place along each axis.
fn place(grid: &Grid, task: Index) -> String {
    show_shape(&grid.coordinates(task))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn every_dtype_goes_there_and_back() {
        for dtype in DType::ALL {
            let chunk = Chunk::filled(dtype, &[2, 3], &vec![1u8; dtype.size()]).unwrap().compact();
            let data = given(&chunk).unwrap();
            let back = taken(&data, dtype, &Grid::whole(&[2, 3]), 0, "f").unwrap();
            assert_eq!((back.dtype(), back.as_bytes()), (dtype, chunk.as_bytes()));
        }
    }

    #[test]
    fn views_are_taken_as_they_look() {
        let array = arr2(&[[1i32, 2, 3], [4, 5, 6]]).into_dyn();
        let chunk = Chunk::of_ndarray(array.clone().reversed_axes()).unwrap();
        assert_eq!(chunk.to_ndarray::<i32>().unwrap(), array.clone().reversed_axes());
        assert_eq!(chunk.to_ndarray::<i64>().unwrap_err().kind(), ErrorKind::DType);
        let mut cut = array;
        cut.slice_axis_inplace(ndarray::Axis(0), ndarray::Slice::from(1..));
        assert_eq!(Chunk::of_ndarray(cut).unwrap().to_ndarray::<i32>().unwrap(), arr2(&[[4, 5, 6]]).into_dyn());
    }

    #[test]
    fn another_shape_names_the_block_and_both_shapes() {
        let grid = Grid::new(vec![crate::grid::Axis::regular(4, 2), crate::grid::Axis::regular(3, 3)]);
        let data = arr2(&[[1.0f64; 2]; 2]).into_dyn().into_data();
        let error = taken(&data, DType::F64, &grid, 1, "own::f").unwrap_err();
        assert_eq!(error.message(), "own::f gave the shape (2, 2) for block (1, 0), and (2, 3) stands there");
        assert_eq!(taken(&data, DType::F32, &grid, 0, "own::f").unwrap_err().kind(), ErrorKind::DType);
    }
}
