//! Plans as bytes: DataFusion's own form, with one for the nodes that are ours.

use super::{
    concat::ConcatExec,
    edge_input::{EdgeInputExec, Feed},
    tail::TailExec,
};
use crate::{
    error::{of_datafusion, to_datafusion},
    session,
    source::csv::{CsvScanExec, CsvTable},
};
use arrow_schema::SchemaRef;
use bytes::Bytes;
use datafusion::{
    common::Result as DfResult,
    execution::TaskContext,
    physical_plan::{ExecutionPlan, Partitioning},
};
use datafusion_proto::{
    bytes::{physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec},
    physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{Error, Result};

/// The plan as bytes.
///
/// # Errors
/// A node without a form, by name.
pub(crate) fn encode(plan: Arc<dyn ExecutionPlan>) -> Result<Bytes> {
    physical_plan_to_bytes_with_extension_codec(plan, &Codec).map_err(of_datafusion)
}

/// The plan that [`encode`] wrote.
pub(crate) fn decode(bytes: &[u8]) -> Result<Arc<dyn ExecutionPlan>> {
    physical_plan_from_bytes_with_extension_codec(bytes, &session::decoding(), &Codec).map_err(of_datafusion)
}

/// A node of ours.
#[derive(Serialize, Deserialize)]
enum Node {
    EdgeInput {
        input: usize,
        feed: Feed,
        partitions: usize,
        #[serde(with = "crate::ipc::schema")]
        schema: SchemaRef,
    },
    CsvScan {
        table: CsvTable,
        projection: Vec<usize>,
    },
    Concat {
        fetch: Option<usize>,
    },
    Tail {
        rows: usize,
        take: Option<usize>,
        is_final: bool,
    },
}

#[derive(Debug)]
struct Codec;

fn damaged(error: postcard::Error) -> datafusion::error::DataFusionError {
    to_datafusion(Error::internal(format!("a plan node cannot be written or read: {error}")))
}

impl PhysicalExtensionCodec for Codec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        _: &TaskContext,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let input = || inputs.first().cloned().ok_or_else(|| to_datafusion(Error::internal("a plan node without its input")));
        Ok(match postcard::from_bytes(bytes).map_err(damaged)? {
            Node::EdgeInput { input, feed, partitions, schema } => {
                Arc::new(EdgeInputExec::new(input, feed, schema, Partitioning::UnknownPartitioning(partitions), None))
            }
            Node::CsvScan { table, projection } => Arc::new(CsvScanExec::new(Arc::new(table), projection)?),
            Node::Concat { fetch } => Arc::new(ConcatExec::new(input()?, fetch)),
            Node::Tail { rows, take, is_final } => Arc::new(TailExec::new(input()?, rows, take, is_final)),
        })
    }

    fn try_encode(&self, node: Arc<dyn ExecutionPlan>, bytes: &mut Vec<u8>, _: &dyn PhysicalProtoConverterExtension) -> DfResult<()> {
        let form = if let Some(edge) = node.downcast_ref::<EdgeInputExec>() {
            let (input, feed, partitions) = edge.parts();
            Node::EdgeInput { input, feed, partitions, schema: edge.schema() }
        } else if let Some(scan) = node.downcast_ref::<CsvScanExec>() {
            let (table, projection) = scan.parts();
            Node::CsvScan { table: table.clone(), projection: projection.to_vec() }
        } else if let Some(concat) = node.downcast_ref::<ConcatExec>() {
            Node::Concat { fetch: concat.limit() }
        } else if let Some(tail) = node.downcast_ref::<TailExec>() {
            let (rows, take, is_final) = tail.parts();
            Node::Tail { rows, take, is_final }
        } else {
            return Err(to_datafusion(Error::internal(format!("{} has no form in which it could leave this process", node.name()))));
        };
        bytes.extend(postcard::to_stdvec(&form).map_err(damaged)?);
        Ok(())
    }
}
