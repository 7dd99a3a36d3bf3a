//! [`Format`]: what files hold, as it travels to those who write them; made from options and the ending of a path.

use super::options::{Job, Kind};
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use serde::{Deserialize, Serialize};
use stratal_core::{Error, ErrorKind, Result};

/// How a file of text is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Codec {
    None,
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

impl Codec {
    /// By the ending of a file: `gz`.
    fn of_ending(ending: &str) -> Option<Self> {
        Some(match ending.to_ascii_lowercase().as_str() {
            "gz" => Codec::Gzip,
            "zst" => Codec::Zstd,
            "bz2" => Codec::Bzip2,
            "xz" => Codec::Xz,
            _ => return None,
        })
    }

    fn of_name(name: &str) -> Result<Self> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "none" => Codec::None,
            "gzip" | "gz" => Codec::Gzip,
            "zstd" | "zst" => Codec::Zstd,
            "bzip2" | "bz2" => Codec::Bzip2,
            "xz" => Codec::Xz,
            _ => return Err(unknown(name, "gzip, zstd, bzip2, xz and none")),
        })
    }

    /// What files end with: `.gz`.
    fn ending(self) -> &'static str {
        match self {
            Codec::None => "",
            Codec::Gzip => ".gz",
            Codec::Zstd => ".zst",
            Codec::Bzip2 => ".bz2",
            Codec::Xz => ".xz",
        }
    }

    /// The codec itself; none where nothing is compressed.
    pub(super) fn packs(self) -> Option<FileCompressionType> {
        match self {
            Codec::None => None,
            Codec::Gzip => Some(FileCompressionType::GZIP),
            Codec::Zstd => Some(FileCompressionType::ZSTD),
            Codec::Bzip2 => Some(FileCompressionType::BZIP2),
            Codec::Xz => Some(FileCompressionType::XZ),
        }
    }
}

/// What files hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Format {
    /// CSV.
    Csv { header: bool, delimiter: u8, codec: Codec },
    /// One JSON object a line.
    Lines(Codec),
    /// One JSON array.
    Array(Codec),
    /// Parquet; the name of a compression that [`parquet_compression`] knows.
    Parquet { row_group_rows: usize, compression: String },
    /// Arrow IPC; the name of a compression that [`ipc_compression`] knows.
    Ipc { compression: String },
}

impl Format {
    /// What a job asks for. `file` is the name of the file, or none for a directory.
    pub(super) fn of(job: &Job, file: Option<&str>) -> Result<Self> {
        let (packed, ending) = endings(file.unwrap_or_default());
        let given = job.common.compression.as_deref();
        let codec = || given.map_or_else(|| Ok(packed.unwrap_or(Codec::None)), Codec::of_name);
        Ok(match &job.kind {
            Kind::Csv { header, delimiter } => {
                let by_ending = if ending == "tsv" { '\t' } else { ',' };
                Format::Csv { header: *header, delimiter: byte(delimiter.unwrap_or(by_ending))?, codec: codec()? }
            }
            Kind::Json if ending == "json" => Format::Array(codec()?),
            Kind::Json => Format::Lines(codec()?),
            Kind::Parquet { row_group_rows: 0 } => {
                let error = Error::new(ErrorKind::BadValue, "a row group has no rows");
                return Err(error.with_help("row_group_rows(n) wants a number from 1"));
            }
            Kind::Parquet { row_group_rows } => {
                let compression = given.unwrap_or("zstd").to_ascii_lowercase();
                parquet_compression(&compression)?;
                Format::Parquet { row_group_rows: *row_group_rows, compression }
            }
            Kind::Ipc => {
                let compression = given.unwrap_or("none").to_ascii_lowercase();
                ipc_compression(&compression)?;
                Format::Ipc { compression }
            }
        })
    }

    /// What the files of a directory end with: `csv.gz`.
    pub(super) fn ending(&self) -> String {
        match self {
            Format::Csv { delimiter: b'\t', codec, .. } => format!("tsv{}", codec.ending()),
            Format::Csv { codec, .. } => format!("csv{}", codec.ending()),
            Format::Lines(codec) => format!("ndjson{}", codec.ending()),
            Format::Array(codec) => format!("json{}", codec.ending()),
            Format::Parquet { .. } => "parquet".to_owned(),
            Format::Ipc { .. } => "arrow".to_owned(),
        }
    }

    /// Whether files one after another are a file.
    pub(super) fn concatenates(&self) -> bool {
        matches!(self, Format::Csv { .. } | Format::Lines(_))
    }

