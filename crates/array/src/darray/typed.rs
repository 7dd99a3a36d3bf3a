//! Arrays beside other lazy values: [`Typed`] says what the elements are, so that `compute` knows what to give.

use super::{
    DArray,
    verbs::{array_of, chunk_of},
};
use crate::element::Element;
use ndarray::ArrayD;
use std::{
    marker::PhantomData,
    sync::{Arc, OnceLock},
};
use stratal_core::{
    Error, Result,
    client::{Compute, Submitted},
    delayed::{Delayed, Node, delayed},
    function::{Arg, Argument, Recorded},
    value::Chunk,
};

/// An array with the type of its elements, for `compute((..))`. Made by [`DArray::typed`].
#[derive(Debug)]
#[must_use = "nothing runs before compute()"]
pub struct Typed<T> {
    array: DArray,
    /// Its chunks, planned at the first use.
    chunks: OnceLock<Vec<Delayed<Chunk>>>,
    of: PhantomData<fn() -> T>,
}

/// What stands for an array that cannot run: its error is that of the verb.
struct Broken(Error);

impl Arg<Chunk> for Broken {
    fn record(self) -> Argument<Chunk> {
        Argument::Link(Recorded::Failed(self.0))
    }
}

impl DArray {
    /// The array with the type of its elements, to be computed beside others: in one graph, in which lazy values that several
    /// read run once.
    ///
    /// ```
    /// use stratal_array::DArray;
    /// use stratal_core::{client::compute, delayed::delayed};
    /// let x = DArray::arange(0i64..5).rechunk(2);
    /// let (squares, sum, ten) = compute((x.square().typed::<i64>(), x.sum(..).typed::<i64>(), delayed(|x: i64| 2 * x, 5)))?;
    /// assert_eq!((squares[4], sum.sum(), ten), (16, 10, 10));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of `compute`: as of [`DArray::compute`].
    pub fn typed<T: Element>(&self) -> Typed<T> {
        Typed { array: self.clone(), chunks: OnceLock::new(), of: PhantomData }
    }
}

impl<T: Element> Typed<T> {
    fn chunks(&self) -> Result<&[Delayed<Chunk>]> {
        if let Some(chunks) = self.chunks.get() {
            return Ok(chunks);
        }
        self.array.node_of::<T>()?;
        let chunks = self.array.to_delayed()?;
        Ok(self.chunks.get_or_init(|| chunks))
    }
}

impl<T: Element> Compute for Typed<T> {
    type Output = ArrayD<T>;

    fn roots(&self, roots: &mut Vec<Arc<Node>>) {
        match self.chunks() {
            Ok(chunks) => roots.extend(chunks.iter().map(|chunk| chunk.node().clone())),
            Err(error) => roots.push(delayed(|chunk: Chunk| chunk, Broken(error)).node().clone()),
        }
    }

    fn take(&self, submitted: &Submitted, next: &mut usize) -> Result<ArrayD<T>> {
        let first = *next;
        *next += self.chunks()?.len();
        array_of(self.array.node_of::<T>()?, (first..*next).map(|output| chunk_of(submitted.data(output, 0)?)))
    }
}
