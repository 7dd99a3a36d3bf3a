//! [`Process`]: a side that runs and answers.

use super::{
    Side, memory,
    protocol::{Hello, Reply, Request},
};
use serde::de::DeserializeOwned;
use std::{
    io::{self, BufRead, BufReader, Write},
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// How long one answer may take.
const LIMIT: Duration = Duration::from_secs(900);
/// How long a process may take to end.
const GRACE: Duration = Duration::from_secs(10);

/// A side that runs. Dropped, it ends.
pub(crate) struct Process {
    child: Child,
    requests: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What it said that it is.
    pub(crate) version: String,
}

impl Process {
    /// Starts a side and waits until it is ready.
    ///
    /// # Errors
    /// Why it takes no part.
    pub(crate) fn start(side: &Side, threads: usize) -> Result<Self, String> {
        let mut command = side.command(threads).map_err(|error| error.to_string())?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let program = command.get_program().display().to_string();
        let mut child = command.spawn().map_err(|error| format!("{program}: {error}"))?;
        let (requests, replies) = (child.stdin.take(), child.stdout.take());
        let (sender, lines) = channel();
        if let Some(replies) = replies {
            thread::spawn(move || {
                let mut lines = BufReader::new(replies).lines().map_while(io::Result::ok);
                // Nobody listens any more once the process is dropped.
                let _ = lines.try_for_each(|line| sender.send(line));
            });
        }
        let mut process = Process { child, requests, lines, version: String::new() };
        match process.message()? {
            Hello::Ready(version) => process.version = version,
            Hello::Skip(reason) => return Err(reason),
        }
        Ok(process)
    }

    /// Has a piece of work done.
    ///
    /// # Errors
    /// Why there is no result.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<Reply, String> {
        let line = serde_json::to_string(request).map_err(|error| error.to_string())?;
        let sent = match &mut self.requests {
            Some(requests) => writeln!(requests, "{line}").and_then(|()| requests.flush()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        if sent.is_err() {
            return Err(self.ended());
        }
        match self.message()? {
            Reply::Error { error } => Err(error),
            done => Ok(done),
        }
    }

    /// From now on the most memory counts that is in use from now on.
    pub(crate) fn forget_peak(&self) {
        memory::forget_peaks(self.child.id());
    }

    /// The most memory that was in use, in bytes, by this process and those that it started.
    pub(crate) fn peak(&self) -> Option<u64> {
        memory::peak(self.child.id())
    }

    /// The memory that is in use now, in bytes, by this process and those that it started.
    pub(crate) fn resident(&self) -> Option<u64> {
        memory::resident(self.child.id())
    }

    /// The next line that is a message. Others are whatever a library had to say.
    fn message<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        loop {
            match self.lines.recv_timeout(LIMIT) {
                Ok(line) => {
                    if let Ok(message) = serde_json::from_str(&line) {
                        return Ok(message);
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Err(format!("no answer within {} s", LIMIT.as_secs())),
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
            }
        }
    }

    fn ended(&mut self) -> String {
        match self.wait() {
            Some(status) => format!("its process ended: {status}"),
            None => "its process does not answer".to_owned(),
        }
    }

    /// Waits for its end for a while.
    fn wait(&mut self) -> Option<std::process::ExitStatus> {
        let until = Instant::now() + GRACE;
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.requests.take());
        if self.wait().is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
