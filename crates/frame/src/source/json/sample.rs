//! Samples of a file: which keys its objects have, and what their values may be.
//!
//! Objects are taken at the start, in the middle and at the end. A small file is gone through as a whole; in a large one of
//! lines, the middle and the end are found at newlines. An array and a compressed file are read as far as a small file is
//! large.

use super::{
    kind::{Conflict, Kind},
    records::{Next, Records},
};
use crate::source::files::{BLOCK, Compression, Listed, read_range, shortened};
use serde_json::Value;
use stratal_core::{Error, ErrorKind, Result};

/// Files up to this size are gone through as a whole.
const WHOLE: u64 = 8 << 20;

/// What a file looks like.
pub(super) struct Sample {
    /// An object of all keys.
    pub(super) kind: Kind,
    /// Whether it is one array, which cannot be cut.
    pub(super) is_array: bool,
    /// Objects looked at.
    pub(super) rows: u64,
}

/// What is wrong with an object, at a place in the file.
type Wrong = (u64, Error);

impl Sample {
    /// Looks at a file, `rows` objects at each place.
    pub(super) async fn of(file: &Listed, compression: Option<Compression>, rows: usize) -> Result<Self> {
        let mut records = Records::open(file, 0..file.size, compression).await?;
        let mut sample = Sample { kind: Kind::EMPTY, is_array: records.is_array(), rows: 0 };
        let looked = if rows == 0 {
            Ok(())
        } else if compression.is_some() || sample.is_array || file.size <= WHOLE {
            sample.window(&mut records, rows).await?
        } else {
            sample.places(file, &mut records, rows).await?
        };
        match looked {
            Ok(()) => Ok(sample),
            Err((offset, error)) => Err(error.in_file(&*file.shown, Some(records.line_of(offset).await?), None)),
        }
    }

    fn take(&mut self, text: &[u8]) -> Result<(), Error> {
        let value = parsed(text)?;
        let kind = std::mem::replace(&mut self.kind, Kind::Null);
        self.kind = Kind::of(&value).and_then(|found| kind.widen(found)).map_err(conflict)?;
        self.rows += 1;
        Ok(())
    }

    /// Looks at all that there is, or as much of it as a small file has: its start, its middle and its end.
    async fn window(&mut self, records: &mut Records, rows: usize) -> Result<Result<(), Wrong>> {
        while (records.blocks().rest().len() as u64) < WHOLE && !records.blocks().is_done() {
            records.fill().await?;
        }
        let mut places = Vec::new();
        loop {
            match records.next() {
                Next::Record(place) => places.push(place),
                Next::Starved | Next::End => break,
                Next::Broken(wrong) => return Err(records.blame(wrong).await?),
            }
        }
        let count = places.len();
        let middle = count / 2..(count / 2).saturating_add(rows);
        for (row, place) in places.into_iter().enumerate() {
            if row < rows || middle.contains(&row) || row.saturating_add(rows) >= count {
                let offset = records.offset_of(place.start);
                if let Err(error) = self.take(&records.buffer()[place]) {
                    return Ok(Err((offset, error)));
                }
            }
        }
        Ok(Ok(()))
    }

    /// Looks at the start, and at places in the middle and near the end.
    async fn places(&mut self, file: &Listed, records: &mut Records, rows: usize) -> Result<Result<(), Wrong>> {
        let mut seen = 0;
        while seen < rows {
            match records.next() {
                Next::Record(place) => {
                    let offset = records.offset_of(place.start);
                    if let Err(error) = self.take(&records.buffer()[place]) {
                        return Ok(Err((offset, error)));
                    }
                    seen += 1;
                }
                Next::Starved => records.fill().await?,
                Next::End => return Ok(Ok(())),
                Next::Broken(wrong) => return Err(records.blame(wrong).await?),
            }
        }
        let block = BLOCK as u64;
        for (at, is_end) in [(file.size / 2, false), (file.size - block, true)] {
            let at = at.max(records.blocks().offset());
            let bytes = read_range(file, at..(at + block).min(file.size)).await?;
            let lines = lines(&bytes, is_end);
            let skipped = if is_end { lines.len().saturating_sub(rows) } else { 0 };
            for (start, line) in lines.into_iter().skip(skipped).take(rows) {
                if let Err(error) = self.take(line) {
                    return Ok(Err((at + start as u64, error)));
                }
            }
        }
        Ok(Ok(()))
    }
}

/// The whole lines of a block that begins anywhere, and where they begin; blank ones are left out. The last is whole only
/// where the file ends.
fn lines(bytes: &[u8], is_end: bool) -> Vec<(usize, &[u8])> {
    let mut starts: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    if is_end {
        starts.push(bytes.len() + 1);
    }
    let lines = starts.windows(2).map(|pair| (pair[0], &bytes[pair[0]..(pair[1] - 1).max(pair[0])]));
    lines.filter(|(_, line)| !line.trim_ascii().is_empty()).collect()
}

/// The object that a text is.
///
/// # Errors
/// `BadValue` for a text that is no JSON, and for any other value.
pub(super) fn parsed(text: &[u8]) -> Result<Value, Error> {
    let value: Value = serde_json::from_slice(text).map_err(|error| {
        let message = format!("this is no JSON: {error}").replace(" at line 1 column ", " at character ");
        Error::new(ErrorKind::BadValue, message).with_help("files hold one object a line, or one array of objects")
    })?;
    if value.is_object() {
        return Ok(value);
    }
    let message = format!("{} is no object", shortened(&value.to_string()));
    Err(Error::new(ErrorKind::BadValue, message).with_help("files hold one object a line, or one array of objects"))
}

/// Values that no type holds.
pub(super) fn conflict(conflict: Conflict) -> Error {
    Error::new(ErrorKind::TypeMismatch, conflict.message()).with_help("name the type that is meant: JsonOptions::schema(..)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_block_are_whole() {
        let text = |is_end| -> Vec<String> {
            let found = lines(b"rest\n{1}\n\n {2}\n{3", is_end);
            found.into_iter().map(|(at, line)| format!("{at}:{}", String::from_utf8_lossy(line))).collect()
        };
        assert_eq!(text(false), ["5:{1}", "10: {2}"]);
        assert_eq!(text(true), ["5:{1}", "10: {2}", "15:{3"]);
        assert!(lines(b"no newline", false).is_empty() && lines(b"no newline", true).is_empty());
        assert_eq!(lines(b"x\n{}\n", true), [(2, &b"{}"[..])]);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert!(parsed(b"{\"a\": 1}").unwrap().is_object());
        assert_eq!(parsed(b"[1, 2]").unwrap_err().message(), "[1,2] is no object");
        assert!(parsed(b"{\"a\": }").unwrap_err().message().starts_with("this is no JSON: expected value at character "));
    }
}
