//! Stages and their tasks: the engine's own planner, told what it cannot know of our plans.
//!
//! A scan is spread over as many tasks as it has partitions, and no more than there are workers, each with its [`Share`]. A
//! node whose rows are all in one partition is one task: the plan was made for one process, where that partition is all. So is a
//! union whose frames stay in order: see `unions`. And so is what looks at the numbers of partitions, unless it numbers the rows of
//! a scan, which each task does for its share, or rows that were exchanged, of which no order is promised.

use super::{
    prepare::{finish, partitions_of_each, prepare},
    share::Share,
    suit::{is_numbered, is_scan, partitions},
    unions,
};
use crate::{
    error::{of_datafusion, to_datafusion},
    lower::{Codec, Plan},
    session,
};
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::Result as DfResult,
    execution::{SessionState, SessionStateBuilder, context::QueryPlanner},
    logical_expr::{LogicalPlan, LogicalPlanBuilder},
    physical_plan::{ExecutionPlan, coalesce_partitions::CoalescePartitionsExec, union::UnionExec},
};
use datafusion_distributed::{
    BroadcastExec, CompressionType, DesiredTaskCountEvent, DesiredTaskCountEventResponse, DistributedExt, DistributedLeafExec,
    ScaleUpLeafNodeEvent, ScaleUpLeafNodeEventResponse, SessionStateBuilderExt, WorkerResolver,
};
use std::sync::Arc;
use stratal_core::{Result, config::Config};
use url::Url;

/// A session that plans `plan` for these workers. `measures` says whether all stages report what they took.
pub(super) fn session(config: &Config, plan: Plan, workers: Vec<Url>, measures: bool) -> Result<SessionStateBuilder> {
    let after_exchange = partitions_of_each(&plan, workers.len());
    let is_mixed = !unions::in_order(&plan);
    let plan = prepare(plan, after_exchange)?;
    let compression = match config.cluster.compression.as_deref() {
        Some("lz4") => Some(CompressionType::LZ4_FRAME),
        Some("zstd") => Some(CompressionType::ZSTD),
        _ => None,
    };
    let made = SessionStateBuilder::new()
        .with_config(session::settings(config, after_exchange))
        .with_query_planner(Arc::new(Made(plan)))
        .with_distributed_worker_resolver(Workers(workers))
        .with_distributed_user_codec(Codec)
        .with_distributed_desired_task_count_handler(tasks)
        .with_distributed_scale_up_leaf_node_handler(split);
    // Rows of all partitions come over one connection. Were it not read on while those of one wait to be merged, it might
    // never bring those that they wait for.
    let made = made
        .with_distributed_worker_connection_buffer_budget_bytes(usize::MAX)
        .and_then(|made| made.with_distributed_metrics_collection(measures))
        .and_then(|made| made.with_distributed_children_isolator_unions(is_mixed))
        .and_then(|made| made.with_distributed_compression(compression));
    Ok(made.map_err(of_datafusion)?.with_distributed_planner())
}

/// The query as it runs: its stages, or the plan itself where one task does it all.
pub(super) async fn plan(session: &SessionState, measures: bool) -> Result<Plan> {
    let nothing = LogicalPlanBuilder::empty(false).build().map_err(of_datafusion)?;
    let planned = session.query_planner().create_physical_plan(&nothing, session).await.map_err(of_datafusion)?;
    finish(planned, measures)
}

/// Stands where logical plans are planned, and gives a plan that is made already.
#[derive(Debug)]
struct Made(Plan);

#[async_trait]
impl QueryPlanner for Made {
    async fn create_physical_plan(&self, _: &LogicalPlan, _: &dyn Session) -> DfResult<Arc<dyn ExecutionPlan>> {
        Ok(self.0.clone())
    }
}

/// The workers of one query.
struct Workers(Vec<Url>);

impl WorkerResolver for Workers {
    fn get_urls(&self) -> DfResult<Vec<Url>> {
        Ok(self.0.clone())
    }
}

