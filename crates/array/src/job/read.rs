//! The kind `array.read`: chunks of stored arrays.

use super::{Job, JobKind};
use crate::{grid::Grid, io::Source};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{Index, Result, runner::TaskContext, value::Chunk};

stratal_core::register_kind!(JobKind::<ReadStored>::new());

/// A stored array in chunks.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReadStored {
    pub(crate) name: String,
    pub(crate) grid: Grid,
    pub(crate) source: Arc<Source>,
}

impl Job for ReadStored {
    const KIND: &'static str = "array.read";

    fn describe(&self) -> String {
        self.name.clone()
    }

    fn run(&self, task: Index, _: &[Vec<Chunk>], _: &TaskContext) -> Result<Chunk> {
        self.source.block(&self.grid.bounds(task))
    }
}
