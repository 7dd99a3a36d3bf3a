//! [`Claim`]: the right to change the files of a directory, which one commit has at a time, in whatever process it runs. It is a
//! lock of the operating system, so that it ends with its process, however that ends.

use std::{
    fs::{self, File, Metadata, TryLockError},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// The file that is locked, in the directory; hidden, and there while a commit is at work.
const NAME: &str = ".commit";

/// Held by the commit that is at work in a directory.
pub(super) struct Claim {
    path: PathBuf,
    _locked: File,
    is_sure: bool,
}

impl Claim {
    /// Waits until no other commit is at work there.
    pub(super) fn of(directory: &Path) -> io::Result<Self> {
        loop {
            if let Some(claim) = Self::locked_by(directory, |file| file.lock().map_err(TryLockError::Error))? {
                return Ok(claim);
            }
        }
    }

    /// None if another commit is at work there.
    pub(super) fn if_free(directory: &Path) -> io::Result<Option<Self>> {
        Self::locked_by(directory, File::try_lock)
    }

    /// Whether it is really of one at a time. Not every file system has locks; without them, files of others are still never
    /// replaced.
    pub(super) fn is_sure(&self) -> bool {
        self.is_sure
    }

    fn locked_by(directory: &Path, lock: impl Fn(&File) -> Result<(), TryLockError>) -> io::Result<Option<Self>> {
        let path = directory.join(NAME);
        loop {
            let locked = File::options().create(true).truncate(false).write(true).open(&path)?;
            let is_sure = match lock(&locked) {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(TryLockError::Error(_)) => false,
            };
            // Who had it has removed the file, and another may have made one since.
            let own = locked.metadata()?;
            match fs::metadata(&path) {
                Ok(there) if is_same(&there, &own) => return Ok(Some(Claim { path, _locked: locked, is_sure })),
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Before it is unlocked, so that nobody else's is removed.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether two names are of one file.
pub(super) fn is_same(one: &Metadata, two: &Metadata) -> bool {
    (one.dev(), one.ino()) == (two.dev(), two.ino())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_claim_is_of_one_at_a_time_and_leaves_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let counter = directory.path().join("counter");
        fs::write(&counter, "0").unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let _claim = Claim::of(directory.path()).unwrap();
                        let count: u32 = fs::read_to_string(&counter).unwrap().parse().unwrap();
                        thread::yield_now();
                        fs::write(&counter, (count + 1).to_string()).unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_to_string(&counter).unwrap(), "800");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_claim_that_is_held_is_not_free() {
        let directory = tempfile::tempdir().unwrap();
        let claim = Claim::of(directory.path()).unwrap();
        assert!(Claim::if_free(directory.path()).unwrap().is_none());
        drop(claim);
        assert!(Claim::if_free(directory.path()).unwrap().is_some());
        assert!(Claim::of(&directory.path().join("none")).is_err());
    }
}
