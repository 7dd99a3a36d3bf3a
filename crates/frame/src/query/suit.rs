//! Which plans the query engine runs, and which it should.
//!
//! It runs what is known node by node: a partition depends on nothing but the same partition below, or rows change partitions
//! in a way that its planner knows. Everything else is refused, and runs as layers.

use super::{share::is_in_shares, unions};
use crate::{
    expr::Mapped,
    lower::{Class, ConcatExec, OperatorExec, Plan, TailExec, class, estimated, is_own},
    operators::{Asof, CountDistinct, Explode, Hstack, PartialTop, RowIds, Sample, SampleN, Top, UniqueKeys, Unpivot, window::WindowExec},
    run::Target,
    source::{DelayedExec, HeldExec, csv::CsvScanExec, ipc::IpcScanExec, json::JsonScan, parquet::ParquetScanExec},
};
use arrow_schema::DataType;
use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    physical_expr::ScalarFunctionExpr,
    physical_plan::{
        ExecutionPlanProperties, aggregates::AggregateExec, empty::EmptyExec, placeholder_row::PlaceholderRowExec,
        repartition::RepartitionExec,
    },
};
use stratal_core::config::{Exchange, show_bytes};

/// Whether the engine runs a plan: why it does, or why not. `is_wanted` says that the user asks for it.
pub(crate) fn suits(plan: &Plan, target: &Target, is_wanted: bool) -> Result<String, String> {
    if target.config.execution.exchange == Exchange::Pipe {
        return Err("execution.exchange is pipe".to_owned());
    }
    if plan.is::<RepartitionExec>() {
        return Err("its rows are spread for whoever reads them".to_owned());
    }
    if let Some(why) = refusal(plan) {
        return Err(why);
    }
    if is_wanted {
        return Ok("execution.engine says so".to_owned());
    }
    if target.workers == 0 {
        return Err("no worker serves queries".to_owned());
    }
    if !reads_files(plan) {
        return Err("not all of its rows are in files".to_owned());
    }
    if !moves_rows(plan) {
        return Err("none of its rows change partitions, so that each task is on its own".to_owned());
    }
    if unions::in_order(plan) {
        return Err("its frames are put one after another, which is one task of a query".to_owned());
    }
    let bytes = bytes_read(plan);
    // All rows of the result are in the worker that runs the task.
    let (workers, holder) = if gives_few(plan) { (target.workers, "the workers") } else { (1, "the worker of its result") };
    let memory = target.memory.map(|each| each.saturating_mul(u64::from(workers)));
    match memory {
        Some(memory) if bytes > memory / 2 => {
            Err(format!("it reads {}, which is more than half of the {} that {holder} may hold", show_bytes(bytes), show_bytes(memory)))
        }
        _ => Ok(format!("it reads files alone, {}, and fits in memory", show_bytes(bytes))),
    }
}

/// Why the engine does not run a plan; none where it does.
fn refusal(plan: &Plan) -> Option<String> {
    of_node(plan).or_else(|| plan.children().into_iter().find_map(refusal))
}

/// [`refusal`] of a node alone.
fn of_node(plan: &Plan) -> Option<String> {
    if plan.is::<HeldExec>() {
        return Some("it reads rows that are kept in the stores".to_owned());
    }
    if plan.is::<DelayedExec>() {
        return Some("it reads what functions give".to_owned());
    }
    if calls_functions(plan) {
        return Some("it calls functions of the program, which not every worker may have".to_owned());
    }
    // The engine's encoder says that they are lists of 32-bit offsets.
    if plan.schema().fields().iter().any(|field| has_large_lists(field.data_type())) {
        return Some("it has lists of 64-bit offsets, which do not pass between the stages of a query".to_owned());
    }
    match class(plan) {
        Class::Call => Some("it calls functions on partitions".to_owned()),
        Class::Exchange | Class::Regroup => Some("it asks for partitions of its own".to_owned()),
        Class::Other => Some(format!("{} needs all partitions in one process", plan.name())),
        // The engine would drop the first of the two.
        Class::Merge if plan.children()[0].is::<RepartitionExec>() => Some("its rows are spread and put together at once".to_owned()),
        _ if is_own(plan) && !is_known(plan) => Some(format!("{} is not known to run in stages", plan.name())),
        _ => None,
    }
}

/// Whether a node of ours does the same in a stage of several tasks, or in one of a single task.
fn is_known(plan: &Plan) -> bool {
    is_scan(plan)
        || is_numbered(plan)
        || plan.is::<ConcatExec>()
        || plan.is::<TailExec>()
        || plan.is::<WindowExec>()
        || plan.is::<OperatorExec<Asof>>()
        || plan.is::<OperatorExec<CountDistinct>>()
        || plan.is::<OperatorExec<Explode>>()
        || plan.is::<OperatorExec<Hstack>>()
        || plan.is::<OperatorExec<PartialTop>>()
        || plan.is::<OperatorExec<RowIds>>()
        || plan.is::<OperatorExec<Top>>()
        || plan.is::<OperatorExec<UniqueKeys>>()
        || plan.is::<OperatorExec<Unpivot>>()
}

/// Whether it reads files, a part of one a partition.
pub(super) fn is_scan(plan: &Plan) -> bool {
    plan.is::<CsvScanExec>() || plan.is::<OperatorExec<JsonScan>>() || plan.is::<ParquetScanExec>() || plan.is::<IpcScanExec>()
}

/// Whether what it gives depends on the numbers of its partitions, so that all of them must be in one task. Rows are numbered in
/// several, where each of these has a share of the partitions.
pub(super) fn is_numbered(plan: &Plan) -> bool {
    let is_shared = || plan.children().into_iter().all(is_in_shares);
    let numbers_rows = plan.is::<OperatorExec<RowIds>>();
    plan.is::<OperatorExec<Sample>>() || plan.is::<OperatorExec<SampleN>>() || (numbers_rows && !is_shared())
}

