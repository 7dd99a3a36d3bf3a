//! Bytes to records and fields.
//!
//! A field that begins with the quote goes on to the next quote that is neither doubled nor escaped, over delimiters and
//! newlines; what follows it up to the next delimiter belongs to it as it stands. A quote anywhere else is a character like
//! any other. Records end at `\n` or `\r\n`. A blank line is a record of one empty field, a comment is none.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, ops::Range};

/// What separates and encloses fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    /// Between quotes, makes what follows it a character like any other.
    pub(super) escape: Option<u8>,
    /// Begins a line that is passed over.
    pub(super) comment: Option<u8>,
    /// Whether blanks around fields do not belong to them.
    pub(super) trim: bool,
}

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// Between two quotes, nothing doubled.
    Quoted,
    /// Quoted, with doubled or escaped characters or with text after the closing quote.
    Escaped,
    /// Not at all: the record ended before it.
    Missing,
}

/// Where a field stands in its buffer, quotes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    start: u32,
    end: u32,
    form: Form,
}

impl Field {
    /// What stands for a field that a record does not have.
    pub(super) const MISSING: Field = Field { start: 0, end: 0, form: Form::Missing };

    pub(super) fn new(start: usize, end: usize, form: Form) -> Self {
        Field { start: start as u32, end: end as u32, form }
    }

    /// Where it begins.
    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    /// Whether the record ended before it.
    pub(super) fn is_missing(self) -> bool {
        self.form == Form::Missing
    }

    /// Where it stands, if it is written as it is, without quotes.
    pub(super) fn plain(self) -> Option<Range<usize>> {
        (self.form == Form::Plain).then_some(self.start as usize..self.end as usize)
    }

    /// Where what it says stands as it is.
    fn within(self) -> Option<Range<usize>> {
        let (start, end) = (self.start as usize, self.end as usize);
        match self.form {
            Form::Plain | Form::Missing => Some(start..end),
            Form::Quoted => Some(start + 1..end - 1),
            Form::Escaped => None,
        }
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
    /// A comment, so many bytes long.
    Comment(usize),
    /// The beginning of a record or a comment.
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
        if self.comment.is_some() && input.first().copied() == self.comment {
            return match input.iter().position(|byte| *byte == b'\n') {
                Some(end) => Split::Comment(end + 1),
                None if is_last => Split::Comment(input.len()),
                None => Split::More,
            };
        }
        let mut at = 0;
        loop {
            if self.trim {
                at += input[at..].iter().take_while(|byte| self.is_blank(**byte)).count();
            }
            let start = at;
            let mut form = Form::Plain;
            if self.quote.is_some() && input.get(at).copied() == self.quote {
                match self.quoted_end(input, at, is_last) {
                    Ok((end, changed)) => {
                        at = end;
                        form = if changed { Form::Escaped } else { Form::Quoted };
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
            let mut end = stop_at - usize::from(carriage);
            if self.trim {
                end -= input[at..end].iter().rev().take_while(|byte| self.is_blank(**byte)).count();
            }
            if form == Form::Quoted && end != at {
                form = Form::Escaped;
            }
            fields.push(Field::new(start, end, form));
            match stop {
                Some(stop) if ends_record => return Split::Record(stop + 1),
                Some(stop) => at = stop + 1,
                None => return Split::Record(input.len()),
            }
        }
    }

    /// Whether it is a blank that may be trimmed.
    fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && byte != self.delimiter
    }

    /// Where the quoted field at `at` closes, one past the quote, and whether something in it is doubled or escaped.
    pub(super) fn quoted_end(&self, input: &[u8], at: usize, is_last: bool) -> Result<(usize, bool), Split> {
        let (mut at, mut changed) = (at + 1, false);
        let open = if is_last { Split::Unclosed } else { Split::More };
        loop {
            let Some(step) = input[at..].iter().position(|byte| Some(*byte) == self.quote || Some(*byte) == self.escape) else {
                return Err(open);
            };
            at += step + 1;
            if Some(input[at - 1]) == self.escape {
                if at == input.len() {
                    return Err(open);
                }
                changed = true;
                at += 1;
                continue;
            }
            match input.get(at) {
                Some(next) if Some(*next) == self.quote => {
                    changed = true;
                    at += 1;
                }
                // The next block may begin with a second quote.
                None if !is_last => return Err(Split::More),
                _ => return Ok((at, changed)),
            }
        }
    }

    /// What the field says, without its quotes.
    pub(super) fn text<'a>(&self, input: &'a [u8], field: Field) -> Cow<'a, [u8]> {
        match field.within() {
            Some(within) => Cow::Borrowed(&input[within]),
            None => {
                let mut text = Vec::with_capacity(field.end as usize - field.start as usize);
                self.append_text(input, field, &mut text);
                Cow::Owned(text)
            }
        }
    }

