//! [`Target`]: where a write goes and what it leaves, as it travels to those who write and to the one who commits.
//!
//! Until the commit everything of a write on a file system is in one hidden directory, `.tmp-<token>`, beside what it will be;
//! on an object store it is in uploads that nobody has completed.

use super::{format::Format, manifest::Column, options::Mode};
use object_store::path::Path as ObjectPath;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    hash::{BuildHasher, Hasher, RandomState},
    path::{Path, PathBuf},
};
use stratal_core::{Error, ErrorKind, Result};
use stratal_stores::Site;

/// What a path is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Layout {
    /// One file.
    File,
    /// A directory of files.
    Directory,
}

/// How the files of a directory are called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Names {
    /// The number of the first partition's file.
    pub(super) first: u32,
    /// Digits of numbers.
    pub(super) width: usize,
    /// What tells the names from those of other writes, where these may be there too.
    pub(super) own: Option<String>,
    /// `csv.gz`.
    pub(super) ending: String,
}

impl Names {
    /// Names for so many partitions, from number `first` on.
    pub(super) fn new(first: u32, partitions: usize, own: Option<String>, ending: String) -> Self {
        let last = (u64::from(first) + partitions as u64).saturating_sub(1).max(1);
        Names { first, width: (last.ilog10() as usize + 1).max(5), own, ending }
    }

    /// The name of the nth file of a partition: `part-00000.csv`, `part-00000_00001.csv`. Names are in row order.
    pub(super) fn name(&self, partition: u32, nth: u32) -> String {
        let (number, width) = (self.first + partition, self.width);
        let own = self.own.as_ref().map(|own| format!("-{own}")).unwrap_or_default();
        let nth = if nth > 0 { format!("_{nth:05}") } else { String::new() };
        format!("part-{number:0width$}{own}{nth}.{}", self.ending)
    }

    /// The number in a name of this kind.
    pub(super) fn number(name: &str) -> Option<u32> {
        let digits = name.strip_prefix("part-")?;
        let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse().ok()
    }
}

/// Where a write goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(super) site: Site,
    /// Inside the site.
    pub(super) path: String,
    pub(super) layout: Layout,
    pub(super) mode: Mode,
    pub(super) format: Format,
    /// The columns that name directories.
    pub(super) keys: Vec<String>,
    /// Bytes after which another file is begun.
    pub(super) file_bytes: Option<u64>,
    pub(super) names: Names,
    /// All columns, for the manifest.
    pub(super) columns: Vec<Column>,
    /// Tells the write from all others.
    pub(super) token: String,
    /// How many directories were missing when the write was planned, from [`base`](Self::base) upwards.
    pub(super) missing: usize,
}

impl Target {
    /// The target as users know it.
    pub(super) fn shown(&self) -> String {
        let slash = if self.layout == Layout::Directory && !self.path.is_empty() { "/" } else { "" };
        let root = if self.site.is_local() { "" } else { self.site.root() };
        format!("{root}/{}{slash}", self.path)
    }

    /// Where it is in the file system.
    pub(super) fn on_disk(&self) -> PathBuf {
        Path::new("/").join(&self.path)
    }

    /// The directory that it is in, or is.
    pub(super) fn base(&self) -> PathBuf {
        let path = self.on_disk();
        match self.layout {
            Layout::Directory => path,
            Layout::File => path.parent().map_or_else(|| path.clone(), Path::to_owned),
        }
    }

    /// The directory of what is not committed.
    pub(super) fn scratch(&self) -> PathBuf {
        self.base().join(format!(".tmp-{}", self.token))
    }

    /// The same directory, once its commit has begun.
    pub(super) fn committing(&self) -> PathBuf {
        self.base().join(self.committing_name())
    }

    /// The name of that directory.
    pub(super) fn committing_name(&self) -> String {
        format!(".tmp-{}-commit", self.token)
    }

