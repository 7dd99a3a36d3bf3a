//! A query as a graph: as the one task that it is, or with a layer for each of its stages.

use super::{
    kind::{QueryBody, StageBody},
    planner,
    station::url,
    suit::partitions,
};
use crate::{
    lower::{Plan, layer_name},
    run::Target,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_distributed::{DistributedExec, DistributedLeafExec, NetworkBoundaryExt};
use stratal_core::{
    LayerId, Result,
    client::wait_for,
    graph::{EdgeMap, Layer, LayerSpec, LayeredGraph, Repeat},
    kind::Template,
};

/// What a query is called where it is one task.
const NAME: &str = "query";

/// The graph that runs a plan as a query. Where it `measures`, it gives a text that says what that took.
pub(crate) fn graph(plan: Plan, measures: bool) -> LayeredGraph {
    let mut graph = LayeredGraph::default();
    let mut spec = LayerSpec::new(NAME, 1);
    spec.parts = parts(&plan);
    // Another result of it is read by nobody who has read this one.
    spec.repeat = Repeat::OrderVaries;
    let layer = graph.push(Layer::uniform(spec, QueryBody { plan, measures }.template()));
    graph.want(layer, NAME);
    graph
}

/// The plan as it would run now, on as many workers as there are.
pub(super) fn planned(plan: &Plan, target: &Target) -> Result<Plan> {
    // Only their number matters.
    let workers = (0..target.workers.max(1)).map(|worker| url(&format!("worker-{worker}:1"))).collect::<Result<Vec<_>>>()?;
    let session = planner::session(&target.config, plan.clone(), workers, false)?.build();
    wait_for(async move { planner::plan(&session, false).await })
}

/// The graph of a query with a layer for each stage.
pub(crate) fn stages(plan: &Plan, target: &Target) -> Result<LayeredGraph> {
    Ok(drawn(plan, &planned(plan, target)?))
}

/// The stages of a plan, as they were planned, as layers. The last of them is the query, and runs the others.
pub(super) fn drawn(plan: &Plan, planned: &Plan) -> LayeredGraph {
    let head = match planned.downcast_ref::<DistributedExec>() {
        Some(query) => query.children()[0].clone(),
        None => planned.clone(),
    };
    let mut drawing = Drawing::default();
    let last = drawing.stage(&head, partitions(&head), QueryBody { plan: plan.clone(), measures: false }.template());
    let name = drawing.graph.layer(last).spec.name.clone();
    drawing.graph.want(last, name);
    drawing.graph
}

#[derive(Default)]
struct Drawing {
    graph: LayeredGraph,
}

impl Drawing {
    /// Adds a stage, after those that it reads.
    fn stage(&mut self, plan: &Plan, tasks: usize, work: Template) -> LayerId {
        let mut read = Vec::new();
        self.below(plan, &mut read);
        let parts = parts(plan);
        let mut spec = LayerSpec::new(parts.join("+"), tasks as u32);
        spec.parts = parts;
        spec.repeat = Repeat::OrderVaries;
        let spec = read.into_iter().fold(spec, |spec, layer| spec.reads(layer, EdgeMap::All));
        self.graph.push(Layer::uniform(spec, work))
    }

    fn below(&mut self, plan: &Plan, read: &mut Vec<LayerId>) {
        match plan.as_network_boundary() {
            Some(boundary) => {
                let stage = boundary.input_stage();
                if let Some(plan) = stage.local_plan() {
                    read.push(self.stage(plan, stage.task_count(), StageBody::template()));
                }
            }
            None => plan.children().into_iter().for_each(|child| self.below(child, read)),
        }
    }
}

/// The names of what a stage does, leaves first; a name that follows itself is given once.
pub(super) fn parts(plan: &Plan) -> Vec<String> {
    let mut names = Vec::new();
    collect(plan, &mut names);
    names.dedup();
    if names.is_empty() {
        names.push("gather".to_owned());
    }
    names
}

fn collect(plan: &Plan, names: &mut Vec<String>) {
    if plan.is_network_boundary() {
        return;
    }
    if let Some(leaf) = plan.downcast_ref::<DistributedLeafExec>() {
        return collect(leaf.original(), names);
    }
    plan.children().into_iter().for_each(|child| collect(child, names));
    names.extend(match plan.name() {
        // They only move rows.
        "RepartitionExec" | "BroadcastExec" => None,
        // The engine's way to run a union.
        "ChildrenIsolatorUnionExec" => Some("concat".to_owned()),
        _ => layer_name(plan),
    });
}
