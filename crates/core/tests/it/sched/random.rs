//! Random graphs and random events, with every invariant checked after each, and every value at the end.

use super::world::{CLIENT, Told, World, failure};
use proptest::{prelude::*, test_runner::Config};
use std::sync::Arc;
use stratal_core::{
    ErrorKind, LayerId, Retry, RunId,
    graph::{EdgeMap, Emits, GridMap, HeldRange, Input, LayerSpec, Outline, Output, Ranges, Repeat, Slicing, Token},
    sched::{Event, Located, RunOptions, replay},
};

/// A stream of choices: what a test does next, given by proptest so that it can shrink them.
struct Choices<'a>(std::slice::Iter<'a, u16>);

impl Choices<'_> {
    fn below(&mut self, n: usize) -> Option<usize> {
        self.0.next().map(|choice| *choice as usize % n.max(1))
    }

    fn or_zero(&mut self, n: usize) -> usize {
        self.below(n).unwrap_or(0)
    }
}

/// A small random graph: every edge kind, layers that read themselves, results of earlier runs, tokens, gangs, culled layers,
/// work that cannot be repeated, priorities, resources, tasks of several slots.
fn outline(run: u64, choices: &mut Choices<'_>, world: &World) -> Outline {
    let mut layers: Vec<LayerSpec> = Vec::new();
    let held: Vec<(RunId, LayerId, u32)> =
        world.told.iter().filter(|(key, _)| !world.dropped.contains(&key.0)).map(|(key, _)| *key).collect();
    for id in 0..1 + choices.or_zero(4) {
        let tasks = 1 + choices.or_zero(6) as u32;
        let mut spec = LayerSpec::new(format!("l{id}"), tasks);
        if !held.is_empty() && choices.or_zero(5) == 0 {
            let ranges =
                (0..tasks).map(|_| held[choices.or_zero(held.len())]).map(|(run, layer, start)| HeldRange { run, layer, start, len: 1 });
            spec.held = Some(ranges.collect());
            layers.push(spec);
            continue;
        }
        for _ in 0..choices.or_zero(3).min(id) {
            let from = choices.or_zero(id);
            let sources = layers[from].tasks;
            let map = edge(choices, sources, tasks);
            if map == EdgeMap::Channel
                && (layers[from].held.is_some() || layers[from].emits == Emits::Value && layers.iter().any(|layer| reads(layer, from)))
            {
                continue;
            }
            if map == EdgeMap::Channel {
                layers[from].emits = Emits::Channels(8);
            } else if layers[from].emits != Emits::Value {
                continue;
            }
            spec.inputs.push(Input { from: LayerId(from as u32), sources, map });
        }
        if choices.or_zero(4) == 0 {
            let lists = (0..tasks).map(|i| if i > 0 && choices.or_zero(3) > 0 { vec![choices.or_zero(i as usize) as u32] } else { vec![] });
            let map = EdgeMap::explicit(lists.collect::<Vec<_>>());
            spec.inputs.push(Input { from: LayerId(id as u32), sources: tasks, map });
        }
        let reads_itself = spec.inputs.iter().any(|input| input.from.0 as usize == id);
        match choices.or_zero(8) {
            0 if !reads_itself => spec.slicing = Slicing::Whole,
            1 => spec.slicing = Slicing::AtMost(2),
            2 | 3 if spec.inputs.is_empty() => spec.token = Some(Token(1000 + choices.or_zero(2) as u128 * 10 + tasks as u128)),
            _ => {}
        }
        spec.repeat = [Repeat::Pure, Repeat::Pure, Repeat::Pure, Repeat::OrderVaries, Repeat::Varies, Repeat::Commit][choices.or_zero(6)];
        spec.needs.priority = choices.or_zero(3) as i32 - 1;
        spec.needs.slots = 1 + choices.or_zero(6).saturating_sub(3) as u32;
        if choices.or_zero(8) == 0 {
            spec.needs.resources.insert("gpu".to_owned(), 1000);
        }
        layers.push(spec);
    }
    let mut outputs = Vec::new();
    for (id, layer) in layers.iter().enumerate() {
        let last = id + 1 == layers.len();
        if layer.emits == Emits::Value && (last || choices.or_zero(3) == 0) {
            let wanted = (0..layer.tasks).filter(|_| choices.or_zero(3) > 0);
            let tasks = Ranges::from_indexes(wanted.collect::<Vec<_>>());
            outputs.push(Output { layer: LayerId(id as u32), tasks, key: format!("r{run}o{id}").into() });
        }
    }
    Outline { layers: layers.into_iter().map(Arc::new).collect(), outputs }
}

