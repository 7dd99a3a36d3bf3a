//! The task kind `frame.plan`: a plan fragment whose partitions are tasks.
//!
//! The body holds the plan as it was planned. Every attempt runs a copy with fresh state and throws it away: nothing of a
//! failed attempt is ever seen by another.

use super::{analysis::Analysis, codec, concat::arrange, names, numbered::NumberedRouter, predicates::faster, route::Router};
use crate::{error::of_datafusion, session};
use arrow_array::RecordBatch;
use bytes::Bytes;
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext as SessionTask},
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties, Partitioning, execution_plan::reset_plan_states, repartition::RepartitionExec,
    },
};
use futures::StreamExt;
use std::sync::{Arc, OnceLock};
use stratal_core::{
    Error, ErrorKind, Index, Result,
    graph::Slicing,
    kind::{Body, Running, TaskKind, Template},
    runner::TaskContext,
};
use tokio::task::{JoinError, JoinSet};

/// The name under which templates refer to the kind.
const KIND: &str = "frame.plan";

stratal_core::register_kind!(PlanKind);

/// What a task does with the rows of its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// They are its result.
    Value,
    /// The plan's root is a hash exchange, which says how they are cut into channels; the task runs what is beneath it.
    Channels,
    /// Their last column is the number of the channel that each is cut into.
    Numbered,
}

/// How rows are cut into channels.
#[derive(Clone)]
enum Routing {
    Hash(Partitioning),
    Numbered,
}

/// A plan fragment.
pub(crate) struct PlanBody {
    plan: Arc<dyn ExecutionPlan>,
    /// As attempts run it in this process, once there was one. It never travels.
    faster: OnceLock<Arc<dyn ExecutionPlan>>,
    output: Output,
    /// Where it is noted what the tasks took; nowhere, unless somebody asks.
    analysis: Option<Arc<Analysis>>,
}

impl PlanBody {
    pub(crate) fn new(plan: Arc<dyn ExecutionPlan>, output: Output) -> Self {
        PlanBody { plan, faster: OnceLock::new(), output, analysis: None }
    }

    /// The same, with a place where it is noted what the tasks took.
    pub(super) fn noting(&self, analysis: Arc<Analysis>) -> Self {
        PlanBody { analysis: Some(analysis), ..PlanBody::new(self.plan.clone(), self.output) }
    }

    pub(crate) fn template(self) -> Template {
        Template { kind: KIND, body: Arc::new(self) }
    }

    /// What its tasks execute: all of the plan, or what is beneath the exchange that is its root.
    pub(super) fn executed(&self) -> &Arc<dyn ExecutionPlan> {
        match self.output {
            Output::Channels => self.plan.children()[0],
            Output::Value | Output::Numbered => &self.plan,
        }
    }

    /// The plan with filters that cost less.
    fn faster(&self) -> Result<Arc<dyn ExecutionPlan>> {
        match self.faster.get() {
            Some(plan) => Ok(plan.clone()),
            None => {
                let plan = faster(&self.plan).map_err(of_datafusion)?;
                Ok(self.faster.get_or_init(|| plan).clone())
            }
        }
    }

    /// A plan instance of one attempt, and how its rows are routed.
    fn instance(&self) -> Result<(Arc<dyn ExecutionPlan>, Option<Routing>)> {
        let fresh = reset_plan_states(self.faster()?).map_err(of_datafusion)?;
        match (self.output, fresh.downcast_ref::<RepartitionExec>()) {
            (Output::Value, _) => Ok((fresh, None)),
            (Output::Numbered, _) => Ok((fresh, Some(Routing::Numbered))),
            (Output::Channels, Some(exchange)) => Ok((exchange.input().clone(), Some(Routing::Hash(exchange.partitioning().clone())))),
            (Output::Channels, None) => Err(Error::internal("a plan that routes rows does not say how")),
        }
    }
}

impl Body for PlanBody {
    fn encode(&self) -> Result<Bytes> {
        let output = match self.output {
            Output::Value => 0u8,
            Output::Channels => 1,
            Output::Numbered => 2,
        };
        let mut bytes = vec![output];
        bytes.extend_from_slice(&codec::encode(self.plan.clone())?);
        Ok(bytes.into())
    }

    fn describe(&self) -> String {
        names::parts(&self.plan).join("+")
    }
}

/// Runs plan fragments.
struct PlanKind;

