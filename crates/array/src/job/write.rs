//! The kind `array.write`: chunks put where they are stored. What is left of one is the number of its bytes.

use super::{Job, JobKind, only};
use crate::{
    grid::{Grid, lens},
    io::Target,
};
use arrow_buffer::Buffer;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{
    Error, Index, Result,
    runner::TaskContext,
    value::{Chunk, DType},
};

stratal_core::register_kind!(JobKind::<WriteStored>::new());

/// An array that is stored, chunk by chunk.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WriteStored {
    pub(crate) name: String,
    pub(crate) grid: Grid,
    pub(crate) target: Arc<Target>,
}

impl Job for WriteStored {
    const KIND: &'static str = "array.write";

    fn describe(&self) -> String {
        self.name.clone()
    }

    fn run(&self, task: Index, inputs: &[Vec<Chunk>], _: &TaskContext) -> Result<Chunk> {
        let (bounds, chunk) = (self.grid.bounds(task), only(inputs, 0)?);
        if chunk.shape() != lens(&bounds) {
            return Err(Error::internal(format!("chunk {task} is {chunk:?}, and {bounds:?} is written")));
        }
        self.target.put(&bounds, chunk)?;
        let bytes = (chunk.len() * chunk.dtype().size()) as u64;
        Chunk::new(DType::U64, &[1], Buffer::from_vec(vec![bytes]))
    }
}
