//! [`Moves`]: files of a data set that change places together or not at all. They are written down before the first is moved, so
//! that whoever finds them half done, be it another process long after, can take them back.

use super::claim::is_same;
use crate::sink::manifest::is_below;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, Metadata},
    io::{self, Write},
    path::Path,
};

/// What they are written down in, in the directory of the commit.
const NAME: &str = "_moves.json";

/// Files from where to where, below the directory of the data set. No two go to one place, and nothing is where one goes to, or
/// it is moved before.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Moves(pub(super) Vec<(String, String)>);

impl Moves {
    /// Writes them down in the directory of a commit.
    pub(super) fn write(&self, commit: &Path) -> io::Result<()> {
        write_down(&commit.join(NAME), &serde_json::to_vec(self)?)?;
        // The name of the file as well. Not every file system can be asked to.
        let _ = File::open(commit).and_then(|directory| directory.sync_all());
        Ok(())
    }

    /// Those that are written down in the directory of a commit. None also if they are not whole: then none was begun.
    pub(super) fn read(commit: &Path) -> Option<Self> {
        let moves: Moves = serde_json::from_slice(&fs::read(commit.join(NAME)).ok()?).ok()?;
        moves.0.iter().all(|(from, to)| is_below(from) && is_below(to)).then_some(moves)
    }

    /// Moves the files, below `root`.
    ///
    /// # Errors
    /// `AlreadyExists` for a file that is not there by these moves: it is left alone.
    pub(super) fn apply(&self, root: &Path) -> io::Result<()> {
        self.0.iter().try_for_each(|(from, to)| place(&root.join(from), &root.join(to)))
    }

    /// Takes back those that were done, and removes what they are written down in.
    pub(super) fn take_back(&self, root: &Path, commit: &Path) -> io::Result<()> {
        for (from, to) in self.0.iter().rev() {
            let (from, to) = (root.join(from), root.join(to));
            match (there(&from)?, there(&to)?) {
                (Some(one), Some(other)) if is_same(&one, &other) => fs::remove_file(&to)?,
                (None, Some(_)) => {
                    make_above(&from)?;
                    fs::rename(&to, &from)?;
                }
                // It was not moved.
                _ => {}
            }
        }
        remove_empty(root, self.0.iter().map(|(_, to)| to.as_str()));
        fs::remove_file(commit.join(NAME))
    }
}

/// Writes a file that is there, whole, before anything that is done afterwards, even if the machine stops.
pub(super) fn write_down(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts a file where none is.
pub(super) fn place(from: &Path, to: &Path) -> io::Result<()> {
    make_above(to)?;
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from).inspect_err(|_| drop(fs::remove_file(to))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Not every file system has links.
        Err(_) if there(to)?.is_some() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// Removes the directories above these files that are empty.
pub(super) fn remove_empty<'a>(root: &Path, files: impl Iterator<Item = &'a str>) {
    for file in files {
        let directories = Path::new(file).ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
        // Those that still hold something stay.
        for directory in directories {
            let _ = fs::remove_dir(root.join(directory));
        }
    }
}

fn make_above(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)
}

fn there(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory whose files `one` and `two` are of texts of the same names, and moves that take one away for another.
    fn files() -> (tempfile::TempDir, Moves) {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("own")).unwrap();
        for name in ["one", "two", "own/new", "own/more"] {
            fs::write(directory.path().join(name), name).unwrap();
        }
        let moves = [("one", "own/old/one"), ("own/new", "one"), ("two", "own/old/a/two"), ("own/more", "a/b/more")];
        (directory, Moves(moves.map(|(from, to)| (from.to_owned(), to.to_owned())).into()))
    }

    fn texts<const N: usize>(root: &Path, names: [&str; N]) -> [String; N] {
        names.map(|name| fs::read_to_string(root.join(name)).unwrap())
    }

    #[test]
    fn moves_are_taken_back_wherever_they_broke_off() {
        for done in 0..=4 {
            for is_halfway in [false, true] {
                let (directory, moves) = files();
                let (root, commit) = (directory.path(), directory.path().join("own"));
                moves.write(&commit).unwrap();
                Moves(moves.0[..done].to_vec()).apply(root).unwrap();
                if let Some((from, to)) = moves.0.get(done).filter(|_| is_halfway) {
                    // A file is under both names for a moment.
                    make_above(&root.join(to)).unwrap();
                    fs::hard_link(root.join(from), root.join(to)).unwrap();
                }
                assert_eq!(Moves::read(&commit).unwrap(), moves);
                moves.take_back(root, &commit).unwrap();
                let names = ["one", "two", "own/new", "own/more"];
                assert_eq!(texts(root, names), names, "{done} {is_halfway}");
                assert!(!root.join("a").exists() && !root.join("own/old").exists() && !commit.join(NAME).exists());
                assert_eq!(Moves::read(&commit), None);
            }
        }
    }

    #[test]
    fn moves_that_are_done_leave_each_file_in_its_place() {
        let (directory, moves) = files();
        moves.apply(directory.path()).unwrap();
        let names = ["one", "a/b/more", "own/old/one", "own/old/a/two"];
        assert_eq!(texts(directory.path(), names), ["own/new", "own/more", "one", "two"]);
        assert!(!directory.path().join("own/new").exists());
    }

    #[test]
    fn a_file_of_somebody_else_is_neither_replaced_nor_taken_away() {
        let (directory, moves) = files();
        let (root, commit) = (directory.path(), directory.path().join("own"));
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/b/more"), "theirs").unwrap();
        moves.write(&commit).unwrap();
        assert_eq!(moves.apply(root).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        moves.take_back(root, &commit).unwrap();
        assert_eq!(texts(root, ["one", "two", "own/more", "a/b/more"]), ["one", "two", "own/more", "theirs"]);
    }

    #[test]
    fn what_is_damaged_or_leads_out_of_the_directory_is_not_followed() {
        let (directory, moves) = files();
        moves.write(directory.path()).unwrap();
        let text = fs::read_to_string(directory.path().join(NAME)).unwrap();
        for damaged in [&text[..text.len() - 1], text.replace("own/new", "../new").as_str(), ""] {
            fs::write(directory.path().join(NAME), damaged).unwrap();
            assert_eq!(Moves::read(directory.path()), None);
        }
    }
}
