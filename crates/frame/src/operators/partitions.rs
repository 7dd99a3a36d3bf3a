//! [`Partitions`]: some of the partitions of its input. The others are not made.

use super::repartition::{count, one_after_another};
use crate::lower::{Class, Operator, OperatorExec, Plan};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use serde::{Deserialize, Serialize};
use std::{iter, ops::Range, sync::Arc};
use stratal_core::Result;

/// The partitions of its input from number `start` up to `end`, as far as there are any. Of none, one without rows is left.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Partitions {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Partitions {
    /// For each of its partitions, those of the input that it is, of `all`.
    pub(crate) fn runs(&self, all: usize) -> Vec<Range<usize>> {
        let chosen = self.start.min(all)..self.end.min(all);
        match chosen.is_empty() {
            true => iter::once(0..0).collect(),
            false => chosen.map(|partition| partition..partition + 1).collect(),
        }
    }
}

impl Operator for Partitions {
    const NAME: &'static str = "PartitionsExec";

    fn layer(&self) -> Option<String> {
        Some("partitions".to_owned())
    }

    fn arguments(&self) -> String {
        format!("{}..{}", self.start, self.end)
    }

    fn class(&self, _: &[&Plan]) -> Class {
        Class::Regroup
    }

    fn partitions(&self, inputs: &[Plan]) -> usize {
        self.runs(count(&inputs[0])).len()
    }

    fn sees_order(&self) -> bool {
        true
    }

    /// Whole partitions are taken.
    fn takes_by_place(&self) -> bool {
        false
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = &node.inputs()[0];
        let run = self.runs(count(input)).swap_remove(partition);
        Ok(one_after_another(input, run, context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_past_the_end_is_cut_off_and_nothing_is_one_empty_partition() {
        let runs = |start, end| Partitions { start, end }.runs(3);
        assert_eq!(runs(0, 2), [0..1, 1..2]);
        assert_eq!(runs(2, usize::MAX), std::slice::from_ref(&(2..3)));
        for (start, end) in [(3, 9), (1, 1), (2, 1)] {
            assert_eq!(runs(start, end), std::slice::from_ref(&(0..0)), "{start}..{end}");
        }
    }
}
