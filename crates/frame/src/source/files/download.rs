//! [`Object`]: a file elsewhere. [`Download`]: its bytes, fetched ahead of whoever reads them.

use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use object_store::{GetOptions, GetResult, ObjectMeta, ObjectStore, path::Path as ObjectPath};
use std::{collections::VecDeque, ops::Range, sync::Arc};
use stratal_core::{Error, ErrorKind, Result, Retry, runtime};
use stratal_stores::{Site, of_store};
use tokio::task::JoinHandle;

/// Bytes of the first request, so that a header comes soon.
const FIRST: u64 = 1 << 20;
/// Bytes of every other request.
const BLOCK: u64 = 4 << 20;
/// Requests under way at once.
const AHEAD: usize = 4;
/// How often an answer that breaks off is asked for anew, where the store itself cannot go on.
const TRIES: usize = 3;

/// A file that is not on this machine, as it was when it was listed.
#[derive(Clone)]
pub(crate) struct Object {
    store: Arc<dyn ObjectStore>,
    path: ObjectPath,
    shown: Arc<str>,
    size: u64,
    /// Microseconds since 1970.
    modified: Option<u64>,
}

impl Object {
    /// The object at `path`, which errors call `shown`.
    pub(crate) fn new(site: &Site, path: ObjectPath, shown: &str, size: u64, modified: Option<u64>) -> Result<Self> {
        Ok(Object { store: site.store()?, path, shown: shown.into(), size, modified })
    }

    /// An answer to a request for a part, or for all of it.
    async fn ask(&self, range: Option<Range<u64>>) -> Result<GetResult, Failure> {
        let got = self.store.get_opts(&self.path, GetOptions::new().with_range(range)).await.map_err(Failure::Store)?;
        if self.is_same(&got.meta) { Ok(got) } else { Err(Failure::Changed) }
    }

    /// Whole seconds are compared: a listing may know more of a time than an answer does.
    fn is_same(&self, now: &ObjectMeta) -> bool {
        let seconds = now.last_modified.timestamp();
        now.size == self.size && self.modified.is_none_or(|then| seconds == 0 || then as i64 / 1_000_000 == seconds)
    }

    async fn part(&self, range: Range<u64>) -> Result<Bytes, Failure> {
        let mut tries = 1;
        loop {
            match self.ask(Some(range.clone())).await?.bytes().await {
                Ok(bytes) if bytes.len() as u64 == range.end - range.start => return Ok(bytes),
                Ok(_) | Err(_) if tries < TRIES => tries += 1,
                Ok(_) => return Err(Failure::Stopped),
                Err(error) => return Err(Failure::Store(error)),
            }
        }
    }

    fn blame(&self, failure: Failure) -> Error {
        match failure {
            Failure::Store(error) => of_store(error, &self.shown),
            Failure::Changed => Error::new(ErrorKind::Io, "the file changed after it was listed")
                .with_retry(Retry::Never)
                .in_file(&*self.shown, None, None)
                .with_help("read it again with a new frame"),
            Failure::Stopped => Error::new(ErrorKind::Io, "a request broke off").in_file(&*self.shown, None, None),
        }
    }
}

enum Failure {
    Store(object_store::Error),
    Changed,
    Stopped,
}

/// A request on the I/O runtime; dropping it ends it.
struct Request(JoinHandle<Result<Bytes, Failure>>);

impl Request {
    fn new(object: Object, range: Range<u64>) -> Self {
        Request(runtime::io().spawn(async move { object.part(range).await }))
    }

