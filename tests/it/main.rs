//! Stratal as its users see it: the same programs on every executor, real worker processes among them.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

mod clusters;
mod command;
mod founding;
mod frames;
mod futures;
mod killed;
mod picture;

// Linked for the functions that it registers.
use stratal_tests as _;
