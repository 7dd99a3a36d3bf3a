//! Flight messages as the pieces of results.

use super::Mark;
use arrow_array::ArrayRef;
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_flight::FlightData;
use arrow_ipc::{
    MessageHeader,
    convert::try_schema_from_flatbuffer_bytes,
    reader::{read_dictionary, read_record_batch},
    root_as_message,
};
use arrow_schema::SchemaRef;
use bytes::Bytes;
use std::{collections::HashMap, sync::Arc};
use stratal_core::{
    Error, ErrorKind, Result,
    runner::Piece,
    value::{Chunk, DType, Object},
};

/// What arrays want their buffers aligned to.
const ALIGNMENT: usize = 64;
/// Bytes that are taken in advance for a value, whatever its sender says of its size.
const RESERVE: u64 = 256 << 20;

/// Reads a stream of results, message by message.
#[derive(Default)]
pub(super) struct Decoder {
    schema: Option<SchemaRef>,
    dictionaries: HashMap<i64, ArrayRef>,
    /// A value of which pieces are still to come.
    object: Option<Partial>,
    /// A chunk of which pieces are still to come.
    chunk: Option<PartialChunk>,
}

struct Partial {
    type_name: String,
    bytes: u64,
    wire: Vec<u8>,
}

struct PartialChunk {
    dtype: DType,
    shape: Vec<usize>,
    bytes: usize,
    /// Aligned as elements want it, so that it is not copied again.
    elements: MutableBuffer,
}

impl PartialChunk {
    fn new(dtype: DType, shape: &[u64]) -> Option<Self> {
        let shape: Vec<usize> = shape.iter().map(|len| usize::try_from(*len).ok()).collect::<Option<_>>()?;
        let bytes = shape.iter().try_fold(dtype.size(), |bytes, len| bytes.checked_mul(*len))?;
        Some(PartialChunk { dtype, shape, bytes, elements: MutableBuffer::with_capacity(bytes.min(RESERVE as usize)) })
    }

    fn whole(self, elements: Buffer) -> Result<Piece> {
        Chunk::new(self.dtype, &self.shape, elements).map(Piece::Chunk)
    }
}

fn damaged() -> Error {
    Error::new(ErrorKind::BadValue, "a result arrived damaged")
}

impl Decoder {
    /// The piece that is complete with this message.
    ///
    /// # Errors
    /// `BadValue` for messages that no worker sends.
    pub(super) fn take(&mut self, message: FlightData) -> Result<Option<Piece>> {
        if message.app_metadata.is_empty() {
            return self.take_ipc(&message);
        }
        match postcard::from_bytes(&message.app_metadata).map_err(|_| damaged())? {
            Mark::Object { type_name, bytes } if message.data_body.len() as u64 == bytes => {
                Ok(Some(Piece::Object(Object::from_wire(type_name, message.data_body))))
            }
            Mark::Object { type_name, bytes } => {
                let mut wire = Vec::with_capacity(bytes.min(RESERVE) as usize);
                wire.extend_from_slice(&message.data_body);
                self.object = Some(Partial { type_name, bytes, wire });
                Ok(None)
            }
            Mark::Chunk { dtype, shape } => {
                let mut chunk = PartialChunk::new(dtype, &shape).ok_or_else(damaged)?;
                if message.data_body.len() == chunk.bytes {
                    return chunk.whole(aligned(&message.data_body)).map(Some);
                }
                chunk.elements.extend_from_slice(&message.data_body[..]);
                self.chunk = Some(chunk);
                Ok(None)
            }
            Mark::Piece if self.chunk.is_some() => {
                let mut chunk = self.chunk.take().ok_or_else(damaged)?;
                chunk.elements.extend_from_slice(&message.data_body[..]);
                if chunk.elements.len() < chunk.bytes {
                    self.chunk = Some(chunk);
                    return Ok(None);
                }
                let elements = Buffer::from(std::mem::replace(&mut chunk.elements, MutableBuffer::new(0)));
                chunk.whole(elements).map(Some)
            }
            Mark::Piece => {
                let object = self.object.as_mut().ok_or_else(damaged)?;
                object.wire.extend_from_slice(&message.data_body);
                if (object.wire.len() as u64) < object.bytes {
                    return Ok(None);
                }
                let whole = self.object.take().map(|object| Object::from_wire(object.type_name, Bytes::from(object.wire)));
                Ok(whole.map(Piece::Object))
            }
            Mark::End(_) if self.object.is_some() || self.chunk.is_some() => Err(damaged()),
            Mark::End(rows) => {
                self.schema = None;
                self.dictionaries.clear();
                Ok(Some(Piece::End(rows)))
            }
        }
    }

    fn take_ipc(&mut self, data: &FlightData) -> Result<Option<Piece>> {
        let message = root_as_message(&data.data_header).map_err(|_| damaged())?;
        if message.header_type() == MessageHeader::Schema {
            let schema: SchemaRef = Arc::new(try_schema_from_flatbuffer_bytes(&data.data_header)?);
            self.schema = Some(schema.clone());
            return Ok(Some(Piece::Schema(schema)));
        }
        let schema = self.schema.as_ref().ok_or_else(damaged)?;
        let (body, version) = (aligned(&data.data_body), message.version());
        if let Some(dictionary) = message.header_as_dictionary_batch() {
            read_dictionary(&body, dictionary, schema, &mut self.dictionaries, &version)?;
            return Ok(None);
        }
        let batch = message.header_as_record_batch().ok_or_else(damaged)?;
        Ok(Some(Piece::Batch(read_record_batch(&body, batch, schema.clone(), &self.dictionaries, None, &version)?)))
    }
}