    async fn answer(&mut self) -> Result<Bytes, Failure> {
        (&mut self.0).await.unwrap_or(Err(Failure::Stopped))
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The bytes of a part of an object, in order.
pub(crate) struct Download {
    object: Object,
    /// Where the bytes that were not given out yet begin.
    at: u64,
    /// Where the bytes that were not asked for yet begin.
    next: u64,
    end: u64,
    under_way: VecDeque<Request>,
    /// All of the file from its beginning, from a server that sends no parts, and how many bytes of it came by.
    stream: Option<(BoxStream<'static, object_store::Result<Bytes>>, u64)>,
}

impl Download {
    /// The bytes in `range`. Nothing is asked for before the first of them is wanted.
    pub(crate) fn new(object: Object, range: Range<u64>) -> Self {
        Download { object, at: range.start, next: range.start, end: range.end, under_way: VecDeque::new(), stream: None }
    }

    /// Bytes that were not given out yet.
    pub(crate) fn left(&self) -> u64 {
        self.end - self.at
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// What the store reports, by file; `Io` if the file is not the one that was listed.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        if self.at == self.end {
            return Ok(None);
        }
        if self.stream.is_none() {
            while self.under_way.len() < AHEAD && self.next < self.end {
                let length = if self.next == self.at && self.under_way.is_empty() { FIRST } else { BLOCK };
                let range = self.next..(self.next + length).min(self.end);
                self.next = range.end;
                self.under_way.push_back(Request::new(self.object.clone(), range));
            }
            let mut request = self.under_way.pop_front().ok_or_else(|| Error::internal("no request is under way"))?;
            match request.answer().await {
                Ok(bytes) => {
                    self.at += bytes.len() as u64;
                    return Ok(Some(bytes));
                }
                Err(Failure::Store(object_store::Error::NotSupported { .. })) => {
                    self.under_way.clear();
                    let object = self.object.clone();
                    let all = object.ask(None).await.map_err(|failure| object.blame(failure))?;
                    self.stream = Some((all.into_stream(), 0));
                }
                Err(failure) => return Err(self.object.blame(failure)),
            }
        }
        self.streamed().await.map(Some)
    }

    /// The next bytes of a file that is sent as a whole; what was given out before is passed over.
    async fn streamed(&mut self) -> Result<Bytes> {
        let cut = || Error::new(ErrorKind::Io, "the answer is shorter than the file").in_file(&*self.object.shown, None, None);
        let Some((stream, passed)) = &mut self.stream else { return Err(Error::internal("there is no stream")) };
        loop {
            let bytes = match stream.next().await {
                Some(bytes) => bytes.map_err(|error| of_store(error, &self.object.shown))?,
                None => return Err(cut()),
            };
            let here = *passed..*passed + bytes.len() as u64;
            *passed = here.end;
            if here.end > self.at {
                let wanted = (self.at - here.start) as usize..(here.end.min(self.end) - here.start) as usize;
                self.at = here.end.min(self.end);
                return Ok(bytes.slice(wanted));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::{ObjectStoreExt, memory::InMemory};
    use stratal_stores::wait_here;

    fn object(size: usize) -> (Object, Vec<u8>) {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let path = ObjectPath::from("x");
        let bytes: Vec<u8> = (0..size).map(|at| (at * 31 % 251) as u8).collect();
        wait_here(store.put(&path, bytes.clone().into())).unwrap();
        (Object { store, path, shown: "mem://x".into(), size: size as u64, modified: None }, bytes)
    }

    fn all(mut download: Download) -> Result<Vec<u8>> {
        wait_here(async {
            let mut got = Vec::new();
            while let Some(bytes) = download.next().await? {
                assert!(!bytes.is_empty());
                got.extend_from_slice(&bytes);
            }
            Ok(got)
        })
    }

    #[test]
    fn a_part_comes_whole_and_in_order() {
        let size = (FIRST + 2 * BLOCK + 7) as usize;
        let (object, bytes) = object(size);
        for range in [0..size, 1..size - 1, FIRST as usize..size, 5..6, 9..9] {
            let got = all(Download::new(object.clone(), range.start as u64..range.end as u64)).unwrap();
            assert!(got == bytes[range.clone()], "{range:?}");
        }
    }

    #[test]
    fn a_stream_of_the_whole_gives_the_same_part() {
        let (object, bytes) = object(1000);
        for range in [0..1000, 1..999, 500..501] {
            let mut download = Download::new(object.clone(), range.start as u64..range.end as u64);
            let pieces: Vec<_> = bytes.chunks(7).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            download.stream = Some((futures::stream::iter(pieces).boxed(), 0));
            assert!(all(download).unwrap() == bytes[range.clone()], "{range:?}");
        }
    }

    #[test]
    fn a_file_that_changed_is_not_read() {
        let (mut object, _) = object(100);
        object.size = 99;
        let error = all(Download::new(object, 0..99)).unwrap_err();
        assert!(error.message().contains("changed") && !error.is_retryable(), "{error}");
    }
}
