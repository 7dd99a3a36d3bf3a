//! What users say of files: paths, and how they are reached, read and written. A mistake is told by the array, or the verb.

use super::zarr::{Layout, Version};
use crate::{element::Element, grid::Chunks};
use std::{fmt, path::Path};
use stratal_core::Result;
use stratal_stores::Place;

/// A path, and settings of the store that it is in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) path: String,
    pub(crate) storage: Vec<(String, String)>,
}

impl Address {
    fn new(path: impl AsRef<Path>) -> Self {
        Address { path: path.as_ref().to_string_lossy().into_owned(), storage: Vec::new() }
    }

    fn set<K: Into<String>, V: Into<String>>(&mut self, settings: impl IntoIterator<Item = (K, V)>) {
        self.storage.extend(settings.into_iter().map(|(key, value)| (key.into(), value.into())));
    }

    pub(crate) fn place(&self) -> Result<Place> {
        Place::of(&self.path, &self.storage)
    }
}

/// Values may be secrets.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.storage.iter().map(|(key, _)| key.as_str()).collect();
        f.debug_struct("Address").field("path", &self.path).field("storage", &keys).finish()
    }
}

/// `.npy` files to read: a path, a URL, or a pattern with `*`, `?` and `[..]`, whose files are stacked.
///
/// ```
/// use stratal_array::NpyOptions;
/// let files = NpyOptions::new("s3://lake/frames/*.npy").storage([("region", "eu-west-1")]);
/// ```
#[derive(Clone, Debug)]
pub struct NpyOptions {
    pub(crate) address: Address,
}

impl NpyOptions {
    /// Files at a path or a URL.
    ///
    /// ```
    /// use stratal_array::NpyOptions;
    /// let files = NpyOptions::new("frames/*.npy");
    /// ```
    pub fn new(path: impl AsRef<Path>) -> Self {
        NpyOptions { address: Address::new(path) }
    }

    /// Settings of the store that the files are in, as for frames: `region`, `endpoint`, `access_key_id`, `anonymous` and so
    /// on. Those of the environment hold where nothing is said.
    ///
    /// ```
    /// use stratal_array::NpyOptions;
    /// let files = NpyOptions::new("s3://open/x.npy").storage([("anonymous", "true"), ("region", "us-east-1")]);
    /// ```
    #[must_use]
    pub fn storage<K: Into<String>, V: Into<String>>(mut self, settings: impl IntoIterator<Item = (K, V)>) -> Self {
        self.address.set(settings);
        self
    }
}

/// A `.npy` file to write, or a directory of them.
///
/// A path with an ending is one file. A path without, or one that ends in `/`, is a directory of one file for each index of the
/// first axis, which [`read_npy`](crate::DArray::read_npy) stacks again.
///
/// ```
/// use stratal_array::NpyWrite;
/// let file = NpyWrite::new("mean.npy").overwrite();
/// ```
#[derive(Clone, Debug)]
pub struct NpyWrite {
    pub(crate) address: Address,
    pub(crate) overwrite: bool,
}

impl NpyWrite {
    /// A file or a directory, which must not be there.
    ///
    /// ```
    /// use stratal_array::NpyWrite;
    /// let (file, directory) = (NpyWrite::new("mean.npy"), NpyWrite::new("frames/"));
    /// ```
    pub fn new(path: impl AsRef<Path>) -> Self {
        NpyWrite { address: Address::new(path), overwrite: false }
    }

    /// Replaces the file, or all files of the directory, when the new ones are whole.
    ///
    /// ```
    /// use stratal_array::NpyWrite;
    /// let file = NpyWrite::new("mean.npy").overwrite();
    /// ```
    #[must_use]
    pub fn overwrite(mut self) -> Self {
        self.overwrite = true;
        self
    }
}

/// A Zarr array to read, version 2 or 3: a path or a URL.
///
/// ```
/// use stratal_array::ZarrOptions;
/// let array = ZarrOptions::new("s3://era5/t2m.zarr").storage([("anonymous", "true")]);
/// ```
#[derive(Clone, Debug)]
pub struct ZarrOptions {
    pub(crate) address: Address,
}

impl ZarrOptions {
    /// An array at a path or a URL.
    ///
    /// ```
    /// use stratal_array::ZarrOptions;
    /// let array = ZarrOptions::new("t2m.zarr");
    /// ```
    pub fn new(path: impl AsRef<Path>) -> Self {
        ZarrOptions { address: Address::new(path) }
    }

    /// Settings of the store that the array is in, as for [`NpyOptions::storage`].
    ///
    /// ```
    /// use stratal_array::ZarrOptions;
    /// let array = ZarrOptions::new("gs://open/t2m.zarr").storage([("anonymous", "true")]);
    /// ```
    #[must_use]
    pub fn storage<K: Into<String>, V: Into<String>>(mut self, settings: impl IntoIterator<Item = (K, V)>) -> Self {
        self.address.set(settings);
        self
    }
}

