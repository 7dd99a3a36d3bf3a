//! Jobs that take their inputs one after another: what they hold at once is theirs to say.

use super::wire::{decoded, encoded};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use std::{marker::PhantomData, sync::Arc};
use stratal_core::{
    Error, Index, Result,
    kind::{Body, Running, TaskKind, Template},
    runner::TaskContext,
    value::{Chunk, Data},
};

/// What the tasks of a layer share whose inputs come as they are asked for.
pub(crate) trait Stream: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name under which templates refer to it.
    const KIND: &'static str;

    /// One line for people.
    fn describe(&self) -> String;

    /// The chunk of a task.
    fn run(&self, task: Index, cx: &TaskContext) -> impl Future<Output = Result<Chunk>> + Send;

    /// The job as a body.
    fn template(self) -> Template {
        Template { kind: Self::KIND, body: Arc::new(StreamBody(self)) }
    }
}

struct StreamBody<S>(S);

impl<S: Stream> Body for StreamBody<S> {
    fn encode(&self) -> Result<Bytes> {
        encoded(S::KIND, &self.0)
    }

    fn describe(&self) -> String {
        self.0.describe()
    }
}

/// The kind of such a job.
pub(crate) struct StreamKind<S>(PhantomData<fn() -> S>);

impl<S: Stream> StreamKind<S> {
    pub(crate) fn new() -> Self {
        StreamKind(PhantomData)
    }
}

impl<S: Stream> TaskKind for StreamKind<S> {
    fn name(&self) -> &'static str {
        S::KIND
    }

    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Body>> {
        Ok(Arc::new(StreamBody(decoded::<S>(S::KIND, bytes)?)))
    }

    fn run(&self, body: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let body = body.clone();
        Ok(Running::Async(Box::pin(async move {
            let stream = body
                .downcast_ref::<StreamBody<S>>()
                .ok_or_else(|| Error::internal(format!("{} was given the body of another kind", S::KIND)))?;
            for task in cx.tasks().collect::<Vec<Index>>() {
                cx.checkpoint()?;
                let chunk = stream.0.run(task, &cx).await?;
                cx.put(task, Data::Chunk(chunk.trimmed()))?;
            }
            Ok(())
        })))
    }
}

/// One chunk that a task reads over an input.
pub(super) async fn chunk(cx: &TaskContext, input: usize, task: Index, source: Index) -> Result<Chunk> {
    match cx.value(input, task, source).await? {
        Data::Chunk(chunk) => Ok(chunk),
        other => Err(Error::internal(format!("a chunk was expected, and the input is {}", other.type_name()))),
    }
}
