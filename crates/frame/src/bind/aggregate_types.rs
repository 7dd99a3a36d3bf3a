//! Types that aggregates cannot take.

use super::check::type_of;
use crate::{
    expr::{show, source},
    types::{is_text, type_name},
};
use arrow_schema::DataType;
use datafusion::{
    common::DFSchema,
    logical_expr::{Expr as Logical, expr::AggregateFunction},
};
use stratal_core::{Error, ErrorKind, Result};

/// Refuses numbers of texts, truths of numbers, and filters that are no conditions. `whole` is the aggregate.
pub(super) fn check(whole: &Logical, function: &AggregateFunction, schema: &DFSchema) -> Result<()> {
    let params = &function.params;
    if let Some(filter) = &params.filter {
        let data_type = type_of(filter, schema)?;
        if !matches!(data_type, DataType::Boolean | DataType::Null) {
            let message = format!("the filter of {} is {}, not bool: {}", show(whole), type_name(&data_type), show(filter));
            return Err(Error::new(ErrorKind::TypeMismatch, message).with_help("compare it, as in .filter(col(\"x\").gt(0))"));
        }
    }
    let Some(own) = params.args.first() else { return Ok(()) };
    match function.func.name() {
        "sum" | "avg" => takes_numbers(whole, own, schema, |data_type| matches!(data_type, DataType::Duration(_))),
        "var" | "var_samp" | "stddev" | "stratal_product" | "stratal_quantile" | "approx_percentile_cont" => {
            takes_numbers(whole, own, schema, |_| false)
        }
        "corr" | "covar_samp" => params.args.iter().try_for_each(|side| takes_numbers(whole, side, schema, |_| false)),
        "bool_and" | "bool_or" => match type_of(own, schema)? {
            DataType::Boolean | DataType::Null => Ok(()),
            other => {
                let message = format!("cannot take {} of {}", show(whole), type_name(&other));
                Err(Error::new(ErrorKind::TypeMismatch, message).with_help(format!("compare it: {}.gt(0)", source(own))))
            }
        },
        "array_agg" if params.distinct && !params.order_by.iter().all(|key| key.expr == *own) => {
            let message = format!("{} has one row for several, and they are sorted by something else", show(whole));
            Err(Error::new(ErrorKind::BadValue, message).with_help("sort different values by themselves, or leave distinct() out"))
        }
        _ => Ok(()),
    }
}

/// Refuses an argument that is no number, and none of the types that go `too`.
pub(super) fn takes_numbers(whole: &Logical, argument: &Logical, schema: &DFSchema, too: impl Fn(&DataType) -> bool) -> Result<()> {
    let data_type = type_of(argument, schema)?;
    if data_type.is_numeric() || data_type.is_null() || too(&data_type) {
        return Ok(());
    }
    let message = format!("cannot take {} of {}", show(whole), type_name(&data_type));
    let help = match is_text(&data_type) || data_type == DataType::Boolean {
        true => format!("cast it: {}.cast(\"f64\")", source(argument)),
        false => "min(), max(), first() and last() take values of any type".to_owned(),
    };
    Err(Error::new(ErrorKind::TypeMismatch, message).with_help(help))
}
