//! A commit on a file system: renames, undone if one of them fails.

use super::{WriteSummary, place_of, plan};
use crate::sink::{
    found::found,
    manifest::{Entry, Manifest, NAME},
    options::Mode,
    piece::{Piece, Place},
    prepare::allowed,
    target::{Layout, Target},
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};
use stratal_core::{Error, ErrorKind, Result};

/// The directory, in that of the write, of what is replaced.
const OLD: &str = "old";

pub(super) fn commit(target: &Target, pieces: &[Piece]) -> Result<WriteSummary> {
    // From here on the directory is the commit's alone. Whoever gives the write up sweeps what stands under its first name, and
    // does not touch what was there before, which is kept in it for a while.
    fs::rename(target.scratch(), target.committing()).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::new(ErrorKind::Cancelled, "the write was given up before it was committed"),
        _ => target.blame(error),
    })?;
    match target.layout {
        Layout::File => {
            let done = file(target, pieces);
            target.clear();
            done
        }
        Layout::Directory => directory(target, pieces),
    }
}

/// Where a piece was written.
fn written(target: &Target, piece: &Piece) -> Result<PathBuf> {
    match &piece.place {
        Place::Scratch(name) => Ok(target.committing().join(name)),
        Place::Upload { .. } => Err(Error::internal("an upload on a file system")),
    }
}

/// One file, put together from those of all partitions.
fn file(target: &Target, pieces: &[Piece]) -> Result<WriteSummary> {
    allowed(target, &found(target)?)?;
    let [first, rest @ ..] = pieces else { return Err(Error::internal("a file was written by nobody")) };
    let whole = written(target, first)?;
    let others = rest.iter().map(|piece| written(target, piece)).collect::<Result<Vec<PathBuf>>>()?;
    let put_together = append(&whole, &others).and_then(|()| put(&whole, &target.on_disk(), target.mode));
    put_together.map_err(|error| target.blame(error))?;
    Ok(WriteSummary::of(pieces, 1))
}

fn append(whole: &Path, others: &[PathBuf]) -> io::Result<()> {
    if others.is_empty() {
        return Ok(());
    }
    let mut whole = File::options().append(true).open(whole)?;
    for other in others {
        io::copy(&mut File::open(other)?, &mut whole)?;
        // Of what is twice there one is enough.
        fs::remove_file(other)?;
    }
    Ok(())
}

/// Puts a file where it belongs. Where nothing may be replaced, that is looked at in the same step.
fn put(from: &Path, to: &Path, mode: Mode) -> io::Result<()> {
    if mode == Mode::Create {
        match fs::hard_link(from, to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            Ok(()) => return Ok(()),
            // Not every file system has links.
            Err(_) => {}
        }
    }
    fs::rename(from, to)
}

/// A data set. What was there is whole until the new files are, and comes back if one of them cannot be put in place.
fn directory(target: &Target, pieces: &[Piece]) -> Result<WriteSummary> {
    let (manifest, gone) = plan(target, pieces).inspect_err(|_| target.clear())?;
    let mut moves = Moves::default();
    if let Err(error) = replace(target, pieces, &manifest, &gone, &mut moves) {
        if moves.undo() {
            target.clear();
            return Err(error);
        }
        let help = format!("what was there before could not be put back; it is in {}", target.committing().join(OLD).display());
        return Err(error.with_help(help));
    }
    let root = target.on_disk();
    for file in &gone {
        let directories = Path::new(&file.path).ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
        // Those that still hold something stay.
        for directory in directories {
            let _ = fs::remove_dir(root.join(directory));
        }
    }
    target.clear();
    Ok(WriteSummary::of(pieces, pieces.len()))
}

fn replace(target: &Target, pieces: &[Piece], manifest: &Manifest, gone: &[Entry], moves: &mut Moves) -> Result<()> {
    let (root, scratch) = (target.on_disk(), target.committing());
    let blame = |error| target.blame(error);
    fs::create_dir_all(scratch.join(OLD)).map_err(blame)?;
    for (nth, file) in gone.iter().enumerate() {
        let path = root.join(&file.path);
        if path.exists() {
            moves.rename(path, scratch.join(OLD).join(nth.to_string())).map_err(blame)?;
        }
    }
    for piece in pieces {
        let path = root.join(place_of(target, piece));
        moves.rename(written(target, piece)?, path).map_err(blame)?;
    }
    let new = scratch.join(NAME);
    fs::write(&new, manifest.to_bytes()?).and_then(|()| fs::rename(&new, root.join(NAME))).map_err(blame)
}

/// Renames that can be undone.
#[derive(Default)]
struct Moves {
    renamed: Vec<(PathBuf, PathBuf)>,
    made: Vec<PathBuf>,
}

impl Moves {
    /// Renames a file; makes the directories that it takes.
    fn rename(&mut self, from: PathBuf, to: PathBuf) -> io::Result<()> {
        if let Some(directory) = to.parent() {
            let missing: Vec<PathBuf> = directory.ancestors().take_while(|above| !above.exists()).map(Path::to_owned).collect();
            fs::create_dir_all(directory)?;
            self.made.extend(missing.into_iter().rev());
        }
        fs::rename(&from, &to)?;
        self.renamed.push((from, to));
        Ok(())
    }

    /// Undoes all; whether that could be done.
    fn undo(&mut self) -> bool {
        let mut all = true;
        for (from, to) in self.renamed.drain(..).rev() {
            all &= fs::rename(to, from).is_ok();
        }
        for directory in self.made.drain(..).rev() {
            let _ = fs::remove_dir(directory);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_are_undone_with_the_directories_that_they_made() {
        let directory = tempfile::tempdir().unwrap();
        let at = |path: &str| directory.path().join(path);
        fs::write(at("one"), "1").unwrap();
        fs::write(at("two"), "2").unwrap();
        let mut moves = Moves::default();
        moves.rename(at("one"), at("a/b/one")).unwrap();
        moves.rename(at("two"), at("one")).unwrap();
        assert!(moves.rename(at("none"), at("c/none")).is_err());
        assert_eq!(fs::read_to_string(at("one")).unwrap(), "2");
        assert!(moves.undo());
        assert_eq!((fs::read_to_string(at("one")).unwrap(), fs::read_to_string(at("two")).unwrap()), ("1".to_owned(), "2".to_owned()));
        assert!(!at("a").exists() && !at("c").exists());
    }

    #[test]
    fn a_file_is_created_only_where_none_is() {
        let directory = tempfile::tempdir().unwrap();
        let at = |path: &str| directory.path().join(path);
        fs::write(at("new"), "new").unwrap();
        fs::write(at("old"), "old").unwrap();
        assert_eq!(put(&at("new"), &at("old"), Mode::Create).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        put(&at("new"), &at("other"), Mode::Create).unwrap();
        put(&at("new"), &at("old"), Mode::Overwrite).unwrap();
        assert_eq!((fs::read_to_string(at("old")).unwrap(), fs::read_to_string(at("other")).unwrap()), ("new".into(), "new".into()));
    }
}
