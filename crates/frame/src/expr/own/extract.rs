//! A group of the first match of a regular expression.
//!
//! DataFusion's `regexp_match` leaves out groups that took no part in the match, so that the numbers of others change.

use super::function::{Function, call, number, text};
use arrow_array::{ArrayRef, StringArray, cast::AsArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use datafusion::{
    common::ScalarValue,
    logical_expr::{Expr as Logical, ScalarUDF},
};
use regex::Regex;
use std::sync::{Arc, LazyLock};
use stratal_core::{Error, ErrorKind, Result};

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Function::udf("stratal_extract", |_, _| Ok(DataType::Utf8), run));
    FUNCTION.clone()
}

/// What group `group` matched; the whole match for 0, null where there is none.
pub(in crate::expr) fn extract(column: Logical, pattern: &str, group: i64) -> Logical {
    call(function(), column, [ScalarValue::from(pattern), ScalarValue::from(group)])
}

fn run(column: &ArrayRef, parameters: &[ScalarValue]) -> Result<ArrayRef> {
    let regex = Regex::new(text(parameters, 0)?).map_err(|error| Error::new(ErrorKind::BadValue, error.to_string()))?;
    let group = usize::try_from(number(parameters, 1)?).map_err(|_| Error::internal("a group below 0"))?;
    let texts = cast(column, &DataType::Utf8)?;
    let found = |text: &str| regex.captures(text).and_then(|groups| groups.get(group).map(|found| found.range()));
    let made = texts.as_string::<i32>().iter().map(|text| text.and_then(|text| found(text).map(|range| &text[range])));
    Ok(Arc::new(made.collect::<StringArray>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;

    #[test]
    fn a_group_that_took_no_part_is_null_and_keeps_its_number() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("a1"), Some("1"), Some("é9x"), None, Some("-")]));
        let group = |group: i64| {
            let made = run(&texts, &[ScalarValue::from("([a-zé])?([0-9])"), ScalarValue::from(group)]).unwrap();
            made.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>()
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(group(0), [some("a1"), some("1"), some("é9"), None, None]);
        assert_eq!(group(1), [some("a"), None, some("é"), None, None]);
        assert_eq!(group(2), [some("1"), some("1"), some("9"), None, None]);
        assert_eq!(run(&texts, &[ScalarValue::from("x"), ScalarValue::from(0i64)]).unwrap().data_type(), &DataType::Utf8);
    }
}