/// Over how many tasks a node may be spread.
fn tasks(event: DesiredTaskCountEvent<'_>) -> Option<DfResult<DesiredTaskCountEventResponse>> {
    let (plan, all) = (event.plan, partitions(event.plan));
    // Every task of a join has all of the side that is sent to each.
    let is_sent_to_all = plan.downcast_ref::<CoalescePartitionsExec>().is_some_and(|all| all.input().is::<BroadcastExec>());
    // A union is still one here only if its frames stay in order.
    if is_numbered(plan) || plan.is::<UnionExec>() || (all == 1 && !is_sent_to_all) {
        return Some(Ok(DesiredTaskCountEventResponse::maximum(1)));
    }
    is_scan(plan).then(|| Ok(DesiredTaskCountEventResponse::desired(all)))
}

/// What each task reads of a scan.
fn split(event: ScaleUpLeafNodeEvent<'_>) -> Option<DfResult<ScaleUpLeafNodeEventResponse>> {
    if !is_scan(event.plan) || event.task_count < 2 {
        return None;
    }
    let shares = Share::of_each(partitions(event.plan), event.task_count).into_iter().map(|share| share.over(event.plan));
    let shares = shares.collect::<Result<Vec<Plan>>>().map_err(to_datafusion);
    let leaf = shares.and_then(|shares| DistributedLeafExec::try_new(event.plan.clone(), shares));
    Some(leaf.map(|leaf| ScaleUpLeafNodeEventResponse::new(Arc::new(leaf))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DFrame, How, Window, col, count, lower::ConcatExec, on};
    use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
    use datafusion_distributed::{DistributedExec, NetworkBoundaryExt};
    use stratal_core::client::wait_for;

    fn planned(frame: &DFrame, workers: usize) -> Plan {
        let config = Config::default();
        let physical = session::physical_plan(&config, &frame.bound().unwrap(), 4, true).unwrap();
        let urls = (0..workers).map(|worker| Url::parse(&format!("http://127.0.0.1:{}", 4000 + worker)).unwrap()).collect();
        let session = session(&config, physical, urls, false).unwrap().build();
        wait_for(async move { plan(&session, false).await }).unwrap()
    }

    /// Files of one column each, and a frame over them.
    fn files(directory: &tempfile::TempDir, parts: usize) -> DFrame {
        for part in 0..parts {
            std::fs::write(directory.path().join(format!("{part}.csv")), format!("k,v\n{part},1\n7,2\n")).unwrap();
        }
        DFrame::read_csv(directory.path().join("*.csv").to_str().unwrap())
    }

    /// The tasks of all stages, in no order.
    fn stages(plan: &Plan) -> Vec<usize> {
        let mut tasks = Vec::new();
        plan.apply(|node| {
            tasks.extend(node.as_network_boundary().map(|boundary| boundary.input_stage().task_count()));
            Ok(TreeNodeRecursion::Continue)
        })
        .unwrap();
        tasks
    }

    #[test]
    fn scans_are_spread_over_the_workers_and_exchanges_stand_between_stages() {
        let directory = tempfile::tempdir().unwrap();
        let groups = files(&directory, 5).group_by("k").agg(count().alias("n"));
        let plan = planned(&groups, 3);
        assert!(plan.is::<DistributedExec>());
        assert_eq!(stages(&plan), [3, 3]);
        // One worker does it all.
        let plan = planned(&groups, 1);
        assert!(!plan.is::<DistributedExec>() && stages(&plan).is_empty());
        assert_eq!(partitions(&plan), 1);
    }

    #[test]
    fn what_is_in_one_partition_is_one_task() {
        let directory = tempfile::tempdir().unwrap();
        let one = files(&directory, 1).group_by("k").agg(count().alias("n"));
        let plan = planned(&one, 4);
        assert!(!plan.is::<DistributedExec>() && partitions(&plan) == 1);
    }

    #[test]
    fn heads_are_put_together_in_order_also_where_they_are_joined() {
        let directory = tempfile::tempdir().unwrap();
        let all = files(&directory, 4);
        for frame in [all.head(3), all.join(&all.head(3), on("k"))] {
            let plan = planned(&frame, 2);
            let mut heads = 0;
            plan.apply(|node| {
                heads += usize::from(node.is::<ConcatExec>());
                assert_ne!(node.name(), "InOrderExec");
                // Nothing takes the first rows that come.
                assert!(node.downcast_ref::<CoalescePartitionsExec>().is_none_or(|all| all.fetch().is_none()));
                Ok(TreeNodeRecursion::Continue)
            })
            .unwrap();
            assert!(heads > 0);
        }
    }

    #[test]
    fn a_filter_of_files_keeps_their_order() {
        let directory = tempfile::tempdir().unwrap();
        let plan = planned(&files(&directory, 6).filter(col("v").gt(0)), 3);
        let whole = plan.downcast_ref::<DistributedExec>().unwrap();
        assert_eq!(whole.children()[0].name(), "GatherExec");
    }
    #[test]
    fn frames_are_spread_over_tasks_only_where_nobody_sees_their_order() {
        let directories = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let frames = directories.each_ref().map(|directory| files(directory, 2));
        let all = DFrame::concat(&frames.each_ref(), How::ByName);
        let named = |frame: &DFrame, name: &str| {
            let mut found = 0;
            let count = |node: &Plan| {
                found += usize::from(node.name() == name);
                Ok(TreeNodeRecursion::Continue)
            };
            planned(frame, 2).apply(count).unwrap();
            found
        };
        let groups = all.group_by("k").agg(count().alias("n"));
        assert_eq!((named(&groups, "UnionExec"), named(&groups, "ChildrenIsolatorUnionExec")), (0, 1));
        for frame in [all.clone(), all.head(5), all.tail(5), all.sort("v"), all.head(5).group_by("k").agg(count().alias("n"))] {
            assert_eq!((named(&frame, "UnionExec"), named(&frame, "ChildrenIsolatorUnionExec")), (1, 0));
        }
    }

    /// How many tasks the stage of a plan has in which a node of this name stands. `tasks` has the one that the plan is in.
    fn tasks_of(plan: &Plan, tasks: usize, name: &str) -> Option<usize> {
        if plan.name() == name {
            return Some(tasks);
        }
        let tasks = plan.as_network_boundary().map_or(tasks, |boundary| boundary.input_stage().task_count());
        plan.children().into_iter().find_map(|input| tasks_of(input, tasks, name))
    }

    #[test]
    fn rows_of_files_and_of_exchanges_are_numbered_by_all_tasks_and_others_by_one() {
        let directory = tempfile::tempdir().unwrap();
        let all = files(&directory, 6);
        let over_groups = all.with_column("first", col("v").first().over(Window::by("k")));
        let over_all = all.with_column("first", col("v").first().over(Window::all()));
        let (firsts, totals) = (all.group_by("k").agg(col("v").first()), all.group_by("k").agg(count().alias("n")));
        let filtered = all.filter(col("v").gt(1)).sort(col("k").desc()).head(2);
        for frame in [all.sort("v"), filtered, all.group_by("k").top(1, ()), over_groups, over_all, firsts] {
            assert_eq!(tasks_of(&planned(&frame, 3), 1, "RowIdsExec"), Some(3), "{frame}");
        }
        // Rows that were exchanged, also those of two sides that were exchanged alike.
        let joined = all.join(&totals, on("k").full());
        let first = |window: Window| totals.with_column("first", col("k").first().over(window));
        let over = [first(Window::by("n")), first(Window::all())];
        let sorted = [totals.sort("n"), joined.sort("v"), all.unique("k").sort("v"), all.unique(()).sort("v")];
        for frame in sorted.into_iter().chain(over).chain([totals.group_by("n").top(1, ())]) {
            assert_eq!(tasks_of(&planned(&frame, 3), 1, "RowIdsExec"), Some(3), "{frame}");
        }
        // Rows that are one frame's after another's, that were sorted, or that are the first; and those of a sample, whose
        // partitions must all be there.
        let stacked = DFrame::concat(&[&all, &all.filter(col("v").gt(1))], How::ByName);
        let of_groups = DFrame::concat(&[&totals, &totals.filter(col("n").gt(1))], How::ByName);
        for frame in [stacked, of_groups, totals.sort("n"), totals.head(3), all.sample(0.5, 1), totals.sample(0.5, 1)] {
            assert_eq!(tasks_of(&planned(&frame.sort("k"), 3), 1, "RowIdsExec"), Some(1), "{frame}");
        }
        assert_eq!(tasks_of(&planned(&all.sample(0.5, 1), 3), 1, "SampleExec"), Some(1));
    }
}
