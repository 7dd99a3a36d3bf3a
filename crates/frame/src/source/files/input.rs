//! [`Input`]: the bytes of a part of a file, from this machine or from elsewhere, decompressed where need be.

use super::{Listed, compression::Compression, download::Download};
use bytes::{Buf, Bytes};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};
use stratal_core::{Error, ErrorKind, Result};
use stratal_stores::wait_here;

/// Where bytes come from.
pub(super) enum Input {
    /// The file system, and how many bytes are left.
    File(File, u64),
    /// A store; the next bytes are under way.
    Download(Download),
    /// A file that is compressed, and whether its end was seen.
    Decoded { reader: Box<dyn Read + Send>, is_done: bool, compression: Compression },
}

impl Input {
    /// The bytes in `range`; of a compressed file, all bytes.
    pub(super) fn open(file: &Listed, range: Range<u64>, compression: Option<Compression>) -> Result<Self> {
        // Nothing is a compressed file of nothing, too.
        let compression = compression.filter(|_| file.size > 0);
        let range = if compression.is_some() { 0..file.size } else { range };
        let plain = if file.site.is_local() {
            file.check()?;
            let named = |error: io::Error| Error::from(error).in_file(&*file.shown, None, None);
            let mut disk = File::open(file.on_disk()).map_err(named)?;
            disk.seek(SeekFrom::Start(range.start)).map_err(named)?;
            Input::File(disk, range.end - range.start)
        } else {
            Input::Download(Download::new(file.object()?, range))
        };
        let Some(compression) = compression else { return Ok(plain) };
        let reader = match plain {
            Input::File(disk, _) => compression.decoder(disk)?,
            Input::Download(download) => compression.decoder(Waiting { download, bytes: Bytes::new() })?,
            Input::Decoded { reader, .. } => reader,
        };
        Ok(Input::Decoded { reader, is_done: false, compression })
    }

    /// Whether it is known that there is no more.
    pub(super) fn is_done(&self) -> bool {
        match self {
            Input::File(_, left) => *left == 0,
            Input::Download(download) => download.left() == 0,
            Input::Decoded { is_done, .. } => *is_done,
        }
    }

    /// Appends `wanted` bytes, or somewhat more; fewer where the end is nearer. What is on this machine never waits.
    pub(super) async fn read(&mut self, buffer: &mut Vec<u8>, wanted: usize, shown: &str) -> Result<()> {
        match self {
            Input::File(file, left) => {
                let wanted = (wanted as u64).min(*left);
                let read = file.take(wanted).read_to_end(buffer);
                let read = read.map_err(|error| Error::from(error).in_file(shown, None, None))? as u64;
                if read < wanted {
                    let message = "the file became shorter while it was read";
                    return Err(Error::new(ErrorKind::Io, message).in_file(shown, None, None));
                }
                *left -= read;
            }
            Input::Download(download) => {
                let enough = buffer.len() + wanted;
                while buffer.len() < enough {
                    match download.next().await? {
                        Some(bytes) => buffer.extend_from_slice(&bytes),
                        None => break,
                    }
                }
            }
            Input::Decoded { reader, is_done, compression } => {
                let read = reader.take(wanted as u64).read_to_end(buffer);
                *is_done = read.map_err(|error| damaged(error, *compression, shown))? < wanted;
            }
        }
        Ok(())
    }
}

/// An error of a store that came through a decoder, or the decoder's own.
fn damaged(error: io::Error, compression: Compression, shown: &str) -> Error {
    if let Some(own) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return own.clone();
    }
    let message = format!("the file cannot be decompressed as {}: {error}", compression.name());
    Error::new(ErrorKind::BadValue, message)
        .in_file(shown, None, None)
        .with_help("if it is compressed otherwise, or not at all, say so: compression(\"gzip\" | \"zstd\" | \"bz2\" | \"xz\" | \"none\")")
}

/// A download for decoders, which cannot be left in the middle of what they do. What it waits for comes from another thread
/// and is asked for ahead, so that it seldom waits.
struct Waiting {
    download: Download,
    bytes: Bytes,
}

impl Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.bytes.is_empty() {
            match wait_here(self.download.next()).map_err(io::Error::other)? {
                Some(bytes) => self.bytes = bytes,
                None => return Ok(0),
            }
        }
        let read = self.bytes.len().min(buffer.len());
        buffer[..read].copy_from_slice(&self.bytes[..read]);
        self.bytes.advance(read);
        Ok(read)
    }
}

/// The bytes in `range` of a file that is not compressed.
pub(crate) async fn read_range(file: &Listed, range: Range<u64>) -> Result<Vec<u8>> {
    let wanted = (range.end - range.start) as usize;
    let mut input = Input::open(file, range, None)?;
    let mut bytes = Vec::with_capacity(wanted);
    input.read(&mut bytes, wanted, &file.shown).await?;
    Ok(bytes)
}
