//! Which program the processes of a local cluster are made of.

use std::{
    env::consts::EXE_SUFFIX,
    path::{Path, PathBuf},
};
use stratal_core::{Error, ErrorKind, Result, config::Config, program::has_commands};

/// The program asked for; else that of the configuration (`worker.bin`, `STRATAL_WORKER_BIN`); else this one, if it knows
/// the commands; else the `stratal` beside it or one directory up, where it stands for tests and examples of a workspace.
///
/// # Errors
/// `NotFound`, with what to do.
pub(super) fn find_program(asked: Option<&Path>) -> Result<PathBuf> {
    let configured = match asked {
        Some(asked) => Some(asked.to_owned()),
        None => Config::load()?.worker.bin,
    };
    if let Some(program) = configured {
        return match program.is_file() {
            true => Ok(program),
            false => Err(missing(format!("there is no program {} for the workers of a local cluster", program.display()))),
        };
    }
    let own = std::env::current_exe()?;
    if has_commands() {
        return Ok(own);
    }
    let name = format!("stratal{EXE_SUFFIX}");
    let beside = own.ancestors().skip(1).take(2).map(|dir| dir.join(&name));
    beside.into_iter().find(|program| program.is_file()).ok_or_else(|| {
        let dir = own.parent().unwrap_or(&own).display();
        missing(format!("there is no program for the workers of a local cluster: no {name} in {dir} or above it"))
    })
}

fn missing(message: String) -> Error {
    Error::new(ErrorKind::NotFound, message).with_help(
        "build the command (cargo build), name a program with worker_bin(..) or STRATAL_WORKER_BIN, or let main go through stratal::cli::main_or",
    )
}
