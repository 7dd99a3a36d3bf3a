//! The sum of the integers in a list, as an integer. DataFusion's `array_sum` gives floats.

use super::function::{Function, call};
use arrow_array::{Array, ArrayRef, Int64Array, cast::AsArray, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::{DataType, Field};
use datafusion::logical_expr::{Expr as Logical, ScalarUDF};
use std::sync::{Arc, LazyLock};
use stratal_core::{Error, ErrorKind, Result};

pub(super) fn function() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Function::udf("stratal_list_sum", |_, _| Ok(DataType::Int64), |list, _| run(list)));
    FUNCTION.clone()
}

/// The sum of the items of a list of integers, as `Int64`. Nulls are skipped; of nothing it is null.
pub(in crate::expr) fn list_sum(list: Logical) -> Logical {
    call(function(), list, [])
}

fn run(lists: &ArrayRef) -> Result<ArrayRef> {
    let lists = cast(lists, &DataType::List(Arc::new(Field::new_list_field(DataType::Int64, true))))?;
    let lists = lists.as_list::<i32>();
    let numbers = lists.values().as_primitive::<Int64Type>();
    let sums = (0..lists.len()).map(|row| {
        if lists.is_null(row) {
            return Ok(None);
        }
        let (start, length) = (lists.value_offsets()[row] as usize, lists.value_length(row) as usize);
        let items = numbers.slice(start, length);
        let mut there = items.iter().flatten().peekable();
        if there.peek().is_none() {
            return Ok(None);
        }
        let sum = there.try_fold(0i64, |sum, number| sum.checked_add(number));
        sum.map(Some).ok_or_else(|| Error::new(ErrorKind::BadValue, "the sum of a list does not fit i64"))
    });
    Ok(Arc::new(sums.collect::<Result<Int64Array>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ListArray, types::Int32Type};

    #[test]
    fn nulls_are_skipped_and_the_sum_of_nothing_is_null() {
        let rows = [Some(vec![Some(1), None, Some(2)]), Some(vec![]), None, Some(vec![None]), Some(vec![Some(-7)])];
        let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(rows));
        let sums = |lists: &ArrayRef| run(lists).unwrap().as_primitive::<Int64Type>().iter().collect::<Vec<_>>();
        assert_eq!(sums(&lists), [Some(3), None, None, None, Some(-7)]);
        assert_eq!(sums(&lists.slice(2, 3)), [None, None, Some(-7)]);
    }

    #[test]
    fn a_sum_that_does_not_fit_is_an_error() {
        let rows = [Some(vec![Some(i64::MAX), Some(1)])];
        let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(rows));
        assert_eq!(run(&lists).unwrap_err().message(), "the sum of a list does not fit i64");
    }
}
