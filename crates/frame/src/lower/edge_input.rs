//! [`EdgeInputExec`]: the leaf that reads what other layers left, from this store or over the network: it never knows.

use super::{Class, OwnNode, Plan, known::Known};
use crate::{
    declared::{check, conform as conform_declared},
    error::to_datafusion,
    leaf::{streaming, without_inputs},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext as SessionTask},
    physical_expr::{EquivalenceProperties, LexOrdering},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, coop::make_cooperative, stream::RecordBatchStreamAdapter,
    },
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};
use stratal_core::{Error, ErrorKind, Index, Result, runner::TaskContext, value::Data};

/// Which rows a partition of the leaf stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Feed {
    /// Partition *i*: what task *i* reads over the edge.
    Task,
    /// Partition *i*: source task *i*, whichever task reads it. For one task, or a gang, over an `All` edge; in a stack of
    /// inputs, over an edge by which each task reads its one source.
    Source,
    /// The only partition: all sources, in order. Over an `All` edge, for any number of tasks.
    Together,
}

/// What travels of the leaf.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wire {
    input: usize,
    feed: Feed,
    partitions: usize,
    is_declared: bool,
    known: Known,
    #[serde(with = "crate::ipc::schema")]
    schema: SchemaRef,
}

/// Reads an input of the layer whose plan it stands in.
#[derive(Debug)]
pub(crate) struct EdgeInputExec {
    input: usize,
    feed: Feed,
    /// Whether a user has said what the columns are, so that they may be others.
    is_declared: bool,
    known: Known,
    properties: Arc<PlanProperties>,
}

impl EdgeInputExec {
    /// A leaf over input number `input`, of `partitioning` as it would be without the cut.
    ///
    /// `ordering` is what every single partition is sorted by. It serves planning alone and is not part of the wire form.
    pub(crate) fn new(input: usize, feed: Feed, schema: SchemaRef, partitioning: Partitioning, ordering: Option<LexOrdering>) -> Self {
        let equivalence = match ordering {
            Some(ordering) => EquivalenceProperties::new_with_orderings(schema, [ordering]),
            None => EquivalenceProperties::new(schema),
        };
        EdgeInputExec { input, feed, is_declared: false, known: Known::default(), properties: streaming(equivalence, partitioning) }
    }

    /// The same over rows of which this is known.
    pub(super) fn knowing(self, known: Known) -> Result<Self> {
        let mut equivalence = self.properties.equivalence_properties().clone();
        known.tell(&mut equivalence)?;
        let properties = streaming(equivalence, self.properties.output_partitioning().clone());
        Ok(EdgeInputExec { known, properties, ..self })
    }

    /// The number of the input that it reads.
    pub(super) fn input(&self) -> usize {
        self.input
    }

    /// The same over results of functions, which are held to the columns that were declared.
    pub(crate) fn of_declared(self) -> Self {
        EdgeInputExec { is_declared: true, ..self }
    }
}

impl OwnNode for EdgeInputExec {
    type Wire = Wire;
    const NAME: &'static str = "EdgeInputExec";

    fn class(&self) -> Class {
        Class::Other
    }

    fn layer(&self) -> Option<String> {
        None
    }

    fn wire(&self) -> Wire {
        let partitions = self.properties.output_partitioning().partition_count();
        let known = self.known.clone();
        Wire { input: self.input, feed: self.feed, partitions, is_declared: self.is_declared, known, schema: self.schema() }
    }

    fn of_wire(wire: Wire, _: Vec<Plan>) -> Result<Self> {
        let Wire { input, feed, partitions, is_declared, known, schema } = wire;
        let leaf = EdgeInputExec::new(input, feed, schema, Partitioning::UnknownPartitioning(partitions), None).knowing(known)?;
        Ok(EdgeInputExec { is_declared, ..leaf })
    }
}

impl DisplayAs for EdgeInputExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EdgeInputExec { input, feed, .. } = self;
        let partitions = self.properties.output_partitioning().partition_count();
        write!(f, "EdgeInputExec: input={input}, feed={feed:?}, partitions={partitions}")
    }
}

impl ExecutionPlan for EdgeInputExec {
    fn name(&self) -> &'static str {
        "EdgeInputExec"
    }

    without_inputs!();

    fn execute(&self, partition: usize, context: Arc<SessionTask>) -> DfResult<SendableRecordBatchStream> {
        let schema = self.schema();
        let cx = context.session_config().get_extension::<TaskContext>();
        let cx = cx.ok_or_else(|| to_datafusion(Error::internal("a plan with inputs runs outside a task")))?;
        if self.is_declared {
            return Ok(make_cooperative(self.declared(partition, cx.as_ref()).map_err(to_datafusion)?));
        }
        let rows = match self.feed {
            Feed::Task => cx.batches(self.input, partition as Index),
            Feed::Source | Feed::Together => {
                let task = cx.tasks().next().unwrap_or_default();
                match self.feed {
                    Feed::Source => cx.batches_from(self.input, task, &[partition as Index]),
                    _ => cx.batches(self.input, task),
                }
            }
        };
        let declared = schema.clone();
        let rows = rows.map_err(to_datafusion)?.map(move |batch| batch.and_then(|batch| conform(batch, &declared)).map_err(to_datafusion));
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(schema, rows))))
    }
}

impl EdgeInputExec {
    /// A partition of results of functions: each is looked at whole, since one without rows has columns too.
    fn declared(&self, partition: usize, cx: &TaskContext) -> Result<SendableRecordBatchStream> {
        let (input, schema) = (self.input, self.schema());
        let first = || cx.tasks().next().unwrap_or_default();
        let (task, sources) = match self.feed {
            Feed::Task => (partition as Index, cx.sources(input, partition as Index)?),
            Feed::Source => (first(), vec![partition as Index]),
            Feed::Together => (first(), cx.sources(input, first())?),
        };
        let (cx, declared) = (cx.clone(), schema.clone());
        let results = stream::iter(sources).then(move |source| {
            let (cx, declared) = (cx.clone(), declared.clone());
            async move { held_to(cx.value(input, task, source).await?, source, &declared) }
        });
        let rows = results.map_ok(|batches| stream::iter(batches.into_iter().map(Ok::<_, Error>))).try_flatten().map_err(to_datafusion);
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}

/// The rows of a function's result under the columns that were declared.
fn held_to(result: Data, part: Index, declared: &SchemaRef) -> Result<Vec<RecordBatch>> {
    let giver = || format!("part {part}");
    match result {
        Data::Batches(rows) => {
            check(&rows.schema, declared, &giver)?;
            rows.batches.iter().map(|batch| conform_declared(batch.clone(), declared, &giver)).collect()
        }
        other => Err(Error::new(ErrorKind::TypeMismatch, format!("{} is {}, and a frame was declared", giver(), other.type_name()))),
    }
}

/// The batch under the declared schema. Nullability and metadata may drift on the way, names and types must not.
fn conform(batch: RecordBatch, declared: &SchemaRef) -> Result<RecordBatch> {
    if batch.schema_ref() == declared {
        return Ok(batch);
    }
    let have = batch.schema();
    let same = have.fields().len() == declared.fields().len()
        && have.fields().iter().zip(declared.fields()).all(|(one, two)| one.name() == two.name() && one.data_type() == two.data_type());
    if !same {
        return Err(Error::new(ErrorKind::Internal, format!("an input was declared as {declared} and came as {have}")));
    }
    let rows = batch.num_rows();
    let (_, columns, _) = batch.into_parts();
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(declared.clone(), columns, &options)?)
}
