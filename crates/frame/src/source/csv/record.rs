//! Bytes to records and fields.
//!
//! A field that begins with the quote goes on to the next quote that is not doubled, over delimiters and newlines; what
//! follows it up to the next delimiter belongs to it as it stands. A quote anywhere else is a character like any other.
//! Records end at `\n` or `\r\n`. A blank line is a record of one empty field.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What separates and encloses fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
}

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As it is.
    Plain,
    /// Between two quotes, nothing doubled.
    Quoted,
    /// Quoted, with doubled quotes or with text after the closing one.
    Escaped,
}

/// Where a field stands in its buffer, quotes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    start: u32,
    end: u32,
    form: Form,
}

impl Field {
    /// Where it begins.
    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    /// Whether it was quoted.
    pub(super) fn is_quoted(self) -> bool {
        self.form != Form::Plain
    }

    /// Whether nothing at all was written.
    pub(super) fn is_blank(self) -> bool {
        self.start == self.end
    }

    /// The same field in a buffer in which its record begins at `by`.
    pub(super) fn moved(self, by: usize) -> Self {
        Field { start: self.start + by as u32, end: self.end + by as u32, form: self.form }
    }
}

/// What stands at the front of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// A whole record, so many bytes long.
    Record(usize),
    /// The beginning of one.
    More,
    /// A quoted field that never ends.
    Unclosed,
}

impl Dialect {
    /// Splits the record at the front of `input`, which is not empty, and appends its fields. `is_last` says that nothing
    /// follows `input`. Where the record is not whole, `fields` is left as it was.
    pub(super) fn split(&self, input: &[u8], is_last: bool, fields: &mut Vec<Field>) -> Split {
        let before = fields.len();
        let split = self.split_fields(input, is_last, fields);
        if !matches!(split, Split::Record(_)) {
            fields.truncate(before);
        }
        split
    }

    fn split_fields(&self, input: &[u8], is_last: bool, fields: &mut Vec<Field>) -> Split {
        let mut at = 0;
        loop {
            let start = at;
            let mut form = Form::Plain;
            let mut closed = 0;
            if self.quote.is_some() && input.get(at).copied() == self.quote {
                match self.quoted_end(input, at, is_last) {
                    Ok((end, doubled)) => {
                        (at, closed) = (end, end);
                        form = if doubled { Form::Escaped } else { Form::Quoted };
                    }
                    Err(split) => return split,
                }
            }
            let stop = input[at..].iter().position(|byte| *byte == self.delimiter || *byte == b'\n').map(|step| at + step);
            let ends_record = match stop {
                Some(stop) => input[stop] == b'\n',
                None if !is_last => return Split::More,
                None => true,
            };
            let stop_at = stop.unwrap_or(input.len());
            let carriage = ends_record && stop_at > at && input[stop_at - 1] == b'\r';
            let end = stop_at - usize::from(carriage);
            if form == Form::Quoted && end != closed {
                form = Form::Escaped;
            }
            fields.push(Field { start: start as u32, end: end as u32, form });
            match stop {
                Some(stop) if ends_record => return Split::Record(stop + 1),
                Some(stop) => at = stop + 1,
                None => return Split::Record(input.len()),
            }
        }
    }

    /// Where the quoted field at `at` closes, one past the quote, and whether a quote is doubled in it.
    fn quoted_end(&self, input: &[u8], at: usize, is_last: bool) -> Result<(usize, bool), Split> {
        let (mut at, mut doubled) = (at + 1, false);
        loop {
            let Some(step) = input[at..].iter().position(|byte| Some(*byte) == self.quote) else {
                return Err(if is_last { Split::Unclosed } else { Split::More });
            };
            at += step + 1;
            match input.get(at) {
                Some(next) if Some(*next) == self.quote => {
                    doubled = true;
                    at += 1;
                }
                // The next block may begin with a second quote.
                None if !is_last => return Err(Split::More),
                _ => return Ok((at, doubled)),
            }
        }
    }

    /// What the field says, without its quotes.
    pub(super) fn text<'a>(&self, input: &'a [u8], field: Field) -> Cow<'a, [u8]> {
        let raw = &input[field.start as usize..field.end as usize];
        match field.form {
            Form::Plain => Cow::Borrowed(raw),
            Form::Quoted => Cow::Borrowed(&raw[1..raw.len() - 1]),
            Form::Escaped => Cow::Owned(self.unescaped(raw)),
        }
    }

    fn unescaped(&self, raw: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(raw.len());
        let mut at = 1;
        while at < raw.len() {
            if Some(raw[at]) != self.quote {
                text.push(raw[at]);
                at += 1;
            } else if raw.get(at + 1).copied() == self.quote {
                text.push(raw[at]);
                at += 2;
            } else {
                text.extend_from_slice(&raw[at + 1..]);
                break;
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CSV: Dialect = Dialect { delimiter: b',', quote: Some(b'"') };

    fn records(input: &str) -> Vec<Vec<String>> {
        let (input, mut at, mut all) = (input.as_bytes(), 0, Vec::new());
        while at < input.len() {
            let mut fields = Vec::new();
            let Split::Record(length) = CSV.split(&input[at..], true, &mut fields) else { panic!("a record is not whole") };
            let texts = fields.iter().map(|field| String::from_utf8(CSV.text(&input[at..], *field).into_owned()).unwrap());
            all.push(texts.collect());
            at += length;
        }
        all
    }

    #[test]
    fn quotes_newlines_and_carriage_returns() {
        assert_eq!(records("a,b\r\n1,2\r\n"), [["a", "b"], ["1", "2"]]);
        assert_eq!(records("a,b\n1,2"), [["a", "b"], ["1", "2"]]);
        assert_eq!(records("\"c\nd\ne\n\",3\n"), [["c\nd\ne\n", "3"]]);
        assert_eq!(records("\"say \"\"hi\"\"\",\"\"\r\n"), [["say \"hi\"", ""]]);
        assert_eq!(records("5\" pipe,\"a\"b\"c\n"), [["5\" pipe", "ab\"c"]]);
        assert_eq!(records("a,\n,\n"), [["a", ""], ["", ""]]);
        assert_eq!(records("\"a\",b,"), [["a", "b", ""]]);
    }

    #[test]
    fn what_is_not_whole_is_asked_for_again() {
        let mut fields = Vec::new();
        for cut in ["a", "a,b", "\"a", "\"a\"", "\"a\"\"", "\"a\n"] {
            assert_eq!(CSV.split(cut.as_bytes(), false, &mut fields), Split::More, "{cut}");
        }
        assert_eq!(CSV.split(b"\"a\n", true, &mut fields), Split::Unclosed);
        assert!(fields.is_empty());
    }

    proptest! {
        #[test]
        fn what_was_quoted_is_read_back(rows in prop::collection::vec(prop::collection::vec("[ab\",\r\n]{0,6}", 3), 1..8)) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
            let text = rows.iter().map(|row| line(row) + "\n").collect::<String>();
            prop_assert_eq!(records(&text), rows);
        }
    }
}
