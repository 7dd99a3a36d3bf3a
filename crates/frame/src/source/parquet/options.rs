//! [`ParquetOptions`]: what to read, and how.

use crate::source::{columnar::Wanted, files::IntoPaths};
use arrow_schema::SchemaRef;

/// Parquet files: paths, globs, directories and URLs, and how their columns become those of a frame.
///
/// Columns are matched by name. Which columns and which rows of a file are read at all follows from the steps after it:
/// filters and columns are pushed down, and numbers of rows and extremes are taken from the files' footers.
///
/// ```
/// use stratal_frame::{DFrame, ParquetOptions, col};
/// let taxi = ParquetOptions::new("s3://open/taxi/*.parquet").storage([("region", "eu-west-1"), ("anonymous", "true")]);
/// let dear = DFrame::read_parquet(taxi).filter(col("fare").gt(100));
/// # let _ = dear;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ParquetOptions(pub(super) Wanted);

impl ParquetOptions {
    /// Files whose columns have the same names, in any order.
    pub fn new(paths: impl IntoPaths) -> Self {
        ParquetOptions(Wanted::new(paths))
    }

    /// Names and types of the columns, in their order; what is in the files is cast.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use arrow_schema::{DataType, Field, Schema};
    /// use stratal_frame::ParquetOptions;
    /// let schema = Schema::new(vec![Field::new("id", DataType::Int64, true), Field::new("fare", DataType::Float64, true)]);
    /// let options = ParquetOptions::new("rides/").schema(Arc::new(schema));
    /// # let _ = options;
    /// ```
    pub fn schema(mut self, schema: SchemaRef) -> Self {
        self.0.schema = Some(schema);
        self
    }

    /// Whether files may have different columns; what one of them lacks is null there. An error that lists them unless told.
    ///
    /// ```
    /// use stratal_frame::ParquetOptions;
    /// let options = ParquetOptions::new(["2023.parquet", "2024.parquet"]).union_by_name(true);
    /// # let _ = options;
    /// ```
    pub fn union_by_name(mut self, union_by_name: bool) -> Self {
        self.0.union_by_name = union_by_name;
        self
    }

    /// Adds a column that holds the path of each row's file.
    ///
    /// ```
    /// use stratal_frame::ParquetOptions;
    /// let options = ParquetOptions::new("rides/*.parquet").path_column("file");
    /// # let _ = options;
    /// ```
    pub fn path_column(mut self, name: impl Into<String>) -> Self {
        self.0.path_column = Some(name.into());
        self
    }

    /// Whether directories are read to the bottom, and keys in their names (`year=2024/`) become columns; they do unless told.
    ///
    /// ```
    /// use stratal_frame::ParquetOptions;
    /// let options = ParquetOptions::new("rides/").hive(false);
    /// # let _ = options;
    /// ```
    pub fn hive(mut self, hive: bool) -> Self {
        self.0.hive = hive;
        self
    }

    /// How the store is reached: `region`, `endpoint`, `access_key_id`, `secret_access_key`, `anonymous`, … What is not given
    /// is taken from the environment of each process that reads.
    ///
    /// ```
    /// use stratal_frame::ParquetOptions;
    /// let options = ParquetOptions::new("s3://lake/rides/").storage([("endpoint", "http://localhost:9000"), ("allow_http", "true")]);
    /// # let _ = options;
    /// ```
    pub fn storage<K: Into<String>, V: Into<String>>(mut self, settings: impl IntoIterator<Item = (K, V)>) -> Self {
        self.0.storage = settings.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        self
    }
}

impl<P: IntoPaths> From<P> for ParquetOptions {
    fn from(paths: P) -> Self {
        ParquetOptions::new(paths)
    }
}