fn reads(layer: &LayerSpec, from: usize) -> bool {
    layer.inputs.iter().any(|input| input.from.0 as usize == from)
}

fn edge(choices: &mut Choices<'_>, sources: u32, tasks: u32) -> EdgeMap {
    let range = |choices: &mut Choices<'_>| {
        let (a, b) = (choices.or_zero(sources as usize + 1) as u32, choices.or_zero(sources as usize + 1) as u32);
        a.min(b)..a.max(b)
    };
    match choices.or_zero(7) {
        0 if tasks <= sources => EdgeMap::OneToOne,
        1 => EdgeMap::All,
        2 => EdgeMap::Channel,
        3 if sources.div_ceil(tasks) * tasks >= sources => EdgeMap::Tree { fan_in: sources.div_ceil(tasks) },
        4 => EdgeMap::Ranges((0..tasks).map(|_| range(choices)).collect()),
        5 => EdgeMap::Boxes(Arc::new(GridMap { source: vec![sources], axes: vec![(0..tasks).map(|_| range(choices)).collect()] })),
        _ => EdgeMap::explicit((0..tasks).map(|_| range(choices)).collect::<Vec<_>>()),
    }
}

/// One random step. Gives false when the choices are used up.
fn step(world: &mut World, choices: &mut Choices<'_>, runs: &mut u64) -> bool {
    let Some(choice) = choices.below(40) else { return false };
    let busy: Vec<_> =
        world.workers.iter().filter(|(_, worker)| !worker.queue.is_empty()).map(|(id, worker)| (*id, worker.queue.len())).collect();
    let pick = |choices: &mut Choices<'_>| {
        let (id, queued) = *busy.get(choices.or_zero(busy.len()))?;
        Some((id, choices.or_zero(queued)))
    };
    let some_run = |choices: &mut Choices<'_>| RunId(1 + choices.or_zero(*runs as usize) as u64);
    match choice {
        0..=4 => {
            *runs += 1;
            let outline = outline(*runs, choices, world);
            let options = RunOptions {
                fail_fast: choices.or_zero(4) == 0,
                window: (choices.or_zero(6) == 0).then_some(1),
                retries: Some(choices.or_zero(4) as u32),
                depth: choices.or_zero(6).saturating_sub(3) as u32,
                priority: choices.or_zero(3) as i32 - 1,
                ..RunOptions::default()
            };
            world.submit(*runs, outline, options);
        }
        5 if world.workers.len() < 5 => {
            let (slots, gpu) = (1 + choices.or_zero(3) as u32, choices.or_zero(3) as u64 * 1000);
            world.join_with(slots, gpu);
        }
        6 if world.workers.len() > 1 => {
            let id = *world.workers.keys().nth(choices.or_zero(world.workers.len())).unwrap();
            world.kill(id);
        }
        7 | 8 => {
            if let Some((id, at)) = pick(choices) {
                let retry = [Retry::Never, Retry::Again, Retry::Again, Retry::Elsewhere][choices.or_zero(4)];
                let until = choices.or_zero(3) as u32;
                let len = world.workers[&id].queue[at].0.len;
                let gang = world.outlines[&world.workers[&id].queue[at].0.run].layers[world.workers[&id].queue[at].0.layer.0 as usize]
                    .slicing
                    == Slicing::Whole;
                let until = if gang { 0 } else { until.min(len - 1) };
                world.work(id, at, Some(until), Some(failure(retry)));
            }
        }
        9 if *runs > 0 => {
            let run = some_run(choices);
            world.tell(Event::Cancel { run });
        }
        10 | 11 if *runs > 0 => release_all(world, some_run(choices)),
        12 => {
            // A result rots away on its worker.
            let id = *world.workers.keys().nth(choices.or_zero(world.workers.len())).unwrap();
            let store = &mut world.workers.get_mut(&id).unwrap().store;
            if let Some(result) = store.keys().nth(choices.or_zero(store.len())).copied() {
                let (attempt, _) = store.remove(&result).unwrap();
                if choices.or_zero(2) == 0 {
                    world.tell(Event::ReadFailed { result, attempt, holder: id });
                }
            }
        }
        13 if *runs > 0 => {
            let run = some_run(choices);
            world.tell(Event::Consumed { run, tasks: 1 });
        }
        14 => {
            let id = *world.workers.keys().nth(choices.or_zero(world.workers.len())).unwrap();
            let (lent, leased) = (choices.or_zero(3) as u32, choices.or_zero(6) as u32);
            world.tell(Event::Slots { worker: id, lent, leased });
        }
        15 | 16 if *runs > 0 => world.hold_as_other(some_run(choices)),
        17 => world.other_goes(),
        18 | 19 if *runs > 0 => world.retry(some_run(choices)),
        20 | 21 => {
            let ready = world.told.values().chain(world.told_other.values());
            let places: Vec<Located> = ready.filter_map(|told| if let Told::Ready(place) = told { Some(*place) } else { None }).collect();
            if !places.is_empty() {
                let to = *world.workers.keys().nth(choices.or_zero(world.workers.len())).unwrap();
                world.copy(places[choices.or_zero(places.len())], to);
            }
        }
        22..=24 => {
            if let Some((id, at)) = pick(choices) {
                let worker = world.workers.get_mut(&id).unwrap();
                worker.begun.insert(worker.queue[at].0);
            }
        }
        _ => {
            if let Some((id, at)) = pick(choices) {
                world.work(id, at, None, None);
            }
        }
    }
    true
}

