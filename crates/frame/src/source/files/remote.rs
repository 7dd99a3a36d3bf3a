//! Files on object stores and on the web.

use super::{
    Listed,
    list::{Found, is_hidden, is_wanted},
};
use futures::TryStreamExt;
use object_store::{GetOptions, ObjectMeta, ObjectStore, path::Path as ObjectPath};
use std::sync::Arc;
use stratal_core::{Error, ErrorKind, Result};
use stratal_stores::{Glob, Site, fixed, is_glob, of_store};

/// An entry of a list of paths.
pub(super) struct Place {
    pub(super) site: Site,
    pub(super) path: ObjectPath,
    /// Whether the path ends in `/`.
    pub(super) is_directory: bool,
    /// Whether directories are gone through to the bottom.
    pub(super) is_deep: bool,
    pub(super) endings: Vec<String>,
}

/// The files that an entry stands for: an object of this name, else what matches a glob, else what is below a directory.
pub(super) async fn find(place: Place) -> Result<Found> {
    let store = place.site.store()?;
    if place.site.is_web() {
        return Ok(Found::named(place.head(&store).await?));
    }
    if is_glob(place.path.as_ref()) {
        let found = place.glob(&store).await?;
        return if found.files.is_empty() { Ok(Found::named(place.head(&store).await?)) } else { Ok(found) };
    }
    // A name without an ending is that of a directory more often than not.
    let is_file = !place.is_directory && place.path.filename().is_some_and(|name| name.contains('.'));
    if is_file && let Some(file) = place.head(&store).await? {
        return Ok(Found::named(Some(file)));
    }
    if let Some(found) = place.directory(&store).await? {
        return Ok(found);
    }
    let may_be_file = !is_file && !place.is_directory && !place.path.is_root();
    Ok(Found::named(if may_be_file { place.head(&store).await? } else { None }))
}

impl Place {
    fn listed(&self, meta: ObjectMeta) -> Listed {
        let modified = u64::try_from(meta.last_modified.timestamp_micros()).ok().filter(|micros| *micros > 0);
        let shown = self.site.show(&meta.location);
        Listed { site: self.site.clone(), path: meta.location.into(), shown, size: meta.size, modified, hive: Vec::new() }
    }

    /// The object of this very name, if there is one.
    async fn head(&self, store: &Arc<dyn ObjectStore>) -> Result<Option<Listed>> {
        match store.get_opts(&self.path, GetOptions::new().with_head(true)).await {
            Ok(found) => Ok(Some(self.listed(found.meta))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(of_store(error, &self.site.show(&self.path))),
        }
    }

    async fn glob(&self, store: &Arc<dyn ObjectStore>) -> Result<Found> {
        let text = self.path.as_ref();
        let glob = Glob::new(text, &self.site.show(&self.path))?;
        let base = below(fixed(text))?;
        let is_deep = text[base.as_ref().len()..].trim_start_matches('/').contains('/');
        let (found, _) = self.below(store, &base, is_deep).await?;
        let matching = found.into_iter().filter(|meta| glob.matches(meta.location.as_ref()));
        Ok(Found::below(&base, matching.map(|meta| self.listed(meta)).collect()))
    }

    /// What is wanted of a directory; none if nothing at all stands below it.
    async fn directory(&self, store: &Arc<dyn ObjectStore>) -> Result<Option<Found>> {
        let (found, is_there) = self.below(store, &self.path, self.is_deep).await?;
        if !is_there {
            return Ok(None);
        }
        let wanted = found.into_iter().filter(|meta| {
            let inside = meta.location.as_ref()[self.path.as_ref().len()..].trim_start_matches('/');
            let (directories, name) = inside.rsplit_once('/').unwrap_or(("", inside));
            is_wanted(name, &self.endings) && !directories.split('/').any(is_hidden)
        });
        Ok(Some(Found::below(&self.path, wanted.map(|meta| self.listed(meta)).collect())))
    }

    /// The objects in a directory, or in it and all below; and whether anything stands there.
    async fn below(&self, store: &Arc<dyn ObjectStore>, base: &ObjectPath, is_deep: bool) -> Result<(Vec<ObjectMeta>, bool)> {
        let found = match is_deep {
            true => store.list(Some(base)).try_collect::<Vec<_>>().await.map(|found| {
                let is_there = !found.is_empty();
                (found, is_there)
            }),
            false => store.list_with_delimiter(Some(base)).await.map(|found| {
                let is_there = !found.objects.is_empty() || !found.common_prefixes.is_empty();
                (found.objects, is_there)
            }),
        };
        found.map_err(|error| of_store(error, &self.site.show(base)))
    }
}

fn below(text: &str) -> Result<ObjectPath> {
    ObjectPath::parse(text).map_err(|error| Error::new(ErrorKind::BadValue, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::{ObjectStoreExt, memory::InMemory};
    use stratal_stores::wait_here;

    fn store() -> Arc<dyn ObjectStore> {
        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        for path in
            ["data/a.csv", "data/b.csv", "data/n.txt", "data/deep/c.csv", "data/_tmp/d.csv", "database/e.csv", "top.csv", "data/[x].csv"]
        {
            wait_here(store.put(&ObjectPath::parse(path).unwrap(), "x\n".into())).unwrap();
        }
        store
    }

    fn place(path: &str, is_deep: bool) -> Place {
        let (site, inside) = Site::of(&format!("s3://lake/{path}"), &[]).unwrap();
        Place { site, path: inside, is_directory: path.ends_with('/'), is_deep, endings: vec!["csv".to_owned()] }
    }

    fn paths(found: Result<Found>) -> Vec<String> {
        found.unwrap().files.into_iter().map(|file| file.path).collect()
    }

    #[test]
    fn globs_are_matched_below_their_fixed_part() {
        let store = store();
        let glob = |path: &str| paths(wait_here(place(path, true).glob(&store)));
        assert_eq!(glob("data/*.csv"), ["data/[x].csv", "data/a.csv", "data/b.csv"]);
        assert_eq!(glob("data/?.csv"), ["data/a.csv", "data/b.csv"]);
        assert_eq!(glob("data/*/*.csv"), ["data/_tmp/d.csv", "data/deep/c.csv"]);
        assert_eq!(glob("data/**/c.csv"), ["data/deep/c.csv"]);
        assert_eq!(glob("*.csv"), ["top.csv"]);
        assert_eq!(glob("d*/e.csv"), ["database/e.csv"]);
    }

    #[test]
    fn directories_are_listed_flat_or_deep_without_what_is_hidden() {
        let store = store();
        let directory = |path: &str, is_deep| paths(wait_here(place(path, is_deep).directory(&store)).map(Option::unwrap));
        assert_eq!(directory("data", false), ["data/[x].csv", "data/a.csv", "data/b.csv"]);
        assert_eq!(directory("data/", true), ["data/[x].csv", "data/a.csv", "data/b.csv", "data/deep/c.csv"]);
        assert_eq!(directory("", false), ["top.csv"]);
        let head = wait_here(place("data/[x].csv", true).head(&store)).unwrap().unwrap();
        assert_eq!((head.shown.as_str(), head.size), ("s3://lake/data/[x].csv", 2));
        assert!(wait_here(place("data/none", true).head(&store)).unwrap().is_none());
        assert!(wait_here(place("none", true).directory(&store)).unwrap().is_none());
    }
}
