//! [`Keys`]: rows by the values of some columns, and directories named after these.

use crate::{format::raw, types::type_name};
use arrow_array::{Array, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Schema, SchemaRef};
use arrow_select::take::take_record_batch;
use std::{collections::HashMap, sync::Arc};
use stratal_core::{Error, ErrorKind, Result, error::nearest};

/// The value that stands for null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The columns that rows are told apart by.
pub(super) struct Keys {
    keys: Vec<usize>,
    /// `year=` of each, encoded.
    heads: Vec<Vec<u8>>,
    rest: Vec<usize>,
    schema: SchemaRef,
}

impl Keys {
    /// These columns of a schema.
    ///
    /// # Errors
    /// `UnknownColumn`; `TypeMismatch` for a type that names no directory; `BadValue` if no other column is left.
    pub(super) fn new(names: &[String], schema: &Schema) -> Result<Self> {
        let keys = names.iter().map(|name| position(name, schema)).collect::<Result<Vec<usize>>>()?;
        for (nth, key) in keys.iter().enumerate() {
            let field = schema.field(*key);
            if !names_directories(field.data_type()) {
                let message = format!("rows cannot be put in directories by {:?}, which is {}", field.name(), type_name(field.data_type()));
                let help = "partition_by takes integers, texts, dates, times, decimals, floats and truth values";
                return Err(Error::new(ErrorKind::TypeMismatch, message).with_help(help));
            }
            if keys[..nth].contains(key) {
                return Err(Error::new(ErrorKind::BadValue, format!("partition_by names {:?} twice", field.name())));
            }
        }
        let rest: Vec<usize> = (0..schema.fields().len()).filter(|column| !keys.contains(column)).collect();
        if rest.is_empty() {
            let error = Error::new(ErrorKind::BadValue, "partition_by names every column, and nothing is left for the files");
            return Err(error.with_help("leave a column out of partition_by"));
        }
        let head = |name: &String| {
            let mut head = Vec::new();
            // What begins with one of these is hidden from readers.
            let (first, rest) = match name.as_bytes() {
                [b'.', rest @ ..] => (&b"%2E"[..], rest),
                [b'_', rest @ ..] => (&b"%5F"[..], rest),
                all => (&b""[..], all),
            };
            head.extend_from_slice(first);
            encoded(rest, &mut head);
            head.push(b'=');
            head
        };
        let heads = names.iter().map(head).collect();
        Ok(Keys { keys, heads, schema: Arc::new(schema.project(&rest)?), rest })
    }

    /// The columns that stand in files.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The directory of rows whose keys are null.
    pub(super) fn of_nulls(&self) -> String {
        let parts = self.heads.iter().map(|head| format!("{}{NULL}", String::from_utf8_lossy(head)));
        parts.collect::<Vec<_>>().join("/")
    }

    /// The rows of each directory, in the order in which directories come first; in each they stay in order.
    pub(super) fn split(&self, batch: &RecordBatch) -> Result<Vec<(String, RecordBatch)>> {
        let columns: Vec<_> = self.keys.iter().map(|key| (batch.column(*key).logical_nulls(), raw(batch.column(*key)))).collect();
        let mut groups: Vec<(Vec<u8>, Vec<u32>)> = Vec::new();
        let mut known: HashMap<Vec<u8>, usize> = HashMap::new();
        let (mut directory, mut value, mut last) = (Vec::new(), Vec::new(), None);
        for row in 0..batch.num_rows() {
            directory.clear();
            for (nth, (nulls, put)) in columns.iter().enumerate() {
                if nth > 0 {
                    directory.push(b'/');
                }
                directory.extend_from_slice(&self.heads[nth]);
                match nulls {
                    Some(nulls) if nulls.is_null(row) => directory.extend_from_slice(NULL.as_bytes()),
                    _ => {
                        value.clear();
                        put(row, &mut value);
                        encoded(&value, &mut directory);
                    }
                }
            }
            let group = match last.filter(|last: &usize| groups[*last].0 == directory) {
                Some(last) => last,
                None => *known.entry(directory.clone()).or_insert_with(|| {
                    groups.push((directory.clone(), Vec::new()));
                    groups.len() - 1
                }),
            };
            groups[group].1.push(row as u32);
            last = Some(group);
        }
        let rest = batch.project(&self.rest)?;
        let is_one = groups.len() == 1;
        let split = groups.into_iter().map(|(directory, rows)| -> Result<(String, RecordBatch)> {
            let rows = if is_one { rest.clone() } else { take_record_batch(&rest, &UInt32Array::from(rows))? };
            Ok((String::from_utf8_lossy(&directory).into_owned(), rows))
        });
        split.collect()
    }
}

fn position(name: &str, schema: &Schema) -> Result<usize> {
    schema.fields().iter().position(|field| field.name() == name).ok_or_else(|| {
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let error = Error::new(ErrorKind::UnknownColumn, format!("no column {name:?} in [{}]", names.join(", ")));
        match nearest(name, names) {
            Some(near) => error.with_help(format!("did you mean {near:?}?")),
            None => error,
        }
    })
}

fn names_directories(data_type: &DataType) -> bool {
    use DataType::*;
    match data_type {
        Dictionary(_, values) => names_directories(values),
        Null | Boolean | Utf8 | LargeUtf8 | Utf8View | Date32 | Date64 | Time32(_) | Time64(_) | Timestamp(..) => true,
        other => other.is_numeric(),
    }
}

/// The text with everything but letters, digits and `-_.~` URL-encoded.
fn encoded(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            _ => out.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int64Array, StringArray, cast::AsArray, types::Int64Type};

    fn batch() -> RecordBatch {
        let columns: [(&str, ArrayRef, bool); 3] = [
            ("year", Arc::new(Int64Array::from(vec![Some(2024), None, Some(2024), Some(2023)])), true),
            ("x", Arc::new(Int64Array::from(vec![1, 2, 3, 4])), true),
            ("a city", Arc::new(StringArray::from(vec!["New York", "Köln/Bonn", "New York", ""])), true),
        ];
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn rows_are_told_apart_by_encoded_values() {
        let keys = Keys::new(&names(&["a city", "year"]), batch().schema_ref()).unwrap();
        let split = keys.split(&batch()).unwrap();
        let found: Vec<(&str, Vec<i64>)> =
            split.iter().map(|(name, rows)| (name.as_str(), rows.column(0).as_primitive::<Int64Type>().values().to_vec())).collect();
        assert_eq!(
            found,
            [
                ("a%20city=New%20York/year=2024", vec![1, 3]),
                ("a%20city=K%C3%B6ln%2FBonn/year=__HIVE_DEFAULT_PARTITION__", vec![2]),
                ("a%20city=/year=2023", vec![4]),
            ]
        );
        assert!(split.iter().all(|(_, rows)| rows.schema() == *keys.schema() && rows.num_columns() == 1));
        assert_eq!(keys.of_nulls(), "a%20city=__HIVE_DEFAULT_PARTITION__/year=__HIVE_DEFAULT_PARTITION__");
    }

    #[test]
    fn keys_that_cannot_be_are_refused() {
        let error = |keys: &[&str]| Keys::new(&names(keys), batch().schema_ref()).err().unwrap();
        assert_eq!((error(&["yaer"]).kind(), error(&["yaer"]).help()), (ErrorKind::UnknownColumn, Some("did you mean \"year\"?")));
        assert_eq!(error(&["year", "x", "a city"]).kind(), ErrorKind::BadValue);
        assert_eq!(error(&["x", "x"]).message(), "partition_by names \"x\" twice");
    }
}
