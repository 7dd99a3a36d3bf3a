//! A [`Cell`] as serde sees it: a number, a text, a sequence, a map.

use super::{Made, Mistake, cell::Cell};
use crate::format::text;
use arrow_array::{
    cast::AsArray,
    types::{
        Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::DataType;
use serde::{
    Deserializer,
    de::{
        DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

/// What asks for a number: a decimal gives it where it has one.
macro_rules! numbers {
    ($($method:ident: $type:ident $visit:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Made<V::Value> {
            let own = self.plain();
            match own.decimal().filter(|_| !own.is_null()).and_then(|text| text.parse::<$type>().ok()) {
                Some(number) => visitor.$visit(number),
                None => own.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Cell<'_> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Made<V::Value> {
        let own = self.plain();
        if own.is_null() {
            return visitor.visit_unit();
        }
        match own.array.data_type() {
            DataType::Boolean => visitor.visit_bool(own.array.as_boolean().value(own.row)),
            DataType::Int8 => visitor.visit_i8(own.get::<Int8Type>()),
            DataType::Int16 => visitor.visit_i16(own.get::<Int16Type>()),
            DataType::Int32 => visitor.visit_i32(own.get::<Int32Type>()),
            DataType::Int64 => visitor.visit_i64(own.get::<Int64Type>()),
            DataType::UInt8 => visitor.visit_u8(own.get::<UInt8Type>()),
            DataType::UInt16 => visitor.visit_u16(own.get::<UInt16Type>()),
            DataType::UInt32 => visitor.visit_u32(own.get::<UInt32Type>()),
            DataType::UInt64 => visitor.visit_u64(own.get::<UInt64Type>()),
            DataType::Float16 => visitor.visit_f32(own.get::<Float16Type>().to_f32()),
            DataType::Float32 => visitor.visit_f32(own.get::<Float32Type>()),
            DataType::Float64 => visitor.visit_f64(own.get::<Float64Type>()),
            DataType::Struct(_) => visitor.visit_map(Fields { cell: own, next: 0 }),
            DataType::Map(..) => {
                let maps = own.array.as_map();
                let (start, end) = (maps.value_offsets()[own.row] as usize, maps.value_offsets()[own.row + 1] as usize);
                let entry = |row: usize| (Cell { array: maps.keys(), row }, Cell { array: maps.values(), row });
                visitor.visit_map(MapDeserializer::new((start..end).map(entry)))
            }
            _ => match (own.text(), own.items(), own.bytes()) {
                (Some(text), ..) => visitor.visit_str(text),
                (_, Some((array, rows)), _) => visitor.visit_seq(SeqDeserializer::new(rows.map(|row| Cell { array, row }))),
                (.., Some(bytes)) => visitor.visit_bytes(bytes),
                _ => match (own.decimal(), own.span()) {
                    (Some(text), _) => visitor.visit_string(text),
                    (_, Some((seconds, nanos))) => {
                        let mut out = Vec::new();
                        text::span(seconds, nanos, &mut out);
                        visitor.visit_string(String::from_utf8_lossy(&out).into_owned())
                    }
                    _ => visitor.visit_string(own.written()),
                },
            },
        }
    }

    numbers! {
        deserialize_i8: i8 visit_i8;
        deserialize_i16: i16 visit_i16;
        deserialize_i32: i32 visit_i32;
        deserialize_i64: i64 visit_i64;
        deserialize_i128: i128 visit_i128;
        deserialize_u8: u8 visit_u8;
        deserialize_u16: u16 visit_u16;
        deserialize_u32: u32 visit_u32;
        deserialize_u64: u64 visit_u64;
        deserialize_u128: u128 visit_u128;
        deserialize_f32: f32 visit_f32;
        deserialize_f64: f64 visit_f64;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Made<V::Value> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Made<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    /// Bytes are a sequence of numbers as well; a span one of seconds and nanoseconds, as chrono has it.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Made<V::Value> {
        let own = self.plain();
        if own.is_null() {
            return visitor.visit_unit();
        }
        match (own.bytes(), own.span()) {
            (Some(bytes), _) => visitor.visit_seq(SeqDeserializer::new(bytes.iter().copied())),
            (_, Some((seconds, nanos))) => visitor.visit_seq(SeqDeserializer::new([seconds, i64::from(nanos)].into_iter())),
            _ if matches!(own.array.data_type(), DataType::Struct(_)) => visitor.visit_seq(Fields { cell: own, next: 0 }),
            _ => own.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Made<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Made<V::Value> {
        self.deserialize_seq(visitor)
    }

    /// A span is a struct of seconds and nanoseconds, as the standard library has it.
    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Made<V::Value> {
        let own = self.plain();
        match own.span().filter(|_| !own.is_null()) {
            Some((seconds, nanos)) => {
                let fields = [("secs", seconds), ("nanos", i64::from(nanos))];
                visitor.visit_map(MapDeserializer::new(fields.into_iter()))
            }
            None => own.deserialize_any(visitor),
        }
    }

    /// A text is the name of a variant.
    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Made<V::Value> {
        let own = self.plain();
        match own.text().filter(|_| !own.is_null()) {
            Some(text) => visitor.visit_enum(text.into_deserializer()),
            None => own.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Made<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { bool char str string bytes byte_buf unit unit_struct map identifier }
}

impl<'de> IntoDeserializer<'de, Mistake> for Cell<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The fields of a struct, one after another.
struct Fields<'a> {
    cell: Cell<'a>,
    next: usize,
}

impl<'a> Fields<'a> {
    fn take(&mut self) -> Option<Cell<'a>> {
        let column = self.cell.array.as_struct().columns().get(self.next)?;
        self.next += 1;
        Some(Cell { array: column, row: self.cell.row })
    }
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Made<Option<K::Value>> {
        match self.cell.array.as_struct().fields().get(self.next) {
            Some(field) => seed.deserialize(field.name().as_str().into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Made<S::Value> {
        seed.deserialize(self.take().ok_or_else(|| Mistake::Other("a key without a value".to_owned()))?)
    }
}

impl<'de> SeqAccess<'de> for Fields<'_> {
    type Error = Mistake;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Made<Option<S::Value>> {
        self.take().map(|cell| seed.deserialize(cell)).transpose()
    }
}
