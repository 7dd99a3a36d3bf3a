//! The core's tests that use it from outside: one binary, one module a subject.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

mod channels;
mod clients;
mod commons;
mod coordination;
mod endings;
mod executors;
mod futures;
mod handmade;
mod nesting;
mod progress;
mod retry;
mod sched;
mod sizes;
mod unzipped;
