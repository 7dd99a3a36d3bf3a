//! Async work, waited for from anywhere.

use futures::FutureExt;
use std::{
    future::Future,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};
use stratal_core::{Error, Result, client::wait_for, runtime};

/// Runs a future on the I/O runtime and waits for it. It works inside a runtime and inside a task, whose slot is given back
/// meanwhile.
///
/// # Errors
/// `Internal` if it panics.
pub fn wait<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Result<T> {
    wait_for(AssertUnwindSafe(future).catch_unwind())
        .map_err(|_| Error::internal("reading or writing files panicked; the message was printed"))
}

/// Runs a future on this thread, which computes and does not mind waiting for what other threads fetch.
pub fn wait_here<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    // Tasks and timers are made where a future is polled.
    let _inside = runtime::io().enter();
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_future_that_borrows_is_waited_for_inside_and_outside_of_a_runtime() {
        let text = "here".to_owned();
        let later = async || {
            tokio::time::sleep(Duration::from_millis(1)).await;
            text.len()
        };
        assert_eq!(wait_here(later()), 4);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(async { wait_here(later()) }), 4);
    }

    #[test]
    fn a_panic_is_an_error() {
        let reading = |breaks: bool| wait(async move { if breaks { panic!("at the disk") } else { 1 } });
        assert_eq!(reading(false).unwrap(), 1);
        assert_eq!(reading(true).unwrap_err().kind(), stratal_core::ErrorKind::Internal);
    }
}
