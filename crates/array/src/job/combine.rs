//! The kind `array.combine`: one level of the tree that merges the states of a reduction, and at its top makes elements.

use super::{Job, JobKind};
use crate::{
    fold::{self, Reduction},
    grid::{Grid, lens},
};
use serde::{Deserialize, Serialize};
use stratal_core::{Error, Index, Result, runner::TaskContext, value::Chunk};

stratal_core::register_kind!(JobKind::<Combine>::new());

/// One level of a tree.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Combine {
    pub(crate) name: String,
    pub(crate) how: Reduction,
    /// The grid of the result, at the top.
    pub(crate) top: Option<Grid>,
}

impl Job for Combine {
    const KIND: &'static str = "array.combine";

    fn describe(&self) -> String {
        self.name.clone()
    }

    fn run(&self, task: Index, inputs: &[Vec<Chunk>], _: &TaskContext) -> Result<Chunk> {
        let states = inputs.first().ok_or_else(|| Error::internal("states are merged of no input"))?;
        let merged = fold::merge(&self.how, states)?;
        match &self.top {
            None => Ok(merged),
            Some(grid) => fold::finish(&self.how, &merged, &lens(&grid.bounds(task))),
        }
    }
}
