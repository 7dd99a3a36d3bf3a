//! The kind `array.reshape`: chunks that are stretches of an array in row-major order, under other axes.

use super::{Job, JobKind, only};
use crate::grid::{Grid, lens};
use serde::{Deserialize, Serialize};
use stratal_core::{Index, Result, runner::TaskContext, value::Chunk};

stratal_core::register_kind!(JobKind::<Reshape>::new());

/// Chunks under the axes of this grid, each with as many elements as its source.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reshape {
    pub(crate) name: String,
    pub(crate) grid: Grid,
}

impl Job for Reshape {
    const KIND: &'static str = "array.reshape";

    fn describe(&self) -> String {
        self.name.clone()
    }

    fn run(&self, task: Index, inputs: &[Vec<Chunk>], _: &TaskContext) -> Result<Chunk> {
        let chunk = only(inputs, 0)?.compact();
        Chunk::new(chunk.dtype(), &lens(&self.grid.bounds(task)), chunk.buffer().clone())
    }
}
