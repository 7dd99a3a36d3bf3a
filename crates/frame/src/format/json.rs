//! Rows as JSON objects, keys in column order: one a line, or the elements of one array. Numbers are those of CSV, but what
//! is no number is null; dates and times are CSV's texts.

use super::{
    Put,
    cell::{Cell, cells},
    text,
};
use arrow_array::{Array, ArrayRef, OffsetSizeTrait, RecordBatch, cast::AsArray};
use arrow_schema::{DataType, Schema};
use std::ops::Range;

/// What stands before the first element of an array, between two, and after the last.
pub(crate) const ARRAY: [&[u8]; 3] = [b"[\n", b",\n", b"\n]\n"];

/// What stands after the beginning of an array without elements.
pub(crate) const EMPTY: &[u8] = b"]\n";

/// One object a line.
pub(crate) fn lines(batch: &RecordBatch, out: &mut Vec<u8>) {
    let put = object(batch.schema_ref(), batch.columns());
    for row in 0..batch.num_rows() {
        put(row, out);
        out.push(b'\n');
    }
}

/// One object an element. `is_first` says that none came before.
pub(crate) fn elements(batch: &RecordBatch, is_first: bool, out: &mut Vec<u8>) {
    let put = object(batch.schema_ref(), batch.columns());
    for row in 0..batch.num_rows() {
        if row > 0 || !is_first {
            out.extend_from_slice(ARRAY[1]);
        }
        put(row, out);
    }
}

fn object(schema: &Schema, columns: &[ArrayRef]) -> Put {
    members(schema.fields().iter().map(|field| field.name().as_str()), columns)
}

/// `{"a":1,"b":null}`.
fn members<'a>(names: impl Iterator<Item = &'a str>, columns: &[ArrayRef]) -> Put {
    let member = |(nth, (name, column)): (usize, (&str, &ArrayRef))| {
        let mut head = vec![if nth == 0 { b'{' } else { b',' }];
        string(name.as_bytes(), &mut head);
        head.push(b':');
        (head, value(column))
    };
    let members: Vec<(Vec<u8>, Put)> = names.zip(columns).enumerate().map(member).collect();
    Box::new(move |row, out| {
        for (head, put) in &members {
            out.extend_from_slice(head);
            put(row, out);
        }
        out.extend_from_slice(if members.is_empty() { b"{}" } else { b"}" });
    })
}

/// The values of a column, nulls among them.
fn value(array: &ArrayRef) -> Put {
    let put: Put = match cells(array) {
        Cell::Number(put) | Cell::Nested(put) => put,
        Cell::Float(put) => Box::new(move |row, out| {
            let start = out.len();
            put(row, out);
            if matches!(out[start..], [b'n' | b'i', ..] | [b'-', b'i', ..]) {
                out.truncate(start);
                out.extend_from_slice(b"null");
            }
        }),
        Cell::Plain(put) => Box::new(move |row, out| {
            out.push(b'"');
            put(row, out);
            out.push(b'"');
        }),
        Cell::Text(texts) => Box::new(move |row, out| string(texts.bytes(row), out)),
        Cell::Binary(values) => Box::new(move |row, out| {
            out.push(b'"');
            text::blob(values.bytes(row), b"\\\\", out);
            out.push(b'"');
        }),
    };
    match array.logical_nulls() {
        None => put,
        Some(nulls) => Box::new(move |row, out| match nulls.is_null(row) {
            true => out.extend_from_slice(b"null"),
            false => put(row, out),
        }),
    }
}

/// Lists, structs and maps.
pub(super) fn nested(array: &ArrayRef) -> Put {
    match array.data_type() {
        DataType::List(_) => list_of_offsets::<i32>(array),
        DataType::LargeList(_) => list_of_offsets::<i64>(array),
        DataType::ListView(_) => list_of_views::<i32>(array),
        DataType::LargeListView(_) => list_of_views::<i64>(array),
        DataType::Map(..) => map(array),
        DataType::Struct(fields) => members(fields.iter().map(|field| field.name().as_str()), array.as_struct().columns()),
        _ => {
            let lists = array.as_fixed_size_list();
            let size = lists.value_length() as usize;
            list(move |row| row * size..(row + 1) * size, lists.values())
        }
    }
}

fn list_of_offsets<O: OffsetSizeTrait>(array: &ArrayRef) -> Put {
    let lists = array.as_list::<O>();
    let offsets = lists.offsets().clone();
    list(move |row| offsets[row].as_usize()..offsets[row + 1].as_usize(), lists.values())
}

fn list_of_views<O: OffsetSizeTrait>(array: &ArrayRef) -> Put {
    let lists = array.as_list_view::<O>();
    let (offsets, sizes) = (lists.offsets().clone(), lists.sizes().clone());
    list(move |row| offsets[row].as_usize()..offsets[row].as_usize() + sizes[row].as_usize(), lists.values())
}

