//! [`Chunks`]: what users say of chunks.

use super::{Axis, Grid, auto_chunks, show_shape};
use crate::integers::saturated;
use stratal_core::{Error, ErrorKind, Result, config::parse_bytes};

/// How an array is to be cut: a length for all axes, one for each axis (-1 for the whole axis), sizes in bytes, or cuts.
///
/// ```
/// use stratal_array::{Chunks, DArray};
/// let a = DArray::zeros::<f64>((100, 30));
/// assert_eq!(a.rechunk(40).chunks()?, [vec![40, 40, 20], vec![30]]);
/// assert_eq!(a.rechunk([50, -1]).chunks()?, [vec![50, 50], vec![30]]);
/// assert_eq!(a.rechunk(Chunks::cuts(vec![vec![90, 10], vec![30]])).chunks()?, [vec![90, 10], vec![30]]);
/// assert_eq!(a.rechunk(Chunks::bytes("6000B")).chunks()?, [vec![25, 25, 25, 25], vec![30]]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Chunks(Said);

#[derive(Clone, Debug, PartialEq)]
enum Said {
    Auto,
    Bytes(String),
    All(i64),
    Each(Vec<i64>),
    Cuts(Vec<Vec<usize>>),
}

impl Chunks {
    /// Chunks of about `array.chunk_bytes`.
    pub fn auto() -> Self {
        Chunks(Said::Auto)
    }

    /// Chunks of about so many bytes: `"64MiB"`.
    pub fn bytes(size: impl Into<String>) -> Self {
        Chunks(Said::Bytes(size.into()))
    }

    /// The lengths of the chunks along each axis.
    pub fn cuts(lens: Vec<Vec<usize>>) -> Self {
        Chunks(Said::Cuts(lens))
    }

    /// The grid of an array of this shape. `auto` is the number of bytes for chunks that are cut by themselves.
    pub(crate) fn grid(&self, shape: &[usize], item: usize, auto: u64) -> Result<Grid> {
        let bad = |message: String| Err(Error::new(ErrorKind::BadValue, message));
        let one = |len: usize, chunk: i64| match chunk {
            -1 => Ok(Axis::regular(len, len)),
            chunk if chunk > 0 => Ok(Axis::regular(len, usize::try_from(chunk).unwrap_or(len))),
            chunk => {
                let error = Error::new(ErrorKind::BadValue, format!("a chunk has a length of at least 1, and {chunk} was given"));
                Err(error.with_help("-1 is the whole axis"))
            }
        };
        match &self.0 {
            Said::Auto => Ok(Grid::new(auto_chunks(shape, &[], item, auto))),
            Said::Bytes(size) => Ok(Grid::new(auto_chunks(shape, &[], item, parse_bytes(size)?))),
            Said::All(chunk) => shape.iter().map(|len| one(*len, *chunk)).collect::<Result<_>>().map(Grid::new),
            Said::Each(each) if each.len() != shape.len() => {
                bad(format!("{} chunk lengths are given for the {} axes of {}", each.len(), shape.len(), show_shape(shape)))
            }
            Said::Each(each) => shape.iter().zip(each).map(|(len, chunk)| one(*len, *chunk)).collect::<Result<_>>().map(Grid::new),
            Said::Cuts(cuts) => {
                let axes: Vec<Axis> = cuts.iter().map(|lens| Axis::of_lens(lens.iter().copied())).collect();
                let cut: Vec<usize> = axes.iter().map(Axis::len).collect();
                match cut == shape {
                    true => Ok(Grid::new(axes)),
                    false => bad(format!("chunks of {} are given for an array of {}", show_shape(&cut), show_shape(shape))),
                }
            }
        }
    }

    /// The grid of what a function gives for the blocks of a grid: each length is that of one block, or -1 where it stays as it is.
    pub(crate) fn of_blocks(&self, blocks: &Grid) -> Result<Grid> {
        let bad = |message: String, help: &str| Error::new(ErrorKind::BadValue, message).with_help(help.to_owned());
        let one = |axis: &Axis, len: i64| match usize::try_from(len) {
            Ok(0) => axis.listed().map(|()| Axis::of_lens(std::iter::repeat_n(0, axis.count()))),
            Ok(len) => Ok(Axis::regular(axis.count().saturating_mul(len), len)),
            Err(_) if len == -1 => Ok(axis.clone()),
            Err(_) => Err(bad(format!("a block has no length of {len}"), "-1 leaves it as it is")),
        };
        match &self.0 {
            Said::Auto | Said::Bytes(_) => {
                Err(bad("what becomes of a block is not said in bytes".to_owned(), "give the lengths of its axes"))
            }
            Said::All(len) => blocks.axes.iter().map(|axis| one(axis, *len)).collect::<Result<_>>().map(Grid::new),
            Said::Each(lens) if lens.len() != blocks.ndim() => {
                let message = format!("{} lengths are given for blocks of {} axes", lens.len(), blocks.ndim());
                Err(bad(message, "Chunks::cuts(..) gives blocks other axes"))
            }
            Said::Each(lens) => blocks.axes.iter().zip(lens).map(|(axis, len)| one(axis, *len)).collect::<Result<_>>().map(Grid::new),
            Said::Cuts(cuts) => {
                let grid = Grid::new(cuts.iter().map(|lens| Axis::of_lens(lens.iter().copied())).collect());
                let (have, want) = (blocks.tasks()?, grid.tasks()?);
                match have == want {
                    true => Ok(grid),
                    false => Err(bad(format!("lengths of {want} blocks are given, and there are {have}"), "each block becomes one")),
                }
            }
        }
    }
}

macro_rules! numbers {
    ($($int:ty)*) => {$(
        /// Chunks of this length along every axis.
        impl From<$int> for Chunks {
            fn from(chunk: $int) -> Self {
                Chunks(Said::All(saturated(chunk as i128)))
            }
        }

        /// Chunks of these lengths, one for each axis; -1 is the whole axis.
        impl<const N: usize> From<[$int; N]> for Chunks {
            fn from(chunks: [$int; N]) -> Self {
                Chunks(Said::Each(chunks.iter().map(|chunk| saturated(*chunk as i128)).collect()))
            }
        }

        /// Chunks of these lengths, one for each axis; -1 is the whole axis.
        impl From<Vec<$int>> for Chunks {
            fn from(chunks: Vec<$int>) -> Self {
                Chunks(Said::Each(chunks.iter().map(|chunk| saturated(*chunk as i128)).collect()))
            }
        }
    )*};
}

numbers!(i32 i64 isize usize);
