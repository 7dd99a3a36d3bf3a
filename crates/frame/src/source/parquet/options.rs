//! [`ParquetOptions`]: what to read, and how.

use crate::source::columnar::options;

options! {
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
    ParquetOptions, "parquet"
}
