//! Waiting for async work from anywhere: inside a runtime, inside a task, or in neither.

use crate::runner::blocking;
use futures::FutureExt;
use std::{future::Future, sync::mpsc};

/// Runs a future on the I/O runtime and blocks until it is done. It works inside a Tokio runtime, because nothing is
/// entered there; on a task's thread the slot is given back meanwhile.
///
/// # Panics
/// If the future panics.
pub fn wait_for<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let mut future = Box::pin(future);
    // What is local is there at once.
    if let Some(done) = future.as_mut().now_or_never() {
        return done;
    }
    let (tell, told) = mpsc::sync_channel(1);
    crate::runtime::io().spawn(async move {
        // Nobody listens only if the waiting thread is gone.
        let _ = tell.send(future.await);
    });
    blocking(|| told.recv()).expect("the future panicked; its message is above")
}
