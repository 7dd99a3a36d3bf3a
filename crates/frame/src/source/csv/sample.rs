//! Samples of a file: its header, where its records begin, and what its columns may be.
//!
//! Rows are taken at the start, in the middle and at the end. A small file is split as a whole, so that the rows are right;
//! in a large one the middle and the end are looked for where several records in a row have the width of the header, so
//! that a newline inside quotes is not taken for the end of a record.

use super::{
    blocks::{BLOCK, Blocks},
    infer::Kind,
    parse::Rows,
    record::{Dialect, Field, Split},
};
use std::{
    fs,
    io::{Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
    time::UNIX_EPOCH,
};
use stratal_core::{Error, ErrorKind, Result};

/// Files up to this size are split as a whole.
const WHOLE: u64 = 8 << 20;

/// Records that must have the right width where a place inside a file is taken for the start of a record.
const ALIGNED: usize = 20;

/// What a file looks like.
pub(super) struct Sample {
    /// The names in the header, where there is one.
    pub(super) names: Option<Vec<String>>,
    /// Fields of a record; 0 for a file without records and header.
    pub(super) width: usize,
    /// Where the first record of data begins.
    pub(super) body: u64,
    pub(super) size: u64,
    /// When it was changed last, in nanoseconds since 1970, where the system says so.
    pub(super) modified: Option<u64>,
    /// What each column may be.
    pub(super) kinds: Vec<Kind>,
    /// Rows looked at.
    pub(super) rows: u64,
}

/// Size and time of last change.
pub(super) fn stamp(path: &Path, shown: &str) -> Result<(u64, Option<u64>)> {
    let found = fs::metadata(path).map_err(|error| Error::from(error).in_file(shown, None, None))?;
    let modified = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Ok((found.len(), modified.and_then(|time| u64::try_from(time.as_nanos()).ok())))
}

/// Fields that are too many or too few.
pub(super) fn ragged(shown: &str, line: u64, fields: usize, width: usize) -> Error {
    let message = format!("a record of {fields} fields, where there are {width} columns");
    Error::new(ErrorKind::BadValue, message)
        .in_file(shown, Some(line), None)
        .with_help("quote fields that hold the delimiter, or set CsvOptions::delimiter")
}

/// Whether it is a blank line, which is skipped where there are several columns.
pub(super) fn is_blank(fields: &[Field]) -> bool {
    matches!(fields, [field] if field.is_blank())
}

/// How files are looked at.
pub(super) struct Sampler<'a> {
    pub(super) dialect: Dialect,
    pub(super) header: bool,
    /// Rows at each place.
    pub(super) rows: usize,
    pub(super) nulls: &'a [String],
}

