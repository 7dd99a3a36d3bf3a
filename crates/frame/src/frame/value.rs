//! [`Frame`] as what tasks take and give: rows in the store, an Arrow IPC stream on the wire.

use super::Frame;
use crate::ipc;
use std::sync::Arc;
use stratal_core::{
    Error, ErrorKind, Result,
    function::Whole,
    value::{Batches, Data, Value, decode_bytes, encode_bytes},
};

impl Value for Frame {
    fn type_name() -> String {
        "Frame".to_owned()
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        encode_bytes(&ipc::encode(self.schema(), self.batches())?, out);
        Ok(())
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        let (schema, batches) = ipc::decode(decode_bytes(input)?)?;
        Frame::new(schema, batches)
    }

    fn heap_bytes(&self) -> u64 {
        self.stored().bytes()
    }

    fn into_data(self) -> Data {
        Data::Batches(self.stored())
    }

    fn from_data(data: &Data) -> Result<Arc<Self>> {
        match data {
            Data::Batches(rows) => Ok(Arc::new(Frame { schema: rows.schema.clone(), batches: rows.batches.clone() })),
            Data::Object(object) => object.get(),
            other => {
                let have = other.type_name();
                let error = Error::new(ErrorKind::TypeMismatch, format!("the result is {have}, and Frame was asked for"));
                Err(error.with_help(format!("ask for {have}")))
            }
        }
    }
}

impl Whole for Frame {}

impl Frame {
    fn stored(&self) -> Batches {
        Batches { schema: self.schema.clone(), batches: self.batches.clone() }
    }
}