impl TaskKind for PlanKind {
    fn name(&self) -> &'static str {
        KIND
    }

    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Body>> {
        let damaged = || Error::new(ErrorKind::BadValue, "the wire form of a plan is damaged");
        let (output, plan) = bytes.split_first().ok_or_else(damaged)?;
        let output = match output {
            0 => Output::Value,
            1 => Output::Channels,
            2 => Output::Numbered,
            _ => return Err(damaged()),
        };
        let plan = arrange(codec::decode(plan)?)?;
        Ok(Arc::new(PlanBody::new(plan, output)))
    }

    fn run(&self, body: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        let body = body.downcast_ref::<PlanBody>().ok_or_else(|| Error::internal("frame.plan was given the body of another kind"))?;
        let (plan, routing) = body.instance()?;
        let noting = body.analysis.clone().map(|analysis| (analysis, plan.clone()));
        let work = Work { plan, routing, session: session::task(&cx)?, cx };
        Ok(Running::Async(Box::pin(async move {
            let started = Analysis::start();
            let slicing = work.cx.spec().slicing;
            let ran = match slicing {
                Slicing::Whole => work.gang().await,
                _ => work.each().await,
            };
            ran?;
            if let Some((analysis, plan)) = noting {
                analysis.ran(started, Some(plan));
            }
            Ok(())
        })))
    }
}

/// One attempt at a slice.
#[derive(Clone)]
struct Work {
    plan: Arc<dyn ExecutionPlan>,
    routing: Option<Routing>,
    session: Arc<SessionTask>,
    cx: TaskContext,
}

impl Work {
    /// Partition after partition: none needs another.
    async fn each(self) -> Result<()> {
        for task in self.cx.tasks().collect::<Vec<_>>() {
            let rows = self.open(task as usize)?;
            self.clone().task(task, rows).await?;
        }
        Ok(())
    }

    /// All partitions at once: each may wait for rows of every other.
    async fn gang(self) -> Result<()> {
        let mut running = JoinSet::new();
        for partition in 0..self.plan.output_partitioning().partition_count() {
            let rows = self.open(partition)?;
            let task = partition as Index;
            // A partition that nobody wants runs too: others may wait for its reader, or for what it finds no match for.
            match self.cx.spec().selected.contains(task) {
                true => running.spawn(self.clone().task(task, rows)),
                false => running.spawn(self.clone().unwanted(rows)),
            };
        }
        while let Some(done) = running.join_next().await {
            let broke_off = |error: JoinError| Err(Error::new(ErrorKind::Task, format!("a partition broke off: {error}")));
            if let Err(error) = done.unwrap_or_else(broke_off) {
                // None of them may leave anything after the attempt has failed.
                running.shutdown().await;
                return Err(error);
            }
        }
        Ok(())
    }

    fn open(&self, partition: usize) -> Result<SendableRecordBatchStream> {
        self.plan.execute(partition, self.session.clone()).map_err(of_datafusion)
    }

    async fn task(self, task: Index, rows: SendableRecordBatchStream) -> Result<()> {
        let schema = rows.schema();
        match &self.routing {
            None => {
                let mut all = Vec::new();
                self.drain(rows, |batch| {
                    all.push(batch);
                    Ok(())
                })
                .await?;
                self.cx.put_batches(task, schema, all)
            }
            Some(Routing::Numbered) => {
                let batch_rows = self.session.session_config().batch_size();
                let mut router = NumberedRouter::new(&self.cx, task, &schema, batch_rows)?;
                self.drain(rows, |batch| router.push(&self.cx, &batch)).await?;
                router.finish(&self.cx)
            }
            Some(Routing::Hash(partitioning)) => {
                let batch_rows = self.session.session_config().batch_size();
                let mut router = Router::new(&self.cx, task, partitioning, &schema, batch_rows)?;
                self.drain(rows, |batch| router.push(&self.cx, batch)).await?;
                router.finish(&self.cx)
            }
        }
    }

    async fn unwanted(self, rows: SendableRecordBatchStream) -> Result<()> {
        self.drain(rows, |_| Ok(())).await
    }

    /// Hands over batch after batch, until the end or a cancel.
    async fn drain(&self, mut rows: SendableRecordBatchStream, mut take: impl FnMut(RecordBatch) -> Result<()>) -> Result<()> {
        loop {
            self.cx.checkpoint()?;
            let next = tokio::select! {
                next = rows.next() => next,
                () = self.cx.cancel_token().cancelled() => return Err(Error::cancelled()),
            };
            match next {
                None => return Ok(()),
                Some(batch) => {
                    let batch = batch.map_err(of_datafusion)?;
                    if batch.num_rows() > 0 {
                        take(batch)?;
                    }
                }
            }
        }
    }
}
