//! [`Output`]: where the bytes of a file go before it is committed: to a hidden file, or to an upload in parts. What is not
//! finished is removed when it is dropped.

use super::{piece::Place, target::Target};
use object_store::{
    PutPayload,
    multipart::{MultipartStore, PartId},
    path::Path as ObjectPath,
};
use std::{
    collections::VecDeque,
    fs::{self, File},
    io::Write,
    mem,
    path::PathBuf,
    sync::Arc,
};
use stratal_core::{Error, ErrorKind, Result, runtime};
use stratal_stores::of_store;
use tokio::task::JoinHandle;

/// Bytes of a part of an upload; all but the last are of one size, as some stores want it.
const PART: usize = 8 << 20;

/// Parts that a store takes at most.
const PARTS: usize = 10_000;

/// Parts of a file that are sent at once.
const AHEAD: usize = 3;

/// Where the bytes of one file go.
pub(super) enum Output {
    Scratch(Scratch),
    Upload(Box<Upload>),
}

impl Output {
    /// A file of this name below the target, or the target itself. `serial` tells it from all others of the write.
    pub(super) fn new(target: &Arc<Target>, path: ObjectPath, serial: &str) -> Result<Self> {
        match target.site.is_local() {
            true => Ok(Output::Scratch(Scratch::create(target, serial)?)),
            false => Ok(Output::Upload(Box::new(Upload::new(target.site.uploads()?, path, target.shown())))),
        }
    }

    /// Takes bytes in.
    pub(super) async fn push(&mut self, bytes: Vec<u8>) -> Result<()> {
        match self {
            Output::Scratch(file) => file.push(&bytes),
            Output::Upload(upload) => upload.push(bytes).await,
        }
    }

    /// Bytes taken in so far.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Output::Scratch(file) => file.bytes,
            Output::Upload(upload) => upload.bytes,
        }
    }

    /// Bytes of memory that it holds.
    pub(super) fn held(&self) -> usize {
        match self {
            Output::Scratch(_) => 0,
            Output::Upload(upload) => upload.buffer.len() + upload.sent.len() * PART,
        }
    }

    /// All bytes are where they were sent, and stay there until the commit.
    pub(super) async fn finish(self) -> Result<Place> {
        match self {
            Output::Scratch(file) => Ok(file.finish()),
            Output::Upload(upload) => upload.finish().await,
        }
    }
}

/// A file in the write's own directory.
pub(super) struct Scratch {
    target: Arc<Target>,
    file: File,
    path: PathBuf,
    name: String,
    bytes: u64,
    is_finished: bool,
}

impl Scratch {
    fn create(target: &Arc<Target>, serial: &str) -> Result<Self> {
        // The directory is there from before the first task until the write has ended. A task that is still running then must
        // not make it anew: nobody would remove what it leaves.
        let path = target.scratch().join(serial);
        let file = File::create_new(&path).map_err(|error| target.blame(error))?;
        Ok(Scratch { target: target.clone(), file, path, name: serial.to_owned(), bytes: 0, is_finished: false })
    }

    fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| self.target.blame(error))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn finish(mut self) -> Place {
        self.is_finished = true;
        Place::Scratch(self.name.clone())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// An object that is sent in parts and that the commit completes.
///
/// Two attempts may send parts of one object at once, when a worker that was given up goes on. They do not touch each other's: on
/// S3 and GCS each has an upload of its own, and on Azure, where all send to one, a part has a name that is drawn at random from
/// 2^128 (`stores/multipart.rs` tests it). The commit completes what the parts of one attempt are called.
pub(super) struct Upload {
    store: Arc<dyn MultipartStore>,
    path: ObjectPath,
    shown: String,
    /// Given by the store when the first part is sent.
    id: Option<String>,
    buffer: Vec<u8>,
    sent: VecDeque<JoinHandle<object_store::Result<PartId>>>,
    parts: Vec<String>,
    bytes: u64,
    is_finished: bool,
}

impl Upload {
    pub(super) fn new(store: Arc<dyn MultipartStore>, path: ObjectPath, shown: String) -> Self {
        let (id, buffer, sent, parts) = Default::default();
        Upload { store, path, shown, id, buffer, sent, parts, bytes: 0, is_finished: false }
    }

    async fn push(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.bytes += bytes.len() as u64;
        let mut rest = &bytes[..];
        while self.buffer.len() + rest.len() >= PART {
            let (head, tail) = rest.split_at(PART - self.buffer.len());
            self.buffer.extend_from_slice(head);
            rest = tail;
            let part = mem::take(&mut self.buffer);
            self.send(part).await?;
        }
        self.buffer.extend_from_slice(rest);
        Ok(())
    }

    /// Sends a part, when not too many are under way.
    async fn send(&mut self, part: Vec<u8>) -> Result<()> {
        let nth = self.parts.len() + self.sent.len();
        if nth >= PARTS {
            let error = Error::new(ErrorKind::BadValue, format!("a file of more than {PARTS} parts of 8 MiB is too large for the store"));
            return Err(error.in_file(&*self.shown, None, None).with_help("write several files: file_bytes(\"1GiB\")"));
        }
        let id = match self.id.clone() {
            Some(id) => id,
            None => {
                let (store, path) = (self.store.clone(), self.path.clone());
                let begun = runtime::io().spawn(async move { store.create_multipart(&path).await }).await;
                let id = self.answer(begun)?;
                self.id = Some(id.clone());
                id
            }
        };
        if self.sent.len() >= AHEAD {
            self.receive().await?;
        }
        let (store, path) = (self.store.clone(), self.path.clone());
        let sending = async move { store.put_part(&path, &id, nth, PutPayload::from(part)).await };
        self.sent.push_back(runtime::io().spawn(sending));
        Ok(())
    }

    /// Waits for the first part that is under way.
    async fn receive(&mut self) -> Result<()> {
        if let Some(sent) = self.sent.front_mut() {
            let answer = sent.await;
            self.sent.pop_front();
            let part = self.answer(answer)?;
            self.parts.push(part.content_id);
        }
        Ok(())
    }

    fn answer<T>(&self, answer: Result<object_store::Result<T>, tokio::task::JoinError>) -> Result<T> {
        let broke_off = |error: tokio::task::JoinError| {
            Error::new(ErrorKind::Io, format!("an upload broke off: {error}")).in_file(&*self.shown, None, None)
        };
        answer.map_err(broke_off)?.map_err(|error| of_store(error, &self.shown))
    }

    pub(super) async fn finish(mut self) -> Result<Place> {
        if !self.buffer.is_empty() {
            let part = mem::take(&mut self.buffer);
            self.send(part).await?;
        }
        while !self.sent.is_empty() {
            self.receive().await?;
        }
        self.is_finished = true;
        Ok(Place::Upload { id: self.id.clone(), parts: mem::take(&mut self.parts) })
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.sent.iter().for_each(JoinHandle::abort);
        if let Some(id) = self.id.take().filter(|_| !self.is_finished) {
            let (store, path) = (self.store.clone(), self.path.clone());
            // A store that does not hear of it drops the parts by its own rules.
            runtime::io().spawn(async move { store.abort_multipart(&path, &id).await });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use bytes::Bytes;
    use object_store::{MultipartId, PutResult};
    use std::{
        collections::BTreeMap,
        sync::{Mutex, mpsc},
    };
    use stratal_stores::wait_here;

    /// Remembers the parts of one upload; the parts come in any order.
    struct Parts {
        sent: Mutex<BTreeMap<usize, Bytes>>,
        aborted: mpsc::Sender<String>,
    }

    #[async_trait]
    impl MultipartStore for Parts {
        async fn create_multipart(&self, _: &ObjectPath) -> object_store::Result<MultipartId> {
            Ok("id".to_owned())
        }

        async fn put_part(&self, _: &ObjectPath, _: &MultipartId, nth: usize, part: PutPayload) -> object_store::Result<PartId> {
            self.sent.lock().unwrap().insert(nth, part.into());
            Ok(PartId { content_id: format!("part {nth}") })
        }

        async fn complete_multipart(&self, _: &ObjectPath, _: &MultipartId, _: Vec<PartId>) -> object_store::Result<PutResult> {
            panic!("an upload is completed by the commit")
        }

        async fn abort_multipart(&self, path: &ObjectPath, id: &MultipartId) -> object_store::Result<()> {
            self.aborted.send(format!("{path} {id}")).unwrap();
            Ok(())
        }
    }

    fn upload() -> (Upload, Arc<Parts>, mpsc::Receiver<String>) {
        let (aborted, told) = mpsc::channel();
        let store = Arc::new(Parts { sent: Mutex::default(), aborted });
        (Upload::new(store.clone(), ObjectPath::from("a/b"), "s3://lake/a/b".to_owned()), store, told)
    }

    #[test]
    fn bytes_are_sent_in_parts_of_one_size() {
        let bytes: Vec<u8> = (0..PART * 5 + 100).map(|at| (at % 251) as u8).collect();
        for step in [3 << 20, 40 << 20] {
            let (mut upload, store, told) = upload();
            let place = wait_here(async {
                for part in bytes.chunks(step) {
                    upload.push(part.to_vec()).await?;
                }
                assert_eq!(upload.bytes, bytes.len() as u64);
                upload.finish().await
            });
            let parts = (0..6).map(|nth| format!("part {nth}")).collect();
            assert_eq!(place.unwrap(), Place::Upload { id: Some("id".to_owned()), parts });
            let sent = store.sent.lock().unwrap();
            assert_eq!(sent.values().map(Bytes::len).collect::<Vec<_>>(), [PART, PART, PART, PART, PART, 100]);
            assert!(sent.values().flatten().eq(&bytes));
            assert!(told.try_recv().is_err(), "nothing was aborted");
        }
    }

    #[test]
    fn what_is_not_finished_is_aborted() {
        let (mut upload, _, told) = upload();
        wait_here(upload.push(vec![0; PART])).unwrap();
        drop(upload);
        assert_eq!(told.recv().unwrap(), "a/b id");
    }

    #[test]
    fn an_object_without_bytes_is_no_upload() {
        let (upload, ..) = upload();
        assert_eq!(wait_here(upload.finish()).unwrap(), Place::Upload { id: None, parts: Vec::new() });
    }
}
