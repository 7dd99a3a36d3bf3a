//! `.npz` files: where in the archive an array stands.
//!
//! An entry that is not compressed is a `.npy` file inside another. A compressed one can only be read from its beginning; it
//! is what stands inside a gzip frame, and gzip is here for Zarr.

use super::header::{self, Header};
use std::{borrow::Cow, ops::Range};
use stratal_core::{Error, ErrorKind, Result, error::nearest};
use stratal_stores::Place;
use zarrs::array::{BytesRepresentation, BytesToBytesCodecTraits, CodecOptions, codec::GzipCodec};

/// Bytes at the end of an archive in which its directory is named: a record and the longest comment.
const TAIL: u64 = 22 + 65_535 + 20;
/// Where numbers of 32 bits do not suffice.
const LONG: u32 = u32::MAX;

/// An entry of an archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    name: String,
    method: u16,
    encrypted: bool,
    crc: u32,
    stored: u64,
    size: u64,
    local: u64,
}

/// Where the bytes of an entry are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// As they are.
    Plain {
        at: u64,
        size: u64,
    },
    Packed(Packed),
}

/// An entry that is compressed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub(super) struct Packed {
    bytes: Range<u64>,
    crc: u32,
    size: u64,
}

fn bad<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::new(ErrorKind::BadValue, message).with_help("numpy.savez writes .npz files"))
}

