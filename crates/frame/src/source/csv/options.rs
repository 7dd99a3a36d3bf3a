//! [`CsvOptions`]: what to read, and how.

use super::record::Dialect;
use crate::{
    source::files::{Asked, IntoPaths, setters},
    types::ColumnType,
};
use arrow_schema::{DataType, SchemaRef};
use serde::{Deserialize, Serialize};
use stratal_core::{Error, ErrorKind, Result, config::parse_bytes};

/// What happens to a value that is not of its column's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OnMismatch {
    /// An error that names file, line, column and value.
    #[default]
    Error,
    /// The value is null.
    Null,
    /// There is none: types are inferred from all rows instead of samples. Every file is read twice, first when the frame is
    /// bound (by its first verb, in this process) and then when it runs. Types that were given stay as they are.
    Widen,
}

/// What happens to records that have fewer fields than there are columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RaggedRows {
    /// An error that names file and line.
    #[default]
    Error,
    /// What is missing at the end is null. Fields beyond the last column are an error still, unless nothing stands in them.
    FillNull,
}

/// What to read and how: paths, globs, directories and URLs, and what the files look like.
///
/// Types are inferred from samples at the start, in the middle and at the end of every file; of files on object stores from
/// 32 at most, which are spread evenly over all of them, and of compressed files from the first 8 MiB of what they hold.
///
/// ```
/// use stratal_frame::{CsvOptions, DFrame};
/// let df = DFrame::read_csv(CsvOptions::new("raw/*.csv").delimiter(';').dtype("zip", "str").null_values(["", "NA"]));
/// # let _ = df;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CsvOptions {
    pub(super) asked: Asked,
    pub(super) header: bool,
    pub(super) delimiter: char,
    pub(super) quote: Option<char>,
    pub(super) escape: Option<char>,
    pub(super) comment: Option<char>,
    pub(super) null_values: Vec<String>,
    pub(super) trim: bool,
    pub(super) skip_rows: usize,
    pub(super) schema: Option<SchemaRef>,
    pub(super) dtypes: Vec<(String, ColumnType)>,
    pub(super) sample_rows: usize,
    pub(super) on_mismatch: OnMismatch,
    pub(super) ragged_rows: RaggedRows,
    pub(super) union_by_name: bool,
    pub(super) compression: Option<String>,
    pub(super) block_bytes: Option<String>,
}

impl CsvOptions {
    /// Files with a header, separated by commas.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new(["data/2023/*.csv", "s3://lake/2024/"]);
    /// # let _ = options;
    /// ```
    pub fn new(paths: impl IntoPaths) -> Self {
        CsvOptions {
            asked: Asked::new(paths),
            header: true,
            delimiter: ',',
            quote: Some('"'),
            escape: None,
            comment: None,
            null_values: vec![String::new()],
            trim: false,
            skip_rows: 0,
            schema: None,
            dtypes: Vec::new(),
            sample_rows: 1000,
            on_mismatch: OnMismatch::Error,
            ragged_rows: RaggedRows::Error,
            union_by_name: false,
            compression: None,
            block_bytes: None,
        }
    }

    /// Whether the first record names the columns. Without it they are `column_1`, `column_2`, …
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/rows.csv").header(false);
    /// # let _ = options;
    /// ```
    pub fn header(mut self, header: bool) -> Self {
        self.header = header;
        self
    }

    /// What stands between fields; `,` unless told. One ASCII character.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/rows.tsv").delimiter('\t');
    /// # let _ = options;
    /// ```
    pub fn delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// What stands around fields that hold delimiters and newlines; `"` unless told, none for files without quoting.
    /// Inside, it is doubled.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let single = CsvOptions::new("data/rows.csv").quote('\'');
    /// let never = CsvOptions::new("data/rows.csv").quote(None);
    /// # let _ = (single, never);
    /// ```
    pub fn quote(mut self, quote: impl Into<Option<char>>) -> Self {
        self.quote = quote.into();
        self
    }

    /// What makes the character after it, between quotes, one like any other: `\` in files of some databases. None unless
    /// told; a quote may be doubled either way.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/dump.csv").escape('\\');
    /// # let _ = options;
    /// ```
    pub fn escape(mut self, escape: impl Into<Option<char>>) -> Self {
        self.escape = escape.into();
        self
    }

    /// What a line begins with that is passed over; none unless told.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/rows.csv").comment('#');
    /// # let _ = options;
    /// ```
    pub fn comment(mut self, comment: impl Into<Option<char>>) -> Self {
        self.comment = comment.into();
        self
    }

    /// Unquoted fields that are null; the empty one unless told.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/rows.csv").null_values(["", "NA", "-"]);
    /// # let _ = options;
    /// ```
    pub fn null_values<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.null_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Whether blanks and tabs around fields, and around their quotes, are left out; not unless told. Numbers may have blanks
    /// around them anyway.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/rows.csv").trim(true);
    /// # let _ = options;
    /// ```
    pub fn trim(mut self, trim: bool) -> Self {
        self.trim = trim;
        self
    }

