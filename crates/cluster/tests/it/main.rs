//! Clusters in one process: scheduler, workers and clients over loopback, as they are between machines.

mod peers;
mod work;
