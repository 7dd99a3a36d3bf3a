//! Layers that bring rows into other partitions: those of a [`Repartition`] that sends rows to where they belong.
//!
//! | by | layers |
//! |---|---|
//! | order | each partition is cut into even pieces: `split` leaves channels |
//! | hash | as an exchange of DataFusion's: the layer below leaves channels |
//! | range | `sample-keys` of each partition, `bounds` in one task, and `assign`, which reads both the rows and the bounds |

use super::{
    class::{Plan, partitions},
    edge_input::{EdgeInputExec, Feed},
    layers::Layers,
    names,
    operator::OperatorExec,
    plan_kind::{Output, PlanBody},
};
use crate::operators::{Assign, Bounds, By, KeySample, RangeKey};
use datafusion::physical_plan::Partitioning;
use std::sync::Arc;
use stratal_core::{
    LayerId, Result,
    graph::{EdgeMap, Emits, Layer, LayerSpec},
};

/// Ends a layer over `cut`: its rows leave in channels, by where they stand.
pub(super) fn split(cut: Plan, into: usize, spec: &mut LayerSpec) -> Result<PlanBody> {
    let split: Plan = Arc::new(OperatorExec::new(Assign { by: By::Order, into }, vec![cut])?);
    spec.emits = Emits::Channels(into as u32);
    name_after(&split, spec);
    Ok(PlanBody::new(split, Output::Numbered))
}

/// The layers that cut the rows of a layer, of the columns of `plan`, into ranges of keys. Gives the one that leaves channels.
pub(super) fn ranges(layers: &mut Layers, plan: &Plan, rows: LayerId, keys: &[RangeKey], into: usize) -> Result<LayerId> {
    let tasks = partitions(plan) as u32;
    let rows_of = |plan: &Plan| -> Plan {
        let partitioning = Partitioning::UnknownPartitioning(partitions(plan));
        Arc::new(EdgeInputExec::new(0, Feed::Task, plan.schema(), partitioning, None))
    };
    let sample: Plan = Arc::new(OperatorExec::new(KeySample { keys: keys.to_vec() }, vec![rows_of(plan)])?);
    let sampled = sample.schema();
    let sample = uniform(layers, sample, LayerSpec::new("", tasks).reads(rows, EdgeMap::OneToOne), Output::Value);
    let bounds: Plan = Arc::new(OperatorExec::new(Bounds { keys: keys.to_vec(), into }, vec![whole(0, sampled)])?);
    let bound = bounds.schema();
    let bounds = uniform(layers, bounds, LayerSpec::new("", 1).reads(sample, EdgeMap::All), Output::Value);
    let assign = Assign { by: By::Range(keys.to_vec()), into };
    let assign: Plan = Arc::new(OperatorExec::new(assign, vec![rows_of(plan), whole(1, bound)])?);
    let mut spec = LayerSpec::new("", tasks).reads(rows, EdgeMap::OneToOne).reads(bounds, EdgeMap::All);
    spec.emits = Emits::Channels(into as u32);
    Ok(uniform(layers, assign, spec, Output::Numbered))
}

/// All of an input, for every task.
fn whole(input: usize, schema: arrow_schema::SchemaRef) -> Plan {
    Arc::new(EdgeInputExec::new(input, Feed::Together, schema, Partitioning::UnknownPartitioning(1), None))
}

fn uniform(layers: &mut Layers, plan: Plan, mut spec: LayerSpec, output: Output) -> LayerId {
    name_after(&plan, &mut spec);
    spec.repeat = layers.repeat(&plan, &spec);
    layers.graph.push(Layer::uniform(spec, PlanBody::new(plan, output).template()))
}

/// Calls a layer by the nodes of its plan.
fn name_after(plan: &Plan, spec: &mut LayerSpec) {
    spec.parts = names::parts(plan);
    spec.name = spec.parts.join("+");
}
