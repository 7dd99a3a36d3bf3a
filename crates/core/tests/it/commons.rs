//! The state machine behind variables, queues, events, locks and semaphores, against a model that knows one list of those
//! who wait and goes through it from the start until nobody can go on.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use stratal_core::{
    ClientId, ErrorKind, LayerId, RunId,
    coordination::{Answer, Ask, Asker, Commons, GateName, KEEPER, Kept, Outcome, Publication, Said},
    graph::{HeldRange, Ranges},
    sched::Event,
};

const CAPACITY: u64 = 2;
const PERMITS: u32 = 3;
const NAMES: [&str; 2] = ["a", "b"];

fn gate(name: &str) -> GateName {
    GateName::Semaphore(name.to_owned())
}

/// The same, as simply as can be.
#[derive(Default)]
struct Model {
    variables: BTreeMap<String, Vec<u8>>,
    queues: BTreeMap<String, Vec<Vec<u8>>>,
    flags: BTreeSet<String>,
    holders: Vec<(Asker, String, u32)>,
    waiting: Vec<(Asker, Ask)>,
    answers: Vec<(Asker, Answer)>,
}

impl Model {
    fn free(&self, name: &str) -> u32 {
        PERMITS - self.holders.iter().filter(|(_, gate, _)| gate == name).map(|(.., permits)| permits).sum::<u32>()
    }

    /// What somebody gets who waits at this place of the list, if it can be given.
    fn serve(&mut self, at: usize) -> Option<Answer> {
        let (asker, ask) = self.waiting[at].clone();
        let same = |other: &Ask| match (other, &ask) {
            (Ask::Put { queue: other, .. }, Ask::Put { queue, .. }) => other == queue,
            (Ask::Acquire { gate: other, .. }, Ask::Acquire { gate, .. }) => other == gate,
            _ => false,
        };
        let is_first = !self.waiting[..at].iter().any(|(_, other)| same(other));
        match &ask {
            Ask::Get { variable } => self.variables.get(variable).map(|value| Answer::Value(value.clone().into())),
            Ask::Await { event } => self.flags.contains(event).then_some(Answer::Done),
            Ask::Put { queue, value, .. } => {
                let items = self.queues.entry(queue.clone()).or_default();
                (is_first && (items.len() as u64) < CAPACITY).then(|| {
                    items.push(value.to_vec());
                    Answer::Done
                })
            }
            Ask::Take { queue, .. } => {
                let items = self.queues.entry(queue.clone()).or_default();
                (!items.is_empty()).then(|| Answer::Item { queue: queue.clone(), capacity: CAPACITY, value: items.remove(0).into() })
            }
            Ask::Acquire { gate: GateName::Semaphore(name), permits, .. } => (is_first && *permits <= self.free(name)).then(|| {
                self.holders.push((asker, name.clone(), *permits));
                Answer::Granted { gate: gate(name), number: asker.1 }
            }),
            other => panic!("nobody waits for {other:?}"),
        }
    }

    fn progress(&mut self) {
        let mut at = 0;
        while at < self.waiting.len() {
            match self.serve(at) {
                Some(answer) => {
                    let (asker, _) = self.waiting.remove(at);
                    self.answers.push((asker, answer));
                    at = 0;
                }
                None => at += 1,
            }
        }
    }

    fn ask(&mut self, asker: Asker, ask: Ask) {
        let tries = matches!(ask, Ask::Take { wait: false, .. } | Ask::Acquire { wait: false, .. });
        let answer = match ask {
            Ask::Set { variable, value } => {
                self.variables.insert(variable, value.to_vec());
                Some(Answer::Done)
            }
            Ask::Delete { variable } => {
                self.variables.remove(&variable);
                Some(Answer::Done)
            }
            Ask::PutBack { queue, value, .. } => {
                self.queues.entry(queue).or_default().insert(0, value.to_vec());
                Some(Answer::Done)
            }
            Ask::Length { queue } => Some(Answer::Count(self.queues.get(&queue).map_or(0, |items| items.len() as u64))),
            Ask::Raise { event } => {
                self.flags.insert(event);
                Some(Answer::Done)
            }
            Ask::Lower { event } => {
                self.flags.remove(&event);
                Some(Answer::Done)
            }
            Ask::IsRaised { event } => Some(Answer::Is(self.flags.contains(&event))),
            Ask::Free { number, .. } => {
                self.holders.retain(|(holder, ..)| *holder != (asker.0, number));
                Some(Answer::Done)
            }
            waits => {
                self.waiting.push((asker, waits));
                None
            }
        };
        self.answers.extend(answer.filter(|_| asker.1 > 0).map(|answer| (asker, answer)));
        self.progress();
        if let Some(at) = self.waiting.iter().position(|(other, _)| tries && *other == asker) {
            self.waiting.remove(at);
            self.answers.push((asker, Answer::Nothing));
        }
    }

