//! `.npy` files, written by many tasks at once: every task puts its elements at their places in a file under another name, and
//! when all of them are there, the file gets its own. What breaks off leaves nothing behind.

use super::{header, sides};
use crate::grid::{Axis, Grid};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    ops::Range,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use stratal_core::{
    Error, ErrorKind, Result,
    value::{Chunk, DType},
};
use stratal_stores::Place;

/// Shorter runs than this are not written one by one: the array is cut otherwise first.
const RUN: usize = 4096;
/// Digits of the number in the name of a stacked file, at least.
const DIGITS: usize = 5;

/// A file, or a directory of one file for each index of the first axis, that is being written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NpyTarget {
    /// Where it will be.
    place: Place,
    path: PathBuf,
    /// Where it is until it is whole.
    temporary: PathBuf,
    overwrite: bool,
    /// Files in the directory, where it is one.
    stacked: Option<usize>,
    dtype: DType,
    /// Of one file.
    shape: Vec<usize>,
}

fn digits(files: usize) -> usize {
    files.saturating_sub(1).to_string().len().max(DIGITS)
}

impl NpyTarget {
    /// What is to be written. Touches nothing.
    ///
    /// # Errors
    /// `BadValue`, `Shape` for what cannot be written there.
    pub(crate) fn plan(path: &str, overwrite: bool, dtype: DType, shape: &[usize]) -> Result<Self> {
        let place = Place::of(path, &[])?;
        let Some(local) = place.local() else {
            return Err(Error::new(ErrorKind::BadValue, format!(".npy files are written to the file system, and {path} is elsewhere"))
                .with_help("to_zarr writes to buckets"));
        };
        let (Some(name), Some(directory)) = (local.file_name().and_then(|name| name.to_str()), local.parent()) else {
            return Err(Error::new(ErrorKind::BadValue, format!("{path:?} names no file")));
        };
        let is_stack = path.ends_with('/') || local.extension().is_none();
        let (stacked, shape) = match (is_stack, shape.split_first()) {
            (false, _) => (None, shape.to_vec()),
            (true, Some((files, inner))) => (Some(*files), inner.to_vec()),
            (true, None) => {
                let error = Error::new(ErrorKind::Shape, "an array of no axes is no stack of files");
                return Err(error.with_help(format!("name one file: {path}.npy")));
            }
        };
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let temporary = directory.join(format!(".{name}.{}-{since}.part", std::process::id()));
        Ok(NpyTarget { path: local.clone(), temporary, place, overwrite, stacked, dtype, shape })
    }

    /// Where it will be.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Whether what is there may be replaced.
    pub(crate) fn overwrites(&self) -> bool {
        self.overwrite
    }

