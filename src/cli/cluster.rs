//! `stratal scheduler` and `stratal worker`.

use super::print_line;
use crate::{
    Result,
    cluster::{DEFAULT_PORT, SchedulerOptions, WorkerOptions, run_scheduler, run_worker},
    core::config::parse_duration,
};
use clap::Args;
use std::{collections::BTreeMap, path::PathBuf};

#[derive(Args)]
pub(super) struct SchedulerArguments {
    /// Where to listen; a host that others can reach is refused.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The port; 0 picks one.
    #[arg(long, default_value_t = DEFAULT_PORT)]
    port: u16,
    /// How long a worker may be silent before it is given up.
    #[arg(long, default_value = "30s", value_name = "TIME")]
    worker_silence: String,
    /// Record every event to a file, to be replayed.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Leave when stdin is closed.
    #[arg(long, hide = true)]
    exit_with_stdin: bool,
}

impl SchedulerArguments {
    pub(super) fn run(self) -> Result<()> {
        let options = SchedulerOptions {
            host: self.host,
            port: self.port,
            silence: parse_duration(&self.worker_silence)?,
            record: self.record,
            exit_with_stdin: self.exit_with_stdin,
        };
        run_scheduler(options, |ready| {
            print_line(&format!("scheduler: {}", ready.address));
        })
    }
}

#[derive(Args)]
pub(super) struct WorkerArguments {
    /// The scheduler.
    #[arg(default_value_t = format!("127.0.0.1:{DEFAULT_PORT}"))]
    scheduler: String,
    /// Tasks that run at once; one a core where not given.
    #[arg(long)]
    threads: Option<usize>,
    /// Bytes of results that it holds: a size, `auto` or `none`.
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<String>,
    /// Named resources: gpu=1,license=0.5.
    #[arg(long, value_delimiter = ',', value_parser = resource)]
    resources: Vec<(String, u64)>,
    /// Its name; the scheduler gives one where not given.
    #[arg(long)]
    name: Option<String>,
    /// Where its results are served; a host that others can reach is refused.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The port for that; 0 picks one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How long it tries to reach the scheduler.
    #[arg(long, default_value = "60s", value_name = "TIME")]
    connect_timeout: String,
    /// Leave when stdin is closed.
    #[arg(long, hide = true)]
    exit_with_stdin: bool,
}

/// `gpu=1` in thousandths.
fn resource(text: &str) -> std::result::Result<(String, u64), String> {
    let wrong = || format!("{text:?} is not NAME=AMOUNT");
    let (name, amount) = text.split_once('=').ok_or_else(wrong)?;
    let amount: f64 = amount.trim().parse().map_err(|_| wrong())?;
    let fits = amount.is_finite() && amount >= 0.0 && !name.trim().is_empty();
    fits.then(|| (name.trim().to_owned(), (amount * 1000.0).round() as u64)).ok_or_else(wrong)
}

impl WorkerArguments {
    pub(super) fn run(self) -> Result<()> {
        let options = WorkerOptions {
            scheduler: self.scheduler,
            threads: self.threads,
            memory_limit: self.memory_limit,
            resources: self.resources.into_iter().collect::<BTreeMap<_, _>>(),
            name: self.name,
            host: self.host,
            port: self.port,
            connect_timeout: parse_duration(&self.connect_timeout)?,
            exit_with_stdin: self.exit_with_stdin,
            ..WorkerOptions::default()
        };
        run_worker(options, |ready| {
            print_line(&format!("worker: {} {}", ready.name, ready.address));
        })
    }
}
