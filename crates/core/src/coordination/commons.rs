//! [`Commons`]: the state machine behind variables, queues, events, locks, semaphores and published names.

use super::{
    Answer, Ask, Asker, GateName, Said,
    flag::Flag,
    gate::Gate,
    published::{Published, release},
    queue::Queue,
    variable::Variable,
};
use crate::{ClientId, Error, ErrorKind, Result, sched::Event};
use std::collections::BTreeMap;

/// What follows from what was said.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Answers, and who is to have them. Each that asks has one answer.
    pub answers: Vec<(Asker, Result<Answer>)>,
    /// What the scheduler is told, before anybody has an answer.
    pub events: Vec<Event>,
}

impl Outcome {
    pub(super) fn answer(&mut self, asker: Asker, answer: Answer) {
        self.answers.push((asker, Ok(answer)));
    }

    pub(super) fn fail(&mut self, asker: Asker, error: Error) {
        self.answers.push((asker, Err(error)));
    }
}

/// Where somebody waits.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    Variable(String),
    Queue(String),
    Flag(String),
    Gate(GateName),
}

/// What clients and tasks share. Whatever nobody uses any more is forgotten.
///
/// ```
/// use stratal_core::{ClientId, coordination::{Answer, Ask, Commons, Outcome, Said}};
/// let (mut commons, mut out) = (Commons::default(), Outcome::default());
/// let take = Ask::Take { queue: "q".to_owned(), capacity: 1, wait: true };
/// commons.handle(ClientId(1), Said::Ask(7, take), &mut out);
/// assert!(out.answers.is_empty(), "it waits");
/// let put = Ask::Put { queue: "q".to_owned(), capacity: 1, value: "item".into() };
/// commons.handle(ClientId(2), Said::Ask(1, put), &mut out);
/// let [((ClientId(2), 1), Ok(Answer::Done)), ((ClientId(1), 7), Ok(Answer::Item { value, .. }))] = &out.answers[..] else {
///     panic!("both are answered: {:?}", out.answers)
/// };
/// assert_eq!(value, "item");
/// ```
#[derive(Debug, Default)]
pub struct Commons {
    variables: BTreeMap<String, Variable>,
    queues: BTreeMap<String, Queue>,
    flags: BTreeMap<String, Flag>,
    gates: BTreeMap<GateName, Gate>,
    published: Published,
    waiting: BTreeMap<Asker, Place>,
}

impl Commons {
    /// Takes in what a client says. What follows is appended to `out`.
    pub fn handle(&mut self, client: ClientId, said: Said, out: &mut Outcome) {
        let before = out.answers.len();
        match said {
            // Nobody would be there to be told when the wait is over.
            Said::Ask(0, ask) if waits(&ask) => {}
            Said::Ask(number, ask) => {
                let asker = (client, number);
                let place = self.ask(asker, ask, out);
                let answered = out.answers[before..].iter().any(|(other, _)| *other == asker);
                match place {
                    Some(place) if !answered && number > 0 => {
                        self.waiting.insert(asker, place);
                    }
                    Some(place) => self.tidy(&place),
                    None => {}
                }
            }
            Said::Withdraw(number) => {
                if let Some(place) = self.waiting.remove(&(client, number)) {
                    out.answer((client, number), Answer::Withdrawn);
                    self.leave(&place, (client, number), out);
                    self.tidy(&place);
                }
            }
        }
        self.have_answers(before, out);
    }

    /// Takes in that a client is gone: it waits no longer, and what it held is free.
    pub fn client_gone(&mut self, client: ClientId, out: &mut Outcome) {
        let before = out.answers.len();
        let gone = |asker: &Asker| asker.0 == client;
        self.variables.values_mut().for_each(|variable| variable.leave(gone));
        self.queues.values_mut().for_each(|queue| queue.leave(gone));
        self.flags.values_mut().for_each(|flag| flag.leave(gone));
        for gate in self.gates.values_mut() {
            gate.free_all(gone);
            gate.leave(gone, out);
        }
        self.variables.retain(|_, variable| !variable.is_idle());
        self.queues.retain(|_, queue| !queue.is_idle());
        self.flags.retain(|_, flag| !flag.is_idle());
        self.gates.retain(|_, gate| !gate.is_idle());
        self.waiting.retain(|asker, _| !gone(asker));
        self.have_answers(before, out);
    }

