//! One physical plan to a graph.
//!
//! Without cuts the plan is one layer. With them it is cut where rows change partitions:
//!
//! | node | its producer | its consumer |
//! |---|---|---|
//! | hash `RepartitionExec` | routes rows into channels | task *i* reads channel *i* of every producer |
//! | coalesce, concat and sort-preserving merge | leaves its partition | the node itself, in one task, over one partition a producer |
//! | join that collects its left side | leaves its partition | the node itself: each task reads all of the left |
//! | union, where an input is cut itself | leaves its partition | the node itself: each task reads one partition |
//!
//! Only nodes on a list of known ones are cut apart, because only of these is it known that a partition depends on nothing
//! but the same partition of its input. A node that is not on it runs in one gang with all that stands between it and the
//! nearest inputs whose nodes are all known: in one process, one plan instance, every partition. That may be slow and is
//! never wrong.

use super::{
    class::{Class, Plan, all_known, all_local, class, has_unknown, is_inline, partitions},
    edge_input::{EdgeInputExec, Feed},
    names,
    plan_kind::{Output, PlanBody},
};
use crate::{error::of_datafusion, source::HeldExec};
use datafusion::physical_plan::{
    ChildrenPropertiesMode, ExecutionPlan, ExecutionPlanProperties, Partitioning, ReplaceChildrenOptions,
    coalesce_partitions::CoalescePartitionsExec, repartition::RepartitionExec,
};
use std::sync::Arc;
use stratal_core::{
    Error, Index, LayerId, Result,
    graph::{EdgeMap, Emits, Layer, LayerSpec, LayeredGraph, Repeat, Slicing},
};

/// The graph that runs a plan: cut into layers, or as one.
pub(crate) fn lower(plan: Plan, is_cut: bool) -> Result<LayeredGraph> {
    let mut cutter = Cutter { graph: LayeredGraph::default(), is_cut };
    let last = cutter.layer(&plan)?;
    let name = cutter.graph.layer(last).spec.name.clone();
    cutter.graph.want(last, name);
    Ok(cutter.graph)
}

struct Cutter {
    graph: LayeredGraph,
    is_cut: bool,
}

/// A layer in the making.
struct Open {
    inputs: Vec<(LayerId, EdgeMap)>,
    /// All partitions run together, in one plan instance.
    is_gang: bool,
}

impl Open {
    fn reads(&mut self, layer: LayerId, map: EdgeMap) -> usize {
        self.inputs.push((layer, map));
        self.inputs.len() - 1
    }
}

impl Cutter {
    /// Makes the layer whose tasks are the partitions of `plan`; for a shuffle, those of its input.
    fn layer(&mut self, plan: &Plan) -> Result<LayerId> {
        let shuffle = plan.downcast_ref::<RepartitionExec>().filter(|_| self.is_cut && class(plan) == Class::Shuffle);
        let body = match shuffle {
            Some(shuffle) => shuffle.input(),
            None => plan,
        };
        let is_gang = if self.is_cut { has_unknown(body) } else { !all_local(body) };
        let mut open = Open { inputs: Vec::new(), is_gang };
        let cut = if is_gang && self.is_cut { self.gang(body, &mut open)? } else { self.cut(body, &mut open)? };
        let parts = names::parts(&cut);
        let mut spec = LayerSpec::new(parts.join("+"), cut.output_partitioning().partition_count() as u32);
        spec.parts = parts;
        for (layer, map) in open.inputs {
            spec = spec.reads(layer, map);
        }
        if is_gang {
            spec.slicing = Slicing::Whole;
            spec.repeat = Repeat::OrderVaries;
        }
        let body = match shuffle {
            Some(shuffle) => {
                spec.emits = Emits::Channels(shuffle.partitioning().partition_count() as u32);
                PlanBody::new(over(plan, vec![cut])?, Output::Channels)
            }
            None => PlanBody::new(cut, Output::Value),
        };
        Ok(self.graph.push(Layer::uniform(spec, body.template())))
    }

    /// The plan with inputs in place of what other layers do.
    fn cut(&mut self, plan: &Plan, open: &mut Open) -> Result<Plan> {
        if let Some(held) = plan.downcast_ref::<HeldExec>() {
            let layer = self.graph.push(Layer::held("persisted", held.ranges().to_vec()));
            return Ok(match open.is_gang {
                true => leaf(plan, open.reads(layer, EdgeMap::All), Feed::Source),
                false => leaf(plan, open.reads(layer, EdgeMap::OneToOne), Feed::Task),
            });
        }
        match class(plan) {
            Class::Shuffle if self.is_cut => {
                let layer = self.layer(plan)?;
                Ok(leaf(plan, open.reads(layer, EdgeMap::Channel), Feed::Task))
            }
            Class::Merge if self.is_cut => {
                let input = plan.children()[0];
                let layer = self.layer_or_held(input)?;
                over(plan, vec![leaf(input, open.reads(layer, EdgeMap::All), Feed::Source)])
            }
            Class::Broadcast if self.is_cut => {
                let [left, right] = plan.children()[..] else { return Err(Error::internal("a join of other than two inputs")) };
                let left = self.broadcast(left, open)?;
                let right = self.cut(right, open)?;
                over(plan, vec![left, right])
            }
            Class::Stack if self.is_cut => self.stack(plan, open),
            _ => {
                let children = plan.children().into_iter().map(|child| self.cut(child, open));
                let children = children.collect::<Result<Vec<_>>>()?;
                over(plan, children)
            }
        }
    }

