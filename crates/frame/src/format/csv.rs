//! Rows as CSV: fields in quotes only where they hold the delimiter, a quote or a newline, or are an empty text; null is
//! nothing; floats as Python prints them, decimals with their scale; lists and structs as JSON.

use super::{
    Put,
    cell::{Cell, cells},
    text,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::Schema;

/// The names of the columns.
pub(crate) fn header(schema: &Schema, delimiter: u8, out: &mut Vec<u8>) {
    for (at, field) in schema.fields().iter().enumerate() {
        if at > 0 {
            out.push(delimiter);
        }
        quoted(field.name().as_bytes(), delimiter, out);
    }
    out.push(b'\n');
}

/// The rows.
pub(crate) fn rows(batch: &RecordBatch, delimiter: u8, out: &mut Vec<u8>) {
    let columns: Vec<Put> = batch.columns().iter().map(|column| fields(column, delimiter)).collect();
    for row in 0..batch.num_rows() {
        for (at, put) in columns.iter().enumerate() {
            if at > 0 {
                out.push(delimiter);
            }
            put(row, out);
        }
        out.push(b'\n');
    }
}

/// The fields of a column.
fn fields(column: &ArrayRef, delimiter: u8) -> Put {
    // No number and no date holds one of these.
    let is_apart = matches!(delimiter, b',' | b';' | b'\t' | b'|');
    let put: Put = match cells(column) {
        Cell::Number(put) | Cell::Float(put) | Cell::Plain(put) if is_apart => put,
        Cell::Number(put) | Cell::Float(put) | Cell::Plain(put) | Cell::Nested(put) => quoted_after(put, delimiter),
        Cell::Text(texts) => Box::new(move |row, out| quoted(texts.bytes(row), delimiter, out)),
        Cell::Binary(values) => quoted_after(Box::new(move |row, out| text::blob(values.bytes(row), b"\\", out)), delimiter),
    };
    match column.logical_nulls() {
        None => put,
        Some(nulls) => Box::new(move |row, out| {
            if nulls.is_valid(row) {
                put(row, out);
            }
        }),
    }
}

fn needs_quotes(text: &[u8], delimiter: u8) -> bool {
    text.is_empty() || text.iter().any(|byte| matches!(byte, b'"' | b'\n' | b'\r') || *byte == delimiter)
}

/// A text, in quotes if it needs them.
fn quoted(text: &[u8], delimiter: u8, out: &mut Vec<u8>) {
    if !needs_quotes(text, delimiter) {
        return out.extend_from_slice(text);
    }
    out.push(b'"');
    for part in text.split_inclusive(|byte| *byte == b'"') {
        out.extend_from_slice(part);
        if part.ends_with(b"\"") {
            out.push(b'"');
        }
    }
    out.push(b'"');
}

/// Puts what was written in quotes if it needs them.
fn quoted_after(put: Put, delimiter: u8) -> Put {
    Box::new(move |row, out| {
        let start = out.len();
        put(row, out);
        if needs_quotes(&out[start..], delimiter) {
            let text = out.split_off(start);
            quoted(&text, delimiter, out);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int8Array, Int64Array,
        ListArray, StringArray, StringViewArray, Time64MicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt64Array,
        types::{Int8Type, Int64Type},
    };
    use std::sync::Arc;

    fn column(array: impl Array + 'static) -> String {
        written(Arc::new(array), b',')
    }

    fn written(array: ArrayRef, delimiter: u8) -> String {
        let batch = RecordBatch::try_from_iter_with_nullable([("x", array, true)]).unwrap();
        let mut out = Vec::new();
        rows(&batch, delimiter, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_and_truth_values() {
        assert_eq!(column(Int64Array::from(vec![Some(-5), None, Some(0)])), "-5\n\n0\n");
        assert_eq!(column(Int8Array::from(vec![i8::MIN])), "-128\n");
        assert_eq!(column(UInt64Array::from(vec![u64::MAX])), "18446744073709551615\n");
        assert_eq!(column(BooleanArray::from(vec![true, false])), "true\nfalse\n");
        assert_eq!(column(Float64Array::from(vec![1.0, 1e20, 1e-5, f64::NAN])), "1.0\n1e+20\n1e-05\nnan\n");
        assert_eq!(column(Float32Array::from(vec![0.1, f32::INFINITY])), "0.1\ninf\n");
        assert_eq!(column(Decimal128Array::from(vec![150, -5]).with_precision_and_scale(10, 2).unwrap()), "1.50\n-0.05\n");
    }

    #[test]
    fn dates_and_times() {
        assert_eq!(column(Date32Array::from(vec![19_753])), "2024-01-31\n");
        assert_eq!(column(Time64MicrosecondArray::from(vec![36_672_500_000])), "10:11:12.5\n");
        let half_past = 1_706_695_200_500;
        assert_eq!(column(TimestampMillisecondArray::from(vec![half_past])), "2024-01-31 10:00:00.5\n");
        for (zone, text) in [("UTC", "10:00:00.5+00"), ("+05:30", "15:30:00.5+05:30"), ("-02", "08:00:00.5-02")] {
            let array = TimestampMillisecondArray::from(vec![half_past]).with_timezone(zone);
            assert_eq!(column(array), format!("2024-01-31 {text}\n"));
        }
        assert_eq!(column(TimestampNanosecondArray::from(vec![-1])), "1969-12-31 23:59:59.999999999\n");
    }

    #[test]
    fn texts_are_quoted_only_where_they_must_be() {
        let texts = vec![Some("plain text's"), Some(""), None, Some("a,b"), Some("say \"hi\""), Some("two\nlines"), Some("\r"), Some("\"")];
        let expected = "plain text's\n\"\"\n\n\"a,b\"\n\"say \"\"hi\"\"\"\n\"two\nlines\"\n\"\r\"\n\"\"\"\"\n";
        assert_eq!(column(StringArray::from(texts.clone())), expected);
        assert_eq!(column(StringViewArray::from(texts.clone())), expected);
        assert_eq!(column(texts.into_iter().collect::<DictionaryArray<Int8Type>>()), expected);
    }

    #[test]
    fn other_delimiters_are_quoted_and_commas_are_not() {
        assert_eq!(written(Arc::new(StringArray::from(vec!["a,b", "a;b"])), b';'), "a,b\n\"a;b\"\n");
        assert_eq!(written(Arc::new(Float64Array::from(vec![Some(1.5), None])), b'.'), "\"1.5\"\n\n");
        assert_eq!(written(Arc::new(TimestampMillisecondArray::from(vec![0])), b' '), "\"1970-01-01 00:00:00\"\n");
    }

    #[test]
    fn lists_are_json_and_bytes_are_escaped() {
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), Some(vec![Some(2)]), None]);
        assert_eq!(column(lists), "\"[1,null]\"\n[2]\n\n");
        assert_eq!(column(BinaryArray::from_iter_values([&b"\xAA"[..], b"", b"a,b"])), "\\xAA\n\"\"\n\"a,b\"\n");
    }

    #[test]
    fn a_header_is_quoted_as_fields_are() {
        let fields: Vec<_> = ["a", "b,c", ""].map(|name| arrow_schema::Field::new(name, arrow_schema::DataType::Int64, true)).into();
        let mut out = Vec::new();
        header(&Schema::new(fields), b',', &mut out);
        assert_eq!(out, b"a,\"b,c\",\"\"\n");
    }
}
