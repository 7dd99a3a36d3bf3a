//! Objects to arrays.
//!
//! Arrow's decoder makes an integer of any number by cutting off its fraction. So integers are decoded as they are written,
//! and cast afterwards, which refuses what is none.

use arrow_array::{ArrayRef, RecordBatch};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_json::{ReaderBuilder, reader::Decoder};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields, Schema};
use std::sync::Arc;

/// Makes columns of JSON texts.
pub(super) struct Decode {
    decoder: Decoder,
    /// The columns that come out.
    fields: Fields,
}

impl Decode {
    /// For these columns, and up to so many rows at once.
    ///
    /// # Errors
    /// A type that JSON is not decoded to.
    pub(super) fn new(fields: &Fields, rows: usize) -> Result<Self, ArrowError> {
        let written = Arc::new(Schema::new(fields.iter().map(as_written).collect::<Vec<_>>()));
        let decoder = ReaderBuilder::new(written).with_batch_size(rows).with_coerce_primitive(true).build_decoder()?;
        Ok(Decode { decoder, fields: fields.clone() })
    }

    /// Takes in one object. False if it is not one JSON text, as far as that shows.
    pub(super) fn push(&mut self, text: &[u8]) -> Result<bool, ArrowError> {
        let rows = self.decoder.len();
        let read = self.decoder.decode(text)?;
        // A number ends with what follows it.
        self.decoder.decode(b"\n")?;
        Ok(read == text.len() && !self.decoder.has_partial_record() && self.decoder.len() == rows + 1)
    }

    /// The columns of all objects that were taken in.
    pub(super) fn finish(&mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        let Some(batch): Option<RecordBatch> = self.decoder.flush()? else { return Ok(Vec::new()) };
        let options = CastOptions { safe: false, ..CastOptions::default() };
        let columns = batch.columns().iter().zip(&self.fields).map(|(column, field)| match column.data_type() == field.data_type() {
            true => Ok(column.clone()),
            false => cast_with_options(column, field.data_type(), &options),
        });
        columns.collect()
    }
}

/// The column with texts in place of integers.
fn as_written(field: &FieldRef) -> Field {
    // What an object does not have is null.
    Field::new(field.name(), written_type(field.data_type()), true)
}

fn written_type(data_type: &DataType) -> DataType {
    let inner = |field: &FieldRef| Arc::new((**field).clone().with_data_type(written_type(field.data_type())));
    match data_type {
        integer if integer.is_integer() => DataType::Utf8,
        DataType::List(item) => DataType::List(inner(item)),
        DataType::LargeList(item) => DataType::LargeList(inner(item)),
        DataType::FixedSizeList(item, length) => DataType::FixedSizeList(inner(item), *length),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(inner).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::parse;
    use arrow_array::{Array, cast::AsArray, types::Int64Type};

    fn decoded(data_type: &str, texts: &[&str]) -> Result<ArrayRef, ArrowError> {
        let mut decode = Decode::new(&Fields::from(vec![Field::new("a", parse(data_type).unwrap(), true)]), 100)?;
        for text in texts {
            assert!(decode.push(text.as_bytes())?);
        }
        decode.finish().map(|mut columns| columns.remove(0))
    }

    #[test]
    fn integers_are_exact_and_fractions_are_refused() {
        let array = decoded("i64", &["{\"a\": 9007199254740993}", "{}", "{\"a\": -1}", "{\"a\": null}"]).unwrap();
        let values: Vec<Option<i64>> = array.as_primitive::<Int64Type>().iter().collect();
        assert_eq!(values, [Some(9007199254740993), None, Some(-1), None]);
        for wrong in ["1.5", "1e3", "true", "9223372036854775808", "{}", "[1]", "\"x\""] {
            assert!(decoded("i64", &[&*format!("{{\"a\": {wrong}}}")]).is_err(), "{wrong}");
        }
        assert!(decoded("i8", &["{\"a\": 128}"]).is_err());
    }

    #[test]
    fn integers_in_lists_and_objects_are_exact_too() {
        let array =
            decoded("list[struct{n: i64, s: str}]", &["{\"a\": [{\"n\": 9007199254740993, \"s\": 5}, {\"s\": \"x\"}]}", "{\"a\": []}"])
                .unwrap();
        let items = array.as_list::<i32>().values().as_struct().clone();
        assert_eq!(items.column(0).as_primitive::<Int64Type>().value(0), 9007199254740993);
        assert!(items.column(0).is_null(1));
        assert_eq!(items.column(1).as_string::<i32>().value(0), "5");
        assert!(decoded("list[i64]", &["{\"a\": [1, 2.5]}"]).is_err());
    }

    #[test]
    fn a_text_that_is_not_one_object_is_noticed() {
        let mut decode = Decode::new(&Fields::from(vec![Field::new("a", DataType::Int64, true)]), 100).unwrap();
        assert!(!decode.push(b"{} {}").unwrap());
        let mut decode = Decode::new(&Fields::from(vec![Field::new("a", DataType::Int64, true)]), 100).unwrap();
        assert!(!decode.push(b"{\"a\": 1").unwrap());
    }
}
