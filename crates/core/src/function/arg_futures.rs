//! Futures as arguments: a call may take what another run makes, before it is made.

use super::{Arg, Argument, Assemble, Recorded};
use crate::{
    client::{TaskFuture, TaskFutures},
    value::Value,
};

impl<T: Value> Arg<T> for &TaskFuture<T> {
    fn record(self) -> Argument<T> {
        Argument::Link(match self.held() {
            Ok((range, lease)) => Recorded::Future(range, lease),
            Err(error) => Recorded::Failed(error),
        })
    }
}

impl<T: Value> Arg<T> for TaskFuture<T> {
    fn record(self) -> Argument<T> {
        Arg::record(&self)
    }
}

impl<T: Assemble> Arg<Vec<T>> for &TaskFutures<T> {
    fn record(self) -> Argument<Vec<T>> {
        match self.held() {
            Ok(Some((range, lease))) => Argument::Link(Recorded::Futures(range, lease)),
            Ok(None) => Argument::Value(Vec::new()),
            Err(error) => Argument::Link(Recorded::Failed(error)),
        }
    }
}

impl<T: Assemble> Arg<Vec<T>> for TaskFutures<T> {
    fn record(self) -> Argument<Vec<T>> {
        Arg::record(&self)
    }
}