/// Releases what the client holds of a run, once.
fn release_all(world: &mut World, run: RunId) {
    let Some(outline) = world.outlines.get(&run).cloned() else { return };
    for output in &outline.outputs {
        world.tell(Event::Release { client: CLIENT, run, layer: output.layer, tasks: output.tasks.clone() });
    }
    // What was released may be gone; what is heard of it later does not count.
    world.told.retain(|(of, ..), _| *of != run);
}

fn play(choices: &[u16]) -> World {
    let mut world = World::with_workers(2, 2);
    let mut choices = Choices(choices.iter());
    let mut runs = 0;
    while step(&mut world, &mut choices, &mut runs) {}
    // Now whatever waits for one of these can run.
    world.join_with(1, 1000);
    // Rotten results were taken away behind the scheduler's back: a client would ask for each and not find it.
    for _ in 0..10 {
        world.settle();
        let rotten: Vec<_> = world
            .told
            .values()
            .chain(world.told_other.values())
            .filter_map(|told| match told {
                Told::Ready(place) => Some(*place),
                Told::Failed(_) => None,
            })
            .filter(|place| {
                world
                    .workers
                    .get(&place.worker)
                    .is_none_or(|worker| worker.store.get(&place.result).is_none_or(|(attempt, _)| *attempt != place.attempt))
            })
            .collect();
        for place in rotten {
            world.tell(Event::ReadFailed { result: place.result, attempt: place.attempt, holder: place.worker });
        }
        (1..=runs).for_each(|run| world.tell(Event::Consumed { run: RunId(run), tasks: 100 }));
    }
    world.settle();
    world.check_results();
    for key in &world.held_by_other {
        assert!(world.told_other.contains_key(key), "the second client was told nothing of {key:?}");
    }
    world.other_goes();
    for run in 1..=runs {
        assert!(world.finished.contains_key(&RunId(run)), "run {run} never ended: {}", world.sched.describe(RunId(run)));
        release_all(&mut world, RunId(run));
        release_all(&mut world, RunId(run));
    }
    world.tell(Event::ClientGone { client: CLIENT });
    world.settle();
    assert_eq!(world.sched.size(), (0, 0), "something is remembered for nobody");
    let left: Vec<_> = world.workers.values().flat_map(|worker| worker.store.keys()).collect();
    assert!(left.is_empty(), "results are left for nobody: {left:?}");
    world
}

proptest! {
    // 1,500 plays of at most 240 choices are well over 10^5 events; every event is checked twice.
    #![proptest_config(Config { cases: Config::default().cases.max(1500), ..Config::default() })]

    #[test]
    fn whatever_happens_the_invariants_hold_and_the_values_are_right(choices in prop::collection::vec(any::<u16>(), 20..600)) {
        play(&choices);
    }
}

#[test]
fn a_replayed_log_says_the_same() {
    let mut random = 1u64;
    let choices: Vec<u16> = std::iter::repeat_with(|| {
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (random >> 40) as u16
    })
    .take(5_000)
    .collect();
    let world = play(&choices);
    let (sched, said) = replay(&world.log).unwrap();
    assert_eq!(format!("{said:?}"), format!("{:?}", world.said));
    assert_eq!(sched.counters(), world.sched.counters());
    assert!(world.events > 1_000, "{} events", world.events);
}

#[test]
fn an_error_that_ends_a_run_is_told_with_it() {
    let mut world = World::with_workers(1, 1);
    let spec = LayerSpec::new("only", 1);
    let output = Output { layer: LayerId(0), tasks: Ranges::full(1), key: "k".into() };
    world.submit(1, Outline { layers: vec![Arc::new(spec)], outputs: vec![output] }, RunOptions::default());
    let id = *world.workers.keys().next().unwrap();
    world.work(id, 0, Some(0), Some(failure(Retry::Never)));
    assert_eq!(world.finished[&RunId(1)], Some(ErrorKind::Task));
}
