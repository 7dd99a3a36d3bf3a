//! `sample`, `sample_n`: some rows, by chance.

use super::{Reach, Transform};
use crate::nodes;
use datafusion::logical_expr::LogicalPlan;
use stratal_core::{Error, ErrorKind, Result};

/// Each row by its own chance.
pub(crate) struct Sample {
    pub(crate) fraction: f64,
    pub(crate) seed: u64,
}

impl Transform for Sample {
    fn name(&self) -> &'static str {
        "sample"
    }

    fn arguments(&self) -> String {
        format!("{}, {}", self.fraction, self.seed)
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        if !(0.0..=1.0).contains(&self.fraction) {
            let message = format!("a fraction of {} is not from 0 to 1", self.fraction);
            return Err(
                Error::new(ErrorKind::BadValue, message).with_help("0.1 is a tenth of the rows; sample_n(..) takes a number of rows")
            );
        }
        Ok(nodes::sample(input, self.fraction, self.seed))
    }
}

/// So many rows.
pub(crate) struct SampleN {
    pub(crate) rows: usize,
    pub(crate) seed: u64,
}

impl Transform for SampleN {
    fn name(&self) -> &'static str {
        "sample_n"
    }

    fn arguments(&self) -> String {
        format!("{}, {}", self.rows, self.seed)
    }

    fn reach(&self) -> Reach {
        Reach::Partitions
    }

    fn apply(&self, input: LogicalPlan) -> Result<LogicalPlan> {
        Ok(nodes::sample_n(input, self.rows, self.seed))
    }
}