    /// Whether a name is that of such a directory, of whatever write.
    pub(super) fn is_committing(name: &str) -> bool {
        name.starts_with(".tmp-") && name.ends_with("-commit")
    }

    /// Where it is on its store.
    pub(super) fn location(&self) -> Result<ObjectPath> {
        self.parse(&self.path)
    }

    /// Where a file of the directory is on its store.
    pub(super) fn object(&self, below: &str) -> Result<ObjectPath> {
        self.parse(&joined(&self.path, below))
    }

    fn parse(&self, path: &str) -> Result<ObjectPath> {
        ObjectPath::parse(path).map_err(|error| Error::new(ErrorKind::BadValue, error.to_string()).in_file(self.shown(), None, None))
    }

    /// An error of the file system, by file.
    pub(super) fn blame(&self, error: std::io::Error) -> Error {
        let error = Error::from(error).in_file(self.shown(), None, None);
        match error.kind() {
            ErrorKind::NotFound => error.with_help("every worker, and whoever asks for the write, must see the same files under this path"),
            _ => error,
        }
    }

    /// Makes the directory of what is not committed.
    pub(super) fn prepare(&self) -> Result<()> {
        match self.site.is_local() {
            true => fs::create_dir_all(self.scratch()).map_err(|error| self.blame(error)),
            false => Ok(()),
        }
    }

    /// Removes what was not committed and, of a write that left nothing, the directories that were made for it. As far as
    /// that can be done: there is nobody to hear of what cannot.
    pub(super) fn sweep(&self) {
        if self.site.is_local() {
            // Under another name, no task that is still running adds to it.
            let (scratch, gone) = (self.scratch(), self.base().join(format!(".tmp-{}-gone", self.token)));
            let _ = fs::rename(&scratch, &gone).and_then(|()| fs::remove_dir_all(&gone));
            self.sweep_empty();
        }
    }

    /// Removes what a commit has no more use for.
    pub(super) fn clear(&self) {
        let _ = fs::remove_dir_all(self.committing());
        self.sweep_empty();
    }

    /// Removes directories that were made for the write and in which nothing is.
    pub(super) fn sweep_empty(&self) {
        let _ = fs::remove_dir(self.scratch());
        let base = self.base();
        for directory in base.ancestors().take(self.missing) {
            if fs::remove_dir(directory).is_err() {
                return;
            }
        }
    }
}

/// One path below another, where either may be empty.
pub(super) fn joined(above: &str, below: &str) -> String {
    match (above.is_empty(), below.is_empty()) {
        (true, _) => below.to_owned(),
        (_, true) => above.to_owned(),
        _ => format!("{above}/{below}"),
    }
}

/// How many directories are missing, from this one upwards.
pub(super) fn missing(base: &Path) -> usize {
    base.ancestors().take_while(|directory| !directory.exists()).count()
}

/// A text that no other write has.
pub(super) fn token() -> String {
    // Every state has random keys of its own.
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_row_order() {
        for (partitions, own) in [(3, None), (100_001, Some("ab".to_owned()))] {
            let names = Names::new(0, partitions, own, "csv".to_owned());
            let all: Vec<String> =
                [(0, 0), (0, 1), (0, 2), (1, 0), (1, 10), (2, 0), (99_999, 0), (100_000, 7)].map(|(at, nth)| names.name(at, nth)).into();
            let mut sorted = all[..if partitions > 3 { 8 } else { 6 }].to_vec();
            sorted.sort();
            assert_eq!(sorted, all[..sorted.len()]);
            assert_eq!(all.iter().map(|name| Names::number(name)).collect::<Vec<_>>()[5..], [Some(2), Some(99_999), Some(100_000)]);
        }
        let names = Names::new(7, 2, None, "csv.gz".to_owned());
        assert_eq!((names.name(0, 0), names.name(1, 2)), ("part-00007.csv.gz".to_owned(), "part-00008_00002.csv.gz".to_owned()));
    }

    #[test]
    fn tokens_differ() {
        assert_ne!(token(), token());
    }
}
