//! Where reports go: to `benches/results/`, which nobody commits, and to `docs/benchmarks.md`, which says what was measured last.

use super::{Report, markdown};
use std::{
    fs,
    path::{Path, PathBuf},
};
use stratal::{Error, ErrorKind, Result};

/// Fewer runs than these make no median.
const RUNS: usize = 5;

impl Report {
    /// Writes text, pictures and JSON into a directory, and tells where the text is.
    ///
    /// # Errors
    /// What the file system refuses.
    pub(crate) fn write(&self, directory: &Path) -> Result<PathBuf> {
        fs::create_dir_all(directory)?;
        self.save(&directory.join("report.json"))?;
        let text = directory.join("report.md");
        write(std::slice::from_ref(self), &text, directory, "")?;
        Ok(text)
    }
}

/// Writes reports to `docs/benchmarks.md`, with their pictures in `docs/benchmarks/`.
///
/// # Errors
/// `BadValue` for what is not fit to be published; what the file system refuses.
pub(crate) fn publish(reports: &[Report]) -> Result<()> {
    reports.iter().try_for_each(fit)?;
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let pictures = docs.join("benchmarks");
    // Those of the reports before go.
    if pictures.is_dir() {
        fs::remove_dir_all(&pictures)?;
    }
    write(reports, &docs.join("benchmarks.md"), &pictures, "benchmarks/")
}

/// Whether a report may be published: by a release build, and of enough runs.
fn fit(report: &Report) -> Result<()> {
    let release = report.machine.iter().any(|(name, value)| name == "build" && value == "release");
    let reason = match report.runs() {
        _ if !release => "it was not made by a release build",
        runs if runs < RUNS => "medians are of five runs at least",
        _ => return Ok(()),
    };
    let help = "run cargo run --release -p stratal-benches -- all";
    Err(Error::new(ErrorKind::BadValue, format!("the report of {} is not published: {reason}", report.date)).with_help(help))
}

fn write(reports: &[Report], text: &Path, pictures: &Path, prefix: &str) -> Result<()> {
    let rendered = markdown::render(reports, prefix);
    fs::create_dir_all(pictures)?;
    for (name, plot) in rendered.plots {
        fs::write(pictures.join(name), plot)?;
    }
    Ok(fs::write(text, rendered.text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::tests::report;

    #[test]
    fn a_report_is_text_pictures_and_json() {
        let directory = tempfile::tempdir().unwrap();
        let text = report().write(directory.path()).unwrap();
        assert!(fs::read_to_string(text).unwrap().contains("](0-tpch-parquet-scale-1.svg)"));
        assert!(fs::read_to_string(directory.path().join("0-tpch-parquet-scale-1.svg")).unwrap().starts_with("<svg"));
        assert_eq!(Report::read(&directory.path().join("report.json")).unwrap().sections.len(), 1);
    }

    #[test]
    fn debug_builds_and_few_runs_are_not_published() {
        assert!(fit(&report()).is_ok());
        let mut few = report();
        few.settings[0].1 = "4".to_owned();
        assert!(fit(&few).unwrap_err().to_string().contains("five runs"));
        let mut debug = report();
        debug.machine[1].1 = "debug".to_owned();
        assert!(fit(&debug).unwrap_err().to_string().contains("release build"));
    }
}
