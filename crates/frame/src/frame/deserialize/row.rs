//! [`Row`]: a row of a batch: a map of its columns by name, a sequence of them by place, or its only value.

use super::{Made, Mistake, cell::Cell};
use arrow_array::RecordBatch;
use serde::{
    Deserializer,
    de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

/// One row.
#[derive(Clone, Copy)]
pub(in crate::frame) struct Row<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

impl<'a> Row<'a> {
    pub(in crate::frame) fn new(batch: &'a RecordBatch, row: usize) -> Self {
        Row { batch, row }
    }

    /// The value of a row that has but one.
    fn only(self) -> Made<Named<'a>> {
        match self.batch.num_columns() {
            1 => Ok(self.cell(0)),
            columns => Err(Mistake::Width { columns, wanted: "one value".to_owned() }),
        }
    }

    fn cell(self, column: usize) -> Named<'a> {
        Named { name: self.batch.schema_ref().field(column).name(), cell: Cell { array: self.batch.column(column), row: self.row } }
    }
}

/// What takes the only value of the row.
macro_rules! only {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Made<V::Value> {
            let Named { name, cell } = self.only()?;
            cell.$method(visitor).map_err(|mistake| cell.blame(mistake, name))
        }
    )*};
}

impl<'de> Deserializer<'de> for Row<'_> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Made<V::Value> {
        visitor.visit_map(Columns { row: self, next: 0 })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Made<V::Value> {
        visitor.visit_seq(Columns { row: self, next: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Made<V::Value> {
        match self.batch.num_columns() {
            columns if columns == len => self.deserialize_seq(visitor),
            columns => Err(Mistake::Width { columns, wanted: format!("a tuple of {len}") }),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, len: usize, visitor: V) -> Made<V::Value> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Made<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Made<V::Value> {
        match self.batch.num_columns() {
            1 if self.cell(0).cell.is_null() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, name: &'static str, variants: &'static [&'static str], visitor: V) -> Made<V::Value> {
        let Named { name: column, cell } = self.only()?;
        cell.deserialize_enum(name, variants, visitor).map_err(|mistake| cell.blame(mistake, column))
    }

    only! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf
    }

    forward_to_deserialize_any! { unit unit_struct map struct identifier ignored_any }
}

/// The columns of a row, one after another.
struct Columns<'a> {
    row: Row<'a>,
    next: usize,
}

impl<'a> Columns<'a> {
    fn take(&mut self) -> Option<Named<'a>> {
        let at = self.next;
        self.next += 1;
        (at < self.row.batch.num_columns()).then(|| self.row.cell(at))
    }

    fn left(&self) -> usize {
        self.row.batch.num_columns().saturating_sub(self.next)
    }
}

impl<'de> MapAccess<'de> for Columns<'_> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Made<Option<K::Value>> {
        if self.left() == 0 {
            return Ok(None);
        }
        seed.deserialize(self.row.cell(self.next).name.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Made<S::Value> {
        let Named { name, cell } = self.take().ok_or_else(|| Mistake::Other("a key without a value".to_owned()))?;
        seed.deserialize(cell).map_err(|mistake| cell.blame(mistake, name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left())
    }
}

impl<'de> SeqAccess<'de> for Columns<'_> {
    type Error = Mistake;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Made<Option<S::Value>> {
        let Some(Named { name, cell }) = self.take() else { return Ok(None) };
        seed.deserialize(cell).map(Some).map_err(|mistake| cell.blame(mistake, name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left())
    }
}

/// A value and what it is called.
struct Named<'a> {
    name: &'a str,
    cell: Cell<'a>,
}
