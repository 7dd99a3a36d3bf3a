//! What a client knows of its workers.

use super::{Client, coordination::wait};
use crate::{
    Error, ErrorKind, Result,
    config::{parse_duration, show_bytes},
    runtime,
    sched::{Counters, WorkerInfo},
};
use std::fmt;

/// What a client is connected to, at one moment. `Display` is one line.
///
/// ```
/// use stratal_core::Client;
/// let client = Client::builder().threads(2).memory_limit("1GiB").local()?;
/// assert_eq!(client.info()?.to_string(), "this process: 1 worker, 2 slots, 1.0 GiB each");
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClientInfo {
    /// The scheduler's address; none for one that is in this process.
    pub scheduler: Option<String>,
    /// The living workers.
    pub workers: Vec<WorkerInfo>,
    /// Tasks that run at once, over all workers.
    pub slots: u32,
    /// Bytes of results that the smallest worker may hold; none for no limit.
    pub memory: Option<u64>,
    /// What the scheduler counted since it started.
    pub counters: Counters,
}

impl fmt::Display for ClientInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |n: u64, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let place = self.scheduler.as_deref().unwrap_or("this process");
        let (workers, slots) = (counted(self.workers.len() as u64, "worker"), counted(u64::from(self.slots), "slot"));
        write!(f, "{place}: {workers}, {slots}")?;
        match self.memory {
            Some(bytes) => write!(f, ", {} each", show_bytes(bytes)),
            None => Ok(()),
        }
    }
}

impl Client {
    /// The living workers. In one process it is one, this process.
    ///
    /// ```
    /// use stratal_core::Client;
    /// let client = Client::builder().threads(2).local()?;
    /// let workers = client.workers()?;
    /// assert_eq!((workers.len(), workers[0].name.as_str(), workers[0].slots), (1, "local", 2));
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// What making the client from the configuration gave.
    pub fn workers(&self) -> Result<Vec<WorkerInfo>> {
        Ok(self.executor()?.workers())
    }

    /// Waits until there are so many workers, for so long: `"30s"`.
    ///
    /// ```
    /// use stratal_core::{Client, ErrorKind};
    /// let client = Client::local()?;
    /// client.wait_for_workers(1, "5s")?;
    /// assert_eq!(client.wait_for_workers(2, "5s").unwrap_err().kind(), ErrorKind::Timeout);
    /// # Ok::<(), stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Timeout`, saying how many there are; `Io` when the scheduler is lost.
    pub fn wait_for_workers(&self, workers: usize, limit: &str) -> Result<()> {
        wait(self.joining(workers, limit))
    }

    /// [`wait_for_workers`](Self::wait_for_workers), async.
    ///
    /// # Errors
    /// As [`wait_for_workers`](Self::wait_for_workers).
    pub async fn wait_for_workers_async(&self, workers: usize, limit: &str) -> Result<()> {
        self.joining(workers, limit).await
    }

    fn joining(&self, workers: usize, limit: &str) -> impl Future<Output = Result<()>> + Send + use<> {
        let (client, duration, limit) = (self.clone(), parse_duration(limit), limit.to_owned());
        async move {
            let (duration, executor) = (duration?, client.executor()?);
            let time_is_up = {
                let _timers = runtime::io().enter();
                tokio::time::sleep(duration)
            };
            tokio::select! {
                biased;
                joined = executor.joined(workers) => joined,
                () = time_is_up => {
                    let (here, place) = (executor.workers().len(), executor.scheduler().unwrap_or_else(|| "this process".to_owned()));
                    let message = format!("{here} of {workers} workers have joined {place} within {limit}");
                    Err(Error::new(ErrorKind::Timeout, message).with_help(format!("start them with: stratal worker {place}")))
                }
            }
        }
    }

    /// What this client is connected to, now.
    ///
    /// # Errors
    /// Those of a scheduler that is gone.
    pub fn info(&self) -> Result<ClientInfo> {
        let client = self.clone();
        wait(async move { client.info_async().await })
    }

    /// [`info`](Self::info), async.
    ///
    /// # Errors
    /// As [`info`](Self::info).
    pub async fn info_async(&self) -> Result<ClientInfo> {
        let executor = self.executor()?.clone();
        let counters = executor.counters().await?;
        let topology = executor.topology();
        let (scheduler, workers) = (executor.scheduler(), executor.workers());
        Ok(ClientInfo { scheduler, workers, slots: topology.slots, memory: topology.memory, counters })
    }
}
