//! Measurements of Stratal beside its peers: `cargo run --release -p stratal-benches -- all`.
//!
//! A *suite* (`suites/`) has *cases*; each is done by several *sides* (`sides/`), which are processes of their own, by turns and with
//! the same answer (`measure/`). `data/` makes the files that they read, `report/` writes down what came out: Markdown, SVG, JSON.
//! Whoever adds a suite writes one file in `suites/` and one line in its list.
//!
//! What a figure means, and how to make one, is in `docs/performance.md`; the last ones that were published are in
//! `docs/benchmarks.md`.

mod allocated;
mod commands;
mod data;
mod measure;
mod report;
mod settings;
mod sides;
mod suites;

#[global_allocator]
static ALLOCATOR: allocated::Counting<mimalloc::MiMalloc> = allocated::Counting(mimalloc::MiMalloc);

/// The same program is the scheduler and the workers of the clusters that are measured.
fn main() -> std::process::ExitCode {
    stratal::cli::main_or(commands::run)
}
