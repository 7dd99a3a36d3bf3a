//! What stands where a write will go.

use super::target::{Layout, Target, joined};
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, UpdateVersion};
use std::{fs, io, path::Path};
use stratal_core::Result;
use stratal_stores::{of_store, wait};

/// What there is under a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    File,
    /// A directory: the files below it, hidden ones apart, by their paths from there, sorted.
    Directory(Vec<String>),
}

/// What there is where a write will go.
pub(super) fn found(target: &Target) -> Result<Found> {
    let found = match target.site.is_local() {
        true => on_disk(&target.on_disk()).map_err(|error| target.blame(error))?,
        false => elsewhere(target)?,
    };
    Ok(match found {
        Found::Directory(mut files) => {
            files.sort();
            Found::Directory(files)
        }
        other => other,
    })
}

fn on_disk(path: &Path) -> io::Result<Found> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) => Err(error),
        Ok(found) if found.is_dir() => {
            let mut files = Vec::new();
            walk(path, "", &mut files)?;
            Ok(Found::Directory(files))
        }
        Ok(_) => Ok(Found::File),
    }
}

/// What an interrupted write left behind is hidden, and so it is not found.
fn walk(directory: &Path, below: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = joined(below, &name);
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn elsewhere(target: &Target) -> Result<Found> {
    let (store, shown) = (target.site.store()?, target.shown());
    let path = target.location()?;
    if target.layout == Layout::File {
        let head = wait(async move { store.head(&path).await })?;
        return match head {
            Ok(_) => Ok(Found::File),
            Err(object_store::Error::NotFound { .. }) => Ok(Found::Nothing),
            Err(error) => Err(of_store(error, &shown)),
        };
    }
    let prefix = if target.path.is_empty() { String::new() } else { format!("{}/", target.path) };
    let listed = wait(async move {
        let objects = store.list(Some(&path)).map_ok(|object| object.location.to_string());
        objects.try_collect::<Vec<String>>().await
    })?;
    let below = |path: String| path.strip_prefix(&prefix).map(str::to_owned);
    let files: Vec<String> = listed.map_err(|error| of_store(error, &shown))?.into_iter().filter_map(below).collect();
    let is_hidden = |path: &String| path.split('/').any(|part| part.starts_with('.'));
    Ok(Found::Directory(files.into_iter().filter(|path| !is_hidden(path)).collect()))
}

/// The bytes of a small file of the directory, if it is there, and what an object store calls this version of it.
pub(super) fn read(target: &Target, name: &str) -> Result<Option<(Vec<u8>, UpdateVersion)>> {
    if target.site.is_local() {
        return match fs::read(target.on_disk().join(name)) {
            Ok(bytes) => Ok(Some((bytes, UpdateVersion { e_tag: None, version: None }))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(target.blame(error)),
        };
    }
    let (store, path) = (target.site.store()?, target.object(name)?);
    let got = wait(async move {
        match store.get(&path).await {
            Ok(got) => {
                let version = UpdateVersion { e_tag: got.meta.e_tag.clone(), version: got.meta.version.clone() };
                got.bytes().await.map(|bytes| Some((bytes.to_vec(), version)))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    })?;
    got.map_err(|error| of_store(error, &target.shown()))
}