    /// Begins to write.
    ///
    /// # Errors
    /// `Exists` for what is there and may not be replaced; what the operating system reports.
    pub(crate) fn begin(&self) -> Result<()> {
        self.check_free()?;
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory).map_err(|error| self.place.blame(&error))?;
        }
        let begun = match self.stacked {
            Some(_) => fs::create_dir(&self.temporary),
            None => File::create(&self.temporary).map(drop),
        };
        begun.map_err(|error| self.place.blame(&error))
    }

    /// Fails where something is at the path that may not be replaced.
    fn check_free(&self) -> Result<()> {
        let Ok(meta) = fs::symlink_metadata(&self.path) else { return Ok(()) };
        let exists =
            |message: &str, help: &str| Err(Error::new(ErrorKind::Exists, message).in_file(self.place.show(), None, None).with_help(help));
        let replace = "remove it, or NpyWrite::new(path).overwrite()";
        match (self.stacked.is_some(), meta.is_dir()) {
            (false, true) => exists("this is a directory", "name a file in it"),
            (true, false) if meta.is_file() => {
                exists("this is a file, and a directory is written", "name a directory, or a file with its ending: x.npy")
            }
            (false, false) if !self.overwrite => exists("the file exists already", replace),
            (true, true) => {
                let names = fs::read_dir(&self.path).map_err(|error| self.place.blame(&error))?;
                let names: Vec<PathBuf> = names.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
                if let Some(other) = names.iter().find(|path| path.extension().is_none_or(|ending| ending != "npy")) {
                    return exists(&format!("the directory holds more than .npy files: {}", other.display()), "name another directory");
                }
                if self.overwrite || names.is_empty() { Ok(()) } else { exists("the directory holds files already", replace) }
            }
            _ => Ok(()),
        }
    }

    /// The grid in which the array is written: its own, unless that would be many short runs.
    pub(crate) fn grid(&self, own: &Grid, bytes: u64) -> Grid {
        let outer = usize::from(self.stacked.is_some());
        let inner = &own.axes[outer..];
        let largest: Vec<usize> = inner.iter().map(Axis::largest).collect();
        let (axis, run) = self.run(&largest);
        if axis == 0 || run >= RUN {
            return own.clone();
        }
        let order: Vec<usize> = (0..inner.len()).rev().collect();
        let (sides, _) = sides(&self.shape, &order, (bytes / self.dtype.size() as u64).max(1) as usize);
        let inner = self.shape.iter().zip(sides).map(|(len, side)| Axis::regular(*len, side));
        Grid::new(own.axes[..outer].iter().cloned().chain(inner).collect())
    }

    /// The axis from which on a box of these lengths is written in one go, and the bytes of that.
    fn run(&self, lens: &[usize]) -> (usize, usize) {
        let (mut axis, mut bytes) = (lens.len(), self.dtype.size());
        while axis > 0 {
            axis -= 1;
            bytes *= lens[axis];
            if lens[axis] < self.shape[axis] {
                break;
            }
        }
        (axis, bytes)
    }

    fn file(&self, nth: usize) -> PathBuf {
        match self.stacked {
            None => self.temporary.clone(),
            Some(files) => self.temporary.join(format!("{nth:0width$}.npy", width = digits(files))),
        }
    }

    /// Puts the elements of a box where they stand. Done twice, it is the same.
    ///
    /// # Errors
    /// What the operating system reports.
    pub(crate) fn put(&self, bounds: &[Range<usize>], chunk: &Chunk) -> Result<()> {
        let chunk = chunk.compact();
        let bytes = chunk.as_bytes().ok_or_else(|| Error::internal("a compact chunk is not contiguous"))?;
        match (self.stacked, bounds.split_first()) {
            (Some(_), Some((files, inner))) => {
                let each = bytes.len() / files.len().max(1);
                for (nth, file) in files.clone().enumerate() {
                    self.put_in(&self.file(file), inner, &bytes[nth * each..(nth + 1) * each])?;
                }
                Ok(())
            }
            _ => self.put_in(&self.temporary, bounds, bytes),
        }
    }

    fn put_in(&self, path: &Path, bounds: &[Range<usize>], bytes: &[u8]) -> Result<()> {
        let head = header::write(self.dtype, &self.shape);
        let written = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().create(self.stacked.is_some()).truncate(false).write(true).open(path)?;
            // The box with the first element brings the header.
            if bounds.iter().all(|range| range.start == 0) {
                file.write_all(&head)?;
            }
            if bytes.is_empty() {
                return Ok(());
            }
            let lens = crate::grid::lens(bounds);
            let (axis, run) = self.run(&lens);
            let size = self.dtype.size() as u64;
            for (nth, part) in bytes.chunks_exact(run).enumerate() {
                let (mut rest, mut at, mut unit) = (nth, 0u64, size);
                for inner in (0..lens.len()).rev() {
                    let step = if inner < axis { rest % lens[inner] } else { 0 };
                    if inner < axis {
                        rest /= lens[inner];
                    }
                    at += (bounds[inner].start + step) as u64 * unit;
                    unit *= self.shape[inner] as u64;
                }
                file.seek(SeekFrom::Start(head.len() as u64 + at))?;
                file.write_all(part)?;
            }
            Ok(())
        };
        written().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::new(ErrorKind::NotFound, "the file that was begun is not there")
                .in_file(path.display().to_string(), None, None)
                .with_help("all workers write to one directory: name one that they share, or use to_zarr with a bucket"),
            std::io::ErrorKind::StorageFull => Error::new(ErrorKind::Disk, error.to_string())
                .in_file(path.display().to_string(), None, None)
                .with_help("make room, or name another place"),
            _ => Error::from(error).in_file(path.display().to_string(), None, None),
        })
    }

    /// Gives the file its name, when all boxes are put.
    ///
    /// # Errors
    /// `Io` where it is not whole; `Exists` for what came there meanwhile; what the operating system reports.
    pub(crate) fn finish(&self) -> Result<()> {
        let blame = |error: std::io::Error| self.place.blame(&error);
        self.check_free()?;
        let elements = self.shape.iter().map(|len| *len as u64).product::<u64>() * self.dtype.size() as u64;
        let expected = header::write(self.dtype, &self.shape).len() as u64 + elements;
        for nth in 0..self.stacked.unwrap_or(1) {
            let path = self.file(nth);
            let file = File::open(&path).map_err(blame)?;
            let len = file.metadata().map_err(blame)?.len();
            if len != expected {
                let message = format!("{} has {len} bytes of {expected}", path.display());
                return Err(Error::new(ErrorKind::Io, message)
                    .in_file(self.place.show(), None, None)
                    .with_help("do all workers write to the same file system?"));
            }
            file.sync_all().map_err(blame)?;
        }
        let mut aside = None;
        if self.stacked.is_some() && self.path.is_dir() {
            let old = self.temporary.with_extension("old");
            fs::rename(&self.path, &old).map_err(blame)?;
            aside = Some(old);
        }
        fs::rename(&self.temporary, &self.path).map_err(blame)?;
        match aside {
            Some(old) => fs::remove_dir_all(old).map_err(blame),
            None => Ok(()),
        }
    }

    /// Leaves nothing behind of what was not finished.
    pub(crate) fn abandon(&self) {
        // What cannot be removed is named as what it is.
        let _ = match self.stacked {
            Some(_) => fs::remove_dir_all(&self.temporary),
            None => fs::remove_file(&self.temporary),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::npy::NpyFiles;

    fn begun(path: &str, overwrite: bool) -> Result<NpyTarget> {
        let target = NpyTarget::plan(path, overwrite, DType::I32, &[5, 7])?;
        target.begin().map(|()| target)
    }

    fn scratch(name: &str) -> String {
        std::env::temp_dir().join(format!("stratal-npy-{}-{name}", std::process::id())).to_str().unwrap().to_owned()
    }

    fn counted(bounds: &[Range<usize>], shape: [usize; 2]) -> Chunk {
        let items: Vec<i32> = bounds[0].clone().flat_map(|a| bounds[1].clone().map(move |b| (a * shape[1] + b) as i32)).collect();
        Chunk::new(DType::I32, &crate::grid::lens(bounds), items.into()).unwrap()
    }

    #[test]
    fn boxes_in_any_order_make_the_file() {
        for name in ["one.npy", "stack"] {
            let path = scratch(name);
            let target = begun(&path, false).unwrap();
            for bounds in [[3..5, 4..7], [0..3, 0..4], [3..5, 0..4], [0..3, 4..7], [0..3, 0..4]] {
                target.put(&bounds, &counted(&bounds, [5, 7])).unwrap();
            }
            target.finish().unwrap();
            let read = NpyFiles::open(&if name == "stack" { format!("{path}/*.npy") } else { path.clone() }, &[]).unwrap();
            let whole = read.block(&[0..5, 0..7]).unwrap();
            assert_eq!(whole.as_bytes(), counted(&[0..5, 0..7], [5, 7]).as_bytes(), "{name}");
            let error = begun(&path, false).unwrap_err();
            assert!(error.kind() == ErrorKind::Exists && error.help().unwrap().contains("overwrite"), "{error}");
            begun(&path, true).unwrap().abandon();
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
        }
    }

    #[test]
    fn a_file_that_is_not_whole_gets_no_name() {
        let path = scratch("half.npy");
        let target = begun(&path, false).unwrap();
        target.put(&[0..3, 0..7], &counted(&[0..3, 0..7], [5, 7])).unwrap();
        assert!(target.finish().unwrap_err().message().contains("bytes of"));
        target.abandon();
        assert!(!Path::new(&path).exists() && !target.temporary.exists());
    }
}
