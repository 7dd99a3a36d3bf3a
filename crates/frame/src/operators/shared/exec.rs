//! The node: a place that reads rows which other places of the plan read too.

use super::{Open, reader::Reader, registry::SharedRegistry, rows::SharedRows};
use crate::{
    leaf::with_one_input,
    lower::{Class, OwnNode, Plan},
};
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{
        ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties, Statistics, StatisticsArgs,
        coop::cooperative,
    },
};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    sync::{Arc, OnceLock},
};
use stratal_core::Result;

/// Which rows are read, and by how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sharing {
    /// The number of the rows, in the plan.
    pub(crate) id: u32,
    /// The number of this place among those that read them.
    pub(crate) reader: u32,
    /// How many places read them.
    pub(crate) readers: u32,
}

/// The rows of its input, in the same partitions and the same order, made once for all places that share them.
///
/// The inputs of all these places are copies of one plan. The node comes into a plan when that is optimized already, so that no
/// rule makes two of them differ.
#[derive(Debug)]
pub(crate) struct SharedExec {
    sharing: Sharing,
    input: Plan,
    properties: Arc<PlanProperties>,
    /// What the places of this attempt share, from the first execution on; it lives as long as one of them.
    rows: OnceLock<Arc<SharedRows>>,
}

impl SharedExec {
    pub(crate) fn new(sharing: Sharing, input: Plan) -> Self {
        SharedExec { sharing, properties: input.properties().clone(), input, rows: OnceLock::new() }
    }

    pub(crate) fn sharing(&self) -> Sharing {
        self.sharing
    }

    pub(crate) fn input(&self) -> &Plan {
        &self.input
    }

    /// The same over another input, with nothing of an attempt.
    fn over(&self, input: Plan) -> Self {
        SharedExec::new(self.sharing, input)
    }

    /// What is shared; none where a plan is run by itself, outside of a task.
    fn rows(&self, context: &TaskContext) -> Option<Arc<SharedRows>> {
        if let Some(rows) = self.rows.get() {
            return Some(rows.clone());
        }
        let registry = context.session_config().get_extension::<SharedRegistry>()?;
        let (readers, partitions) = (self.sharing.readers as usize, self.input.output_partitioning().partition_count());
        let rows = registry.rows(self.sharing.id, |all| SharedRows::new(readers, partitions, all, context.memory_pool()));
        Some(self.rows.get_or_init(|| rows).clone())
    }
}

impl OwnNode for SharedExec {
    type Wire = Sharing;
    const NAME: &'static str = "SharedExec";

    /// All places of a number stand in one plan, of which no part is cut off: what runs as layers is not shared.
    fn class(&self) -> Class {
        Class::Local
    }

    fn layer(&self) -> Option<String> {
        None
    }

    fn wire(&self) -> Sharing {
        self.sharing
    }

    fn of_wire(sharing: Sharing, mut inputs: Vec<Plan>) -> Result<Self> {
        Ok(SharedExec::new(sharing, inputs.swap_remove(0)))
    }
}

impl DisplayAs for SharedExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedExec: {}, read by {}", self.sharing.id, self.sharing.readers)
    }
}

impl ExecutionPlan for SharedExec {
    fn name(&self) -> &'static str {
        "SharedExec"
    }

    with_one_input!();

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    /// Those of its input: what is shared in turn may be read by joins, whose sides are chosen when this node is in place already.
    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], _: &StatisticsArgs) -> DfResult<Arc<Statistics>> {
        Ok(inputs.first().cloned().unwrap_or_else(|| Arc::new(Statistics::new_unknown(&self.schema()))))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let reader = self.sharing.reader as usize;
        // A partition that a place reads a second time is made by its own plan.
        let Some(rows) = self.rows(&context).filter(|rows| rows.sit_down(reader, partition)) else {
            return self.input.execute(partition, context);
        };
        let (input, schema) = (self.input.clone(), self.schema());
        let own: Open = Arc::new(move |partition| input.execute(partition, context.clone()));
        Ok(Box::pin(cooperative(Reader::new(rows, (reader, partition), own, schema))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{frame, session};
    use datafusion::{
        common::stats::Precision,
        physical_plan::{StatisticsContext, displayable},
    };
    use stratal_core::config::Config;

    #[test]
    fn what_is_known_of_the_rows_is_known_above_the_node() {
        let rows = frame! { "x" => [1i64, 2, 3] }.bound().unwrap();
        let input = session::physical_plan(&Config::default(), &rows, 1, false).unwrap();
        let shared: Plan = Arc::new(SharedExec::new(Sharing { id: 1, reader: 0, readers: 2 }, input));
        let known = StatisticsContext::new().compute(shared.as_ref(), &StatisticsArgs::new()).unwrap();
        assert_eq!(known.num_rows, Precision::Exact(3), "{}", displayable(shared.as_ref()).indent(false));
    }
}
