//! Arrays from shapes, ranges and memory.

use super::DArray;
use crate::{
    axes::IntoShape,
    element::Element,
    grid::{Axis, Chunks, Grid},
    made::Made,
    node::{Node, Op},
    scalar::Scalar,
};
use std::{
    ops::Range,
    panic::Location,
    sync::{Arc, OnceLock},
};
use stratal_core::{
    Error, ErrorKind, Result,
    config::Config,
    value::{Chunk, DType},
};

/// An element that ranges are made of: an integer or a real float.
pub trait Number: Element {
    #[doc(hidden)]
    fn as_float(self) -> f64;

    #[doc(hidden)]
    fn as_integer(self) -> i128;
}

/// A real float.
pub trait Float: Number {}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Number for $number {
            fn as_float(self) -> f64 {
                self as f64
            }

            fn as_integer(self) -> i128 {
                self as i128
            }
        }
    )*};
}

numbers!(i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);

impl Float for f32 {}
impl Float for f64 {}

/// Bytes that a chunk aims at where nothing is said: `array.chunk_bytes`. What is wrong with the configuration is said by the
/// first verb, which reads it too.
pub(super) fn chunk_bytes() -> u64 {
    static BYTES: OnceLock<u64> = OnceLock::new();
    *BYTES.get_or_init(|| Config::load().unwrap_or_default().array.chunk_bytes)
}

pub(super) fn made(name: &'static str, dtype: DType, shape: &[usize], made: Made) -> Result<Arc<Node>> {
    let grid = Chunks::auto().grid(shape, dtype.size(), chunk_bytes())?;
    Ok(Node::new(name, Arc::new(grid), dtype, Op::Made(Arc::new(made)), Vec::new()))
}

fn bad<T>(message: String) -> Result<T> {
    Err(Error::new(ErrorKind::BadValue, message))
}

