//! The plan nodes that are ours, in one list: what they do to partitions, what their layers are called, and their wire
//! form. Whoever adds a node adds a line to [`NODES`].

use super::{
    class::{Class, Plan},
    concat::ConcatExec,
    edge_input::EdgeInputExec,
    operator::{Operator, OperatorExec},
    tail::TailExec,
};
use crate::source::csv::CsvScanExec;
use datafusion::physical_plan::ExecutionPlan;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use stratal_core::{Error, Result};

/// A plan node of ours.
pub(crate) trait OwnNode: ExecutionPlan + Sized {
    /// What of it travels, besides its inputs.
    type Wire: Serialize + DeserializeOwned;
    /// Its name on the wire.
    const NAME: &'static str;

    /// What it does to partitions.
    fn class(&self) -> Class;

    /// What its layer is called; none for a node that only moves rows.
    fn layer(&self) -> Option<String>;

    /// What of it travels.
    fn wire(&self) -> Self::Wire;

    /// The node from what travelled of it.
    fn of_wire(wire: Self::Wire, inputs: Vec<Plan>) -> Result<Self>;
}

impl<O: Operator> OwnNode for OperatorExec<O> {
    type Wire = O;
    const NAME: &'static str = O::NAME;

    fn class(&self) -> Class {
        self.operator().class(&self.children())
    }

    fn layer(&self) -> Option<String> {
        self.operator().layer()
    }

    fn wire(&self) -> O {
        self.operator().clone()
    }

    fn of_wire(wire: O, inputs: Vec<Plan>) -> Result<Self> {
        OperatorExec::new(wire, inputs)
    }
}

/// What the cutter, the namer and the codec ask of a node whose type they do not know.
pub(super) struct Entry {
    name: &'static str,
    class: fn(&Plan) -> Option<Class>,
    layer: fn(&Plan) -> Option<String>,
    encode: fn(&Plan) -> Result<Vec<u8>>,
    decode: fn(&[u8], Vec<Plan>) -> Result<Plan>,
}

/// All of them.
static NODES: &[Entry] = &[entry::<EdgeInputExec>(), entry::<CsvScanExec>(), entry::<ConcatExec>(), entry::<TailExec>()];

const fn entry<N: OwnNode>() -> Entry {
    Entry {
        name: N::NAME,
        class: |plan| plan.downcast_ref::<N>().map(OwnNode::class),
        layer: |plan| plan.downcast_ref::<N>().and_then(OwnNode::layer),
        encode: |plan| {
            let node = plan.downcast_ref::<N>().ok_or_else(|| Error::internal("a plan node under the name of another"))?;
            postcard::to_stdvec(&node.wire()).map_err(damaged)
        },
        decode: |bytes, inputs| Ok(Arc::new(N::of_wire(postcard::from_bytes(bytes).map_err(damaged)?, inputs)?)),
    }
}

fn damaged(error: postcard::Error) -> Error {
    Error::internal(format!("a plan node cannot be written or read: {error}"))
}

fn find(plan: &Plan) -> Option<&'static Entry> {
    NODES.iter().find(|entry| entry.name == plan.name())
}

/// What it does to partitions, if it is one of ours.
pub(super) fn class(plan: &Plan) -> Option<Class> {
    find(plan).and_then(|entry| (entry.class)(plan))
}

/// What its layer is called, if it is one of ours; the inner none is for a node that only moves rows.
pub(super) fn layer(plan: &Plan) -> Option<Option<String>> {
    find(plan).map(|entry| (entry.layer)(plan))
}

/// The node as bytes, its inputs apart.
pub(super) fn encode(plan: &Plan) -> Result<Vec<u8>> {
    let entry = find(plan);
    let entry = entry.ok_or_else(|| Error::internal(format!("{} has no form in which it could leave this process", plan.name())))?;
    postcard::to_stdvec(&(entry.name, (entry.encode)(plan)?)).map_err(damaged)
}

/// What [`encode`] wrote, over its inputs.
pub(super) fn decode(bytes: &[u8], inputs: &[Plan]) -> Result<Plan> {
    let (name, form): (String, Vec<u8>) = postcard::from_bytes(bytes).map_err(damaged)?;
    let entry = NODES.iter().find(|entry| entry.name == name);
    let entry = entry.ok_or_else(|| Error::internal(format!("no plan node is called {name}")))?;
    (entry.decode)(&form, inputs.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_nodes_share_a_name() {
        for (at, entry) in NODES.iter().enumerate() {
            assert!(NODES[..at].iter().all(|other| other.name != entry.name), "{}", entry.name);
        }
    }
}
