//! What is measured, and how often: the options that every suite takes.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// The kinds of files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Csv,
    Parquet,
}

impl fmt::Display for Format {
    /// The ending of the files' names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
        })
    }
}

/// What amounts of money are in Parquet files. In text they are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Money {
    /// `f64`, the type in which every side computes at its best.
    Float,
    /// `decimal(15, 2)`, as the specification has it.
    Decimal,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Money::Float => "float",
            Money::Decimal => "decimal",
        })
    }
}

/// Options of every suite.
#[derive(Args, Clone, Debug)]
pub(crate) struct Settings {
    /// Times that each measurement is repeated; the median counts.
    #[arg(long, default_value_t = 5)]
    pub(crate) runs: usize,
    /// Threads of each side.
    #[arg(long, default_value_t = cores())]
    pub(crate) threads: usize,
    /// Scale factor of TPC-H: 1 is about a gigabyte of text. Arrays have 64 million numbers at 1.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) scale: f64,
    /// Rows of the group-by and join tables; the suite csv has a fifth of them.
    #[arg(long, value_name = "N", default_value = "1e7", value_parser = rows)]
    pub(crate) rows: u64,
    /// Groups of the small keys of the group-by tables.
    #[arg(long, value_name = "K", default_value = "1e2", value_parser = rows)]
    pub(crate) groups: u64,
    /// Files that each table is written as.
    #[arg(long, default_value_t = 4)]
    pub(crate) files: usize,
    /// Kinds of files that TPC-H reads.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["parquet", "csv"])]
    pub(crate) formats: Vec<Format>,
    /// What amounts of money are in the Parquet files of TPC-H.
    #[arg(long, value_enum, default_value = "float")]
    pub(crate) money: Money,
    /// These cases alone: q3,q5.
    #[arg(long, value_name = "CASES", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// These peers alone: polars,duckdb. `none` for none.
    #[arg(long, value_name = "PEERS", value_delimiter = ',')]
    pub(crate) peers: Vec<String>,
    /// Where the report goes as JSON too.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Where data is generated, and kept for the next run; benches/results/data unless given.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

impl Settings {
    /// Whether a case is asked for.
    pub(crate) fn wants(&self, case: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only.eq_ignore_ascii_case(case))
    }

    /// Whether a peer is asked for.
    pub(crate) fn wants_peer(&self, name: &str) -> bool {
        self.peers.is_empty() || self.peers.iter().any(|peer| peer.eq_ignore_ascii_case(name))
    }

    /// Where data is generated.
    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| results().join("data"))
    }
}

/// Where reports go that nobody published.
pub(crate) fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("results")
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A number of rows: `10000000` or `1e7`.
fn rows(text: &str) -> Result<u64, String> {
    let number: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    let whole = (1.0..=1e12).contains(&number) && number.fract() == 0.0;
    whole.then_some(number as u64).ok_or_else(|| format!("{text:?} is no number of rows"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::FromArgMatches;

    fn parsed(arguments: &[&str]) -> Settings {
        let command = Settings::augment_args(clap::Command::new("test"));
        Settings::from_arg_matches(&command.try_get_matches_from(arguments).unwrap()).unwrap()
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let settings = parsed(&["test"]);
        assert_eq!((settings.runs, settings.rows, settings.groups), (5, 10_000_000, 100));
        assert_eq!(settings.formats, [Format::Parquet, Format::Csv]);
        assert_eq!(settings.money, Money::Float);
        assert!(settings.wants("q1") && settings.wants_peer("polars"));
    }

    #[test]
    fn cases_peers_and_formats_are_lists() {
        let settings = parsed(&["test", "--only", "q3,Q5", "--peers", "polars", "--formats", "csv", "--rows", "2e4"]);
        assert!(settings.wants("q3") && settings.wants("q5") && !settings.wants("q1"));
        assert!(settings.wants_peer("Polars") && !settings.wants_peer("DuckDB"));
        assert_eq!((settings.formats, settings.rows), (vec![Format::Csv], 20_000));
    }

    #[test]
    fn half_a_row_is_no_number_of_rows() {
        assert_eq!(rows("12"), Ok(12));
        assert!(rows("0").is_err() && rows("1.5").is_err() && rows("many").is_err());
    }
}
