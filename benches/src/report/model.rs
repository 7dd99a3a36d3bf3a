//! What is kept of a measurement, as JSON: every single time, so that whatever is computed from them can be computed again.

use super::{format, machine, ratios};
use crate::{measure::stats::median, settings::Settings};
use serde::{Deserialize, Serialize};
use std::{fs, path::Path};
use stratal::{Error, ErrorKind, Result};

/// Everything that one run of the command measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The day, in UTC.
    pub(crate) date: String,
    pub(crate) machine: Vec<(String, String)>,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) sections: Vec<Section>,
}

/// What a suite measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Section {
    pub(crate) suite: String,
    pub(crate) about: String,
    /// Sides and their versions.
    pub(crate) versions: Vec<(String, String)>,
    /// Sizes of data, who was skipped and why, and whatever else one must know.
    pub(crate) notes: Vec<String>,
    pub(crate) tables: Vec<Table>,
}

/// Cases that the same sides did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// The first is the one that the others are compared with.
    pub(crate) sides: Vec<String>,
    /// Heads of further columns.
    pub(crate) more: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// A case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) case: String,
    /// One a side.
    pub(crate) cells: Vec<Cell>,
    /// Figures for the further columns, as they are printed.
    pub(crate) more: Vec<String>,
}

/// What a side did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Cell {
    /// The times of all runs, in seconds, and the most memory in use, in bytes, where that is known.
    Measured { seconds: Vec<f64>, peak: Option<u64> },
    /// Why there are none.
    Failed { reason: String },
}

impl Cell {
    /// The median time, in seconds.
    pub(crate) fn seconds(&self) -> Option<f64> {
        match self {
            Cell::Measured { seconds, .. } => median(seconds),
            Cell::Failed { .. } => None,
        }
    }

    /// The most memory in use, in bytes.
    pub(crate) fn peak(&self) -> Option<u64> {
        match self {
            Cell::Measured { peak, .. } => *peak,
            Cell::Failed { .. } => None,
        }
    }
}

impl Row {
    /// The time of a side over the first one's: above 1 the first one is faster.
    pub(crate) fn ratio(&self, side: usize) -> Option<f64> {
        Some(self.cells.get(side)?.seconds()? / self.cells.first()?.seconds()?)
    }

    /// The same of memory: above 1 the first one needs less.
    pub(crate) fn peak_ratio(&self, side: usize) -> Option<f64> {
        Some(self.cells.get(side)?.peak()? as f64 / self.cells.first()?.peak()? as f64)
    }
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(name: impl Into<String>, sides: Vec<String>) -> Self {
        Table { name: name.into(), sides, more: Vec::new(), rows: Vec::new() }
    }

    /// A row in a line, for whoever waits.
    pub(crate) fn line(&self, row: &Row) -> String {
        let cells = self.sides.iter().zip(&row.cells).enumerate().map(|(side, (name, cell))| match row.ratio(side) {
            Some(ratio) if side > 0 => format!("{name} {} ({})", format::cell(cell), format::ratio(ratio)),
            _ => format!("{name} {}", format::cell(cell)),
        });
        format!("{:<13} {}", row.case, cells.collect::<Vec<_>>().join(", "))
    }

    /// How each side compares, in a sentence each.
    pub(crate) fn summaries(&self) -> Vec<String> {
        (1..self.sides.len()).filter_map(|side| ratios::summary(self, side)).collect()
    }
}

impl Section {
    /// A section without tables.
    pub(crate) fn of(suite: &str, about: &str) -> Self {
        let (suite, about) = (suite.to_owned(), about.to_owned());
        Section { suite, about, versions: Vec::new(), notes: Vec::new(), tables: Vec::new() }
    }
}