    /// Whether nothing is remembered but what is published.
    pub fn is_idle(&self) -> bool {
        self.variables.is_empty() && self.queues.is_empty() && self.flags.is_empty() && self.gates.is_empty() && self.waiting.is_empty()
    }

    /// Those who were answered wait no longer; those who want no answer have none.
    fn have_answers(&mut self, before: usize, out: &mut Outcome) {
        let mut new = out.answers.split_off(before);
        new.iter().for_each(|(asker, _)| drop(self.waiting.remove(asker)));
        new.retain(|(asker, _)| asker.1 > 0);
        out.answers.append(&mut new);
    }

    /// Does what is asked. Gives where the asker waits, if it does, and what may be idle now.
    fn ask(&mut self, asker: Asker, ask: Ask, out: &mut Outcome) -> Option<Place> {
        match ask {
            Ask::Set { variable, value } => {
                self.variables.entry(variable).or_default().set(asker, value, out);
                None
            }
            Ask::Get { variable } => {
                self.variables.entry(variable.clone()).or_default().get(asker, out);
                Some(Place::Variable(variable))
            }
            Ask::Delete { variable } => {
                self.variables.entry(variable.clone()).or_default().delete(asker, out);
                Some(Place::Variable(variable))
            }
            Ask::Put { queue, capacity, value } => {
                if let Some(queue) = self.queue(asker, &queue, capacity, out) {
                    queue.put(asker, value, out);
                }
                Some(Place::Queue(queue))
            }
            Ask::Take { queue, capacity, wait } => {
                if let Some(queue) = self.queue(asker, &queue, capacity, out) {
                    queue.take(asker, wait, out);
                }
                Some(Place::Queue(queue))
            }
            Ask::PutBack { queue, capacity, value } => {
                self.queues.entry(queue.clone()).or_insert_with(|| Queue::new(&queue, capacity)).put_back(value, out);
                out.answer(asker, Answer::Done);
                Some(Place::Queue(queue))
            }
            Ask::Length { queue } => {
                out.answer(asker, Answer::Count(self.queues.get(&queue).map_or(0, Queue::len)));
                None
            }
            Ask::Raise { event } => {
                self.flags.entry(event).or_default().raise(asker, out);
                None
            }
            Ask::Lower { event } => {
                self.flags.entry(event.clone()).or_default().lower(asker, out);
                Some(Place::Flag(event))
            }
            Ask::IsRaised { event } => {
                out.answer(asker, Answer::Is(self.flags.get(&event).is_some_and(Flag::is_raised)));
                None
            }
            Ask::Await { event } => {
                self.flags.entry(event.clone()).or_default().wait(asker, out);
                Some(Place::Flag(event))
            }
            Ask::Acquire { gate, of, permits, wait } => {
                let named = || Gate::new(gate.clone(), of);
                self.gates.entry(gate.clone()).or_insert_with(named).acquire(asker, of, permits, wait, out);
                Some(Place::Gate(gate))
            }
            Ask::Free { gate, number } => {
                if let Some(gate) = self.gates.get_mut(&gate) {
                    gate.free((asker.0, number), out);
                }
                out.answer(asker, Answer::Done);
                Some(Place::Gate(gate))
            }
            Ask::Publish { name, publication } => {
                self.published.publish(asker, name, publication, out);
                None
            }
            Ask::Find { name } => {
                self.published.find(asker, &name, out);
                None
            }
            Ask::Unpublish { name } => {
                self.published.unpublish(asker, &name, out);
                None
            }
            Ask::Names => {
                out.answer(asker, Answer::Names(self.published.names()));
                None
            }
            Ask::LetGo { publication } => {
                out.events.extend(release(asker.0, &publication));
                out.answer(asker, Answer::Done);
                None
            }
        }
    }

