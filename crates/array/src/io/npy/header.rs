//! Headers of `.npy` files: dtype, order and shape, versions 1 to 3.

use crate::grid::show_shape;
use ndarray_npy::npy::header::Header as Parsed;
use stratal_core::{Error, ErrorKind, Result, value::DType};

/// What every file begins with.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";
/// Bytes that are read first; nearly every header is shorter.
pub(super) const FIRST: usize = 4096;
/// A longer header is taken for damage.
const LONGEST: usize = 16 << 20;
/// What the length of a header is a multiple of.
const STEP: usize = 64;

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) dtype: DType,
    /// Whether bytes of numbers stand in the other order.
    pub(super) swapped: bool,
    /// Whether the first axis runs fastest.
    pub(super) fortran: bool,
    pub(super) shape: Vec<usize>,
    /// Bytes before the elements.
    pub(super) len: usize,
}

impl Header {
    /// Bytes of all elements, where they can be counted.
    pub(super) fn bytes(&self) -> Result<u64> {
        let count = self.shape.iter().try_fold(self.dtype.size() as u64, |bytes, len| bytes.checked_mul(*len as u64));
        count.ok_or_else(|| Error::new(ErrorKind::BadValue, format!("the shape {} cannot be counted", show_shape(&self.shape))))
    }
}

/// The length of a header, from its first 12 bytes.
pub(super) fn length(first: &[u8]) -> Result<usize> {
    let bad = |message: String| Err(Error::new(ErrorKind::BadValue, message).with_help("numpy.save writes .npy files"));
    if first.len() < 12 || !first.starts_with(MAGIC) {
        return bad("this is no .npy file: it does not begin with \\x93NUMPY".to_owned());
    }
    let len = match first[6] {
        1 => 10 + u16::from_le_bytes([first[8], first[9]]) as usize,
        2 | 3 => 12 + u32::from_le_bytes([first[8], first[9], first[10], first[11]]) as usize,
        version => return bad(format!("version {version} of .npy is not known, only 1 to 3")),
    };
    if len > LONGEST { bad(format!("a header of {len} bytes is damaged")) } else { Ok(len) }
}

/// Reads a whole header.
pub(super) fn parse(bytes: &[u8]) -> Result<Header> {
    let parsed = Parsed::from_reader(&mut &*bytes)
        .map_err(|error| Error::new(ErrorKind::BadValue, format!("the header of the file is damaged: {error}")))?;
    let Some(descriptor) = parsed.type_descriptor.as_string() else {
        return Err(
            Error::new(ErrorKind::DType, "the elements are records of several fields").with_help("save each field as a file of its own")
        );
    };
    let (dtype, swapped) = dtype_of(descriptor)?;
    Ok(Header { dtype, swapped, fortran: parsed.layout.is_fortran(), shape: parsed.shape, len: bytes.len() })
}

/// A dtype as numpy writes it: `<f8`, `>i4`, `|b1`.
fn dtype_of(descriptor: &str) -> Result<(DType, bool)> {
    let (order, name) = match descriptor.split_at_checked(1) {
        Some((order @ ("<" | ">" | "|" | "="), name)) => (order, name),
        _ => ("=", descriptor),
    };
    let dtype = match name {
        "b1" | "?" => DType::Bool,
        "i1" => DType::I8,
        "i2" => DType::I16,
        "i4" => DType::I32,
        "i8" => DType::I64,
        "u1" => DType::U8,
        "u2" => DType::U16,
        "u4" => DType::U32,
        "u8" => DType::U64,
        "f4" => DType::F32,
        "f8" => DType::F64,
        "c8" => DType::C64,
        "c16" => DType::C128,
        _ => {
            let help = match name.as_bytes().first() {
                Some(b'f') => "save it as float32: a.astype('f4')",
                Some(b'M' | b'm') => "save it as int64: a.astype('i8')",
                _ => "save numbers or booleans",
            };
            return Err(Error::new(ErrorKind::DType, format!("elements of numpy's dtype {descriptor:?} are not read")).with_help(help));
        }
    };
    let foreign = if cfg!(target_endian = "little") { ">" } else { "<" };
    Ok((dtype, order == foreign && dtype.size() > 1))
}

/// The header of a file in row-major order and this machine's order of bytes.
pub(super) fn write(dtype: DType, shape: &[usize]) -> Vec<u8> {
    let order = match dtype.size() {
        1 => '|',
        _ if cfg!(target_endian = "little") => '<',
        _ => '>',
    };
    let kind = match dtype {
        DType::Bool => 'b',
        dtype if dtype.is_signed() => 'i',
        dtype if dtype.is_unsigned() => 'u',
        dtype if dtype.is_complex() => 'c',
        _ => 'f',
    };
    let text = format!("{{'descr': '{order}{kind}{}', 'fortran_order': False, 'shape': {}, }}", dtype.size(), show_shape(shape));
    let long = text.len() + 11 > u16::MAX as usize;
    let before = if long { 12 } else { 10 };
    // A newline ends it.
    let len = (before + text.len() + 1).next_multiple_of(STEP);
    let mut out = Vec::with_capacity(len);
    out.extend_from_slice(MAGIC);
    match long {
        true => {
            out.extend_from_slice(&[2, 0]);
            out.extend_from_slice(&((len - before) as u32).to_le_bytes());
        }
        false => {
            out.extend_from_slice(&[1, 0]);
            out.extend_from_slice(&((len - before) as u16).to_le_bytes());
        }
    }
    out.extend_from_slice(text.as_bytes());
    out.resize(len - 1, b' ');
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_was_written_is_read() {
        for dtype in DType::ALL {
            for shape in [vec![], vec![3], vec![2, 0, 5]] {
                let bytes = write(dtype, &shape);
                assert_eq!((bytes.len() % STEP, length(&bytes[..12]).unwrap()), (0, bytes.len()));
                let header = Header { dtype, swapped: false, fortran: false, shape, len: bytes.len() };
                assert_eq!(parse(&bytes).unwrap(), header);
            }
        }
    }

    #[test]
    fn orders_of_bytes_are_told_apart() {
        assert_eq!(dtype_of(">f8").unwrap(), (DType::F64, cfg!(target_endian = "little")));
        assert_eq!(dtype_of("|b1").unwrap(), (DType::Bool, false));
        assert_eq!(dtype_of(">u1").unwrap(), (DType::U8, false));
        assert_eq!(dtype_of("<f2").unwrap_err().kind(), ErrorKind::DType);
        assert!(dtype_of("<M8[ns]").unwrap_err().help().unwrap().contains("i8"));
        assert!(dtype_of("").is_err());
    }

    #[test]
    fn what_is_no_header_is_refused() {
        assert!(length(b"PK\x03\x04 and more bytes").unwrap_err().message().contains("no .npy file"));
        assert!(length(b"\x93NUMPY\x09\x00\x00\x00\x00\x00").unwrap_err().message().contains("version 9"));
        assert!(parse(b"\x93NUMPY\x01\x00\x04\x00{}a\n").is_err());
    }
}
