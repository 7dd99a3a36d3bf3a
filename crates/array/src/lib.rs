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
//! their place, `promote` the table of dtypes, `scalar` numbers in programs, `element` Rust types, `axes` what users say of axes
//! and shapes.
//!
//! # What comes
//! Rewrites (slices pushed to the source, cancelled transposes) and matrices come as `rewrite` and `contract`; files as `io`;
//! random numbers as `random`; heavy rechunking, `take` and `sort` over a shuffle; then blocks, overlap, FFT and linear algebra.

mod assembly;
mod axes;
mod darray;
mod element;
mod fold;
mod grid;
mod job;
mod kernel;
mod lower;
mod made;
mod node;
mod promote;
mod scalar;

pub use axes::{Axes, IntoShape, keep};
pub use darray::{DArray, Float, IntoOperand, Number};
pub use element::Element;
pub use grid::Chunks;
pub use ndarray::{self, NewAxis, s};
pub use num_complex::{Complex32, Complex64};
pub use stratal_core::value::{Chunk, DType};
