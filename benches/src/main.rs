//! Measurements of Stratal: `cargo run --release -p stratal-benches -- sched`.
//!
//! `sched` drives the scheduler alone with workers that do nothing: what a task costs it, in time and memory. `functions` runs
//! functions that do nothing, in this process and on two worker processes: what a task costs from call to result.

mod allocated;
mod sched;
mod tasks;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: allocated::Counting = allocated::Counting;

#[derive(Parser)]
#[command(about = "Measures Stratal and prints a table")]
struct Arguments {
    #[command(subcommand)]
    suite: Suite,
    /// Times that each measurement is repeated; the median counts.
    #[arg(long, default_value_t = 5, global = true)]
    runs: usize,
}

#[derive(Subcommand)]
enum Suite {
    /// The scheduler alone, with workers that do nothing.
    Sched,
    /// Functions, in this process and on two worker processes. (`tasks` is a command of every program with workers.)
    Functions,
}

/// The same program is scheduler and worker of the clusters that are measured.
fn main() -> std::process::ExitCode {
    stratal::cli::main_or(app)
}

fn app() -> stratal::Result<()> {
    let arguments = Arguments::parse();
    match arguments.suite {
        Suite::Sched => sched::run(arguments.runs.max(1)),
        Suite::Functions => tasks::run(arguments.runs.max(1))?,
    }
    Ok(())
}
