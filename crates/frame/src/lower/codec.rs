//! Plans as bytes: DataFusion's own form, with one for the nodes that are ours.

use super::own;
use crate::{
    error::{of_datafusion, to_datafusion},
    session,
};
use bytes::Bytes;
use datafusion::{common::Result as DfResult, execution::TaskContext, physical_plan::ExecutionPlan};
use datafusion_proto::{
    bytes::{physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec},
    physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension},
};
use std::sync::Arc;
use stratal_core::Result;

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

#[derive(Debug)]
struct Codec;

impl PhysicalExtensionCodec for Codec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        _: &TaskContext,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        own::decode(bytes, inputs).map_err(to_datafusion)
    }

    fn try_encode(&self, node: Arc<dyn ExecutionPlan>, bytes: &mut Vec<u8>, _: &dyn PhysicalProtoConverterExtension) -> DfResult<()> {
        bytes.extend(own::encode(&node).map_err(to_datafusion)?);
        Ok(())
    }
}
