//! A world around the scheduler: pretended workers with stores, and a client that remembers what it was told.
//!
//! A pretended worker keeps what it published and checks, when it runs a slice, that every input is where the scheduler
//! said it would be. A result is a number computed from the task's place and its inputs, so that a wrong input shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use stratal_core::{
    Attempt, ClientId, Error, ErrorKind, Index, LayerId, ResultId, Retry, RunId, WorkerId,
    graph::{EdgeMap, Outline, Ranges},
    sched::{
        Entry, Event, Located, Locations, Log, Message, Outbox, RowsRead, RunOptions, Sched, Slice, TaskStats, ToClient, ToWorker,
        WorkerInfo,
    },
};

pub(super) const CLIENT: ClientId = ClientId(7);
/// A second client, which holds what the first submitted.
pub(super) const OTHER: ClientId = ClientId(8);

/// A pretended worker.
#[derive(Default)]
pub(super) struct Pretended {
    pub(super) queue: Vec<(Slice, Vec<Vec<Located>>)>,
    /// What it gives back no more.
    pub(super) begun: BTreeSet<Slice>,
    /// What it was asked for and did not give back.
    kept: BTreeSet<Slice>,
    sources: BTreeMap<(RunId, LayerId), Arc<[Located]>>,
    pub(super) store: BTreeMap<ResultId, (Attempt, u64)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    Ready(Located),
    Failed(ErrorKind),
}

#[derive(Default)]
pub(super) struct World {
    pub(super) sched: Sched,
    pub(super) workers: BTreeMap<WorkerId, Pretended>,
    pub(super) told: BTreeMap<(RunId, LayerId, Index), Told>,
    /// What the second client was told, and what it holds.
    pub(super) told_other: BTreeMap<(RunId, LayerId, Index), Told>,
    pub(super) held_by_other: BTreeSet<(RunId, LayerId, Index)>,
    pub(super) finished: BTreeMap<RunId, Option<ErrorKind>>,
    pub(super) dropped: BTreeSet<RunId>,
    pub(super) log: Log,
    pub(super) said: Outbox,
    pub(super) outlines: BTreeMap<RunId, Arc<Outline>>,
    /// Every slice that was started.
    pub(super) ran: Vec<(WorkerId, Slice)>,
    next_worker: u32,
    pub(super) events: u64,
}

impl World {
    pub(super) fn with_workers(workers: u32, slots: u32) -> Self {
        let mut world = World::default();
        (0..workers).for_each(|_| {
            world.join(slots);
        });
        world
    }

    pub(super) fn join(&mut self, slots: u32) -> WorkerId {
        self.join_with(slots, 0)
    }

    /// A worker with so many thousandths of a GPU.
    pub(super) fn join_with(&mut self, slots: u32, gpu: u64) -> WorkerId {
        self.join_knowing(slots, gpu, None)
    }

    /// A worker that has these functions and no others.
    pub(super) fn join_knowing(&mut self, slots: u32, gpu: u64, functions: Option<BTreeMap<String, u64>>) -> WorkerId {
        self.join_offering(slots, gpu, functions, BTreeMap::new())
    }

