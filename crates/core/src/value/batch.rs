//! A record batch as what tasks take and give: rows in the store, an Arrow stream on the wire.

use super::{Batches, Data, Value, decode_bytes, encode_bytes};
use crate::{
    Error, ErrorKind, Result,
    function::{Whole, decode_batches, encode_batches},
};
use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use std::sync::Arc;

fn stored(batch: &RecordBatch) -> Batches {
    Batches { schema: batch.schema(), batches: Arc::new([batch.clone()]) }
}

/// All rows as one batch.
fn together(rows: &Batches) -> Result<RecordBatch> {
    match &rows.batches[..] {
        [batch] => Ok(batch.clone()),
        batches => Ok(concat_batches(&rows.schema, batches)?),
    }
}

impl Value for RecordBatch {
    fn type_name() -> String {
        "RecordBatch".to_owned()
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        encode_bytes(&encode_batches(&stored(self))?, out);
        Ok(())
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        together(&decode_batches(decode_bytes(input)?)?)
    }

    fn heap_bytes(&self) -> u64 {
        stored(self).bytes()
    }

    fn into_data(self) -> Data {
        Data::Batches(stored(&self))
    }

    fn from_data(data: &Data) -> Result<Arc<Self>> {
        match data {
            Data::Batches(rows) => together(rows).map(Arc::new),
            Data::Object(object) => object.get(),
            Data::Chunk(_) => {
                let message = "the result is a chunk of an array, and RecordBatch was asked for";
                Err(Error::new(ErrorKind::TypeMismatch, message).with_help("ask for a Chunk"))
            }
            Data::Unit => {
                let message = "the result is (), and RecordBatch was asked for";
                Err(Error::new(ErrorKind::TypeMismatch, message).with_help("ask for ()"))
            }
        }
    }
}

impl Whole for RecordBatch {}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int64Array};

    fn batch(values: &[i64]) -> RecordBatch {
        let column: ArrayRef = Arc::new(Int64Array::from(values.to_vec()));
        RecordBatch::try_from_iter([("x", column)]).unwrap()
    }

    #[test]
    fn a_batch_survives_the_wire_and_the_store() {
        let (mut bytes, batch) = (Vec::new(), batch(&[1, 2, 3]));
        batch.encode(&mut bytes).unwrap();
        let mut input = &bytes[..];
        assert_eq!((RecordBatch::decode(&mut input).unwrap(), input.len()), (batch.clone(), 0));
        assert_eq!(*RecordBatch::from_data(&batch.clone().into_data()).unwrap(), batch);
    }

    #[test]
    fn rows_of_several_batches_are_one_and_no_rows_are_an_empty_one() {
        let rows = |batches: Vec<RecordBatch>| Data::Batches(Batches { schema: batch(&[]).schema(), batches: batches.into() });
        assert_eq!(*RecordBatch::from_data(&rows(vec![batch(&[1]), batch(&[2, 3])])).unwrap(), batch(&[1, 2, 3]));
        assert_eq!(*RecordBatch::from_data(&rows(vec![])).unwrap(), batch(&[]));
        assert!(RecordBatch::from_data(&1i64.into_data()).is_err());
    }
}
