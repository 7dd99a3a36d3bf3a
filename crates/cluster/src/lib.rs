//! Stratal on many machines: core's scheduler behind gRPC, core's runner behind gRPC and Arrow Flight.
//!
//! A cluster is one scheduler, workers and clients. Each worker and each client keeps one bidirectional gRPC stream to the
//! scheduler, the control plane; results go from worker to worker and to clients over Arrow Flight, the data plane. This
//! crate knows core alone: what a frame or an array is, it never learns.
//!
//! ```
//! use stratal_cluster::LocalCluster;
//! use stratal_core::function::tasks;
//!
//! let cluster = LocalCluster::builder().workers(2).threads(1).in_process().start()?;
//! let client = cluster.client()?;
//! let sum = client.submit(tasks::sum::<i64>, vec![1i64, 2, 3]);
//! assert_eq!(sum.result()?, 6);
//! # Ok::<(), stratal_core::Error>(())
//! ```
//!
//! # Layout
//! `wire` the messages and how they travel · `net` addresses, windows, errors on the wire · `scheduler` the scheduler's
//! process · `worker` a worker's · `flight` results over Arrow Flight · `mount` services of other crates beside it
//! ([`MountEntry`]) · `executor` the client's side ([`ClusterExecutor`]) · `local_cluster` all of it for one program
//! ([`LocalCluster`]) · `process` entry points of the command.
//!
//! Loopback only: a host that others can reach is refused until there are tokens and TLS.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod executor;
mod flight;
mod local_cluster;
mod mount;
mod net;
mod process;
mod scheduler;
mod wire;
mod worker;

pub use executor::ClusterExecutor;
pub use local_cluster::{LocalCluster, LocalClusterBuilder};
pub use mount::{Dial, MountEntry};
pub use net::DEFAULT_PORT;
pub use process::{Ready, run_scheduler, run_worker};
pub use scheduler::{SchedulerOptions, serve as serve_scheduler};
pub use wire::{PROTOCOL, VersionEntry, versions};
pub use worker::{WorkerOptions, serve as serve_worker};