    /// What a layer that writes it is called.
    pub(super) fn layer(&self) -> &'static str {
        match self {
            Format::Csv { .. } => "write-csv",
            Format::Lines(_) | Format::Array(_) => "write-json",
            Format::Parquet { .. } => "write-parquet",
            Format::Ipc { .. } => "write-ipc",
        }
    }
}

/// How a file is compressed, and its ending before that: `csv` of `people.csv.gz`.
fn endings(file: &str) -> (Option<Codec>, String) {
    let split = |name: &str| name.rsplit_once('.').map(|(stem, ending)| (stem.to_owned(), ending.to_ascii_lowercase()));
    match split(file) {
        None => (None, String::new()),
        Some((stem, ending)) => match Codec::of_ending(&ending) {
            None => (None, ending),
            codec => (codec, split(&stem).map(|(_, ending)| ending).unwrap_or_default()),
        },
    }
}

fn byte(delimiter: char) -> Result<u8> {
    match u8::try_from(delimiter) {
        Ok(byte) if byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | b'"') => Ok(byte),
        _ => Err(Error::new(ErrorKind::BadValue, format!("the delimiter cannot be {delimiter:?}")).with_help("use one ASCII character")),
    }
}

fn unknown(name: &str, known: &str) -> Error {
    Error::new(ErrorKind::BadValue, format!("no compression is called {name:?}")).with_help(format!("there are {known}"))
}

/// A compression of Parquet files, by name.
pub(super) fn parquet_compression(name: &str) -> Result<Compression> {
    Ok(match name {
        "zstd" => Compression::ZSTD(ZstdLevel::default()),
        "snappy" => Compression::SNAPPY,
        "gzip" | "gz" => Compression::GZIP(GzipLevel::default()),
        "lz4" => Compression::LZ4_RAW,
        "brotli" => Compression::BROTLI(BrotliLevel::default()),
        "none" | "uncompressed" => Compression::UNCOMPRESSED,
        _ => return Err(unknown(name, "zstd, snappy, gzip, lz4, brotli and none")),
    })
}

/// A compression of Arrow IPC files, by name; the inner none is for none.
pub(super) fn ipc_compression(name: &str) -> Result<Option<arrow_ipc::CompressionType>> {
    match name {
        "zstd" => Ok(Some(arrow_ipc::CompressionType::ZSTD)),
        "lz4" => Ok(Some(arrow_ipc::CompressionType::LZ4_FRAME)),
        "none" | "uncompressed" => Ok(None),
        _ => Err(unknown(name, "zstd, lz4 and none")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::{CsvWrite, JsonWrite, ParquetWrite};

    #[test]
    fn endings_say_format_and_compression() {
        let csv = |file: &str| Format::of(&CsvWrite::new("x").into_job(), Some(file)).unwrap();
        let is = |delimiter: u8, codec: Codec| Format::Csv { header: true, delimiter, codec };
        assert_eq!(csv("people.csv"), is(b',', Codec::None));
        assert_eq!(csv("people.csv.GZ"), is(b',', Codec::Gzip));
        assert_eq!(csv("people.v2.tsv.zst"), is(b'\t', Codec::Zstd));
        let json = |file: Option<&str>| Format::of(&JsonWrite::new("x").into_job(), file).unwrap();
        assert_eq!(json(Some("a.json.xz")), Format::Array(Codec::Xz));
        assert_eq!(json(Some("a.jsonl")), Format::Lines(Codec::None));
        assert_eq!(json(None), Format::Lines(Codec::None));
    }

    #[test]
    fn what_is_told_wins_over_the_ending() {
        let job = CsvWrite::new("x").compression("none").delimiter(';').into_job();
        let expected = Format::Csv { header: true, delimiter: b';', codec: Codec::None };
        assert_eq!(Format::of(&job, Some("x.tsv.gz")).unwrap(), expected);
        let job = CsvWrite::new("x").compression("bz2").into_job();
        assert_eq!(Format::of(&job, None).unwrap().ending(), "csv.bz2");
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_is() {
        let error = |job: Job| Format::of(&job, None).unwrap_err();
        let wrong = error(ParquetWrite::new("x").compression("lzma").into_job());
        assert_eq!((wrong.kind(), wrong.message()), (ErrorKind::BadValue, "no compression is called \"lzma\""));
        assert_eq!(wrong.help(), Some("there are zstd, snappy, gzip, lz4, brotli and none"));
        assert_eq!(error(CsvWrite::new("x").delimiter('é').into_job()).kind(), ErrorKind::BadValue);
        assert_eq!(error(ParquetWrite::new("x").row_group_rows(0).into_job()).kind(), ErrorKind::BadValue);
    }
}
