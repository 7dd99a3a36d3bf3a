//! [`Sample`] and [`SampleN`]: some rows, by chance.

use super::node::{Node, NodeKind};
use crate::{
    lower::{OperatorExec, Plan},
    operators,
};
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::Result;

/// Each row by its own chance.
#[derive(Debug)]
struct Sample {
    fraction: f64,
    seed: u64,
}

/// Each row by the chance `fraction`, which is from 0 to 1.
pub(crate) fn sample(input: LogicalPlan, fraction: f64, seed: u64) -> LogicalPlan {
    Node::same(Sample { fraction, seed }, input)
}

impl NodeKind for Sample {
    fn name(&self) -> &'static str {
        "Sample"
    }

    fn arguments(&self) -> String {
        format!("fraction={}, seed={}", self.fraction, self.seed)
    }

    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        Ok(Arc::new(OperatorExec::new(operators::Sample { fraction: self.fraction, seed: self.seed }, inputs)?))
    }
}

/// So many rows.
#[derive(Debug)]
struct SampleN {
    rows: usize,
    seed: u64,
}

/// `rows` rows of all, each as likely as any other; all, if there are fewer.
pub(crate) fn sample_n(input: LogicalPlan, rows: usize, seed: u64) -> LogicalPlan {
    Node::same(SampleN { rows, seed }, input)
}

impl NodeKind for SampleN {
    fn name(&self) -> &'static str {
        "SampleN"
    }

    fn arguments(&self) -> String {
        format!("rows={}, seed={}", self.rows, self.seed)
    }

    fn plan(&self, mut inputs: Vec<Plan>) -> Result<Plan> {
        operators::SampleN::of_all(inputs.swap_remove(0), self.rows, self.seed)
    }
}
