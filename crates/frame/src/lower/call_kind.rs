//! The task kind `frame.call`: a function of the user's on the partitions of an input, on their batches, or on their groups.
//!
//! It is a layer of its own and never a part of a plan: its tasks run on slots' threads and nowhere else, where a function may
//! block, run verbs and wait for other tasks. A function travels by its name; a closure does not.
//!
//! A partition that is given whole is in the store already, and counted there; so is what the function gives.

use super::{analysis::Analysis, call::Call, groups::Groups};
use crate::{
    declared::{check, conform},
    frame::Frame,
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{
    Error, ErrorKind, Index, Result,
    function::Function,
    kind::{Body, Running, TaskKind, Template},
    registry::Registry,
    runner::TaskContext,
    value::{Data, Value},
};

/// The name under which templates refer to the kind.
const KIND: &str = "frame.call";

stratal_core::register_kind!(CallKind);

/// What a function is called on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum How {
    /// A whole partition, as a frame.
    Partition,
    /// Batch by batch, as they come. Empty ones are left out.
    Batches,
    /// Each group of rows with equal keys, as a frame. The rows come sorted by them.
    Groups {
        /// Where the keys are.
        keys: Vec<usize>,
        /// How many columns the function sees: the first ones.
        width: usize,
    },
}

impl How {
    /// What layers are called.
    pub(super) fn layer(&self) -> &'static str {
        match self {
            How::Partition => "map-partitions",
            How::Batches => "map-batches",
            How::Groups { .. } => "apply",
        }
    }
}

/// A function, what it is called on, and what it is said to give.
#[derive(Clone)]
pub(crate) struct CallBody {
    call: Call,
    /// The columns of the rows that come.
    given: SchemaRef,
    /// Where it is noted how long the calls took; nowhere, unless somebody asks.
    analysis: Option<Arc<Analysis>>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    function: String,
    signature: u64,
    how: How,
    #[serde(with = "crate::ipc::schema")]
    declared: SchemaRef,
    #[serde(with = "crate::ipc::schema")]
    given: SchemaRef,
}

impl CallBody {
    /// The same, noting what its tasks take.
    pub(super) fn noting(&self, analysis: Arc<Analysis>) -> Self {
        CallBody { analysis: Some(analysis), ..self.clone() }
    }

    /// Calls on rows of the columns `given`.
    pub(super) fn new(call: Call, given: SchemaRef) -> Self {
        CallBody { call, given, analysis: None }
    }

    pub(super) fn template(self) -> Template {
        Template { kind: KIND, body: Arc::new(self) }
    }

    fn function(&self) -> &Arc<Function> {
        &self.call.function
    }

    /// Calls the function, and holds what it gives to what was declared.
    async fn call(&self, rows: Data, out: &mut Vec<RecordBatch>) -> Result<()> {
        let giver = || self.function().label();
        match self.function().run(vec![rows]).await? {
            Data::Batches(rows) => {
                check(&rows.schema, &self.call.declared, &giver)?;
                for batch in rows.batches.iter().filter(|batch| batch.num_rows() > 0) {
                    out.push(conform(batch.clone(), &self.call.declared, &giver)?);
                }
                Ok(())
            }
            other => Err(Error::internal(format!("{} gave {} where rows are declared", giver(), other.type_name()))),
        }
    }

    async fn task(&self, task: Index, cx: &TaskContext) -> Result<()> {
        let giver = || "a layer".to_owned();
        let rows = cx.batches(0, task)?.map(|batch| batch.and_then(|batch| conform(batch, &self.given, &giver)));
        let mut rows: BoxStream<'_, Result<RecordBatch>> = rows.boxed();
        let mut out = Vec::new();
        match &self.call.how {
            How::Partition => {
                let whole = Frame::new(self.given.clone(), rows.try_collect::<Vec<_>>().await?)?;
                self.call(whole.into_data(), &mut out).await?;
            }
            How::Batches => {
                while let Some(batch) = rows.try_next().await? {
                    if batch.num_rows() > 0 {
                        self.call(batch.into_data(), &mut out).await?;
                    }
                }
            }
            How::Groups { keys, width } => {
                let mut groups = Groups::new(keys.clone());
                let shown: Vec<usize> = (0..*width).collect();
                let seen = Arc::new(self.given.project(&shown)?);
                while let Some(batch) = rows.try_next().await? {
                    for group in groups.push(&batch)? {
                        self.group(&seen, &shown, group, cx, &mut out).await?;
                    }
                }
                if let Some(group) = groups.finish() {
                    self.group(&seen, &shown, group, cx, &mut out).await?;
                }
            }
        }
        cx.put_batches(task, self.call.declared.clone(), out)
    }

    /// Calls the function on a group, without the columns that only the keys stand in.
    async fn group(
        &self,
        seen: &SchemaRef,
        shown: &[usize],
        group: Vec<RecordBatch>,
        cx: &TaskContext,
        out: &mut Vec<RecordBatch>,
    ) -> Result<()> {
        cx.checkpoint()?;
        let rows = group.iter().map(|batch| batch.project(shown)).collect::<Result<Vec<_>, _>>()?;
        self.call(Frame::new(seen.clone(), rows)?.into_data(), out).await
    }
}

impl Body for CallBody {
    fn encode(&self) -> Result<Bytes> {
        let (function, signature) = self.function().wire_name()?;
        let Call { how, declared, .. } = self.call.clone();
        let wire = Wire { function: function.to_owned(), signature, how, declared, given: self.given.clone() };
        postcard::to_stdvec(&wire).map(Bytes::from).map_err(|error| Error::internal(format!("a call cannot be written: {error}")))
    }

    fn describe(&self) -> String {
        format!("{} {}", self.call.how.layer(), self.function().label())
    }

    fn functions(&self) -> Vec<(String, u64)> {
        let function = self.function();
        function.name().map(|name| (name.to_owned(), function.signature_hash())).into_iter().collect()
    }
}

/// Calls functions on rows.
struct CallKind;

impl TaskKind for CallKind {
    fn name(&self) -> &'static str {
        KIND
    }

    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Body>> {
        let damaged = |error: postcard::Error| Error::new(ErrorKind::BadValue, format!("the wire form of a call is damaged: {error}"));
        let Wire { function, signature, how, declared, given } = postcard::from_bytes(bytes).map_err(damaged)?;
        let function = Registry::global().function_with(&function, signature)?;
        Ok(Arc::new(CallBody::new(Call { function, how, declared }, given)))
    }

    fn run(&self, body: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let body = body.downcast_ref::<CallBody>().ok_or_else(|| Error::internal("frame.call was given the body of another kind"))?;
        let body = body.clone();
        Ok(Running::Async(Box::pin(async move {
            let started = Analysis::start();
            for task in cx.tasks().collect::<Vec<_>>() {
                cx.checkpoint()?;
                body.task(task, &cx).await?;
            }
            body.analysis.iter().for_each(|analysis| analysis.ran(started, None));
            Ok(())
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::Schema;

    #[test]
    fn a_call_names_the_function_that_its_worker_must_have() {
        let columns = Arc::new(Schema::empty());
        let functions = |function: Arc<Function>| {
            let call = Call { function, how: How::Partition, declared: columns.clone() };
            CallBody::new(call, columns.clone()).functions()
        };
        let named = Arc::new(Function::named("own::inc", |x: i64| x + 1));
        assert_eq!(functions(named.clone()), [("own::inc".to_owned(), named.signature_hash())]);
        assert!(functions(Function::of(|x: i64| x + 1)).is_empty(), "a closure runs where it is");
    }
}
