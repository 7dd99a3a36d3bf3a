//! Functions of single values on their way to another process: their name, what they take and what they give.

use super::{Mapped, Origin, RowValue, Run, label};
use crate::{
    dframe::Item,
    types::{parse, type_name},
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use datafusion::logical_expr::{ScalarUDF, Signature, Volatility};
use serde::{Deserialize, Serialize};
use std::{iter, sync::Arc};
use stratal_core::{
    Error, ErrorKind, Result, Retry,
    function::{Function, Given, Outcome},
    registry::Registry,
    value::{Data, Value},
};

#[derive(Serialize, Deserialize)]
struct Wire {
    name: String,
    signature: u64,
    takes: String,
    returns: String,
}

type Take = fn(&ArrayRef) -> Result<Vec<Option<Data>>>;
type Give = fn(Vec<Option<Data>>) -> Result<ArrayRef>;

fn take<T: RowValue + Value>(column: &ArrayRef) -> Result<Vec<Option<Data>>> {
    Ok(T::rows(column)?.into_iter().map(|row| row.map(Value::into_data)).collect())
}

/// Answers that are values, or options of them.
fn give<T: Item + Value>(answers: Vec<Option<Data>>) -> Result<ArrayRef> {
    let value = |data: Data| match T::from_data(&data) {
        Ok(value) => Ok(Some(Arc::unwrap_or_clone(value))),
        Err(_) => Option::<T>::from_data(&data).map(Arc::unwrap_or_clone),
    };
    let values = answers.into_iter().map(|answer| answer.map_or(Ok(None), value));
    Ok(T::array(values.collect::<Result<Vec<_>>>()?.into_iter()))
}

macro_rules! travelling {
    ($($type:ty)*) => {
        /// How a column is taken apart for a function that takes this.
        fn takes(name: &str) -> Option<Take> {
            $(
                if name == <$type as RowValue>::name() {
                    return Some(take::<$type>);
                }
                if name == <Option<$type> as RowValue>::name() {
                    return Some(take::<Option<$type>>);
                }
            )*
            None
        }

        /// How answers become a column of this type.
        fn gives(data_type: &DataType) -> Option<Give> {
            $(
                if data_type == <$type as Item>::array(iter::empty()).data_type() {
                    return Some(give::<$type>);
                }
            )*
            None
        }
    };
}

travelling! { bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 String }

impl Mapped {
    /// What of it travels.
    ///
    /// # Errors
    /// `Unregistered` for what only this process has: a closure, or a function without `#[stratal::task]`.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let function = match &self.origin {
            Origin::Registered(function) => function,
            Origin::Local { type_name, at, .. } => {
                let message = match type_name.contains("{{closure}}") {
                    true => format!("{} cannot run on another process: a closure has no name there", self.label),
                    false => format!("function {type_name} (used at {at}) cannot run on another process: it is not registered there"),
                };
                return Err(Error::new(ErrorKind::Unregistered, message)
                    .with_retry(Retry::Never)
                    .with_help("make it a function with #[stratal::task] and start the workers from this program"));
            }
        };
        let (name, signature) = function.wire_name()?;
        let wire = Wire { name: name.to_owned(), signature, takes: self.takes.clone(), returns: type_name(&self.returns) };
        postcard::to_stdvec(&wire).map_err(damaged)
    }
}

fn damaged(error: postcard::Error) -> Error {
    Error::internal(format!("a function of single values cannot be written or read: {error}"))
}

/// The function that [`Mapped::encode`] wrote, as this process knows it.
///
/// # Errors
/// `Unregistered` for one that it does not have; `Version` for one of another signature.
pub(crate) fn decode(bytes: &[u8]) -> Result<Arc<ScalarUDF>> {
    let wire: Wire = postcard::from_bytes(bytes).map_err(damaged)?;
    let function = Registry::global().function_with(&wire.name, wire.signature)?;
    let returns = parse(&wire.returns)?;
    let (Some(take), Some(give)) = (takes(&wire.takes), gives(&returns)) else {
        let message = format!("{} takes {} and gives {}, and one of these does not travel", wire.name, wire.takes, wire.returns);
        return Err(Error::new(ErrorKind::TypeMismatch, message).with_help("use numbers, texts and truth values"));
    };
    let origin = Origin::Registered(function.clone());
    let run: Run = Arc::new(move |column: &ArrayRef| {
        let answers = take(column)?.into_iter().map(|row| row.map(|data| called(&function, data)).transpose());
        give(answers.collect::<Result<Vec<_>>>()?)
    });
    // The process that planned the query has checked it.
    let accepts = Box::new(|_: &DataType| true);
    let signature = Signature::any(1, Volatility::Immutable);
    let mapped = Mapped { label: label(&origin), origin, takes: wire.takes, accepts, returns, run, signature };
    Ok(Arc::new(ScalarUDF::new_from_impl(mapped)))
}