    /// A queue of this capacity; an answer that says so where it has another.
    fn queue(&mut self, asker: Asker, name: &str, capacity: u64, out: &mut Outcome) -> Option<&mut Queue> {
        let queue = self.queues.entry(name.to_owned()).or_insert_with(|| Queue::new(name, capacity));
        if queue.capacity() != capacity {
            let items = |capacity: u64| if capacity == 0 { "any number of".to_owned() } else { capacity.to_string() };
            let message =
                format!("queue {name:?} holds {} items, and one that holds {} was asked for", items(queue.capacity()), items(capacity));
            let help = "everybody who uses a queue makes it with the same capacity";
            out.fail(asker, Error::new(ErrorKind::BadValue, message).with_help(help));
            return None;
        }
        Some(queue)
    }

    fn leave(&mut self, place: &Place, asker: Asker, out: &mut Outcome) {
        let leaves = |other: &Asker| *other == asker;
        match place {
            Place::Variable(name) => self.variables.get_mut(name).into_iter().for_each(|variable| variable.leave(leaves)),
            Place::Queue(name) => self.queues.get_mut(name).into_iter().for_each(|queue| queue.leave(leaves)),
            Place::Flag(name) => self.flags.get_mut(name).into_iter().for_each(|flag| flag.leave(leaves)),
            Place::Gate(name) => self.gates.get_mut(name).into_iter().for_each(|gate| gate.leave(leaves, out)),
        }
    }

    /// Forgets what stands at a place, if there is nothing to remember.
    fn tidy(&mut self, place: &Place) {
        match place {
            Place::Variable(name) => {
                if self.variables.get(name).is_some_and(Variable::is_idle) {
                    self.variables.remove(name);
                }
            }
            Place::Queue(name) => {
                if self.queues.get(name).is_some_and(Queue::is_idle) {
                    self.queues.remove(name);
                }
            }
            Place::Flag(name) => {
                if self.flags.get(name).is_some_and(Flag::is_idle) {
                    self.flags.remove(name);
                }
            }
            Place::Gate(name) => {
                if self.gates.get(name).is_some_and(Gate::is_idle) {
                    self.gates.remove(name);
                }
            }
        }
    }

    /// Recomputes what must hold. For tests and for hunting bugs.
    ///
    /// # Errors
    /// The first invariant that does not hold, in words.
    pub fn sanity_check(&self) -> Result<(), String> {
        let mut waiting: BTreeMap<Asker, Place> = BTreeMap::new();
        for (name, variable) in &self.variables {
            checked(&format!("variable {name:?}"), variable.check(), variable.is_idle())?;
            waiting.extend(variable.waiting().map(|asker| (asker, Place::Variable(name.clone()))));
        }
        for (name, queue) in &self.queues {
            checked(&format!("queue {name:?}"), queue.check(), queue.is_idle())?;
            waiting.extend(queue.waiting().map(|asker| (asker, Place::Queue(name.clone()))));
        }
        for (name, flag) in &self.flags {
            checked(&format!("event {name:?}"), flag.check(), flag.is_idle())?;
            waiting.extend(flag.waiting().map(|asker| (asker, Place::Flag(name.clone()))));
        }
        for (name, gate) in &self.gates {
            checked(&name.to_string(), gate.check(), gate.is_idle())?;
            waiting.extend(gate.waiting().map(|asker| (asker, Place::Gate(name.clone()))));
        }
        match waiting == self.waiting {
            true => Ok(()),
            false => Err(format!("those who wait are {waiting:?}, and {:?} are remembered", self.waiting)),
        }
    }
}

fn checked(name: &str, check: Result<(), String>, idle: bool) -> Result<(), String> {
    check.map_err(|problem| format!("{name}: {problem}"))?;
    if idle { Err(format!("{name} is idle and still remembered")) } else { Ok(()) }
}

/// Whether an answer may take its time.
fn waits(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Get { .. }
            | Ask::Put { .. }
            | Ask::Take { .. }
            | Ask::Await { .. }
            | Ask::Acquire { .. }
            | Ask::Publish { .. }
            | Ask::Find { .. }
    )
}
