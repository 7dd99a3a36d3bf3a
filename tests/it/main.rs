//! Stratal as its users see it: the same programs on every executor, real worker processes among them.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

mod arrays;
mod bridge;
mod bucket;
mod clusters;
mod command;
mod coordination;
mod engines;
mod expressions;
mod files;
mod founding;
mod frames;
mod futures;
mod isolated;
mod killed;
mod matrices;
mod own_worker;
mod parquet;
mod picture;
mod placed;
mod progress;
mod published;
mod retry;
mod s3;
mod sizes;
mod stored;
mod tpch;
mod web;
mod write;
mod write_s3;

// Linked for the functions that it registers.
use stratal_tests as _;