    /// What every task reads whole.
    fn broadcast(&mut self, plan: &Plan, open: &mut Open) -> Result<Plan> {
        // A node that only gathers partitions is left out: every task gathers them itself.
        let gathered = plan.downcast_ref::<CoalescePartitionsExec>().filter(|gather| gather.fetch().is_none());
        let layer = self.layer_or_held(gathered.map_or(plan, |gather| gather.input()))?;
        let input = open.reads(layer, EdgeMap::All);
        let one = Partitioning::UnknownPartitioning(1);
        Ok(Arc::new(EdgeInputExec::new(input, Feed::Together, plan.schema(), one, None)))
    }

    /// Inputs one after another: those that need no other layer stay in this one, others become layers of their own.
    fn stack(&mut self, plan: &Plan, open: &mut Open) -> Result<Plan> {
        let (mut before, all) = (0, partitions(plan) as Index);
        let mut inputs = Vec::new();
        for input in plan.children() {
            let own = partitions(input) as Index;
            inputs.push(match is_inline(input) {
                true => input.clone(),
                false => {
                    let layer = self.layer_or_held(input)?;
                    leaf(input, open.reads(layer, placed(before, own, all)), Feed::Source)
                }
            });
            before += own;
        }
        over(plan, inputs)
    }

    /// [`cut`](Self::cut) for a gang: exchanges stay inside, and what is known down to its leaves becomes an input.
    fn gang(&mut self, plan: &Plan, open: &mut Open) -> Result<Plan> {
        if matches!(class(plan), Class::Local | Class::Broadcast | Class::Stack) && all_known(plan) {
            let layer = self.layer_or_held(plan)?;
            return Ok(leaf(plan, open.reads(layer, EdgeMap::All), Feed::Source));
        }
        let children = plan.children().into_iter().map(|child| self.gang(child, open));
        let children = children.collect::<Result<Vec<_>>>()?;
        over(plan, children)
    }

    /// The layer that leaves the partitions of `plan`; where they are held already, that layer.
    fn layer_or_held(&mut self, plan: &Plan) -> Result<LayerId> {
        match plan.downcast_ref::<HeldExec>() {
            Some(held) => Ok(self.graph.push(Layer::held("persisted", held.ranges().to_vec()))),
            None => self.layer(plan),
        }
    }
}

/// The edge of `all` tasks to a layer of `own`, which are the tasks from number `before` on. The others read nothing.
fn placed(before: Index, own: Index, all: Index) -> EdgeMap {
    let source = |task: Index| match task.checked_sub(before) {
        Some(at) => at.min(own)..(at + 1).min(own),
        None => 0..0,
    };
    EdgeMap::Ranges((0..all).map(source).collect())
}

/// A leaf with the schema, the partitions and the order of the node that it stands for.
fn leaf(plan: &Plan, input: usize, feed: Feed) -> Plan {
    // A shuffle mixes partitions; every other node that is cut off keeps each of them as it is.
    let ordering = if class(plan) == Class::Shuffle { None } else { plan.output_ordering().cloned() };
    Arc::new(EdgeInputExec::new(input, feed, plan.schema(), plan.output_partitioning().clone(), ordering))
}

/// The same node over other children.
fn over(plan: &Plan, children: Vec<Plan>) -> Result<Plan> {
    if children.is_empty() {
        return Ok(plan.clone());
    }
    plan.clone().replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute)).map_err(of_datafusion)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_of_a_stack_reads_one_source_of_one_input() {
        for lengths in [vec![1, 1], vec![3, 1, 4], vec![5]] {
            let all: Index = lengths.iter().sum();
            let mut before = 0;
            let edges = lengths.iter().map(|own| {
                before += own;
                (placed(before - own, *own, all), *own)
            });
            let edges: Vec<(EdgeMap, Index)> = edges.collect();
            let read = (0..all).map(|task| {
                let of_input = edges.iter().enumerate().map(|(input, (edge, own))| (input, edge.sources(task, *own)));
                of_input.flat_map(|(input, sources)| sources.into_iter().map(move |source| (input, source))).collect::<Vec<_>>()
            });
            let one_by_one = lengths.iter().enumerate().flat_map(|(input, own)| (0..*own).map(move |source| vec![(input, source)]));
            assert!(read.eq(one_by_one), "{lengths:?}");
        }
    }
}
