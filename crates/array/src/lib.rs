//! `DArray`: lazy chunked arrays over Stratal's task graph.
//!
//! A [`DArray`] records an expression; a verb lowers it to layers, in which what aligns is fused into one pass over memory. Names
//! and meaning are those of the Array API standard, spelling is `ndarray`'s. Nothing fails before a verb: a wrong operation
//! poisons the array, and the verb says what was wrong and on which line.
//!
//! ```
//! use stratal_array::{DArray, s};
//! let x = DArray::linspace(-1.0, 1.0, 101).rechunk(25);
//! let y = (&x * &x + 1.0).sqrt();
//! assert_eq!(y.slice(s![50]).scalar::<f64>()?, 1.0);
//! assert!(y.mean(..).scalar::<f64>()? > 1.1);
//! # Ok::<(), stratal_core::Error>(())
//! ```
//!
//! # Layout
//! [`DArray`] and its operations (`darray`) record `node`s over a `grid`. `lower` makes layers of them, whose tasks are `job`s:
//! tile programs over `kernel`s, `fold`s of reductions, `assembly` of boxes, running sums. `made` are arrays that are known by
//! their place, `random` numbers among them, `io` files that are read and written, `promote` the table of dtypes, `scalar` numbers in
//! programs, `element` Rust types, `axes` and `integers` what users say of axes and shapes. `contract` are sums of products, `rechunk`
//! ways from one grid to another, `reshape` chunks under other axes, `blocks` chunks as arrays of `ndarray`, `rewrite` the rules
//! that make expressions cheaper.
//!
//! # What comes
//! `take` and `sort` over a shuffle; masks with pending lengths, overlap, FFT and linear algebra.

mod assembly;
mod axes;
mod blocks;
mod contract;
mod darray;
mod element;
mod fold;
mod grid;
mod integers;
mod io;
mod job;
mod kernel;
mod lower;
mod made;
mod node;
mod promote;
mod random;
mod rechunk;
mod reshape;
mod rewrite;
mod scalar;

pub use axes::{Axes, IntoShape, keep};
pub use blocks::{Block, ChunkArray};
pub use darray::{DArray, Float, IntoOperand, Number, PairedAxes, RandomArrays, Typed};
pub use element::Element;
pub use grid::Chunks;
pub use integers::IntoIntegers;
pub use io::{NpyOptions, NpyWrite, ZarrOptions, ZarrWrite};
pub use ndarray::{self, NewAxis, s};
pub use num_complex::{Complex32, Complex64};
pub use stratal_core::value::{Chunk, DType};
