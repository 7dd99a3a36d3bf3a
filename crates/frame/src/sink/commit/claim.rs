//! [`Claim`]: the right to change the files of a directory, which one commit has at a time, in whatever process it runs. It is a
//! lock of the operating system, so that it ends with its process, however that ends.

use std::{
    fs::{self, File, Metadata, TryLockError},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use stratal_core::runner::blocking;

/// The file that is locked, in the directory; hidden, and there while a commit is at work.
const NAME: &str = ".commit";

/// The pauses after which one who waits looks again, from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Held by the commit that is at work in a directory.
pub(super) struct Claim {
    path: PathBuf,
    _locked: File,
    is_sure: bool,
}

impl Claim {
    /// Waits until no other commit is at work there, without the slot of its task; none if it is not to wait any longer.
    pub(super) fn of(directory: &Path, may_wait: impl Fn() -> bool) -> io::Result<Option<Self>> {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(claim) = Self::if_free(directory)? {
                return Ok(Some(claim));
            }
            if !may_wait() {
                return Ok(None);
            }
            blocking(|| thread::sleep(pause));
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }

    /// None if another commit is at work there.
    pub(super) fn if_free(directory: &Path) -> io::Result<Option<Self>> {
        let path = directory.join(NAME);
        loop {
            let locked = File::options().create(true).truncate(false).write(true).open(&path)?;
            let is_sure = match locked.try_lock() {
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

    /// Whether it is really of one at a time. Not every file system has locks; without them, files of others are still never
    /// replaced.
    pub(super) fn is_sure(&self) -> bool {
        self.is_sure
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
    use std::cell::Cell;

    #[test]
    fn a_claim_is_of_one_at_a_time_and_leaves_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let counter = directory.path().join("counter");
        fs::write(&counter, "0").unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let _claim = Claim::of(directory.path(), || true).unwrap().unwrap();
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
        let claim = Claim::of(directory.path(), || true).unwrap().unwrap();
        assert!(Claim::if_free(directory.path()).unwrap().is_none());
        drop(claim);
        assert!(Claim::if_free(directory.path()).unwrap().is_some());
        assert!(Claim::of(&directory.path().join("none"), || true).is_err());
    }

    #[test]
    fn who_waits_for_a_claim_can_give_up() {
        let directory = tempfile::tempdir().unwrap();
        let claim = Claim::of(directory.path(), || true).unwrap().unwrap();
        let looks = Cell::new(0);
        let waited = Claim::of(directory.path(), || looks.replace(looks.get() + 1) < 2);
        assert!(waited.unwrap().is_none());
        assert_eq!(looks.get(), 3);
        drop(claim);
        assert!(Claim::of(directory.path(), || false).unwrap().is_some());
    }
}
