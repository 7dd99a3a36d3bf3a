//! [`call`]: DataFusion's scalar functions, by name.

use super::{Expr, IntoExpr};
use crate::session;
use datafusion::logical_expr::{Expr as Logical, expr::ScalarFunction};
use stratal_core::{Error, ErrorKind, Result, error::nearest};

/// What a function is called with: values, several in arrays and vectors, several of different types in tuples, and `()` for
/// none. A text is a text here, not a column.
///
/// ```
/// use stratal_frame::{call, col};
/// let none = call("pi", ());
/// let several = call("lpad", (col("name"), 10, "."));
/// # let _ = (none, several);
/// ```
pub trait IntoArguments {
    /// The arguments, in order.
    fn into_arguments(self) -> Vec<Expr>;
}

impl IntoArguments for () {
    fn into_arguments(self) -> Vec<Expr> {
        Vec::new()
    }
}

impl<T: IntoExpr, const N: usize> IntoArguments for [T; N] {
    fn into_arguments(self) -> Vec<Expr> {
        self.into_iter().map(IntoExpr::into_expr).collect()
    }
}

impl<T: IntoExpr> IntoArguments for Vec<T> {
    fn into_arguments(self) -> Vec<Expr> {
        self.into_iter().map(IntoExpr::into_expr).collect()
    }
}

macro_rules! one {
    ($($type:ty)*) => {$(
        impl IntoArguments for $type {
            fn into_arguments(self) -> Vec<Expr> {
                vec![self.into_expr()]
            }
        }
    )*};
}

one! { Expr &Expr &str String bool i32 i64 f64 }

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: IntoExpr),+> IntoArguments for ($($name,)+) {
            #[allow(non_snake_case, reason = "the type parameters name the values")]
            fn into_arguments(self) -> Vec<Expr> {
                let ($($name,)+) = self;
                vec![$($name.into_expr()),+]
            }
        }
    )*};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }

/// A scalar function of DataFusion by its name in SQL, for what has no method: `date_bin`, `initcap`, `md5`, `atan2`, … It
/// means what it means there: positions count from 1. A name that no function has is an error of the verb.
///
/// ```
/// use stratal_frame::{call, col, frame};
/// let df = frame! { "name" => ["alice b"], "y" => [1.0], "x" => [1.0] };
/// let answer = df.select((call("initcap", col("name")), call("atan2", [col("y"), col("x")]))).collect()?;
/// assert_eq!(answer.value::<String>(0, "name")?, "Alice B");
/// assert_eq!(answer.value::<f64>(0, "y")?, std::f64::consts::FRAC_PI_4);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub fn call(name: &str, arguments: impl IntoArguments) -> Expr {
    let arguments: Result<Vec<Logical>> = arguments.into_arguments().into_iter().map(|expr| expr.0).collect();
    Expr(arguments.and_then(|arguments| {
        let session = session::functions();
        match session.scalar_functions().get(name) {
            Some(function) => Ok(Logical::ScalarFunction(ScalarFunction::new_udf(function.clone(), arguments))),
            None => Err(unknown(name)),
        }
    }))
}

fn unknown(name: &str) -> Error {
    let session = session::functions();
    let error = Error::new(ErrorKind::BadValue, format!("there is no scalar function {name:?}"));
    if session.aggregate_functions().contains_key(name) {
        return error.with_help(format!("{name} is an aggregate: use its method, or sql_expr(\"{name}(..)\")"));
    }
    if session.window_functions().contains_key(name) {
        return error.with_help(format!("{name} is a window function: use its method with .over(..)"));
    }
    match nearest(name, session.scalar_functions().keys().map(String::as_str)) {
        Some(near) => error.with_help(format!("did you mean {near:?}?")),
        None => error.with_help("the names are those of DataFusion's scalar functions"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::col;

    #[test]
    fn an_unknown_function_names_the_nearest() {
        let error = |name: &str| call(name, col("x")).to_datafusion().unwrap_err();
        assert_eq!(
            (error("initcp").message(), error("initcp").help()),
            ("there is no scalar function \"initcp\"", Some("did you mean \"initcap\"?"))
        );
        assert!(error("median").help().unwrap().starts_with("median is an aggregate"));
        assert!(error("row_number").help().unwrap().starts_with("row_number is a window function"));
    }

    #[test]
    fn arguments_are_values() {
        assert_eq!(format!("{:?}", call("lpad", (col("name"), 10, "."))), "lpad(name, 10, \".\")");
        assert_eq!(format!("{:?}", call("pi", ())), "pi()");
        assert_eq!(format!("{:?}", call("greatest", vec![1, 2])), "greatest(1, 2)");
    }
}
