//! Footers of Parquet files: what columns and row groups a file has. A process reads each of them once and keeps those that
//! it used last.

use crate::source::{files::Listed, ranges::range};
use parquet::file::metadata::{FooterTail, ParquetMetaData, ParquetMetaDataReader};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};
use stratal_core::{Error, ErrorKind, Result};
use stratal_stores::Site;

/// Bytes at the end of a file that are read first; most footers are shorter.
const TAIL: u64 = 64 << 10;

/// What stands at the very end: the length of the footer, and `PAR1`.
const END: usize = 8;

/// What files begin and end with.
const MAGIC: &[u8] = b"PAR1";

/// Bytes of footers that are kept.
const KEPT: usize = 64 << 20;

/// The footer of a file.
///
/// # Errors
/// `BadValue` for what is no Parquet file, or a damaged one; what the file system or the store reports, by file.
pub(super) async fn footer(file: &Listed) -> Result<Arc<ParquetMetaData>> {
    let key = (file.site.clone(), file.path.clone(), file.size, file.modified);
    if let Some(known) = cache().get(&key) {
        return Ok(known);
    }
    let footer = Arc::new(read(file).await?);
    cache().put(key, footer.clone());
    Ok(footer)
}

async fn read(file: &Listed) -> Result<ParquetMetaData> {
    let start = file.size.saturating_sub(TAIL);
    let tail = if file.size == 0 { Default::default() } else { range(file, start..file.size).await? };
    let end = tail.last_chunk::<END>().and_then(|end| FooterTail::try_new(end).ok());
    let Some(end) = end else { return Err(stranger(file, &tail, start).await?) };
    if end.is_encrypted_footer() {
        return Err(bad(file, "the Parquet file is encrypted").with_help("decrypt it first: encrypted files are not read"));
    }
    let length = end.metadata_length() as u64 + END as u64;
    if length + MAGIC.len() as u64 > file.size {
        return Err(damaged(file, "its footer is longer than the file"));
    }
    let from = file.size - length;
    let metadata = if from >= start {
        ParquetMetaDataReader::decode_metadata(&tail[(from - start) as usize..tail.len() - END])
    } else {
        let head = range(file, from..start).await?;
        let whole = [&head[..], &tail[..tail.len() - END]].concat();
        ParquetMetaDataReader::decode_metadata(&whole)
    };
    metadata.map_err(|error| damaged(file, &error.to_string()))
}

/// What a file is that does not end as Parquet files do.
async fn stranger(file: &Listed, tail: &[u8], start: u64) -> Result<Error> {
    if file.size == 0 {
        return Ok(bad(file, "the file is empty, and no Parquet file").with_help("a Parquet file without rows has a footer, too"));
    }
    let first = match start {
        0 => tail.get(..MAGIC.len()).unwrap_or_default().to_vec(),
        _ => range(file, 0..MAGIC.len() as u64).await?.to_vec(),
    };
    Ok(match first == MAGIC {
        true => damaged(file, "it is cut off: it begins with PAR1 and does not end with it"),
        false => bad(file, "the file is no Parquet file: it does not end with PAR1")
            .with_help("read it by the method of its format: read_csv, read_json or read_ipc"),
    })
}

/// The error of a file that says what cannot be.
pub(super) fn damaged(file: &Listed, why: &str) -> Error {
    let why = why.strip_prefix("Parquet error: ").unwrap_or(why);
    bad(file, &format!("the Parquet file is damaged: {why}")).with_help("write or copy it again")
}

fn bad(file: &Listed, message: &str) -> Error {
    Error::new(ErrorKind::BadValue, message).in_file(&*file.shown, None, None)
}

/// A file as it was when it was listed.
type Key = (Site, String, u64, Option<u64>);

#[derive(Default)]
struct Cache {
    footers: HashMap<Key, Kept>,
    bytes: usize,
    /// Counts uses.
    now: u64,
}

struct Kept {
    footer: Arc<ParquetMetaData>,
    bytes: usize,
    /// When it was used last.
    used: u64,
}