/// A little-endian number in bytes that are there.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N]> {
    match bytes.get(at..).and_then(|bytes| bytes.first_chunk::<N>()) {
        Some(found) => Ok(*found),
        None => bad("the archive is damaged: a record is cut off"),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16> {
    number(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    number(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64> {
    number(bytes, at).map(u64::from_le_bytes)
}

/// The directory of an archive.
fn entries(place: &Place) -> Result<Vec<Entry>> {
    let size = place.size()?;
    let tail_at = size.saturating_sub(TAIL);
    let tail = place.bytes(tail_at, (size - tail_at) as usize)?;
    let Some(end) = (0..tail.len().saturating_sub(21)).rev().find(|at| tail[*at..].starts_with(b"PK\x05\x06")) else {
        return bad("this is no .npz file: it does not end as a zip archive");
    };
    let mut directory = (u32_at(&tail, end + 16)? as u64, u32_at(&tail, end + 12)? as u64);
    if directory.0 == LONG as u64 || directory.1 == LONG as u64 || u16_at(&tail, end + 10)? == u16::MAX {
        // The record of large archives is named just before.
        let Some(locator) = end.checked_sub(20).filter(|at| tail[*at..].starts_with(b"PK\x06\x07")) else {
            return bad("the archive is damaged: it does not say where its directory is");
        };
        let record = place.bytes(u64_at(&tail, locator + 8)?, 56)?;
        directory = (u64_at(&record, 48)?, u64_at(&record, 40)?);
    }
    let (at, len) = directory;
    if at.checked_add(len).is_none_or(|end| end > size) {
        return bad("the archive is damaged: its directory is outside of it");
    }
    let bytes = place.bytes(at, len as usize)?;
    let (mut found, mut at) = (Vec::new(), 0);
    while bytes.get(at..).is_some_and(|rest| rest.starts_with(b"PK\x01\x02")) {
        let (name, extra, comment) =
            (u16_at(&bytes, at + 28)? as usize, u16_at(&bytes, at + 30)? as usize, u16_at(&bytes, at + 32)? as usize);
        let Some(text) = bytes.get(at + 46..at + 46 + name) else { return bad("the archive is damaged: a name is cut off") };
        let mut entry = Entry {
            name: String::from_utf8_lossy(text).into_owned(),
            method: u16_at(&bytes, at + 10)?,
            encrypted: u16_at(&bytes, at + 8)? & 1 == 1,
            crc: u32_at(&bytes, at + 16)?,
            stored: u32_at(&bytes, at + 20)? as u64,
            size: u32_at(&bytes, at + 24)? as u64,
            local: u32_at(&bytes, at + 42)? as u64,
        };
        large(&mut entry, bytes.get(at + 46 + name..at + 46 + name + extra).unwrap_or_default())?;
        // Memory is asked for by what is said here.
        if entry.local.checked_add(entry.stored).is_none_or(|end| end > size) {
            return bad(format!("the archive is damaged: the entry {:?} is outside of it", entry.name));
        }
        found.push(entry);
        at += 46 + name + extra + comment;
    }
    Ok(found)
}

/// Takes the numbers that need 64 bits from the fields that follow an entry.
fn large(entry: &mut Entry, mut extra: &[u8]) -> Result<()> {
    while extra.len() >= 4 {
        let (id, len) = (u16_at(extra, 0)?, u16_at(extra, 2)? as usize);
        let Some(field) = extra.get(4..4 + len) else { return Ok(()) };
        if id == 1 {
            let mut at = 0;
            for number in [&mut entry.size, &mut entry.stored, &mut entry.local] {
                if *number == LONG as u64 {
                    *number = u64_at(field, at)?;
                    at += 8;
                }
            }
        }
        extra = &extra[4 + len..];
    }
    Ok(())
}

/// The entry of an array. `.npy` after its name may be left out.
pub(super) fn find(place: &Place, name: &str) -> Result<Stored> {
    let entries = entries(place)?;
    let plain = |entry: &Entry| entry.name.strip_suffix(".npy").unwrap_or(&entry.name).to_owned();
    let Some(entry) = entries.iter().find(|entry| entry.name == name).or_else(|| entries.iter().find(|entry| plain(entry) == name)) else {
        let names: Vec<String> = entries.iter().map(plain).collect();
        let error = Error::new(ErrorKind::NotFound, format!("there is no array {name:?} in the archive"));
        return Err(match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => error.with_help(format!("did you mean {near:?}?")),
            None => error.with_help(format!("it has {names:?}")),
        });
    };
    if entry.encrypted {
        return bad(format!("the array {name:?} is encrypted"));
    }
    let head = place.bytes(entry.local, 30)?;
    if !head.starts_with(b"PK\x03\x04") {
        return bad("the archive is damaged: an entry is not where its directory says");
    }
    let at = entry.local + 30 + u16_at(&head, 26)? as u64 + u16_at(&head, 28)? as u64;
    match entry.method {
        0 => Ok(Stored::Plain { at, size: entry.stored }),
        8 => Ok(Stored::Packed(Packed { bytes: at..at.saturating_add(entry.stored), crc: entry.crc, size: entry.size })),
        method => bad(format!("the array {name:?} is compressed by method {method}, and only 8 (deflate) is known")),
    }
}

impl Packed {
    /// Bytes when it is unpacked.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// All bytes of the entry, header included.
    ///
    /// # Errors
    /// `BadValue` where they are damaged; what the store reports.
    pub(super) fn unpack(&self, place: &Place) -> Result<Vec<u8>> {
        let len = (self.bytes.end - self.bytes.start) as usize;
        let mut framed = Vec::with_capacity(len + 18);
        framed.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        framed.resize(10 + len, 0);
        place.fill(&[self.bytes.start], &mut framed[10..])?;
        framed.extend_from_slice(&self.crc.to_le_bytes());
        framed.extend_from_slice(&(self.size as u32).to_le_bytes());
        let codec = GzipCodec::new(0).map_err(|error| Error::internal(error.to_string()))?;
        let options = CodecOptions::default().with_concurrent_target(1);
        let unpacked = codec.decode(Cow::Owned(framed), &BytesRepresentation::UnboundedSize, &options);
        let unpacked = unpacked.map_err(|error| {
            Error::new(ErrorKind::BadValue, format!("the compressed array is damaged: {error}")).in_file(place.show(), None, None)
        })?;
        Ok(unpacked.into_owned())
    }
}

/// The header of bytes that begin with one.
pub(super) fn header_of(bytes: &[u8]) -> Result<Header> {
    let len = header::length(bytes)?;
    match bytes.get(..len) {
        Some(bytes) => header::parse(bytes),
        None => bad("the array is cut off within its header"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of one compressed entry that says it has so many bytes.
    fn archive(stored: u64) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.resize(26, 0);
        bytes.extend([5, 0, 0, 0]);
        bytes.extend(b"a.npy");
        let directory = bytes.len();
        let mut entry = b"PK\x01\x02".to_vec();
        entry.resize(46, 0);
        (entry[10], entry[28], entry[30]) = (8, 5, 20);
        // Both sizes are told by 64 bits, after the name.
        entry[20..28].fill(0xff);
        entry.extend(b"a.npy");
        entry.extend([1, 0, 16, 0]);
        entry.extend(stored.to_le_bytes());
        entry.extend(stored.to_le_bytes());
        let len = entry.len();
        bytes.extend(entry);
        let end = bytes.len();
        bytes.extend(b"PK\x05\x06");
        bytes.resize(end + 22, 0);
        bytes[end + 12..end + 16].copy_from_slice(&(len as u32).to_le_bytes());
        bytes[end + 16..end + 20].copy_from_slice(&(directory as u32).to_le_bytes());
        bytes
    }

    #[test]
    fn an_entry_that_is_longer_than_its_archive_is_refused() {
        let path = std::env::temp_dir().join(format!("stratal-npz-{}", std::process::id()));
        let place = Place::of(path.to_str().unwrap(), &[]).unwrap();
        std::fs::write(&path, archive(2)).unwrap();
        assert!(matches!(find(&place, "a").unwrap(), Stored::Packed(packed) if packed.size() == 2));
        for stored in [1 << 60, u64::MAX - 1] {
            std::fs::write(&path, archive(stored)).unwrap();
            let error = find(&place, "a").unwrap_err();
            assert!(error.message().contains("outside of it"), "{error}");
        }
        std::fs::remove_file(&path).unwrap();
    }
}
