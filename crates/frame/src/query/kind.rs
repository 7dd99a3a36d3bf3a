//! The task kind `frame.query`: a whole query, run from here over all workers that live. And `frame.stage`, which stands for
//! what a query does elsewhere.

use super::{
    SERVICE, VERSION,
    fault::{lost, of_query},
    planner,
    station::Station,
    watch::Watch,
};
use crate::{
    error::of_datafusion,
    lower::{Plan, arrange, decode, encode},
    session,
};
use arrow_array::{RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use datafusion::{
    common::utils::memory::RecordBatchMemoryCounter, execution::memory_pool::MemoryConsumer,
    physical_plan::execution_plan::reset_plan_states,
};
use datafusion_distributed::{DistributedExt, DistributedMetricsFormat, explain_analyze};
use futures::{
    FutureExt, StreamExt,
    future::{pending, select_all},
};
use std::{sync::Arc, time::Duration};
use stratal_core::{
    Error, ErrorKind, Result,
    kind::{Body, Running, TaskKind, Template},
    runner::{Neighbour, TaskContext},
    value::Data,
};

const QUERY: &str = "frame.query";
const STAGE: &str = "frame.stage";

/// How long the last stages may take to say what they took, once all rows are there.
const MEASURED_WITHIN: Duration = Duration::from_secs(10);

stratal_core::register_kind!(QueryKind);
stratal_core::register_kind!(StageKind);

/// A plan, and what is wanted of it.
pub(super) struct QueryBody {
    pub(super) plan: Plan,
    /// What it took, as text; else its rows.
    pub(super) measures: bool,
}

impl QueryBody {
    pub(super) fn template(self) -> Template {
        Template { kind: QUERY, body: Arc::new(self) }
    }
}

impl Body for QueryBody {
    fn encode(&self) -> Result<Bytes> {
        let mut bytes = vec![u8::from(self.measures)];
        bytes.extend_from_slice(&encode(self.plan.clone())?);
        Ok(bytes.into())
    }

    fn describe(&self) -> String {
        "query".to_owned()
    }

    fn services(&self) -> Vec<(String, String)> {
        engine()
    }
}

/// The engine, of this version, as what a task needs of its worker.
fn engine() -> Vec<(String, String)> {
    vec![(SERVICE.to_owned(), VERSION.to_owned())]
}

/// Runs queries.
struct QueryKind;

impl TaskKind for QueryKind {
    fn name(&self) -> &'static str {
        QUERY
    }

    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Body>> {
        let damaged = || Error::new(ErrorKind::BadValue, "the wire form of a query is damaged");
        let (measures, plan) = bytes.split_first().ok_or_else(damaged)?;
        Ok(Arc::new(QueryBody { plan: arrange(decode(plan)?)?, measures: *measures == 1 }))
    }

    fn run(&self, body: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let body = body.downcast_ref::<QueryBody>().ok_or_else(|| Error::internal("frame.query was given the body of another kind"))?;
        let plan = reset_plan_states(body.plan.clone()).map_err(of_datafusion)?;
        let measures = body.measures;
        Ok(Running::Async(Box::pin(async move {
            let station = Station::of(cx.env())?;
            let others = station.living(cx.neighbours()).await;
            // The engine would wait for a worker that stands still as long as its connections do.
            tokio::select! {
                done = answer(&station, plan, measures, &others, &cx) => done,
                name = gone(&others) => Err(lost(&format!("{name} is gone"))),
            }
        })))
    }
}

/// The name of the first of these workers that is given up.
async fn gone(workers: &[Neighbour]) -> String {
    if workers.is_empty() {
        return pending().await;
    }
    let each = workers.iter().map(|worker| async move { worker.gone.cancelled().await }.boxed());
    let ((), which, _) = select_all(each).await;
    workers[which].info.name.clone()
}

/// Runs a query on this worker and on these, and leaves what it gives as the result of the task.
async fn answer(station: &Station, plan: Plan, measures: bool, others: &[Neighbour], cx: &TaskContext) -> Result<()> {
    let config = cx.env().config();
    let session = planner::session(config, plan, station.urls(others)?, measures)?
        .with_runtime_env(session::runtime(cx.env())?)
        .with_distributed_channel_resolver(station.channels())
        .build();
    let query = planner::plan(&session, measures).await?;
    let task = cx.tasks().next().ok_or_else(|| Error::internal("a query without a task"))?;
    let watch = Watch::begin(cx, task, &query);
    let (mut headers, (name, value)) = (station.headers()?, watch.header());
    headers.insert(name, value);
    let session = session.with_distributed_passthrough_headers(headers).map_err(of_datafusion)?;
    let context = session.task_ctx();
    // The rows of the result, as long as they are not the store's.
    let (memory, mut counter) =
        (MemoryConsumer::new("the result of a query").register(context.memory_pool()), RecordBatchMemoryCounter::new());
    let mut rows = query.execute(0, context).map_err(of_query)?;
    let (mut schema, mut batches) = (rows.schema(), Vec::new());
    let given = watch.count_last(cx.env());
    while let Some(batch) = rows.next().await {
        cx.checkpoint()?;
        let batch = batch.map_err(|error| helped(of_query(error)))?;
        given.add_rows(batch.num_rows());
        if batch.num_rows() > 0 && !measures {
            memory.try_grow(counter.count_batch(&batch)).map_err(|error| helped(of_datafusion(error)))?;
            batches.push(batch);
        }
    }
    drop(rows);
    given.end_partition();
    if measures {
        let text = tokio::time::timeout(MEASURED_WITHIN, explain_analyze(query, DistributedMetricsFormat::Aggregated)).await;
        let text = text.map_err(|_| Error::new(ErrorKind::Timeout, "the stages of a query did not say what they took"))?;
        (schema, batches) = told(&text.map_err(of_query)?)?;
    }
    // The store counts them itself.
    drop(memory);
    cx.put_batches(task, schema, batches).map_err(helped)
}

/// The engine does not write what does not fit to disks where rows pass between workers. Layers do.
fn helped(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Memory => error.with_help("raise memory.limit of the workers, or set execution.engine to layers, which spill"),
        _ => error,
    }
}

/// A text as the only row of a result.
fn told(text: &str) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let schema = Arc::new(Schema::new(vec![Field::new("plan", DataType::Utf8, false)]));
    let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(StringArray::from_iter_values([text]))])?;
    Ok((schema, vec![batch]))
}

/// A stage of a query.
pub(super) struct StageBody;

impl StageBody {
    pub(super) fn template() -> Template {
        Template { kind: STAGE, body: Arc::new(StageBody) }
    }
}

impl Body for StageBody {
    fn encode(&self) -> Result<Bytes> {
        Ok(Bytes::new())
    }

    fn describe(&self) -> String {
        "stage of a query".to_owned()
    }

    fn services(&self) -> Vec<(String, String)> {
        engine()
    }
}

/// Does nothing: the query runs its stages itself.
struct StageKind;

impl TaskKind for StageKind {
    fn name(&self) -> &'static str {
        STAGE
    }

    fn decode(&self, _: &[u8]) -> Result<Arc<dyn Body>> {
        Ok(Arc::new(StageBody))
    }

    fn run(&self, _: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        Ok(Running::Blocking(Box::new(move || cx.tasks().try_for_each(|task| cx.put(task, Data::Unit)))))
    }
}
