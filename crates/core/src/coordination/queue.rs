//! A queue: items come out in the order in which they went in, each once.

use super::{Answer, Asker, Outcome};
use bytes::Bytes;
use std::collections::VecDeque;

/// Items, and those who wait for one, or for room for one.
#[derive(Debug)]
pub(super) struct Queue {
    name: String,
    /// The most items it holds; 0 for any number.
    capacity: u64,
    items: VecDeque<Bytes>,
    takers: VecDeque<Asker>,
    putters: VecDeque<(Asker, Bytes)>,
}

impl Queue {
    pub(super) fn new(name: &str, capacity: u64) -> Self {
        Queue { name: name.to_owned(), capacity, items: VecDeque::new(), takers: VecDeque::new(), putters: VecDeque::new() }
    }

    pub(super) fn capacity(&self) -> u64 {
        self.capacity
    }

    pub(super) fn len(&self) -> u64 {
        self.items.len() as u64
    }

    fn has_room(&self) -> bool {
        self.capacity == 0 || self.len() < self.capacity
    }

    fn give(&self, taker: Asker, value: Bytes, out: &mut Outcome) {
        out.answer(taker, Answer::Item { queue: self.name.clone(), capacity: self.capacity, value });
    }

    pub(super) fn put(&mut self, asker: Asker, value: Bytes, out: &mut Outcome) {
        if let Some(taker) = self.takers.pop_front() {
            out.answer(asker, Answer::Done);
            self.give(taker, value, out);
        } else if self.has_room() {
            self.items.push_back(value);
            out.answer(asker, Answer::Done);
        } else {
            self.putters.push_back((asker, value));
        }
    }

    /// Puts an item back in front, where it was: above the capacity, if there is no room any more.
    pub(super) fn put_back(&mut self, value: Bytes, out: &mut Outcome) {
        match self.takers.pop_front() {
            Some(taker) => self.give(taker, value, out),
            None => self.items.push_front(value),
        }
    }

    pub(super) fn take(&mut self, asker: Asker, wait: bool, out: &mut Outcome) {
        match self.items.pop_front() {
            Some(value) => {
                self.give(asker, value, out);
                self.fill(out);
            }
            None if wait => self.takers.push_back(asker),
            None => out.answer(asker, Answer::Nothing),
        }
    }

    /// Lets those in who wait for room.
    fn fill(&mut self, out: &mut Outcome) {
        while self.has_room() {
            let Some((putter, value)) = self.putters.pop_front() else { return };
            self.items.push_back(value);
            out.answer(putter, Answer::Done);
        }
    }

    /// Forgets those who wait no longer, and what they wanted to put in.
    pub(super) fn leave(&mut self, leaves: impl Fn(&Asker) -> bool) {
        self.takers.retain(|taker| !leaves(taker));
        self.putters.retain(|(putter, _)| !leaves(putter));
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_idle(&self) -> bool {
        self.items.is_empty() && self.takers.is_empty() && self.putters.is_empty()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !self.takers.is_empty() && !self.items.is_empty() {
            return Err("there are items, and somebody waits for one".to_owned());
        }
        if !self.putters.is_empty() && self.has_room() {
            return Err("there is room, and somebody waits for it".to_owned());
        }
        Ok(())
    }

    pub(super) fn waiting(&self) -> impl Iterator<Item = Asker> + '_ {
        self.takers.iter().copied().chain(self.putters.iter().map(|(putter, _)| *putter))
    }
}
