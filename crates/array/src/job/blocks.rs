//! The kinds `array.map`, a function of the user's on each chunk, and `array.taken`, results of lazy values as chunks.
//!
//! A function travels by its name; a closure does not. What it gives is held to the shape and the dtype that were promised.

use super::{
    stream::{Stream, StreamKind},
    wire::{decoded, encoded},
};
use crate::{
    blocks::{given, taken},
    grid::Grid,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{
    Error, Index, Result,
    function::Function,
    kind::{Body, InputMode, Running, TaskKind, Template},
    registry::Registry,
    runner::TaskContext,
    value::{Chunk, DType, Data},
};

stratal_core::register_kind!(MapKind);
stratal_core::register_kind!(StreamKind::<Taken>::new());

/// The name under which templates refer to the kind.
const MAP: &str = "array.map";

/// A function on each chunk.
#[derive(Clone)]
pub(crate) struct Map {
    pub(crate) function: Arc<Function>,
    /// The grid and the dtype of what it gives.
    pub(crate) grid: Grid,
    pub(crate) dtype: DType,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    function: String,
    signature: u64,
    grid: Grid,
    dtype: DType,
}

impl Map {
    pub(crate) fn template(self) -> Template {
        Template { kind: MAP, body: Arc::new(self) }
    }

    async fn task(&self, task: Index, cx: &TaskContext) -> Result<Chunk> {
        let mut blocks = cx.ready(0, task)?;
        let block = match blocks.pop() {
            Some(Data::Chunk(chunk)) if blocks.is_empty() => given(&chunk)?,
            _ => return Err(Error::internal("a function was not given the one chunk that it maps")),
        };
        let answer = self.function.run(vec![block]).await?;
        taken(&answer, self.dtype, &self.grid, task, &self.function.label())
            .map_err(|error| error.with_help("map_blocks_with(f, Chunks::cuts(..)) says what the blocks become"))
    }
}

impl Body for Map {
    fn encode(&self) -> Result<Bytes> {
        let (function, signature) = self.function.wire_name()?;
        let wire = Wire { function: function.to_owned(), signature, grid: self.grid.clone(), dtype: self.dtype };
        encoded(MAP, &wire)
    }

    fn describe(&self) -> String {
        format!("map_blocks {}", self.function.label())
    }

    fn functions(&self) -> Vec<(String, u64)> {
        self.function.name().map(|name| (name.to_owned(), self.function.signature_hash())).into_iter().collect()
    }
}

struct MapKind;

impl TaskKind for MapKind {
    fn name(&self) -> &'static str {
        MAP
    }

    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Body>> {
        let Wire { function, signature, grid, dtype } = decoded(MAP, bytes)?;
        Ok(Arc::new(Map { function: Registry::global().function_with(&function, signature)?, grid, dtype }))
    }

    fn inputs(&self) -> InputMode {
        InputMode::Whole
    }

    fn run(&self, body: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let map = body.downcast_ref::<Map>().ok_or_else(|| Error::internal(format!("{MAP} was given the body of another kind")))?.clone();
        Ok(Running::Async(Box::pin(async move {
            for task in cx.tasks().collect::<Vec<Index>>() {
                cx.checkpoint()?;
                let chunk = map.task(task, &cx).await?;
                cx.put(task, Data::Chunk(chunk))?;
            }
            Ok(())
        })))
    }
}

/// What lazy values gave, as the chunks of a grid.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) grid: Grid,
    pub(crate) dtype: DType,
}

impl Stream for Taken {
    const KIND: &'static str = "array.taken";

    fn describe(&self) -> String {
        "from_delayed".to_owned()
    }

    async fn run(&self, task: Index, cx: &TaskContext) -> Result<Chunk> {
        taken(&cx.value(0, task, task).await?, self.dtype, &self.grid, task, "a lazy value")
    }
}
