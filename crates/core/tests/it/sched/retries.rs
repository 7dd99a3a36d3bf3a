//! Chosen situations of failed and cancelled work that is wanted after all.

use super::{
    graphs::{graph, reads, starts},
    world::{CLIENT, Told, World, failure},
};
use std::{collections::BTreeMap, sync::Arc};
use stratal_core::{
    ErrorKind, LayerId, Retry, RunId, WorkerId,
    graph::{EdgeMap, HeldRange, LayerSpec, Outline, Output, Ranges, Repeat, Slicing},
    sched::{Event, Message, RunOptions, ToClient},
};

/// The first slice in a worker's queue fails for good.
fn fails(world: &mut World, id: WorkerId) {
    world.work(id, 0, Some(0), Some(failure(Retry::Never)));
}

fn told(world: &World, run: u64, layer: u32, index: u32) -> Option<&Told> {
    world.told.get(&(RunId(run), LayerId(layer), index))
}

/// A layer of one task that stands for the first result of a run.
fn future(run: u64, layer: u32) -> LayerSpec {
    let mut spec = LayerSpec::new("future", 1);
    spec.held = Some([HeldRange { run: RunId(run), layer: LayerId(layer), start: 0, len: 1 }].into());
    spec
}

#[test]
fn what_failed_runs_again_and_what_it_reads_with_it_and_what_is_fine_does_not() {
    let mut world = World::with_workers(1, 1);
    let outline = graph(vec![LayerSpec::new("x", 2), reads(LayerSpec::new("y", 2), 0, 2, EdgeMap::OneToOne)]);
    world.submit(1, outline, RunOptions::default());
    fails(&mut world, WorkerId(0));
    world.settle();
    assert_eq!(world.finished[&RunId(1)], Some(ErrorKind::Task));
    assert_eq!(told(&world, 1, 1, 0), Some(&Told::Failed(ErrorKind::Task)));
    world.retry(RunId(1));
    world.settle();
    world.check_results();
    assert_eq!(world.finished[&RunId(1)], None, "it is told how the run ends once more");
    assert!(matches!(told(&world, 1, 1, 0), Some(Told::Ready(_))));
    assert_eq!(starts(&world, 1, 0), BTreeMap::from([(0, 2), (1, 1)]));
    assert_eq!(starts(&world, 1, 1), BTreeMap::from([(0, 1), (1, 1)]));
}

#[test]
fn a_retry_counts_its_own_failures_and_may_fail_again() {
    let mut world = World::with_workers(1, 1);
    let options = RunOptions { retries: Some(1), ..RunOptions::default() };
    world.submit(1, graph(vec![LayerSpec::new("flaky", 1)]), options);
    for round in 0..2u32 {
        for _ in 0..2 {
            world.work(WorkerId(0), 0, Some(0), Some(failure(Retry::Again)));
        }
        assert_eq!(told(&world, 1, 0, 0), Some(&Told::Failed(ErrorKind::Task)));
        assert_eq!(starts(&world, 1, 0)[&0], 2 * (round + 1));
        world.retry(RunId(1));
        assert_eq!(told(&world, 1, 0, 0), None, "it is being made");
    }
    world.settle();
    assert!(matches!(told(&world, 1, 0, 0), Some(Told::Ready(_))));
}

#[test]
fn what_failed_because_of_another_run_is_made_with_it_when_it_is_asked_for() {
    let mut world = World::with_workers(1, 1);
    world.submit(1, graph(vec![LayerSpec::new("x", 1)]), RunOptions::default());
    let reader = |run: u64| graph(vec![future(run, 0), reads(LayerSpec::new("y", 1), 0, 1, EdgeMap::OneToOne)]);
    world.submit(2, reader(1), RunOptions::default());
    world.submit(3, reader(1), RunOptions::default());
    fails(&mut world, WorkerId(0));
    assert_eq!(world.told.len(), 3);
    world.retry(RunId(2));
    world.settle();
    world.check_results();
    assert!(matches!(told(&world, 2, 1, 0), Some(Told::Ready(_))));
    assert!(matches!(told(&world, 1, 0, 0), Some(Told::Ready(_))), "whoever holds what it reads hears of it");
    assert_eq!(told(&world, 3, 1, 0), Some(&Told::Failed(ErrorKind::Task)), "nobody asked for this one");
    world.retry(RunId(3));
    world.settle();
    assert!(matches!(told(&world, 3, 1, 0), Some(Told::Ready(_))));
    assert_eq!(starts(&world, 1, 0)[&0], 2);
}

