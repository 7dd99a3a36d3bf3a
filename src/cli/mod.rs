//! The command line: of `stratal`, and of your own program, which is then its cluster's scheduler and worker too.
//!
//! ```no_run
//! fn app() -> stratal::Result<()> {
//!     println!("whatever the program does");
//!     Ok(())
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     stratal::cli::main_or(app)
//! }
//! ```
//!
//! `own scheduler`, `own worker ADDRESS` and `own tasks` are commands; everything else is `app`.
//!
//! Exit codes: 0 done; 1 the work failed; 2 the command line is wrong; 130 interrupted.

#[cfg(feature = "cluster")]
mod cluster;
#[cfg(feature = "frame")]
mod graph;
#[cfg(feature = "frame")]
mod query;
#[cfg(feature = "frame")]
mod schema;
#[cfg(feature = "frame")]
mod sql;
mod tasks;
mod version;

use crate::{Error, Result};
use clap::{Parser, Subcommand};
use std::{io::IsTerminal, process::ExitCode};

#[derive(Parser)]
#[command(name = "stratal", about = "Lazy, partitioned dataframes and functions over one task graph", version = version::text(), disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a cluster's scheduler until SIGTERM.
    #[cfg(feature = "cluster")]
    Scheduler(cluster::SchedulerArguments),
    /// Runs a cluster's worker until SIGTERM, or until its scheduler is gone.
    #[cfg(feature = "cluster")]
    Worker(cluster::WorkerArguments),
    /// Runs SQL over files, and prints or writes its rows.
    #[cfg(feature = "frame")]
    Query(query::QueryCommand),
    /// Draws the layers of a query.
    #[cfg(feature = "frame")]
    Graph(graph::GraphArguments),
    /// Prints the columns of files.
    #[cfg(feature = "frame")]
    Schema(schema::SchemaArguments),
    /// Lists the functions that this program has for workers, with their signatures.
    Tasks,
    /// Makes calls of isolated functions for the process that starts this one.
    #[command(hide = true)]
    Isolated { socket: std::path::PathBuf },
}

impl Command {
    const NAMES: [&str; 7] = ["scheduler", "worker", "tasks", "isolated", "query", "graph", "schema"];

    fn run(self) -> Result<()> {
        match self {
            #[cfg(feature = "cluster")]
            Command::Scheduler(arguments) => arguments.run(),
            #[cfg(feature = "cluster")]
            Command::Worker(arguments) => arguments.run(),
            #[cfg(feature = "frame")]
            Command::Query(arguments) => interruptible(|| arguments.run()).map_err(Error::without_place),
            #[cfg(feature = "frame")]
            Command::Graph(arguments) => arguments.run().map_err(Error::without_place),
            #[cfg(feature = "frame")]
            Command::Schema(arguments) => arguments.run().map_err(Error::without_place),
            Command::Tasks => tasks::run(),
            Command::Isolated { socket } => crate::core::function::serve_isolated(&socket),
        }
    }
}

/// The whole of `main` for a program that has the commands alone.
pub fn main() -> ExitCode {
    enter();
    match Arguments::try_parse() {
        Ok(arguments) => end(arguments.command.run()),
        Err(error) => {
            // Help and version are no errors, and go to stdout.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            ExitCode::from(code)
        }
    }
}

/// The whole of `main` for a program of your own: its commands, or `app` where none of them is called.
pub fn main_or(app: fn() -> Result<()>) -> ExitCode {
    let first = std::env::args().nth(1);
    match first.is_some_and(|first| Command::NAMES.contains(&first.as_str())) {
        true => main(),
        false => {
            enter();
            end(app())
        }
    }
}

/// Before anything else: this program can be started as a worker, and says what it does if it is told to.
fn enter() {
    crate::core::program::mark_commands();
    let filter = crate::Config::load().ok().and_then(|config| config.log).unwrap_or_else(|| "warn".to_owned());
    let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_else(|_| "warn".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    // A program that has set up its own log keeps it.
    let _ = log.try_init();
}

fn end(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::from(1)
        }
    }
}

/// One block on stderr, never a backtrace.
fn report(error: &Error) {
    eprintln!("error: {error}");
}

/// Prints a text whole. A closed pipe is no failure: whoever read it has seen enough.
#[cfg(feature = "frame")]
fn print_text(text: &str) -> Result<()> {
    use std::io::{ErrorKind, Write};
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Runs what an interrupt ends with code 130.
#[cfg(feature = "frame")]
fn interruptible(work: impl FnOnce() -> Result<()>) -> Result<()> {
    crate::core::runtime::io().spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("error: interrupted");
            std::process::exit(130);
        }
    });
    work()
}

/// Prints a line, and tells whether anybody reads it: a closed pipe is no failure.
fn print_line(line: &str) -> bool {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).is_ok()
}