/// `[1,2,null]`.
fn list(items: impl Fn(usize) -> Range<usize> + 'static, values: &ArrayRef) -> Put {
    let item = value(values);
    Box::new(move |row, out| {
        out.push(b'[');
        for (nth, at) in items(row).enumerate() {
            if nth > 0 {
                out.push(b',');
            }
            item(at, out);
        }
        out.push(b']');
    })
}

/// An object whose keys are the map's, as texts.
fn map(array: &ArrayRef) -> Put {
    let maps = array.as_map();
    let offsets = maps.offsets().clone();
    let (key, item) = (value(maps.keys()), value(maps.values()));
    Box::new(move |row, out| {
        out.push(b'{');
        for (nth, at) in (offsets[row] as usize..offsets[row + 1] as usize).enumerate() {
            if nth > 0 {
                out.push(b',');
            }
            let start = out.len();
            key(at, out);
            if out[start] != b'"' {
                let text = out.split_off(start);
                string(&text, out);
            }
            out.push(b':');
            item(at, out);
        }
        out.push(b'}');
    })
}

/// A text in quotes.
fn string(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let mut done = 0;
    for (at, byte) in text.iter().enumerate() {
        let escape = match byte {
            b'"' => b'"',
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0C => b'f',
            0..0x20 => b'u',
            _ => continue,
        };
        out.extend_from_slice(&text[done..at]);
        out.extend_from_slice(&[b'\\', escape]);
        if escape == b'u' {
            out.extend_from_slice(&[b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        done = at + 1;
    }
    out.extend_from_slice(&text[done..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        BinaryArray, Float64Array, Int64Array, ListArray, StringArray, StructArray,
        builder::{Int64Builder, MapBuilder, StringBuilder},
        types::Int64Type,
    };
    use std::sync::Arc;

    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
    }

    fn text(batch: &RecordBatch) -> String {
        let mut out = Vec::new();
        lines(batch, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn keys_are_in_column_order_and_nulls_are_written() {
        let rows = batch(vec![
            ("b", Arc::new(Int64Array::from(vec![Some(1), None]))),
            ("a \"x\"", Arc::new(StringArray::from(vec![Some("q\"\\\n\u{1}\u{7f}é"), Some("")]))),
        ]);
        assert_eq!(text(&rows), "{\"b\":1,\"a \\\"x\\\"\":\"q\\\"\\\\\\n\\u0001\u{7f}é\"}\n{\"b\":null,\"a \\\"x\\\"\":\"\"}\n");
    }

    #[test]
    fn what_is_no_number_is_null() {
        let column: ArrayRef = Arc::new(Float64Array::from(vec![1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e20]));
        let expected = "{\"x\":1.0}\n{\"x\":null}\n{\"x\":null}\n{\"x\":null}\n{\"x\":-0.0}\n{\"x\":1e+20}\n";
        assert_eq!(text(&batch(vec![("x", column)])), expected);
    }

    #[test]
    fn lists_structs_maps_and_bytes() {
        let list: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(9)]),
            Some(vec![Some(1), None]),
            None,
            Some(vec![]),
        ]));
        let inner =
            batch(vec![("a", Arc::new(Int64Array::from(vec![1, 2, 3, 4]))), ("s", Arc::new(StringArray::from(vec!["p", "q", "r", "s"])))]);
        let structs: ArrayRef = Arc::new(StructArray::from(inner));
        let mut maps = MapBuilder::new(None, Int64Builder::new(), StringBuilder::new());
        for row in 0..4 {
            maps.keys().append_value(row);
            maps.values().append_value("v");
            maps.append(true).unwrap();
        }
        let bytes: ArrayRef = Arc::new(BinaryArray::from_iter_values([&b"\xAA"[..], b"a", b"", b"\""]));
        let all = batch(vec![("l", list), ("o", structs), ("m", Arc::new(maps.finish())), ("b", bytes)]).slice(1, 3);
        let expected = "\
{\"l\":[1,null],\"o\":{\"a\":2,\"s\":\"q\"},\"m\":{\"1\":\"v\"},\"b\":\"a\"}
{\"l\":null,\"o\":{\"a\":3,\"s\":\"r\"},\"m\":{\"2\":\"v\"},\"b\":\"\"}
{\"l\":[],\"o\":{\"a\":4,\"s\":\"s\"},\"m\":{\"3\":\"v\"},\"b\":\"\\\\x22\"}
";
        assert_eq!(text(&all), expected);
    }

    #[test]
    fn elements_are_separated_over_batches() {
        let rows = batch(vec![("x", Arc::new(Int64Array::from(vec![1, 2])))]);
        let mut out = ARRAY[0].to_vec();
        elements(&rows, true, &mut out);
        elements(&rows.slice(0, 1), false, &mut out);
        out.extend_from_slice(ARRAY[2]);
        assert_eq!(String::from_utf8(out).unwrap(), "[\n{\"x\":1},\n{\"x\":2},\n{\"x\":1}\n]\n");
    }
}
