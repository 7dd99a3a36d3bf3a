//! One physical plan to a graph.
//!
//! Without cuts the plan is one layer. With them it is cut where rows change partitions:
//!
//! | node | its producer | its consumer |
//! |---|---|---|
//! | hash `RepartitionExec` | routes rows into channels | task *i* reads channel *i* of every producer |
//! | coalesce, concat and sort-preserving merge | leaves its partition | the node itself, in one task, over one partition a producer |
//!
//! Only nodes on a list of known ones are cut apart, because only of these is it known that a partition depends on nothing
//! but the same partition of its input. A node that is not on it runs in one gang with all that stands between it and the
//! nearest inputs whose nodes are all known: in one process, one plan instance, every partition. That may be slow and is
//! never wrong.

use super::{
    concat::ConcatExec,
    edge_input::{EdgeInputExec, Feed},
    names,
    plan_kind::{Output, PlanBody},
};
use crate::{
    error::of_datafusion,
    source::{HeldExec, csv::CsvScanExec},
};
use datafusion::{
    catalog::memory::{DataSourceExec, MemorySourceConfig},
    physical_plan::{
        ChildrenPropertiesMode, ExecutionPlan, ExecutionPlanProperties, Partitioning, ReplaceChildrenOptions,
        aggregates::AggregateExec,
        coalesce_partitions::CoalescePartitionsExec,
        coop::CooperativeExec,
        empty::EmptyExec,
        filter::FilterExec,
        limit::{GlobalLimitExec, LocalLimitExec},
        placeholder_row::PlaceholderRowExec,
        projection::ProjectionExec,
        repartition::RepartitionExec,
        sorts::{sort::SortExec, sort_preserving_merge::SortPreservingMergeExec},
    },
};
use std::sync::Arc;
use stratal_core::{
    LayerId, Result,
    graph::{EdgeMap, Emits, Layer, LayerSpec, LayeredGraph, Repeat, Slicing},
};

type Plan = Arc<dyn ExecutionPlan>;

/// What a node does to partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Partition *i* depends on partition *i* of its input alone.
    Local,
    /// Sends each row to the partition that the hash of its keys names.
    Shuffle,
    /// Makes one partition of several.
    Merge,
    /// Not known.
    Other,
}

fn class(plan: &Plan) -> Class {
    let partitions = |child: &Plan| child.output_partitioning().partition_count();
    if let Some(repartition) = plan.downcast_ref::<RepartitionExec>() {
        let is_hash = matches!(repartition.partitioning(), Partitioning::Hash(..));
        return if is_hash && !repartition.preserve_order() { Class::Shuffle } else { Class::Other };
    }
    if plan.is::<CoalescePartitionsExec>() || plan.is::<ConcatExec>() || plan.is::<SortPreservingMergeExec>() {
        return if partitions(plan.children()[0]) > 1 { Class::Merge } else { Class::Local };
    }
    let is_local = match plan.downcast_ref::<SortExec>() {
        Some(sort) => sort.preserve_partitioning() || partitions(sort.input()) == 1,
        None => match plan.downcast_ref::<DataSourceExec>() {
            Some(source) => source.data_source().is::<MemorySourceConfig>(),
            None => {
                (plan.is::<GlobalLimitExec>() && partitions(plan.children()[0]) == 1)
                    || plan.is::<LocalLimitExec>()
                    || plan.is::<FilterExec>()
                    || plan.is::<ProjectionExec>()
                    || plan.is::<AggregateExec>()
                    || plan.is::<CooperativeExec>()
                    || plan.is::<CsvScanExec>()
                    || plan.is::<HeldExec>()
                    || plan.is::<EmptyExec>()
                    || plan.is::<PlaceholderRowExec>()
            }
        },
    };
    if is_local { Class::Local } else { Class::Other }
}

fn all_known(plan: &Plan) -> bool {
    class(plan) != Class::Other && plan.children().into_iter().all(all_known)
}

fn all_local(plan: &Plan) -> bool {
    class(plan) == Class::Local && plan.children().into_iter().all(all_local)
}

/// Whether there is an unknown node between this one and the next cuts below it.
fn has_unknown(plan: &Plan) -> bool {
    match class(plan) {
        Class::Other => true,
        Class::Local => plan.children().into_iter().any(has_unknown),
        Class::Shuffle | Class::Merge => false,
    }
}

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
            _ => {
                let children = plan.children().into_iter().map(|child| self.cut(child, open));
                let children = children.collect::<Result<Vec<_>>>()?;
                over(plan, children)
            }
        }
    }

    /// [`cut`](Self::cut) for a gang: exchanges stay inside, and what is known down to its leaves becomes an input.
    fn gang(&mut self, plan: &Plan, open: &mut Open) -> Result<Plan> {
        if matches!(class(plan), Class::Local) && all_known(plan) {
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
