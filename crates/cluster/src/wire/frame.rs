//! Frames: batches of small messages, and pieces of large ones, so that no gRPC message is above 4 MiB.
//!
//! A frame goes out when the outbox is drained or [`FRAME`] is reached. While one is on its way the outbox fills, so frames
//! grow with the load and nothing waits for a clock.

use bytes::{Buf, BufMut, Bytes};
use futures::{StreamExt, stream::BoxStream};
use serde::{Serialize, de::DeserializeOwned};
use std::{collections::VecDeque, marker::PhantomData};
use stratal_core::{Error, ErrorKind, Result};
use tokio::sync::mpsc::UnboundedReceiver;
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

/// Bytes of messages at which a frame is closed.
const FRAME: usize = 256 << 10;
/// A larger message is cut into pieces of this size.
const PIECE: usize = 2 << 20;
/// The largest message that is put together again.
pub(crate) const LARGEST: usize = 4 << 30;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carries {
    /// A greeting: the first frame of each side.
    Greeting = 0,
    /// Messages, one after another.
    Messages = 1,
    /// A piece of a message, and more to come.
    Piece = 2,
    /// The last piece of a message.
    Last = 3,
}

/// One gRPC message of the control plane.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) carries: Carries,
    pub(crate) bytes: Bytes,
}

/// Frames as gRPC messages: a byte that says what they carry, and that.
#[derive(Clone, Copy)]
pub(crate) struct FrameCodec;

impl Codec for FrameCodec {
    type Encode = Frame;
    type Decode = Frame;
    type Encoder = FrameCodec;
    type Decoder = FrameCodec;

    fn encoder(&mut self) -> Self::Encoder {
        FrameCodec
    }

    fn decoder(&mut self) -> Self::Decoder {
        FrameCodec
    }
}

impl Encoder for FrameCodec {
    type Item = Frame;
    type Error = Status;

    fn encode(&mut self, frame: Frame, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.reserve(1 + frame.bytes.len());
        out.put_u8(frame.carries as u8);
        out.put_slice(&frame.bytes);
        Ok(())
    }
}

impl Decoder for FrameCodec {
    type Item = Frame;
    type Error = Status;

    fn decode(&mut self, input: &mut DecodeBuf<'_>) -> Result<Option<Frame>, Status> {
        let carries = match input.has_remaining().then(|| input.get_u8()) {
            Some(0) => Carries::Greeting,
            Some(1) => Carries::Messages,
            Some(2) => Carries::Piece,
            Some(3) => Carries::Last,
            _ => return Err(Status::invalid_argument("what came is no frame of a Stratal process")),
        };
        let rest = input.remaining();
        Ok(Some(Frame { carries, bytes: input.copy_to_bytes(rest) }))
    }
}

/// A stream of frames: the greeting, then everything that is told, until nobody can tell more.
pub(crate) fn pack<T: Serialize + Send + 'static>(greeting: Bytes, told: UnboundedReceiver<Vec<T>>) -> BoxStream<'static, Frame> {
    let ready = VecDeque::from([Frame { carries: Carries::Greeting, bytes: greeting }]);
    let packer = Packer { told, open: Vec::new(), ready };
    futures::stream::unfold(packer, |mut packer| async { Some((packer.next().await?, packer)) }).boxed()
}

struct Packer<T> {
    told: UnboundedReceiver<Vec<T>>,
    /// The messages of the frame that is being filled.
    open: Vec<u8>,
    ready: VecDeque<Frame>,
}

impl<T: Serialize> Packer<T> {
    async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(frame);
            }
            let mut told = Some(self.told.recv().await?);
            while let Some(messages) = told {
                for message in &messages {
                    if let Err(error) = self.add(message) {
                        // The peer sees the stream end and gives this process up: better than a message that is missing.
                        tracing::error!(%error, "a message cannot be encoded");
                        return None;
                    }
                }
                told = self.ready.is_empty().then(|| self.told.try_recv().ok()).flatten();
            }
            self.close();
        }
    }

    fn add(&mut self, message: &T) -> postcard::Result<()> {
        let before = self.open.len();
        postcard::to_io(message, &mut self.open)?;
        if self.open.len() - before > PIECE {
            let mut large = Bytes::from(self.open.split_off(before));
            self.close();
            while large.len() > PIECE {
                self.ready.push_back(Frame { carries: Carries::Piece, bytes: large.split_to(PIECE) });
            }
            self.ready.push_back(Frame { carries: Carries::Last, bytes: large });
        } else if self.open.len() >= FRAME {
            self.close();
        }
        Ok(())
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            let bytes = std::mem::take(&mut self.open).into();
            self.ready.push_back(Frame { carries: Carries::Messages, bytes });
        }
    }
}

