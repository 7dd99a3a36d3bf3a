//! What this process knows of its own program: whether it has the commands, and what it is called.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

static HAS_COMMANDS: AtomicBool = AtomicBool::new(false);

/// Says that this program's `main` knows the commands `scheduler`, `worker` and so on, so that other processes can be made
/// of it. `stratal::cli` calls it.
pub fn mark_commands() {
    HAS_COMMANDS.store(true, Relaxed);
}

/// Whether this program's `main` knows the commands.
pub fn has_commands() -> bool {
    HAS_COMMANDS.load(Relaxed)
}

/// What this program is called, without its directory.
pub fn name() -> String {
    let called = std::env::args_os().next();
    let name = called.as_deref().and_then(|path| Path::new(path).file_name());
    name.map_or_else(|| "PROGRAM".to_owned(), |name| name.to_string_lossy().into_owned())
}
