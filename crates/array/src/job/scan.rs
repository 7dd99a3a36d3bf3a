//! Running sums and products: the kinds `array.prefix` and `array.scan`.
//!
//! Each chunk leaves its totals along the axis, as a reduction does. One task for each line of chunks makes of them what comes
//! before each chunk. Then every chunk runs through its own elements, beginning there.

use super::{Job, JobKind, only};
use crate::{
    element::Item,
    fold::{self, Fold, Reduction, Visit},
    grid::Grid,
    kernel,
};
use arrow_buffer::{Buffer, MutableBuffer};
use bytemuck::cast_slice;
use serde::{Deserialize, Serialize};
use stratal_core::{
    Error, Index, Result,
    runner::TaskContext,
    value::{Chunk, DType},
};

stratal_core::register_kind!(JobKind::<Prefix>::new());
stratal_core::register_kind!(JobKind::<Scanned>::new());

/// Elements between two looks at whether the task is still wanted.
const OFTEN: usize = 1 << 17;

/// What comes before each chunk of a line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Prefix {
    pub(crate) how: Reduction,
}

/// The running results of a chunk.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Scanned {
    pub(crate) name: String,
    pub(crate) how: Reduction,
    pub(crate) grid: Grid,
    pub(crate) axis: usize,
}

impl Job for Prefix {
    const KIND: &'static str = "array.prefix";

    fn describe(&self) -> String {
        "prefix".to_owned()
    }

    fn run(&self, _: Index, inputs: &[Vec<Chunk>], _: &TaskContext) -> Result<Chunk> {
        let totals = inputs.first().ok_or_else(|| Error::internal("a line of chunks without an input"))?;
        fold::visit(self.how.kind, self.how.of, Before(totals))
    }
}

/// The states before each of several chunks, as words: one row a chunk.
struct Before<'a>(&'a [Chunk]);

impl Visit for Before<'_> {
    type Out = Result<Chunk>;

    fn visit<T: Item, S: Fold<T>>(self) -> Result<Chunk> {
        let totals = self.0.iter().map(fold::load::<S>).collect::<Result<Vec<Vec<S>>>>()?;
        let mut running = vec![S::empty(); totals.first().map_or(0, Vec::len)];
        let row = running.len() * S::WORDS;
        let mut words = Vec::with_capacity(totals.len() * row);
        for states in &totals {
            let mut before = vec![0u64; row];
            running.iter().zip(before.chunks_exact_mut(S::WORDS)).for_each(|(state, words)| state.save(words));
            words.extend_from_slice(&before);
            running.iter_mut().zip(states).for_each(|(running, state)| running.merge(state));
        }
        Chunk::new(DType::U64, &[totals.len(), row], Buffer::from_vec(words))
    }
}

impl Job for Scanned {
    const KIND: &'static str = "array.scan";

    fn describe(&self) -> String {
        self.name.clone()
    }

    fn run(&self, task: Index, inputs: &[Vec<Chunk>], cx: &TaskContext) -> Result<Chunk> {
        let (chunk, before) = (only(inputs, 0)?, only(inputs, 1)?);
        let nth = self.grid.coordinates(task)[self.axis];
        fold::visit(self.how.kind, self.how.of, Running { job: self, chunk: &chunk.compact(), before, nth, cx })
    }
}

struct Running<'a> {
    job: &'a Scanned,
    chunk: &'a Chunk,
    before: &'a Chunk,
    nth: usize,
    cx: &'a TaskContext,
}

impl Visit for Running<'_> {
    type Out = Result<Chunk>;

    fn visit<T: Item, S: Fold<T>>(self) -> Result<Chunk> {
        let Running { job, chunk, before, nth, cx } = self;
        let shape = chunk.shape();
        let inner: usize = shape[job.axis + 1..].iter().product();
        let len = shape[job.axis];
        let how = &job.how;
        let row = before.shape().get(1).copied().unwrap_or(0);
        let states = before.view(&[nth, 0], &[1, row], &[1, 1])?.compact();
        let states = Chunk::new(DType::U64, &[row / S::WORDS, S::WORDS], states.buffer().clone())?;
        let mut states = fold::load::<S>(&states)?;
        let items: &[T] = cast_slice(chunk.as_bytes().ok_or_else(|| Error::internal("a compact chunk is not contiguous"))?);
        let mut made: Vec<S::Out> = Vec::with_capacity(items.len());
        // Elements come line by line along the axis, the inner ones side by side.
        for (at, item) in items.iter().enumerate() {
            if at % OFTEN == OFTEN - 1 {
                cx.checkpoint()?;
            }
            let state = &mut states[at / (len * inner) * inner + at % inner];
            if !(how.skip && item.is_nan()) {
                state.push(*item, 0);
            }
            made.push(state.out(how)?);
        }
        let mut out = MutableBuffer::from_len_zeroed(made.len() * how.gives.size());
        kernel::cast(S::dtype(how.of), how.gives, cast_slice(&made), out.as_slice_mut())?;
        Chunk::new(how.gives, shape, out.into())
    }
}