impl Report {
    /// A report without sections.
    pub(crate) fn begin(settings: &Settings) -> Self {
        let said = |name: &str, value: String| (name.to_owned(), value);
        let mut list = vec![said("runs", settings.runs.max(1).to_string()), said("threads of each side", settings.threads.to_string())];
        if !settings.only.is_empty() {
            list.push(said("only", settings.only.join(", ")));
        }
        Report { date: machine::today(), machine: machine::describe(), settings: list, sections: Vec::new() }
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// `BadValue` for what is no report; what the file system refuses.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let failed = |kind, error: &dyn std::fmt::Display| Error::new(kind, format!("{}: {error}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| failed(ErrorKind::Io, &error))?;
        serde_json::from_str(&text).map_err(|error| failed(ErrorKind::BadValue, &error))
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    /// What the file system refuses.
    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::internal(error.to_string()))?;
        Ok(fs::write(path, text)?)
    }

    /// How often everything was measured.
    pub(crate) fn runs(&self) -> usize {
        let runs = self.settings.iter().find(|(name, _)| name == "runs");
        runs.and_then(|(_, runs)| runs.parse().ok()).unwrap_or_default()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn cell(seconds: &[f64], mebibytes: u64) -> Cell {
        Cell::Measured { seconds: seconds.to_vec(), peak: Some(mebibytes << 20) }
    }

    /// Two cases that were measured and one in which the peer failed.
    pub(crate) fn report() -> Report {
        let mut table = Table::new("parquet, scale 1", vec!["Stratal".to_owned(), "Polars".to_owned()]);
        let row = |case: &str, cells: [Cell; 2]| Row { case: case.to_owned(), cells: cells.to_vec(), more: Vec::new() };
        table.rows = vec![
            row("q1", [cell(&[0.1, 0.2, 0.3], 100), cell(&[0.5, 0.4, 0.3], 50)]),
            row("q2", [cell(&[0.02, 0.02, 0.02], 64), cell(&[0.01, 0.01, 0.01], 128)]),
            row("q3", [cell(&[1.5], 10), Cell::Failed { reason: "another answer: 3 and 4 rows".to_owned() }]),
        ];
        let mut section = Section::of("tpch", "The 22 queries of TPC-H.");
        section.versions = vec![("Polars".to_owned(), "Polars 2.1.0".to_owned())];
        section.notes = vec!["parquet: 300.0 MiB in 26 files".to_owned()];
        section.tables = vec![table];
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Report {
            date: "2026-01-31".to_owned(),
            machine: vec![pair("CPU", "one | two"), pair("build", "release")],
            settings: vec![pair("runs", "5")],
            sections: vec![section],
        }
    }

    #[test]
    fn a_ratio_is_of_medians_and_above_one_when_the_first_side_is_faster() {
        let report = report();
        let rows = &report.sections[0].tables[0].rows;
        assert_eq!(rows[0].ratio(1), Some(2.0));
        assert_eq!(rows[1].ratio(1), Some(0.5));
        assert_eq!((rows[0].peak_ratio(1), rows[1].peak_ratio(1)), (Some(0.5), Some(2.0)));
        assert_eq!((rows[2].ratio(1), rows[2].peak_ratio(1), rows[0].ratio(2)), (None, None, None));
    }

    #[test]
    fn a_report_reads_back_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.json");
        report().save(&path).unwrap();
        let read = Report::read(&path).unwrap();
        assert_eq!(read.runs(), 5);
        let cells = |report: &Report| report.sections[0].tables[0].rows.iter().flat_map(|row| row.cells.clone()).collect::<Vec<_>>();
        assert_eq!(cells(&read), cells(&report()));
    }

    #[test]
    fn a_file_that_is_no_report_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("other.json");
        fs::write(&path, "{}").unwrap();
        assert!(Report::read(&path).unwrap_err().to_string().contains("other.json"));
        assert!(Report::read(&directory.path().join("none.json")).unwrap_err().to_string().contains("none.json"));
    }

    #[test]
    fn a_line_says_who_failed_and_why() {
        let table = &report().sections[0].tables[0];
        assert_eq!(table.line(&table.rows[0]), "q1            Stratal 200 ms, 100 MiB, Polars 400 ms, 50 MiB (2.00×)");
        assert_eq!(table.line(&table.rows[2]), "q3            Stratal 1.50 s, 10 MiB, Polars another answer: 3 and 4 rows");
    }
}