fn cache() -> MutexGuard<'static, Cache> {
    static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);
    CACHE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cache {
    fn get(&mut self, key: &Key) -> Option<Arc<ParquetMetaData>> {
        self.now += 1;
        let kept = self.footers.get_mut(key)?;
        kept.used = self.now;
        Some(kept.footer.clone())
    }

    fn put(&mut self, key: Key, footer: Arc<ParquetMetaData>) {
        self.now += 1;
        let kept = Kept { bytes: footer.memory_size(), footer, used: self.now };
        self.bytes += kept.bytes;
        if let Some(before) = self.footers.insert(key, kept) {
            self.bytes -= before.bytes;
        }
        if self.bytes > KEPT {
            self.forget();
        }
    }

    /// Drops those that were not used for the longest time, a quarter of what is kept, so that this is seldom done.
    fn forget(&mut self) {
        let mut uses: Vec<(u64, usize)> = self.footers.values().map(|kept| (kept.used, kept.bytes)).collect();
        uses.sort_unstable();
        let (mut bytes, mut last) = (self.bytes, 0);
        for (used, own) in uses {
            if bytes <= KEPT / 4 * 3 {
                break;
            }
            (bytes, last) = (bytes - own, used);
        }
        self.footers.retain(|_, kept| kept.used > last);
        self.bytes = bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::files::{Listing, list};
    use arrow_array::{ArrayRef, Int64Array, RecordBatch};
    use parquet::arrow::ArrowWriter;
    use std::path::Path;
    use stratal_stores::wait_here;

    fn written(rows: i64) -> Vec<u8> {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
        let batch = RecordBatch::try_from_iter([("x", column)]).unwrap();
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }

    fn footer_of(path: &Path, bytes: &[u8]) -> Result<Arc<ParquetMetaData>> {
        std::fs::write(path, bytes).unwrap();
        let paths = [path.to_str().unwrap().to_owned()];
        let files = list(&Listing { paths: &paths, storage: &[], endings: &["parquet"], hive: false })?;
        wait_here(footer(&files[0]))
    }

    #[test]
    fn a_footer_is_read_whatever_its_length() {
        let directory = tempfile::tempdir().unwrap();
        let footer = footer_of(&directory.path().join("a.parquet"), &written(5)).unwrap();
        assert_eq!(footer.file_metadata().num_rows(), 5);
        // Ten thousand columns have a footer that is longer than what is read first.
        let column: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        let wide = RecordBatch::try_from_iter((0..10_000).map(|at| (format!("column_{at}"), column.clone()))).unwrap();
        let mut writer = ArrowWriter::try_new(Vec::new(), wide.schema(), None).unwrap();
        writer.write(&wide).unwrap();
        let bytes = writer.into_inner().unwrap();
        let footer = footer_of(&directory.path().join("wide.parquet"), &bytes).unwrap();
        assert_eq!(footer.file_metadata().schema_descr().num_columns(), 10_000);
    }

    #[test]
    fn what_is_no_parquet_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let whole = written(1000);
        let message = |name: &str, bytes: &[u8]| {
            let error = footer_of(&directory.path().join(name), bytes).unwrap_err();
            assert_eq!((error.kind(), error.file().is_some()), (ErrorKind::BadValue, true), "{error}");
            error.message().to_owned()
        };
        assert_eq!(message("empty.parquet", b""), "the file is empty, and no Parquet file");
        assert_eq!(message("text.parquet", b"a,b\n1,2\n"), "the file is no Parquet file: it does not end with PAR1");
        assert!(message("cut.parquet", &whole[..whole.len() - 3]).contains("cut off"));
        let mut long = whole.clone();
        let at = long.len() - END;
        long[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(message("long.parquet", &long), "the Parquet file is damaged: its footer is longer than the file");
        let mut noise = whole;
        let length = u32::from_le_bytes(noise[at..at + 4].try_into().unwrap()) as usize;
        noise[at - length..at].fill(0xa5);
        assert!(message("noise.parquet", &noise).starts_with("the Parquet file is damaged: "));
    }

    #[test]
    fn footers_that_were_not_used_for_long_are_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let footer = footer_of(&directory.path().join("a.parquet"), &written(5)).unwrap();
        let (site, _) = Site::of("s3://lake/x", &[]).unwrap();
        let key = |at: usize| (site.clone(), at.to_string(), 0, None);
        let many = KEPT / footer.memory_size() + 10;
        let mut cache = Cache::default();
        for at in 0..many {
            cache.put(key(at), footer.clone());
            assert!(cache.get(&key(0)).is_some(), "what is used stays");
        }
        assert!(cache.bytes <= KEPT && cache.get(&key(1)).is_none() && cache.get(&key(many - 1)).is_some());
        assert_eq!(cache.bytes, cache.footers.len() * footer.memory_size());
    }
}
