//! [`Records`]: the objects of a part of a file, one after another.
//!
//! A newline never stands inside a JSON text, so that lines need no parsing to be told apart. The elements of an array are
//! told apart by counting brackets outside of texts; whether they are JSON is not looked at here.

use crate::source::files::{Blocks, Compression, Listed};
use std::ops::Range;
use stratal_core::{Error, ErrorKind, Result};

/// What [`Records::next`] found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A JSON text, by its place in [`Records::buffer`].
    Record(Range<usize>),
    /// The one at hand goes on past the buffer: [`Records::fill`] reads on, and moves what is in it.
    Starved,
    /// There is no more.
    End,
    /// What is at hand is no part of an array.
    Broken(&'static str),
}

/// How objects stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One a line.
    Lines,
    /// In one array, of which so much was read.
    Array(Place),
}

/// A place in an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Begin,
    Inside,
    End,
}

/// The objects of a part of a file.
pub(super) struct Records {
    blocks: Blocks,
    form: Form,
}

impl Records {
    /// Opens `range` of a file; of a compressed one, all of it. At the beginning of a file it is found out how objects stand
    /// in it.
    pub(super) async fn open(file: &Listed, range: Range<u64>, compression: Option<Compression>) -> Result<Self> {
        let is_begin = range.start == 0 || compression.is_some();
        let mut records = Records { blocks: Blocks::open(file, range, compression)?, form: Form::Lines };
        if is_begin {
            records.blocks.skip(b"\xef\xbb\xbf").await?;
            records.find_form().await?;
        }
        Ok(records)
    }

    async fn find_form(&mut self) -> Result<()> {
        loop {
            let blanks = blanks(self.blocks.rest());
            match self.blocks.rest().get(blanks) {
                Some(b'[') => {
                    self.blocks.take(blanks + 1);
                    self.form = Form::Array(Place::Begin);
                    return Ok(());
                }
                None if !self.blocks.is_done() => self.blocks.fill().await?,
                _ => return Ok(()),
            }
        }
    }

    /// Whether they are the elements of an array, which cannot be cut.
    pub(super) fn is_array(&self) -> bool {
        self.form != Form::Lines
    }

    /// What is read.
    pub(super) fn blocks(&mut self) -> &mut Blocks {
        &mut self.blocks
    }

    /// The bytes that records are places in.
    pub(super) fn buffer(&self) -> &[u8] {
        self.blocks.buffer()
    }

    /// Where in the file a place in the buffer is.
    pub(super) fn offset_of(&self, at: usize) -> u64 {
        self.blocks.offset_of(at)
    }

    /// The next one.
    pub(super) fn next(&mut self) -> Next {
        match self.form {
            Form::Lines => self.line(),
            Form::Array(place) => self.element(place),
        }
    }

    fn line(&mut self) -> Next {
        loop {
            let (rest, at) = (self.blocks.rest(), self.blocks.at());
            let (length, taken) = match rest.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end, end + 1),
                None if !self.blocks.is_done() => return Next::Starved,
                None if rest.is_empty() => return Next::End,
                None => (rest.len(), rest.len()),
            };
            let is_blank = blanks(&rest[..length]) == length;
            self.blocks.take(taken);
            if !is_blank {
                return Next::Record(at..at + length);
            }
        }
    }

    fn element(&mut self, place: Place) -> Next {
        let (rest, at, is_done) = (self.blocks.rest(), self.blocks.at(), self.blocks.is_done());
        let more = |wrong: &'static str| if is_done { Next::Broken(wrong) } else { Next::Starved };
        let mut start = blanks(rest);
        match (place, rest.get(start)) {
            (Place::End, None) if is_done => return Next::End,
            (Place::End, None) => {
                self.blocks.take(start);
                return Next::Starved;
            }
            (Place::End, Some(_)) => return Next::Broken("something follows the array"),
            (_, None) => return more(OPEN),
            (_, Some(b']')) => {
                self.blocks.take(start + 1);
                self.form = Form::Array(Place::End);
                return self.element(Place::End);
            }
            (Place::Inside, Some(b',')) => {
                start += 1;
                start += blanks(&rest[start..]);
            }
            (Place::Inside, Some(_)) => return Next::Broken("there is no comma between two elements of the array"),
            (Place::Begin, Some(_)) => {}
        }
        match length(&rest[start..]) {
            Some(0) => Next::Broken("there is a comma without an element in the array"),
            Some(length) => {
                self.blocks.take(start + length);
                self.form = Form::Array(Place::Inside);
                Next::Record(at + start..at + start + length)
            }
            None => more(OPEN),
        }
    }

    /// Reads on, keeping what is at hand.
    pub(super) async fn fill(&mut self) -> Result<()> {
        self.blocks.fill().await
    }

    /// The line of a place in the file, from 1.
    pub(super) async fn line_of(&mut self, offset: u64) -> Result<u64> {
        self.blocks.line_of(offset).await
    }

    /// What is wrong with what is at hand.
    pub(super) async fn blame(&mut self, wrong: &str) -> Result<Error> {
        let (shown, offset) = (self.blocks.shown().to_owned(), self.blocks.offset());
        let line = self.line_of(offset).await?;
        Ok(Error::new(ErrorKind::BadValue, wrong).in_file(shown, Some(line), None))
    }
}

