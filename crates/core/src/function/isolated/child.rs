//! A process for isolated functions, as its parent sees it.

use super::{frame, program::Start, serve::GREETING};
use crate::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use std::{
    fs::DirBuilder,
    io,
    os::unix::{
        fs::DirBuilderExt,
        net::{UnixListener, UnixStream},
    },
    path::PathBuf,
    process::{self, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

/// How long a process may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Between two looks whether it is.
const PAUSE: Duration = Duration::from_millis(2);

/// A process that waits for calls, or makes one. Dropped, it is killed and reaped. It ends too when this process does.
pub(super) struct Child {
    pub(super) start: Start,
    process: Arc<Mutex<process::Child>>,
    stream: UnixStream,
}

/// By what a process is killed that somebody else waits for.
#[derive(Clone)]
pub(super) struct Kill(Arc<Mutex<process::Child>>);

impl Kill {
    /// Kills it. One that has ended is left as it is.
    pub(super) fn kill(&self) {
        let _ = self.0.lock().kill();
    }
}

/// A directory that nobody else can look into, removed with this value.
struct Private(PathBuf);

impl Private {
    fn create() -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let name = format!("stratal-{}-{}", process::id(), NEXT.fetch_add(1, Relaxed));
            let path = std::env::temp_dir().join(name);
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Private(path)),
                // Left behind by a process of the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Child {
    /// Starts a process and waits until it is ready.
    ///
    /// # Errors
    /// `Config` for a program that is none for this.
    pub(super) fn start(start: Start) -> Result<Self> {
        let dir = Private::create()?;
        let socket = dir.0.join("socket");
        let listener = UnixListener::bind(&socket)?;
        let mut command = Command::new(&start.program);
        command.arg("isolated").arg(&socket).stdin(Stdio::null());
        match &start.scheduler {
            Some(address) => command.env("STRATAL_SCHEDULER", address),
            None => command.env_remove("STRATAL_SCHEDULER"),
        };
        let fail = |what: String| {
            Error::new(ErrorKind::Config, format!("{}, started for isolated functions, {what}", start.program.display()))
                .with_help("it must be a program whose main goes through stratal::cli, of the same version as this one")
        };
        let mut process = command.spawn().map_err(|error| fail(format!("cannot be run: {error}")))?;
        match greeted(&listener, &mut process) {
            Ok(stream) => Ok(Child { process: Arc::new(Mutex::new(process)), stream, start }),
            Err(what) => {
                // One that has ended already is only reaped.
                let _ = process.kill();
                let _ = process.wait();
                Err(fail(what))
            }
        }
    }

    /// By what it is killed from elsewhere.
    pub(super) fn kill(&self) -> Kill {
        Kill(self.process.clone())
    }

    /// Whether it has not ended.
    pub(super) fn is_alive(&self) -> bool {
        matches!(self.process.lock().try_wait(), Ok(None))
    }

    /// Sends a request and waits for the answer. How the process ended, where none came.
    pub(super) fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        match frame::write(&mut self.stream, request).and_then(|()| frame::read(&mut self.stream)) {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) | Err(_) => {
                let mut process = self.process.lock();
                // One that ends by itself ends as it would have.
                let _ = process.kill();
                Err(process.wait().map_or_else(|error| error.to_string(), |status| status.to_string()))
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let mut process = self.process.lock();
        let _ = process.kill();
        let _ = process.wait();
    }
}

/// The stream of a process that has greeted; else what it did instead.
fn greeted(listener: &UnixListener, process: &mut process::Child) -> Result<UnixStream, String> {
    let deadline = Instant::now() + READY_WITHIN;
    listener.set_nonblocking(true).map_err(|error| error.to_string())?;
    let mut stream = loop {
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(format!("cannot be reached: {error}")),
        }
        match process.try_wait() {
            Ok(None) => {}
            Ok(Some(status)) => return Err(format!("ended before it was ready ({status})")),
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
        if Instant::now() >= deadline {
            return Err(format!("was not ready after {} s", READY_WITHIN.as_secs()));
        }
        thread::sleep(PAUSE);
    };
    let greeting = stream
        .set_nonblocking(false)
        .and_then(|()| stream.set_read_timeout(Some(READY_WITHIN)))
        .and_then(|()| frame::read(&mut stream))
        .and_then(|greeting| stream.set_read_timeout(None).map(|()| greeting));
    match greeting {
        Ok(Some(greeting)) if greeting == GREETING => Ok(stream),
        Ok(_) => Err("is of another version".to_owned()),
        Err(error) => Err(format!("did not greet: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_none_for_this_is_named() {
        for (program, what) in [("/bin/false", "ended before it was ready (exit status: 1)"), ("/no/such/program", "cannot be run: ")] {
            let error = Child::start(Start { program: program.into(), scheduler: None }).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.message().starts_with(&format!("{program}, started for isolated functions, {what}")), "{error}");
        }
    }
}
