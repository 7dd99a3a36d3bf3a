//! [`Place`]: a file or a directory at a site, and its bytes.

use crate::{Site, of_store, wait_here};
use object_store::{ObjectStore, ObjectStoreExt, path::Path as ObjectPath, prefix::PrefixStore};
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};
use stratal_core::{Error, ErrorKind, Result};

/// Ranges that are asked of a store at once.
const AT_ONCE: usize = 256;

/// A path at a site: a file, a directory, or the prefix of what is below.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Where the path is.
    pub site: Site,
    /// Without a slash at either end.
    pub path: String,
}

impl Place {
    /// A user's path or URL.
    ///
    /// # Errors
    /// As [`Site::of`].
    pub fn of(path: &str, storage: &[(String, String)]) -> Result<Place> {
        let (site, path) = Site::of(path, storage)?;
        Ok(Place { site, path: path.into() })
    }

    /// As users write it: `/data/x.npy` or `s3://bucket/x.npy`.
    pub fn show(&self) -> String {
        self.site.show(&self.path)
    }

    /// The path in the file system, where it is there.
    pub fn local(&self) -> Option<PathBuf> {
        self.site.is_local().then(|| Path::new("/").join(&self.path))
    }

    /// The path as stores take it.
    fn object(&self) -> Result<ObjectPath> {
        ObjectPath::parse(&self.path).map_err(|error| Error::new(ErrorKind::BadValue, format!("{:?} is no path: {error}", self.show())))
    }

    /// The store of what is below it.
    ///
    /// # Errors
    /// As [`Site::store`]; `BadValue` for a path that no store can have.
    pub fn below(&self) -> Result<PrefixStore<Arc<dyn ObjectStore>>> {
        Ok(PrefixStore::new(self.site.store()?, self.object()?))
    }

    /// Whether one is inside the other, or they are the same.
    pub fn overlaps(&self, other: &Place) -> bool {
        let inside = |inner: &str, outer: &str| outer.is_empty() || inner == outer || inner.starts_with(&format!("{outer}/"));
        self.site.root() == other.site.root() && (inside(&self.path, &other.path) || inside(&other.path, &self.path))
    }

    /// Bytes of the file.
    ///
    /// # Errors
    /// `NotFound` where there is none; what the store reports.
    pub fn size(&self) -> Result<u64> {
        match self.local() {
            Some(path) => {
                let meta = std::fs::metadata(path).map_err(|error| self.blame(&error))?;
                match meta.is_dir() {
                    false => Ok(meta.len()),
                    true => {
                        Err(Error::new(ErrorKind::BadValue, "this is a directory, and a file is read").in_file(self.show(), None, None))
                    }
                }
            }
            None => {
                let (store, path) = (self.site.store()?, self.object()?);
                let meta = wait_here(store.head(&path)).map_err(|error| of_store(error, &self.show()))?;
                Ok(meta.size)
            }
        }
    }

    /// Some bytes.
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    pub fn bytes(&self, at: u64, len: usize) -> Result<Vec<u8>> {
        let mut out = vec![0; len];
        self.fill(&[at], &mut out)?;
        Ok(out)
    }

    /// Reads as many bytes from each of these places in the file, one after another into `out`, which they fill together.
    ///
    /// # Errors
    /// `BadValue` where the file ends before; what the store reports.
    pub fn fill(&self, at: &[u64], out: &mut [u8]) -> Result<()> {
        let len = out.len() / at.len().max(1);
        if len == 0 {
            return Ok(());
        }
        match self.local() {
            Some(path) => self.fill_from_file(&path, at, len, out),
            None => self.fill_from_store(at, len, out),
        }
    }

    fn fill_from_file(&self, path: &Path, at: &[u64], len: usize, out: &mut [u8]) -> Result<()> {
        let mut file = File::open(path).map_err(|error| self.blame(&error))?;
        for (at, out) in at.iter().zip(out.chunks_exact_mut(len)) {
            file.seek(SeekFrom::Start(*at)).map_err(|error| self.blame(&error))?;
            file.read_exact(out).map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => self.cut_off(*at, len as u64, file.metadata().map(|meta| meta.len()).ok()),
                _ => self.blame(&error),
            })?;
        }
        Ok(())
    }

    fn fill_from_store(&self, at: &[u64], len: usize, out: &mut [u8]) -> Result<()> {
        let (store, path) = (self.site.store()?, self.object()?);
        for (at, out) in at.chunks(AT_ONCE).zip(out.chunks_mut(AT_ONCE * len)) {
            let ranges: Vec<_> = at.iter().map(|at| *at..*at + len as u64).collect();
            let parts = wait_here(store.get_ranges(&path, &ranges)).map_err(|error| of_store(error, &self.show()))?;
            for ((at, part), out) in at.iter().zip(&parts).zip(out.chunks_exact_mut(len)) {
                if part.len() != len {
                    return Err(self.cut_off(*at, len as u64, Some(at + part.len() as u64)));
                }
                out.copy_from_slice(part);
            }
        }
        Ok(())
    }

    /// The error of a file that ends too soon.
    pub fn cut_off(&self, at: u64, len: u64, size: Option<u64>) -> Error {
        let has = size.map_or_else(String::new, |size| format!(", and the file has {size}"));
        Error::new(ErrorKind::BadValue, format!("the file is cut off: bytes {at}..{} are wanted{has}", at.saturating_add(len)))
            .in_file(self.show(), None, None)
            .with_help("it was not written or copied to the end: make it again")
    }

    /// What the operating system reports, with the file.
    pub fn blame(&self, error: &std::io::Error) -> Error {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => {
                return Error::new(ErrorKind::NotFound, "there is no such file").in_file(self.show(), None, None);
            }
            std::io::ErrorKind::AlreadyExists => ErrorKind::Exists,
            std::io::ErrorKind::StorageFull => ErrorKind::Disk,
            std::io::ErrorKind::PermissionDenied => ErrorKind::Auth,
            _ => ErrorKind::Io,
        };
        Error::new(kind, error.to_string()).in_file(self.show(), None, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Place {
        Place::of(path, &[]).unwrap()
    }

    #[test]
    fn places_overlap_where_one_is_inside_the_other() {
        assert!(place("/a/b").overlaps(&place("/a/b/c")) && place("/a/b/c").overlaps(&place("/a")));
        assert!(!place("/a/b").overlaps(&place("/a/bc")) && !place("/a").overlaps(&place("s3://a")));
        assert!(place("s3://lake").overlaps(&place("s3://lake/x")));
    }

    #[test]
    fn a_file_that_ends_too_soon_is_named_with_its_bytes() {
        let path = std::env::temp_dir().join(format!("stratal-place-{}", std::process::id()));
        std::fs::write(&path, b"0123456789").unwrap();
        let place = place(path.to_str().unwrap());
        let mut out = [0; 4];
        place.fill(&[6, 0], &mut out).unwrap();
        assert_eq!((&out, place.size().unwrap()), (b"6701", 10));
        let error = place.bytes(8, 4).unwrap_err();
        assert_eq!(error.message(), "the file is cut off: bytes 8..12 are wanted, and the file has 10");
        assert!(error.file().unwrap().ends_with(path.to_str().unwrap()));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(place.size().unwrap_err().kind(), ErrorKind::NotFound);
    }
}
