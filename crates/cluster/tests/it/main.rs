//! Clusters in one process: scheduler, workers and clients over loopback, as they are between machines.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

mod functions;
mod peers;
mod work;
