//! The core of Stratal: one graph, one scheduler, one runner. It knows no dataframe, no array and no network.
//!
//! Frames, arrays and functions are lowered to a [`graph::LayeredGraph`]; [`sched::Sched`] decides what runs next;
//! [`runner::Runner`]s run it and keep results in a [`store::Store`]; an [`executor::Executor`] puts these together, in
//! one process or over many; a [`Client`] is what users hold.
//!
//! ```
//! use stratal_core::{Client, delayed::delayed};
//!
//! let _client = Client::local()?;
//! let x = delayed(|x: i64| x + 1, 20);
//! let y = delayed(|a: i64, b: i64| a + b, (&x, &x));
//! assert_eq!(y.compute()?, 42);
//! # Ok::<(), stratal_core::Error>(())
//! ```
//!
//! # Layout
//! [`ids`] names of things · [`error`] the one error · [`config`] settings · [`value`] what tasks pass on · [`graph`] layers,
//! edges, passes · [`draw`] pictures of graphs · [`kind`] kinds of work · [`registry`] functions and kinds · [`function`] plain
//! functions as tasks · [`delayed`] and [`handmade`] lazy calls and graphs by hand · [`sched`] the scheduler ·
//! [`coordination`] what clients share beside results · [`runner`] the runner · [`store`] results · [`executor`] both together ·
//! [`client`] the user's side · [`progress`] how far work is · [`runtime`] threads · [`program`] what this process was started as.

#![warn(clippy::print_stdout, clippy::print_stderr)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod client;
pub mod config;
pub mod coordination;
pub mod delayed;
pub mod draw;
pub mod error;
pub mod executor;
pub mod function;
pub mod graph;
pub mod handmade;
pub mod ids;
pub mod kind;
pub mod program;
pub mod progress;
pub mod registry;
pub mod runner;
pub mod runtime;
pub mod sched;
pub mod store;
pub mod value;

pub use client::Client;
pub use error::{Error, ErrorKind, Location, Result, Retry};
pub use ids::{Attempt, ClientId, Index, Key, LayerId, ResultId, RunId, WorkerId};
#[doc(hidden)]
pub use inventory;
