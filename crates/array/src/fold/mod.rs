//! Reductions: elements are folded into states, states into one, and that into an element.
//!
//! `state`: what is remembered of some elements; `sums`, `extremes`: what that is for each reduction. `lanes`: consecutive elements
//! at once. `walk`: how the elements of a chunk are folded, pairwise; `columns`: extremes of rows. `finish`: states of several chunks
//! merged, and made elements. States travel as chunks of `u64` words with one axis more.

mod columns;
mod extremes;
mod finish;
mod lanes;
mod state;
mod sums;
mod walk;

pub(crate) use finish::{finish, load, merge, save};
pub(crate) use state::{Fold, State, Visit, visit};
pub(crate) use walk::{Folder, folder};

use serde::{Deserialize, Serialize};
use stratal_core::value::DType;

/// What is made of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Sum,
    Prod,
    Mean,
    Var,
    Std,
    Min,
    Max,
    Any,
    All,
    ArgMin,
    ArgMax,
    CountNonzero,
}

impl Kind {
    /// The dtype of the result for elements of this dtype; none where it knows none.
    pub(crate) fn gives(self, of: DType) -> Option<DType> {
        let real = (!of.is_complex()).then_some(of);
        match self {
            Kind::Sum | Kind::Prod => Some(match of {
                DType::Bool => DType::I64,
                of if of.is_signed() => DType::I64,
                of if of.is_unsigned() => DType::U64,
                of => of,
            }),
            Kind::Mean => Some(if of.is_float() || of.is_complex() { of } else { DType::F64 }),
            Kind::Var | Kind::Std => real.map(|of| if of.is_float() { of } else { DType::F64 }),
            Kind::Min | Kind::Max => real,
            Kind::Any | Kind::All => Some(DType::Bool),
            Kind::ArgMin | Kind::ArgMax => real.map(|_| DType::I64),
            Kind::CountNonzero => Some(DType::I64),
        }
    }

    /// Whether there is no result of no elements.
    pub(crate) fn wants_one(self) -> bool {
        matches!(self, Kind::Min | Kind::Max | Kind::ArgMin | Kind::ArgMax)
    }
}

/// A reduction of an array.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reduction {
    pub(crate) kind: Kind,
    /// Whether what is not a number is left out.
    pub(crate) skip: bool,
    /// What is taken off the number of elements that a variance is divided by.
    pub(crate) ddof: f64,
    /// The dtype of the elements.
    pub(crate) of: DType,
    pub(crate) gives: DType,
    /// For each axis of the elements, whether it is reduced.
    pub(crate) axes: Vec<bool>,
}