/// Whether an expression of a node calls a function of the user's. The engine sends no more of functions than their names.
fn calls_functions(plan: &Plan) -> bool {
    let mut found = false;
    // The visitors never fail.
    let _ = plan.apply_expressions(&mut |expr| {
        let calls = expr.exists(|part| Ok(part.downcast_ref::<ScalarFunctionExpr>().is_some_and(|call| call.fun().inner().is::<Mapped>())));
        found |= calls.unwrap_or_default();
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}

fn has_large_lists(data_type: &DataType) -> bool {
    match data_type {
        DataType::LargeList(_) => true,
        DataType::List(item) | DataType::ListView(item) | DataType::LargeListView(item) => has_large_lists(item.data_type()),
        DataType::FixedSizeList(item, _) | DataType::Map(item, _) | DataType::RunEndEncoded(_, item) => has_large_lists(item.data_type()),
        DataType::Dictionary(_, values) => has_large_lists(values),
        DataType::Struct(fields) => fields.iter().any(|field| has_large_lists(field.data_type())),
        DataType::Union(fields, _) => fields.iter().any(|(_, field)| has_large_lists(field.data_type())),
        _ => false,
    }
}

/// Whether all its leaves read files, or are without rows of their own; one at least does.
fn reads_files(plan: &Plan) -> bool {
    fn count(plan: &Plan) -> Option<usize> {
        if is_scan(plan) {
            return Some(1);
        }
        let children = plan.children();
        let is_bare = plan.is::<EmptyExec>() || plan.is::<PlaceholderRowExec>();
        if children.is_empty() && !is_bare {
            return None;
        }
        children.into_iter().map(count).sum()
    }
    count(plan).is_some_and(|scans| scans > 0)
}

/// Whether rows pass from one partition to another.
fn moves_rows(plan: &Plan) -> bool {
    matches!(class(plan), Class::Shuffle | Class::Merge | Class::Broadcast) || plan.children().into_iter().any(moves_rows)
}

/// Whether what it gives is little beside what it reads: groups, or the first rows.
fn gives_few(plan: &Plan) -> bool {
    let children = plan.children();
    let is_grouped = plan.is::<AggregateExec>() || plan.is::<OperatorExec<CountDistinct>>();
    is_grouped || plan.fetch().is_some() || (!children.is_empty() && children.into_iter().all(gives_few))
}

/// Bytes of what its scans read.
fn bytes_read(plan: &Plan) -> u64 {
    if let Some(scan) = plan.downcast_ref::<CsvScanExec>() {
        return scan.bytes();
    }
    if let Some(scan) = plan.downcast_ref::<OperatorExec<JsonScan>>() {
        return scan.operator().bytes();
    }
    if is_scan(plan) {
        return estimated(plan).and_then(|known| known.total_byte_size.get_value().copied()).map_or(0, |bytes| bytes as u64);
    }
    plan.children().into_iter().map(bytes_read).fold(0, u64::saturating_add)
}

/// How many partitions a plan has.
pub(super) fn partitions(plan: &Plan) -> usize {
    plan.output_partitioning().partition_count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DFrame, How, col, count, session};
    use arrow_schema::Field;
    use std::{fs, sync::Arc};
    use stratal_core::config::Config;

    #[test]
    fn large_lists_are_found_at_any_depth() {
        let field = |of: DataType| Arc::new(Field::new("item", of, true));
        let large = DataType::LargeList(field(DataType::Int64));
        let small = DataType::List(field(DataType::Int64));
        for (inner, found) in [(large, true), (small, false)] {
            assert_eq!(has_large_lists(&inner), found);
            let within = [
                DataType::List(field(inner.clone())),
                DataType::FixedSizeList(field(inner.clone()), 2),
                DataType::Struct(vec![field(DataType::Utf8), field(inner)].into()),
            ];
            assert!(within.iter().all(|within| has_large_lists(within) == found));
        }
        assert!(!has_large_lists(&DataType::LargeUtf8));
    }
    #[test]
    fn a_result_of_all_rows_must_fit_in_one_worker() {
        let directory = tempfile::tempdir().unwrap();
        for part in 0..4 {
            fs::write(directory.path().join(format!("{part}.csv")), format!("k,v\n{}", "1,2\n".repeat(2500))).unwrap();
        }
        let rows = DFrame::read_csv(directory.path().join("*.csv").to_str().unwrap());
        let said = |frame: &DFrame, memory: u64| {
            let config = Arc::new(Config::default());
            let plan = session::physical_plan(&config, &frame.bound().unwrap(), 4, true).unwrap();
            let place = "the cluster";
            suits(&plan, &Target { config, partitions: 4, is_cut: true, is_here: false, place, workers: 4, memory: Some(memory) }, false)
        };
        // 40 kB in all.
        let (sorted, groups) = (rows.sort("v"), rows.group_by("k").agg(count().alias("n")));
        assert!(said(&groups, 30_000).is_ok() && said(&sorted, 100_000).is_ok());
        assert!(said(&groups, 10_000).unwrap_err().ends_with(" that the workers may hold"));
        assert!(said(&sorted, 30_000).unwrap_err().ends_with(" that the worker of its result may hold"));
        // What a query would do in one task.
        let both = DFrame::concat(&[&rows, &rows.filter(col("k").gt(0))], How::ByName);
        assert!(said(&both.sort("v"), 1 << 30).unwrap_err().starts_with("its frames are put one after another"));
        assert!(said(&both.group_by("k").agg(count().alias("n")), 1 << 30).is_ok());
    }
}
