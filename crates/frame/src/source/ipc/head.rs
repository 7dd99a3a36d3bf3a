//! What an Arrow file says of itself: its format, its columns, and where its record batches are.

use crate::source::{
    files::Listed,
    ranges::{range, ranges},
};
use arrow_ipc::{
    Block,
    convert::{fb_to_schema, try_schema_from_ipc_buffer},
    reader::read_footer_length,
    root_as_footer,
};
use arrow_schema::Schema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};

/// Bytes at the end of a file that are read first; most footers are shorter.
const TAIL: u64 = 64 << 10;

/// What files begin and end with.
const MAGIC: &[u8] = b"ARROW1";

/// What stands at the very end of a file: the length of the footer, and [`MAGIC`].
const END: usize = 10;

/// What the messages of a stream begin with.
const MESSAGE: [u8; 4] = [0xff; 4];

/// How a file is laid out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Layout {
    /// The file format; its footer.
    File(Arc<[u8]>),
    /// The stream format: one message after another.
    Stream,
}

/// What was seen of a file.
pub(super) struct Head {
    pub(super) schema: Schema,
    pub(super) layout: Layout,
    /// Bytes of its record batches; of a stream, of all of it.
    pub(super) batches: Vec<u64>,
}

/// Looks at a file.
///
/// # Errors
/// `BadValue` for what is no Arrow file, or a damaged one; what the file system or the store reports, by file.
pub(super) async fn head(file: &Listed) -> Result<Head> {
    let start = file.size.saturating_sub(TAIL);
    let ends = if file.size == 0 { Vec::new() } else { ranges(file, vec![0..file.size.min(8), start..file.size]).await? };
    let [first, tail] = &ends[..] else { return Err(bad(file, "the file is empty, and no Arrow file")) };
    if first.starts_with(MAGIC) {
        return of_file(file, tail, start).await;
    }
    match first.split_first_chunk::<4>() {
        Some((&MESSAGE, length)) => of_stream(file, length).await,
        _ if first.starts_with(b"FEA1") => {
            Err(bad(file, "the file is Feather of version 1, which is not read").with_help("write it again as version 2"))
        }
        _ => {
            let help = "read it by the method of its format: read_csv, read_json or read_parquet";
            Err(bad(file, "the file is no Arrow file: it does not begin as one").with_help(help))
        }
    }
}

async fn of_file(file: &Listed, tail: &[u8], start: u64) -> Result<Head> {
    let cut = || damaged(file, "it is cut off: it begins with ARROW1 and does not end with it");
    let end = tail.last_chunk::<END>().ok_or_else(cut)?;
    let length = read_footer_length(*end).map_err(|_| cut())? as u64 + END as u64;
    if length > file.size {
        return Err(damaged(file, "its footer is longer than the file"));
    }
    let from = file.size - length;
    let footer: Arc<[u8]> = match from.checked_sub(start) {
        Some(at) => Arc::from(&tail[at as usize..tail.len() - END]),
        None => Arc::from(&range(file, from..file.size - END as u64).await?[..]),
    };
    let parsed = root_as_footer(&footer).map_err(|error| damaged(file, &error.to_string()))?;
    let schema = parsed.schema().ok_or_else(|| damaged(file, "it has no columns"))?;
    if !schema.endianness().equals_to_target_endianness() {
        return Err(bad(file, "the file was written by a machine of another byte order, which is not read"));
    }
    let bytes = |block: &Block| span(file, block).map(|span| span.end - span.start);
    let batches = parsed.recordBatches().iter().flatten().map(bytes).collect::<Result<_>>()?;
    let schema = fb_to_schema(schema);
    Ok(Head { schema, batches, layout: Layout::File(footer) })
}

async fn of_stream(file: &Listed, length: &[u8]) -> Result<Head> {
    let cut = || damaged(file, "it is cut off in its first message");
    let length = length.first_chunk::<4>().map(|length| i32::from_le_bytes(*length)).and_then(|length| u64::try_from(length).ok());
    let end = length.ok_or_else(cut)? + 8;
    if end > file.size {
        return Err(cut());
    }
    let message = range(file, 0..end).await?;
    let schema = try_schema_from_ipc_buffer(&message).map_err(|error| damaged(file, &error.to_string()))?;
    Ok(Head { schema, layout: Layout::Stream, batches: vec![file.size] })
}

/// Where a block stands in its file.
pub(super) fn span(file: &Listed, block: &Block) -> Result<std::ops::Range<u64>> {
    let number = |number: i64| u64::try_from(number).ok();
    let span = || {
        let start = number(block.offset())?;
        let length = number(block.metaDataLength().into())?.checked_add(number(block.bodyLength())?)?;
        Some(start..start.checked_add(length)?)
    };
    span().filter(|span| span.end <= file.size).ok_or_else(|| damaged(file, "it has parts that are outside of it"))
}

/// The error of a file that says what cannot be.
pub(super) fn damaged(file: &Listed, why: &str) -> Error {
    bad(file, &format!("the Arrow file is damaged: {why}")).with_help("write or copy it again")
}

fn bad(file: &Listed, message: &str) -> Error {
    Error::new(ErrorKind::BadValue, message).in_file(&*file.shown, None, None)
}
