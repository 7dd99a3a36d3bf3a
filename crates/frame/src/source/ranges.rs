//! Several parts of a file at once, wherever it is: for formats that say in a footer where what stands.

use super::files::{Listed, read_range};
use bytes::Bytes;
use object_store::{OBJECT_STORE_COALESCE_DEFAULT, coalesce_ranges};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};
use stratal_core::{Error, ErrorKind, Result};
use tokio::task::spawn_blocking;

/// The bytes in each of `ranges`. Of a file elsewhere, what lies close together is fetched in one piece, and several pieces
/// at once.
///
/// # Errors
/// What the file system or the store reports, by file; `Io` if the file is not the one that was listed.
pub(super) async fn ranges(file: &Listed, ranges: Vec<Range<u64>>) -> Result<Vec<Bytes>> {
    if file.site.is_local() {
        let file = file.clone();
        let read = spawn_blocking(move || on_disk(&file, ranges)).await;
        return read.unwrap_or_else(|error| Err(Error::internal(format!("reading a file broke off: {error}"))));
    }
    let fetch = |range: Range<u64>| async move { read_range(file, range).await.map(Bytes::from) };
    coalesce_ranges(&ranges, fetch, OBJECT_STORE_COALESCE_DEFAULT).await
}

/// The bytes in one range.
pub(super) async fn range(file: &Listed, range: Range<u64>) -> Result<Bytes> {
    let mut bytes = ranges(file, vec![range]).await?;
    bytes.pop().ok_or_else(|| Error::internal("a range without bytes"))
}

fn on_disk(file: &Listed, ranges: Vec<Range<u64>>) -> Result<Vec<Bytes>> {
    file.check()?;
    let named = |error: io::Error| Error::from(error).in_file(&*file.shown, None, None);
    let mut disk = File::open(file.on_disk()).map_err(named)?;
    let mut all = Vec::with_capacity(ranges.len());
    for range in ranges {
        let length = range.end.saturating_sub(range.start);
        let mut bytes = Vec::with_capacity(length.min(file.size) as usize);
        disk.seek(SeekFrom::Start(range.start)).map_err(named)?;
        let read = disk.by_ref().take(length).read_to_end(&mut bytes).map_err(named)?;
        if (read as u64) < length {
            let message = format!("it has no bytes {} to {}: it is cut off, or damaged", range.start, range.end);
            return Err(Error::new(ErrorKind::BadValue, message).in_file(&*file.shown, None, None));
        }
        all.push(Bytes::from(bytes));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::files::{Listing, list};
    use stratal_stores::wait_here;

    fn listed(path: &std::path::Path) -> Listed {
        let paths = [path.to_str().unwrap().to_owned()];
        list(&Listing { paths: &paths, storage: &[], endings: &["bin"], hive: false }).unwrap().swap_remove(0)
    }

    #[test]
    fn parts_come_in_the_order_in_which_they_are_asked_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.bin");
        std::fs::write(&path, (0..100).collect::<Vec<u8>>()).unwrap();
        let file = listed(&path);
        let read = |wanted: &[(u64, u64)]| wait_here(ranges(&file, wanted.iter().map(|(start, end)| *start..*end).collect()));
        let parts = read(&[(90, 100), (0, 3), (5, 5)]).unwrap();
        assert_eq!(parts, [(90..100).collect::<Vec<u8>>(), vec![0, 1, 2], vec![]]);
        assert!(read(&[(90, 101)]).unwrap_err().message().contains("cut off"));
        std::fs::write(&path, [1]).unwrap();
        let error = read(&[(0, 1)]).unwrap_err();
        assert!(error.message().contains("changed") && error.file().is_some(), "{error}");
    }
}
