//! The `stratal` command.

fn main() -> std::process::ExitCode {
    stratal::cli::main()
}