    /// Appends what the field says, without its quotes.
    pub(super) fn append_text(&self, input: &[u8], field: Field, text: &mut Vec<u8>) {
        match field.within() {
            Some(within) => text.extend_from_slice(&input[within]),
            None => self.unescape(&input[field.start as usize..field.end as usize], text),
        }
    }

    /// Whether it has no quotes but those that it needs.
    pub(super) fn is_clean(&self, input: &[u8], field: Field) -> bool {
        let raw = &input[field.start as usize..field.end as usize];
        match (self.quote, field.form) {
            (Some(quote), Form::Plain) => !raw.contains(&quote),
            (Some(quote), _) => raw.last() == Some(&quote),
            (None, _) => true,
        }
    }

    /// Appends a quoted field without its first quote, and without those that close it, double another or escape.
    fn unescape(&self, raw: &[u8], text: &mut Vec<u8>) {
        let mut rest = &raw[1..];
        loop {
            let plain = rest.iter().position(|byte| Some(*byte) == self.quote || Some(*byte) == self.escape).unwrap_or(rest.len());
            text.extend_from_slice(&rest[..plain]);
            rest = &rest[plain..];
            match rest {
                [] => return,
                [first, second, ..] if Some(*first) == self.escape || (Some(*second) == self.quote && Some(*first) == self.quote) => {
                    text.push(*second);
                    rest = &rest[2..];
                }
                // What follows the closing quote belongs to the field as it stands.
                [first, after @ ..] if Some(*first) == self.quote => {
                    text.extend_from_slice(after);
                    return;
                }
                // An escape that ends the file.
                [first, after @ ..] => {
                    text.push(*first);
                    rest = after;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CSV: Dialect = Dialect { delimiter: b',', quote: Some(b'"'), escape: None, comment: None, trim: false };

    fn records_of(dialect: Dialect, input: &str) -> Vec<Vec<String>> {
        let (input, mut at, mut all) = (input.as_bytes(), 0, Vec::new());
        while at < input.len() {
            let mut fields = Vec::new();
            at += match dialect.split(&input[at..], true, &mut fields) {
                Split::Record(length) => {
                    let texts = fields.iter().map(|field| String::from_utf8(dialect.text(&input[at..], *field).into_owned()).unwrap());
                    all.push(texts.collect());
                    length
                }
                Split::Comment(length) => length,
                broken => panic!("a record is not whole: {broken:?}"),
            };
        }
        all
    }

    fn records(input: &str) -> Vec<Vec<String>> {
        records_of(CSV, input)
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
    fn an_escape_takes_what_follows_as_it_stands() {
        let escaped = Dialect { escape: Some(b'\\'), ..CSV };
        assert_eq!(records_of(escaped, "\"say \\\"hi\\\", \\\\\",b\n"), [["say \"hi\", \\", "b"]]);
        assert_eq!(records_of(escaped, "\"a\"\"b\",c\\d\n"), [["a\"b", "c\\d"]]);
        let mut fields = Vec::new();
        assert_eq!(escaped.split(b"\"a\\", false, &mut fields), Split::More);
        assert_eq!(escaped.split(b"\"a\\\"", false, &mut fields), Split::More);
        assert_eq!(escaped.split(b"\"a\\\"", true, &mut fields), Split::Unclosed);
    }

    #[test]
    fn comments_are_no_records_and_end_with_their_line() {
        let commented = Dialect { comment: Some(b'#'), ..CSV };
        assert_eq!(records_of(commented, "# \"open\na,#b\n#\n\"#c\",d\n# end"), [["a", "#b"], ["#c", "d"]]);
        assert_eq!(commented.split(b"# not whole", false, &mut Vec::new()), Split::More);
    }

    #[test]
    fn blanks_around_fields_are_trimmed_where_that_is_wanted() {
        let trimmed = Dialect { trim: true, ..CSV };
        assert_eq!(records_of(trimmed, " a , \" b \" ,\t\r\n , c\n"), [vec!["a", " b ", ""], vec!["", "c"]]);
        assert_eq!(records_of(trimmed, "\"a\" x ,b "), [["a x", "b"]]);
        let tabs = Dialect { delimiter: b'\t', ..trimmed };
        assert_eq!(records_of(tabs, "a \t\t b\n"), [["a", "", "b"]]);
        assert_eq!(records(" a , b\n"), [[" a ", " b"]]);
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
