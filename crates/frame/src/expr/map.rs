//! [`Expr::map`]: a Rust function of single values.
//!
//! In this process the function is called as it is. To another it goes by the name that `#[stratal::task]` gave it, with what
//! it takes and gives, and is called there as tasks are.

mod travel;

pub(crate) use travel::decode;

use super::Expr;
use crate::{
    dframe::{Cell, Item},
    error::to_datafusion,
    expr::show::source,
    frame::FromColumn,
    types::type_name,
};
use arrow_array::{Array, ArrayRef, new_empty_array};
use arrow_schema::DataType;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use datafusion::{
    common::Result as DfResult,
    logical_expr::{
        ColumnarValue, Expr as Logical, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, expr::ScalarFunction,
    },
};
use std::{
    any::TypeId,
    fmt,
    hash::{Hash, Hasher},
    iter,
    panic::{AssertUnwindSafe, Location, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use stratal_core::{Error, ErrorKind, Result, Retry, function::Function, registry::Registry};

/// A type that a function of single values takes: integers, floats, `bool`, `String`, dates and datetimes. Rows that are null
/// are skipped, and null in the answer; `Option` of any of these sees them.
pub trait RowValue: Sized + 'static {
    /// The values of a column, row by row; none for a row that is skipped.
    ///
    /// # Errors
    /// `TypeMismatch` for a column of another type.
    fn rows(column: &ArrayRef) -> Result<Vec<Option<Self>>>;

    /// The type's name.
    fn name() -> String;
}

macro_rules! values {
    ($($type:ty)*) => {$(
        impl RowValue for $type {
            fn rows(column: &ArrayRef) -> Result<Vec<Option<Self>>> {
                Option::<$type>::from_column(column, "")
            }

            fn name() -> String {
                stringify!($type).to_owned()
            }
        }

        impl RowValue for Option<$type> {
            fn rows(column: &ArrayRef) -> Result<Vec<Option<Self>>> {
                Ok(Option::<$type>::from_column(column, "")?.into_iter().map(Some).collect())
            }

            fn name() -> String {
                concat!("Option<", stringify!($type), ">").to_owned()
            }
        }
    )*};
}

values! { bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 String NaiveDate NaiveDateTime DateTime<Utc> }

type Run = Arc<dyn Fn(&ArrayRef) -> Result<ArrayRef> + Send + Sync>;

impl Expr {
    /// A Rust function of every value: of `i64`, `f64`, `bool`, `String`, `NaiveDate` and such, to any of these or an option of
    /// one. Nulls are skipped and stay null; a function of `Option<_>` sees them. It should give the same for the same value.
    ///
    /// A closure runs in this process only. On a cluster it takes a function of `#[stratal::task]`, of numbers, texts and truth
    /// values, which the workers have too. A panic fails the query.
    ///
    /// ```
    /// use stratal_frame::{col, frame};
    /// fn clean(text: String) -> Option<String> {
    ///     Some(text.trim().to_lowercase()).filter(|text| !text.is_empty())
    /// }
    ///
    /// let df = frame! { "name" => [Some(" Ada "), Some("  "), None], "x" => [1i64, 2, 3] };
    /// let answer = df.select((col("name").map(clean), col("x").map(|x: i64| x as f64 / 2.0))).collect()?;
    /// assert_eq!(answer.column::<Option<String>>("name")?, [Some("ada".into()), None, None]);
    /// assert_eq!(answer.column::<f64>("x")?, [0.5, 1.0, 1.5]);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    #[track_caller]
    pub fn map<T, R, F>(&self, function: F) -> Expr
    where
        T: RowValue,
        R: Cell + 'static,
        F: Fn(T) -> R + Send + Sync + 'static,
    {
        let mapped = Arc::new(ScalarUDF::new_from_impl(Mapped::new(function, Location::caller())));
        self.wrap(|own| Logical::ScalarFunction(ScalarFunction::new_udf(mapped, vec![own])))
    }
}

/// Which function it is.
enum Origin {
    /// One that every process finds by its name.
    Registered(Arc<Function>),
    /// One that only this process has: its type's name, where it was given, and a number that no other has.
    Local { type_name: &'static str, at: &'static Location<'static>, number: u64 },
}

/// A function of single values as DataFusion knows it.
pub(crate) struct Mapped {
    origin: Origin,
    label: String,
    takes: String,
    accepts: Box<dyn Fn(&DataType) -> bool + Send + Sync>,
    returns: DataType,
    run: Run,
    signature: Signature,
}

impl Mapped {
    fn new<T: RowValue, R: Cell + 'static, F: Fn(T) -> R + Send + Sync + 'static>(function: F, at: &'static Location<'static>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        // Only a function without state is known by its type alone.
        let known = if size_of::<F>() == 0 { Registry::global().function_of(TypeId::of::<F>()) } else { None };
        let origin = known.map(Origin::Registered).unwrap_or_else(|| Origin::Local {
            type_name: std::any::type_name::<F>(),
            at,
            number: NEXT.fetch_add(1, Ordering::Relaxed),
        });
        let run: Run = Arc::new(move |column: &ArrayRef| {
            let rows = T::rows(column)?.into_iter();
            Ok(R::Item::array(rows.map(|row| row.and_then(|value| function(value).cell()))))
        });
        let accepts = |data_type: &DataType| T::rows(&new_empty_array(data_type)).is_ok();
        Mapped {
            label: label(&origin),
            origin,
            takes: T::name(),
            accepts: Box::new(accepts),
            returns: R::Item::array(iter::empty()).data_type().clone(),
            run,
            signature: Signature::any(1, Volatility::Immutable),
        }
    }

    /// The function of single values that is called here.
    pub(crate) fn of(function: &ScalarFunction) -> Option<&Mapped> {
        function.func.inner().downcast_ref()
    }

    /// Its name for errors within expressions: `clean`, `closure`.
    pub(super) fn short_name(&self) -> &str {
        match &self.origin {
            Origin::Registered(function) => function.short_name(),
            Origin::Local { type_name, .. } if type_name.contains("{{closure}}") => "closure",
            Origin::Local { type_name, .. } => type_name.rsplit("::").next().unwrap_or(type_name),
        }
    }

    /// Refuses a column of a type that it does not take.
    ///
    /// # Errors
    /// `TypeMismatch`, with both types.
    pub(crate) fn check(&self, column: &Logical, data_type: &DataType) -> Result<()> {
        if (self.accepts)(data_type) {
            return Ok(());
        }
        let column_text = super::show(column);
        let message =
            format!("{column_text}.map({}) takes {}, and {column_text} is {}", self.short_name(), self.takes, type_name(data_type));
        let help = format!("cast it: {}.cast(..), or write the function for another type", source(column));
        Err(Error::new(ErrorKind::TypeMismatch, message).with_help(help))
    }

    /// What it makes of a column. A panic is an error.
    fn apply(&self, column: &ArrayRef) -> Result<ArrayRef> {
        catch_unwind(AssertUnwindSafe(|| (self.run)(column))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            let message = format!("{} panicked: {}", self.label, text.unwrap_or("without a message"));
            Err(Error::new(ErrorKind::Task, message).with_retry(Retry::Again))
        })
    }

    /// What tells it from others.
    fn identity(&self) -> (&str, u64) {
        match &self.origin {
            Origin::Registered(_) => (self.label.as_str(), 0),
            Origin::Local { number, .. } => (self.label.as_str(), number + 1),
        }
    }
}

/// The name for messages: `own::clean`, `closure at src/main.rs:12:30`.
fn label(origin: &Origin) -> String {
    match origin {
        Origin::Registered(function) => function.label(),
        Origin::Local { type_name, at, .. } if type_name.contains("{{closure}}") => format!("closure at {at}"),
        Origin::Local { type_name, .. } => (*type_name).to_owned(),
    }
}

impl fmt::Debug for Mapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

impl PartialEq for Mapped {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Mapped {}

impl Hash for Mapped {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl ScalarUDFImpl for Mapped {
    fn name(&self) -> &str {
        &self.label
    }

    /// Two closures of one line are two functions, also to what tells expressions apart by their names.
    fn schema_name(&self, args: &[Logical]) -> DfResult<String> {
        let args: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        let (label, number) = self.identity();
        Ok(format!("{label}#{number}({})", args.join(",")))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(self.returns.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        let [column] = &args.args[..] else { return Err(to_datafusion(Error::internal("a function of single values of one column"))) };
        let column = column.to_array(args.number_rows)?;
        self.apply(&column).map(ColumnarValue::Array).map_err(to_datafusion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::col;
    use arrow_array::{Int32Array, Int64Array, cast::AsArray, types::Int64Type};

    fn mapped(expr: &Expr) -> ScalarFunction {
        match expr.to_datafusion().unwrap() {
            Logical::ScalarFunction(function) => function,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_function_skips_nulls_and_one_of_options_sees_them() {
        let column: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
        let numbers = |expr: Expr| {
            let made = Mapped::of(&mapped(&expr)).unwrap().apply(&column).unwrap();
            made.as_primitive::<Int64Type>().iter().collect::<Vec<_>>()
        };
        assert_eq!(numbers(col("x").map(|x: i64| x * 10)), [Some(10), None, Some(30)]);
        assert_eq!(numbers(col("x").map(|x: Option<i64>| x.unwrap_or(-1))), [Some(1), Some(-1), Some(3)]);
        assert_eq!(numbers(col("x").map(|x: i64| Some(x).filter(|x| *x > 1))), [None, None, Some(3)]);
        let small: ArrayRef = Arc::new(Int32Array::from(vec![7]));
        assert!(Mapped::of(&mapped(&col("x").map(|x: i64| x))).unwrap().apply(&small).is_ok());
    }

    #[test]
    fn a_panic_is_an_error_with_the_place_of_the_closure() {
        let column: ArrayRef = Arc::new(Int64Array::from(vec![9]));
        let (line, expr) = (line!(), col("x").map(|x: i64| [1i64, 2][x as usize]));
        let error = Mapped::of(&mapped(&expr)).unwrap().apply(&column).unwrap_err();
        assert!(error.message().starts_with(&format!("closure at {}:{line}:", file!())), "{error}");
        assert!(error.message().contains("panicked: index out of bounds"), "{error}");
    }

    #[test]
    fn two_closures_of_one_line_are_not_one() {
        let plus = |n: i64| col("x").map(move |x: i64| x + n);
        let (one, two) = (mapped(&plus(1)), mapped(&plus(2)));
        assert!(one != two && one == one.clone());
        assert_ne!(one.func.schema_name(&one.args).unwrap(), two.func.schema_name(&two.args).unwrap());
        assert_eq!(format!("{:?}", plus(1)), "x.map(closure)");
    }

    #[test]
    fn a_column_of_another_type_is_refused_with_both_types() {
        let expr = col("name").map(|x: i64| x);
        let function = mapped(&expr);
        let error = Mapped::of(&function).unwrap().check(&function.args[0], &DataType::Utf8).unwrap_err();
        assert_eq!(error.message(), "name.map(closure) takes i64, and name is str");
    }
}
