//! Panics of other people's code, kept from ending the thread that they happen on.

use crate::{Error, ErrorKind, Retry};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// A panic as the error of a task.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::new(ErrorKind::Task, format!("panicked: {}", message.unwrap_or("without a message"))).with_retry(Retry::Again)
}

/// Does something that nobody waits for. A panic is logged, and the thread lives on.
pub(super) fn contained(work: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        tracing::error!(error = %panicked(&*panic), "outside of the work of a task");
    }
}

/// Drops what users made, whatever their `Drop` does.
pub(crate) fn let_go<T>(made: T) {
    contained(|| drop(made));
}
