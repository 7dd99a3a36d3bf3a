//! Where files are: the file system, a bucket, a web server. What frames and arrays both read from and write to.
//!
//! A [`Site`] is one of them, with the settings to reach it. It is plain data, which travels to workers; each process opens its
//! own store. A [`Place`] is a path there.
//!
//! ```
//! use stratal_stores::Site;
//! let settings = [("region".to_owned(), "eu-west-1".to_owned()), ("secret_access_key".to_owned(), "hunter2".to_owned())];
//! let (site, path) = Site::of("s3a://lake/sales/2024.csv", &settings)?;
//! assert_eq!(site.root(), "s3://lake");
//! assert_eq!(site.show(&path), "s3://lake/sales/2024.csv");
//! assert!(!format!("{site:?}").contains("hunter2"));
//! # Ok::<(), stratal_core::Error>(())
//! ```
//!
//! # Layout
//! `site` paths and URLs, taken apart · `open` sites to stores, once a process · `cloud` the stores that are not on this machine, and
//! their settings · `multipart` objects that one process sends and another completes · `place` a file or a directory, and its
//! bytes · `pattern` paths that stand for others · `error` what stores report, in our terms · `wait` async work, waited for from
//! anywhere.
//!
//! Without the feature `cloud` there is the file system alone.

#![warn(clippy::print_stdout, clippy::print_stderr)]

#[cfg(feature = "cloud")]
mod cloud;
mod error;
mod multipart;
mod open;
mod pattern;
mod place;
mod site;
mod wait;

pub use error::{of_store, of_text};
pub use pattern::{Glob, fixed, is_glob};
pub use place::Place;
pub use site::Site;
pub use wait::{wait, wait_here};
