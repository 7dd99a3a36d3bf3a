//! A commit on an object store: uploads are completed, each at once; the manifest says what there is, and what it says no more
//! is removed. Names of new files are never those of others that are there, so that a commit that fails takes back its own.
//!
//! The manifest is replaced only in the version that was read. That is what keeps commits to one directory from each other.

use super::{WriteSummary, entries, next, place_of};
use crate::sink::{
    found::found,
    manifest::{Entry, Manifest, NAME},
    options::Mode,
    piece::{Piece, Place},
    prepare::{allowed, fits, look},
    target::{Layout, Target},
};
use futures::{StreamExt, stream};
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutPayload, UpdateVersion,
    multipart::{MultipartStore, PartId},
    path::Path as ObjectPath,
};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};
use stratal_stores::{of_store, wait};

/// Requests under way at once.
const AT_ONCE: usize = 16;

/// How often a manifest is put, while other writes come in between.
const TRIES: usize = 100;

/// A store, as one of objects and as one of uploads.
#[derive(Clone)]
struct Store {
    objects: Arc<dyn ObjectStore>,
    uploads: Arc<dyn MultipartStore>,
    shown: String,
}

impl Store {
    fn of(target: &Target) -> Result<Self> {
        Ok(Store { objects: target.site.store()?, uploads: target.site.uploads()?, shown: target.shown() })
    }

    async fn complete(&self, path: ObjectPath, place: Place) -> Result<()> {
        let done = match place {
            Place::Upload { id: Some(id), parts } => {
                let parts = parts.into_iter().map(|content_id| PartId { content_id }).collect();
                self.uploads.complete_multipart(&path, &id, parts).await
            }
            Place::Upload { id: None, .. } => self.objects.put(&path, PutPayload::default()).await,
            Place::Scratch(_) => return Err(Error::internal("a hidden file on an object store")),
        };
        done.map(|_| ()).map_err(|error| of_store(error, &self.shown))
    }

