//! Making clients.

use super::{Client, connector_for};
use crate::{
    Result,
    config::Config,
    executor::{Executor, LocalExecutor, SynchronousExecutor},
    registry::Registry,
};
use std::sync::Arc;

/// Sets up a [`Client`]. Settings made here go before the environment and the configuration file.
///
/// ```
/// use stratal_core::Client;
/// let client = Client::builder().threads(2).memory_limit("1GiB").detached().local()?;
/// assert_eq!(client.executor()?.topology().slots, 2);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until local(), connect() or synchronous()"]
pub struct ClientBuilder {
    settings: Vec<(String, String)>,
    detached: bool,
}

impl ClientBuilder {
    /// Any key of the configuration, as text. A key or value that is wrong is the error of the last call.
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((key.into(), value.into()));
        self
    }

    /// Tasks that run at once; 0 for one a core.
    pub fn threads(self, threads: usize) -> Self {
        self.set("threads", threads.to_string())
    }

    /// Bytes that results may take: `"8GiB"`, `"auto"` or `"none"`.
    pub fn memory_limit(self, limit: impl Into<String>) -> Self {
        self.set("memory.limit", limit)
    }

    /// The client does not become the process's current one.
    pub fn detached(mut self) -> Self {
        self.detached = true;
        self
    }

    fn build(self, make: impl FnOnce(Arc<Config>) -> Result<Arc<dyn Executor>>) -> Result<Client> {
        let config = Arc::new(Config::load_with(&self.settings)?);
        Ok(Client::new(make(config.clone())?, config, !self.detached))
    }

    /// A client whose tasks run on the cores of this process.
    ///
    /// # Errors
    /// `Config` for a setting that is wrong.
    pub fn local(self) -> Result<Client> {
        self.build(|config| Ok(LocalExecutor::new(config, Registry::global().clone())))
    }

    /// A client of the scheduler at an address such as `"localhost:8786"`.
    ///
    /// # Errors
    /// `Config` for a setting or an address that is wrong; `Io` or `Timeout` when nobody answers; `Version`.
    pub fn connect(self, address: &str) -> Result<Client> {
        self.build(|config| {
            let (connector, host) = connector_for(address)?;
            (connector.connect)(host, &config)
        })
    }

    /// A client that runs everything in order, on one thread, while it is submitted: for debugging.
    ///
    /// # Errors
    /// `Config` for a setting that is wrong.
    pub fn synchronous(self) -> Result<Client> {
        self.build(|config| Ok(SynchronousExecutor::new(config, Registry::global().clone())))
    }
}
