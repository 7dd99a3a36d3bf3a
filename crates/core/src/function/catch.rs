//! Panics of users' functions become errors that say where.
//!
//! A panic's payload does not know its place; the hook does. Ours takes note of panics inside a task, silently, and leaves
//! all others to the hook that was there before.

use crate::{Error, ErrorKind, Result, error::Retry, value::Data};
use futures::future::BoxFuture;
use std::{
    cell::{Cell, RefCell},
    panic::{self, AssertUnwindSafe},
    pin::Pin,
    sync::Once,
    task::{Context, Poll},
};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static NOTED: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn install_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                return before(info);
            }
            let text = info.payload_as_str().unwrap_or("a payload that is no text");
            let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
            NOTED.set(Some(format!("panicked at {place}: {text}")));
        }));
    });
}

/// Runs a piece of a user's function. A panic is an error of kind `Task`, worth a retry.
pub(super) fn caught<R>(body: impl FnOnce() -> R) -> Result<R> {
    install_hook();
    let outside = INSIDE.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    INSIDE.set(outside);
    result.map_err(|payload| {
        let payload = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        // Where a program put a hook of its own over ours, the place is not known.
        let text = NOTED.take().unwrap_or_else(|| format!("panicked: {}", payload.unwrap_or("a payload that is no text")));
        Error::new(ErrorKind::Task, text).with_retry(Retry::Again)
    })
}

/// A future whose panics are errors.
pub(super) struct Guarded(pub(super) BoxFuture<'static, Result<Data>>);

impl Future for Guarded {
    type Output = Result<Data>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        caught(|| self.0.as_mut().poll(cx)).unwrap_or_else(|error| Poll::Ready(Err(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_place_and_message() {
        let error = caught(|| panic!("index {}, len {}", 9, 4)).unwrap_err();
        let place = format!("panicked at {}:{}:", file!(), line!() - 1);
        assert!(error.message().starts_with(&place), "{error}");
        assert!(error.message().ends_with(": index 9, len 4"), "{error}");
        assert!(error.is_retryable());
    }

    #[test]
    fn a_panic_after_an_await_is_caught_too() {
        let future = Guarded(Box::pin(async {
            futures::future::ready(()).await;
            panic!("later")
        }));
        assert!(futures::executor::block_on(future).unwrap_err().message().ends_with(": later"));
    }
}
