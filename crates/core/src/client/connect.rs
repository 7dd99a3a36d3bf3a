//! How core reaches executors that it does not know: a cluster's crate enters itself here.

use crate::{Error, ErrorKind, Result, config::Config, executor::Executor};
use std::sync::Arc;

/// A way to reach a scheduler elsewhere, handed in by the crate that knows it.
pub struct ConnectorEntry {
    /// The schemes of addresses it takes; `tcp` is also what an address without one means.
    pub schemes: &'static [&'static str],
    /// Connects. Blocks until it is connected or has failed.
    pub connect: fn(address: &str, config: &Arc<Config>) -> Result<Arc<dyn Executor>>,
}

inventory::collect!(ConnectorEntry);

/// The connector for an address, and the address without its scheme.
///
/// # Errors
/// `Config` when nothing in this program takes such an address.
pub fn connector_for(address: &str) -> Result<(&'static ConnectorEntry, &str)> {
    let (scheme, host) = address.split_once("://").unwrap_or(("tcp", address));
    let found = inventory::iter::<ConnectorEntry>.into_iter().find(|entry| entry.schemes.contains(&scheme));
    found.map(|entry| (entry, host)).ok_or_else(|| {
        Error::new(ErrorKind::Config, format!("no way to connect to {address:?}"))
            .with_help("an address is host:port, and the program needs stratal's feature \"cluster\"")
    })
}
