//! The rounds of a case: every side gives its answer, unmeasured; sides with another answer than the first are out; then all sides
//! that are left work by turns, each beginning a round in its turn.
//!
//! Each case has processes of its own, so that no case pays for what an earlier one left behind. The work that is not measured is
//! what warms them up.

use super::Answer;
use crate::{
    report::{Cell, Row, Section, Table},
    settings::Settings,
    sides::{Process, Reply, Request, Side},
};
use std::{fs, path::Path};
use stratal::Result;

/// What is compared before anything is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// All rows.
    Rows,
    /// The number of rows and a digest of them: for answers with millions of rows.
    Digest,
    /// Nothing: the work tests itself.
    Itself,
}

/// A piece of work that is measured.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) request: Request,
    pub(crate) check: Check,
}

/// The sides that are there. The section says what they are, and why others take no part.
pub(crate) fn present(sides: impl IntoIterator<Item = Side>, settings: &Settings, section: &mut Section) -> Vec<Side> {
    let asked = sides.into_iter().filter(|side| !side.is_peer() || settings.wants_peer(&side.name));
    let there = asked.filter(|side| match Process::start(side, settings.threads) {
        Ok(process) => {
            section.versions.push((side.name.clone(), process.version.clone()));
            true
        }
        Err(reason) => {
            eprintln!("{} is skipped: {reason}", side.name);
            section.notes.push(format!("{} is skipped: {reason}", side.name));
            false
        }
    });
    there.collect()
}

/// Measures cases. The first side is the one that the others are compared with.
///
/// # Errors
/// When there is no place for answers.
pub(crate) fn table(name: impl Into<String>, sides: &[Side], cases: &[Case], settings: &Settings) -> Result<Table> {
    let answers = settings.data().join("answers");
    fs::create_dir_all(&answers)?;
    let names: Vec<String> = sides.iter().map(|side| side.name.clone()).collect();
    let mut table = Table::new(name, names);
    for case in cases.iter().filter(|case| settings.wants(&case.name)) {
        let row = measured(sides, case, settings, &answers);
        eprintln!("  {}", table.line(&row));
        table.rows.push(row);
    }
    fs::remove_dir_all(&answers)?;
    Ok(table)
}

fn measured(sides: &[Side], case: &Case, settings: &Settings, answers: &Path) -> Row {
    let mut seats: Vec<Seat> = sides.iter().map(|side| Seat::take(side, settings.threads)).collect();
    check(&mut seats, case, answers);
    seats.iter().filter_map(|seat| seat.process.as_ref().ok()).for_each(Process::forget_peak);
    for round in 0..settings.runs.max(1) {
        for turn in 0..seats.len() {
            let at = (round + turn) % seats.len();
            let seconds = seats[at].ask(&case.request).map(|(seconds, _)| seconds);
            seats[at].seconds.extend(seconds);
        }
    }
    Row { case: case.name.clone(), cells: seats.into_iter().map(Seat::leave).collect(), more: Vec::new() }
}

/// Has every side give its answer, and sends out those whose answer is another one than the first.
fn check(seats: &mut [Seat], case: &Case, answers: &Path) {
    let mut first: Option<(Answer, u64)> = None;
    for (at, seat) in seats.iter_mut().enumerate() {
        let path = answers.join(format!("{at}.parquet"));
        let wanted = case.check != Check::Itself && seat.answers;
        let answer = wanted.then(|| path.display().to_string());
        let request = Request { answer, digest: case.check == Check::Digest, ..case.request.clone() };
        let Some((_, rows)) = seat.ask(&request) else { continue };
        if !wanted {
            continue;
        }
        let answer = match Answer::read(&path) {
            Ok(answer) => answer,
            Err(error) => {
                seat.process = Err(format!("its answer cannot be read: {error}"));
                continue;
            }
        };
        if let Some((expected, expected_rows)) = &first {
            // Where all rows are there they are counted with the rest.
            let rows_differ = case.check == Check::Digest && rows != *expected_rows;
            let rows_differ = rows_differ.then(|| format!("{expected_rows} and {rows} rows"));
            if let Some(difference) = rows_differ.or_else(|| expected.difference(&answer)) {
                seat.process = Err(format!("another answer: {difference}"));
            }
        } else {
            first = Some((answer, rows));
        }
    }
}

/// A side while a case is measured.
struct Seat {
    process: Result<Process, String>,
    answers: bool,
    seconds: Vec<f64>,
}

impl Seat {
    fn take(side: &Side, threads: usize) -> Self {
        Seat { process: Process::start(side, threads), answers: side.answers(), seconds: Vec::new() }
    }

    /// Seconds a unit of work, and rows. A side that fails is out.
    fn ask(&mut self, request: &Request) -> Option<(f64, u64)> {
        let reason = match self.process.as_mut().ok()?.ask(request) {
            Ok(Reply::Done { seconds, rows, units, .. }) => return Some((seconds / units.max(1) as f64, rows)),
            Ok(Reply::Error { error }) => error,
            Err(reason) => reason,
        };
        self.process = Err(reason);
        None
    }

    fn leave(self) -> Cell {
        match self.process {
            Ok(process) => Cell::Measured { seconds: self.seconds, peak: process.peak() },
            Err(reason) => Cell::Failed { reason },
        }
    }
}
