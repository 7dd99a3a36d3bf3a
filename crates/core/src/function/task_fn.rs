//! [`TaskFn`]: the functions that can be tasks, plain and async, of up to eight parameters.

use super::{Answer, Assemble, Given, Outcome, Param};
use crate::{
    Error, Result,
    value::{Data, Value},
};

/// A function or closure that can be a task.
///
/// `P` is the tuple of its parameters' values without references, `K` how it takes and returns them; the compiler infers
/// both. Implemented for every `Fn` of up to eight [`Param`]s that returns an [`Answer`]: nobody else needs to.
///
/// ```
/// use stratal_core::{function::TaskFn, value::{Data, Value}};
/// use std::sync::Arc;
///
/// fn runs<F: TaskFn<P, K>, P, K>(_: F) -> Vec<String> {
///     F::parameters()
/// }
///
/// fn named(names: &[String], who: &str, times: Arc<Vec<i64>>, limit: usize) -> Result<bool, std::num::ParseIntError> {
///     Ok(names.iter().any(|name| name == who) && times.len() < limit)
/// }
///
/// async fn fetch(url: String) -> String {
///     url
/// }
///
/// assert_eq!(runs(named), ["Vec<String>", "String", "Vec<i64>", "usize"]);
/// assert_eq!(runs(fetch), ["String"]);
/// assert_eq!(runs(|x: i64| x + 1), ["i64"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a task",
    note = "a task is a function of at most 8 parameters, each T, Arc<T>, &T, &[T] or &str (async: T or Arc<T>), \
            that returns a value or a Result<value, E>; closures write the types of their parameters: |x: i64| x + 1"
)]
pub trait TaskFn<P, K>: Send + Sync + 'static {
    /// The value that it returns when all goes well.
    type Output: Value;
    /// Whether it is async.
    const ASYNC: bool;

    /// The type names of the parameters' values.
    fn parameters() -> Vec<String>;

    /// Runs it.
    fn call(&self, arguments: Vec<Given>) -> Outcome;
}

/// The value of one parameter, or an error that says which.
fn argument<T: Assemble>(arguments: &mut std::vec::IntoIter<Given>, number: usize) -> Result<std::sync::Arc<T>> {
    let given = arguments.next().ok_or_else(|| Error::internal(format!("argument {number} is missing")))?;
    T::assemble(given).map_err(|error| Error::new(error.kind(), format!("argument {number}: {}", error.message())))
}

macro_rules! functions {
    ($(($($name:ident $way:ident $value:ident $number:literal)*))*) => {$(
        impl<Func, R, W, $($name, $way, $value),*> TaskFn<($($value,)*), fn($(($name, $way)),*) -> (R, W)> for Func
        where
            Func: Send + Sync + 'static,
            Func: Fn($($name),*) -> R,
            $($name: Param<$way, Owned = $value>, $value: Assemble,)*
            R: Answer<W>,
            Func: for<'a> Fn($($name::As<'a>),*) -> R,
        {
            type Output = R::Value;
            const ASYNC: bool = R::ASYNC;

            fn parameters() -> Vec<String> {
                vec![$($value::type_name()),*]
            }

            #[allow(non_snake_case, unused_mut, unused_variables, reason = "type parameters name the arguments; there may be none")]
            fn call(&self, arguments: Vec<Given>) -> Outcome {
                // A function of its own, so that the bound with the lifetime is the only one in sight.
                fn apply<R, $($name: Param<$way, Owned = $value>, $way, $value: Assemble),*>(
                    function: impl for<'a> Fn($($name::As<'a>),*) -> R,
                    mut arguments: std::vec::IntoIter<Given>,
                ) -> Result<R> {
                    $(let mut $name = $name::keep(argument::<$value>(&mut arguments, $number)?);)*
                    Ok(function($($name::lend(&mut $name)),*))
                }
                match apply::<R, $($name, $way, $value),*>(self, arguments.into_iter()) {
                    Ok(answer) => answer.outcome(),
                    Err(error) => Outcome::Ready(Result::<Data>::Err(error)),
                }
            }
        }
    )*};
}

functions! {
    ()
    (A WA VA 1)
    (A WA VA 1 B WB VB 2)
    (A WA VA 1 B WB VB 2 C WC VC 3)
    (A WA VA 1 B WB VB 2 C WC VC 3 D WD VD 4)
    (A WA VA 1 B WB VB 2 C WC VC 3 D WD VD 4 E WE VE 5)
    (A WA VA 1 B WB VB 2 C WC VC 3 D WD VD 4 E WE VE 5 F WF VF 6)
    (A WA VA 1 B WB VB 2 C WC VC 3 D WD VD 4 E WE VE 5 F WF VF 6 G WG VG 7)
    (A WA VA 1 B WB VB 2 C WC VC 3 D WD VD 4 E WE VE 5 F WF VF 6 G WG VG 7 H WH VH 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn call<P, K, F: TaskFn<P, K>>(function: F, arguments: Vec<Given>) -> Result<F::Output> {
        let data = match function.call(arguments) {
            Outcome::Ready(result) => result?,
            Outcome::Pending(future) => futures::executor::block_on(future)?,
        };
        F::Output::from_data(&data).map(Arc::unwrap_or_clone)
    }

    fn one(value: impl Value) -> Given {
        Given::One(value.into_data())
    }

    #[test]
    fn parameters_are_taken_by_value_arc_reference_slice_and_str() {
        fn all(a: i64, b: Arc<Vec<i64>>, c: &f64, d: &[u8], e: &str) -> String {
            format!("{a} {b:?} {c} {d:?} {e}")
        }
        let bytes = Given::Many(vec![one(1u8), one(2u8)]);
        let arguments = vec![one(1i64), one(vec![2i64]), one(0.5), bytes, one("e".to_owned())];
        assert_eq!(call(all, arguments).unwrap(), "1 [2] 0.5 [1, 2] e");
    }

    #[test]
    fn async_functions_and_functions_without_parameters_run() {
        async fn later(x: i64) -> Result<i64, String> {
            Ok(x + 1)
        }
        assert_eq!(call(later, vec![one(1i64)]).unwrap(), 2);
        assert_eq!(call(|| 7i64, vec![]).unwrap(), 7);
    }

    #[test]
    fn a_wrong_argument_is_named_by_its_number() {
        let error = call(|a: i64, b: i64| a + b, vec![one(1i64), one(true)]).unwrap_err();
        assert_eq!(error.message(), "argument 2: the result is bool, and i64 was asked for");
    }
}
