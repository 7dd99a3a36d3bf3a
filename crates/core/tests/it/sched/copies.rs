//! Chosen situations of results that several workers have.

use super::{
    graphs::{graph, reads, singles, starts},
    world::{CLIENT, Told, World},
};
use stratal_core::{
    LayerId, RunId, WorkerId,
    graph::{EdgeMap, HeldRange, LayerSpec, Ranges},
    sched::{Event, Located, RunOptions},
};

/// A result of run 1, and where it is.
fn made(workers: u32) -> (World, Located) {
    let mut world = World::with_workers(workers, 1);
    world.submit(1, graph(vec![LayerSpec::new("table", 1)]), RunOptions::default());
    world.settle();
    let Told::Ready(place) = world.told[&(RunId(1), LayerId(0), 0)].clone() else { panic!("it is there") };
    (world, place)
}

/// A run of so many tasks that all read the result of run 1.
fn readers(world: &mut World, run: u64, tasks: u32) {
    let mut future = LayerSpec::new("future", 1);
    future.held = Some([HeldRange { run: RunId(1), layer: LayerId(0), start: 0, len: 1 }].into());
    let lists = EdgeMap::explicit((0..tasks).map(|_| [0]));
    world.submit(run, graph(vec![future, reads(singles("read", tasks), 0, 1, lists)]), RunOptions::default());
}

#[test]
fn each_worker_reads_its_own_copy_and_readers_are_at_home_nowhere() {
    let (mut world, place) = made(3);
    let others: Vec<WorkerId> = world.workers.keys().copied().filter(|id| *id != place.worker).collect();
    others.iter().for_each(|to| world.copy(place, *to));
    readers(&mut world, 2, 9);
    for (id, worker) in &world.workers {
        assert!(!worker.queue.is_empty(), "all workers have something to do");
        for (_, inputs) in &worker.queue {
            assert_eq!(inputs[0][0].worker, *id);
        }
    }
    world.settle();
    world.check_results();
    assert_eq!(world.sched.counters().copied, 2);
}

#[test]
fn a_copy_takes_the_place_of_what_is_lost_and_nothing_runs_again() {
    let (mut world, place) = made(2);
    let other = *world.workers.keys().find(|id| **id != place.worker).unwrap();
    world.copy(place, other);
    readers(&mut world, 2, 4);
    world.settle();
    world.kill(place.worker);
    let Told::Ready(now) = world.told[&(RunId(1), LayerId(0), 0)].clone() else { panic!("it is there") };
    assert_eq!((now.worker, starts(&world, 1, 0)[&0], world.sched.counters().lost), (other, 1, 4 - kept(&world, other)));
    world.settle();
    world.check_results();
}

/// How many results of run 2 a worker has.
fn kept(world: &World, id: WorkerId) -> u64 {
    world.workers[&id].store.keys().filter(|result| result.run == RunId(2)).count() as u64
}

#[test]
fn copies_are_dropped_with_the_result_and_one_that_comes_late_at_once() {
    let (mut world, place) = made(2);
    let other = *world.workers.keys().find(|id| **id != place.worker).unwrap();
    world.copy(place, other);
    let value = world.workers[&other].store[&place.result];
    world.tell(Event::Release { client: CLIENT, run: RunId(1), layer: LayerId(0), tasks: Ranges::full(1) });
    assert!(world.workers.values().all(|worker| worker.store.is_empty()));
    world.workers.get_mut(&other).unwrap().store.insert(place.result, value);
    world.tell(Event::Copied { worker: other, result: place.result, attempt: place.attempt });
    assert!(world.workers[&other].store.is_empty(), "nobody keeps it");
}

#[test]
fn a_copy_that_is_not_there_is_forgotten_and_the_holder_is_read() {
    let (mut world, place) = made(2);
    let other = *world.workers.keys().find(|id| **id != place.worker).unwrap();
    world.copy(place, other);
    world.workers.get_mut(&other).unwrap().store.remove(&place.result);
    readers(&mut world, 2, 6);
    world.settle();
    world.check_results();
    assert_eq!((starts(&world, 1, 0)[&0], world.told.len()), (1, 7));
}