impl Sampler<'_> {
    /// Looks at the file at `path`, which errors call `shown`.
    pub(super) fn sample(&self, path: &Path, shown: &str) -> Result<Sample> {
        let (size, modified) = stamp(path, shown)?;
        let mut sample = Sample { names: None, width: 0, body: size, size, modified, kinds: Vec::new(), rows: 0 };
        let mut blocks = Blocks::open(path, shown, 0..size, self.dialect)?;
        blocks.skip_prefix(b"\xef\xbb\xbf")?;
        let mut fields = Vec::new();
        let first = loop {
            match blocks.record(&mut fields)? {
                None => return Ok(sample),
                Some(_) if is_blank(&fields) => {}
                Some(first) => break first,
            }
        };
        sample.width = fields.len();
        sample.kinds = vec![Kind::Null; sample.width];
        sample.body = first.start;
        if self.header {
            let texts = fields.iter().map(|field| String::from_utf8_lossy(&self.dialect.text(blocks.buffer(), *field)).into_owned());
            sample.names = Some(texts.collect());
            sample.body = first.end;
        }
        if size - sample.body <= WHOLE {
            self.whole(path, shown, &mut sample)?;
        } else {
            self.places(path, shown, &mut sample)?;
        }
        Ok(sample)
    }

    fn take(&self, buffer: &[u8], fields: &[Field], sample: &mut Sample) {
        let rows = Rows { buffer, fields, width: sample.width, dialect: self.dialect, nulls: self.nulls };
        for (kind, field) in sample.kinds.iter_mut().zip(fields) {
            if let Some(text) = rows.cell(*field) {
                let own = if text.is_empty() { Kind::Text } else { Kind::of(&text) };
                *kind = kind.widen(own);
            }
        }
        sample.rows += 1;
    }

    /// Where the records of `bytes` begin, up to the first that does not end.
    fn starts(&self, bytes: &[u8], is_last: bool, width: usize) -> (Vec<usize>, Split) {
        let (mut starts, mut fields, mut at) = (Vec::new(), Vec::new(), 0);
        while at < bytes.len() {
            fields.clear();
            match self.dialect.split(&bytes[at..], is_last, &mut fields) {
                Split::Record(length) => {
                    if width == 1 || !is_blank(&fields) {
                        starts.push(at);
                    }
                    at += length;
                }
                broken => {
                    starts.push(at);
                    return (starts, broken);
                }
            }
        }
        (starts, Split::Record(0))
    }

    fn whole(&self, path: &Path, shown: &str, sample: &mut Sample) -> Result<()> {
        let bytes = read(path, shown, sample.body..sample.size)?;
        let (starts, end) = self.starts(&bytes, true, sample.width);
        let (size, body) = (sample.size, sample.body);
        let line_of = |at: usize| -> Result<u64> { Blocks::open(path, shown, 0..size, self.dialect)?.line_of(body + at as u64) };
        if end == Split::Unclosed {
            let line = line_of(starts.last().copied().unwrap_or_default())?;
            return Err(Error::new(ErrorKind::BadValue, "a quoted field in the record that begins here never ends")
                .in_file(shown, Some(line), None)
                .with_help("close the quote, or CsvOptions::quote(None) for files without quoting"));
        }
        let count = starts.len();
        let middle = count / 2..count / 2 + self.rows;
        let mut fields = Vec::new();
        for (row, at) in starts.into_iter().enumerate() {
            if row < self.rows || middle.contains(&row) || row + self.rows >= count {
                fields.clear();
                self.dialect.split(&bytes[at..], true, &mut fields);
                if fields.len() != sample.width {
                    return Err(ragged(shown, line_of(at)?, fields.len(), sample.width));
                }
                self.take(&bytes[at..], &fields, sample);
            }
        }
        Ok(())
    }

    fn places(&self, path: &Path, shown: &str, sample: &mut Sample) -> Result<()> {
        let mut blocks = Blocks::open(path, shown, sample.body..sample.size, self.dialect)?;
        let mut fields = Vec::new();
        for _ in 0..self.rows {
            let Some(record) = blocks.record(&mut fields)? else { return Ok(()) };
            if sample.width > 1 && is_blank(&fields) {
                continue;
            }
            if fields.len() != sample.width {
                return Err(ragged(shown, blocks.line_of(record.start)?, fields.len(), sample.width));
            }
            self.take(blocks.buffer(), &fields, sample);
        }
        let block = BLOCK as u64;
        for (at, is_end) in [(sample.size / 2, false), (sample.size - block, true)] {
            let at = at.max(blocks.offset());
            let bytes = read(path, shown, at..(at + block).min(sample.size))?;
            let Some(start) = self.aligned(&bytes, sample.width) else { continue };
            let (starts, _) = self.starts(&bytes[start..], is_end, sample.width);
            let skipped = if is_end { starts.len().saturating_sub(self.rows) } else { 0 };
            for from in starts.into_iter().skip(skipped).take(self.rows) {
                fields.clear();
                let record = &bytes[start + from..];
                if matches!(self.dialect.split(record, is_end, &mut fields), Split::Record(_)) && fields.len() == sample.width {
                    self.take(record, &fields, sample);
                }
            }
        }
        Ok(())
    }

    /// A place in a block after which several records have the right width.
    fn aligned(&self, bytes: &[u8], width: usize) -> Option<usize> {
        let newlines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        newlines.take(200).find(|start| {
            let (mut fields, mut at) = (Vec::new(), *start);
            (0..ALIGNED).all(|_| {
                fields.clear();
                match bytes.get(at..).filter(|rest| !rest.is_empty()).map(|rest| self.dialect.split(rest, false, &mut fields)) {
                    Some(Split::Record(length)) => {
                        at += length;
                        fields.len() == width
                    }
                    _ => at > *start,
                }
            })
        })
    }
}

fn read(path: &Path, shown: &str, range: Range<u64>) -> Result<Vec<u8>> {
    let named = |error: std::io::Error| Error::from(error).in_file(shown, None, None);
    let mut file = fs::File::open(path).map_err(named)?;
    file.seek(SeekFrom::Start(range.start)).map_err(named)?;
    let mut bytes = Vec::with_capacity((range.end - range.start) as usize);
    file.take(range.end - range.start).read_to_end(&mut bytes).map_err(named)?;
    Ok(bytes)
}
