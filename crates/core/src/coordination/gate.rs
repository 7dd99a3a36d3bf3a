//! A gate: so many permits, which are granted in the order in which they are asked for. A lock is a gate with one.
//!
//! Who asks for many is not overtaken by those who ask for few, so that it is served in the end.

use super::{Answer, Asker, GateName, Outcome};
use crate::{Error, ErrorKind};
use std::collections::{BTreeMap, VecDeque};

/// Permits: free, held, and waited for.
#[derive(Debug)]
pub(super) struct Gate {
    name: GateName,
    total: u32,
    free: u32,
    holders: BTreeMap<Asker, u32>,
    waiting: VecDeque<(Asker, u32)>,
}

impl Gate {
    pub(super) fn new(name: GateName, total: u32) -> Self {
        Gate { name, total, free: total, holders: BTreeMap::new(), waiting: VecDeque::new() }
    }

    pub(super) fn acquire(&mut self, asker: Asker, of: u32, permits: u32, wait: bool, out: &mut Outcome) {
        if of != self.total {
            let message = format!("{} has {} permits, and {of} were asked for", self.name, self.total);
            let help = "everybody who uses a semaphore makes it with the same number";
            return out.fail(asker, Error::new(ErrorKind::BadValue, message).with_help(help));
        }
        if permits == 0 || permits > self.total {
            let message = format!("{} permits of {} were asked for at once, which has {}", permits, self.name, self.total);
            return out.fail(asker, Error::new(ErrorKind::BadValue, message).with_help("ask for at least 1, and no more than there are"));
        }
        let at_once = self.waiting.is_empty() && permits <= self.free;
        match at_once || wait {
            true => {
                self.waiting.push_back((asker, permits));
                self.grant(out);
            }
            false => out.answer(asker, Answer::Nothing),
        }
    }

    /// Grants what is free to those who wait, in their order.
    fn grant(&mut self, out: &mut Outcome) {
        while let Some((asker, permits)) = self.waiting.front().copied().filter(|(_, permits)| *permits <= self.free) {
            self.waiting.pop_front();
            self.free -= permits;
            *self.holders.entry(asker).or_default() += permits;
            out.answer(asker, Answer::Granted { gate: self.name.clone(), number: asker.1 });
        }
    }

    /// Takes back what was granted to somebody.
    pub(super) fn free(&mut self, holder: Asker, out: &mut Outcome) {
        self.free += self.holders.remove(&holder).unwrap_or(0);
        self.grant(out);
    }

    /// Forgets those who wait no longer. Who stood behind them may go on.
    pub(super) fn leave(&mut self, leaves: impl Fn(&Asker) -> bool, out: &mut Outcome) {
        self.waiting.retain(|(asker, _)| !leaves(asker));
        self.grant(out);
    }

    /// Takes back all that was granted to some.
    pub(super) fn free_all(&mut self, gone: impl Fn(&Asker) -> bool) {
        let free = &mut self.free;
        self.holders.retain(|holder, permits| {
            let stays = !gone(holder);
            if !stays {
                *free += *permits;
            }
            stays
        });
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_idle(&self) -> bool {
        self.holders.is_empty() && self.waiting.is_empty()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let held: u32 = self.holders.values().sum();
        if self.free + held != self.total {
            return Err(format!("{} permits are free and {held} are held of {}", self.free, self.total));
        }
        match self.waiting.front() {
            Some((_, permits)) if *permits <= self.free => Err("somebody waits for permits that are free".to_owned()),
            _ => Ok(()),
        }
    }

    pub(super) fn waiting(&self) -> impl Iterator<Item = Asker> + '_ {
        self.waiting.iter().map(|(asker, _)| *asker)
    }
}