#[test]
fn what_was_cancelled_is_remembered_while_it_is_held_and_runs_when_it_is_retried() {
    let mut world = World::with_workers(1, 1);
    world.submit(1, graph(vec![LayerSpec::new("x", 3)]), RunOptions::default());
    world.work(WorkerId(0), 0, None, None);
    world.tell(Event::Cancel { run: RunId(1) });
    world.settle();
    assert_eq!(world.told.len(), 1, "who cancels is not told of it");
    assert_eq!((world.finished[&RunId(1)], world.sched.size().0), (Some(ErrorKind::Cancelled), 1));
    world.retry(RunId(1));
    world.settle();
    world.check_results();
    assert_eq!((world.told.len(), world.finished[&RunId(1)]), (3, None));
    world.tell(Event::Release { client: CLIENT, run: RunId(1), layer: LayerId(0), tasks: Ranges::full(3) });
    assert_eq!(world.sched.size(), (0, 0));
}

#[test]
fn an_output_that_another_output_reads_is_cancelled_and_retried_with_it() {
    let mut world = World::with_workers(1, 1);
    let layers = [LayerSpec::new("x", 1), reads(LayerSpec::new("y", 1), 0, 1, EdgeMap::OneToOne)];
    let output = |id: u32| Output { layer: LayerId(id), tasks: Ranges::full(1), key: "out".into() };
    let outline = Outline { layers: layers.into_iter().map(Arc::new).collect(), outputs: vec![output(0), output(1)] };
    world.submit(1, outline, RunOptions::default());
    world.tell(Event::Cancel { run: RunId(1) });
    world.settle();
    assert!(world.told.is_empty() && world.sched.size().0 == 1);
    world.retry(RunId(1));
    world.settle();
    assert!(matches!((told(&world, 1, 0, 0), told(&world, 1, 1, 0)), (Some(Told::Ready(_)), Some(Told::Ready(_)))));
}

#[test]
fn a_cancel_that_reaches_who_named_a_result_leaves_both_to_be_retried() {
    let mut world = World::with_workers(1, 1);
    world.submit(1, graph(vec![LayerSpec::new("x", 1)]), RunOptions::default());
    world.submit(2, graph(vec![future(1, 0), reads(LayerSpec::new("y", 1), 0, 1, EdgeMap::OneToOne)]), RunOptions::default());
    world.tell(Event::Cancel { run: RunId(1) });
    assert_eq!(told(&world, 2, 1, 0), Some(&Told::Failed(ErrorKind::Cancelled)));
    world.retry(RunId(1));
    world.settle();
    assert!(matches!(told(&world, 1, 0, 0), Some(Told::Ready(_))));
    world.retry(RunId(2));
    world.settle();
    assert!(matches!(told(&world, 2, 1, 0), Some(Told::Ready(_))));
}

#[test]
fn a_gang_of_which_a_part_failed_is_made_again_as_a_whole() {
    let mut world = World::with_workers(2, 2);
    let mut gang = LayerSpec::new("gang", 3);
    (gang.slicing, gang.repeat) = (Slicing::Whole, Repeat::Varies);
    world.submit(1, graph(vec![gang]), RunOptions::default());
    world.settle();
    let holder = *world.workers.iter().find(|(_, worker)| !worker.store.is_empty()).unwrap().0;
    let one = *world.workers[&holder].store.keys().next().unwrap();
    let (attempt, _) = world.workers.get_mut(&holder).unwrap().store.remove(&one).unwrap();
    world.tell(Event::ReadFailed { result: one, attempt, holder });
    assert_eq!(world.told.values().filter(|told| **told == Told::Failed(ErrorKind::WorkerLost)).count(), 1);
    world.retry(RunId(1));
    world.settle();
    world.check_results();
    assert_eq!(world.ran.iter().map(|(_, slice)| slice.len).collect::<Vec<_>>(), [3, 3]);
    assert!((0..3).all(|task| matches!(told(&world, 1, 0, task), Some(Told::Ready(_)))));
}

