//! What stands before the records of a file: a byte order mark, lines that are passed over, comments, blank lines, the header.

use super::{
    record::{Dialect, Field},
    records::{Records, is_blank},
};
use serde::{Deserialize, Serialize};
use stratal_core::Result;

/// What is expected there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Preamble {
    pub(super) header: bool,
    /// Lines.
    pub(super) skip_rows: usize,
}

/// What was found there.
pub(super) struct Head {
    /// The names in the header, where there is one.
    pub(super) names: Option<Vec<String>>,
    /// Fields of a record; 0 for a file without records and header.
    pub(super) width: usize,
    /// Whether blank lines were passed over where there is no header. In a file of one column they are records: see
    /// [`start`].
    pub(super) blanks: bool,
}

/// Goes to where a file without a header has its records: to the blank lines before the first that is none, too.
pub(super) async fn start(records: &mut Records, preamble: Preamble) -> Result<()> {
    records.blocks().skip(b"\xef\xbb\xbf").await?;
    records.blocks().skip_lines(preamble.skip_rows).await
}

/// Reads the head of a file; its first record of data that is no blank line is read next.
pub(super) async fn read(records: &mut Records, preamble: Preamble, dialect: Dialect) -> Result<Head> {
    start(records, preamble).await?;
    let (mut fields, mut blanks): (Vec<Field>, bool) = (Vec::new(), false);
    loop {
        match records.record(&mut fields).await? {
            None => return Ok(Head { names: None, width: 0, blanks }),
            Some(_) if is_blank(&fields) => blanks = !preamble.header,
            Some(first) => {
                let width = fields.len();
                if !preamble.header {
                    // It is data.
                    records.blocks().give_back((first.end - first.start) as usize);
                    return Ok(Head { names: None, width, blanks });
                }
                let texts = fields.iter().map(|field| String::from_utf8_lossy(&dialect.text(records.buffer(), *field)).into_owned());
                return Ok(Head { names: Some(texts.collect()), width, blanks });
            }
        }
    }
}
