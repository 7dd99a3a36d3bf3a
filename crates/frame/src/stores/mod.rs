//! Where files are: the file system, a bucket, a web server.
//!
//! - [`Site`]: one of them, with the settings to reach it. It travels to workers; each process opens its own store.
//! - `open`: sites to stores, once a process. `cloud`: the stores that are not on this machine, and their settings.
//! - [`Object`], [`Download`]: a file elsewhere, and its bytes, fetched ahead of whoever reads them.
//! - `multipart`: objects that one process sends and another completes.
//! - `error`: what stores report, in our terms. `wait`: async work waited for from anywhere.

#[cfg(feature = "cloud")]
mod cloud;
mod download;
mod error;
mod multipart;
mod open;
mod site;
mod wait;

pub(crate) use download::{Download, Object};
pub(crate) use error::of_store;
pub(crate) use site::Site;
pub(crate) use wait::{wait, wait_here};
