//! The wire form of a chunk in values and in bodies: its type, its shape and its elements in row-major order.
//!
//! Results that are chunks go over the network in a framing of their own; see the cluster's `flight`.

use super::{Chunk, DType};
use crate::{
    Error, ErrorKind, Result,
    function::Whole,
    value::{Data, Value},
};
use arrow_buffer::Buffer;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What serde sees of a chunk.
#[derive(Serialize, Deserialize)]
pub(super) struct Wire {
    dtype: DType,
    shape: Vec<usize>,
    elements: Bytes,
}

/// A buffer that bytes are made of without a copy.
struct Owner(Buffer);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl From<Chunk> for Wire {
    fn from(chunk: Chunk) -> Self {
        Wire { dtype: chunk.dtype(), shape: chunk.shape().to_vec(), elements: chunk.elements() }
    }
}

impl TryFrom<Wire> for Chunk {
    type Error = Error;

    fn try_from(wire: Wire) -> Result<Chunk> {
        Chunk::new(wire.dtype, &wire.shape, Buffer::from(wire.elements))
    }
}

impl Chunk {
    /// Its elements in row-major order, as bytes. Not copied where they stand so already.
    pub fn elements(&self) -> Bytes {
        Bytes::from_owner(Owner(self.compact().buffer().clone()))
    }
}

impl Value for Chunk {
    fn type_name() -> String {
        "Chunk".to_owned()
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        crate::__private::encode(self, out)
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        crate::__private::decode(input)
    }

    fn heap_bytes(&self) -> u64 {
        self.bytes()
    }

    fn into_data(self) -> Data {
        Data::Chunk(self)
    }

    fn from_data(data: &Data) -> Result<Arc<Self>> {
        match data {
            Data::Chunk(chunk) => Ok(Arc::new(chunk.clone())),
            Data::Object(object) => object.get(),
            other => {
                let message = format!("the result is {}, and Chunk was asked for", other.type_name());
                Err(Error::new(ErrorKind::TypeMismatch, message).with_help(format!("ask for {}", other.type_name())))
            }
        }
    }
}

impl Whole for Chunk {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Object;

    #[test]
    fn a_view_arrives_compact() {
        let chunk = Chunk::new(DType::I16, &[2, 3], vec![1i16, 2, 3, 4, 5, 6].into()).unwrap();
        let column = chunk.view(&[0, 1], &[2, 1], &[1, 1]).unwrap();
        let object = Object::new(column);
        let arrived = Object::from_wire(object.type_name().to_owned(), object.wire().unwrap()).get::<Chunk>().unwrap();
        assert_eq!((arrived.dtype(), arrived.shape()), (DType::I16, &[2, 1][..]));
        assert_eq!(&arrived.elements()[..], [2, 0, 5, 0]);
    }

    #[test]
    fn elements_that_do_not_fill_the_shape_are_an_error() {
        let wire = Wire { dtype: DType::F64, shape: vec![2, 2], elements: Bytes::from_static(&[0; 24]) };
        let bytes = postcard::to_stdvec(&wire).unwrap();
        assert!(postcard::from_bytes::<Chunk>(&bytes).is_err());
    }
}
