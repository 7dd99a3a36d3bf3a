//! Samples of a file: its header, and what its columns may be.
//!
//! Rows are taken at the start, in the middle and at the end. A small file is split as a whole, so that the rows are right;
//! in a large one the middle and the end are looked for where several records in a row have the width of the header, so
//! that a newline inside quotes is not taken for the end of a record. A compressed file is decompressed as far as a small
//! one is large.

use super::{
    head::{self, Preamble},
    infer::Kind,
    options::{OnMismatch, RaggedRows},
    parse::Rows,
    record::{Dialect, Field, Split},
    records::{Records, is_blank, ragged, unclosed},
};
use crate::source::files::{BLOCK, Compression, Listed, read_range};
use stratal_core::Result;

/// Files up to this size are split as a whole.
pub(super) const WHOLE: u64 = 8 << 20;

/// Records that must have the right width where a place inside a file is taken for the start of a record.
const ALIGNED: usize = 20;

/// What a file looks like.
pub(super) struct Sample {
    /// The names in the header, where there is one.
    pub(super) names: Option<Vec<String>>,
    /// Fields of a record; 0 for a file without records and header.
    pub(super) width: usize,
    /// Whether there are blank lines, and no header.
    pub(super) blanks: bool,
    /// Where the first record of data begins.
    pub(super) body: u64,
    /// What each column may be.
    pub(super) kinds: Vec<Kind>,
    /// Rows looked at.
    pub(super) rows: u64,
}

/// How files are looked at.
pub(super) struct Sampler<'a> {
    pub(super) dialect: Dialect,
    pub(super) preamble: Preamble,
    /// Rows at each place.
    pub(super) rows: usize,
    pub(super) nulls: &'a [String],
    pub(super) ragged: RaggedRows,
    /// Fields that a record has at least, where it is known without a header.
    pub(super) least: usize,
    /// With [`OnMismatch::Widen`], all rows are looked at.
    pub(super) on_mismatch: OnMismatch,
}