/// A Zarr array to write: version 3, compressed by zstd, in the chunks that the array has, unless something else is said.
///
/// ```
/// use stratal_array::{DArray, ZarrWrite};
/// let path = std::env::temp_dir().join(format!("stratal-doc-{}-write.zarr", std::process::id()));
/// let to = ZarrWrite::new(&path).chunks([100, 100]).shards([400, 400]).compressor("blosc:lz4").overwrite();
/// DArray::ones::<f32>((1000, 1000)).to_zarr(to)?;
/// assert_eq!(DArray::read_zarr(&path).sum(..).scalar::<f32>()?, 1e6);
/// # std::fs::remove_dir_all(&path)?;
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ZarrWrite {
    pub(crate) address: Address,
    pub(crate) layout: Layout,
}

impl ZarrWrite {
    /// An array at a path or a URL, where there must be nothing.
    ///
    /// ```
    /// use stratal_array::ZarrWrite;
    /// let array = ZarrWrite::new("s3://lake/anomaly.zarr");
    /// ```
    pub fn new(path: impl AsRef<Path>) -> Self {
        let layout = Layout {
            version: Version::V3,
            chunks: None,
            shards: None,
            compressor: "zstd".to_owned(),
            checksum: false,
            separator: None,
            fill: None,
            overwrite: false,
        };
        ZarrWrite { address: Address::new(path), layout }
    }

    /// Settings of the store that the array will be in, as for [`NpyOptions::storage`].
    ///
    /// ```
    /// use stratal_array::ZarrWrite;
    /// let array = ZarrWrite::new("s3://lake/x.zarr").storage([("region", "eu-west-1")]);
    /// ```
    #[must_use]
    pub fn storage<K: Into<String>, V: Into<String>>(mut self, settings: impl IntoIterator<Item = (K, V)>) -> Self {
        self.address.set(settings);
        self
    }

    /// The chunks in storage, all alike. An array that is cut otherwise is cut anew, so that each chunk is written once.
    ///
    /// ```
    /// use stratal_array::{Chunks, ZarrWrite};
    /// let array = ZarrWrite::new("x.zarr").chunks([100, -1]);
    /// let by_size = ZarrWrite::new("x.zarr").chunks(Chunks::bytes("4MiB"));
    /// ```
    #[must_use]
    pub fn chunks(mut self, chunks: impl Into<Chunks>) -> Self {
        self.layout.chunks = Some(chunks.into());
        self
    }

    /// Shards: files of many chunks, of which each can be read alone. Their sides are multiples of those of the chunks.
    ///
    /// ```
    /// use stratal_array::ZarrWrite;
    /// let array = ZarrWrite::new("x.zarr").chunks([64, 64]).shards([1024, 1024]);
    /// ```
    #[must_use]
    pub fn shards(mut self, shards: impl Into<Chunks>) -> Self {
        self.layout.shards = Some(shards.into());
        self
    }

    /// How chunks are compressed: `none`, `zstd` (the default), `gzip`, `blosc`, with a level where wanted: `zstd:9`, `gzip:6`,
    /// `blosc:lz4:5`.
    ///
    /// ```
    /// use stratal_array::ZarrWrite;
    /// let array = ZarrWrite::new("x.zarr").compressor("zstd:9");
    /// ```
    #[must_use]
    pub fn compressor(mut self, compressor: impl Into<String>) -> Self {
        self.layout.compressor = compressor.into();
        self
    }

    /// A checksum (CRC-32C) with every chunk, which is compared when it is read.
    ///
    /// ```
    /// use stratal_array::ZarrWrite;
    /// let array = ZarrWrite::new("x.zarr").checksum();
    /// ```
    #[must_use]
    pub fn checksum(mut self) -> Self {
        self.layout.checksum = true;
        self
    }

    /// What stands where nothing is stored; zero unless something else is said. A chunk of nothing else is not stored. The
    /// value has the array's dtype.
    ///
    /// ```
    /// use stratal_array::ZarrWrite;
    /// let array = ZarrWrite::new("x.zarr").fill_value(f32::NAN);
    /// ```
    #[must_use]
    pub fn fill_value<T: Element>(mut self, value: T) -> Self {
        self.layout.fill = Some(value.scalar());
        self
    }

    /// Between the numbers of a chunk's name: `'/'` or `'.'`. Unless something is said, `/` in version 3 and `.` in version 2.
    ///
    /// ```
    /// use stratal_array::ZarrWrite;
    /// let array = ZarrWrite::new("x.zarr").separator('.');
    /// ```
    #[must_use]
    pub fn separator(mut self, separator: char) -> Self {
        self.layout.separator = Some(separator);
        self
    }

    /// Version 2 of the format, for programs that do not know version 3.
    ///
    /// ```
    /// use stratal_array::ZarrWrite;
    /// let array = ZarrWrite::new("x.zarr").version_2();
    /// ```
    #[must_use]
    pub fn version_2(mut self) -> Self {
        self.layout.version = Version::V2;
        self
    }

    /// Replaces an array that is there, or one that was not written to the end. It is removed before the new one is written.
    ///
    /// ```
    /// use stratal_array::ZarrWrite;
    /// let array = ZarrWrite::new("x.zarr").overwrite();
    /// ```
    #[must_use]
    pub fn overwrite(mut self) -> Self {
        self.layout.overwrite = true;
        self
    }
}

macro_rules! from_paths {
    ($($options:ident)*) => {$(
        /// A path or a URL, with nothing else said.
        impl<P: AsRef<Path>> From<P> for $options {
            fn from(path: P) -> Self {
                $options::new(path)
            }
        }
    )*};
}

from_paths!(NpyOptions NpyWrite ZarrOptions ZarrWrite);
