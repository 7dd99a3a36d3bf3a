//! [`Texts`]: how many bytes of texts a column of groups holds, where 32 bits say at which byte each of them begins.

use arrow_array::{
    Array, ArrayRef, GenericByteArray,
    cast::AsArray,
    types::{BinaryType, ByteArrayType, Utf8Type},
};
use arrow_schema::DataType;
use std::mem;

/// How many there may be.
pub(super) const LIMIT: usize = i32::MAX as usize;

/// The bytes of one column of rows that differ, which are numbered as they came. Other types have none.
#[derive(Default)]
pub(super) struct Texts {
    rows: usize,
    bytes: usize,
}

impl Texts {
    /// Whether all texts of a column may come, and are different.
    pub(super) fn has_room(&self, column: &ArrayRef, limit: usize) -> bool {
        let more = match column.data_type() {
            DataType::Utf8 => length(column.as_bytes::<Utf8Type>()),
            DataType::Binary => length(column.as_bytes::<BinaryType>()),
            _ => 0,
        };
        self.bytes + more <= limit
    }

    /// A column came, and its rows have these numbers. There are so many different ones now.
    pub(super) fn add(&mut self, column: &ArrayRef, numbers: &[usize], rows: usize) {
        if rows > self.rows {
            self.bytes += match column.data_type() {
                DataType::Utf8 => self.new_bytes(column.as_bytes::<Utf8Type>(), numbers, rows),
                DataType::Binary => self.new_bytes(column.as_bytes::<BinaryType>(), numbers, rows),
                _ => 0,
            };
            self.rows = rows;
        }
    }

    /// The bytes of rows that were not there before.
    fn new_bytes<T: ByteArrayType<Offset = i32>>(&self, column: &GenericByteArray<T>, numbers: &[usize], rows: usize) -> usize {
        let mut is_known = vec![false; rows - self.rows];
        let mut bytes = 0;
        for (row, number) in numbers.iter().enumerate().filter(|(_, number)| **number >= self.rows) {
            if !mem::replace(&mut is_known[number - self.rows], true) {
                bytes += column.value_length(row) as usize;
            }
        }
        bytes
    }
}

/// The bytes of all rows of a column.
fn length<T: ByteArrayType<Offset = i32>>(column: &GenericByteArray<T>) -> usize {
    let offsets = column.value_offsets();
    (offsets[column.len()] - offsets[0]) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{BinaryArray, Int64Array, StringArray};
    use std::sync::Arc;

    #[test]
    fn each_text_counts_once_and_no_more_come_than_have_room() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("four"), Some("fours"), None, Some("four"), Some("x")]));
        let (mut held, all) = (Texts::default(), 14);
        assert!(held.has_room(&texts, all) && !held.has_room(&texts, all - 1));
        held.add(&texts, &[0, 1, 2, 0, 3], 4);
        assert_eq!(held.bytes, 10);
        // The same again, and one that is new; numbers need not be in order.
        held.add(&texts, &[0, 1, 2, 0, 3], 4);
        assert_eq!(held.bytes, 10);
        held.add(&texts.slice(3, 2), &[5, 4], 6);
        assert_eq!(held.bytes, 15);
        assert!(held.has_room(&texts.slice(3, 2), 20) && !held.has_room(&texts.slice(3, 2), 19));
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![&b"abc"[..], b"de"]));
        let mut held = Texts::default();
        held.add(&bytes, &[1, 0], 2);
        assert_eq!(held.bytes, 5);
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
        held.add(&numbers, &[2, 3], 4);
        assert!(held.bytes == 5 && held.has_room(&numbers, 5));
    }
}
