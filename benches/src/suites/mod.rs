//! The suites: what is measured. One file each, and one line in [`SUITES`].
//!
//! A suite says which sides do which cases over which data (`measure`), and does them as Stratal (`work`, or `ready` where inputs are
//! made in memory), which is asked in a process of its own. A peer does the same cases in its script, `peers/`.

pub(crate) mod array;
mod csv;
mod distributed;
mod functions;
mod groupby;
mod sched;
mod tpch;

use crate::{
    measure::Case,
    report::Section,
    settings::Settings,
    sides::{Done, Request, Work},
};
use stratal::{Error, ErrorKind, Result, frame::DFrame};

/// Something to measure.
pub(crate) trait Suite: Sync {
    /// What it is called on the command line.
    fn name(&self) -> &'static str;

    /// What it measures, in a sentence.
    fn about(&self) -> &'static str;

    /// Measures it, and leaves tables in the section.
    ///
    /// # Errors
    /// What keeps the suite from being measured at all. A side that fails is a cell of its table.
    fn measure(&self, settings: &Settings, section: &mut Section) -> Result<()>;

    /// Its cases, in suites whose cases are frames.
    ///
    /// # Errors
    /// Those of making the data.
    fn cases(&self, _: &Settings) -> Result<Vec<Case>> {
        Ok(Vec::new())
    }

    /// The frame that is a case, in suites whose cases are frames.
    ///
    /// # Errors
    /// `NotFound` for a case that is none.
    fn frame(&self, request: &Request) -> Result<DFrame> {
        Err(no_case(request))
    }

    /// Does a case with the thread's client. This is what is timed.
    ///
    /// # Errors
    /// Those of the work.
    fn work(&self, request: &Request) -> Result<Done> {
        Ok(self.frame(request)?.collect()?.into())
    }

    /// Makes what a case needs in memory, which is not timed, and gives the rest of it, which is.
    ///
    /// # Errors
    /// Those of making it.
    fn ready(&'static self, request: &Request) -> Result<Work> {
        let request = request.clone();
        Ok(Work::new(move || self.work(&request)))
    }
}

/// All suites, in the order of the report.
pub(crate) static SUITES: &[&dyn Suite] =
    &[&tpch::Tpch, &groupby::GroupBy, &csv::Csv, &array::Array, &distributed::Distributed, &functions::Functions, &sched::Sched];

/// A suite by its name.
///
/// # Errors
/// `NotFound`.
pub(crate) fn find(name: &str) -> Result<&'static dyn Suite> {
    let found = SUITES.iter().find(|suite| suite.name() == name);
    found.copied().ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no suite {name:?}")))
}

/// What a suite says to a case that it does not have.
fn no_case(request: &Request) -> Error {
    Error::new(ErrorKind::NotFound, format!("no case {:?} in suite {:?}", request.case, request.suite))
}
