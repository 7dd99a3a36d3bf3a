//! The scheduler alone: no thread, no clock, no worker; events in, messages out.

mod cases;
mod random;
mod world;
