//! A write as a graph: the layers of the plan, with the writing at the end of the last, and one task that commits.

use super::{
    commit::{CommitBody, take_back},
    operator::WriteFiles,
    options::Job,
    target::{Layout, Target},
};
use crate::{
    lower::{ConcatExec, OperatorExec, Plan, lower},
    steps::Step,
};
use datafusion::physical_plan::ExecutionPlanProperties;
use std::sync::Arc;
use stratal_core::{
    Error, Result,
    graph::{EdgeMap, Layer, LayerSpec, LayeredGraph, Repeat},
};

/// A write that is not committed. What it left is removed when this is dropped.
pub(crate) struct Unfinished(Option<Target>);

impl Unfinished {
    /// The commit is done.
    pub(crate) fn committed(mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(target) = &self.0 {
            take_back(target);
            target.sweep();
        }
    }
}

impl Job {
    /// The graph that writes the rows of a plan, which is that of these steps.
    ///
    /// # Errors
    /// Everything that can be wrong with the options and with what is there already.
    pub(crate) fn lower(&self, steps: &[Arc<Step>], plan: Plan, is_cut: bool) -> Result<(LayeredGraph, Unfinished)> {
        let partitions = plan.output_partitioning().partition_count();
        let target = self.target(steps, &plan.schema(), partitions)?;
        // Files of some formats are one file when they stand one after another; those of others are written by one task.
        let is_put_together = target.format.concatenates() && target.site.is_local() && partitions > 0;
        let plan: Plan = match target.layout {
            Layout::File if partitions != 1 && !is_put_together => Arc::new(ConcatExec::new(plan, None)),
            _ => plan,
        };
        let writing: Plan = Arc::new(OperatorExec::new(WriteFiles(target.clone()), vec![plan])?);
        let mut graph = lower(writing, is_cut)?;
        let written = graph.outputs.pop().ok_or_else(|| Error::internal("a plan without a last layer"))?.layer;
        let mut spec = LayerSpec::new("commit", 1).reads(written, EdgeMap::All);
        spec.repeat = Repeat::Commit;
        let commit = graph.push(Layer::uniform(spec, CommitBody(target.clone()).template()));
        graph.want(commit, "commit");
        let unfinished = Unfinished(Some(target.clone()));
        target.prepare()?;
        Ok((graph, unfinished))
    }
}
