//! A flag, which users call an event: it has happened or not, and everybody may wait until it has.

use super::{Answer, Asker, Outcome};

/// Whether it has happened, or those who wait for it.
#[derive(Debug, Default)]
pub(super) struct Flag {
    raised: bool,
    waiting: Vec<Asker>,
}

impl Flag {
    /// Everybody who waits is told.
    pub(super) fn raise(&mut self, asker: Asker, out: &mut Outcome) {
        self.raised = true;
        out.answer(asker, Answer::Done);
        self.waiting.drain(..).for_each(|waiting| out.answer(waiting, Answer::Done));
    }

    pub(super) fn lower(&mut self, asker: Asker, out: &mut Outcome) {
        self.raised = false;
        out.answer(asker, Answer::Done);
    }

    pub(super) fn is_raised(&self) -> bool {
        self.raised
    }

    pub(super) fn wait(&mut self, asker: Asker, out: &mut Outcome) {
        match self.raised {
            true => out.answer(asker, Answer::Done),
            false => self.waiting.push(asker),
        }
    }

    /// Forgets those who wait no longer.
    pub(super) fn leave(&mut self, leaves: impl Fn(&Asker) -> bool) {
        self.waiting.retain(|asker| !leaves(asker));
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_idle(&self) -> bool {
        !self.raised && self.waiting.is_empty()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        match self.raised && !self.waiting.is_empty() {
            true => Err("it has happened, and somebody waits for it".to_owned()),
            false => Ok(()),
        }
    }

    pub(super) fn waiting(&self) -> impl Iterator<Item = Asker> + '_ {
        self.waiting.iter().copied()
    }
}
