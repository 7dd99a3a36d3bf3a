//! A scheduler or a worker as a child process, which says on its first line where it is.

use crate::process::Ready;
use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
    process::{self, Command, Stdio},
    sync::mpsc,
    time::Duration,
};
use stratal_core::{Error, ErrorKind, Result};

/// A child process. Dropped, it is killed and reaped.
///
/// It ends too when this process does, even by SIGKILL: its stdin is a pipe from here, and it leaves when that is closed.
pub(super) struct Child {
    process: process::Child,
    ready: Ready,
}

impl Child {
    /// Starts a program and waits for its first line, `scheduler: tcp://..` or `worker: NAME tcp://..`.
    pub(super) fn start(program: &Path, arguments: &[String], log: Option<&Path>, within: Duration) -> Result<Self> {
        let role = arguments.first().cloned().unwrap_or_default();
        let stderr: Stdio = match log {
            Some(log) => File::create(log)?.into(),
            None => Stdio::inherit(),
        };
        let mut command = Command::new(program);
        // A child is told what to do by its arguments alone: a cluster that this process uses is none of its business.
        command.args(arguments).env_remove("STRATAL_SCHEDULER").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        if log.is_some() && std::env::var_os("STRATAL_LOG").is_none() {
            // Whoever asks for logs wants to see which tasks ran where.
            command.env("STRATAL_LOG", "info,stratal::sched=debug");
        }
        let fail = |what: String| {
            let place = log.map_or("its output is above".to_owned(), |log| format!("its output is in {}", log.display()));
            Error::new(ErrorKind::Io, format!("the {role} of a local cluster {what}")).with_help(place)
        };
        let mut process = command.spawn().map_err(|error| fail(format!("cannot be started from {}: {error}", program.display())))?;
        let (tell, told) = mpsc::channel();
        if let Some(stdout) = process.stdout.take() {
            let spawned = std::thread::Builder::new().name(format!("stratal-{role}")).spawn(move || forward(stdout, &tell));
            spawned.inspect_err(|_| end(&mut process))?;
        }
        let line: Option<String> = told.recv_timeout(within).ok();
        match line.as_deref().and_then(parse) {
            Some(ready) => Ok(Child { process, ready }),
            None => {
                end(&mut process);
                let said = line.map_or("ended before it was ready".to_owned(), |line| format!("said {line:?} and not where it is"));
                Err(fail(said))
            }
        }
    }

    pub(super) fn ready(&self) -> &Ready {
        &self.ready
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    pub(super) fn kill(self) {}
}

impl Drop for Child {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

fn end(process: &mut process::Child) {
    // One that has ended already is only reaped.
    let _ = process.kill();
    let _ = process.wait();
}

/// Tells the first line of a child's stdout; what tasks print after it goes to this process's stderr.
fn forward(stdout: process::ChildStdout, tell: &mpsc::Sender<String>) {
    let mut stdout = BufReader::new(stdout);
    let mut first = String::new();
    if stdout.read_line(&mut first).is_ok_and(|bytes| bytes > 0) {
        let _ = tell.send(first.trim_end().to_owned());
        let _ = io::copy(&mut stdout, &mut io::stderr());
    }
}

/// Name and address of `scheduler: tcp://..` or `worker: NAME tcp://..`.
fn parse(line: &str) -> Option<Ready> {
    let (role, rest) = line.split_once(": ")?;
    let (name, address) = rest.rsplit_once(' ').unwrap_or((role, rest));
    address.starts_with("tcp://").then(|| Ready { name: name.to_owned(), address: address.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_say_name_and_address() {
        let ready = |name: &str, address: &str| Some(Ready { name: name.to_owned(), address: address.to_owned() });
        assert_eq!(parse("scheduler: tcp://127.0.0.1:8786"), ready("scheduler", "tcp://127.0.0.1:8786"));
        assert_eq!(parse("worker: w3 tcp://127.0.0.1:40123"), ready("w3", "tcp://127.0.0.1:40123"));
        assert_eq!(parse("error: no"), None);
    }

    #[test]
    fn a_program_that_is_no_worker_is_an_error() {
        for (program, arguments) in [("/bin/echo", "hello"), ("/bin/false", "worker"), ("/no/such/program", "worker")] {
            let error = Child::start(Path::new(program), &[arguments.to_owned()], None, Duration::from_secs(10)).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Io, "{program}");
        }
    }
}