    fn withdraw(&mut self, asker: Asker) {
        if let Some(at) = self.waiting.iter().position(|(other, _)| *other == asker) {
            self.waiting.remove(at);
            self.answers.push((asker, Answer::Withdrawn));
            self.progress();
        }
    }

    fn gone(&mut self, client: ClientId) {
        self.waiting.retain(|(asker, _)| asker.0 != client);
        self.holders.retain(|(holder, ..)| holder.0 != client);
        self.progress();
    }
}

/// Both, which are told the same.
#[derive(Default)]
struct Play {
    commons: Commons,
    model: Model,
    number: u64,
}

impl Play {
    fn compare(&mut self, said: &str, out: Outcome) {
        self.commons.sanity_check().unwrap_or_else(|problem| panic!("after {said}: {problem}"));
        assert!(out.events.is_empty(), "nothing is published");
        let mut answers: Vec<(Asker, Answer)> = out.answers.into_iter().map(|(asker, answer)| (asker, answer.unwrap())).collect();
        let mut expected = std::mem::take(&mut self.model.answers);
        answers.sort_by_key(|(asker, _)| *asker);
        expected.sort_by_key(|(asker, _)| *asker);
        assert_eq!(answers, expected, "after {said}");
    }

    fn ask(&mut self, client: ClientId, ask: Ask, is_answered: bool) {
        self.number += 1;
        let number = if is_answered { self.number } else { 0 };
        let (mut out, said) = (Outcome::default(), format!("{client} asks {ask:?}"));
        self.commons.handle(client, Said::Ask(number, ask.clone()), &mut out);
        self.model.ask((client, number), ask);
        self.compare(&said, out);
    }

    fn make(&mut self, (what, who, which): (u8, u8, u8)) {
        let client = ClientId(u32::from(who % 3) + 1);
        let name = || NAMES[usize::from(which) % 2].to_owned();
        let value = || bytes::Bytes::from(vec![what, who, which]);
        let permits = 1 + u32::from(which / 2) % PERMITS;
        match what % 20 {
            0 => self.ask(client, Ask::Set { variable: name(), value: value() }, which % 3 > 0),
            1 => self.ask(client, Ask::Get { variable: name() }, true),
            2 => self.ask(client, Ask::Delete { variable: name() }, true),
            3 | 4 => self.ask(client, Ask::Put { queue: name(), capacity: CAPACITY, value: value() }, true),
            5 | 6 => self.ask(client, Ask::Take { queue: name(), capacity: CAPACITY, wait: true }, true),
            7 => self.ask(client, Ask::Take { queue: name(), capacity: CAPACITY, wait: false }, true),
            8 => self.ask(client, Ask::PutBack { queue: name(), capacity: CAPACITY, value: value() }, false),
            9 => self.ask(client, Ask::Raise { event: name() }, true),
            10 => self.ask(client, Ask::Lower { event: name() }, true),
            11 => self.ask(client, Ask::Await { event: name() }, true),
            12 | 13 => self.ask(client, Ask::Acquire { gate: gate(&name()), of: PERMITS, permits, wait: true }, true),
            14 => self.ask(client, Ask::Acquire { gate: gate(&name()), of: PERMITS, permits, wait: false }, true),
            15 => {
                let held = self.model.holders.iter().find(|(holder, ..)| holder.0 == client).cloned();
                let (number, name) = held.map_or((u64::MAX, name()), |(holder, name, _)| (holder.1, name));
                self.ask(client, Ask::Free { gate: gate(&name), number }, which % 3 > 0);
            }
            16 => {
                let waits = self.model.waiting.iter().map(|(asker, _)| *asker).rfind(|asker| asker.0 == client);
                let (client, number) = waits.unwrap_or((client, u64::MAX));
                let mut out = Outcome::default();
                self.commons.handle(client, Said::Withdraw(number), &mut out);
                self.model.withdraw((client, number));
                self.compare("a wait is withdrawn", out);
            }
            17 => self.go(client),
            18 => self.ask(client, Ask::Length { queue: name() }, true),
            _ => self.ask(client, Ask::IsRaised { event: name() }, true),
        }
    }

    fn go(&mut self, client: ClientId) {
        let mut out = Outcome::default();
        self.commons.client_gone(client, &mut out);
        self.model.gone(client);
        self.compare("a client is gone", out);
    }
}

