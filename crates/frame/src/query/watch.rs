//! How far a query is: its stages, told when they are planned, and the rows of each, counted where they are made.
//!
//! Each worker reports what it does of a stage itself. Whose stage it is, a header says that comes with the plan of the stage; which
//! one, its number in the [`Stage`](super::Stage) on top of it, which is that of the engine. The last stage is the query's own task.

use super::{graph::parts, stage::Stage, suit::partitions};
use crate::lower::{OperatorExec, Plan};
use arrow_array::RecordBatch;
use datafusion::{common::Result as DfResult, execution::TaskContext as Execution, physical_plan::ExecutionPlan};
use datafusion_distributed::{DistributedExec, DistributedTaskContext, NetworkBoundaryExt};
use futures::{Stream, StreamExt, stream};
use std::{
    sync::{Arc, OnceLock, Weak},
    task::Poll,
    time::Duration,
};
use stratal_core::{
    Attempt, Index, LayerId, ResultId, RunId,
    progress::{Counter, News, PlannedStage, Share, pace},
    runner::{Environment, TaskContext},
};
use tonic::codegen::http::{HeaderMap, HeaderName, HeaderValue};

/// The header by which a stage knows whose it is, and how often it may say how far it is.
const TASK: &str = "x-stratal-query-task";
/// The number of the last stage; the engine counts the others from 1.
const LAST: u32 = 0;

/// An attempt at a query, and how long those who count for it wait between two reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Watch {
    result: ResultId,
    attempt: Attempt,
    every: Duration,
}

impl Watch {
    /// Says which stages a query has, as it runs, before it does.
    pub(super) fn begin(cx: &TaskContext, task: Index, query: &Plan) -> Self {
        let (stages, shares) = stages(query);
        cx.report(task, News::Stages(stages));
        let slice = cx.slice();
        let result = ResultId { run: slice.run, layer: slice.layer, index: task };
        Watch { result, attempt: slice.attempt, every: pace(shares) }
    }

    /// What stages are told of it.
    pub(super) fn header(&self) -> (HeaderName, HeaderValue) {
        let ResultId { run, layer, index } = self.result;
        let text = format!("{} {} {index} {} {}", run.0, layer.0, self.attempt.0, self.every.as_millis());
        (HeaderName::from_static(TASK), HeaderValue::from_str(&text).expect("numbers and spaces stand in any header"))
    }

    /// What a stage was told; none where it was told nothing that it can read.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut numbers = headers.get(TASK)?.to_str().ok()?.split(' ').map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        let run = RunId(next()?);
        let mut small = || next().and_then(|number| u32::try_from(number).ok());
        let (layer, index, attempt) = (LayerId(small()?), small()?, Attempt(small()?));
        let every = Duration::from_millis(next()?);
        Some(Watch { result: ResultId { run, layer, index }, attempt, every })
    }

    /// Counts what the last stage gives.
    pub(super) fn count_last(&self, env: &Arc<Environment>) -> Arc<Counter> {
        self.count(Arc::downgrade(env), LAST, 0, 1)
    }

    fn count(&self, env: Weak<Environment>, stage: u32, share: u32, partitions: usize) -> Arc<Counter> {
        let Watch { result, attempt, every } = *self;
        Counter::begin(env, Share { result, attempt, stage, share, partitions: partitions as u64 }, every)
    }
}

/// What a task of a stage knows of the query that it belongs to: one for each session.
pub(super) struct StageWatch {
    watch: Watch,
    /// Not kept: what keeps this lives in there.
    env: Weak<Environment>,
    counter: OnceLock<Arc<Counter>>,
}

impl StageWatch {
    pub(super) fn new(watch: Watch, env: Weak<Environment>) -> Self {
        StageWatch { watch, env, counter: OnceLock::new() }
    }

    /// Counts one partition of a stage that has so many here, if somebody watches.
    pub(super) fn begin(stage: u32, partitions: usize, context: &Arc<Execution>) -> Option<Counted> {
        let own = context.session_config().get_extension::<StageWatch>()?;
        let share = || DistributedTaskContext::from_ctx(context).task_index as u32;
        Some(Counted(own.counter.get_or_init(|| own.watch.count(own.env.clone(), stage, share(), partitions)).clone()))
    }
}

/// A partition of a stage that is counted; done when this is dropped.
pub(super) struct Counted(Arc<Counter>);

