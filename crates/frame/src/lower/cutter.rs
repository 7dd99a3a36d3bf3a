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
//! | chosen partitions, or several as one | leaves its partition | task *i* reads those that partition *i* is |
//! | repartition | see `exchange` | task *i* reads channel *i* of every producer |
//! | call of a user's function | leaves its partition | the call, a layer of another kind: see `call_kind` |
//!
//! The last two are never executed as they stand: a plan with one of them is cut wherever it runs.
//!
//! Only nodes on a list of known ones are cut apart, because only of these is it known that a partition depends on nothing
//! but the same partition of its input. A node that is not on it runs in one gang with all that stands between it and the
//! nearest inputs whose nodes are all known: in one process, one plan instance, every partition. That may be slow and is
//! never wrong.

use super::{
    call::CallExec,
    class::{Class, Plan, all_known, all_local, class, has_unknown, is_inline, must_be_cut, partitions},
    edge_input::{EdgeInputExec, Feed},
    exchange,
    known::Known,
    layers::Layers,
    names,
    operator::OperatorExec,
    own,
    plan_kind::{Output, PlanBody},
};
use crate::{
    error::of_datafusion,
    operators::{By, Partitions, Repartition},
    source::{DelayedExec, HeldExec},
};
use datafusion::physical_plan::{
    ChildrenPropertiesMode, ExecutionPlan, ExecutionPlanProperties, Partitioning, ReplaceChildrenOptions,
    coalesce_partitions::CoalescePartitionsExec, repartition::RepartitionExec,
};
use std::{ops::Range, sync::Arc};
use stratal_core::{
    Error, Index, LayerId, Result,
    delayed::Subgraph,
    graph::{EdgeMap, Emits, Layer, LayerSpec, LayeredGraph, Slicing},
};

/// The graph that runs a plan: cut into layers, or as one.
pub(crate) fn lower(plan: Plan, is_cut: bool) -> Result<LayeredGraph> {
    subgraph(plan, is_cut)?.lower()
}

/// As [`lower`], without the calls whose results the plan reads, so that it can stand among others.
pub(crate) fn subgraph(plan: Plan, is_cut: bool) -> Result<Arc<Subgraph>> {
    let mut cutter = Cutter { layers: Layers::default(), is_cut: is_cut || must_be_cut(&plan) };
    let last = match class(&plan) {
        Class::Call => cutter.call(&plan)?,
        _ => cutter.values(&plan)?,
    };
    cutter.layers.finish(last)
}

struct Cutter {
    layers: Layers,
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
    /// Makes the layer whose tasks leave the partitions of `plan`.
    fn values(&mut self, plan: &Plan) -> Result<LayerId> {
        self.layer(plan, |cut, _| Ok(PlanBody::new(cut, Output::Value)))
    }

    /// Makes the layer whose tasks send the rows of a hash exchange's input into its channels.
    fn shuffle(&mut self, plan: &Plan) -> Result<LayerId> {
        self.layer(plan.children()[0], |cut, spec| {
            spec.emits = Emits::Channels(partitions(plan) as u32);
            Ok(PlanBody::new(over(plan, vec![cut])?, Output::Channels))
        })
    }

    /// Makes the layers whose last sends rows into the channels of a repartition.
    fn exchange(&mut self, plan: &Plan) -> Result<LayerId> {
        let node = plan.downcast_ref::<OperatorExec<Repartition>>();
        let Repartition { by, into } = node.ok_or_else(|| Error::internal("an exchange that is not known"))?.operator();
        let (into, input) = (*into, plan.children()[0]);
        match by {
            By::Order => self.layer(input, |cut, spec| exchange::split(cut, into, spec)),
            By::Hash(_) => self.layer(input, |cut, spec| {
                spec.emits = Emits::Channels(into as u32);
                let hashed = Repartition { by: by.clone(), into }.hashed(&cut);
                let hashed = hashed.ok_or_else(|| Error::internal("rows are spread by a hash of nothing"))?;
                Ok(PlanBody::new(Arc::new(RepartitionExec::try_new(cut, hashed).map_err(of_datafusion)?), Output::Channels))
            }),
            By::Range(keys) => {
                let rows = self.layer_or_held(input)?;
                exchange::ranges(&mut self.layers, input, rows, keys, into)
            }
        }
    }

    /// Makes the layer that calls a function.
    fn call(&mut self, plan: &Plan) -> Result<LayerId> {
        let node = plan.downcast_ref::<CallExec>().ok_or_else(|| Error::internal("a call that is not known"))?;
        let input = self.layer_or_held(node.input())?;
        Ok(self.layers.call(node, input))
    }

    /// Makes a layer whose tasks are the partitions of `plan`. `end` says what they leave.
    fn layer(&mut self, plan: &Plan, end: impl FnOnce(Plan, &mut LayerSpec) -> Result<PlanBody>) -> Result<LayerId> {
        let is_gang = if self.is_cut { has_unknown(plan) } else { !all_local(plan) };
        let mut open = Open { inputs: Vec::new(), is_gang };
        let cut = if is_gang && self.is_cut { self.gang(plan, &mut open)? } else { self.cut(plan, &mut open)? };
        let parts = match own::layer(plan).flatten() {
            Some(name) if cut.is::<EdgeInputExec>() => vec![name],
            _ => names::parts(&cut),
        };
        let mut spec = LayerSpec::new(parts.join("+"), partitions(&cut) as u32);
        spec.parts = parts;
        for (layer, map) in open.inputs {
            spec = spec.reads(layer, map);
        }
        if is_gang {
            spec.slicing = Slicing::Whole;
        }
        let body = end(cut, &mut spec)?;
        spec.repeat = self.layers.repeat(body.executed(), &spec);
        Ok(self.layers.graph.push(Layer::uniform(spec, body.template())))
    }

