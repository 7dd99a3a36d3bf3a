//! How far work is, for whoever watches. None of it is an event of the scheduler's: it changes nothing, stands in no log, and may
//! be lost.
//!
//! That a task is done, the scheduler knows. What a task does in *stages*, it says itself: which these are ([`News::Stages`]), and
//! what each share of a stage has done so far ([`Counter`], [`News::Counts`]), wherever that share is worked on. These [`Report`]s
//! go from the environment of a process to the driver of the scheduler, which puts them together ([`Reports`]) and tells the client.
//!
//! - `report`: what is said. `counter`: counted where it is done, and told now and then. `reports`: put together.
//! - `bar`: shown on a terminal.

mod bar;
mod counter;
mod report;
mod reports;

pub use counter::{Counter, Share, pace};
pub use report::{News, PlannedStage, Report, StageProgress, TaskProgress};
pub use reports::Reports;

pub(crate) use bar::{ProgressBar, show};