impl DArray {
    /// Zeros. Chunks are cut by themselves, to about `array.chunk_bytes`; [`rechunk`](Self::rechunk) of what was just made
    /// costs nothing.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::zeros::<f32>((2, 3)).sum(..).scalar::<f32>()?, 0.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn zeros<T: Element>(shape: impl IntoShape) -> Self {
        DArray::begin("zeros", Location::caller(), || made("zeros", T::DTYPE, &shape.into_shape(), Made::Fill(Scalar::zero(T::DTYPE))))
    }

    /// Ones.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::ones::<u8>([2, 3]).sum(..).scalar::<u64>()?, 6);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn ones<T: Element>(shape: impl IntoShape) -> Self {
        DArray::begin("ones", Location::caller(), || {
            let one = Scalar::of(DType::U8, 1u8).cast(T::DTYPE)?;
            made("ones", T::DTYPE, &shape.into_shape(), Made::Fill(one))
        })
    }

    /// One value everywhere.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::full(4, 2.5).sum(..).scalar::<f64>()?, 10.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn full<T: Element>(shape: impl IntoShape, value: T) -> Self {
        DArray::begin("full", Location::caller(), || made("full", T::DTYPE, &shape.into_shape(), Made::Fill(value.scalar())))
    }

    /// An array of no axes whose dtype counts as that of every array: numbers written in an expression do not.
    ///
    /// ```
    /// use stratal_array::{DArray, DType};
    /// let a = DArray::ones::<f32>(3);
    /// assert_eq!(((&a + 1.0).dtype()?, (&a + DArray::scalar_of(1.0)).dtype()?), (DType::F32, DType::F64));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn scalar_of<T: Element>(value: T) -> Self {
        DArray::full((), value)
    }

    /// The numbers of a range.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange(3i64..6).compute::<i64>()?, ndarray::arr1(&[3, 4, 5]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn arange<T: Number>(range: Range<T>) -> Self {
        let Range { start, end } = range;
        DArray::begin("arange", Location::caller(), || {
            let one = Scalar::of(DType::U8, 1u8).cast(T::DTYPE)?;
            let len = match T::DTYPE.is_integer() {
                true => end.as_integer().saturating_sub(start.as_integer()).max(0),
                false => length((end.as_float() - start.as_float()).ceil())?,
            };
            ranged("arange", start.scalar(), one, len)
        })
    }

    /// Numbers from `start` on, `step` apart, before `end`.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::arange_step(5i64, 0, -2).compute::<i64>()?, ndarray::arr1(&[5, 3, 1]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn arange_step<T: Number>(start: T, end: T, step: T) -> Self {
        DArray::begin("arange_step", Location::caller(), || {
            let len = match T::DTYPE.is_integer() {
                true => {
                    let (start, end, step) = (start.as_integer(), end.as_integer(), step.as_integer());
                    let (way, stride) = if step < 0 { (start - end, -step) } else { (end - start, step) };
                    if stride == 0 {
                        return bad("a range has a step of 0".to_owned());
                    }
                    (way.max(0) + stride - 1) / stride
                }
                false => length(((end.as_float() - start.as_float()) / step.as_float()).ceil())?,
            };
            ranged("arange_step", start.scalar(), step.scalar(), len)
        })
    }

    /// `n` numbers from `start` to `end`, both included.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::linspace(0.0, 1.0, 5).compute::<f64>()?, ndarray::arr1(&[0.0, 0.25, 0.5, 0.75, 1.0]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn linspace<T: Float>(start: T, end: T, n: usize) -> Self {
        let dtype = T::DTYPE;
        DArray::begin("linspace", Location::caller(), || {
            made("linspace", dtype, &[n], Made::Linspace { dtype, start: start.as_float(), end: end.as_float(), n })
        })
    }

    /// The `n` by `n` matrix of ones on the diagonal.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// assert_eq!(DArray::eye::<f64>(3).sum(0).compute::<f64>()?, ndarray::arr1(&[1.0, 1.0, 1.0]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn eye<T: Element>(n: usize) -> Self {
        DArray::begin("eye", Location::caller(), || made("eye", T::DTYPE, &[n, n], Made::Eye(T::DTYPE)))
    }

    /// An array of `ndarray`. It travels whole to every worker that reads it.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::from_ndarray(ndarray::arr2(&[[1, 2], [3, 4]]));
    /// assert_eq!(a.sum(0).compute::<i64>()?, ndarray::arr1(&[4, 6]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn from_ndarray<T: Element, D: ndarray::Dimension>(array: ndarray::Array<T, D>) -> Self {
        let shape = array.shape().to_vec();
        let items: Vec<T> = array.iter().copied().collect();
        DArray::begin("from_ndarray", Location::caller(), || in_memory("from_ndarray", items, &shape))
    }

    /// Elements in row-major order.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// let a = DArray::from_vec(vec![1.0, 2.0, 3.0, 4.0], (2, 2));
    /// assert_eq!(a.sum(1).compute::<f64>()?, ndarray::arr1(&[3.0, 7.0]).into_dyn());
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn from_vec<T: Element>(items: Vec<T>, shape: impl IntoShape) -> Self {
        DArray::begin("from_vec", Location::caller(), || in_memory("from_vec", items, &shape.into_shape()))
    }

    /// Chunks in row-major order of a grid, given by the lengths of the chunks along each axis.
    ///
    /// ```
    /// use stratal_array::{Chunk, DArray, DType};
    /// let chunk = |values: Vec<f64>| Chunk::new(DType::F64, &[values.len()], values.into());
    /// let a = DArray::from_chunks(vec![chunk(vec![1.0, 2.0])?, chunk(vec![3.0])?], vec![vec![2, 1]]);
    /// assert_eq!(a.sum(..).scalar::<f64>()?, 6.0);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn from_chunks(chunks: Vec<Chunk>, lens: Vec<Vec<usize>>) -> Self {
        DArray::begin("from_chunks", Location::caller(), || {
            let grid = Grid::new(lens.into_iter().map(Axis::of_lens).collect());
            let tasks = grid.tasks()?;
            let Some(dtype) = chunks.first().map(Chunk::dtype).filter(|_| chunks.len() == tasks as usize) else {
                return bad(format!("{} chunks are given for a grid of {tasks}", chunks.len()));
            };
            for (task, chunk) in (0..tasks).zip(&chunks) {
                let shape = crate::grid::lens(&grid.bounds(task));
                if chunk.shape() != shape || chunk.dtype() != dtype {
                    return bad(format!("chunk {task} is {} {:?}, and {dtype} {shape:?} stands there", chunk.dtype(), chunk.shape()));
                }
            }
            let made = Made::Chunks(grid.clone(), chunks);
            Ok(Node::new("from_chunks", Arc::new(grid), dtype, Op::Made(Arc::new(made)), Vec::new()))
        })
    }
}

fn in_memory<T: Element>(name: &'static str, items: Vec<T>, shape: &[usize]) -> Result<Arc<Node>> {
    let count = items.len();
    let chunk = Chunk::new(T::DTYPE, shape, T::into_buffer(items))
        .map_err(|_| Error::new(ErrorKind::Shape, format!("{count} elements do not fill the shape {}", crate::grid::show_shape(shape))))?;
    made(name, T::DTYPE, shape, Made::Memory(chunk))
}

/// A number of elements that came as a float.
fn length(len: f64) -> Result<i128> {
    match len.is_finite() {
        true => Ok(len.max(0.0) as i128),
        false => bad(format!("a range of {len} elements")),
    }
}

fn ranged(name: &'static str, start: Scalar, step: Scalar, len: i128) -> Result<Arc<Node>> {
    match usize::try_from(len) {
        Ok(len) => made(name, start.dtype(), &[len], Made::Range { start, step }),
        Err(_) => bad(format!("a range of {len} elements")),
    }
}
