//! The scheduler alone: no thread, no clock, no worker; events in, messages out.

mod cases;
mod copies;
mod graphs;
mod handing_out;
mod holders;
mod random;
mod retries;
mod world;
