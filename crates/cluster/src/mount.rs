//! Services that other crates add to the server of every worker: on its port, under its limits, reached like its results.
//!
//! This crate knows nothing of what they do. What opens connections for them is [`Dial`], so that whatever guards those of
//! the cluster guards theirs.

use crate::net;
use std::sync::Arc;
use stratal_core::{Result, runner::Environment, runtime};
use tonic::{service::RoutesBuilder, transport::Channel};

/// Opens a connection to the server of a worker, by its address, `127.0.0.1:40123`: at the first call over it, and again
/// when it broke.
pub type Dial = fn(&str) -> Result<Channel>;

/// A service of a crate that is linked into a worker. It is given what the worker's tasks share, the address at which others
/// reach the worker, what opens connections to them, and the server to add itself to.
///
/// The crate that links both this one and the service's enters it here.
pub struct MountEntry(pub fn(&Arc<Environment>, &str, Dial, &mut RoutesBuilder) -> Result<()>);

inventory::collect!(MountEntry);

/// Adds all of them.
///
/// # Errors
/// That of the first which cannot be there.
pub(crate) fn mount(env: &Arc<Environment>, address: &str, routes: &mut RoutesBuilder) -> Result<()> {
    inventory::iter::<MountEntry>.into_iter().try_for_each(|entry| (entry.0)(env, address, dial, routes))
}

/// A connection is served where the waiting is done, whoever asks for it.
fn dial(address: &str) -> Result<Channel> {
    let _inside = runtime::io().enter();
    Ok(net::endpoint(address)?.connect_lazy())
}
