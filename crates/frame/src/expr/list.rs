//! Methods of lists, `col("tags").list()`, and fields of structs.

use super::{
    Expr, IntoExpr,
    later::{Given, cast},
    own::list_sum,
};
use crate::{
    bind::common_type,
    types::{is_text, type_name},
};
use arrow_schema::DataType;
use datafusion::{
    functions::core::expr_fn::get_field,
    functions_nested::expr_fn::{
        array_avg, array_distinct, array_element, array_has, array_length, array_max, array_min, array_slice, array_sort, array_sum,
        array_to_string,
    },
    logical_expr::{Expr as Logical, lit},
};
use stratal_core::{Error, ErrorKind, Result, error::nearest};

/// The methods of lists. Made by [`Expr::list`].
///
/// Positions count from 0, and negative ones from the end. A list that is null stays null.
#[derive(Clone, Debug)]
pub struct ListExpr(Expr);

impl Expr {
    /// The methods of lists.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let tags = col("tags").str().split(",");
    /// let df = frame! { "tags" => ["b,a,b"] }.select(tags.list().unique().list().sort().list().join("+"));
    /// assert_eq!(df.collect()?.item::<String>()?, "a+b");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn list(&self) -> ListExpr {
        ListExpr(self.clone())
    }

    /// A field of a struct.
    ///
    /// ```
    /// use stratal_frame::{call, col, frame};
    /// let df = frame! { "x" => [1i64] }.with_column("user", call("named_struct", ("id", col("x"))));
    /// assert_eq!(df.select(col("user").field("id").alias("uid")).collect()?.item::<i64>()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn field(&self, name: &str) -> Expr {
        self.method(".field", [super::lit(name)], |given| {
            let name = given.word(1)?;
            let DataType::Struct(fields) = given.type_of(0)? else {
                return Err(given.refuse(0, "a struct", "only structs have fields"));
            };
            if fields.iter().any(|field| field.name() == name) {
                return Ok(get_field(given.argument(0), name));
            }
            let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
            let error = Error::new(ErrorKind::UnknownColumn, format!("no field {name:?} in [{}]", names.join(", ")));
            Err(match nearest(name, names) {
                Some(near) => error.with_help(format!("did you mean {near:?}?")),
                None => error,
            })
        })
    }
}

/// A position, or a number of items, that fits the lists of DataFusion.
fn place(number: i64) -> i64 {
    number.clamp(i64::from(i32::MIN), i64::from(i32::MAX))
}

fn at(list: Logical, position: i64) -> Logical {
    array_element(list, lit(place(if position < 0 { position } else { position.saturating_add(1) })))
}

/// A list of numbers.
fn numbers(given: &Given<'_>) -> Result<(Logical, DataType)> {
    match given.list(0)? {
        (list, item) if item.is_numeric() || item.is_null() => Ok((list, item)),
        _ => Err(given.refuse(0, "a list of numbers", "its items are no numbers")),
    }
}

/// A list of what can be compared: of no lists and structs.
fn values(given: &Given<'_>) -> Result<Logical> {
    match given.list(0)? {
        (list, item) if !item.is_nested() => Ok(list),
        _ => Err(given.refuse(0, "a list of values", "its items are lists or structs themselves")),
    }
}