const OPEN: &str = "the array that the file holds never ends";

/// How many blanks it begins with.
fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// How long the JSON text is that it begins with; none if it goes on.
fn length(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += text_length(&bytes[at..])?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' | b']' if depth == 0 => return Some(at),
            byte if depth == 0 && byte.is_ascii_whitespace() => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// How long the text in quotes is that it begins with.
fn text_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::files::{Listing, list};
    use stratal_stores::wait_here;

    fn read(text: &str) -> Result<Vec<String>> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        std::fs::write(&path, text).unwrap();
        let paths = [path.to_str().unwrap().to_owned()];
        let file = list(&Listing { paths: &paths, storage: &[], endings: &["json"], hive: false }).unwrap().remove(0);
        wait_here(async {
            let mut records = Records::open(&file, 0..file.size, None).await?;
            let mut all = Vec::new();
            loop {
                match records.next() {
                    Next::Record(place) => all.push(String::from_utf8(records.buffer()[place].to_vec()).unwrap()),
                    Next::Starved => records.fill().await?,
                    Next::End => return Ok(all),
                    Next::Broken(wrong) => return Err(records.blame(wrong).await?),
                }
            }
        })
    }

    #[test]
    fn lines_are_records_and_blank_ones_are_none() {
        assert_eq!(read("{\"a\":1}\n\n  \r\n{\"b\":\"[\"}\r\n{}").unwrap(), ["{\"a\":1}", "{\"b\":\"[\"}\r", "{}"]);
        assert!(read("").unwrap().is_empty() && read(" \n\n").unwrap().is_empty());
        assert_eq!(read("\u{feff}{}\n").unwrap(), ["{}"]);
    }

    #[test]
    fn elements_of_an_array_are_records_wherever_lines_end() {
        let text = "\u{feff} [ {\"a\": [1, {\"b\": \"]}\\\"\"}],\n \"c\": 2}\n,{}, 1.5 ,\"x,y\", [\n],null]\n";
        assert_eq!(read(text).unwrap(), ["{\"a\": [1, {\"b\": \"]}\\\"\"}],\n \"c\": 2}", "{}", "1.5", "\"x,y\"", "[\n]", "null"]);
        assert!(read("[]").unwrap().is_empty() && read("\n[ ]\n ").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_array_is_told_by_its_line() {
        let error = |text: &str| read(text).unwrap_err();
        assert_eq!((error("[{}\n,\n{}").message(), error("[{}\n,\n{}").line()), (OPEN, Some(3)));
        assert_eq!(error("[{},\n{\"a\": \"]").message(), OPEN);
        assert_eq!(error("[{}\n{}]").line(), Some(1));
        assert!(error("[{},,{}]").message().contains("comma") && error("[{},]").message().contains("comma"));
        assert!(error("[{}] x").message().contains("follows"));
    }

    #[test]
    fn a_large_array_is_read_block_by_block() {
        let text = format!("[{}]", vec!["{\"text\": \"0123456789 0123456789 0123456789 0123456789\"}"; 60_000].join(", \n"));
        assert!(text.len() > 3 << 20);
        assert_eq!(read(&text).unwrap().len(), 60_000);
    }
}
