//! [`JsonOptions`]: what to read, and how.

use crate::source::files::{Asked, IntoPaths, setters};
use arrow_schema::SchemaRef;

/// What to read and how: paths, globs, directories and URLs of files that hold one object a line, or one array of objects.
///
/// Types are inferred from samples at the start, in the middle and at the end of every file; of files on object stores from
/// 32 at most, which are spread evenly over all of them, and of compressed files and arrays from the first 8 MiB of what they
/// hold. Integers and floats together are floats, other mixtures of plain values texts; what an object does not have is null.
/// Texts are not looked into: dates stay texts unless a schema says otherwise.
///
/// ```
/// use stratal_frame::{DFrame, JsonOptions};
/// let df = DFrame::read_json(JsonOptions::new("events/*.ndjson.gz").sample_rows(10_000));
/// # let _ = df;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct JsonOptions {
    pub(super) asked: Asked,
    pub(super) schema: Option<SchemaRef>,
    pub(super) sample_rows: usize,
    pub(super) union_by_name: bool,
    pub(super) compression: Option<String>,
}

impl JsonOptions {
    /// Files whose types are inferred.
    ///
    /// ```
    /// # use stratal_frame::JsonOptions;
    /// let options = JsonOptions::new(["events/2023/*.ndjson", "s3://lake/events/"]);
    /// # let _ = options;
    /// ```
    pub fn new(paths: impl IntoPaths) -> Self {
        JsonOptions { asked: Asked::new(paths), schema: None, sample_rows: 1000, union_by_name: false, compression: None }
    }

    /// Names and types of the columns; nothing is inferred, and no other key is read.
    ///
    /// ```
    /// # use stratal_frame::JsonOptions;
    /// use arrow_schema::{DataType, Field, Schema};
    /// let schema = Schema::new(vec![Field::new("id", DataType::Int64, true), Field::new("day", DataType::Date32, true)]);
    /// let options = JsonOptions::new("events/*.ndjson").schema(schema.into());
    /// # let _ = options;
    /// ```
    pub fn schema(mut self, schema: SchemaRef) -> Self {
        self.schema = Some(schema);
        self
    }

    /// How many objects types are inferred from, at the start, in the middle and at the end of every file; 1000 unless told.
    ///
    /// ```
    /// # use stratal_frame::JsonOptions;
    /// let options = JsonOptions::new("events/*.ndjson").sample_rows(100_000);
    /// # let _ = options;
    /// ```
    pub fn sample_rows(mut self, rows: usize) -> Self {
        self.sample_rows = rows;
        self
    }

    /// Whether files may have keys that the first of them does not have: the keys of all of them are columns. Else such a
    /// file is an error that lists them. Not unless told. Keys that a file lacks are null either way.
    ///
    /// ```
    /// # use stratal_frame::JsonOptions;
    /// let options = JsonOptions::new("events/*.ndjson").union_by_name(true);
    /// # let _ = options;
    /// ```
    pub fn union_by_name(mut self, union: bool) -> Self {
        self.union_by_name = union;
        self
    }

    /// How the files are compressed: `gzip`, `zstd`, `bz2`, `xz` or `none`. Their endings tell (`.gz`, `.zst`, `.bz2`, `.xz`)
    /// unless this does. One task reads a compressed file.
    ///
    /// ```
    /// # use stratal_frame::JsonOptions;
    /// let options = JsonOptions::new("events/today.download").compression("zstd");
    /// # let _ = options;
    /// ```
    pub fn compression(mut self, compression: impl Into<String>) -> Self {
        self.compression = Some(compression.into());
        self
    }

    setters!(JsonOptions, asked);
}

impl<P: IntoPaths> From<P> for JsonOptions {
    fn from(paths: P) -> Self {
        JsonOptions::new(paths)
    }
}
