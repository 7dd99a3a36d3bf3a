//! Scalar functions that DataFusion does not have, or that mean something else there.
//!
//! One a file. `function`: what they have in common. Every process registers [`all`] of them, so that plans carry their
//! names; whatever a function needs besides its column stands in the expression as a literal.

mod extract;
mod function;
mod in_zone;
mod list_sum;
mod offset;
mod read;
mod truncate;
mod zone;

pub(super) use extract::extract;
pub(crate) use in_zone::in_zone;
pub(super) use list_sum::list_sum;
pub(super) use offset::offset;
pub(super) use read::{Reads, read};
pub(super) use truncate::truncate;
pub(super) use zone::{parse as parse_zone, per_second};

use datafusion::logical_expr::ScalarUDF;
use std::sync::Arc;

/// All of them, for registration.
pub(crate) fn all() -> Vec<Arc<ScalarUDF>> {
    let mut all = vec![extract::function(), in_zone::function(), list_sum::function(), offset::function(), truncate::function()];
    all.extend(read::functions());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_functions_share_a_name() {
        let names: Vec<String> = all().iter().map(|function| function.name().to_owned()).collect();
        for (at, name) in names.iter().enumerate() {
            assert!(name.starts_with("stratal_") && !names[..at].contains(name), "{name}");
        }
    }
}