    /// The plan with inputs in place of what other layers do.
    fn cut(&mut self, plan: &Plan, open: &mut Open) -> Result<Plan> {
        if let Some(layer) = self.layers.stored(plan, None) {
            let (map, feed) = if open.is_gang { (EdgeMap::All, Feed::Source) } else { (EdgeMap::OneToOne, Feed::Task) };
            let leaf = input_for(plan, open.reads(layer, map), feed)?;
            return Ok(Arc::new(if plan.is::<DelayedExec>() { leaf.of_declared() } else { leaf }));
        }
        match class(plan) {
            Class::Shuffle if self.is_cut => {
                let layer = self.shuffle(plan)?;
                leaf(plan, open.reads(layer, EdgeMap::Channel), Feed::Task)
            }
            Class::Exchange => {
                let layer = self.exchange(plan)?;
                leaf(plan, open.reads(layer, EdgeMap::Channel), Feed::Task)
            }
            Class::Call => {
                let layer = self.call(plan)?;
                leaf(plan, open.reads(layer, EdgeMap::OneToOne), Feed::Task)
            }
            Class::Merge if self.is_cut => {
                let input = plan.children()[0];
                let layer = self.layer_or_held(input)?;
                over(plan, vec![leaf(input, open.reads(layer, EdgeMap::All), Feed::Source)?])
            }
            Class::Broadcast if self.is_cut => {
                let [left, right] = plan.children()[..] else { return Err(Error::internal("a join of other than two inputs")) };
                let left = self.broadcast(left, open)?;
                let right = self.cut(right, open)?;
                over(plan, vec![left, right])
            }
            Class::Stack if self.is_cut => self.stack(plan, open),
            // Also where nothing else is cut: tasks whose partitions nobody wants do not run.
            Class::Regroup if !is_inline(plan) && open.is_gang => {
                let layer = self.values(plan)?;
                leaf(plan, open.reads(layer, EdgeMap::All), Feed::Source)
            }
            Class::Regroup if !is_inline(plan) => {
                let layer = self.layer_or_held(plan.children()[0])?;
                let runs = runs(plan)?.into_iter().map(|run| run.start as Index..run.end as Index);
                leaf(plan, open.reads(layer, EdgeMap::Ranges(runs.collect())), Feed::Task)
            }
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
        let leaf = EdgeInputExec::new(input, Feed::Together, plan.schema(), one, None);
        Ok(Arc::new(leaf.knowing(Known::of(plan.equivalence_properties()).of_all_partitions())?))
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
                    leaf(input, open.reads(layer, placed(before, own, all)), Feed::Source)?
                }
            });
            before += own;
        }
        over(plan, inputs)
    }

    /// [`cut`](Self::cut) for a gang: exchanges stay inside, and what is known down to its leaves becomes an input. So does
    /// what is never a part of a plan.
    fn gang(&mut self, plan: &Plan, open: &mut Open) -> Result<Plan> {
        let is_input = match class(plan) {
            Class::Local | Class::Broadcast | Class::Stack | Class::Regroup => all_known(plan),
            Class::Exchange | Class::Call => true,
            Class::Shuffle | Class::Merge | Class::Other => false,
        };
        if is_input {
            let layer = self.layer_or_held(plan)?;
            return leaf(plan, open.reads(layer, EdgeMap::All), Feed::Source);
        }
        let children = plan.children().into_iter().map(|child| self.gang(child, open));
        let children = children.collect::<Result<Vec<_>>>()?;
        over(plan, children)
    }

    /// The layer that leaves the partitions of `plan`; where they are held already, that layer.
    fn layer_or_held(&mut self, plan: &Plan) -> Result<LayerId> {
        let held = if plan.is::<HeldExec>() { self.layers.stored(plan, None) } else { None };
        match (held, class(plan)) {
            (Some(held), _) => Ok(held),
            (None, Class::Call) => self.call(plan),
            (None, _) => self.values(plan),
        }
    }
}

/// For each partition of a node that regroups those of its input, which of them it is.
fn runs(plan: &Plan) -> Result<Vec<Range<usize>>> {
    let all = partitions(plan.children()[0]);
    if let Some(node) = plan.downcast_ref::<OperatorExec<Partitions>>() {
        return Ok(node.operator().runs(all));
    }
    let node = plan.downcast_ref::<OperatorExec<Repartition>>();
    node.and_then(|node| node.operator().runs(all)).ok_or_else(|| Error::internal("a node that regroups partitions is not known"))
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
fn leaf(plan: &Plan, input: usize, feed: Feed) -> Result<Plan> {
    Ok(Arc::new(input_for(plan, input, feed)?))
}

fn input_for(plan: &Plan, input: usize, feed: Feed) -> Result<EdgeInputExec> {
    // An exchange mixes partitions; every other node that is cut off keeps each of them as it is.
    let ordering = if matches!(class(plan), Class::Shuffle | Class::Exchange) { None } else { plan.output_ordering().cloned() };
    let leaf = EdgeInputExec::new(input, feed, plan.schema(), plan.output_partitioning().clone(), ordering);
    leaf.knowing(Known::of(plan.equivalence_properties()))
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