/// The body of a message where arrays can use it as it is: in place, if it happens to be aligned.
fn aligned(body: &Bytes) -> Buffer {
    match (body.as_ptr() as usize).is_multiple_of(ALIGNMENT) {
        true => Buffer::from(body.clone()),
        false => Buffer::from(body.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flight::encode::{Rows, chunk, object};
    use arrow_array::{
        Array, DictionaryArray, Int64Array, LargeListArray, RecordBatch, RecordBatchOptions, StringViewArray,
        types::{Int32Type, Int64Type},
    };
    use arrow_schema::Schema;
    use stratal_core::value::Batches;

    fn there_and_back(batches: &Batches) -> Vec<RecordBatch> {
        let mut decoder = Decoder::default();
        let mut arrived = Vec::new();
        for message in Rows::new(batches) {
            match decoder.take(message.unwrap()).unwrap() {
                Some(Piece::Schema(schema)) => assert_eq!(schema, batches.schema),
                Some(Piece::Batch(batch)) => arrived.push(batch),
                Some(Piece::End(rows)) => assert_eq!(rows, batches.rows()),
                Some(Piece::Chunk(_) | Piece::Object(_)) => panic!("rows were sent"),
                None => {}
            }
        }
        arrived
    }

    #[test]
    fn types_that_flight_would_rewrite_arrive_as_they_are() {
        let lists: ArrayRef =
            Arc::new(LargeListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]));
        let words: ArrayRef = Arc::new(["a", "b", "a"].into_iter().collect::<DictionaryArray<Int32Type>>());
        let views: ArrayRef = Arc::new(StringViewArray::from(vec![Some("a text that is not inlined at all"), None, Some("b")]));
        let batch = RecordBatch::try_from_iter([("lists", lists), ("words", words), ("views", views)]).unwrap();
        let rows = Batches { schema: batch.schema(), batches: vec![batch.clone(), batch.slice(1, 2)].into() };
        assert_eq!(there_and_back(&rows), rows.batches[..]);
    }

    #[test]
    fn batches_without_rows_or_columns_keep_what_they_have() {
        let schema: SchemaRef = Arc::new(Schema::empty());
        let counted =
            RecordBatch::try_new_with_options(schema.clone(), vec![], &RecordBatchOptions::new().with_row_count(Some(7))).unwrap();
        assert_eq!(there_and_back(&Batches { schema: schema.clone(), batches: vec![counted].into() })[0].num_rows(), 7);
        assert!(there_and_back(&Batches { schema, batches: Arc::new([]) }).is_empty());
    }

    #[test]
    fn large_batches_arrive_in_several_messages() {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1_000_000));
        let batch = RecordBatch::try_from_iter([("x", column)]).unwrap();
        let rows = Batches { schema: batch.schema(), batches: vec![batch].into() };
        assert!(Rows::new(&rows).all(|message| message.unwrap().data_body.len() < 3 << 20));
        let sum: usize = there_and_back(&rows).iter().map(|batch| batch.column(0).len()).sum();
        assert_eq!(sum, 1_000_000);
    }

    #[test]
    fn values_arrive_whole_whatever_their_size() {
        for bytes in [0usize, 5, 9 << 20] {
            let wire = Bytes::from(vec![7u8; bytes]);
            let mut decoder = Decoder::default();
            let mut pieces: Vec<Piece> =
                object("T".to_owned(), wire.clone()).filter_map(|message| decoder.take(message.unwrap()).unwrap()).collect();
            assert!(matches!(pieces.pop(), Some(Piece::End(1))));
            let Some(Piece::Object(object)) = pieces.pop() else { panic!("a value was sent") };
            assert_eq!((object.type_name(), object.wire().unwrap()), ("T", wire));
        }
    }

    #[test]
    fn chunks_arrive_whole_and_compact_whatever_their_size() {
        for rows in [0usize, 3, 700_000] {
            let numbers: Vec<f64> = (0..rows * 2).map(|n| n as f64).collect();
            let sent = Chunk::new(DType::F64, &[rows, 2], numbers.into()).unwrap();
            let backwards = sent.with_axes(&[Some(1), Some(0)]).unwrap();
            let mut decoder = Decoder::default();
            let mut pieces: Vec<Piece> = chunk(&backwards).filter_map(|message| decoder.take(message.unwrap()).unwrap()).collect();
            assert!(matches!(pieces.pop(), Some(Piece::End(1))));
            let Some(Piece::Chunk(arrived)) = pieces.pop() else { panic!("a chunk was sent") };
            assert_eq!((arrived.dtype(), arrived.shape()), (DType::F64, &[2, rows][..]));
            assert_eq!(arrived.elements(), backwards.elements());
        }
    }

    #[test]
    fn garbage_is_an_error() {
        let garbage = |app_metadata: &'static [u8], data_header: &'static [u8]| FlightData {
            app_metadata: Bytes::from_static(app_metadata),
            data_header: Bytes::from_static(data_header),
            ..FlightData::default()
        };
        for message in [garbage(&[9, 9], &[]), garbage(&[], &[1, 2, 3]), garbage(&[1], &[]), garbage(&[], &[])] {
            assert!(Decoder::default().take(message).is_err());
        }
    }
}
