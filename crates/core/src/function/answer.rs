//! [`Answer`]: what a function may return: a value, a `Result` of one, or a future of either.

use crate::{
    Error, ErrorKind, Result,
    error::Retry,
    value::{Data, Value},
};
use futures::future::BoxFuture;
use std::{error::Error as StdError, marker::PhantomData};

/// What a call came to.
pub enum Outcome {
    /// It is over.
    Ready(Result<Data>),
    /// An async function began.
    Pending(BoxFuture<'static, Result<Data>>),
}

/// What a function may return. `M` says which of the three it is; the compiler infers it.
#[diagnostic::on_unimplemented(
    message = "a task cannot return a `{Self}`",
    note = "a task returns a value, a Result<value, E> with E: Into<Box<dyn Error + Send + Sync>>, or (async) a Send future of either; \
            values are std types, vectors, options, tuples and maps of them, frames, and types with #[derive(stratal::Value)]"
)]
pub trait Answer<M> {
    /// The value, when all went well.
    type Value: Value;
    /// Whether it is a future.
    const ASYNC: bool;

    /// Erases the type.
    fn outcome(self) -> Outcome;
}

/// The answer is the value.
pub struct Plain;
/// The answer is a `Result`.
pub struct Fallible;
/// The answer is a future of another answer.
pub struct Later<M>(PhantomData<M>);

impl<T: Value> Answer<Plain> for T {
    type Value = T;
    const ASYNC: bool = false;

    fn outcome(self) -> Outcome {
        Outcome::Ready(Ok(self.into_data()))
    }
}

impl<T: Value, E: Into<Box<dyn StdError + Send + Sync>>> Answer<Fallible> for Result<T, E> {
    type Value = T;
    const ASYNC: bool = false;

    fn outcome(self) -> Outcome {
        Outcome::Ready(self.map(T::into_data).map_err(|error| failure(error.into())))
    }
}

impl<F: Future<Output: Answer<M>> + Send + 'static, M> Answer<Later<M>> for F {
    type Value = <F::Output as Answer<M>>::Value;
    const ASYNC: bool = true;

    fn outcome(self) -> Outcome {
        Outcome::Pending(Box::pin(async move {
            match self.await.outcome() {
                Outcome::Ready(result) => result,
                Outcome::Pending(later) => later.await,
            }
        }))
    }
}

/// A user's error with its causes. Worth a retry, unless it is one of ours that says it is not.
fn failure(error: Box<dyn StdError + Send + Sync>) -> Error {
    match error.downcast::<Error>() {
        Ok(error) if error.kind() == ErrorKind::Task => error.with_retry(Retry::Again),
        Ok(error) => *error,
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = error.source();
            while let Some(error) = cause {
                let more = error.to_string();
                if !text.contains(&more) {
                    text = format!("{text}: {more}");
                }
                cause = error.source();
            }
            Error::new(ErrorKind::Task, text).with_retry(Retry::Again)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::num::ParseIntError);

    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("row 3")
        }
    }

    impl StdError for Outer {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn an_error_is_told_with_its_causes_and_is_worth_a_retry() {
        let answer: Result<i64, Outer> = "x".parse().map_err(Outer);
        let Outcome::Ready(Err(error)) = answer.outcome() else { panic!("it fails at once") };
        assert_eq!(error.message(), "row 3: invalid digit found in string");
        assert!(error.is_retryable() && error.kind() == ErrorKind::Task);
    }

    #[test]
    fn our_own_error_stays_what_it_is() {
        let answer: Result<i64> = Err(Error::new(ErrorKind::UnknownColumn, "no column"));
        let Outcome::Ready(Err(error)) = answer.outcome() else { panic!("it fails at once") };
        assert!(error.kind() == ErrorKind::UnknownColumn && !error.is_retryable());
    }
}
