//! **Stratal**: lazy, partitioned dataframes, chunked arrays and plain functions over one task graph, in one process or on a cluster.
//!
//! A [`DFrame`](frame::DFrame) or a [`DArray`](array::DArray) writes down what is to be done; a verb such as `collect` lowers it to a
//! [`LayeredGraph`], which one scheduler runs, here or over workers that pass Arrow batches to each other by Arrow
//! Flight. The same graph carries plain Rust functions ([`delayed`](fn@delayed), [`Client::submit`], [`Client::map`]) and graphs
//! written by hand.
//!
//! ```
//! use stratal::prelude::*;
//!
//! # std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
//! let df = DFrame::read_csv("data/myfile.*.csv").with_column("amount", col("amount") + 100).filter(col("name").eq("Alice"));
//! assert_eq!(df.collect()?.len(), 796);
//! # Ok::<(), stratal::Error>(())
//! ```
//!
//! # Layout
//! - [`prelude`]: what programs import.
//! - [`core`]: graph, scheduler, runner, store, values, functions. Knows no dataframe and no network.
//! - [`frame`]: `DFrame`, steps to plans to layers. The only crate that names DataFusion.
//! - [`array`](mod@array): `DArray`, chunked arrays to layers. Builds without DataFusion.
//! - [`cluster`]: the same scheduler and runner behind gRPC and Flight. Never learns what a frame is.
//! - [`coordination`]: what clients and tasks share. [`tasks`]: functions that every worker has. [`testing`]: for tests of programs.
//! - [`cli`]: the `stratal` command, which is also your own program's when its `main` goes through [`cli::main_or`].
//!
//! The repository's `docs/ARCHITECTURE.md` follows a group-by through every room; `docs/status.md` says what is not there.

pub use stratal_core as core;
pub use stratal_core::{
    Client, Error, ErrorKind, Key, Location, Result,
    client::{ClientInfo, Placement, Publish, TaskFuture, TaskFutures, Tasks, as_completed, compute, fire_and_forget},
    config::Config,
    delayed::{Delayed, delayed},
    graph::LayeredGraph,
    handmade::{Edge, Graph, key},
    value::Value,
};
pub use stratal_macros::{Value, task};

#[cfg(feature = "array")]
pub use stratal_array as array;
#[cfg(feature = "cluster")]
pub use stratal_cluster as cluster;
#[cfg(feature = "frame")]
pub use stratal_frame::{self as frame, interop};

/// What clients and tasks share beside results: made by [`Client::variable`], [`Client::queue`], [`Client::event`],
/// [`Client::lock`] and [`Client::semaphore`].
pub mod coordination {
    pub use stratal_core::client::{Event, Lock, LockGuard, Permits, Queue, Semaphore, Variable};
}

/// Functions that every worker has.
pub mod tasks {
    pub use stratal_core::function::tasks::*;
}

/// For tests of programs that make frames.
#[cfg(feature = "frame")]
pub mod testing {
    pub use stratal_frame::testing::*;
}

#[cfg(feature = "cli")]
pub mod cli;
pub mod prelude;

#[doc(hidden)]
pub use stratal_core::__private;

#[cfg(all(feature = "frame", feature = "cluster"))]
core::inventory::submit! {
    cluster::VersionEntry("datafusion", frame::DATAFUSION_VERSION)
}

#[cfg(all(feature = "query", feature = "frame", feature = "cluster"))]
core::inventory::submit! {
    cluster::VersionEntry("datafusion-distributed", frame::query::VERSION)
}

#[cfg(all(feature = "query", feature = "frame", feature = "cluster"))]
core::inventory::submit! {
    cluster::MountEntry { name: frame::query::SERVICE, version: frame::query::VERSION, mount: frame::query::mount }
}
