//! A scheduler or a worker as a thread of this process, with a runtime of its own: when that goes, every connection of
//! it breaks at once, as if its process were killed.

use crate::process::Ready;
use std::{
    sync::mpsc,
    thread::{self, JoinHandle},
};
use stratal_core::{Error, Result};
use tokio::sync::oneshot;

/// A thread that serves until it is dropped.
pub(super) struct Station {
    ready: Ready,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Tells the starter that the service is ready.
pub(super) type OnReady = Box<dyn FnOnce(&Ready) + Send>;

impl Station {
    /// Starts a service and waits until it is ready.
    ///
    /// # Errors
    /// What it ends with before it is.
    pub(super) fn start<F>(role: &str, service: impl FnOnce(OnReady) -> F + Send + 'static) -> Result<Self>
    where
        F: Future<Output = Result<()>> + 'static,
    {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name(format!("stratal-{role}")).enable_all().build()?;
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            let when_ready = tell.clone();
            let on_ready: OnReady = Box::new(move |ready| {
                // The starter waits for it.
                let _ = when_ready.send(Ok(ready.clone()));
            });
            let service = service(on_ready);
            let ended = runtime.block_on(async {
                tokio::select! {
                    ended = service => ended,
                    _ = stopped => Ok(()),
                }
            });
            if let Err(error) = ended {
                tracing::warn!(error = error.message(), "a member of a local cluster has ended");
                let _ = tell.send(Err(error));
            }
            runtime.shutdown_background();
        };
        let thread = thread::Builder::new().name(format!("stratal-{role}")).spawn(serve)?;
        let ready = told.recv().map_err(|_| Error::internal(format!("the {role} of a local cluster has ended without a word")))??;
        Ok(Station { ready, stop: Some(stop), thread: Some(thread) })
    }

    pub(super) fn ready(&self) -> &Ready {
        &self.ready
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        // A thread that has ended needs no stopping.
        let _ = self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
