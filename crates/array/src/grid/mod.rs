//! [`Grid`]: how an array is cut into chunks. Its size does not depend on the number of chunks, unless they are cut by hand.
//!
//! `axis`: one axis. `moved`: axes of elements in other places. `auto`: chunk shapes from a number of bytes. `chunks`: what users
//! say of chunks.

mod auto;
mod axis;
mod chunks;
mod moved;

pub(crate) use auto::auto_chunks;
pub(crate) use axis::Axis;
pub use chunks::Chunks;
pub(crate) use moved::{LISTED, listable};

use serde::{Deserialize, Serialize};
use std::ops::Range;
use stratal_core::{Error, ErrorKind, Index, Result};

/// The axes of an array and their cuts. Chunks are numbered in row-major order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grid {
    pub(crate) axes: Vec<Axis>,
}

impl Grid {
    pub(crate) fn new(axes: Vec<Axis>) -> Self {
        Grid { axes }
    }

    /// An array in one chunk.
    pub(crate) fn whole(shape: &[usize]) -> Self {
        Grid { axes: shape.iter().map(|len| Axis::regular(*len, *len)).collect() }
    }

    pub(crate) fn ndim(&self) -> usize {
        self.axes.len()
    }

    pub(crate) fn shape(&self) -> Vec<usize> {
        self.axes.iter().map(Axis::len).collect()
    }

    /// Chunks along each axis.
    pub(crate) fn counts(&self) -> Vec<usize> {
        self.axes.iter().map(Axis::count).collect()
    }

    /// The number of chunks, as tasks are counted.
    pub(crate) fn tasks(&self) -> Result<u32> {
        let chunks = self.axes.iter().fold(1u64, |chunks, axis| chunks.saturating_mul(axis.count() as u64));
        u32::try_from(chunks).map_err(|_| {
            Error::new(ErrorKind::Graph, format!("an array of {chunks} chunks has more than tasks are counted"))
                .with_help("use larger chunks")
        })
    }

    /// Where a chunk stands in the grid.
    pub(crate) fn coordinates(&self, task: Index) -> Vec<usize> {
        let mut rest = task as usize;
        let mut at: Vec<usize> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let here = rest % axis.count();
                rest /= axis.count();
                here
            })
            .collect();
        at.reverse();
        at
    }

    /// The box of a chunk.
    pub(crate) fn bounds(&self, task: Index) -> Vec<Range<usize>> {
        self.axes.iter().zip(self.coordinates(task)).map(|(axis, at)| axis.bounds(at)).collect()
    }

    /// Elements of the largest chunk; the largest number where there are more.
    pub(crate) fn largest(&self) -> u64 {
        self.axes.iter().fold(1, |elements, axis| elements.saturating_mul(axis.largest() as u64))
    }

    /// As users read it: `(100, 20) in chunks of (50, 20)`.
    pub(crate) fn show(&self) -> String {
        let axes: Vec<String> = self.axes.iter().map(Axis::show).collect();
        format!("{} in chunks of ({})", show_shape(&self.shape()), axes.join(", "))
    }
}

/// A shape as numpy writes it.
pub(crate) fn show_shape(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// The lengths of a box.
pub(crate) fn lens(bounds: &[Range<usize>]) -> Vec<usize> {
    bounds.iter().map(ExactSizeIterator::len).collect()
}
