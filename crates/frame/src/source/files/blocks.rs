//! [`Blocks`]: a part of a file, a block at a time, for readers that find where records end.

use super::{Compression, Listed, input::Input};
use std::ops::Range;
use stratal_core::Result;

/// Bytes read at once.
pub(crate) const BLOCK: usize = 1 << 20;

/// A part of a file. What was read and not yet taken stands in a buffer.
pub(crate) struct Blocks {
    file: Listed,
    compression: Option<Compression>,
    input: Input,
    buffer: Vec<u8>,
    at: usize,
    /// Where the buffer begins in the file, or in what it holds decompressed.
    base: u64,
    /// Whether the part ends where the file does.
    is_tail: bool,
}

impl Blocks {
    /// Opens `range` of a file; of a compressed one, all of it.
    ///
    /// # Errors
    /// Those of [`Listed::check`].
    pub(crate) fn open(file: &Listed, range: Range<u64>, compression: Option<Compression>) -> Result<Self> {
        let base = if compression.is_some() { 0 } else { range.start };
        let is_tail = compression.is_some() || range.end == file.size;
        let input = Input::open(file, range, compression)?;
        Ok(Blocks { file: file.clone(), compression, input, buffer: Vec::new(), at: 0, base, is_tail })
    }

    /// The file, as errors call it.
    pub(crate) fn shown(&self) -> &str {
        &self.file.shown
    }

    /// All bytes at hand. Positions are positions in it, until the next [`fill`](Self::fill).
    pub(crate) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// How many of them were taken.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Those that were not taken.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    /// Takes some.
    pub(crate) fn take(&mut self, count: usize) {
        self.at += count;
    }

    /// Gives back some that were taken since the last [`fill`](Self::fill).
    pub(crate) fn give_back(&mut self, count: usize) {
        self.at -= count;
    }

    /// Whether the part has no more than what is at hand.
    pub(crate) fn is_done(&self) -> bool {
        self.input.is_done()
    }

    /// Whether the file has no more.
    pub(crate) fn is_last(&self) -> bool {
        self.is_done() && self.is_tail
    }

    /// Where in the file a position in the buffer is.
    pub(crate) fn offset_of(&self, at: usize) -> u64 {
        self.base + at as u64
    }

    /// Where in the file the bytes begin that were not taken.
    pub(crate) fn offset(&self) -> u64 {
        self.offset_of(self.at)
    }

    /// Reads on, and moves what was not taken to the front of the buffer.
    pub(crate) async fn fill(&mut self) -> Result<()> {
        self.buffer.drain(..self.at);
        self.base += self.at as u64;
        self.at = 0;
        // A record longer than a block is read in doubling steps, so that it is not split over and over.
        let wanted = BLOCK.max(self.buffer.len());
        self.input.read(&mut self.buffer, wanted, &self.file.shown).await
    }

    /// Takes these bytes if they come next.
    pub(crate) async fn skip(&mut self, prefix: &[u8]) -> Result<()> {
        while self.rest().len() < prefix.len() && !self.is_done() {
            self.fill().await?;
        }
        if self.rest().starts_with(prefix) {
            self.take(prefix.len());
        }
        Ok(())
    }

    /// Takes so many lines.
    pub(crate) async fn skip_lines(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            let mut seen = 0;
            loop {
                if let Some(end) = self.rest()[seen..].iter().position(|byte| *byte == b'\n') {
                    self.take(seen + end + 1);
                    break;
                }
                seen = self.rest().len();
                if self.is_done() {
                    self.take(seen);
                    return Ok(());
                }
                self.fill().await?;
            }
        }
        Ok(())
    }

    /// The line of a place in the file, from 1. Only errors need it, so that nothing is counted while all goes well.
    pub(crate) async fn line_of(&mut self, offset: u64) -> Result<u64> {
        let mut input = Input::open(&self.file, 0..offset.min(self.file.size), self.compression)?;
        let (mut lines, mut left, mut block) = (1, offset, Vec::with_capacity(BLOCK));
        while left > 0 && !input.is_done() {
            block.clear();
            input.read(&mut block, BLOCK, &self.file.shown).await?;
            let counted = block.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            lines += block[..counted].iter().filter(|byte| **byte == b'\n').count() as u64;
            left -= counted as u64;
        }
        Ok(lines)
    }
}
