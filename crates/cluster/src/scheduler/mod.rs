//! The scheduler's process: core's `Sched` behind gRPC.
//!
//! - `driver`: the thread that owns `Sched`; events in, messages to each peer's outbox out.
//! - `commons`: what clients share beside results.
//! - `works`: the work of runs, which goes past `Sched` to the workers that run it.
//! - `session`: one task for each stream, from greeting to goodbye.
//! - `record`: the events, written to a file.
//! - `services`: what is said where workers have different versions of one.

mod commons;
mod driver;
mod record;
mod services;
mod session;
mod works;

use crate::{
    net,
    process::Ready,
    wire::{Accept, ControlServer, Role},
};
use driver::Driver;
use std::{path::PathBuf, sync::Arc, time::Duration};
use stratal_core::{Error, ErrorKind, Result};

/// How a scheduler is started.
#[derive(Clone, Debug)]
pub struct SchedulerOptions {
    /// Where it listens: a host of this machine that nobody else reaches.
    pub host: String,
    /// The port; 0 picks one.
    pub port: u16,
    /// How long a worker may be silent before it is given up.
    pub silence: Duration,
    /// Where every event is recorded, to be replayed with `stratal_core::sched::replay`.
    pub record: Option<PathBuf>,
    /// Leave when stdin is closed, which happens when whoever started this process ends, however it ends.
    pub exit_with_stdin: bool,
}

impl Default for SchedulerOptions {
    fn default() -> Self {
        SchedulerOptions {
            host: "127.0.0.1".to_owned(),
            port: net::DEFAULT_PORT,
            silence: Duration::from_secs(30),
            record: None,
            exit_with_stdin: false,
        }
    }
}

/// Schedules until the future is dropped. `on_ready` is told the address as soon as it listens there.
///
/// # Errors
/// `Auth` for a host that others reach; `Io` when the port is taken or the record cannot be written.
pub async fn serve(options: SchedulerOptions, on_ready: impl FnOnce(&Ready)) -> Result<()> {
    let (incoming, address) = net::listen(&options.host, options.port).await?;
    let record = options.record.as_deref().map(record::Record::create).transpose()?;
    let (driver, stopped) = Driver::start(options.silence, record)?;
    let accept: Accept = Arc::new(move |role, frames| {
        let driver = driver.clone();
        match role {
            Role::Worker => session::accept(frames, |inbox, answer| session::worker(driver, inbox, answer)),
            Role::Client => session::accept(frames, |inbox, answer| session::client(driver, inbox, answer)),
        }
    });
    let server = net::server().add_service(ControlServer(accept)).serve_with_incoming(incoming);
    tracing::info!(%address, "scheduler listens");
    on_ready(&Ready { name: "scheduler".to_owned(), address: format!("tcp://{address}") });
    tokio::select! {
        served = server => served.map_err(|error| Error::new(ErrorKind::Io, net::deepest(&error))),
        _ = stopped => Err(Error::internal("the scheduler's thread has stopped; its message is above")),
    }
}
