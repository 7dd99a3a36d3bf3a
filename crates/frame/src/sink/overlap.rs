//! Refuses to overwrite what the same query reads: it would be gone when a task that failed reads it again.

use crate::steps::{Op, Step};
use std::{path::Path, sync::Arc};
use stratal_core::{Error, ErrorKind, Result};
use stratal_stores::{Glob, Site};

/// Fails if one of the `replaced` files of a site is read by these steps.
///
/// # Errors
/// `Exists`, naming the file.
pub(super) fn refuse(steps: &[Arc<Step>], site: &Site, replaced: &[String]) -> Result<()> {
    if replaced.is_empty() {
        return Ok(());
    }
    let mut read = Vec::new();
    sources(steps, &mut read);
    let files: Vec<(&String, String)> = replaced.iter().map(|file| (file, real(site, file))).collect();
    for (paths, storage) in read {
        for path in paths {
            let fixed = path.find(['*', '?', '[']).map_or(path.len(), |at| path[..at].rfind('/').map_or(0, |slash| slash + 1));
            // What looks like a pattern may be a name.
            for (directory, pattern) in [(path.as_str(), ""), path.split_at(fixed)] {
                let directory = if directory.is_empty() { "." } else { directory };
                // A source that is nowhere reads nothing; that was said when the frame was bound.
                let Ok((of, inside)) = Site::of(directory, &storage) else { continue };
                if of.root() != site.root() {
                    continue;
                }
                let inside = real(&of, inside.as_ref());
                if let Some((file, _)) = files.iter().find(|(_, file)| covers(&inside, pattern, file)) {
                    let shown = if site.is_local() { format!("/{file}") } else { format!("{}/{file}", site.root()) };
                    let error = Error::new(ErrorKind::Exists, "the write would replace a file that the same frame reads");
                    return Err(error.in_file(shown, None, None).with_help("write to another path, or persist() the frame before"));
                }
            }
        }
    }
    Ok(())
}

/// Paths that are read, and how their stores are reached.
fn sources(steps: &[Arc<Step>], read: &mut Vec<(Vec<String>, Vec<(String, String)>)>) {
    for step in steps {
        match step.op() {
            Op::Source(source) => read.extend(source.reads()),
            Op::Combine(_, others) => others.iter().for_each(|steps| sources(steps, read)),
            Op::Transform(_) => {}
        }
    }
}

/// A path without links, where it is on this machine and there.
fn real(site: &Site, path: &str) -> String {
    if !site.is_local() {
        return path.to_owned();
    }
    let real = Path::new("/").join(path).canonicalize();
    real.map_or_else(|_| path.to_owned(), |real| real.to_string_lossy().trim_start_matches('/').to_owned())
}

/// Whether a source reads a file: as the path that it was given, below it, or by its pattern below it.
fn covers(directory: &str, pattern: &str, file: &str) -> bool {
    let below = match file.strip_prefix(directory) {
        Some(below) if below.is_empty() || directory.is_empty() || below.starts_with('/') => below.trim_start_matches('/'),
        _ => return false,
    };
    let pattern = pattern.trim_end_matches('/');
    let Ok(glob) = Glob::new(pattern, pattern) else { return false };
    // A pattern may name a directory that the file is in.
    let mut ends = below.match_indices('/').map(|(at, _)| at).chain([below.len()]);
    pattern.is_empty() || ends.any(|end| glob.matches(&below[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_covers_its_file_its_directory_and_what_its_pattern_names() {
        for (directory, pattern, file) in [
            ("data/a.csv", "", "data/a.csv"),
            ("data", "", "data/a.csv"),
            ("data", "", "data/k=1/a.csv"),
            ("", "", "a.csv"),
            ("data", "*.csv", "data/a.csv"),
            ("data", "**/*.csv", "data/x/y/a.csv"),
            ("data", "k=*/", "data/k=1/a.csv"),
        ] {
            assert!(covers(directory, pattern, file), "{directory} {pattern} {file}");
        }
        for (directory, pattern, file) in [
            ("data/a.csv", "", "data/b.csv"),
            ("data", "", "database/a.csv"),
            ("data", "*.csv", "data/x/a.csv"),
            ("data", "*.csv", "data/a.json"),
            ("data/x", "*.csv", "data/a.csv"),
        ] {
            assert!(!covers(directory, pattern, file), "{directory} {pattern} {file}");
        }
    }
}