impl ListExpr {
    /// The number of items, nulls among them, as `i64`.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["a,b", "c"] }.select(col("s").str().split(",").list().len());
    /// assert_eq!(df.collect()?.column::<i64>("s")?, [2, 1]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn len(&self) -> Expr {
        self.0.method(".list().len", [], |given| Ok(cast(array_length(given.list(0)?.0), DataType::Int64)))
    }

    /// The item at a position; null where there is none.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["a,b", "c"] };
    /// let parts = col("s").str().split(",");
    /// assert_eq!(df.select(parts.list().get(1)).collect()?.column::<Option<String>>("s")?, [Some("b".into()), None]);
    /// assert_eq!(df.select(parts.list().get(-1)).collect()?.column::<String>("s")?, ["b", "c"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn get(&self, position: i64) -> Expr {
        self.0.method(".list().get", [super::lit(position)], |given| Ok(at(given.list(0)?.0, given.number(1)?)))
    }

    /// The first item; null where there is none.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["a,b"] }.select(col("s").str().split(",").list().first());
    /// assert_eq!(df.collect()?.item::<String>()?, "a");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn first(&self) -> Expr {
        self.0.method(".list().first", [], |given| Ok(at(given.list(0)?.0, 0)))
    }

    /// The last item; null where there is none.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["a,b"] }.select(col("s").str().split(",").list().last());
    /// assert_eq!(df.collect()?.item::<String>()?, "b");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn last(&self) -> Expr {
        self.0.method(".list().last", [], |given| Ok(at(given.list(0)?.0, -1)))
    }

    /// Whether a value is among the items. Null where the value is.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["a,b", "c"] };
    /// assert_eq!(df.filter(col("s").str().split(",").list().contains("b")).count()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn contains(&self, value: impl IntoExpr) -> Expr {
        self.0.method(".list().contains", [value.into_expr()], |given| {
            let ((list, item), value) = (given.list(0)?, given.type_of(1)?);
            if common_type(&item, &value).is_none() {
                let message = format!("cannot look for {} among {} in {}", type_name(&value), type_name(&item), given.shown());
                return Err(Error::new(ErrorKind::TypeMismatch, message).with_help(given.cast_it(1, &type_name(&item))));
            }
            Ok(array_has(list, given.argument(1)))
        })
    }

    /// The sum of the items: of integers as `i64`, of others as `f64`. Nulls are skipped; of nothing it is null.
    ///
    /// ```
    /// use stratal_frame::{call, frame};
    /// let df = frame! { "x" => [1] }.select(call("make_array", (1, 2, 3)).list().sum().alias("sum"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 6);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn sum(&self) -> Expr {
        self.0.method(".list().sum", [], |given| {
            let (list, item) = numbers(given)?;
            Ok(if item.is_integer() { list_sum(list) } else { array_sum(list) })
        })
    }

    /// The mean of the items, as `f64`. Nulls are skipped; of nothing it is null.
    ///
    /// ```
    /// use stratal_frame::{call, frame};
    /// let df = frame! { "x" => [1] }.select(call("make_array", (1, 2)).list().mean().alias("mean"));
    /// assert_eq!(df.collect()?.item::<f64>()?, 1.5);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn mean(&self) -> Expr {
        self.0.method(".list().mean", [], |given| numbers(given).map(|(list, _)| array_avg(list)))
    }

    /// The smallest item. Nulls are skipped; of nothing it is null.
    ///
    /// ```
    /// use stratal_frame::{call, frame};
    /// let df = frame! { "x" => [1] }.select(call("make_array", (2, 1)).list().min().alias("min"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 1);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn min(&self) -> Expr {
        self.0.method(".list().min", [], |given| values(given).map(array_min))
    }

    /// The largest item. Nulls are skipped; of nothing it is null.
    ///
    /// ```
    /// use stratal_frame::{call, frame};
    /// let df = frame! { "x" => [1] }.select(call("make_array", (2, 1)).list().max().alias("max"));
    /// assert_eq!(df.collect()?.item::<i64>()?, 2);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn max(&self) -> Expr {
        self.0.method(".list().max", [], |given| values(given).map(array_max))
    }

    /// The items from the smallest to the largest, nulls last.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["b,c,a"] }.select(col("s").str().split(",").list().sort());
    /// assert_eq!(df.collect()?.item::<Vec<String>>()?, ["a", "b", "c"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn sort(&self) -> Expr {
        self.0.method(".list().sort", [], |given| values(given).map(|list| array_sort(list, lit("ASC"), lit("NULLS LAST"))))
    }

    /// Every different item once, in the order in which they come first. Null is an item like any other.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["b,a,b"] }.select(col("s").str().split(",").list().unique());
    /// assert_eq!(df.collect()?.item::<Vec<String>>()?, ["b", "a"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn unique(&self) -> Expr {
        self.0.method(".list().unique", [], |given| values(given).map(array_distinct))
    }

    /// The items as one text, with a separator between them. Nulls are left out.
    ///
    /// ```
    /// use stratal_frame::{call, frame};
    /// let df = frame! { "x" => [1] }.select(call("make_array", (1, 2)).list().join("-").alias("text"));
    /// assert_eq!(df.collect()?.item::<String>()?, "1-2");
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn join(&self, separator: &str) -> Expr {
        self.0.method(".list().join", [super::lit(separator)], |given| {
            let (list, item) = given.list(0)?;
            if !(item.is_integer() || item.is_floating() || item.is_null() || item == DataType::Boolean || is_text(&item)) {
                return Err(given.refuse(0, "a list of texts or numbers", given.cast_it(0, "list[str]")));
            }
            Ok(array_to_string(list, lit(given.word(1)?)))
        })
    }

    /// `length` items from `start` on, which is counted from 0, or from the end where it is negative. What lies outside of the
    /// list is left out.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// let df = frame! { "s" => ["a,b,c"] };
    /// let parts = col("s").str().split(",");
    /// assert_eq!(df.select(parts.list().slice(1, 5)).collect()?.item::<Vec<String>>()?, ["b", "c"]);
    /// assert_eq!(df.select(parts.list().slice(-2, 1)).collect()?.item::<Vec<String>>()?, ["b"]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    pub fn slice(&self, start: i64, length: usize) -> Expr {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        self.0.method(".list().slice", [super::lit(start), super::lit(length)], |given| {
            let ((list, _), start, items) = (given.list(0)?, given.number(1)?, given.number(2)?);
            let after = start.saturating_add(items);
            // DataFusion counts from 1 and from the end, and the last position is part of the slice.
            let (from, to) = match (start < 0, after < 0) {
                (false, _) => (start.saturating_add(1), after),
                (true, true) => (start, after - 1),
                (true, false) if after == 0 => (start, -1),
                (true, false) => (start, i64::MAX),
            };
            Ok(array_slice(list, lit(place(from)), lit(place(to)), None))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::col;

    #[test]
    fn methods_are_shown_as_they_are_called() {
        let shown = format!("{:?}", col("tags").list().slice(-2, 1).list().contains("x"));
        assert_eq!(shown, "tags.list().slice(-2, 1).list().contains(\"x\")");
        assert_eq!(format!("{:?}", col("user").field("id")), "user.field(\"id\")");
    }
}
