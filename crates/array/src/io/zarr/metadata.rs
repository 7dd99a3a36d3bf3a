//! The document of an array that is written: zarr.json of version 3, .zarray of version 2.

use super::Version;
use crate::scalar::Scalar;
use num_complex::Complex;
use stratal_core::{Error, ErrorKind, Result, value::DType};

/// How chunks are compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Compressor {
    None,
    Zstd(i32),
    Gzip(i32),
    Blosc { name: String, level: i32 },
}

/// What the document says.
pub(super) struct Document<'a> {
    pub(super) version: Version,
    pub(super) dtype: DType,
    pub(super) shape: &'a [usize],
    pub(super) chunk: &'a [usize],
    /// The chunks in each shard.
    pub(super) inner: Option<&'a [usize]>,
    pub(super) compressor: Compressor,
    pub(super) checksum: bool,
    pub(super) separator: char,
    pub(super) fill: Scalar,
}

/// Names of what blosc compresses with.
const BLOSC: [&str; 5] = ["lz4", "lz4hc", "blosclz", "zstd", "zlib"];

impl Compressor {
    /// `none`, `zstd`, `zstd:9`, `gzip`, `gzip:6`, `blosc`, `blosc:zstd`, `blosc:lz4:5`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let unknown = || {
            Error::new(ErrorKind::BadValue, format!("there is no compressor {text:?}"))
                .with_help("compressors are none, zstd, gzip and blosc, with a level: zstd:9, blosc:lz4:5")
        };
        let level = |level: Option<&str>, usual: i32, least: i32, most: i32| match level.map(str::parse::<i32>) {
            None => Ok(usual),
            Some(Ok(level)) if (least..=most).contains(&level) => Ok(level),
            Some(_) => Err(Error::new(ErrorKind::BadValue, format!("{text:?} has a level that is not {least} to {most}"))),
        };
        let parts: Vec<&str> = text.split(':').collect();
        match parts[..] {
            ["none"] => Ok(Compressor::None),
            ["zstd", ref rest @ ..] if rest.len() < 2 => Ok(Compressor::Zstd(level(rest.first().copied(), 3, -7, 22)?)),
            ["gzip", ref rest @ ..] if rest.len() < 2 => Ok(Compressor::Gzip(level(rest.first().copied(), 5, 0, 9)?)),
            ["blosc"] => Ok(Compressor::Blosc { name: BLOSC[0].to_owned(), level: 5 }),
            ["blosc", name, ref rest @ ..] if rest.len() < 2 && BLOSC.contains(&name) => {
                Ok(Compressor::Blosc { name: name.to_owned(), level: level(rest.first().copied(), 5, 0, 9)? })
            }
            _ => Err(unknown()),
        }
    }

    /// As a codec of version 3.
    fn codec(&self, item: usize) -> Option<String> {
        match self {
            Compressor::None => None,
            Compressor::Zstd(level) => Some(format!(r#"{{"name":"zstd","configuration":{{"level":{level},"checksum":false}}}}"#)),
            Compressor::Gzip(level) => Some(format!(r#"{{"name":"gzip","configuration":{{"level":{level}}}}}"#)),
            Compressor::Blosc { name, level } => Some(format!(
                r#"{{"name":"blosc","configuration":{{"cname":"{name}","clevel":{level},"shuffle":"shuffle","typesize":{item},"blocksize":0}}}}"#
            )),
        }
    }

    /// As a compressor of version 2.
    fn compressor(&self) -> String {
        match self {
            Compressor::None => "null".to_owned(),
            Compressor::Zstd(level) => format!(r#"{{"id":"zstd","level":{level},"checksum":false}}"#),
            Compressor::Gzip(level) => format!(r#"{{"id":"gzip","level":{level}}}"#),
            Compressor::Blosc { name, level } => format!(r#"{{"id":"blosc","cname":"{name}","clevel":{level},"shuffle":1,"blocksize":0}}"#),
        }
    }
}

fn list(lens: &[usize]) -> String {
    format!("[{}]", lens.iter().map(usize::to_string).collect::<Vec<_>>().join(","))
}

fn real(value: f64) -> String {
    match value {
        value if value.is_nan() => "\"NaN\"".to_owned(),
        f64::INFINITY => "\"Infinity\"".to_owned(),
        f64::NEG_INFINITY => "\"-Infinity\"".to_owned(),
        value => format!("{value:?}"),
    }
}

/// A fill value as JSON.
fn fill(value: &Scalar) -> Result<String> {
    let dtype = value.dtype();
    if dtype.is_bool() {
        return Ok((value.bytes() != [0]).to_string());
    }
    if dtype.is_unsigned() {
        return Ok((value.cast(DType::U64)?.bits() as u64).to_string());
    }
    if dtype.is_signed() {
        return Ok(value.cast(DType::I64)?.bits().to_string());
    }
    if dtype.is_float() {
        return Ok(real(value.float()?));
    }
    let wide = value.cast(DType::C128)?;
    let number: Complex<f64> = bytemuck::pod_read_unaligned(wide.bytes());
    Ok(format!("[{},{}]", real(number.re), real(number.im)))
}

impl Document<'_> {
    pub(super) fn write(&self) -> Result<String> {
        match self.version {
            Version::V2 => self.second(),
            Version::V3 => self.third(),
        }
    }

    fn second(&self) -> Result<String> {
        if self.inner.is_some() || self.checksum {
            let what = if self.checksum { "checksums" } else { "shards" };
            return Err(
                Error::new(ErrorKind::BadValue, format!("version 2 of Zarr has no {what}")).with_help("write version 3, the default")
            );
        }
        let kind = match self.dtype {
            DType::Bool => 'b',
            dtype if dtype.is_signed() => 'i',
            dtype if dtype.is_unsigned() => 'u',
            dtype if dtype.is_complex() => 'c',
            _ => 'f',
        };
        let order = if self.dtype.size() == 1 { '|' } else { '<' };
        Ok(format!(
            r#"{{"zarr_format":2,"shape":{},"chunks":{},"dtype":"{order}{kind}{}","compressor":{},"fill_value":{},"order":"C","filters":null,"dimension_separator":"{}"}}"#,
            list(self.shape),
            list(self.chunk),
            self.dtype.size(),
            self.compressor.compressor(),
            fill(&self.fill)?,
            self.separator,
        ))
    }

    fn third(&self) -> Result<String> {
        let data_type = match self.dtype {
            DType::Bool => "bool".to_owned(),
            dtype if dtype.is_signed() => format!("int{}", dtype.size() * 8),
            dtype if dtype.is_unsigned() => format!("uint{}", dtype.size() * 8),
            dtype if dtype.is_complex() => format!("complex{}", dtype.size() * 8),
            dtype => format!("float{}", dtype.size() * 8),
        };
        let bytes = match self.dtype.size() {
            1 => r#"{"name":"bytes"}"#,
            _ => r#"{"name":"bytes","configuration":{"endian":"little"}}"#,
        };
        let mut codecs = vec![bytes.to_owned()];
        codecs.extend(self.compressor.codec(self.dtype.size()));
        if self.checksum {
            codecs.push(r#"{"name":"crc32c"}"#.to_owned());
        }
        let mut codecs = format!("[{}]", codecs.join(","));
        if let Some(inner) = self.inner {
            let index = r#"[{"name":"bytes","configuration":{"endian":"little"}},{"name":"crc32c"}]"#;
            codecs = format!(
                r#"[{{"name":"sharding_indexed","configuration":{{"chunk_shape":{},"codecs":{codecs},"index_codecs":{index},"index_location":"end"}}}}]"#,
                list(inner)
            );
        }
        Ok(format!(
            r#"{{"zarr_format":3,"node_type":"array","shape":{},"data_type":"{data_type}","chunk_grid":{{"name":"regular","configuration":{{"chunk_shape":{}}}}},"chunk_key_encoding":{{"name":"default","configuration":{{"separator":"{}"}}}},"fill_value":{},"codecs":{codecs},"attributes":{{}}}}"#,
            list(self.shape),
            list(self.chunk),
            self.separator,
            fill(&self.fill)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::zarr::stored::parsed;
    use stratal_stores::Place;

    #[test]
    fn compressors_have_levels() {
        assert_eq!(Compressor::parse("zstd").unwrap(), Compressor::Zstd(3));
        assert_eq!(Compressor::parse("zstd:-3").unwrap(), Compressor::Zstd(-3));
        assert_eq!(Compressor::parse("blosc:zstd:9").unwrap(), Compressor::Blosc { name: "zstd".to_owned(), level: 9 });
        assert_eq!(Compressor::parse("none").unwrap(), Compressor::None);
        for wrong in ["lzma", "gzip:10", "gzip:1:2", "none:1", "blosc:lzma", "zstd:x", ""] {
            assert_eq!(Compressor::parse(wrong).unwrap_err().kind(), ErrorKind::BadValue, "{wrong}");
        }
    }

    #[test]
    fn every_document_is_one_that_is_read() {
        let place = Place::of("/nowhere.zarr", &[]).unwrap();
        for dtype in DType::ALL {
            for compressor in ["none", "zstd:1", "gzip", "blosc:zlib:3"] {
                for (version, inner, separator) in [
                    (Version::V2, None, '.'),
                    (Version::V2, None, '/'),
                    (Version::V3, None, '/'),
                    (Version::V3, Some(&[2usize, 3][..]), '.'),
                ] {
                    let fill = Scalar::of(DType::U8, 1u8).cast(dtype).unwrap();
                    let compressor = Compressor::parse(compressor).unwrap();
                    let checksum = version == Version::V3;
                    let document =
                        Document { version, dtype, shape: &[7, 9], chunk: &[4, 6], inner, compressor, checksum, separator, fill };
                    let array = parsed(version, &document.write().unwrap(), &place).unwrap();
                    assert_eq!((array.shape(), array.fill_value().as_ne_bytes()), (&[7u64, 9][..], fill.bytes()));
                }
            }
        }
    }

    #[test]
    fn fill_values_that_json_has_no_number_for_are_words() {
        let float = |value: f64| fill(&Scalar::of(DType::F64, value)).unwrap();
        assert_eq!([float(f64::NAN), float(f64::NEG_INFINITY), float(-0.5)], ["\"NaN\"", "\"-Infinity\"", "-0.5"]);
        assert_eq!(fill(&Scalar::of(DType::U64, u64::MAX)).unwrap(), u64::MAX.to_string());
        assert_eq!(fill(&Scalar::of(DType::C128, Complex::new(1.0, f64::INFINITY))).unwrap(), "[1.0,\"Infinity\"]");
    }
}
