//! Whether one process collects the build side of a join once, or spreads both sides by the hash of their keys.
//!
//! What is collected is put into one table by one thread, and the rows of the other side stay where they are. What is spread is put
//! into a table by each thread, and every row of both sides is hashed, copied and handed over first. A row that is put into a table
//! costs about [`BUILT`] times as much as one that is handed over; so the table is collected where the other side is so much larger
//! that handing its rows over would take longer than the threads that wait for the one that builds.
//!
//! DataFusion asks how large the build side is, and not beside what: a tenth of a million rows at most are collected. That stays
//! the rule for plans that are cut, where each task would get a copy of its own.

use super::class::{Plan, estimated};
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};

/// What it costs to put a row into a table of a join, where handing one over costs 1.
const BUILT: usize = 2;

/// Whether a join that spreads its sides over `spread` partitions should collect the one that it reads first.
pub(super) fn is_cheaper_collected(join: &HashJoinExec, spread: usize) -> bool {
    if *join.partition_mode() != PartitionMode::Partitioned {
        return false;
    }
    match (rows(join.left()), rows(join.right())) {
        (Some(build), Some(probe)) => is_cheaper(build, probe, spread),
        _ => false,
    }
}

/// The rule, of so many rows on either side.
fn is_cheaper(build: usize, probe: usize, spread: usize) -> bool {
    let waits = build.saturating_mul(BUILT).saturating_mul(spread.saturating_sub(1));
    waits <= build.saturating_add(probe)
}

/// About how many rows a plan gives, where that is known.
fn rows(plan: &Plan) -> Option<usize> {
    estimated(plan)?.num_rows.get_value().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DFrame, on, session};
    use arrow_array::{ArrayRef, Int64Array, RecordBatch};
    use datafusion::physical_plan::displayable;
    use std::sync::Arc;
    use stratal_core::config::Config;

    /// So many rows in two partitions.
    fn rows(all: i64, value: &str) -> DFrame {
        let part = |keys: std::ops::Range<i64>| {
            let keys: ArrayRef = Arc::new(Int64Array::from_iter_values(keys));
            RecordBatch::try_from_iter([("key", keys.clone()), (value, keys)]).unwrap()
        };
        let parts = [part(0..all / 2), part(all / 2..all)];
        DFrame::from_batches(parts[0].schema(), parts)
    }

    /// How the join of a plan gets at its sides.
    fn mode(frame: &DFrame, is_cut: bool) -> &'static str {
        let plan = session::physical_plan(&Config::default(), &frame.bound().unwrap(), 4, is_cut).unwrap();
        let text = displayable(plan.as_ref()).indent(false).to_string();
        match (text.contains("mode=CollectLeft"), text.contains("mode=Partitioned")) {
            (true, false) => "collected",
            (false, true) => "spread",
            _ => panic!("{text}"),
        }
    }

    #[test]
    fn joins_that_are_not_cut_collect_what_is_small_beside_the_other_side() {
        // More than DataFusion would collect.
        let (few, many) = (rows(200_000, "few"), rows(2_000_000, "many"));
        assert_eq!((mode(&many.join(&few, on("key")), false), mode(&few.join(&many, on("key")), false)), ("collected", "collected"));
        assert_eq!(mode(&many.join(&few, on("key")), true), "spread");
        assert_eq!(mode(&rows(300_000, "other").join(&few, on("key")), false), "spread");
        assert_eq!(mode(&many.join(&few, on("key").broadcast(false)), false), "spread");
    }

    #[test]
    fn a_side_is_collected_beside_one_that_is_large_enough_for_so_many_threads() {
        assert!(is_cheaper(200_000, 6_000_000, 2) && is_cheaper(200_000, 6_000_000, 8));
        assert!(!is_cheaper(1_000_000, 6_000_000, 8));
        assert!(is_cheaper(1_000_000, 1_000_000, 2) && !is_cheaper(1_000_000, 1_000_000, 3));
    }

    #[test]
    fn nothing_is_handed_over_where_there_is_one_partition() {
        assert!(is_cheaper(1_000_000, 0, 1));
    }

    #[test]
    fn sides_of_any_size_are_compared() {
        assert!(is_cheaper(usize::MAX / 8, usize::MAX, 2));
        assert!(!is_cheaper(usize::MAX / 8, usize::MAX / 4, 16));
    }
}
