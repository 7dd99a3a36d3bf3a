//! Many records at once: what [`Dialect::split`] finds one record at a time, for records of the common kind.
//!
//! Delimiters, newlines and quotes are found 64 bytes at a time, by comparisons that compilers turn into those of vectors;
//! then there is a branch for each of them and none for the bytes between.

use super::record::{Dialect, Field, Form};

/// The bytes that are looked at together.
const BLOCK: usize = 64;
/// Moves the lowest bit of each of eight bytes into the highest byte, in order: bit `8i` times `2^(56-7i)` is bit `56+i`, and no two
/// products meet.
const GATHER: u64 = 0x0102_0408_1020_4080;

impl Dialect {
    /// Splits whole records of `width` fields that begin at `at`, `most` at most, and appends their fields, as positions in
    /// `buffer`. Says how many there were and where the next one begins.
    ///
    /// It stops before a record of any other kind: with another number of fields, as a blank line has, without a newline at
    /// its end, or with a quote that is not closed. Where blanks are trimmed or lines are passed over, there are none.
    pub(super) fn split_many(&self, buffer: &[u8], at: usize, width: usize, most: usize, fields: &mut Vec<Field>) -> (usize, usize) {
        let (mut rows, mut next, mut kept) = (0, at, fields.len());
        if self.trim || self.comment.is_some() || most == 0 {
            return (rows, next);
        }
        let (mut from, mut open) = (at, Open::at(at));
        'blocks: while from < buffer.len() {
            let mut marks = self.marks(&buffer[from..]);
            while marks != 0 {
                let here = from + marks.trailing_zeros() as usize;
                marks &= marks - 1;
                let byte = buffer[here];
                if Some(byte) == self.quote {
                    // Elsewhere than at the front of a field it is a character like any other.
                    if here != open.start {
                        continue;
                    }
                    let Ok((end, changed)) = self.quoted_end(buffer, here, false) else { break 'blocks };
                    open.quoted(end, changed);
                    if end - from >= BLOCK {
                        from = end;
                        continue 'blocks;
                    }
                    marks &= u64::MAX << (end - from);
                    continue;
                }
                let ends_record = byte == b'\n';
                let carriage = ends_record && here > open.body && buffer[here - 1] == b'\r';
                fields.push(open.close(here - usize::from(carriage)));
                open = Open::at(here + 1);
                if !ends_record {
                    continue;
                }
                if fields.len() - kept != width {
                    break 'blocks;
                }
                (rows, next, kept) = (rows + 1, here + 1, fields.len());
                if rows == most {
                    break 'blocks;
                }
            }
            from += BLOCK;
        }
        fields.truncate(kept);
        (rows, next)
    }

    /// Which of the first bytes are delimiters, newlines or quotes, the first of them as the lowest bit.
    fn marks(&self, bytes: &[u8]) -> u64 {
        let mut padded = [0; BLOCK];
        let (block, within) = match bytes.first_chunk::<BLOCK>() {
            Some(block) => (block, u64::MAX),
            None => {
                padded[..bytes.len()].copy_from_slice(bytes);
                (&padded, !(u64::MAX << bytes.len()))
            }
        };
        let (delimiter, quote) = (self.delimiter, self.quote.unwrap_or(b'\n'));
        let mut flags = [0u8; BLOCK];
        for (flag, byte) in flags.iter_mut().zip(block) {
            *flag = u8::from((*byte == delimiter) | (*byte == b'\n') | (*byte == quote));
        }
        let eights = flags.as_chunks::<8>().0.iter().rev();
        eights.fold(0, |marks, eight| marks << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56) & within
    }
}

/// A field whose end is not known.
struct Open {
    start: usize,
    /// Where it goes on after what is quoted.
    body: usize,
    form: Form,
}

impl Open {
    fn at(start: usize) -> Self {
        Open { start, body: start, form: Form::Plain }
    }

    /// What is quoted ends here.
    fn quoted(&mut self, end: usize, changed: bool) {
        self.body = end;
        self.form = if changed { Form::Escaped } else { Form::Quoted };
    }

    fn close(&self, end: usize) -> Field {
        let form = if self.form == Form::Quoted && end != self.body { Form::Escaped } else { self.form };
        Field::new(self.start, end, form)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::record::Split, *};
    use proptest::prelude::*;

    const CSV: Dialect = Dialect { delimiter: b',', quote: Some(b'"'), escape: None, comment: None, trim: false };

    /// The records at the front, as `split` finds them one after another: their fields, and where the next one begins.
    fn one_by_one(dialect: Dialect, buffer: &[u8], at: usize, width: usize, most: usize) -> (Vec<Field>, usize) {
        let (mut all, mut next, mut rows) = (Vec::new(), at, 0);
        while rows < most && next < buffer.len() {
            let mut fields = Vec::new();
            match dialect.split(&buffer[next..], false, &mut fields) {
                Split::Record(length) if fields.len() == width => {
                    all.extend(fields.iter().map(|field| field.moved(next)));
                    next += length;
                    rows += 1;
                }
                _ => break,
            }
        }
        (all, next)
    }

    fn at_once(dialect: Dialect, buffer: &[u8], at: usize, width: usize, most: usize) -> (Vec<Field>, usize) {
        let mut fields = vec![Field::MISSING];
        let (rows, next) = dialect.split_many(buffer, at, width, most, &mut fields);
        assert_eq!((fields.remove(0), fields.len()), (Field::MISSING, rows * width));
        (fields, next)
    }

    #[test]
    fn it_stops_before_what_is_not_common() {
        let count = |text: &str, width| at_once(CSV, text.as_bytes(), 0, width, 100).1;
        assert_eq!(count("a,b\nc,d\n\ne,f\n", 2), 8);
        assert_eq!(count("a,b\nc\n", 2), 4);
        assert_eq!(count("a,b\nc,d", 2), 4);
        assert_eq!(count("a,b\n\"c,d\n", 2), 4);
        assert_eq!(count("a\n\nb\n", 1), 5);
        let trimmed = Dialect { trim: true, ..CSV };
        assert_eq!(at_once(trimmed, b"a,b\n", 0, 2, 100), (Vec::new(), 0));
    }

    #[test]
    fn every_mark_of_a_block_is_found() {
        for at in 0..BLOCK {
            for (length, byte) in [(BLOCK, b','), (at + 1, b'\n'), (BLOCK + 9, b'"')] {
                let mut bytes = vec![b'x'; length];
                bytes[at] = byte;
                assert_eq!(CSV.marks(&bytes), 1 << at, "{at} {length}");
            }
        }
        assert_eq!(Dialect { delimiter: 0, ..CSV }.marks(b"a"), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn records_at_once_are_those_one_by_one(
            parts in prop::collection::vec(
                prop_oneof![
                    Just(",".to_owned()), Just("\n".to_owned()), Just("\r\n".to_owned()), Just("\"".to_owned()), Just("\\".to_owned()),
                    "[ab\r\"]{0,3}", "[xy]{20,90}", "\"[ab,\n]{0,70}\"", "a,b\nc,\"d\"\n", "é",
                ],
                0..60,
            ),
            width in 1usize..4,
            most in 0usize..20,
            at in 0usize..5,
            escape in any::<bool>(),
            quote in any::<bool>(),
        ) {
            let buffer = parts.concat().into_bytes();
            let at = at.min(buffer.len());
            let dialect = Dialect { escape: escape.then_some(b'\\'), quote: quote.then_some(b'"'), ..CSV };
            prop_assert_eq!(at_once(dialect, &buffer, at, width, most), one_by_one(dialect, &buffer, at, width, most));
        }
    }
}