    /// How many lines at the start of every file are passed over, before its header; 0 unless told.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/report.csv").skip_rows(3);
    /// # let _ = options;
    /// ```
    pub fn skip_rows(mut self, lines: usize) -> Self {
        self.skip_rows = lines;
        self
    }

    /// Names and types of the columns in the files; nothing is inferred.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// use arrow_schema::{DataType, Field, Schema};
    /// let schema = Schema::new(vec![Field::new("id", DataType::Int64, true), Field::new("name", DataType::Utf8, true)]);
    /// let options = CsvOptions::new("data/rows.csv").schema(schema.into());
    /// # let _ = options;
    /// ```
    pub fn schema(mut self, schema: SchemaRef) -> Self {
        self.schema = Some(schema);
        self
    }

    /// The type of one column, be it of the files or a key of directories; the others are inferred.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/rows.csv").dtype("zip", "str").dtype("price", "decimal(10, 2)");
    /// # let _ = options;
    /// ```
    pub fn dtype(mut self, name: impl Into<String>, data_type: impl Into<ColumnType>) -> Self {
        self.dtypes.push((name.into(), data_type.into()));
        self
    }

    /// How many rows types are inferred from, at the start, in the middle and at the end of every file; 1000 unless told.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/rows.csv").sample_rows(100_000);
    /// # let _ = options;
    /// ```
    pub fn sample_rows(mut self, rows: usize) -> Self {
        self.sample_rows = rows;
        self
    }

    /// What happens to a value that is not of its column's type; an error unless told.
    ///
    /// ```
    /// # use stratal_frame::{CsvOptions, OnMismatch};
    /// let options = CsvOptions::new("data/rows.csv").on_mismatch(OnMismatch::Widen);
    /// # let _ = options;
    /// ```
    pub fn on_mismatch(mut self, on_mismatch: OnMismatch) -> Self {
        self.on_mismatch = on_mismatch;
        self
    }

    /// What happens to records with fewer fields than there are columns; an error unless told.
    ///
    /// ```
    /// # use stratal_frame::{CsvOptions, RaggedRows};
    /// let options = CsvOptions::new("data/rows.csv").ragged_rows(RaggedRows::FillNull);
    /// # let _ = options;
    /// ```
    pub fn ragged_rows(mut self, ragged_rows: RaggedRows) -> Self {
        self.ragged_rows = ragged_rows;
        self
    }

    /// Whether files may have different columns: those of all of them come out, null where a file does not have them. Else
    /// such files are an error that lists what differs. Not unless told.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/*.csv").union_by_name(true);
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
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/rows.download").compression("gzip");
    /// # let _ = options;
    /// ```
    pub fn compression(mut self, compression: impl Into<String>) -> Self {
        self.compression = Some(compression.into());
        self
    }

    /// About how many bytes of a file one task reads, as a number or as text with a unit; the setting `frame.partition_bytes`
    /// unless told.
    ///
    /// ```
    /// # use stratal_frame::CsvOptions;
    /// let options = CsvOptions::new("data/rows.csv").block_bytes("16MiB");
    /// # let _ = options;
    /// ```
    pub fn block_bytes(mut self, bytes: impl ToString) -> Self {
        self.block_bytes = Some(bytes.to_string());
        self
    }

    setters!(CsvOptions, asked);

    /// What separates and encloses fields, as bytes.
    pub(super) fn dialect(&self) -> Result<Dialect> {
        let byte = |character: char, what: &str| match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Ok(byte),
            _ => Err(Error::new(ErrorKind::BadValue, format!("the {what} cannot be {character:?}")).with_help("use one ASCII character")),
        };
        let delimiter = byte(self.delimiter, "delimiter")?;
        let quote = self.quote.map(|quote| byte(quote, "quote")).transpose()?;
        let escape = self.escape.map(|escape| byte(escape, "escape")).transpose()?;
        let comment = self.comment.map(|comment| byte(comment, "comment")).transpose()?;
        let taken = [("quote", quote), ("escape", escape), ("comment", comment)];
        if let Some((what, _)) = taken.iter().find(|(_, byte)| *byte == Some(delimiter)) {
            return Err(Error::new(ErrorKind::BadValue, format!("{:?} is both delimiter and {what}", self.delimiter)));
        }
        if comment.is_some() && comment == quote {
            return Err(Error::new(ErrorKind::BadValue, "one character is both quote and comment"));
        }
        // A quote that escapes is one that is doubled, which it may be anyway.
        Ok(Dialect { delimiter, quote, escape: escape.filter(|escape| Some(*escape) != quote), comment, trim: self.trim })
    }

    /// The types that were given by name.
    pub(super) fn given_types(&self) -> Result<Vec<(&str, DataType)>> {
        self.dtypes.iter().map(|(name, of)| of.clone().resolve().map(|of| (name.as_str(), of))).collect()
    }

    /// How many bytes of a file a task reads, where that was told.
    pub(super) fn partition_bytes(&self) -> Result<Option<u64>> {
        self.block_bytes.as_deref().map(|bytes| parse_bytes(bytes).map(|bytes| bytes.max(1))).transpose()
    }
}

impl<P: IntoPaths> From<P> for CsvOptions {
    fn from(paths: P) -> Self {
        CsvOptions::new(paths)
    }
}
