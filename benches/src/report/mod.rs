//! What came out, written down.
//!
//! - `model`: [`Report`], [`Section`], [`Table`], [`Row`], [`Cell`]: what is kept as JSON.
//! - `machine`: where it was measured. `format`: figures as text. `ratios`: how sides compare.
//! - `markdown`, `plot`: a report as people read it. `publish`: where it goes. `compare`: two of them.

mod compare;
mod format;
mod machine;
mod markdown;
mod model;
mod plot;
mod publish;
mod ratios;

pub(crate) use compare::compared;
pub(crate) use format::memory;
pub(crate) use model::{Cell, Report, Row, Section, Table};
pub(crate) use publish::publish;
