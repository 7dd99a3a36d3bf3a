//! The record batches of one file, in either format.

use super::{
    head::{Layout, damaged, span},
    table::IpcFile,
};
use crate::source::{
    files::Listed,
    ranges::{range, ranges},
};
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::{
    Block,
    convert::fb_to_schema,
    reader::{FileDecoder, StreamDecoder},
    root_as_footer,
};
use arrow_schema::ArrowError;
use bytes::Bytes;
use std::{
    collections::VecDeque,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};
use stratal_core::Result;

/// Bytes that are read at once, unless one record batch has more.
const FETCH: u64 = 8 << 20;

/// A file that is being read.
pub(super) enum Rows {
    /// The file format: record batches that were not fetched yet, and those that were.
    File { decoder: FileDecoder, waiting: VecDeque<Block>, fetched: VecDeque<(Block, Bytes)> },
    /// The stream format: how far it was fetched, and what was not decoded yet.
    Stream { decoder: Box<StreamDecoder>, at: u64, buffer: Buffer },
}

impl Rows {
    /// Opens a file to read some of its record batches, and of its columns at least those of these names.
    pub(super) async fn open<'a>(file: &IpcFile, batches: Range<usize>, names: impl Iterator<Item = &'a String>) -> Result<Self> {
        let (file, footer) = match &file.layout {
            Layout::File(footer) => (&file.listed, footer.clone()),
            Layout::Stream => return Ok(Rows::Stream { decoder: Box::default(), at: 0, buffer: Buffer::from(Bytes::new()) }),
        };
        let (schema, version, dictionaries, waiting) = {
            let footer = root_as_footer(&footer).map_err(|error| damaged(file, &error.to_string()))?;
            let schema = footer.schema().ok_or_else(|| damaged(file, "it has no columns"))?;
            let dictionaries: Vec<Block> = footer.dictionaries().iter().flatten().copied().collect();
            let all: Vec<Block> = footer.recordBatches().iter().flatten().copied().collect();
            let waiting = all.get(batches).ok_or_else(|| damaged(file, "it lacks record batches"))?.to_vec();
            (fb_to_schema(schema), footer.version(), dictionaries, waiting)
        };
        let columns: Vec<usize> = names.filter_map(|name| schema.index_of(name).ok()).collect();
        let has_dictionaries = columns.iter().any(|at| has_dictionary(schema.field(*at).data_type()));
        let mut decoder = FileDecoder::new(Arc::new(schema), version).with_projection(columns);
        if has_dictionaries {
            let spans = dictionaries.iter().map(|block| span(file, block)).collect::<Result<Vec<_>>>()?;
            for (block, bytes) in dictionaries.iter().zip(ranges(file, spans).await?) {
                checked(file, || decoder.read_dictionary(block, &Buffer::from(bytes)))?;
            }
        }
        Ok(Rows::File { decoder, waiting: waiting.into(), fetched: VecDeque::new() })
    }

    /// The next record batch; none at the end.
    pub(super) async fn next(&mut self, file: &IpcFile) -> Result<Option<RecordBatch>> {
        let file = &file.listed;
        match self {
            Rows::File { decoder, waiting, fetched } => loop {
                if let Some((block, bytes)) = fetched.pop_front() {
                    match checked(file, || decoder.read_record_batch(&block, &Buffer::from(bytes)))? {
                        Some(batch) => return Ok(Some(batch)),
                        None => continue,
                    }
                }
                if waiting.is_empty() {
                    return Ok(None);
                }
                *fetched = fetch(file, waiting).await?;
            },
            Rows::Stream { decoder, at, buffer } => loop {
                if let Some(batch) = checked(file, || decoder.decode(buffer))? {
                    return Ok(Some(batch));
                }
                if *at == file.size {
                    checked(file, || decoder.finish())?;
                    return Ok(None);
                }
                let end = (*at + FETCH).min(file.size);
                *buffer = Buffer::from(range(file, *at..end).await?);
                *at = end;
            },
        }
    }
}

/// The bytes of the next record batches.
async fn fetch(file: &Listed, waiting: &mut VecDeque<Block>) -> Result<VecDeque<(Block, Bytes)>> {
    let (mut blocks, mut spans, mut bytes) = (Vec::new(), Vec::new(), 0);
    while let Some(block) = waiting.front() {
        let span = span(file, block)?;
        bytes += span.end - span.start;
        if !blocks.is_empty() && bytes > FETCH {
            break;
        }
        spans.push(span);
        blocks.extend(waiting.pop_front());
    }
    Ok(blocks.into_iter().zip(ranges(file, spans).await?).collect())
}

/// Decodes something. A decoder that comes upon what cannot be panics here and there, which is an error like any other.
fn checked<T>(file: &Listed, decode: impl FnOnce() -> Result<T, ArrowError>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(decoded) => decoded.map_err(|error| damaged(file, &error.to_string())),
        Err(_) => Err(damaged(file, "what it says of its parts cannot be")),
    }
}

fn has_dictionary(data_type: &arrow_schema::DataType) -> bool {
    use arrow_schema::DataType::{Dictionary, FixedSizeList, LargeList, LargeListView, List, ListView, Map, Struct, Union};
    match data_type {
        Dictionary(..) => true,
        List(item) | LargeList(item) | FixedSizeList(item, _) | ListView(item) | LargeListView(item) | Map(item, _) => {
            has_dictionary(item.data_type())
        }
        Struct(fields) => fields.iter().any(|field| has_dictionary(field.data_type())),
        Union(fields, _) => fields.iter().any(|(_, field)| has_dictionary(field.data_type())),
        _ => false,
    }
}
