//! The kinds `array.contract`, a tile of a contraction, and `array.sum`, partial sums of a tile added up.
//!
//! Both take one input after another, and add it in place.

use super::stream::{Stream, StreamKind, chunk};
use crate::contract::{Contraction, add, multiply};
use arrow_buffer::MutableBuffer;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use stratal_core::{
    Error, Index, Result,
    runner::TaskContext,
    value::{Chunk, DType},
};

stratal_core::register_kind!(StreamKind::<Contract>::new());
stratal_core::register_kind!(StreamKind::<Sum>::new());

/// A contraction, whose left side is the first input.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Contract {
    pub(crate) name: String,
    pub(crate) contraction: Contraction,
}

impl Stream for Contract {
    const KIND: &'static str = "array.contract";

    fn describe(&self) -> String {
        self.name.clone()
    }

    async fn run(&self, task: Index, cx: &TaskContext) -> Result<Chunk> {
        let of = &self.contraction;
        let tile = of.tile(task);
        let mut out = MutableBuffer::from_len_zeroed(tile.shape.iter().product::<usize>() * of.dtype.size());
        // The chunks of this panel, by input and number.
        let mut held: FxHashMap<(usize, Index), Chunk> = FxHashMap::default();
        for panel in &tile.panels {
            let mut factors: Vec<(usize, Index)> =
                panel.products.iter().flat_map(|product| [(0, product.left.chunk), (1, product.right.chunk)]).collect();
            factors.sort_unstable();
            factors.dedup();
            // Where the sides are cut differently, a chunk lies in several panels.
            held.retain(|key, _| factors.binary_search(key).is_ok());
            factors.retain(|factor| !held.contains_key(factor));
            for (input, source) in factors {
                let read = chunk(cx, input, task, source).await?;
                held.insert((input, source), read);
            }
            for product in &panel.products {
                cx.checkpoint()?;
                let factor = |input: usize, source: Index| {
                    held.get(&(input, source)).ok_or_else(|| Error::internal("a factor of a product was not read"))
                };
                let (left, right) = (factor(0, product.left.chunk)?, factor(1, product.right.chunk)?);
                multiply(of, &tile, product, left, right, out.as_slice_mut())?;
            }
        }
        Chunk::new(of.dtype, &tile.shape, out.into())
    }
}

/// The sum of the chunks that a task reads, which have one shape.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sum {
    pub(crate) name: String,
    pub(crate) dtype: DType,
}

impl Stream for Sum {
    const KIND: &'static str = "array.sum";

    fn describe(&self) -> String {
        format!("{}, sum", self.name)
    }

    async fn run(&self, task: Index, cx: &TaskContext) -> Result<Chunk> {
        let mut sum: Option<(MutableBuffer, Vec<usize>)> = None;
        for source in cx.sources(0, task)? {
            let next = chunk(cx, 0, task, source).await?.compact();
            let items = next.as_bytes().ok_or_else(|| Error::internal("a compact chunk is not contiguous"))?;
            match &mut sum {
                Some((sum, shape)) if shape[..] == *next.shape() => add(self.dtype, sum.as_slice_mut(), items),
                Some((_, shape)) => return Err(Error::internal(format!("{next:?} is added to a sum of {shape:?}"))),
                None => {
                    let mut first = MutableBuffer::from_len_zeroed(items.len());
                    first.as_slice_mut().copy_from_slice(items);
                    sum = Some((first, next.shape().to_vec()));
                }
            }
        }
        let (sum, shape) = sum.ok_or_else(|| Error::internal("a sum of nothing"))?;
        Chunk::new(self.dtype, &shape, sum.into())
    }
}
