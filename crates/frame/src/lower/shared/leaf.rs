//! [`SharedLeaf`]: what stands in a physical plan for rows that are shared, while that plan is optimized.
//!
//! It has the rows' own plan in it, and no inputs: what rules would do to one of the places that read it would have to be done to all.

use crate::{error::to_datafusion, leaf::without_inputs, lower::Plan};
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, Statistics, StatisticsArgs, StatisticsContext},
};
use std::{fmt, sync::Arc};
use stratal_core::Error;

/// A place that reads rows which others read too. It cannot be executed.
#[derive(Debug)]
pub(super) struct SharedLeaf {
    pub(super) id: u32,
    pub(super) rows: Plan,
    properties: Arc<PlanProperties>,
}

impl SharedLeaf {
    pub(super) fn new(id: u32, rows: Plan) -> Self {
        SharedLeaf { id, properties: rows.properties().clone(), rows }
    }
}

impl DisplayAs for SharedLeaf {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedLeaf: {}", self.id)
    }
}

impl ExecutionPlan for SharedLeaf {
    fn name(&self) -> &'static str {
        "SharedLeaf"
    }

    without_inputs!();

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], args: &StatisticsArgs) -> DfResult<Arc<Statistics>> {
        StatisticsContext::new().compute(self.rows.as_ref(), args)
    }

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        Err(to_datafusion(Error::internal("rows that are shared were not put in place")))
    }
}
