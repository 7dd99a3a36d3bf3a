//! Paths, globs and directories to files, in the order in which they are read.
//!
//! Each entry of a list stays in its place; the files that one glob or directory stands for are sorted by path.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use stratal_core::{Error, ErrorKind, Result};

/// The files that `paths` stand for.
///
/// # Errors
/// `NotFound` for an entry that matches no file, with what there is instead.
pub(super) fn list(paths: &[String]) -> Result<Vec<PathBuf>> {
    if paths.is_empty() {
        return Err(Error::new(ErrorKind::BadValue, "there is no path to be read").with_help("give a path, a glob or a directory"));
    }
    let mut all = Vec::new();
    for path in paths {
        let files = matches(path)?;
        if files.is_empty() {
            let error = Error::new(ErrorKind::NotFound, format!("no file matches {path:?}"));
            return Err(match neighbours(path) {
                Some(help) => error.with_help(help),
                None => error,
            });
        }
        all.extend(files);
    }
    Ok(all)
}

fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

fn matches(path: &str) -> Result<Vec<PathBuf>> {
    let plain = Path::new(path);
    if plain.is_dir() {
        return directory(plain);
    }
    if plain.exists() || !is_glob(path) {
        return Ok(plain.exists().then(|| plain.to_owned()).into_iter().collect());
    }
    let found = glob::glob(path).map_err(|error| Error::new(ErrorKind::BadValue, format!("{path:?} is no glob: {error}")))?;
    let mut files = Vec::new();
    for file in found {
        let file = file.map_err(|error| Error::from(std::io::Error::from(error)))?;
        if file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// The CSV files of a directory; hidden ones and those that begin with `_` are left out.
fn directory(path: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_csv = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv") || ending.eq_ignore_ascii_case("tsv"));
        if is_csv && file.is_file() && !name.starts_with(['.', '_']) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// What stands where `path` was looked for: `data/ holds 4 files *.csv`.
fn neighbours(path: &str) -> Option<String> {
    let fixed = match path.find(['*', '?', '[']) {
        Some(at) => &path[..at],
        None => path,
    };
    let directory = if Path::new(path).is_dir() { path } else { fixed.rfind('/').map_or("", |at| &fixed[..at]) };
    let shown = if directory.is_empty() { "./".to_owned() } else { format!("{}/", directory.trim_end_matches('/')) };
    let Ok(entries) = fs::read_dir(if directory.is_empty() { "." } else { directory }) else {
        return Some(format!("there is no directory {shown}"));
    };
    let mut endings: BTreeMap<String, usize> = BTreeMap::new();
    for file in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        let ending = file.extension().map(|ending| format!("*.{}", ending.to_string_lossy()));
        *endings.entry(ending.unwrap_or_else(|| "without an ending".to_owned())).or_default() += 1;
    }
    match endings.iter().max_by_key(|(_, count)| **count) {
        None => Some(format!("{shown} holds no files")),
        Some((ending, 1)) => Some(format!("{shown} holds 1 file {ending}")),
        Some((ending, count)) => Some(format!("{shown} holds {count} files {ending}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_glob_are_sorted_and_a_miss_says_what_is_there() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_str().unwrap();
        for name in ["b.csv", "a.csv", "c.csv", "notes.txt", "_tmp.csv"] {
            fs::write(directory.path().join(name), "x\n1\n").unwrap();
        }
        let names = |paths: &[String]| -> Vec<String> {
            let files = list(paths).unwrap();
            files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(names(&[format!("{root}/[abc].csv")]), ["a.csv", "b.csv", "c.csv"]);
        assert_eq!(names(&[root.to_owned()]), ["a.csv", "b.csv", "c.csv"]);
        assert_eq!(names(&[format!("{root}/c.csv"), format!("{root}/a.csv")]), ["c.csv", "a.csv"]);
        let error = list(&[format!("{root}/*.cvs")]).unwrap_err();
        assert_eq!(error.message(), format!("no file matches \"{root}/*.cvs\""));
        assert_eq!(error.help(), Some(&*format!("{root}/ holds 4 files *.csv")));
        let error = list(&[format!("{root}/none/x.csv")]).unwrap_err();
        assert_eq!(error.help(), Some(&*format!("there is no directory {root}/none/")));
    }
}
