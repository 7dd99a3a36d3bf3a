//! The kind `array.assemble`: chunks built from boxes of other chunks.

use super::{Job, JobKind};
use crate::assembly::Assembly;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{Index, Result, runner::TaskContext, value::Chunk};

stratal_core::register_kind!(JobKind::<Assemble>::new());

/// An assembly, one edge a piece.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Assemble {
    pub(crate) name: String,
    pub(crate) assembly: Arc<Assembly>,
}

impl Job for Assemble {
    const KIND: &'static str = "array.assemble";

    fn describe(&self) -> String {
        self.name.clone()
    }

    fn run(&self, task: Index, inputs: &[Vec<Chunk>], _: &TaskContext) -> Result<Chunk> {
        self.assembly.build(task, inputs)
    }
}
