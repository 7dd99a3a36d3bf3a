//! Plans as bytes: DataFusion's own form, with one for the nodes that are ours.

use super::{own, sql_windows};
use crate::{
    error::{of_datafusion, to_datafusion},
    expr::{Mapped, decode_mapped},
    functions,
    interop::{registered, registered_as},
    session,
};
use bytes::Bytes;
use datafusion::{
    common::Result as DfResult,
    execution::TaskContext,
    logical_expr::{AggregateUDF, ScalarUDF},
    physical_plan::ExecutionPlan,
};
use datafusion_proto::{
    bytes::{physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec},
    physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension},
};
use std::sync::Arc;
use stratal_core::{Error, Result};

/// The plan as bytes.
///
/// # Errors
/// A node without a form, by name.
pub(crate) fn encode(plan: Arc<dyn ExecutionPlan>) -> Result<Bytes> {
    sql_windows::check(&plan)?;
    physical_plan_to_bytes_with_extension_codec(plan, &Codec).map_err(of_datafusion)
}

/// The plan that [`encode`] wrote.
pub(crate) fn decode(bytes: &[u8]) -> Result<Arc<dyn ExecutionPlan>> {
    physical_plan_from_bytes_with_extension_codec(bytes, &session::decoding(), &Codec).map_err(of_datafusion)
}

/// What travels of a function that the program registered, besides its name.
const REGISTERED: &[u8] = b"registered";

/// The wire forms of what is ours in plans: nodes, and functions.
#[derive(Debug)]
pub(crate) struct Codec;

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

    /// Functions of single values say who they are; all others are known by their names, which every session has.
    fn try_encode_udf(&self, function: &ScalarUDF, bytes: &mut Vec<u8>) -> DfResult<()> {
        if let Some(mapped) = function.inner().downcast_ref::<Mapped>() {
            bytes.extend(mapped.encode().map_err(to_datafusion)?);
        } else if registered().iter().any(|own| own.as_ref() == function) {
            bytes.extend_from_slice(REGISTERED);
        }
        Ok(())
    }

    fn try_decode_udf(&self, name: &str, bytes: &[u8]) -> DfResult<Arc<ScalarUDF>> {
        if bytes.is_empty() {
            return Err(to_datafusion(Error::internal(format!("no function is called {name}"))));
        }
        match bytes == REGISTERED {
            true => registered_as(name).map_err(to_datafusion),
            false => decode_mapped(bytes).map_err(to_datafusion),
        }
    }

    /// Aggregates that are not DataFusion's are known by their names.
    fn try_decode_udaf(&self, name: &str, _: &[u8]) -> DfResult<Arc<AggregateUDF>> {
        let function = functions::named(name);
        function.ok_or_else(|| to_datafusion(Error::internal(format!("no aggregate is called {name}"))))
    }
}

/// Plans as fields of serde types.
pub(crate) mod wire {
    use super::*;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

    /// Writes a plan.
    pub(crate) fn serialize<S: Serializer>(plan: &Arc<dyn ExecutionPlan>, serializer: S) -> Result<S::Ok, S::Error> {
        encode(plan.clone()).map_err(ser::Error::custom)?.serialize(serializer)
    }

    /// Reads a plan.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<dyn ExecutionPlan>, D::Error> {
        decode(&Bytes::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