    /// Removes an object that may be there.
    async fn remove(&self, path: ObjectPath) -> Result<()> {
        match self.objects.delete(&path).await {
            Err(StoreError::NotFound { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(of_store(error, &self.shown)),
        }
    }
}

pub(super) fn commit(target: &Target, pieces: &[Piece]) -> Result<WriteSummary> {
    let done = match target.layout {
        Layout::File => file(target, pieces),
        Layout::Directory => directory(target, pieces),
    };
    if done.is_err() {
        give_up(target, pieces);
    }
    done
}

fn file(target: &Target, pieces: &[Piece]) -> Result<WriteSummary> {
    allowed(target, &found(target)?)?;
    let [piece] = pieces else { return Err(Error::internal(format!("a file was written in {} pieces", pieces.len()))) };
    let (store, path, place) = (Store::of(target)?, target.location()?, piece.place.clone());
    wait(async move { store.complete(path, place).await })??;
    Ok(WriteSummary::of(pieces, 1))
}

fn directory(target: &Target, pieces: &[Piece]) -> Result<WriteSummary> {
    // Others may have been here since the write was planned.
    look(target)?;
    let store = Store::of(target)?;
    let own = entries(target, pieces);
    let objects = pieces.iter().zip(&own).map(|(piece, file)| Ok((target.object(&file.path)?, piece.place.clone())));
    let objects = objects.collect::<Result<Vec<(ObjectPath, Place)>>>()?;
    let gone = match target.mode {
        Mode::Create => create(target, &store, objects, &own)?,
        Mode::Overwrite | Mode::Append => {
            let paths: Vec<ObjectPath> = objects.iter().map(|(path, _)| path.clone()).collect();
            let listed = wait(complete(store.clone(), objects)).flatten().and_then(|()| list(target, &store, &own));
            listed.inspect_err(|_| {
                // What is left of them is in nobody's way, if it cannot be removed either. What a manifest may list stays.
                if let Ok(false) = is_listed(target, &own) {
                    drop(wait(remove(store.clone(), paths)));
                }
            })?
        }
    };
    let old = gone.iter().map(|file| target.object(&file.path)).collect::<Result<Vec<ObjectPath>>>()?;
    let removed = wait(remove(store, old)).flatten();
    removed.map_err(|error| error.with_help("the new rows are all there; of the old files, which no manifest lists now, some are left"))?;
    Ok(WriteSummary::of(pieces, pieces.len()))
}

/// A data set where there was none. Of two that are created at once, whose files may have the same names, the first to list
/// its own wins, before either has changed anything.
fn create(target: &Target, store: &Store, objects: Vec<(ObjectPath, Place)>, own: &[Entry]) -> Result<Vec<Entry>> {
    let paths: Vec<ObjectPath> = objects.iter().map(|(path, _)| path.clone()).collect();
    let (manifest, none) = next(target, None, own);
    match put(target, store, manifest, PutMode::Create)? {
        Put::Done(version) => {
            let done = wait(complete(store.clone(), objects)).flatten();
            done.inspect_err(|_| {
                // The manifest last: until then the directory is this write's.
                let _ = wait(remove(store.clone(), paths.clone()));
                let _ = unlist(target, store, version.as_ref());
            })?;
            // Who replaced these files before they were there could not remove them.
            if is_replaced(target, own) {
                wait(remove(store.clone(), paths)).flatten()?;
            }
            Ok(none)
        }
        Put::Late => {
            let error = Error::new(ErrorKind::Exists, "another write came to the directory first");
            let help = "mode(Mode::Overwrite) replaces what it left there, mode(Mode::Append) adds to it";
            Err(error.in_file(target.shown(), None, None).with_help(help))
        }
    }
}

/// Whether another write has taken the place of one that had listed its files.
fn is_replaced(target: &Target, own: &[Entry]) -> bool {
    let Ok(Some(known)) = Manifest::read(target) else { return false };
    own.first().is_some_and(|own| known.files.iter().all(|file| file.path != own.path))
}

/// Whether the manifest lists these files, whose names are those of no other write.
fn is_listed(target: &Target, own: &[Entry]) -> Result<bool> {
    Ok(Manifest::read(target)?.is_some_and(|there| lists(&there, own)))
}

fn lists(manifest: &Manifest, own: &[Entry]) -> bool {
    own.first().is_some_and(|own| manifest.files.iter().any(|file| file.path == own.path))
}

/// Completes these uploads. When one cannot be, none is under way any more.
async fn complete(store: Store, objects: Vec<(ObjectPath, Place)>) -> Result<()> {
    let each = objects.into_iter().map(|(path, place)| {
        let store = store.clone();
        async move { store.complete(path, place).await }
    });
    let done: Vec<Result<()>> = stream::iter(each).buffer_unordered(AT_ONCE).collect().await;
    done.into_iter().collect()
}

/// Makes the manifest list these files, beside those of earlier writes or in their place, and gives the files that it lists no
/// more. Where another write comes in between, its files are earlier ones: nothing that it lists is lost.
fn list(target: &Target, store: &Store, own: &[Entry]) -> Result<Vec<Entry>> {
    let mut gone = Vec::new();
    for _ in 0..TRIES {
        let (old, mode) = match Manifest::read_version(target)? {
            None => (None, PutMode::Create),
            // A store that does not tell versions apart cannot be asked to.
            Some((old, UpdateVersion { e_tag: None, version: None })) => (Some(old), PutMode::Overwrite),
            Some((old, version)) => (Some(old), PutMode::Update(version)),
        };
        if let Some(old) = &old {
            // The answer to a request that was sent twice says that it came too late for itself.
            if lists(old, own) {
                return Ok(gone);
            }
            fits(target, old)?;
        }
        let (manifest, replaced) = next(target, old, own);
        gone = replaced;
        match put(target, store, manifest, mode) {
            Ok(Put::Done(_)) => return Ok(gone),
            Ok(Put::Late) => {}
            // It was put all the same, and others have added to it.
            Err(_) if matches!(is_listed(target, own), Ok(true)) => return Ok(gone),
            Err(error) => return Err(error),
        }
    }
    let error = Error::new(ErrorKind::Exists, format!("{TRIES} times in a row, another write to the directory came first"));
    Err(error.in_file(target.shown(), None, None).with_help("try again when fewer write to it"))
}

/// What became of a manifest that was put.
enum Put {
    /// It is there, in this version.
    Done(Option<String>),
    /// Another was there first.
    Late,
}

/// Puts the manifest, unless another has come meanwhile; where a store cannot see to that, in any case.
fn put(target: &Target, store: &Store, manifest: Manifest, mode: PutMode) -> Result<Put> {
    let bytes = PutPayload::from(manifest.with_write(&target.token).to_bytes()?);
    let (objects, file) = (store.objects.clone(), target.object(NAME)?);
    let done = wait(async move {
        match objects.put_opts(&file, bytes.clone(), mode.into()).await {
            Err(StoreError::NotImplemented { .. } | StoreError::NotSupported { .. }) => objects.put(&file, bytes).await,
            done => done,
        }
    })?;
    let failed = match done {
        Ok(done) => return Ok(Put::Done(done.e_tag)),
        Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => None,
        Err(error) => Some(of_store(error, &store.shown)),
    };
    // A request whose answer was lost has been sent again, and came too late for itself; or the last answer was lost.
    match (Manifest::read_version(target), failed) {
        (Ok(Some((there, version))), _) if there.is_of(&target.token) => Ok(Put::Done(version.e_tag)),
        (_, Some(error)) => Err(error),
        (there, None) => there.map(|_| Put::Late),
    }
}

/// Removes the manifest, if it is still of this version.
fn unlist(target: &Target, store: &Store, version: Option<&String>) -> Result<()> {
    let (store, file, version) = (store.clone(), target.object(NAME)?, version.cloned());
    wait(async move {
        match store.objects.head(&file).await {
            Ok(there) if there.e_tag == version => store.remove(file).await,
            // Somebody has listed more in it.
            _ => Ok(()),
        }
    })
    .flatten()
}

/// Removes all of these, as many as it can; the first error is given.
async fn remove(store: Store, paths: Vec<ObjectPath>) -> Result<()> {
    let each = paths.into_iter().map(|path| {
        let store = store.clone();
        async move { store.remove(path).await }
    });
    let removed: Vec<Result<()>> = stream::iter(each).buffer_unordered(AT_ONCE).collect().await;
    removed.into_iter().collect()
}

/// Tells the store that nobody will complete these uploads. As far as it can be told: what it does not hear of, it drops by
/// its own rules.
pub(super) fn give_up(target: &Target, pieces: &[Piece]) {
    let Ok(store) = Store::of(target) else { return };
    let uploads = pieces.iter().filter_map(|piece| match &piece.place {
        Place::Upload { id: Some(id), .. } => {
            let path = match target.layout {
                Layout::File => target.location(),
                Layout::Directory => target.object(&place_of(target, piece)),
            };
            path.ok().map(|path| (path, id.clone()))
        }
        _ => None,
    });
    let uploads: Vec<(ObjectPath, String)> = uploads.collect();
    let _ = wait(async move {
        for (path, id) in uploads {
            let _ = store.uploads.abort_multipart(&path, &id).await;
        }
    });
}
