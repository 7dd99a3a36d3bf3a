//! The steps as they were recorded: one layer a step, unoptimized, in their order.
//!
//! Steps that look at rows one by one read their predecessor partition by partition; all others read the whole of it in
//! one task. Slow, simple, and right: the oracle that the optimized graph is held against.

use super::{
    edge_input::{EdgeInputExec, Feed},
    plan_kind::{Output, PlanBody},
};
use crate::{
    bind::{bind, scan},
    session::physical_plan,
    source::{HeldExec, project},
    steps::{Op, Reach, Step},
};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::Result as DfResult,
    datasource::{TableProvider, TableType},
    logical_expr::Expr as Logical,
    physical_plan::{ExecutionPlan, ExecutionPlanProperties, Partitioning},
};
use std::sync::Arc;
use stratal_core::{
    Error, LayerId, Result,
    config::Config,
    graph::{EdgeMap, Layer, LayerSpec, LayeredGraph},
};

/// The graph of the steps as they were written.
pub(crate) fn written(steps: &[Arc<Step>], config: &Config) -> Result<LayeredGraph> {
    bind(steps, config)?;
    let mut graph = LayeredGraph::default();
    let mut last: Option<(LayerId, SchemaRef, usize)> = None;
    for (at, step) in steps.iter().enumerate() {
        let layer = match (step.op(), last.take()) {
            (Op::Source(source), None) => {
                let bound = step.bound().ok_or_else(|| Error::internal("a step was not bound"))?;
                let plan = physical_plan(config, bound, 1, false)?;
                match plan.downcast_ref::<HeldExec>() {
                    Some(held) => (graph.push(Layer::held(source.layer(), held.ranges().to_vec())), plan),
                    None => push(&mut graph, source.layer(), plan, None),
                }
            }
            (Op::Transform(transform), Some((from, schema, partitions))) => {
                let (feed, map) = match transform.reach() {
                    Reach::Row => (Feed::Task, EdgeMap::OneToOne),
                    Reach::All => (Feed::Together, EdgeMap::All),
                };
                let partitions = if feed == Feed::Together { 1 } else { partitions };
                let input = scan("input", Arc::new(EdgeTable { schema, partitions, feed }))?;
                let plan = transform.apply(input).map_err(|error| step.blame(error, at))?;
                push(&mut graph, transform.layer(), physical_plan(config, &plan, 1, false)?, Some((from, map)))
            }
            _ => return Err(Error::internal("a frame begins with one source")),
        };
        let (layer, plan) = layer;
        last = Some((layer, plan.schema(), plan.output_partitioning().partition_count()));
    }
    let (last, ..) = last.ok_or_else(|| Error::internal("a frame without steps"))?;
    let name = graph.layer(last).spec.name.clone();
    graph.want(last, name);
    Ok(graph)
}

fn push(
    graph: &mut LayeredGraph,
    name: String,
    plan: Arc<dyn ExecutionPlan>,
    input: Option<(LayerId, EdgeMap)>,
) -> (LayerId, Arc<dyn ExecutionPlan>) {
    let mut spec = LayerSpec::new(name, plan.output_partitioning().partition_count() as u32);
    if let Some((from, map)) = input {
        spec = spec.reads(from, map);
    }
    let body = PlanBody::new(plan.clone(), Output::Value);
    (graph.push(Layer::uniform(spec, body.template())), plan)
}

/// What the step before left, as the table that a step is planned over.
#[derive(Debug)]
struct EdgeTable {
    schema: SchemaRef,
    partitions: usize,
    feed: Feed,
}

#[async_trait]
impl TableProvider for EdgeTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Logical],
        _: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let partitioning = Partitioning::UnknownPartitioning(self.partitions);
        let leaf = EdgeInputExec::new(0, self.feed, self.schema.clone(), partitioning, None);
        project(Arc::new(leaf), projection)
    }
}
