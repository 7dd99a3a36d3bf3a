//! [`CsvOptions`]: what to read, and how.

use super::record::Dialect;
use crate::types::ColumnType;
use arrow_schema::{DataType, SchemaRef};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use stratal_core::{Error, ErrorKind, Result};

/// What happens to a value that is not of its column's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OnMismatch {
    /// An error that names file, line, column and value.
    #[default]
    Error,
    /// The value is null.
    Null,
}

/// What to read and how: paths, globs and directories, and what the files look like.
///
/// ```
/// use stratal_frame::{CsvOptions, DFrame};
/// let df = DFrame::read_csv(CsvOptions::new("raw/*.csv").delimiter(';').dtype("zip", "str").null_values(["", "NA"]));
/// # let _ = df;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CsvOptions {
    pub(super) paths: Vec<String>,
    pub(super) header: bool,
    pub(super) delimiter: char,
    pub(super) quote: Option<char>,
    pub(super) null_values: Vec<String>,
    pub(super) schema: Option<SchemaRef>,
    pub(super) dtypes: Vec<(String, ColumnType)>,
    pub(super) sample_rows: usize,
    pub(super) on_mismatch: OnMismatch,
}

impl CsvOptions {
    /// Files with a header, separated by commas.
    pub fn new(paths: impl IntoPaths) -> Self {
        CsvOptions {
            paths: paths.into_paths(),
            header: true,
            delimiter: ',',
            quote: Some('"'),
            null_values: vec![String::new()],
            schema: None,
            dtypes: Vec::new(),
            sample_rows: 1000,
            on_mismatch: OnMismatch::Error,
        }
    }

    /// Whether the first record names the columns. Without it they are `column_1`, `column_2`, …
    pub fn header(mut self, header: bool) -> Self {
        self.header = header;
        self
    }

    /// What stands between fields; `,` unless told. One ASCII character.
    pub fn delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// What stands around fields that hold delimiters and newlines; `"` unless told, none for files without quoting.
    /// Inside, it is doubled.
    pub fn quote(mut self, quote: impl Into<Option<char>>) -> Self {
        self.quote = quote.into();
        self
    }

    /// Unquoted fields that are null; the empty one unless told.
    pub fn null_values<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.null_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Names and types of the columns; nothing is inferred.
    pub fn schema(mut self, schema: SchemaRef) -> Self {
        self.schema = Some(schema);
        self
    }

    /// The type of one column; the others are inferred.
    pub fn dtype(mut self, name: impl Into<String>, data_type: impl Into<ColumnType>) -> Self {
        self.dtypes.push((name.into(), data_type.into()));
        self
    }

    /// How many rows types are inferred from, at the start, in the middle and at the end of every file; 1000 unless told.
    pub fn sample_rows(mut self, rows: usize) -> Self {
        self.sample_rows = rows;
        self
    }

    /// What happens to a value that is not of its column's type; an error unless told.
    pub fn on_mismatch(mut self, on_mismatch: OnMismatch) -> Self {
        self.on_mismatch = on_mismatch;
        self
    }

    /// Delimiter and quote as bytes.
    pub(super) fn dialect(&self) -> Result<Dialect> {
        let byte = |character: char, what: &str| match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Ok(byte),
            _ => Err(Error::new(ErrorKind::BadValue, format!("the {what} cannot be {character:?}")).with_help("use one ASCII character")),
        };
        let quote = self.quote.map(|quote| byte(quote, "quote")).transpose()?;
        let delimiter = byte(self.delimiter, "delimiter")?;
        if quote == Some(delimiter) {
            return Err(Error::new(ErrorKind::BadValue, format!("{:?} is both delimiter and quote", self.delimiter)));
        }
        Ok(Dialect { delimiter, quote })
    }

    /// The types that were given by name.
    pub(super) fn given_types(&self) -> Result<Vec<(&str, DataType)>> {
        self.dtypes.iter().map(|(name, of)| of.clone().resolve().map(|of| (name.as_str(), of))).collect()
    }
}

/// A path, a glob or a directory, or several of them.
pub trait IntoPaths {
    /// The paths, in the order in which they are read.
    fn into_paths(self) -> Vec<String>;
}

macro_rules! paths {
    ($($type:ty: $path:ident => $text:expr;)*) => {$(
        impl IntoPaths for $type {
            fn into_paths(self) -> Vec<String> {
                let $path = self;
                vec![$text]
            }
        }
    )*};
}

paths! {
    &str: path => path.to_owned();
    String: path => path;
    &String: path => path.clone();
    &Path: path => path.to_string_lossy().into_owned();
    PathBuf: path => path.to_string_lossy().into_owned();
    &PathBuf: path => path.to_string_lossy().into_owned();
}

impl<P: IntoPaths, const N: usize> IntoPaths for [P; N] {
    fn into_paths(self) -> Vec<String> {
        self.into_iter().flat_map(IntoPaths::into_paths).collect()
    }
}

impl<P: IntoPaths> IntoPaths for Vec<P> {
    fn into_paths(self) -> Vec<String> {
        self.into_iter().flat_map(IntoPaths::into_paths).collect()
    }
}

impl<P: IntoPaths + Clone> IntoPaths for &[P] {
    fn into_paths(self) -> Vec<String> {
        self.iter().cloned().flat_map(IntoPaths::into_paths).collect()
    }
}

impl<P: IntoPaths> From<P> for CsvOptions {
    fn from(paths: P) -> Self {
        CsvOptions::new(paths)
    }
}
