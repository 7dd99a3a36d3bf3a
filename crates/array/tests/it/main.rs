//! Arrays against `ndarray` and plain Rust, in any chunks, on threads and in order on one.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]
#![allow(clippy::reversed_empty_ranges, reason = "an end below zero is counted from the end of the axis")]

mod api_page;
mod blocks;
mod cases;
mod chunkings;
mod contract;
mod cuts;
mod errors;
mod explain;
mod fusion;
mod goldens;
mod in_place;
mod math;
mod memory;
mod npy;
mod persist;
mod properties;
mod random;
mod rechunk;
mod reshape;
mod rewrites;
mod scratch;
mod size;
mod typed;
mod zarr;

use stratal_core::Client;

/// The same on every executor of one process.
fn everywhere(test: impl Fn()) {
    for client in [Client::builder().threads(2).detached().local(), Client::builder().detached().synchronous()] {
        let client = client.unwrap();
        let _entered = client.enter();
        test();
    }
}