    /// A worker that has these services.
    pub(super) fn join_serving(&mut self, slots: u32, services: &[(&str, &str)]) -> WorkerId {
        let services = services.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned()));
        self.join_offering(slots, 0, None, services.collect())
    }

    fn join_offering(
        &mut self,
        slots: u32,
        gpu: u64,
        functions: Option<BTreeMap<String, u64>>,
        services: BTreeMap<String, String>,
    ) -> WorkerId {
        let worker = WorkerId(self.next_worker);
        self.next_worker += 1;
        self.workers.insert(worker, Pretended::default());
        let resources = (gpu > 0).then(|| ("gpu".to_owned(), gpu)).into_iter().collect();
        let info = WorkerInfo { name: worker.to_string(), address: String::new(), slots, memory: 0, resources, functions, services };
        self.tell(Event::WorkerUp { worker, info });
        worker
    }

    /// Hands an event to the scheduler, checks its invariants, and does what it says.
    pub(super) fn tell(&mut self, event: Event) {
        self.events += 1;
        self.log.push(&Entry::Event(event.clone())).unwrap();
        let mut out = Outbox::new();
        self.sched.handle(event.clone(), &mut out);
        self.sched.sanity_check().unwrap_or_else(|problem| panic!("after {event:?}: {problem}"));
        self.log.push(&Entry::Schedule).unwrap();
        self.sched.schedule(&mut out);
        self.sched.sanity_check().unwrap_or_else(|problem| panic!("scheduling after {event:?}: {problem}"));
        assert!(!self.sched.forgotten_work(), "work and room are left after {event:?}");
        self.said.extend(out.iter().cloned());
        for message in out {
            self.take(message);
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Worker(id, message) => {
                let Some(worker) = self.workers.get_mut(&id) else { panic!("a message for {id}, which is gone: {message:?}") };
                match message {
                    ToWorker::Sources { run, layer, located } => {
                        worker.sources.insert((run, layer), located);
                    }
                    ToWorker::Run { slice, inputs, .. } => {
                        let spec = &self.outlines[&slice.run].layers[slice.layer.0 as usize];
                        assert_eq!(inputs.len(), spec.inputs.len());
                        let told = |from| worker.sources[&(slice.run, from)].to_vec();
                        let inputs = inputs.into_iter().zip(&spec.inputs).map(|(locations, input)| match locations {
                            Locations::Here(located) => located,
                            Locations::Told => told(input.from),
                        });
                        let inputs = inputs.collect();
                        self.ran.push((id, slice));
                        worker.queue.push((slice, inputs));
                    }
                    ToWorker::Release { run, layer, attempt, tasks } => {
                        for index in tasks.iter() {
                            let result = ResultId { run, layer, index };
                            if worker.store.get(&result).is_some_and(|(kept, _)| *kept <= attempt) {
                                worker.store.remove(&result);
                            }
                        }
                    }
                    ToWorker::Retract { slices } => {
                        let has = |slice: &Slice| slices.contains(slice) && !worker.begun.contains(slice);
                        let given: Vec<Slice> = worker.queue.iter().map(|(slice, _)| *slice).filter(has).collect();
                        worker.queue.retain(|(slice, _)| !given.contains(slice));
                        for slice in slices.into_iter().filter(|slice| !given.contains(slice)) {
                            assert!(worker.kept.insert(slice), "{slice:?} was asked for twice in vain");
                        }
                        self.tell(Event::Retracted { worker: id, slices: given });
                    }
                    // A pretended worker does not look; its late answers must do no harm.
                    ToWorker::Cancel { .. } => {}
                    ToWorker::Forget { run } => {
                        worker.store.retain(|result, _| result.run != run);
                        worker.sources.retain(|(of, _), _| *of != run);
                        assert!(worker.queue.iter().all(|(slice, _)| slice.run != run), "{run} is forgotten with slices outstanding");
                    }
                }
            }
            Message::Client(client, message) => self.hear(client, message),
            Message::RunDropped(run) => {
                self.dropped.insert(run);
            }
        }
    }

    fn hear(&mut self, client: ClientId, message: ToClient) {
        let told = if client == CLIENT { &mut self.told } else { &mut self.told_other };
        match message {
            ToClient::Ready { run, layer, located } => {
                for place in located {
                    for step in 0..place.len {
                        let one = Located {
                            start: place.start + step,
                            len: 1,
                            result: ResultId { index: place.result.index + step, ..place.result },
                            ..place
                        };
                        told.insert((run, layer, one.start), Told::Ready(one));
                    }
                }
            }
            ToClient::Lost { run, layer, tasks } => tasks.iter().for_each(|index| {
                told.remove(&(run, layer, index));
            }),
            ToClient::Failed { run, layer, tasks, error } => tasks.iter().for_each(|index| {
                told.insert((run, layer, index), Told::Failed(error.kind()));
            }),
            ToClient::Finished { run, error } => {
                assert_eq!(client, CLIENT, "the end of {run} is told to who submitted it");
                assert!(!self.finished.contains_key(&run), "{run} ended twice");
                self.finished.insert(run, error.map(|error| error.kind()));
            }
            ToClient::Progress { .. } => {}
        }
    }

    pub(super) fn submit(&mut self, run: u64, outline: Outline, options: RunOptions) {
        outline.validate().unwrap();
        let (run, outline) = (RunId(run), Arc::new(outline));
        self.outlines.insert(run, outline.clone());
        self.tell(Event::Submit { client: CLIENT, run, outline, options });
    }

    /// The second client takes a hold on each output of a run that is remembered.
    pub(super) fn hold_as_other(&mut self, run: RunId) {
        let Some(outline) = self.outlines.get(&run).filter(|_| !self.dropped.contains(&run)).cloned() else { return };
        for output in &outline.outputs {
            self.held_by_other.extend(output.tasks.iter().map(|index| (run, output.layer, index)));
            self.tell(Event::Hold { client: OTHER, run, layer: output.layer, tasks: output.tasks.clone() });
        }
    }

    /// The second client is gone, and what it held with it.
    pub(super) fn other_goes(&mut self) {
        self.tell(Event::ClientGone { client: OTHER });
        self.held_by_other.clear();
        self.told_other.clear();
    }

    /// The client wants the outputs of a run after all that it has no result of.
    pub(super) fn retry(&mut self, run: RunId) {
        let Some(outline) = self.outlines.get(&run).filter(|_| !self.dropped.contains(&run)).cloned() else { return };
        for output in &outline.outputs {
            let ready = |index: &Index| matches!(self.told.get(&(run, output.layer, *index)), Some(Told::Ready(_)));
            let tasks = Ranges::from_indexes(output.tasks.iter().filter(|index| !ready(index)).collect::<Vec<_>>());
            for index in tasks.iter() {
                self.told.remove(&(run, output.layer, index));
            }
            // It is told once more how the run ends.
            self.finished.remove(&run);
            self.tell(Event::Retry { client: CLIENT, run, layer: output.layer, tasks });
        }
    }

    /// A worker takes a copy of a result that is where a client was told.
    pub(super) fn copy(&mut self, place: Located, to: WorkerId) {
        let (result, attempt) = (place.result, place.attempt);
        let there = self.workers.get(&place.worker).and_then(|holder| holder.store.get(&result));
        let Some(value) = there.filter(|(kept, _)| *kept == attempt).map(|(_, value)| *value) else { return };
        if to != place.worker {
            let store = &mut self.workers.get_mut(&to).unwrap().store;
            if store.get(&result).is_none_or(|(kept, _)| *kept <= attempt) {
                store.insert(result, (attempt, value));
            }
            self.tell(Event::Copied { worker: to, result, attempt });
        }
    }

    /// The number that a task's result must be, from the graph alone.
    pub(super) fn expected(&self, run: RunId, layer: LayerId, index: Index, known: &mut BTreeMap<ResultId, u64>) -> u64 {
        let id = ResultId { run, layer, index };
        if let Some(value) = known.get(&id) {
            return *value;
        }
        let spec = &self.outlines[&run].layers[layer.0 as usize];
        let value = match &spec.held {
            Some(held) => {
                let mut before = 0;
                let range = held.iter().find(|range| {
                    before += range.len;
                    index < before
                });
                let range = range.unwrap();
                self.expected(range.run, range.layer, range.start + (index - (before - range.len)), known)
            }
            None => {
                let mut value = seed(spec.token.map(|token| token.0 as u64), id);
                for input in &spec.inputs {
                    for source in input.map.sources(index, input.sources) {
                        value = mix(value, self.expected(run, input.from, source, known), channel(&input.map, index));
                    }
                }
                value
            }
        };
        known.insert(id, value);
        value
    }

    /// A worker runs the slice at a place of its queue, as far as `until` tasks, and answers.
    pub(super) fn work(&mut self, id: WorkerId, at: usize, until: Option<u32>, error: Option<Error>) {
        let (slice, inputs) = self.workers.get_mut(&id).unwrap().queue.remove(at);
        let spec = self.outlines[&slice.run].layers[slice.layer.0 as usize].clone();
        let tasks: Vec<Index> = (slice.start..slice.start + slice.len).filter(|index| spec.selected.contains(*index)).collect();
        let mut left = Vec::new();
        let mut done = Vec::new();
        for (nth, index) in tasks.iter().enumerate() {
            if until.is_some_and(|until| nth as u32 >= until) {
                break;
            }
            let result = ResultId { run: slice.run, layer: slice.layer, index: *index };
            let mut value = seed(spec.token.map(|token| token.0 as u64), result);
            for (input, located) in spec.inputs.iter().zip(&inputs) {
                for source in input.map.sources(*index, input.sources) {
                    let place = located.iter().find(|place| place.start <= source && source - place.start < place.len);
                    let place = place.unwrap_or_else(|| panic!("{slice:?} was not told where {source} of {} is", input.from));
                    let wanted = ResultId { index: place.result.index + (source - place.start), ..place.result };
                    let holder = self.workers.get(&place.worker).and_then(|holder| holder.store.get(&wanted));
                    match holder.filter(|(attempt, _)| *attempt == place.attempt) {
                        Some((_, read)) => value = mix(value, *read, channel(&input.map, *index)),
                        None => {
                            self.publish(id, slice.attempt, &left);
                            let (attempt, holder) = (place.attempt, place.worker);
                            return self.tell(Event::FetchFailed { worker: id, slice, done, result: wanted, attempt, holder });
                        }
                    }
                }
            }
            left.push((result, value));
            done.push(TaskStats { bytes: 100, rows: 1 });
        }
        self.publish(id, slice.attempt, &left);
        match error {
            Some(error) => self.tell(Event::Failed { worker: id, slice, done, error }),
            None => {
                let read = spec.inputs.iter().map(|_| RowsRead::Some).collect();
                self.tell(Event::Done { worker: id, slice, stats: done, read, busy_us: 10 });
            }
        }
    }

    fn publish(&mut self, id: WorkerId, attempt: Attempt, left: &[(ResultId, u64)]) {
        let store = &mut self.workers.get_mut(&id).unwrap().store;
        store.extend(left.iter().map(|(result, value)| (*result, (attempt, *value))));
    }

    pub(super) fn kill(&mut self, id: WorkerId) {
        self.workers.remove(&id);
        self.tell(Event::WorkerGone { worker: id, reason: "killed by the test".into() });
    }

    /// Works until nobody has anything left to do.
    pub(super) fn settle(&mut self) {
        while let Some(id) = self.workers.iter().find(|(_, worker)| !worker.queue.is_empty()).map(|(id, _)| *id) {
            self.work(id, 0, None, None);
        }
    }

    /// Every result that a client was told of is there, and is what it must be.
    pub(super) fn check_results(&self) {
        let mut known = BTreeMap::new();
        for ((run, layer, index), told) in self.told.iter().chain(&self.told_other) {
            let Told::Ready(place) = told else { continue };
            if self.dropped.contains(run) {
                continue;
            }
            let kept = self.workers.get(&place.worker).and_then(|worker| worker.store.get(&place.result));
            let Some((attempt, value)) = kept else { panic!("{run}/{layer}/{index} is not at {place:?}") };
            assert_eq!(*attempt, place.attempt);
            assert_eq!(*value, self.expected(*run, *layer, *index, &mut known), "{run}/{layer}/{index} has a wrong value");
        }
    }
}

pub(super) fn failure(retry: Retry) -> Error {
    Error::new(ErrorKind::Task, "failed by the test").with_retry(retry)
}

fn channel(map: &EdgeMap, index: Index) -> u64 {
    if *map == EdgeMap::Channel { index as u64 + 1 } else { 0 }
}

/// A layer with a token computes the same in every run; one without, something of its own.
fn seed(token: Option<u64>, id: ResultId) -> u64 {
    let place = token.unwrap_or(id.run.0.wrapping_mul(0x9e37_79b9).wrapping_add(id.layer.0 as u64 + 1));
    mix(place, id.index as u64, 1)
}

fn mix(a: u64, b: u64, c: u64) -> u64 {
    (a ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(c)).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(31)
}
