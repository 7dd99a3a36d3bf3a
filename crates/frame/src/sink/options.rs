//! [`CsvWrite`], [`JsonWrite`], [`ParquetWrite`], [`IpcWrite`]: where rows are written, and how.

use crate::expr::{Expr, IntoExprs};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Rows of a row group of a Parquet file, unless told.
const ROW_GROUP_ROWS: usize = 1 << 20;

/// What becomes of what is there already.
///
/// ```
/// use stratal_frame::{CsvWrite, Mode};
/// let again = CsvWrite::new("out/").mode(Mode::Overwrite);
/// assert_eq!(Mode::default(), Mode::Create);
/// # let _ = again;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Mode {
    /// Nothing may be there: a file that exists, or a directory with files in it, is an error.
    #[default]
    Create,
    /// The new rows take the place of those of an earlier write, once they are whole. In a directory that is what its
    /// `_manifest.json` lists; other files stay.
    Overwrite,
    /// The new rows are added, in files of their own. For directories.
    Append,
}

/// What is asked for, whatever the format.
#[derive(Clone, Debug)]
pub(super) struct Common {
    pub(super) path: String,
    pub(super) mode: Mode,
    pub(super) partition_by: Vec<Expr>,
    pub(super) file_bytes: Option<String>,
    pub(super) compression: Option<String>,
    pub(super) storage: Vec<(String, String)>,
}

/// What is asked for of one format.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Csv { header: bool, delimiter: Option<char> },
    Json,
    Parquet { row_group_rows: usize },
    Ipc,
}

/// What a verb was given.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(super) common: Common,
    pub(super) kind: Kind,
}

impl Job {
    /// The method that it was given to.
    pub(crate) fn verb(&self) -> &'static str {
        match self.kind {
            Kind::Csv { .. } => "write_csv",
            Kind::Json => "write_json",
            Kind::Parquet { .. } => "write_parquet",
            Kind::Ipc => "write_ipc",
        }
    }
}

