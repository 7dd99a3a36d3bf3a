//! Directories that are made once, and the files in them.

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};
use stratal::{Error, Result};

/// A directory that `make` fills, unless that was done before. What it leaves unfinished is not taken for finished.
///
/// # Errors
/// What `make` and the file system refuse.
pub(super) fn once(data: &Path, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let directory = data.join(name);
    if !directory.is_dir() {
        eprintln!("making {}", directory.display());
        let unfinished = data.join(format!("{name}.unfinished"));
        if unfinished.is_dir() {
            fs::remove_dir_all(&unfinished)?;
        }
        fs::create_dir_all(&unfinished)?;
        make(&unfinished)?;
        fs::rename(&unfinished, &directory)?;
    }
    Ok(directory)
}

/// `parquet: 312.5 MiB in 26 files`
///
/// # Errors
/// What the file system refuses.
pub(crate) fn size(name: &str, directory: &Path) -> Result<String> {
    let (mut bytes, mut files, mut open) = (0, 0, vec![directory.to_owned()]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                open.push(entry.path());
            } else {
                bytes += metadata.len();
                files += 1;
            }
        }
    }
    Ok(format!("{name}: {:.1} MiB in {files} files", bytes as f64 / f64::from(1 << 20)))
}

/// Does each job on one of several threads.
///
/// # Errors
/// The first of the jobs' errors.
pub(super) fn each<J: Sync>(threads: usize, jobs: &[J], work: impl Fn(&J) -> Result<()> + Sync) -> Result<()> {
    let next = AtomicUsize::new(0);
    let run = || -> Result<()> {
        while let Some(job) = jobs.get(next.fetch_add(1, Relaxed)) {
            work(job)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(run)).collect();
        let ends = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(Error::internal("making data panicked"))));
        // All are waited for, whichever failed.
        ends.collect::<Vec<Result<()>>>().into_iter().collect()
    })
}

/// Writes a Parquet file.
///
/// # Errors
/// Those of the batches, and what the file system refuses.
pub(super) fn parquet(path: &Path, schema: SchemaRef, batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>) -> Result<()> {
    let compression = Compression::ZSTD(ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(File::create(path)?, schema, Some(properties)).map_err(ArrowError::from)?;
    for batch in batches {
        writer.write(&batch?).map_err(ArrowError::from)?;
    }
    writer.close().map_err(ArrowError::from)?;
    Ok(())
}

/// Writes a CSV file with a header.
///
/// # Errors
/// Those of the batches, and what the file system refuses.
pub(super) fn csv(path: &Path, batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>) -> Result<()> {
    let mut writer = arrow_csv::Writer::new(File::create(path)?);
    for batch in batches {
        writer.write(&batch?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use stratal::ErrorKind;

    #[test]
    fn what_was_made_is_not_made_again_and_what_failed_is() {
        let data = tempfile::tempdir().unwrap();
        let failed = once(data.path(), "x", |directory| {
            fs::write(directory.join("half"), "1")?;
            Err(Error::new(ErrorKind::Disk, "full"))
        });
        assert!(failed.is_err());
        let made = once(data.path(), "x", |directory| {
            fs::create_dir(directory.join("c"))?;
            fs::write(directory.join("c/0"), vec![0u8; 1 << 19])?;
            Ok(fs::write(directory.join("whole"), "1")?)
        })
        .unwrap();
        assert_eq!(size("x", &made).unwrap(), "x: 0.5 MiB in 2 files");
        let again = once(data.path(), "x", |_| Err(Error::internal("made twice"))).unwrap();
        assert!(again.join("whole").is_file());
    }

    #[test]
    fn every_job_is_done_once_and_an_error_is_told() {
        let done = Mutex::new(Vec::new());
        each(3, &[1, 2, 3, 4, 5], |job| {
            done.lock().unwrap().push(*job);
            Ok(())
        })
        .unwrap();
        let mut done = done.into_inner().unwrap();
        done.sort_unstable();
        assert_eq!(done, [1, 2, 3, 4, 5]);
        let failed = each(2, &[1, 2, 3], |job| if *job == 2 { Err(Error::internal("no")) } else { Ok(()) });
        assert!(failed.is_err());
    }
}
