//! The processes for isolated functions that are idle, and the calls that use them.

use super::{
    child::{Child, Kill},
    ended,
    program::Start,
};
use crate::{Error, Result};
use parking_lot::Mutex;
use std::{mem, sync::Arc};

/// Processes that wait for their next call.
#[derive(Default)]
pub(super) struct Pool {
    idle: Mutex<Vec<Child>>,
}

impl Pool {
    /// Makes a call in an idle process, or in a new one. Blocks until it is answered, or wanted no longer.
    ///
    /// # Errors
    /// How the process ended instead; why none could be started.
    pub(super) fn call(&self, start: Start, request: &[u8], watch: &Watch) -> Result<Vec<u8>> {
        let mut child = self.take(&start).map_or_else(|| Child::start(start), Ok)?;
        if !watch.begin(child.kill()) {
            self.idle.lock().push(child);
            return Err(Error::cancelled());
        }
        let answer = child.ask(request);
        match (watch.end(), answer) {
            // It was killed, or is about to be.
            (false, _) => Err(Error::cancelled()),
            (true, Ok(answer)) => {
                self.idle.lock().push(child);
                Ok(answer)
            }
            (true, Err(how)) => Err(ended(&how)),
        }
    }

    /// A living process that was started so.
    fn take(&self, start: &Start) -> Option<Child> {
        let mut idle = self.idle.lock();
        idle.retain(Child::is_alive);
        let at = idle.iter().rposition(|child| child.start == *start)?;
        Some(idle.swap_remove(at))
    }
}

/// How it stands with a call.
#[derive(Default)]
enum State {
    /// No process works for it.
    #[default]
    Idle,
    /// One does.
    Running(Kill),
    /// Nobody wants it any more.
    Unwanted,
}

/// Somebody wants a call. Dropped, nobody does, and the process that works for it is killed.
#[derive(Default)]
pub(super) struct Wanted(Arc<Mutex<State>>);

/// Whether a call is wanted.
pub(super) struct Watch(Arc<Mutex<State>>);

impl Wanted {
    pub(super) fn watch(&self) -> Watch {
        Watch(self.0.clone())
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        // Under the lock, so that no process is killed that another call uses by now.
        if let State::Running(kill) = mem::replace(&mut *state, State::Unwanted) {
            kill.kill();
        }
    }
}

impl Watch {
    /// From here on a process works for it. False when nobody wants it.
    fn begin(&self, kill: Kill) -> bool {
        let mut state = self.0.lock();
        match &*state {
            State::Unwanted => false,
            State::Idle | State::Running(_) => {
                *state = State::Running(kill);
                true
            }
        }
    }

    /// The process is done with it. False when nobody wanted it any more.
    fn end(&self) -> bool {
        let mut state = self.0.lock();
        match &*state {
            State::Unwanted => false,
            State::Idle | State::Running(_) => {
                *state = State::Idle;
                true
            }
        }
    }
}
