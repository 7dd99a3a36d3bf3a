//! The records of a part of a file, a block at a time.

use super::record::{Dialect, Field, Split};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
};
use stratal_core::{Error, ErrorKind, Result};

/// Bytes read at once.
pub(super) const BLOCK: usize = 1 << 20;

/// What [`Blocks::next`] found.
pub(super) enum Next {
    /// A record; its fields were appended, with positions in [`Blocks::buffer`].
    Record,
    /// The record at hand goes on past the buffer: [`Blocks::fill`] reads on, and moves what is in it.
    Starved,
    /// There is no more.
    End,
}

/// A part of a file that begins with a record and ends after one.
pub(super) struct Blocks {
    file: File,
    /// The path as errors print it.
    path: String,
    dialect: Dialect,
    buffer: Vec<u8>,
    at: usize,
    /// Where the buffer begins in the file.
    base: u64,
    /// Bytes of the part that are not in the buffer yet.
    left: u64,
}

impl Blocks {
    /// Opens `range` of the file at `path`, which is called `shown`.
    pub(super) fn open(path: &Path, shown: &str, range: Range<u64>, dialect: Dialect) -> Result<Self> {
        let named = |error: std::io::Error| Error::from(error).in_file(shown, None, None);
        let mut file = File::open(path).map_err(named)?;
        file.seek(SeekFrom::Start(range.start)).map_err(named)?;
        let left = range.end - range.start;
        Ok(Blocks { file, path: shown.to_owned(), dialect, buffer: Vec::new(), at: 0, base: range.start, left })
    }

    /// The bytes that fields are positions in.
    pub(super) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Where in the file a position in the buffer is.
    pub(super) fn offset_of(&self, at: usize) -> u64 {
        self.base + at as u64
    }

    /// Where in the file the next record begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset_of(self.at)
    }

    /// Skips bytes at the front of the buffer if they are these.
    pub(super) fn skip_prefix(&mut self, prefix: &[u8]) -> Result<()> {
        while self.buffer.len() < prefix.len() && self.fill()? {}
        if self.buffer.starts_with(prefix) {
            self.at = prefix.len();
        }
        Ok(())
    }

    /// Splits the next record.
    ///
    /// # Errors
    /// `BadValue` for a quoted field that never ends.
    pub(super) fn next(&mut self, fields: &mut Vec<Field>) -> Result<Next> {
        if self.at == self.buffer.len() {
            return Ok(if self.left == 0 { Next::End } else { Next::Starved });
        }
        let before = fields.len();
        match self.dialect.split(&self.buffer[self.at..], self.left == 0, fields) {
            Split::Record(length) => {
                fields[before..].iter_mut().for_each(|field| *field = field.moved(self.at));
                self.at += length;
                Ok(Next::Record)
            }
            Split::More => Ok(Next::Starved),
            Split::Unclosed => {
                let message = "a quoted field in the record that begins here never ends";
                let line = line_of(&mut self.file, self.base + self.at as u64)?;
                Err(Error::new(ErrorKind::BadValue, message)
                    .in_file(&*self.path, Some(line), None)
                    .with_help("close the quote, or CsvOptions::quote(None) for files without quoting"))
            }
        }
    }

    /// Reads on, keeping the record at hand. Says whether there was more.
    pub(super) fn fill(&mut self) -> Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        self.buffer.drain(..self.at);
        self.base += self.at as u64;
        self.at = 0;
        // A record longer than a block is read in doubling steps, so that it is not split over and over.
        let wanted = (BLOCK.max(self.buffer.len()) as u64).min(self.left);
        let read = (&mut self.file).take(wanted).read_to_end(&mut self.buffer);
        let read = read.map_err(|error| Error::from(error).in_file(&*self.path, None, None))? as u64;
        if read < wanted {
            let message = "the file became shorter while it was read";
            return Err(Error::new(ErrorKind::Io, message).in_file(&*self.path, None, None));
        }
        self.left -= read;
        Ok(true)
    }

    /// The next record, reading on where needed; `fields` is cleared first. None at the end.
    pub(super) fn record(&mut self, fields: &mut Vec<Field>) -> Result<Option<Range<u64>>> {
        fields.clear();
        loop {
            let start = self.offset();
            match self.next(fields)? {
                Next::Record => return Ok(Some(start..self.offset())),
                Next::End => return Ok(None),
                Next::Starved => {
                    self.fill()?;
                }
            }
        }
    }

    /// The line of a place in the file, from 1.
    pub(super) fn line_of(&mut self, offset: u64) -> Result<u64> {
        line_of(&mut self.file, offset)
    }
}

/// Counts the lines before a place. Only errors need it, so that nothing is counted while all goes well.
fn line_of(file: &mut File, offset: u64) -> Result<u64> {
    file.seek(SeekFrom::Start(0))?;
    let mut lines = 1;
    let mut block = vec![0; BLOCK];
    let mut left = offset;
    while left > 0 {
        let wanted = left.min(BLOCK as u64) as usize;
        file.read_exact(&mut block[..wanted])?;
        lines += block[..wanted].iter().filter(|byte| **byte == b'\n').count() as u64;
        left -= wanted as u64;
    }
    Ok(lines)
}
