//! [`Listed`]: a file as it was when it was listed.

use super::download::Object;
use object_store::path::Path as ObjectPath;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};
use stratal_core::{Error, ErrorKind, Result, Retry};
use stratal_stores::Site;

/// One file as it was listed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) site: Site,
    /// Inside the site, as object stores write paths.
    pub(crate) path: String,
    /// As the user wrote it, for errors and as a column: what is relative stays relative.
    pub(crate) shown: String,
    pub(crate) size: u64,
    /// When it was changed last, in microseconds since 1970, where that is known.
    pub(crate) modified: Option<u64>,
    /// The keys in the names of its directories, and their values; none for null.
    pub(crate) hive: Vec<(String, Option<String>)>,
}

impl Listed {
    /// A file of this machine, which is there.
    pub(super) fn local(path: &Path) -> Result<Self> {
        let shown = path.to_string_lossy().into_owned();
        let Some(text) = path.to_str() else {
            return Err(Error::new(ErrorKind::BadValue, "the name of a file is not UTF-8").in_file(shown, None, None));
        };
        let (site, inside) = Site::of(text, &[])?;
        let (size, modified) = stamp(path, &shown)?;
        Ok(Listed { site, path: inside.into(), shown, size, modified, hive: Vec::new() })
    }

    /// Where it is in the file system.
    pub(crate) fn on_disk(&self) -> PathBuf {
        Path::new("/").join(&self.path)
    }

    /// Where it is on its site.
    pub(crate) fn location(&self) -> Result<ObjectPath> {
        ObjectPath::parse(&self.path).map_err(|error| Error::new(ErrorKind::BadValue, error.to_string()).in_file(&*self.shown, None, None))
    }

    /// The file as something that is fetched.
    pub(crate) fn object(&self) -> Result<Object> {
        Object::new(&self.site, self.location()?, &self.shown, self.size, self.modified)
    }

    /// Looks whether the file on this machine is still the one that was listed. One that is elsewhere is looked at when it is
    /// fetched.
    ///
    /// # Errors
    /// `NotFound`, worth a try on another worker; `Io` for a file that changed.
    pub(crate) fn check(&self) -> Result<()> {
        if !self.site.is_local() {
            return Ok(());
        }
        let now = stamp(&self.on_disk(), &self.shown).map_err(|error| match error.kind() {
            ErrorKind::NotFound => error.with_retry(Retry::Elsewhere).with_help("every worker must see the file under this path"),
            _ => error,
        })?;
        if now == (self.size, self.modified) {
            return Ok(());
        }
        let error = Error::new(ErrorKind::Io, "the file changed after it was listed").with_retry(Retry::Never);
        Err(error.in_file(&*self.shown, None, None).with_help("read it again with a new frame"))
    }
}

/// Size, and time of last change in microseconds since 1970.
fn stamp(path: &Path, shown: &str) -> Result<(u64, Option<u64>)> {
    let found = fs::metadata(path).map_err(|error| Error::from(error).in_file(shown, None, None))?;
    let modified = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Ok((found.len(), modified.and_then(|time| u64::try_from(time.as_micros()).ok())))
}