#[test]
fn a_retry_of_what_nobody_remembers_is_answered() {
    let mut world = World::with_workers(1, 1);
    world.tell(Event::Retry { client: CLIENT, run: RunId(9), layer: LayerId(0), tasks: Ranges::full(1) });
    let Some(Message::Client(CLIENT, ToClient::Failed { error, .. })) = world.said.last() else { panic!("it is answered") };
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

/// A layer whose tasks call a function.
fn calls(mut spec: LayerSpec, name: &str) -> LayerSpec {
    spec.needs.functions = vec![(name.to_owned(), 7)];
    spec
}

fn knows(name: &str, hash: u64) -> Option<BTreeMap<String, u64>> {
    Some(BTreeMap::from([(name.to_owned(), hash)]))
}

#[test]
fn a_function_that_no_worker_has_fails_the_run_and_may_be_retried_when_one_has_joined() {
    let mut world = World::default();
    for _ in 0..3 {
        world.join_knowing(1, 0, knows("own::cube", 7));
    }
    let outline = graph(vec![LayerSpec::new("x", 2), reads(calls(LayerSpec::new("square", 2), "own::square"), 0, 2, EdgeMap::OneToOne)]);
    world.submit(1, outline, RunOptions::default());
    assert_eq!(world.finished[&RunId(1)], Some(ErrorKind::Unregistered));
    let error = world.said.iter().find_map(|message| match message {
        Message::Client(_, ToClient::Failed { error, .. }) => Some(error.clone()),
        _ => None,
    });
    assert_eq!(error.unwrap().message(), "no worker has the function own::square (3 workers)");
    let able = world.join_knowing(1, 0, knows("own::square", 7));
    world.retry(RunId(1));
    world.settle();
    world.check_results();
    let ran: Vec<WorkerId> = world.ran.iter().filter(|(_, slice)| slice.layer == LayerId(1)).map(|(id, _)| *id).collect();
    assert!(!ran.is_empty() && ran.iter().all(|id| *id == able), "{ran:?}");
}

#[test]
fn a_function_of_another_signature_is_another_and_without_workers_a_run_waits_for_one() {
    let mut world = World::default();
    world.submit(1, graph(vec![calls(LayerSpec::new("square", 1), "own::square")]), RunOptions::default());
    assert!(world.finished.is_empty(), "it waits for the first worker");
    world.join_knowing(1, 0, knows("own::square", 8));
    world.settle();
    assert!(world.finished.is_empty() && world.sched.describe(RunId(1)).contains("the function own::square"));
    world.submit(2, graph(vec![calls(LayerSpec::new("square", 1), "own::square")]), RunOptions::default());
    assert_eq!(world.finished[&RunId(2)], Some(ErrorKind::Unregistered));
    world.join_knowing(1, 0, knows("own::square", 7));
    world.settle();
    assert_eq!(world.finished[&RunId(1)], None);
}

/// A layer whose tasks need a service.
fn served(mut spec: LayerSpec, version: &str) -> LayerSpec {
    spec.needs.services = vec![("pictures".to_owned(), version.to_owned())];
    spec
}

#[test]
fn what_needs_a_service_goes_only_to_workers_that_have_this_version_of_it() {
    let mut world = World::with_workers(2, 1);
    let older = world.join_serving(1, &[("pictures", "2.0")]);
    let able = world.join_serving(1, &[("pictures", "2.1"), ("sounds", "1.0")]);
    world.submit(1, graph(vec![served(LayerSpec::new("draw", 20), "2.1")]), RunOptions::default());
    world.submit(2, graph(vec![served(LayerSpec::new("draw", 2), "2.0")]), RunOptions::default());
    world.settle();
    world.check_results();
    assert_eq!(world.told.len(), 22);
    let of = |run: u64| world.ran.iter().filter(move |(_, slice)| slice.run == RunId(run)).map(|(id, _)| *id);
    assert!(of(1).all(|id| id == able) && of(2).all(|id| id == older));
}

#[test]
fn a_service_that_no_worker_has_fails_the_run_and_is_waited_for_when_it_has_gone() {
    let mut world = World::with_workers(1, 1);
    let older = world.join_serving(1, &[("pictures", "2.0")]);
    world.submit(1, graph(vec![served(LayerSpec::new("draw", 1), "2.1")]), RunOptions::default());
    assert_eq!(world.finished[&RunId(1)], Some(ErrorKind::Unregistered));
    let error = world.said.iter().find_map(|message| match message {
        Message::Client(_, ToClient::Failed { error, .. }) => Some(error.clone()),
        _ => None,
    });
    assert_eq!(error.unwrap().message(), "no worker serves pictures 2.1 (2 workers, 1 of them another version of it)");
    world.submit(2, graph(vec![served(LayerSpec::new("draw", 1), "2.0")]), RunOptions::default());
    world.kill(older);
    let says = world.sched.describe(RunId(2));
    assert!(says.contains("no worker has what it needs, the service pictures 2.0"), "{says}");
    world.join_serving(1, &[("pictures", "2.1")]);
    world.join_serving(1, &[("pictures", "2.0")]);
    world.retry(RunId(1));
    world.settle();
    world.check_results();
    assert_eq!((world.finished[&RunId(1)], world.finished[&RunId(2)]), (None, None));
}
