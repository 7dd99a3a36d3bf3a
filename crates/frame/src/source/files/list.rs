//! [`list`]: paths, globs and directories to files, in the order in which they are read.
//!
//! Each entry of a list stays in its place; the files that one glob or directory stands for are sorted by path.

use super::{Listed, hive, local, neighbours, remote};
use futures::{StreamExt, stream};
use object_store::path::Path as ObjectPath;
use stratal_core::{Error, ErrorKind, Result};
use stratal_stores::{Site, wait};

/// Places elsewhere that are listed at once.
const AT_ONCE: usize = 16;

/// What is to be listed.
pub(crate) struct Listing<'a> {
    pub(crate) paths: &'a [String],
    /// How the stores are reached.
    pub(crate) storage: &'a [(String, String)],
    /// What is taken from a directory: `csv`, `csv.gz`. Files that are named are taken whatever their names end in.
    pub(crate) endings: &'a [&'a str],
    /// Whether directories are gone through to the bottom, and the keys in their names are read.
    pub(crate) hive: bool,
}

/// What an entry stands for.
pub(super) struct Found {
    pub(super) files: Vec<Listed>,
    /// The directory that was gone through, inside the site; none for a file that was named.
    pub(super) base: Option<String>,
}

impl Found {
    /// A file that was named, or nothing.
    pub(super) fn named(file: Option<Listed>) -> Self {
        Found { files: file.into_iter().collect(), base: None }
    }

    /// Files below a directory, by path.
    pub(super) fn below(base: &ObjectPath, mut files: Vec<Listed>) -> Self {
        files.sort_by(|one, two| one.path.split('/').cmp(two.path.split('/')));
        Found { files, base: Some(base.to_string()) }
    }
}

/// The files that the paths stand for.
///
/// # Errors
/// `NotFound` for an entry that stands for no file, with what there is instead; what stores report.
pub(crate) fn list(listing: &Listing<'_>) -> Result<Vec<Listed>> {
    if listing.paths.is_empty() {
        return Err(Error::new(ErrorKind::BadValue, "there is no path to be read").with_help("give a path, a glob or a directory"));
    }
    let sites = listing.paths.iter().map(|path| Site::of(path, listing.storage)).collect::<Result<Vec<_>>>()?;
    let mut elsewhere = elsewhere(listing, &sites)?.into_iter();
    let mut all = Vec::new();
    for (path, (site, inside)) in listing.paths.iter().zip(&sites) {
        let found = match site.is_local() {
            true => {
                // A URL of the file system is a path; a path stays as it was written.
                let path = if path.contains("://") { site.show(inside) } else { path.clone() };
                local::find(&path, listing)?
            }
            false => elsewhere.next().ok_or_else(|| Error::internal("a place was not listed"))??,
        };
        if found.files.is_empty() {
            // What stands after `?` in an address may be a signature.
            let shown = if site.is_web() { site.show(inside) } else { path.clone() };
            let error = Error::new(ErrorKind::NotFound, format!("no file matches {shown:?}"));
            return Err(match neighbours::help(path, site, inside) {
                Some(help) => error.with_help(help),
                None => error,
            });
        }
        let base = found.base.filter(|_| listing.hive);
        all.extend(found.files.into_iter().map(|mut file| {
            if let Some(base) = &base {
                file.hive = hive::keys(file.path.strip_prefix(base.as_str()).unwrap_or(&file.path));
            }
            file
        }));
    }
    Ok(all)
}

/// What the entries stand for that are not on this machine, in their order.
fn elsewhere(listing: &Listing<'_>, sites: &[(Site, ObjectPath)]) -> Result<Vec<Result<Found>>> {
    let places = listing.paths.iter().zip(sites).filter(|(_, (site, _))| !site.is_local());
    let places: Vec<remote::Place> = places
        .map(|(path, (site, inside))| remote::Place {
            site: site.clone(),
            path: inside.clone(),
            is_directory: path.ends_with('/'),
            is_deep: listing.hive,
            endings: listing.endings.iter().map(|ending| (*ending).to_owned()).collect(),
        })
        .collect();
    if places.is_empty() {
        return Ok(Vec::new());
    }
    wait(async move { stream::iter(places).map(remote::find).buffered(AT_ONCE).collect::<Vec<_>>().await })
}

/// Whether a file of this name is taken from a directory.
pub(super) fn is_wanted<S: AsRef<str>>(name: &str, endings: &[S]) -> bool {
    let name = name.to_ascii_lowercase();
    !is_hidden(&name) && endings.iter().any(|ending| name.strip_suffix(ending.as_ref()).is_some_and(|stem| stem.ends_with('.')))
}

/// Whether files and directories of this name are passed over in a directory.
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with(['.', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_directories_are_chosen_by_their_endings() {
        let wanted = |name: &str| is_wanted(name, &["csv", "csv.gz"]);
        assert!(wanted("a.csv") && wanted("A.CSV") && wanted("a.b.csv.gz"));
        assert!(!wanted("acsv") && !wanted("a.txt") && !wanted("_a.csv") && !wanted(".a.csv") && !wanted("a.gz"));
    }
}
