//! [`Compressor`]: bytes through a codec, as they come.

use crate::error::of_datafusion;
use bytes::Bytes;
use datafusion::{common::Result as DfResult, datasource::file_format::file_compression_type::FileCompressionType};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedSender, unbounded},
    stream::BoxStream,
    task::noop_waker_ref,
};
use std::task::{Context, Poll};
use stratal_core::{Error, Result};

/// A codec that is fed and asked for what it has made. The codecs at hand work on streams; this one is polled by whoever
/// feeds it and waits for nobody.
pub(super) struct Compressor {
    plain: UnboundedSender<DfResult<Bytes>>,
    packed: BoxStream<'static, DfResult<Bytes>>,
}

impl Compressor {
    pub(super) fn new(codec: FileCompressionType) -> Result<Self> {
        let (plain, fed) = unbounded();
        let packed = codec.convert_to_compress_stream(fed.boxed()).map_err(of_datafusion)?;
        Ok(Compressor { plain, packed })
    }

    /// Takes bytes in; what they make is added to `out`, now or later.
    pub(super) fn push(&mut self, bytes: Vec<u8>, out: &mut Vec<u8>) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.plain.unbounded_send(Ok(bytes.into())).map_err(|_| stopped())?;
        match drain(&mut self.packed, out)? {
            true => Err(stopped()),
            false => Ok(()),
        }
    }

    /// Adds the rest to `out`.
    pub(super) fn finish(self, out: &mut Vec<u8>) -> Result<()> {
        let Compressor { plain, mut packed } = self;
        drop(plain);
        match drain(&mut packed, out)? {
            true => Ok(()),
            false => Err(stopped()),
        }
    }
}

fn stopped() -> Error {
    Error::internal("a codec ended before its input, or after it")
}

/// Takes what there is; whether that was the end.
fn drain(packed: &mut BoxStream<'static, DfResult<Bytes>>, out: &mut Vec<u8>) -> Result<bool> {
    let mut context = Context::from_waker(noop_waker_ref());
    loop {
        match packed.poll_next_unpin(&mut context) {
            Poll::Ready(Some(bytes)) => out.extend_from_slice(&bytes.map_err(of_datafusion)?),
            Poll::Ready(None) => return Ok(true),
            Poll::Pending => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read};

    fn packed(codec: FileCompressionType, parts: &[Vec<u8>]) -> Vec<u8> {
        let mut compressor = Compressor::new(codec).unwrap();
        let mut out = Vec::new();
        parts.iter().for_each(|part| compressor.push(part.clone(), &mut out).unwrap());
        compressor.finish(&mut out).unwrap();
        out
    }

    #[test]
    fn what_is_unpacked_is_what_was_fed() {
        let line = |at: usize| format!("{at},{}\n", at * 7919 % 1009).into_bytes();
        let parts: Vec<Vec<u8>> = (0..40).map(|part| (part * 1000..part * 1000 + 1000).flat_map(line).collect()).collect();
        for codec in [FileCompressionType::GZIP, FileCompressionType::ZSTD, FileCompressionType::BZIP2, FileCompressionType::XZ] {
            for parts in [&parts[..], &parts[..1], &[Vec::new()], &[]] {
                let bytes = packed(codec, parts);
                let mut unpacked = Vec::new();
                codec.convert_read(Cursor::new(bytes.clone())).unwrap().read_to_end(&mut unpacked).unwrap();
                assert_eq!(unpacked, parts.concat(), "{codec:?}");
                assert!(parts.len() < 40 || bytes.len() < unpacked.len(), "{codec:?}: {} of {}", bytes.len(), unpacked.len());
            }
        }
    }

    #[test]
    fn files_one_after_another_are_a_file() {
        for codec in [FileCompressionType::GZIP, FileCompressionType::ZSTD, FileCompressionType::BZIP2, FileCompressionType::XZ] {
            let both = [packed(codec, &[b"one\n".to_vec()]), packed(codec, &[b"two\n".to_vec()])].concat();
            let mut unpacked = Vec::new();
            codec.convert_read(Cursor::new(both)).unwrap().read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, b"one\ntwo\n", "{codec:?}");
        }
    }
}