proptest! {
    #[test]
    fn everybody_is_answered_as_a_model_says_that_goes_through_one_list(moves in prop::collection::vec(any::<(u8, u8, u8)>(), 1..150)) {
        let mut play = Play::default();
        moves.into_iter().for_each(|next| play.make(next));
        (1..=3).for_each(|client| play.go(ClientId(client)));
        let last = ClientId(4);
        for name in NAMES {
            play.ask(last, Ask::Delete { variable: name.to_owned() }, true);
            play.ask(last, Ask::Lower { event: name.to_owned() }, true);
            while play.model.queues.get(name).is_some_and(|items| !items.is_empty()) {
                play.ask(last, Ask::Take { queue: name.to_owned(), capacity: CAPACITY, wait: false }, true);
            }
        }
        prop_assert!(play.commons.is_idle(), "what nobody uses is forgotten: {:?}", play.commons);
    }
}

/// The one answer to something that is asked.
fn answered(commons: &mut Commons, client: u32, ask: Ask) -> (stratal_core::Result<Answer>, Vec<Event>) {
    let mut out = Outcome::default();
    commons.handle(ClientId(client), Said::Ask(1, ask), &mut out);
    commons.sanity_check().unwrap();
    assert_eq!(out.answers.len(), 1, "{:?}", out.answers);
    (out.answers.remove(0).1, out.events)
}

fn refused(commons: &mut Commons, ask: Ask) -> stratal_core::Error {
    let (answer, events) = answered(commons, 1, ask);
    assert!(events.is_empty());
    answer.unwrap_err()
}

#[test]
fn sizes_that_do_not_agree_are_refused_and_change_nothing() {
    let mut commons = Commons::default();
    let put = |capacity: u64| Ask::Put { queue: "q".to_owned(), capacity, value: "x".into() };
    let acquire = |of: u32, permits: u32| Ask::Acquire { gate: gate("s"), of, permits, wait: true };
    assert_eq!(refused(&mut commons, acquire(2, 3)).kind(), ErrorKind::BadValue);
    assert_eq!(refused(&mut commons, acquire(2, 0)).kind(), ErrorKind::BadValue);
    assert!(commons.is_idle());
    assert_eq!(answered(&mut commons, 1, put(2)).0.unwrap(), Answer::Done);
    let error = refused(&mut commons, put(0));
    assert_eq!(error.message(), "queue \"q\" holds 2 items, and one that holds any number of was asked for");
    assert!(matches!(answered(&mut commons, 1, acquire(2, 1)).0.unwrap(), Answer::Granted { number: 1, .. }));
    let error = refused(&mut commons, acquire(3, 1));
    assert_eq!(error.message(), "semaphore \"s\" has 2 permits, and 3 were asked for");
}

#[test]
fn what_is_published_is_held_for_everybody_and_for_whoever_finds_it() {
    let mut commons = Commons::default();
    let range = |start: u32, len: u32| HeldRange { run: RunId(7), layer: LayerId(1), start, len };
    let kept = |name: &str, ranges: Vec<HeldRange>| Kept { name: name.to_owned(), ranges };
    let results = vec![kept("x", vec![range(0, 2), range(4, 1)]), kept("y", vec![range(1, 2)])];
    let publication = Publication { kind: "pair".to_owned(), header: vec![1], results };
    let publish = |name: &str| Ask::Publish { name: name.to_owned(), publication: publication.clone() };
    let tasks = Ranges::union_of(vec![0..3, 4..5]);
    let held = |client: ClientId| Event::Hold { client, run: RunId(7), layer: LayerId(1), tasks: tasks.clone() };

    let (answer, events) = answered(&mut commons, 1, publish("pair"));
    assert_eq!((answer.unwrap(), format!("{events:?}")), (Answer::Done, format!("{:?}", [held(KEEPER)])));
    assert_eq!(refused(&mut commons, publish("pair")).kind(), ErrorKind::Exists);
    let mut out = Outcome::default();
    commons.client_gone(ClientId(1), &mut out);
    assert!(out.events.is_empty() && out.answers.is_empty(), "it stays");

    let (answer, events) = answered(&mut commons, 2, Ask::Find { name: "pair".to_owned() });
    assert_eq!((answer.unwrap(), format!("{events:?}")), (Answer::Found(publication.clone()), format!("{:?}", [held(ClientId(2))])));
    let error = refused(&mut commons, Ask::Find { name: "pear".to_owned() });
    assert_eq!((error.kind(), error.help()), (ErrorKind::NotFound, Some("did you mean \"pair\"?")));
    assert_eq!(answered(&mut commons, 3, Ask::Names).0.unwrap(), Answer::Names(vec!["pair".to_owned()]));

    let (answer, events) = answered(&mut commons, 3, Ask::Unpublish { name: "pair".to_owned() });
    assert!(matches!((answer.unwrap(), &events[..]), (Answer::Done, [Event::Release { client: KEEPER, .. }])));
    assert_eq!(refused(&mut commons, Ask::Unpublish { name: "pair".to_owned() }).kind(), ErrorKind::NotFound);
}
