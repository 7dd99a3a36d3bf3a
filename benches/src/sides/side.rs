//! [`Side`]: how one is called and started.

use clap::ValueEnum;
use std::{env, io, path::Path, process::Command};

/// What this program can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Stratal in one process.
    Stratal,
    /// The same, asked by SQL.
    StratalSql,
    /// Stratal on worker processes of one thread each.
    Workers,
    /// The same, where whole queries run by the query engine.
    Query,
    /// The same, where queries run as layers of tasks.
    Layers,
    /// DataFusion alone, with SQL.
    Datafusion,
    /// datafusion-distributed alone, with SQL: the coordinator of worker processes of one thread each.
    DatafusionDistributed,
    /// One of these workers: no side of its own.
    DatafusionWorker,
    /// Plain loops over memory.
    Stream,
    /// faer alone: products of matrices.
    Faer,
    /// zarrs alone: arrays in storage.
    Zarrs,
}

#[derive(Clone, Copy, Debug)]
enum Program {
    This(Role),
    /// A file in `peers/`.
    Script(&'static str),
}

/// One who takes part.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    /// What it is called in tables.
    pub(crate) name: String,
    program: Program,
    is_peer: bool,
}

impl Side {
    /// This program.
    pub(crate) fn this(name: impl Into<String>, role: Role) -> Self {
        let is_peer = !matches!(role, Role::Stratal | Role::Workers | Role::Query | Role::Layers);
        Side { name: name.into(), program: Program::This(role), is_peer }
    }

    /// A script in `peers/`.
    pub(crate) fn script(name: impl Into<String>, file: &'static str) -> Self {
        Side { name: name.into(), program: Program::Script(file), is_peer: true }
    }

    /// Stratal in one process.
    pub(crate) fn stratal() -> Self {
        Side::this("Stratal", Role::Stratal)
    }

    /// Polars: lazy, by its streaming engine.
    pub(crate) fn polars() -> Self {
        Side::script("Polars", "polars_peer.py")
    }

    /// The same as a peer of another Stratal.
    pub(crate) fn into_peer(self) -> Self {
        Side { is_peer: true, ..self }
    }

    /// Whether a run may do without it: it is somebody else than Stratal, or another Stratal is beside it.
    pub(crate) fn is_peer(&self) -> bool {
        self.is_peer
    }

    /// Whether it gives an answer that can be compared.
    pub(crate) fn answers(&self) -> bool {
        !matches!(self.program, Program::This(Role::Stream))
    }

    /// What starts it.
    ///
    /// # Errors
    /// When this program does not find itself.
    pub(crate) fn command(&self, threads: usize) -> io::Result<Command> {
        let mut command = match self.program {
            Program::This(role) => {
                let mut command = Command::new(env::current_exe()?);
                let role = role.to_possible_value().map(|value| value.get_name().to_owned());
                command.arg("serve").args(role);
                // zarrs works on rayon's threads, which are as many as there are cores unless this says otherwise.
                command.env("RAYON_NUM_THREADS", threads.to_string());
                command
            }
            Program::Script(file) => {
                let python = env::var_os("BENCH_PYTHON").unwrap_or_else(|| "python3".into());
                let mut command = Command::new(python);
                // -B: no compiled files beside the scripts.
                command.arg("-B").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(file));
                command
            }
        };
        command.args(["--threads", &threads.to_string()]);
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_is_there() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        let array = ["numpy_peer.py", "numexpr_peer.py", "dask_array_peer.py", "zarr_peer.py"];
        for file in ["polars_peer.py", "duckdb_peer.py", "dask_peer.py"].into_iter().chain(array) {
            let command = Side::script("peer", file).command(2).unwrap();
            let script = command.get_args().nth(1).unwrap();
            assert_eq!(Path::new(script), directory.join(file));
            assert!(Path::new(script).is_file(), "{}", script.display());
        }
    }

    #[test]
    fn this_program_is_told_what_to_be() {
        let command = Side::this("workers", Role::Workers).command(3).unwrap();
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["serve", "workers", "--threads", "3"]);
        let command = Side::this("peer", Role::DatafusionDistributed).command(2).unwrap();
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["serve", "datafusion-distributed", "--threads", "2"]);
    }

    #[test]
    fn stratal_is_no_peer_but_of_another_stratal() {
        assert!(!Side::stratal().is_peer() && !Side::this("query", Role::Query).is_peer());
        assert!(Side::stratal().into_peer().is_peer() && Side::polars().is_peer());
        assert!(Side::this("alone", Role::DatafusionDistributed).is_peer());
    }
}
