//! The steps as they were recorded: one layer a step, unoptimized, in their order.
//!
//! Steps that look at rows one by one read their predecessor partition by partition; all others read the whole of it, and
//! of the other frames that they take in, in one task (`concat` in one task a frame). What calls a function of the user's is a
//! layer of its own, behind one that brings rows into the order which it wants. Slow, simple, and right: the oracle that the
//! optimized graph is held against.

use super::{
    call::CallExec,
    edge_input::{EdgeInputExec, Feed},
    layers::Layers,
    names,
    plan_kind::{Output, PlanBody},
};
use crate::{
    bind::{bind, scan},
    leaf::LeafTable,
    session::physical_plan,
    source::DelayedExec,
    steps::{Op, Reach, Step},
};
use arrow_schema::SchemaRef;
use datafusion::{
    logical_expr::LogicalPlan,
    physical_plan::{ExecutionPlan, ExecutionPlanProperties, Partitioning},
};
use std::{collections::HashMap, sync::Arc};
use stratal_core::{
    Error, LayerId, Result,
    config::Config,
    graph::{EdgeMap, Layer, LayerSpec, LayeredGraph},
};

/// The graph of the steps as they were written.
pub(crate) fn written(steps: &[Arc<Step>], config: &Config) -> Result<LayeredGraph> {
    bind(steps, config)?;
    let mut writer = Writer { config, layers: Layers::default(), done: HashMap::new() };
    let last = writer.steps(steps)?.layer;
    writer.layers.finish(last)?.lower()
}

/// A layer that was written: what those that read it must know.
#[derive(Clone)]
struct Written {
    layer: LayerId,
    schema: SchemaRef,
    partitions: usize,
}

impl Written {
    fn of(layer: LayerId, plan: &Arc<dyn ExecutionPlan>) -> Self {
        Written { layer, schema: plan.schema(), partitions: plan.output_partitioning().partition_count() }
    }

    /// What it left, as input number `input` of a layer that reads it.
    fn table(&self, input: usize, feed: Feed) -> Result<LogicalPlan> {
        let partitions = if feed == Feed::Together { 1 } else { self.partitions };
        let partitioning = Partitioning::UnknownPartitioning(partitions);
        scan("input", Arc::new(LeafTable::new(EdgeInputExec::new(input, feed, self.schema.clone(), partitioning, None))))
    }
}

struct Writer<'a> {
    config: &'a Config,
    layers: Layers,
    /// By step: frames that begin with the same steps share their layers.
    done: HashMap<*const Step, Written>,
}

impl Writer<'_> {
    /// The layers of a frame; the last of them.
    fn steps(&mut self, steps: &[Arc<Step>]) -> Result<Written> {
        let mut last: Option<Written> = None;
        for (at, step) in steps.iter().enumerate() {
            let written = match self.done.get(&Arc::as_ptr(step)) {
                Some(done) => done.clone(),
                None => self.step(step, at, last.take())?,
            };
            self.done.insert(Arc::as_ptr(step), written.clone());
            last = Some(written);
        }
        last.ok_or_else(|| Error::internal("a frame without steps"))
    }

    fn step(&mut self, step: &Step, at: usize, before: Option<Written>) -> Result<Written> {
        match (step.op(), before) {
            (Op::Source(source), None) => {
                let bound = step.bound().ok_or_else(|| Error::internal("a step was not bound"))?;
                self.source(source.layer(), bound)
            }
            (Op::Transform(transform), Some(before)) => {
                let (feed, map) = match transform.reach() {
                    Reach::Row => (Feed::Task, EdgeMap::OneToOne),
                    Reach::Partitions => (Feed::Source, EdgeMap::All),
                    Reach::All => (Feed::Together, EdgeMap::All),
                };
                let plan = transform.apply(before.table(0, feed)?).map_err(|error| step.blame(error, at))?;
                self.push(transform.layer(), &plan, [(before.layer, map)])
            }
            (Op::Combine(combine, others), Some(before)) => {
                let mut all = vec![before];
                for other in others {
                    all.push(self.steps(other)?);
                }
                let tables = all.iter().enumerate().map(|(input, written)| written.table(input, Feed::Together));
                let tables = tables.collect::<Result<Vec<_>>>()?;
                let plan = combine.apply(tables).map_err(|error| step.blame(error, at))?;
                self.push(combine.layer(), &plan, all.iter().map(|written| (written.layer, EdgeMap::All)))
            }
            _ => Err(Error::internal("a frame begins with one source")),
        }
    }

    fn source(&mut self, name: String, bound: &LogicalPlan) -> Result<Written> {
        let plan = physical_plan(self.config, bound, 1, false)?;
        if !plan.is::<DelayedExec>() {
            return Ok(match self.layers.stored(&plan, Some(&name)) {
                Some(layer) => Written::of(layer, &plan),
                None => self.write(name, plan, []),
            });
        }
        let calls = self.layers.stored(&plan, None).ok_or_else(|| Error::internal("results of calls have no layer"))?;
        let leaf = EdgeInputExec::new(0, Feed::Task, plan.schema(), plan.output_partitioning().clone(), None);
        Ok(self.write(name, Arc::new(leaf.of_declared()), [(calls, EdgeMap::OneToOne)]))
    }

    fn push(&mut self, name: String, plan: &LogicalPlan, inputs: impl IntoIterator<Item = (LayerId, EdgeMap)>) -> Result<Written> {
        let plan = physical_plan(self.config, plan, 1, false)?;
        let Some(call) = plan.downcast_ref::<CallExec>() else { return Ok(self.write(name, plan, inputs)) };
        let inputs: Vec<(LayerId, EdgeMap)> = inputs.into_iter().collect();
        let before = match &inputs[..] {
            [(before, EdgeMap::OneToOne)] if call.input().is::<EdgeInputExec>() => Some(*before),
            _ => None,
        };
        let input = match before {
            Some(before) => before,
            None => self.write(names::parts(call.input()).join("+"), call.input().clone(), inputs).layer,
        };
        Ok(Written::of(self.layers.call(call, input), &plan))
    }

    fn write(&mut self, name: String, plan: Arc<dyn ExecutionPlan>, inputs: impl IntoIterator<Item = (LayerId, EdgeMap)>) -> Written {
        let spec = LayerSpec::new(name, plan.output_partitioning().partition_count() as u32);
        let mut spec = inputs.into_iter().fold(spec, |spec, (from, map)| spec.reads(from, map));
        spec.repeat = self.layers.repeat(&plan, &spec);
        let body = PlanBody::new(plan.clone(), Output::Value);
        Written::of(self.layers.graph.push(Layer::uniform(spec, body.template())), &plan)
    }
}
