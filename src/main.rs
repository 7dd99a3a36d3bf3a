//! The `stratal` command.

/// Results are large and short-lived: the system's allocator gives their memory back at once and takes it anew, page by page.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    stratal::cli::main()
}
