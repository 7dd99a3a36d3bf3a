//! Which program the processes of isolated functions are made of.

use crate::{Error, ErrorKind, Result, config::Config, program, runner::environment};
use std::path::PathBuf;

/// How such a process is started.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Start {
    pub(super) program: PathBuf,
    /// The scheduler that its verbs use; none for one of its own.
    pub(super) scheduler: Option<String>,
}

impl Start {
    /// That of the task which the thread runs: the program of the configuration (`worker.bin`, `STRATAL_WORKER_BIN`), else
    /// this one, if it knows the command.
    ///
    /// # Errors
    /// `Config`, with what to do.
    pub(super) fn here() -> Result<Self> {
        let env = environment();
        let configured = match &env {
            Some(env) => env.config().worker.bin.clone(),
            None => Config::load()?.worker.bin,
        };
        let scheduler = env.and_then(|env| env.scheduler().map(str::to_owned));
        let fail = |message: String| {
            Error::new(ErrorKind::Config, message)
                .with_help("let main go through stratal::cli::main_or, or name a program that has the function with STRATAL_WORKER_BIN")
        };
        let program = match configured {
            Some(program) if program.is_file() => program,
            Some(program) => return Err(fail(format!("there is no program {} for isolated functions", program.display()))),
            None if program::has_commands() => std::env::current_exe()?,
            None => {
                return Err(fail("an isolated function runs in a process of its own, and this program cannot be started as one".into()));
            }
        };
        Ok(Start { program, scheduler })
    }
}
