//! What a suite and a side say to each other: one line of JSON each.
//!
//! A side begins with [`Hello`]. Then each [`Request`] gets one [`Reply`]. A side ends with its stdin.

use crate::settings::Format;
use serde::{Deserialize, Serialize};

/// The first line of a side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Hello {
    /// What it is, with its version.
    Ready(String),
    /// Why it takes no part.
    Skip(String),
}

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) suite: String,
    pub(crate) case: String,
    /// The directory of the files: `TABLE.N.FORMAT`.
    pub(crate) data: String,
    pub(crate) format: Format,
    /// The scale factor of TPC-H, which a parameter of query 11 depends on.
    pub(crate) scale: f64,
    /// Numbers in the arrays of a case, but for matrices whose side is in its name.
    pub(crate) size: u64,
    /// The same work as SQL, for sides that speak it, and the tables that are named in it.
    pub(crate) sql: String,
    pub(crate) tables: Vec<String>,
    /// The Parquet file that the answer goes to, when it is wanted. Writing it is not timed.
    pub(crate) answer: Option<String>,
    /// Of a large answer: a row for each column in its place (`measure/digest.rs`).
    pub(crate) digest: bool,
    /// Whether what the work needs in memory is made, and nothing done yet.
    pub(crate) only_ready: bool,
}

impl Request {
    /// Work over files.
    pub(crate) fn new(suite: &str, case: &str, data: &std::path::Path, format: Format) -> Self {
        Request {
            suite: suite.to_owned(),
            case: case.to_owned(),
            data: data.display().to_string(),
            format,
            scale: 1.0,
            size: 0,
            sql: String::new(),
            tables: Vec::new(),
            answer: None,
            digest: false,
            only_ready: false,
        }
    }
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Reply {
    /// How long it took, how many rows came of it, and how many pieces of work it was: one, or so many tasks. And the most bytes
    /// that it was going to take beside what was there, where the side promises that.
    Done { seconds: f64, rows: u64, units: u64, promised: Option<u64> },
    /// Why nothing did.
    Error { error: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_what_the_scripts_write() {
        let parsed = |line| serde_json::from_str::<Hello>(line).unwrap();
        assert_eq!(parsed(r#"{"ready": "Polars 2.1.0"}"#), Hello::Ready("Polars 2.1.0".to_owned()));
        assert_eq!(parsed(r#"{"skip": "no module"}"#), Hello::Skip("no module".to_owned()));
    }

    #[test]
    fn replies_are_what_the_scripts_write() {
        let parsed = |line| serde_json::from_str::<Reply>(line).unwrap();
        assert_eq!(parsed(r#"{"seconds": 0.5, "rows": 10, "units": 1}"#), Reply::Done { seconds: 0.5, rows: 10, units: 1, promised: None });
        assert_eq!(parsed(r#"{"error": "no"}"#), Reply::Error { error: "no".to_owned() });
        assert!(serde_json::from_str::<Reply>("a warning").is_err());
    }
}
