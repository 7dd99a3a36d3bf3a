//! [`Records`]: the records of a part of a file, one after another.

use super::record::{Dialect, Field, Split};
use crate::source::files::{Blocks, Compression, Listed};
use std::ops::Range;
use stratal_core::{Error, ErrorKind, Result};

/// What [`Records::next`] found.
pub(super) enum Next {
    /// A record; its fields were appended, with positions in [`Records::buffer`].
    Record,
    /// The record at hand goes on past the buffer: [`Records::fill`] reads on, and moves what is in it.
    Starved,
    /// There is no more.
    End,
    /// The record at hand is none: [`Records::blame`] says why.
    Broken(Broken),
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It never ends.
    Unclosed,
    /// It goes on where the part ends, which was taken for the end of a record.
    Cut,
}

/// A part of a file that begins with a record and ends after one.
pub(super) struct Records {
    blocks: Blocks,
    dialect: Dialect,
}

impl Records {
    /// Opens `range` of a file; of a compressed one, all of it.
    pub(super) fn open(file: &Listed, range: Range<u64>, compression: Option<Compression>, dialect: Dialect) -> Result<Self> {
        Ok(Records { blocks: Blocks::open(file, range, compression)?, dialect })
    }

    /// What is read.
    pub(super) fn blocks(&mut self) -> &mut Blocks {
        &mut self.blocks
    }

    /// The bytes that fields are positions in.
    pub(super) fn buffer(&self) -> &[u8] {
        self.blocks.buffer()
    }

    /// Where in the file a position in the buffer is.
    pub(super) fn offset_of(&self, at: usize) -> u64 {
        self.blocks.offset_of(at)
    }

    /// Where in the file the next record begins.
    pub(super) fn offset(&self) -> u64 {
        self.blocks.offset()
    }

    /// Splits the next record, past comments. Where there is none, `fields` is left as it was.
    pub(super) fn next(&mut self, fields: &mut Vec<Field>) -> Next {
        let before = fields.len();
        loop {
            if self.blocks.rest().is_empty() {
                return if self.blocks.is_done() { Next::End } else { Next::Starved };
            }
            match self.dialect.split(self.blocks.rest(), self.blocks.is_last(), fields) {
                Split::Record(length) => {
                    let at = self.blocks.at();
                    fields[before..].iter_mut().for_each(|field| *field = field.moved(at));
                    self.blocks.take(length);
                    return Next::Record;
                }
                Split::Comment(length) => self.blocks.take(length),
                Split::More if self.blocks.is_done() => return Next::Broken(Broken::Cut),
                Split::More => return Next::Starved,
                Split::Unclosed => return Next::Broken(Broken::Unclosed),
            }
        }
    }

    /// Splits records of `width` fields, `most` at most, and says how many. There is none where the next one is of another
    /// kind, not whole, or not there: [`next`](Self::next) says which.
    pub(super) fn next_many(&mut self, width: usize, most: usize, fields: &mut Vec<Field>) -> usize {
        let at = self.blocks.at();
        let (rows, next) = self.dialect.split_many(self.blocks.buffer(), at, width, most, fields);
        self.blocks.take(next - at);
        rows
    }

    /// Reads on, keeping the record at hand.
    pub(super) async fn fill(&mut self) -> Result<()> {
        self.blocks.fill().await
    }

    /// The next record, reading on where needed; `fields` is cleared first. None at the end.
    ///
    /// # Errors
    /// Those of [`blame`](Self::blame).
    pub(super) async fn record(&mut self, fields: &mut Vec<Field>) -> Result<Option<Range<u64>>> {
        fields.clear();
        loop {
            match self.next(fields) {
                Next::Record => {
                    // Comments may stand before it.
                    let start = fields.first().map_or(self.offset(), |field| self.offset_of(field.start()));
                    return Ok(Some(start..self.offset()));
                }
                Next::End => return Ok(None),
                Next::Starved => self.fill().await?,
                Next::Broken(broken) => return Err(self.blame(broken).await?),
            }
        }
    }

    /// Why the record at hand is none.
    pub(super) async fn blame(&mut self, broken: Broken) -> Result<Error> {
        let (shown, offset) = (self.blocks.shown().to_owned(), self.offset());
        let line = self.blocks.line_of(offset).await?;
        Ok(match broken {
            Broken::Unclosed => unclosed(&shown, line),
            Broken::Cut => Error::new(ErrorKind::BadValue, "the file was cut inside the record that begins here")
                .in_file(shown, Some(line), None)
                .with_help("read the file by one task: CsvOptions::block_bytes(..) larger than it is"),
        })
    }

    /// The line of a place in the file, from 1.
    pub(super) async fn line_of(&mut self, offset: u64) -> Result<u64> {
        self.blocks.line_of(offset).await
    }
}

/// A quoted field without an end.
pub(super) fn unclosed(shown: &str, line: u64) -> Error {
    Error::new(ErrorKind::BadValue, "a quoted field in the record that begins here never ends")
        .in_file(shown, Some(line), None)
        .with_help("close the quote, or CsvOptions::quote(None) for files without quoting")
}

/// Fields that are too many or too few.
pub(super) fn ragged(shown: &str, line: u64, fields: usize, width: usize) -> Error {
    let message = format!("a record of {fields} fields, where there are {width} columns");
    let help = match fields < width {
        true => "set CsvOptions::delimiter, or ragged_rows(RaggedRows::FillNull) for records that end early",
        false => "quote fields that hold the delimiter, or set CsvOptions::delimiter",
    };
    Error::new(ErrorKind::BadValue, message).in_file(shown, Some(line), None).with_help(help)
}

/// Whether it is a blank line, which is skipped where there are several columns.
pub(super) fn is_blank(fields: &[Field]) -> bool {
    matches!(fields, [field] if field.is_blank())
}
