//! Services that other crates add to the server of every worker: on its port, under its limits, reached like its results.
//!
//! This crate knows nothing of what they do. What opens connections for them is [`Dial`], so that whatever guards those of
//! the cluster guards theirs.

use crate::net;
use std::{collections::BTreeMap, sync::Arc};
use stratal_core::{Result, runner::Environment, runtime};
use tonic::{service::RoutesBuilder, transport::Channel};

/// Opens a connection to the server of a worker, by its address, `127.0.0.1:40123`: at the first call over it, and again
/// when it broke.
pub type Dial = fn(&str) -> Result<Channel>;

/// A service of a crate that is linked into a worker.
///
/// The crate that links both this one and the service's enters it here.
pub struct MountEntry {
    /// The name by which tasks need it: [`Body::services`](stratal_core::kind::Body::services).
    pub name: &'static str,
    /// Its version. Tasks go only to workers that have the one which they need.
    pub version: &'static str,
    /// Adds it. It is given what the worker's tasks share, the address at which others reach the worker, what opens connections
    /// to them, and the server to add itself to.
    pub mount: fn(&Arc<Environment>, &str, Dial, &mut RoutesBuilder) -> Result<()>,
}

inventory::collect!(MountEntry);

/// Names and versions of all of them.
pub(crate) fn services() -> BTreeMap<String, String> {
    inventory::iter::<MountEntry>.into_iter().map(|entry| (entry.name.to_owned(), entry.version.to_owned())).collect()
}

/// Adds all of them.
///
/// # Errors
/// That of the first which cannot be there.
pub(crate) fn mount(env: &Arc<Environment>, address: &str, routes: &mut RoutesBuilder) -> Result<()> {
    inventory::iter::<MountEntry>.into_iter().try_for_each(|entry| (entry.mount)(env, address, dial, routes))
}

/// A connection is served where the waiting is done, whoever asks for it.
fn dial(address: &str) -> Result<Channel> {
    let _inside = runtime::io().enter();
    Ok(net::endpoint(address)?.connect_lazy())
}