/// Takes frames apart again.
pub(crate) struct Unpacker<T> {
    /// The pieces so far of a large message.
    pieces: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T> Default for Unpacker<T> {
    fn default() -> Self {
        Unpacker { pieces: Vec::new(), of: PhantomData }
    }
}

impl<T: DeserializeOwned> Unpacker<T> {
    /// The messages that are whole with this frame.
    ///
    /// # Errors
    /// `BadValue` for bytes that are no messages.
    pub(crate) fn take(&mut self, frame: &Frame) -> Result<Vec<T>> {
        match frame.carries {
            Carries::Greeting => Err(Error::new(ErrorKind::BadValue, "a second greeting came")),
            Carries::Messages => messages(&frame.bytes),
            Carries::Piece => self.grow(&frame.bytes).map(|()| Vec::new()),
            Carries::Last => {
                self.grow(&frame.bytes)?;
                messages(&std::mem::take(&mut self.pieces))
            }
        }
    }

    fn grow(&mut self, piece: &[u8]) -> Result<()> {
        if self.pieces.len() + piece.len() > LARGEST {
            return Err(Error::new(ErrorKind::BadValue, format!("a message of more than {LARGEST} bytes came")));
        }
        self.pieces.extend_from_slice(piece);
        Ok(())
    }
}

fn messages<T: DeserializeOwned>(mut bytes: &[u8]) -> Result<Vec<T>> {
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let (message, rest) = postcard::take_from_bytes(bytes)
            .map_err(|error| Error::new(ErrorKind::BadValue, format!("what came is no message: {error}")))?;
        messages.push(message);
        bytes = rest;
    }
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;

    fn packed(batches: Vec<Vec<Vec<u8>>>) -> Vec<Frame> {
        let (tell, told) = tokio::sync::mpsc::unbounded_channel();
        batches.into_iter().for_each(|batch| tell.send(batch).unwrap());
        drop(tell);
        block_on(pack(Bytes::from_static(b"hello"), told).collect())
    }

    #[test]
    fn small_messages_share_a_frame_and_large_ones_are_cut() {
        let large: Vec<u8> = (0..20 << 20).map(|i| i as u8).collect();
        let messages = vec![vec![1u8, 2], vec![3], large, vec![4]];
        let frames = packed(vec![messages[..2].to_vec(), messages[2..].to_vec()]);
        assert_eq!((frames[0].carries, &frames[0].bytes[..]), (Carries::Greeting, &b"hello"[..]));
        assert!(frames.iter().all(|frame| frame.bytes.len() <= PIECE + FRAME));
        assert!(frames.iter().any(|frame| frame.carries == Carries::Last));
        let mut unpacker = Unpacker::<Vec<u8>>::default();
        let arrived: Vec<Vec<u8>> = frames[1..].iter().flat_map(|frame| unpacker.take(frame).unwrap()).collect();
        assert!(arrived == messages);
    }

    #[test]
    fn garbage_is_an_error() {
        let mut unpacker = Unpacker::<String>::default();
        let frame = |carries, bytes: &'static [u8]| Frame { carries, bytes: Bytes::from_static(bytes) };
        assert!(unpacker.take(&frame(Carries::Messages, &[200, 1, 2])).is_err());
        assert!(unpacker.take(&frame(Carries::Greeting, b"")).is_err());
        assert!(unpacker.take(&frame(Carries::Piece, &[255; 9])).unwrap().is_empty());
        assert!(unpacker.take(&frame(Carries::Last, b"")).is_err());
    }
}
