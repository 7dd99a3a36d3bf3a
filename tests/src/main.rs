//! A worker that has the functions of the tests.

// Linked for the functions that it registers.
use stratal_tests as _;

fn main() -> std::process::ExitCode {
    stratal::cli::main()
}