impl Sampler<'_> {
    /// Looks at a file.
    pub(super) async fn sample(&self, file: &Listed, compression: Option<Compression>) -> Result<Sample> {
        let mut records = Records::open(file, 0..file.size, compression, self.dialect)?;
        let head = head::read(&mut records, self.preamble, self.dialect).await?;
        let width = if head.width == 0 { 0 } else { head.width.max(self.least) };
        if width == 1 && head.blanks {
            records = Records::open(file, 0..file.size, compression, self.dialect)?;
            head::start(&mut records, self.preamble).await?;
        }
        let body = records.offset();
        let mut sample = Sample { names: head.names, width, blanks: head.blanks, body, kinds: vec![Kind::Null; width], rows: 0 };
        if width == 0 {
            return Ok(sample);
        }
        if self.on_mismatch == OnMismatch::Widen {
            self.first(&mut records, usize::MAX, &mut sample).await?;
        } else if compression.is_some() || file.size - body <= WHOLE {
            self.whole(&mut records, &mut sample).await?;
        } else {
            self.places(file, &mut records, &mut sample).await?;
        }
        Ok(sample)
    }

    fn take(&self, buffer: &[u8], fields: &[Field], sample: &mut Sample) {
        let rows = Rows { buffer, fields, width: sample.width, dialect: self.dialect, nulls: self.nulls };
        for (kind, field) in sample.kinds.iter_mut().zip(fields) {
            if *kind == Kind::Text {
                continue;
            }
            if let Some(text) = rows.cell(*field) {
                let own = if text.is_empty() { Kind::Text } else { Kind::of(&text) };
                *kind = kind.widen(own);
            }
        }
        sample.rows += 1;
    }

    /// Whether a record of so many fields is one of these.
    fn fits(&self, fields: &[Field], width: usize) -> bool {
        let extra = fields.get(width..).unwrap_or_default();
        fields.len() == width || (self.ragged == RaggedRows::FillNull && extra.iter().all(|field| field.is_blank()))
    }

    /// Looks at the first rows.
    async fn first(&self, records: &mut Records, rows: usize, sample: &mut Sample) -> Result<()> {
        let mut fields = Vec::new();
        let mut seen = 0;
        while seen < rows
            && let Some(record) = records.record(&mut fields).await?
        {
            if sample.width > 1 && is_blank(&fields) {
                continue;
            }
            if !self.fits(&fields, sample.width) {
                let line = records.line_of(record.start).await?;
                return Err(ragged(records.blocks().shown(), line, fields.len(), sample.width));
            }
            self.take(records.buffer(), &fields, sample);
            seen += 1;
        }
        Ok(())
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
                Split::Comment(length) => at += length,
                broken => {
                    starts.push(at);
                    return (starts, broken);
                }
            }
        }
        (starts, Split::Record(0))
    }

    /// Looks at all that is left, or as much of it as a small file has: its start, its middle and its end.
    async fn whole(&self, records: &mut Records, sample: &mut Sample) -> Result<()> {
        while (records.blocks().rest().len() as u64) < WHOLE && !records.blocks().is_done() {
            records.fill().await?;
        }
        let (body, is_last) = (records.offset(), records.blocks().is_done());
        let mut wrong = None;
        {
            let bytes = records.blocks().rest();
            let (mut starts, end) = self.starts(bytes, is_last, sample.width);
            match end {
                Split::Unclosed => wrong = starts.last().map(|at| (*at, None)),
                // The record at the end of what was read is not whole.
                Split::More => {
                    starts.pop();
                }
                _ => {}
            }
            let count = starts.len();
            let middle = count / 2..(count / 2).saturating_add(self.rows);
            let mut fields = Vec::new();
            for (row, at) in starts.into_iter().enumerate() {
                if wrong.is_some() {
                    break;
                }
                if row < self.rows || middle.contains(&row) || row.saturating_add(self.rows) >= count {
                    fields.clear();
                    self.dialect.split(&bytes[at..], is_last, &mut fields);
                    match self.fits(&fields, sample.width) {
                        true => self.take(&bytes[at..], &fields, sample),
                        false => wrong = Some((at, Some(fields.len()))),
                    }
                }
            }
        }
        let Some((at, fields)) = wrong else { return Ok(()) };
        let line = records.line_of(body + at as u64).await?;
        let shown = records.blocks().shown();
        Err(fields.map_or_else(|| unclosed(shown, line), |fields| ragged(shown, line, fields, sample.width)))
    }

    /// Looks at the start, and at places in the middle and near the end.
    async fn places(&self, file: &Listed, records: &mut Records, sample: &mut Sample) -> Result<()> {
        self.first(records, self.rows, sample).await?;
        let block = BLOCK as u64;
        let mut fields = Vec::new();
        for (at, is_end) in [(file.size / 2, false), (file.size - block, true)] {
            let at = at.max(records.offset());
            let bytes = read_range(file, at..(at + block).min(file.size)).await?;
            let aligned = |is_sure| aligned(&bytes, sample.width, self.dialect, is_sure);
            let Some(start) = aligned(true).or_else(|| aligned(false)) else { continue };
            let (starts, _) = self.starts(&bytes[start..], is_end, sample.width);
            let skipped = if is_end { starts.len().saturating_sub(self.rows) } else { 0 };
            for from in starts.into_iter().skip(skipped).take(self.rows) {
                fields.clear();
                let record = &bytes[start + from..];
                if matches!(self.dialect.split(record, is_end, &mut fields), Split::Record(_)) && self.fits(&fields, sample.width) {
                    self.take(record, &fields, sample);
                }
            }
        }
        Ok(())
    }
}

/// A place in a block after which several records have the right width. If it is to be sure, no quote may stand in them
/// where there is no need of one: what begins inside a quoted field has one before long.
pub(super) fn aligned(bytes: &[u8], width: usize, dialect: Dialect, is_sure: bool) -> Option<usize> {
    let newlines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    newlines.take(200).find(|start| {
        let (mut fields, mut at) = (Vec::new(), *start);
        (0..ALIGNED).all(|_| {
            fields.clear();
            let rest = &bytes[at..];
            let split = if rest.is_empty() { Split::More } else { dialect.split(rest, false, &mut fields) };
            match split {
                Split::Record(length) => {
                    at += length;
                    fields.len() == width && (!is_sure || fields.iter().all(|field| dialect.is_clean(rest, *field)))
                }
                Split::Comment(length) => {
                    at += length;
                    true
                }
                _ => at > *start,
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: Dialect = Dialect { delimiter: b',', quote: Some(b'"'), escape: None, comment: None, trim: false };

    #[test]
    fn a_newline_in_a_field_is_not_taken_for_the_end_of_a_record() {
        // Beginning with any line of it, every record has three fields.
        let text = "1,\"two\nlines, and more\",3\n".repeat(50);
        let from = |at: usize| aligned(&text.as_bytes()[at..], 3, CSV, true).map(|start| at + start);
        for at in 0..text.len() / 2 {
            let start = from(at).unwrap();
            assert!(text[start..].starts_with("1,"), "{at}");
        }
        assert_eq!(aligned(b"no newline", 1, CSV, true), None);
        assert_eq!(aligned(b"x\n5\" pipe,1\n5\" pipe,2\n", 2, CSV, true), None);
        assert_eq!(aligned(b"x\n5\" pipe,1\n5\" pipe,2\n", 2, CSV, false), Some(2));
    }
}
