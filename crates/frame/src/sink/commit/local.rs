//! A commit on a file system: renames, taken back if one of them fails. One at a time changes a directory, and what an earlier one
//! left undone there, because its process died, is taken back before.

use super::{
    WriteSummary,
    claim::Claim,
    entries,
    moves::{Moves, place, remove_empty, write_down},
    next,
};
use crate::sink::{
    found::found,
    manifest::{Entry, NAME},
    options::Mode,
    piece::{Piece, Place},
    prepare::{allowed, choose_names, look},
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

/// `may_wait` says whether it may go on waiting for other commits to the same directory.
pub(super) fn commit(target: &Target, pieces: &[Piece], may_wait: &dyn Fn() -> bool) -> Result<WriteSummary> {
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
        Layout::Directory => {
            let done = directory(target, pieces, may_wait);
            // What could not be taken back is in it: the next commit to the directory tries again.
            if !is_open(&target.committing()) {
                target.clear();
            }
            done
        }
    }
}

/// The name of a piece in the directory of the commit.
fn written(piece: &Piece) -> Result<&str> {
    match &piece.place {
        Place::Scratch(name) => Ok(name),
        Place::Upload { .. } => Err(Error::internal("an upload on a file system")),
    }
}

/// One file, put together from those of all partitions.
fn file(target: &Target, pieces: &[Piece]) -> Result<WriteSummary> {
    allowed(target, &found(target)?)?;
    let [first, rest @ ..] = pieces else { return Err(Error::internal("a file was written by nobody")) };
    let path = |piece: &Piece| -> Result<PathBuf> { Ok(target.committing().join(written(piece)?)) };
    let whole = path(first)?;
    let others = rest.iter().map(path).collect::<Result<Vec<PathBuf>>>()?;
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
    if mode == Mode::Create { place(from, to) } else { fs::rename(from, to) }
}

/// A data set, while no other commit is at work in its directory.
fn directory(target: &Target, pieces: &[Piece], may_wait: &dyn Fn() -> bool) -> Result<WriteSummary> {
    let (root, scratch) = (target.on_disk(), target.committing());
    let claim = Claim::of(&root, may_wait).map_err(|error| target.blame(error))?.ok_or_else(Error::cancelled)?;
    take_back_all(&root, &claim).map_err(|(left, error)| {
        let help = format!("a write whose process died in the middle of its commit left {}, and that cannot be put back", left.display());
        target.blame(error).with_help(help)
    })?;
    let (moves, gone) = note(target, pieces)?;
    // With the manifest in its place the commit is done; until then it can be taken back.
    let Err(error) = moves.apply(&root).and_then(|()| fs::rename(scratch.join(NAME), root.join(NAME))) else {
        remove_empty(&root, gone.iter().map(|file| file.path.as_str()));
        return Ok(WriteSummary::of(pieces, pieces.len()));
    };
    let error = match error.kind() {
        io::ErrorKind::AlreadyExists => Error::new(ErrorKind::Exists, "others have put files there while the write was at work")
            .in_file(target.shown(), None, None)
            .with_help("try again"),
        _ => target.blame(error),
    };
    Err(match moves.take_back(&root, &scratch) {
        Ok(()) => error,
        Err(_) => error.with_help(format!("what was there before could not be put back, and is in {}", scratch.join(OLD).display())),
    })
}

/// Notes in the directory of the commit what is to be moved and the manifest that comes after it. Gives the files that go, too.
pub(super) fn note(target: &Target, pieces: &[Piece]) -> Result<(Moves, Vec<Entry>)> {
    // Others may have been here since the write was planned.
    let mut target = target.clone();
    let there = look(&target)?;
    let partitions = pieces.iter().map(|piece| piece.partition as usize + 1).max().unwrap_or_default();
    choose_names(&mut target, &there, partitions);
    let own = entries(&target, pieces);
    let (manifest, gone) = next(&target, there.manifest, &own);
    let (root, scratch, inside) = (target.on_disk(), target.committing(), target.committing_name());
    let away = gone.iter().filter(|file| root.join(&file.path).exists());
    let mut all: Vec<(String, String)> = away.map(|file| (file.path.clone(), format!("{inside}/{OLD}/{}", file.path))).collect();
    for (piece, file) in pieces.iter().zip(&own) {
        all.push((format!("{inside}/{}", written(piece)?), file.path.clone()));
    }
    let (moves, bytes) = (Moves(all), manifest.to_bytes()?);
    let noted = write_down(&scratch.join(NAME), &bytes).and_then(|()| moves.write(&scratch));
    noted.map_err(|error| target.blame(error))?;
    Ok((moves, gone))
}

/// Whether a commit has begun in this directory of it to change anything, and was neither completed nor taken back.
fn is_open(commit: &Path) -> bool {
    commit.join(NAME).exists() && Moves::read(commit).is_some()
}

/// Takes back the commits to a directory that nobody completes any more: whoever has the claim to it knows that none is at work.
fn take_back_all(root: &Path, claim: &Claim) -> Result<(), (PathBuf, io::Error)> {
    if !claim.is_sure() {
        return Ok(());
    }
    let commits = fs::read_dir(root).map_err(|error| (root.to_owned(), error))?.flatten();
    for commit in commits.filter(|entry| Target::is_committing(&entry.file_name().to_string_lossy())) {
        let commit = commit.path();
        // One without moves waits for the claim.
        let Some(moves) = Moves::read(&commit) else { continue };
        if is_open(&commit) {
            moves.take_back(root, &commit).map_err(|error| (commit.clone(), error))?;
        }
        // Nothing is in it that anybody needs.
        let _ = fs::remove_dir_all(&commit);
    }
    Ok(())
}

/// Takes back the commit of a write, if it is not at work.
pub(super) fn take_back(target: &Target) {
    if is_open(&target.committing())
        && let Ok(Some(claim)) = Claim::if_free(&target.on_disk())
    {
        // Else the next commit tries again.
        let _ = take_back_all(&target.on_disk(), &claim);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_created_only_where_none_is() {
        let directory = tempfile::tempdir().unwrap();
        let at = |path: &str| directory.path().join(path);
        for name in ["new", "newer"] {
            fs::write(at(name), name).unwrap();
        }
        fs::write(at("old"), "old").unwrap();
        assert_eq!(put(&at("new"), &at("old"), Mode::Create).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        put(&at("new"), &at("other"), Mode::Create).unwrap();
        put(&at("newer"), &at("old"), Mode::Overwrite).unwrap();
        assert_eq!((fs::read_to_string(at("old")).unwrap(), fs::read_to_string(at("other")).unwrap()), ("newer".into(), "new".into()));
    }
}
