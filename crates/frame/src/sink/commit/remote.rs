//! A commit on an object store: uploads are completed, each at once; then the manifest says what there is, and what it says no
//! more is removed. Names of new files are never those of old ones, so that a commit that fails takes back its own.

use super::{WriteSummary, place_of, plan};
use crate::{
    sink::{
        found::found,
        manifest::{Entry, Manifest, NAME},
        piece::{Piece, Place},
        prepare::allowed,
        target::{Layout, Target},
    },
    stores::{of_store, wait},
};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload,
    multipart::{MultipartStore, PartId},
    path::Path as ObjectPath,
};
use std::sync::Arc;
use stratal_core::{Error, Result};

/// Requests under way at once.
const AT_ONCE: usize = 16;

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
            Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
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
    let (manifest, gone) = plan(target, pieces)?;
    let objects = pieces.iter().map(|piece| Ok((target.object(&place_of(target, piece))?, piece.place.clone())));
    let objects = objects.collect::<Result<Vec<(ObjectPath, Place)>>>()?;
    let (store, paths) = (Store::of(target)?, objects.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>());
    let (file, bytes) = (target.object(NAME)?, manifest.to_bytes()?);
    let completing = {
        let store = store.clone();
        async move {
            let each = objects.into_iter().map(|(path, place)| {
                let store = store.clone();
                async move { store.complete(path, place).await }
            });
            stream::iter(each).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
            let put = store.objects.put(&file, PutPayload::from(bytes)).await;
            put.map_err(|error| of_store(error, &store.shown))
        }
    };
    if let Err(error) = wait(completing).flatten() {
        // What is left of them is in nobody's way, if it cannot be removed either.
        let _ = wait(remove(store, paths));
        return Err(error);
    }
    let old = stale(target, &manifest, &gone)?;
    let removed = wait(remove(store, old)).flatten();
    removed.map_err(|error| error.with_help("the new rows are all there; of the old files, which no manifest lists now, some are left"))?;
    Ok(WriteSummary::of(pieces, pieces.len()))
}

/// The objects of earlier writes that the manifest lists no more.
fn stale(target: &Target, manifest: &Manifest, gone: &[Entry]) -> Result<Vec<ObjectPath>> {
    let stays = |file: &Entry| manifest.files.iter().any(|new| new.path == file.path);
    gone.iter().filter(|file| !stays(file)).map(|file| target.object(&file.path)).collect()
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