/// The answer for one value.
fn called(function: &Function, data: Data) -> Result<Data> {
    match function.call(vec![Given::One(data)]) {
        Outcome::Ready(answer) => answer.map_err(|error| {
            let message = format!("{} {}", function.label(), error.message());
            Error::new(error.kind(), message).with_retry(error.retry())
        }),
        Outcome::Pending(_) => Err(Error::internal("a function of single values that is async")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Expr, col};
    use arrow_array::{Int64Array, StringArray};
    use datafusion::logical_expr::Expr as Logical;
    use stratal_core::function::{FunctionEntry, TaskOptions, erase};

    /// As `#[stratal::task]` registers it.
    macro_rules! register {
        ($($function:ident)*) => {$(
            stratal_core::inventory::submit! {
                FunctionEntry {
                    name: concat!(module_path!(), "::", stringify!($function)),
                    signature: stringify!($function),
                    options: TaskOptions { retries: None, resources: &[], isolated: false, impure: false },
                    erased: || erase($function),
                }
            }
        )*};
    }

    register! { double shorten known crashes }

    fn double(x: i64) -> i64 {
        2 * x
    }

    fn shorten(text: String) -> Option<String> {
        text.strip_suffix('x').map(str::to_owned)
    }

    fn known(text: Option<String>) -> bool {
        text.is_some()
    }

    fn crashes(x: i64) -> i64 {
        assert!(x < 2, "too large");
        x
    }

    fn travelled(expr: &Expr) -> Result<Arc<ScalarUDF>> {
        let Logical::ScalarFunction(function) = expr.to_datafusion().unwrap() else { panic!("it is a function") };
        decode(&Mapped::of(&function).unwrap().encode()?)
    }

    /// What a function makes of a column here, and after it has travelled.
    fn both(expr: Expr, column: &ArrayRef) -> (ArrayRef, ArrayRef) {
        let Logical::ScalarFunction(function) = expr.to_datafusion().unwrap() else { panic!("it is a function") };
        let there = travelled(&expr).unwrap();
        let there = there.inner().downcast_ref::<Mapped>().unwrap().apply(column).unwrap();
        (Mapped::of(&function).unwrap().apply(column).unwrap(), there)
    }

    #[test]
    fn a_registered_function_does_the_same_there() {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(-3)]));
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("ax"), Some("b"), None]));
        for (expr, column) in [(col("x").map(double), &numbers), (col("x").map(shorten), &texts), (col("x").map(known), &texts)] {
            let (here, there) = both(expr, column);
            assert_eq!(&here, &there);
        }
        let (here, _) = both(col("x").map(shorten), &texts);
        assert_eq!(&here, &(Arc::new(StringArray::from(vec![Some("a"), None, None])) as ArrayRef));
    }

    #[test]
    fn a_closure_and_an_unregistered_function_stay_here() {
        fn triple(x: i64) -> i64 {
            3 * x
        }
        let error = travelled(&col("x").map(|x: i64| x)).unwrap_err();
        assert!(error.message().starts_with(&format!("closure at {}:", file!())), "{error}");
        assert!(error.message().ends_with("cannot run on another process: a closure has no name there"), "{error}");
        assert_eq!(error.help(), Some("make it a function with #[stratal::task] and start the workers from this program"));
        let error = travelled(&col("x").map(triple)).unwrap_err();
        assert!(error.message().ends_with("it is not registered there") && error.kind() == ErrorKind::Unregistered, "{error}");
    }

    #[test]
    fn a_panic_there_is_an_error_that_says_where() {
        let function = travelled(&col("x").map(crashes)).unwrap();
        let column: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
        let error = function.inner().downcast_ref::<Mapped>().unwrap().apply(&column).unwrap_err();
        assert!(error.message().contains("::crashes panicked at ") && error.message().ends_with("too large"), "{error}");
    }
}
