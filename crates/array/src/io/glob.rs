//! Paths with `*`, `?` and `[..]`: which files they mean. Each part of a path is matched alone; files come sorted.

use object_store::{ObjectStore, path::Path as ObjectPath};
use stratal_core::{Error, ErrorKind, Result};
use stratal_stores::{Glob, Place, is_glob, of_store, wait_here};

/// The files that a pattern means.
///
/// # Errors
/// `NotFound` where there is none; `BadValue` for a web server, which lists nothing; what the store reports.
pub(super) fn files(pattern: &Place) -> Result<Vec<Place>> {
    if pattern.site.is_web() {
        return Err(
            Error::new(ErrorKind::BadValue, format!("a web server cannot list what {} means", pattern.show())).with_help("name one file")
        );
    }
    let store = pattern.site.store()?;
    let parts: Vec<&str> = pattern.path.split('/').collect();
    let mut found = Vec::new();
    walk(&*store, pattern, String::new(), &parts, &mut found)?;
    if found.is_empty() {
        return Err(none(&*store, pattern));
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|path| Place { site: pattern.site.clone(), path }).collect())
}

fn joined(base: &str, name: &str) -> String {
    if base.is_empty() { name.to_owned() } else { format!("{base}/{name}") }
}

/// Names of files, and of directories, that are directly in `base`.
fn list(store: &dyn ObjectStore, pattern: &Place, base: &str) -> Result<(Vec<String>, Vec<String>)> {
    let path = ObjectPath::parse(base).map_err(|error| Error::new(ErrorKind::BadValue, format!("{base:?} is no path: {error}")))?;
    let listed = wait_here(store.list_with_delimiter(Some(&path))).map_err(|error| of_store(error, &pattern.show()))?;
    let name = |path: &ObjectPath| path.filename().map(str::to_owned);
    let files = listed.objects.iter().filter_map(|object| name(&object.location)).collect();
    Ok((files, listed.common_prefixes.iter().filter_map(name).collect()))
}

fn walk(store: &dyn ObjectStore, pattern: &Place, base: String, parts: &[&str], found: &mut Vec<String>) -> Result<()> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    if !rest.is_empty() && !is_glob(part) {
        return walk(store, pattern, joined(&base, part), rest, found);
    }
    let glob = Glob::new(part, &pattern.show())?;
    let (files, directories) = list(store, pattern, &base)?;
    let names = if rest.is_empty() { files } else { directories };
    // A name that begins with a dot is meant by a part that does.
    for name in names.iter().filter(|name| glob.matches(name) && (part.starts_with('.') || !name.starts_with('.'))) {
        match rest.is_empty() {
            true => found.push(joined(&base, name)),
            false => walk(store, pattern, joined(&base, name), rest, found)?,
        }
    }
    Ok(())
}

/// The error of a pattern that nothing matches: it says what is there instead.
fn none(store: &dyn ObjectStore, pattern: &Place) -> Error {
    let error = Error::new(ErrorKind::NotFound, format!("no file matches {:?}", pattern.show()));
    let (directory, _) = pattern.path.rsplit_once('/').unwrap_or(("", pattern.path.as_str()));
    if is_glob(directory) {
        return error;
    }
    let (files, _) = list(store, pattern, directory).unwrap_or_default();
    let shown = Place { site: pattern.site.clone(), path: directory.to_owned() }.show();
    match files.first() {
        None => error.with_help(format!("{shown} holds no files")),
        Some(first) => error.with_help(format!("{shown} holds {} files, {first:?} among them", files.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_directories_come_sorted() {
        let root = std::env::temp_dir().join(format!("stratal-glob-{}", std::process::id()));
        for name in ["b/2.npy", "a/1.npy", "a/10.npy", "a/.3.npy", "a/x.txt", "a/deep/1.npy"] {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, b"").unwrap();
        }
        let place = |pattern: &str| Place::of(root.join(pattern).to_str().unwrap(), &[]).unwrap();
        let names: Vec<String> = files(&place("*/*.npy")).unwrap().iter().map(|file| file.show()).collect();
        let expected = ["a/1.npy", "a/10.npy", "b/2.npy"].map(|name| root.join(name).to_str().unwrap().to_owned());
        assert_eq!(names, expected);
        assert_eq!(files(&place("a/.*")).unwrap(), [place("a/.3.npy")]);
        let error = files(&place("a/*.nyp")).unwrap_err();
        assert!(error.kind() == ErrorKind::NotFound && error.help().unwrap().contains("4 files"), "{error}");
        std::fs::remove_dir_all(&root).unwrap();
    }
}