impl Counted {
    /// The rows of a partition, and at their end its own.
    pub(super) fn over(
        mut counted: Option<Counted>,
        rows: impl Stream<Item = DfResult<RecordBatch>> + Send,
    ) -> impl Stream<Item = DfResult<RecordBatch>> + Send {
        let counter = counted.as_ref().map(|counted| counted.0.clone());
        let rows = rows.inspect(move |batch| {
            if let (Some(counter), Ok(batch)) = (&counter, batch) {
                counter.add_rows(batch.num_rows());
            }
        });
        // Who reads them may keep them for a while after their end.
        rows.chain(stream::poll_fn(move |_| {
            drop(counted.take());
            Poll::Ready(None)
        }))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.end_partition();
    }
}

/// The stages of a query as it runs, who is read before who reads, and over how many tasks they are shared in all.
fn stages(query: &Plan) -> (Vec<PlannedStage>, u64) {
    let last = match query.downcast_ref::<DistributedExec>() {
        Some(query) => query.children()[0],
        None => query,
    };
    let (mut stages, mut shares) = (Vec::new(), 1);
    below(last, &mut stages, &mut shares);
    stages.push(PlannedStage { number: LAST, name: parts(last).join("+"), partitions: 1 });
    (stages, shares)
}

fn below(plan: &Plan, stages: &mut Vec<PlannedStage>, shares: &mut u64) {
    let Some(boundary) = plan.as_network_boundary() else {
        return plan.children().into_iter().for_each(|child| below(child, stages, shares));
    };
    let stage = boundary.input_stage();
    if let Some(plan) = stage.local_plan() {
        below(plan, stages, shares);
        let tasks = stage.task_count();
        // What sends rows to other workers is above what is counted.
        let counted = if plan.is::<OperatorExec<Stage>>() { Some(plan) } else { plan.children().into_iter().next() };
        let partitions = tasks * counted.map_or(0, partitions);
        stages.push(PlannedStage { number: stage.num() as u32, name: parts(plan).join("+"), partitions: partitions as u64 });
        *shares += tasks as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DFrame, count, query::planner, session};
    use stratal_core::{client::wait_for, config::Config};
    use url::Url;

    #[test]
    fn what_a_stage_is_told_comes_back_from_its_header() {
        let result = ResultId { run: RunId(u64::MAX - 7), layer: LayerId(3), index: 12 };
        let watch = Watch { result, attempt: Attempt(4), every: Duration::from_millis(700) };
        assert_eq!(Watch::of(&HeaderMap::from_iter([watch.header()])), Some(watch));
        for wrong in ["", "1 2 3", "1 2 3 4 x", "1 99999999999 3 4 5", "-1 2 3 4 5"] {
            let headers = HeaderMap::from_iter([(HeaderName::from_static(TASK), HeaderValue::from_static(wrong))]);
            assert_eq!(Watch::of(&headers), None, "{wrong:?}");
        }
        assert_eq!(Watch::of(&HeaderMap::new()), None);
    }

    #[test]
    fn stages_are_told_in_reading_order_with_all_their_partitions() {
        let directory = tempfile::tempdir().unwrap();
        for part in 0..5 {
            std::fs::write(directory.path().join(format!("{part}.csv")), "k,v\n1,2\n").unwrap();
        }
        let groups = DFrame::read_csv(directory.path().join("*.csv").to_str().unwrap()).group_by("k").agg(count().alias("n"));
        let planned = |workers: usize| {
            let config = Config::default();
            let physical = session::physical_plan(&config, &groups.bound().unwrap(), 4, true).unwrap();
            let urls = (0..workers).map(|worker| Url::parse(&format!("http://127.0.0.1:{}", 4000 + worker)).unwrap()).collect();
            let session = planner::session(&config, physical, urls, false).unwrap().build();
            stages(&wait_for(async move { planner::plan(&session, false).await }).unwrap())
        };
        let (several, shares) = planned(3);
        let names: Vec<&str> = several.iter().map(|stage| stage.name.as_str()).collect();
        assert!(matches!(names[..], ["read-csv+partial-aggregate", grouped, "gather"] if grouped.starts_with("aggregate")), "{names:?}");
        // Five files in three shares of one size; two partitions of each worker after the exchange.
        assert_eq!(several.iter().map(|stage| stage.partitions).collect::<Vec<_>>(), [6, 6, 1]);
        assert_eq!(several[2].number, LAST);
        assert!(several[0].number != several[1].number && several[..2].iter().all(|stage| stage.number != LAST));
        assert_eq!(shares, 3 + 3 + 1);
        // One worker does it all.
        let (alone, shares) = planned(1);
        assert_eq!((alone.len(), alone[0].number, alone[0].partitions, shares), (1, LAST, 1, 1));
    }
}
