//! Strided copies of boxes. Elements are moved as bytes of their size, whatever they are.

use super::Chunk;
use smallvec::SmallVec;

/// An axis that is walked: its length and the strides of what is read and what is written.
type Walked = SmallVec<[(usize, isize, isize); 4]>;

/// The axes without those of length 1, and neighbours that are walked as one put together.
fn merged(axes: impl Iterator<Item = (usize, isize, isize)>) -> Walked {
    let mut walked = Walked::new();
    for (len, read, write) in axes.filter(|(len, ..)| *len != 1) {
        match walked.last_mut() {
            Some((outer, outer_read, outer_write)) if *outer_read == read * len as isize && *outer_write == write * len as isize => {
                (*outer, *outer_read, *outer_write) = (*outer * len, read, write);
            }
            _ => walked.push((len, read, write)),
        }
    }
    walked
}

/// `out.len()` elements from `from`, `stride` apart.
fn row<const N: usize>(from: &[[u8; N]], at: isize, stride: isize, out: &mut [[u8; N]]) {
    match stride {
        1 => out.copy_from_slice(&from[at as usize..at as usize + out.len()]),
        0 => out.fill(from[at as usize]),
        _ => {
            let mut at = at;
            for item in out {
                *item = from[at as usize];
                at += stride;
            }
        }
    }
}

macro_rules! by_size {
    ($size:expr, $N:ident => $call:expr) => {
        match $size {
            1 => {
                const $N: usize = 1;
                $call
            }
            2 => {
                const $N: usize = 2;
                $call
            }
            4 => {
                const $N: usize = 4;
                $call
            }
            8 => {
                const $N: usize = 8;
                $call
            }
            _ => {
                const $N: usize = 16;
                $call
            }
        }
    };
}

/// Reads elements in row-major order from the one with the number `start` until `out` is full.
pub(super) fn gather(chunk: &Chunk, start: usize, out: &mut [u8]) {
    let from = chunk.buffer().as_slice();
    by_size!(chunk.dtype().size(), N => gather_of::<N>(chunk, start, from.as_chunks::<N>().0, out.as_chunks_mut::<N>().0));
}

fn gather_of<const N: usize>(chunk: &Chunk, start: usize, from: &[[u8; N]], mut out: &mut [[u8; N]]) {
    // The written side is dense, so that its strides say where an element stands in row-major order.
    let mut dense = 1isize;
    let mut axes: Walked = chunk
        .shape()
        .iter()
        .zip(chunk.strides())
        .rev()
        .map(|(len, stride)| {
            let write = dense;
            dense *= *len as isize;
            (*len, *stride, write)
        })
        .collect();
    axes.reverse();
    let axes = merged(axes.into_iter());
    let Some(((last, stride, _), outer)) = axes.split_last() else {
        return row(from, chunk.offset() as isize, 0, out);
    };
    let mut index: SmallVec<[usize; 4]> = outer.iter().map(|(len, _, write)| start / *write as usize % len).collect();
    let mut first = start % last;
    let mut base = chunk.offset() as isize + index.iter().zip(outer).map(|(at, (_, read, _))| *at as isize * read).sum::<isize>();
    loop {
        let count = (last - first).min(out.len());
        let (head, rest) = std::mem::take(&mut out).split_at_mut(count);
        row(from, base + first as isize * stride, *stride, head);
        if rest.is_empty() {
            return;
        }
        (out, first) = (rest, 0);
        advance(&mut index, outer, &mut base, &mut 0);
    }
}

/// Goes to the next row. False after the last one.
fn advance(index: &mut [usize], axes: &[(usize, isize, isize)], read: &mut isize, write: &mut isize) -> bool {
    for (at, (len, by_read, by_write)) in index.iter_mut().zip(axes).rev() {
        *at += 1;
        *read += by_read;
        *write += by_write;
        if *at < *len {
            return true;
        }
        *read -= by_read * *len as isize;
        *write -= by_write * *len as isize;
        *at = 0;
    }
    false
}

/// Writes all elements into a box that begins at `at` of an array with these strides.
pub(super) fn scatter(chunk: &Chunk, out: &mut [u8], strides: &[isize], at: &[usize]) {
    let from = chunk.buffer().as_slice();
    by_size!(chunk.dtype().size(), N => scatter_of::<N>(chunk, from.as_chunks::<N>().0, out.as_chunks_mut::<N>().0, strides, at));
}

fn scatter_of<const N: usize>(chunk: &Chunk, from: &[[u8; N]], out: &mut [[u8; N]], strides: &[isize], at: &[usize]) {
    let mut write = at.iter().zip(strides).map(|(at, stride)| *at as isize * stride).sum::<isize>();
    let mut read = chunk.offset() as isize;
    let axes = merged(chunk.shape().iter().zip(chunk.strides()).zip(strides).map(|((len, read), write)| (*len, *read, *write)));
    let Some(((last, by_read, by_write), outer)) = axes.split_last() else {
        out[write as usize] = from[read as usize];
        return;
    };
    let mut index: SmallVec<[usize; 4]> = SmallVec::from_elem(0, outer.len());
    loop {
        if *by_write == 1 {
            row(from, read, *by_read, &mut out[write as usize..write as usize + last]);
        } else {
            for step in 0..*last as isize {
                out[(write + step * by_write) as usize] = from[(read + step * by_read) as usize];
            }
        }
        if !advance(&mut index, outer, &mut read, &mut write) {
            return;
        }
    }
}
