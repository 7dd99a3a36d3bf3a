//! A variable: a value that everybody reads, once it is there.

use super::{Answer, Asker, Outcome};
use bytes::Bytes;

/// A value, or those who wait for one.
#[derive(Debug, Default)]
pub(super) struct Variable {
    value: Option<Bytes>,
    waiting: Vec<Asker>,
}

impl Variable {
    /// Everybody who waits is told.
    pub(super) fn set(&mut self, asker: Asker, value: Bytes, out: &mut Outcome) {
        out.answer(asker, Answer::Done);
        self.waiting.drain(..).for_each(|waiting| out.answer(waiting, Answer::Value(value.clone())));
        self.value = Some(value);
    }

    pub(super) fn get(&mut self, asker: Asker, out: &mut Outcome) {
        match &self.value {
            Some(value) => out.answer(asker, Answer::Value(value.clone())),
            None => self.waiting.push(asker),
        }
    }

    pub(super) fn delete(&mut self, asker: Asker, out: &mut Outcome) {
        self.value = None;
        out.answer(asker, Answer::Done);
    }

    /// Forgets those who wait no longer.
    pub(super) fn leave(&mut self, leaves: impl Fn(&Asker) -> bool) {
        self.waiting.retain(|asker| !leaves(asker));
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_idle(&self) -> bool {
        self.value.is_none() && self.waiting.is_empty()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        match self.value.is_some() && !self.waiting.is_empty() {
            true => Err("it has a value, and somebody waits for one".to_owned()),
            false => Ok(()),
        }
    }

    pub(super) fn waiting(&self) -> impl Iterator<Item = Asker> + '_ {
        self.waiting.iter().copied()
    }
}
