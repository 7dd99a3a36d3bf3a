//! What the tasks of array layers do, one kind of task a file, most run in the same way: inputs whole, one chunk out.
//!
//! `tiles` (`array.tiles`): a fused program over a chunk, and the first step of reductions. `assemble` (`array.assemble`).
//! `combine` (`array.combine`): states of reductions merged. `scan` (`array.prefix`, `array.scan`): running sums.
//! `contract` (`array.contract`, `array.sum`): sums of products. `reshape` (`array.reshape`). `blocks` (`array.map`, `array.taken`):
//! functions of the user's, and what lazy values give. `stream`: jobs that take one input after another.
//! `read` (`array.read`), `write` (`array.write`): stored arrays. `program`: tile programs and the machine that runs them, `operand`:
//! what these read. `wire`: what the tasks of a layer share, as bytes.

mod assemble;
mod blocks;
mod combine;
mod contract;
mod operand;
mod program;
mod read;
mod reshape;
mod scan;
mod stream;
mod tiles;
mod wire;
mod write;

pub(crate) use assemble::Assemble;
pub(crate) use blocks::{Map, Taken};
pub(crate) use combine::Combine;
pub(crate) use contract::{Contract, Sum};
pub(crate) use program::{Code, Instr, Program, Src, TILE};
pub(crate) use read::ReadStored;
pub(crate) use reshape::Reshape;
pub(crate) use scan::{Prefix, Scanned};
pub(crate) use stream::Stream;
pub(crate) use tiles::{Folded, Leaf, Tiles};
pub(crate) use write::WriteStored;

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use std::{marker::PhantomData, sync::Arc};
use stratal_core::{
    Error, Index, Result,
    kind::{Body, InputMode, Running, TaskKind, Template},
    runner::TaskContext,
    value::{Chunk, Data},
};
use wire::{decoded, encoded};

/// What the tasks of a layer share.
pub(crate) trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name under which templates refer to it.
    const KIND: &'static str;

    /// One line for people.
    fn describe(&self) -> String;

    /// The chunk of a task. `inputs` has the chunks of each edge, in reading order.
    fn run(&self, task: Index, inputs: &[Vec<Chunk>], cx: &TaskContext) -> Result<Chunk>;

    /// The job as a body.
    fn template(self) -> Template {
        Template { kind: Self::KIND, body: Arc::new(JobBody(self)) }
    }
}

struct JobBody<J>(J);

impl<J: Job> Body for JobBody<J> {
    fn encode(&self) -> Result<Bytes> {
        encoded(J::KIND, &self.0)
    }

    fn describe(&self) -> String {
        self.0.describe()
    }
}

/// The kind of a job.
pub(crate) struct JobKind<J>(PhantomData<fn() -> J>);

impl<J: Job> JobKind<J> {
    pub(crate) fn new() -> Self {
        JobKind(PhantomData)
    }
}

impl<J: Job> TaskKind for JobKind<J> {
    fn name(&self) -> &'static str {
        J::KIND
    }

    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Body>> {
        Ok(Arc::new(JobBody(decoded::<J>(J::KIND, bytes)?)))
    }

    fn inputs(&self) -> InputMode {
        InputMode::Whole
    }

    fn run(&self, body: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let body = body.clone();
        Ok(Running::Blocking(Box::new(move || {
            let job = body
                .downcast_ref::<JobBody<J>>()
                .ok_or_else(|| Error::internal(format!("{} was given the body of another kind", J::KIND)))?;
            for task in cx.tasks().collect::<Vec<Index>>() {
                cx.checkpoint()?;
                let inputs = (0..cx.spec().inputs.len()).map(|input| chunks(&cx, input, task)).collect::<Result<Vec<_>>>()?;
                let chunk = job.0.run(task, &inputs, &cx)?;
                cx.put(task, Data::Chunk(chunk.trimmed()))?;
            }
            Ok(())
        })))
    }
}

fn chunks(cx: &TaskContext, input: usize, task: Index) -> Result<Vec<Chunk>> {
    let chunk = |data: Data| match data {
        Data::Chunk(chunk) => Ok(chunk),
        other => Err(Error::internal(format!("a chunk was expected, and the input is {}", other.type_name()))),
    };
    cx.ready(input, task)?.into_iter().map(chunk).collect()
}

/// The only chunk of an input.
fn only(inputs: &[Vec<Chunk>], input: usize) -> Result<&Chunk> {
    match inputs.get(input).map(Vec::as_slice) {
        Some([chunk]) => Ok(chunk),
        _ => Err(Error::internal("a task was not given the one chunk that it reads")),
    }
}
