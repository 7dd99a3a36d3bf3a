//! One value from several columns: [`coalesce`], [`greatest`], [`least`], [`concat_str`].

use super::{
    Expr, IntoExprs,
    later::{Given, cast, function},
};
use arrow_schema::DataType;
use datafusion::{
    functions::{core::expr_fn, string::expr_fn::concat_ws},
    logical_expr::Expr as Logical,
};
use stratal_core::{Error, ErrorKind, Result};

fn several(name: &str, columns: impl IntoExprs, of: impl FnOnce(Vec<Logical>) -> Logical) -> Expr {
    let columns: Result<Vec<Logical>> = columns.into_exprs().into_iter().map(|expr| expr.0).collect();
    Expr(columns.and_then(|columns| match columns.is_empty() {
        true => Err(nothing(name)),
        false => Ok(of(columns)),
    }))
}

fn nothing(name: &str) -> Error {
    Error::new(ErrorKind::BadValue, format!("{name} is of nothing")).with_help(format!("name columns: {name}([\"a\", \"b\"])"))
}

/// The first of these that is not null.
///
/// ```
/// use stratal_frame::{coalesce, frame, lit};
/// let df = frame! { "mobile" => [Some("1"), None, None], "phone" => [Some("2"), Some("3"), None] };
/// let tel = df.select(coalesce(("mobile", "phone", lit("none"))).alias("tel")).collect()?;
/// assert_eq!(tel.column::<String>("tel")?, ["1", "3", "none"]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn coalesce(columns: impl IntoExprs) -> Expr {
    several("coalesce", columns, expr_fn::coalesce)
}

/// The greatest of these. Nulls are skipped; NaN is greater than every number.
///
/// ```
/// use stratal_frame::{frame, greatest};
/// let df = frame! { "a" => [Some(1i64), Some(5), None], "b" => [Some(3i64), None, None] };
/// assert_eq!(df.select(greatest(["a", "b"])).collect()?.column::<Option<i64>>("a")?, [Some(3), Some(5), None]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn greatest(columns: impl IntoExprs) -> Expr {
    several("greatest", columns, expr_fn::greatest)
}

/// The least of these. Nulls are skipped.
///
/// ```
/// use stratal_frame::{frame, least};
/// let df = frame! { "a" => [Some(1i64), Some(5), None], "b" => [Some(3i64), None, None] };
/// assert_eq!(df.select(least(["a", "b"])).collect()?.column::<Option<i64>>("a")?, [Some(1), Some(5), None]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn least(columns: impl IntoExprs) -> Expr {
    several("least", columns, expr_fn::least)
}

/// These as texts, with a separator between them. Nulls are left out, and their separators with them, as in SQL; where all
/// are null the text is empty.
///
/// ```
/// use stratal_frame::{concat_str, frame};
/// let df = frame! { "first" => ["Ada", "Bo"], "middle" => [None, Some("C.")], "year" => [1815i64, 1990] };
/// let names = df.select(concat_str(" ", ["first", "middle", "year"]).alias("name")).collect()?;
/// assert_eq!(names.column::<String>("name")?, ["Ada 1815", "Bo C. 1990"]);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn concat_str(separator: &str, columns: impl IntoExprs) -> Expr {
    let columns = columns.into_exprs();
    if columns.is_empty() {
        return Expr(Err(nothing("concat_str")));
    }
    function("concat_str", std::iter::once(super::lit(separator)).chain(columns), |given| {
        let texts = (1..given.arguments().len()).map(|at| as_text(given, at));
        Ok(concat_ws(given.argument(0), texts.collect::<Result<_>>()?))
    })
}

/// An argument as it is printed.
fn as_text(given: &Given<'_>, at: usize) -> Result<Logical> {
    match given.type_of(at)? {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(given.argument(at)),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Err(refused(given, at)),
        data_type if data_type.is_nested() => Err(refused(given, at)),
        _ => Ok(cast(given.argument(at), DataType::Utf8)),
    }
}

fn refused(given: &Given<'_>, at: usize) -> Error {
    given.refuse(at, "texts, numbers, truth values and times", "make a text of it first, as .list().join(..) does")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{col, lit};

    #[test]
    fn they_are_shown_as_they_are_written_and_named_after_the_first_column() {
        assert_eq!(format!("{:?}", coalesce(["a", "b"])), "coalesce(a, b)");
        let joined = concat_str("-", (lit("x"), col("a"), "b"));
        assert_eq!(format!("{joined:?}"), "concat_str(\"-\", \"x\", a, b)");
        assert_eq!(crate::expr::output_name(&joined.to_datafusion().unwrap()), "a");
    }

    #[test]
    fn of_nothing_is_an_error_of_the_verb() {
        assert_eq!(greatest(()).to_datafusion().unwrap_err().message(), "greatest is of nothing");
        assert_eq!(concat_str(",", ()).to_datafusion().unwrap_err().message(), "concat_str is of nothing");
    }
}
