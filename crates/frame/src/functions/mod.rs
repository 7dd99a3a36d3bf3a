//! Aggregate functions that DataFusion does not have, or that give something else there.
//!
//! One a file. Plans carry their names, and every process finds them by these.

mod product;
mod quantile;

pub(crate) use product::{product, product_type};
pub(crate) use quantile::{checked_quantile, interpolated, quantile};

use datafusion::logical_expr::AggregateUDF;
use std::sync::Arc;

/// All of them.
pub(crate) fn all() -> [Arc<AggregateUDF>; 2] {
    [product(), quantile()]
}

/// The function of this name.
pub(crate) fn named(name: &str) -> Option<Arc<AggregateUDF>> {
    all().into_iter().find(|function| function.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_function_is_called_as_one_of_datafusions() {
        for function in all() {
            assert!(function.name().starts_with("stratal_") && named(function.name()).is_some(), "{}", function.name());
        }
    }
}
