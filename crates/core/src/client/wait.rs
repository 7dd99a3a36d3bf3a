//! Waiting for async work from anywhere: inside a runtime, inside a task, or in neither.

use crate::runner::blocking;
use futures::{FutureExt, Stream, StreamExt};
use std::{
    future::Future,
    sync::{Arc, mpsc},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

/// Runs a future on the I/O runtime and blocks until it is done. It works inside a Tokio runtime, because nothing is
/// blocked on there; on a task's thread the slot is given back meanwhile.
///
/// # Panics
/// If the future panics.
pub fn wait_for<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let mut future = Box::pin(future);
    {
        // What is local is there at once. A timer is made where it is first polled.
        let _timers = crate::runtime::io().enter();
        if let Some(done) = future.as_mut().now_or_never() {
            return done;
        }
    }
    let (tell, told) = mpsc::sync_channel(1);
    crate::runtime::io().spawn(async move {
        // Nobody listens only if the waiting thread is gone.
        let _ = tell.send(future.await);
    });
    blocking(|| told.recv()).expect("the future panicked; its message is above")
}

/// Blocks until a stream has its next item. The stream is polled here, outside of any runtime; on a task's thread the slot
/// is given back meanwhile.
pub(super) fn next_of<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    if let Poll::Ready(item) = stream.poll_next_unpin(&mut cx) {
        return item;
    }
    blocking(|| {
        loop {
            thread::park();
            if let Poll::Ready(item) = stream.poll_next_unpin(&mut cx) {
                return item;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_future_may_wait_for_a_timer_wherever_it_is_waited_for() {
        let timer = || wait_for(async { tokio::time::sleep(Duration::from_millis(1)).await });
        timer();
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async { timer() });
    }
}
