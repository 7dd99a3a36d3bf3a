//! Compressed files: known by their endings, or as told. Each is read by one task, since none can be begun in the middle.

use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use serde::{Deserialize, Serialize};
use std::io::Read;
use stratal_core::{Error, ErrorKind, Result};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

/// Names and endings.
const NAMES: [(&str, Compression); 7] = [
    ("gz", Compression::Gzip),
    ("gzip", Compression::Gzip),
    ("zst", Compression::Zstd),
    ("zstd", Compression::Zstd),
    ("bz2", Compression::Bzip2),
    ("bzip2", Compression::Bzip2),
    ("xz", Compression::Xz),
];

impl Compression {
    /// How the file at `path` is compressed: as told, or by its ending.
    ///
    /// # Errors
    /// `BadValue` for a text that names no compression.
    pub(crate) fn of(path: &str, told: Option<&str>) -> Result<Option<Self>> {
        let named = |name: &str| NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, compression)| *compression);
        match told {
            None => Ok(path.rsplit_once('.').and_then(|(_, ending)| named(ending))),
            Some(told) if told.eq_ignore_ascii_case("none") => Ok(None),
            Some(told) => named(told).map(Some).ok_or_else(|| {
                Error::new(ErrorKind::BadValue, format!("{told:?} is no compression"))
                    .with_help("compressions are \"gzip\", \"zstd\", \"bz2\", \"xz\" and \"none\"")
            }),
        }
    }

    /// The name of the format.
    pub(super) fn name(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
            Compression::Xz => "xz",
        }
    }

    /// What `raw` holds, decompressed: all members of a file that has several, one after another.
    pub(super) fn decoder(self, raw: impl Read + Send + 'static) -> Result<Box<dyn Read + Send>> {
        let format = match self {
            Compression::Gzip => FileCompressionType::GZIP,
            Compression::Zstd => FileCompressionType::ZSTD,
            Compression::Bzip2 => FileCompressionType::BZIP2,
            Compression::Xz => FileCompressionType::XZ,
        };
        format.convert_read(raw).map_err(crate::error::of_datafusion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_tell_unless_something_else_is_told() {
        let of = |path: &str, told| Compression::of(path, told).unwrap();
        assert_eq!(of("a.csv.gz", None), Some(Compression::Gzip));
        assert_eq!(of("a.csv.ZST", None), Some(Compression::Zstd));
        assert_eq!(of("a.csv", None), None);
        assert_eq!(of("gz", None), None);
        assert_eq!(of("a.csv.gz", Some("none")), None);
        assert_eq!(of("a.csv", Some("bzip2")), Some(Compression::Bzip2));
        assert_eq!(Compression::of("a", Some("rar")).unwrap_err().kind(), ErrorKind::BadValue);
    }
}
