//! The plan nodes that are ours, in one list: what they do to partitions, what their layers are called, and their wire
//! form. Whoever adds a node adds a line to [`NODES`].

use super::{
    call::CallExec,
    class::{Class, Plan},
    concat::ConcatExec,
    edge_input::EdgeInputExec,
    operator::{Operator, OperatorExec},
    tail::TailExec,
};
use crate::{
    operators::{
        Asof, Assign, Bounds, BuildSide, CountDistinct, Explode, Hstack, KeySample, Partitions, Repartition, Sample, SampleN, UniqueKeys,
        Unpivot,
    },
    sink::WriteFiles,
    source::{csv::CsvScanExec, ipc::IpcScanExec, json::JsonScan, parquet::ParquetScanExec},
};
use datafusion::physical_plan::ExecutionPlan;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result, Retry};

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

    /// Whether a sort below it stays, because it looks at the order of rows.
    fn sees_order(&self) -> bool {
        false
    }

    /// Whether other rows come out of it where those of its input come in another order.
    fn takes_by_place(&self) -> bool {
        self.sees_order()
    }

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

    fn sees_order(&self) -> bool {
        self.operator().sees_order()
    }

    fn takes_by_place(&self) -> bool {
        self.operator().takes_by_place()
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
    sees_order: fn(&Plan) -> bool,
    takes_by_place: fn(&Plan) -> bool,
    encode: fn(&Plan) -> Result<Vec<u8>>,
    decode: fn(&[u8], Vec<Plan>) -> Result<Plan>,
}

/// All of them.
static NODES: &[Entry] = &[
    entry::<EdgeInputExec>(),
    entry::<CsvScanExec>(),
    entry::<ParquetScanExec>(),
    entry::<IpcScanExec>(),
    entry::<OperatorExec<JsonScan>>(),
    entry::<ConcatExec>(),
    entry::<TailExec>(),
    entry::<CallExec>(),
    entry::<OperatorExec<Assign>>(),
    entry::<OperatorExec<Bounds>>(),
    entry::<OperatorExec<KeySample>>(),
    entry::<OperatorExec<Partitions>>(),
    entry::<OperatorExec<Repartition>>(),
    entry::<OperatorExec<WriteFiles>>(),
    entry::<OperatorExec<Asof>>(),
    entry::<OperatorExec<BuildSide>>(),
    entry::<OperatorExec<CountDistinct>>(),
    entry::<OperatorExec<Explode>>(),
    entry::<OperatorExec<Hstack>>(),
    entry::<OperatorExec<Sample>>(),
    entry::<OperatorExec<SampleN>>(),
    entry::<OperatorExec<crate::operators::RowIds>>(),
    entry::<OperatorExec<crate::operators::PartialTop>>(),
    entry::<OperatorExec<crate::operators::Top>>(),
    entry::<crate::operators::SharedExec>(),
    entry::<crate::operators::window::WindowExec>(),
    entry::<OperatorExec<UniqueKeys>>(),
    entry::<OperatorExec<Unpivot>>(),
    #[cfg(feature = "query")]
    entry::<OperatorExec<crate::query::Share>>(),
    #[cfg(feature = "query")]
    entry::<OperatorExec<crate::query::Stage>>(),
];

const fn entry<N: OwnNode>() -> Entry {
    Entry {
        name: N::NAME,
        class: |plan| plan.downcast_ref::<N>().map(OwnNode::class),
        layer: |plan| plan.downcast_ref::<N>().and_then(OwnNode::layer),
        sees_order: |plan| plan.downcast_ref::<N>().is_some_and(OwnNode::sees_order),
        takes_by_place: |plan| plan.downcast_ref::<N>().is_some_and(OwnNode::takes_by_place),
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

/// Whether it is one of ours.
#[cfg(feature = "query")]
pub(crate) fn is_own(plan: &Plan) -> bool {
    find(plan).is_some()
}

/// What it does to partitions, if it is one of ours.
pub(super) fn class(plan: &Plan) -> Option<Class> {
    find(plan).and_then(|entry| (entry.class)(plan))
}

/// What its layer is called, if it is one of ours; the inner none is for a node that only moves rows.
pub(super) fn layer(plan: &Plan) -> Option<Option<String>> {
    find(plan).map(|entry| (entry.layer)(plan))
}

/// Whether it is one of ours that looks at the order of rows.
pub(crate) fn sees_order(plan: &Plan) -> bool {
    find(plan).is_some_and(|entry| (entry.sees_order)(plan))
}

/// Whether it is one of ours of which other rows come out where those of its input come in another order.
pub(super) fn takes_by_place(plan: &Plan) -> bool {
    find(plan).is_some_and(|entry| (entry.takes_by_place)(plan))
}

/// The node as bytes, its inputs apart.
pub(super) fn encode(plan: &Plan) -> Result<Vec<u8>> {
    let entry = find(plan);
    let entry = entry.ok_or_else(|| {
        let message = format!("{} cannot run on another process: it has no form in which it could leave this one", plan.name());
        let error = Error::new(ErrorKind::Unregistered, message).with_retry(Retry::Never);
        error.with_help("read the same rows by a read_..(..) of DFrame's, or collect() them here and go on with .lazy()")
    })?;
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