/// The type, its constructors, and the setters that all formats have.
macro_rules! options {
    ($(#[$about:meta])* $type:ident, $kind:expr, $compression:literal, $codec:literal) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        #[must_use = "options do nothing until they are given to a verb"]
        pub struct $type(Job);

        impl $type {
            /// Into this file, if the path has an ending; else into this directory, a file a partition.
            ///
            /// ```
            #[doc = concat!("use stratal_frame::", stringify!($type), ";")]
            #[doc = concat!("let directory = ", stringify!($type), "::new(\"out/\");")]
            /// # let _ = directory;
            /// ```
            pub fn new(path: impl AsRef<Path>) -> Self {
                let common = Common {
                    path: path.as_ref().to_string_lossy().into_owned(),
                    mode: Mode::Create,
                    partition_by: Vec::new(),
                    file_bytes: None,
                    compression: None,
                    storage: Vec::new(),
                };
                $type(Job { common, kind: $kind })
            }

            /// What becomes of what is there already; [`Mode::Create`] unless told, which refuses to touch it.
            ///
            /// ```
            #[doc = concat!("use stratal_frame::{Mode, ", stringify!($type), "};")]
            #[doc = concat!("let more = ", stringify!($type), "::new(\"out/\").mode(Mode::Append);")]
            /// # let _ = more;
            /// ```
            pub fn mode(mut self, mode: Mode) -> Self {
                self.0.common.mode = mode;
                self
            }

            /// One directory for every value of these columns, `year=2024/month=1/`, as Hive has it. The columns are left out
            /// of the files; null is `__HIVE_DEFAULT_PARTITION__`, and values are URL-encoded.
            ///
            /// ```
            #[doc = concat!("use stratal_frame::", stringify!($type), ";")]
            #[doc = concat!("let by_month = ", stringify!($type), "::new(\"out/\").partition_by([\"year\", \"month\"]);")]
            /// # let _ = by_month;
            /// ```
            pub fn partition_by(mut self, columns: impl IntoExprs) -> Self {
                self.0.common.partition_by = columns.into_exprs();
                self
            }

            /// A new file is begun when one has so many bytes, in a directory: a size such as `"256MiB"`.
            ///
            /// ```
            #[doc = concat!("use stratal_frame::", stringify!($type), ";")]
            #[doc = concat!("let small = ", stringify!($type), "::new(\"out/\").file_bytes(\"64MiB\");")]
            /// # let _ = small;
            /// ```
            pub fn file_bytes(mut self, size: impl Into<String>) -> Self {
                self.0.common.file_bytes = Some(size.into());
                self
            }

            #[doc = $compression]
            ///
            /// ```
            #[doc = concat!("use stratal_frame::", stringify!($type), ";")]
            #[doc = concat!("let packed = ", stringify!($type), "::new(\"out/\").compression(\"", $codec, "\");")]
            /// # let _ = packed;
            /// ```
            pub fn compression(mut self, name: impl Into<String>) -> Self {
                self.0.common.compression = Some(name.into());
                self
            }

            /// How the store is reached: pairs of settings and values. The environment says the rest.
            ///
            /// ```
            #[doc = concat!("use stratal_frame::", stringify!($type), ";")]
            #[doc = concat!("let there = ", stringify!($type), "::new(\"s3://lake/out/\").storage([(\"region\", \"eu-west-1\")]);")]
            /// # let _ = there;
            /// ```
            pub fn storage<K: Into<String>, V: Into<String>>(mut self, settings: impl IntoIterator<Item = (K, V)>) -> Self {
                self.0.common.storage = settings.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
                self
            }

            pub(crate) fn into_job(self) -> Job {
                self.0
            }
        }

        impl<P: AsRef<Path>> From<P> for $type {
            fn from(path: P) -> Self {
                $type::new(path)
            }
        }
    };
}

options! {
    /// Where CSV files are written, and how. They read back as what was written: an empty text is `""`, null is nothing.
    ///
    /// ```
    /// use stratal_frame::{CsvWrite, Mode};
    /// let options = CsvWrite::new("out/people.csv.gz").mode(Mode::Overwrite).delimiter(';');
    /// # let _ = options;
    /// ```
    CsvWrite, Kind::Csv { header: true, delimiter: None },
    "How files are compressed: `gzip`, `zstd`, `bzip2`, `xz` or `none`; by the ending of the path unless told (`.gz .zst .bz2 .xz`).",
    "gzip"
}

options! {
    /// Where JSON files are written, and how: one array in a file `.json`, one object a line in files of any other ending
    /// and in directories.
    ///
    /// ```
    /// use stratal_frame::JsonWrite;
    /// let (array, lines) = (JsonWrite::new("out/people.json"), JsonWrite::new("out/people.ndjson.zst"));
    /// # let _ = (array, lines);
    /// ```
    JsonWrite, Kind::Json,
    "How files are compressed: `gzip`, `zstd`, `bzip2`, `xz` or `none`; by the ending of the path unless told (`.gz .zst .bz2 .xz`).",
    "zstd"
}

options! {
    /// Where Parquet files are written, and how.
    ///
    /// ```
    /// use stratal_frame::{Mode, ParquetWrite};
    /// let lake = ParquetWrite::new("s3://lake/sales/").partition_by(["year", "month"]).file_bytes("256MiB").mode(Mode::Append);
    /// # let _ = lake;
    /// ```
    ParquetWrite, Kind::Parquet { row_group_rows: ROW_GROUP_ROWS },
    "How pages are compressed: `zstd` (unless told), `snappy`, `gzip`, `lz4`, `brotli` or `none`.",
    "snappy"
}

options! {
    /// Where Arrow IPC files are written, and how.
    ///
    /// ```
    /// use stratal_frame::IpcWrite;
    /// let options = IpcWrite::new("out/people.arrow").compression("lz4");
    /// # let _ = options;
    /// ```
    IpcWrite, Kind::Ipc,
    "How batches are compressed: `zstd`, `lz4` or `none`, which it is unless told.",
    "zstd"
}

impl CsvWrite {
    /// Whether the first record names the columns; it does unless told.
    ///
    /// ```
    /// use stratal_frame::CsvWrite;
    /// let bare = CsvWrite::new("out/").header(false);
    /// # let _ = bare;
    /// ```
    pub fn header(mut self, header: bool) -> Self {
        if let Kind::Csv { header: own, .. } = &mut self.0.kind {
            *own = header;
        }
        self
    }

    /// What stands between fields: one ASCII character. Unless told a tab in files `.tsv`, and a comma in any other.
    ///
    /// ```
    /// use stratal_frame::CsvWrite;
    /// let semicolons = CsvWrite::new("out/").delimiter(';');
    /// # let _ = semicolons;
    /// ```
    pub fn delimiter(mut self, delimiter: char) -> Self {
        if let Kind::Csv { delimiter: own, .. } = &mut self.0.kind {
            *own = Some(delimiter);
        }
        self
    }
}

impl ParquetWrite {
    /// Rows of a row group at most; 1,048,576 unless told.
    ///
    /// ```
    /// use stratal_frame::ParquetWrite;
    /// let fine = ParquetWrite::new("out/").row_group_rows(100_000);
    /// # let _ = fine;
    /// ```
    pub fn row_group_rows(mut self, rows: usize) -> Self {
        if let Kind::Parquet { row_group_rows } = &mut self.0.kind {
            *row_group_rows = rows;
        }
        self
    }
}
