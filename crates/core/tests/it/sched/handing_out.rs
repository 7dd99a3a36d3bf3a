//! Chosen situations of who runs what, and in which order.

use super::{
    graphs::{graph, pure, reads, singles},
    world::World,
};
use std::sync::Arc;
use stratal_core::{
    LayerId, RunId, WorkerId,
    graph::{EdgeMap, LayerSpec, Outline, Output, Ranges, Slicing},
    sched::{Event, Message, RunOptions, Slice, ToWorker},
};

/// Needs one GPU.
fn on_gpu(mut spec: LayerSpec) -> LayerSpec {
    spec.needs.resources.insert("gpu".to_owned(), 1000);
    spec
}

/// The runs in the order in which their slices were handed out, and in which workers are to take them.
fn runs_in_order(world: &World) -> (Vec<u64>, Vec<u64>) {
    let slices = world.said.iter().filter_map(|message| match message {
        Message::Worker(_, ToWorker::Run { slice, order, .. }) => Some((*order, slice.run.0)),
        _ => None,
    });
    let mut slices: Vec<(u64, u64)> = slices.collect();
    let handed_out = slices.iter().map(|(_, run)| *run).collect();
    slices.sort_unstable();
    (handed_out, slices.into_iter().map(|(_, run)| run).collect())
}

/// Slices that a worker has and did not answer.
fn queued(world: &World, id: u32) -> usize {
    world.workers[&WorkerId(id)].queue.len()
}

/// Work that is no task has so many slots of a worker.
fn lease(world: &mut World, id: u32, leased: u32) {
    world.tell(Event::Slots { worker: WorkerId(id), lent: 0, leased });
}

/// A layer whose tasks take so many slots each.
fn heavy(n: u32, slots: u32) -> LayerSpec {
    let mut spec = singles("heavy", n);
    spec.needs.slots = slots;
    spec
}

#[test]
fn a_window_lets_no_more_outputs_start_than_are_consumed() {
    let mut world = World::with_workers(1, 4);
    let options = RunOptions { window: Some(2), ..RunOptions::default() };
    world.submit(1, graph(vec![LayerSpec::new("part", 10)]), options);
    world.settle();
    assert_eq!(world.told.len(), 2);
    world.tell(Event::Consumed { run: RunId(1), tasks: 3 });
    world.settle();
    assert_eq!(world.told.len(), 5);
}

#[test]
fn a_starving_worker_is_given_what_another_has_queued() {
    let mut world = World::with_workers(1, 1);
    let mut spec = LayerSpec::new("long", 3);
    spec.slicing = Slicing::AtMost(1);
    world.submit(1, graph(vec![spec]), RunOptions::default());
    assert_eq!(world.workers[&WorkerId(0)].queue.len(), 3, "one at work and two ahead");
    let new = world.join(1);
    assert!(!world.workers[&new].queue.is_empty(), "one of them was asked back");
    world.settle();
    world.check_results();
    assert_eq!(world.told.len(), 3);
}

#[test]
fn runs_that_wait_for_a_resource_let_later_runs_by() {
    let mut world = World::default();
    world.join_with(4, 1000);
    (1..=40).for_each(|run| world.submit(run, graph(vec![on_gpu(LayerSpec::new("train", 1))]), RunOptions::default()));
    world.submit(41, graph(vec![LayerSpec::new("plain", 1)]), RunOptions::default());
    assert_eq!(runs_in_order(&world).0, [1, 41]);
    world.settle();
    assert_eq!(world.told.len(), 41);
}

#[test]
fn what_no_worker_can_run_is_said_and_runs_when_one_joins() {
    let mut world = World::with_workers(1, 1);
    let mut spec = on_gpu(LayerSpec::new("train", 1));
    spec.needs.workers = vec!["w1".to_owned()];
    world.submit(1, graph(vec![spec]), RunOptions::default());
    let says = world.sched.describe(RunId(1));
    assert!(says.contains("train: 1 Ready; no worker has what it needs, 1 gpu and one of the workers w1"), "{says}");
    world.join_with(1, 1000);
    assert!(!world.sched.describe(RunId(1)).contains("no worker"));
    world.settle();
    assert_eq!(world.finished[&RunId(1)], None);
}

#[test]
fn a_task_above_the_window_does_not_stand_before_one_below_it() {
    let mut world = World::with_workers(2, 1);
    let outline = graph(vec![singles("a", 2), reads(singles("b", 2), 0, 2, EdgeMap::OneToOne)]);
    world.submit(1, outline, RunOptions { window: Some(1), ..RunOptions::default() });
    // The input of task 1 is at one worker; that of task 0 is lost with the other, and made again where nothing is at home.
    let of_zero = *world.workers.iter().find(|(_, worker)| worker.queue.iter().any(|(slice, _)| slice.start == 0)).unwrap().0;
    let of_one = *world.workers.iter().find(|(_, worker)| worker.queue.iter().any(|(slice, _)| slice.start == 1)).unwrap().0;
    assert_ne!(of_zero, of_one);
    world.work(of_one, 0, None, None);
    world.kill(of_zero);
    world.settle();
    assert_eq!(world.told.len(), 1);
}

#[test]
fn a_windowed_output_is_nobodys_twin() {
    let mut world = World::with_workers(1, 1);
    world.submit(1, graph(vec![pure("part", 5)]), RunOptions { window: Some(0), ..RunOptions::default() });
    world.submit(2, graph(vec![pure("part", 5)]), RunOptions::default());
    world.settle();
    assert_eq!(world.told.keys().map(|key| key.0).collect::<Vec<_>>(), [RunId(2)], "it does not wait for the reader of the first");
}

#[test]
fn nested_runs_go_the_deepest_first_and_the_newest_among_them() {
    let mut world = World::with_workers(1, 1);
    world.submit(1, graph(vec![singles("first", 3)]), RunOptions::default());
    for (run, depth) in [(2, 1), (3, 2), (4, 2), (5, 1), (6, 0)] {
        world.submit(run, graph(vec![LayerSpec::new("nested", 1)]), RunOptions { depth, ..RunOptions::default() });
    }
    world.settle();
    let (handed_out, taken) = runs_in_order(&world);
    assert_eq!(handed_out, [1, 1, 1, 4, 3, 5, 2, 6]);
    assert_eq!(taken, [4, 3, 5, 2, 1, 1, 1, 6]);
}

#[test]
fn higher_priority_goes_first_in_a_run_and_among_runs() {
    let mut world = World::with_workers(1, 1);
    world.submit(1, graph(vec![singles("first", 3)]), RunOptions::default());
    let spec = |priority: i32| {
        let mut spec = LayerSpec::new("work", 1);
        spec.needs.priority = priority;
        Arc::new(spec)
    };
    let output = |id: u32| Output { layer: LayerId(id), tasks: Ranges::full(1), key: "out".into() };
    let two = Outline { layers: vec![spec(-1), spec(1)], outputs: vec![output(0), output(1)] };
    world.submit(2, graph(vec![LayerSpec::new("plain", 1)]), RunOptions::default());
    world.submit(3, two, RunOptions::default());
    world.submit(4, graph(vec![LayerSpec::new("urgent", 1)]), RunOptions { priority: 5, ..RunOptions::default() });
    world.settle();
    let (handed_out, taken) = runs_in_order(&world);
    assert_eq!(handed_out, [1, 1, 1, 4, 3, 2, 3]);
    assert_eq!(taken, [4, 3, 1, 1, 1, 2, 3]);
    let of_three: Vec<u32> = world.ran.iter().filter(|(_, slice)| slice.run == RunId(3)).map(|(_, slice)| slice.layer.0).collect();
    assert_eq!(of_three, [1, 0]);
}

#[test]
fn a_starving_worker_is_helped_by_the_fullest_that_has_something_for_it() {
    let mut world = World::with_workers(2, 1);
    let mut pinned = singles("pinned", 3);
    pinned.needs.workers = vec!["w0".to_owned()];
    world.submit(1, graph(vec![pinned]), RunOptions::default());
    world.submit(2, graph(vec![singles("free", 2)]), RunOptions::default());
    assert_eq!((queued(&world, 0), queued(&world, 1)), (3, 2));
    world.join(1);
    assert_eq!((queued(&world, 0), queued(&world, 1), queued(&world, 2)), (3, 1, 1));
}

#[test]
fn a_worker_with_leased_slots_gets_no_more_than_it_can_start_while_another_is_idle() {
    let mut world = World::with_workers(2, 4);
    lease(&mut world, 0, 3);
    world.submit(1, graph(vec![singles("part", 5)]), RunOptions::default());
    assert_eq!((queued(&world, 0), queued(&world, 1)), (1, 4));
    world.submit(2, graph(vec![singles("more", 20)]), RunOptions::default());
    assert_eq!((queued(&world, 0), queued(&world, 1)), (3, 8), "each a little ahead of what it can run");
    lease(&mut world, 0, 0);
    assert_eq!((queued(&world, 0), queued(&world, 1)), (8, 8), "its slots are its own again");
    world.settle();
    world.check_results();
    assert_eq!(world.told.len(), 25);
}

#[test]
fn leases_of_all_slots_let_one_task_run_whatever_it_takes() {
    let mut world = World::with_workers(1, 4);
    lease(&mut world, 0, 9);
    let mut gang = LayerSpec::new("gang", 3);
    (gang.slicing, gang.needs.slots) = (Slicing::Whole, 4);
    for (run, spec) in (1..).zip([heavy(3, 4), gang, singles("light", 3)]) {
        world.submit(run, graph(vec![spec]), RunOptions::default());
    }
    assert_eq!(queued(&world, 0), 1, "the first takes all slots");
    world.settle();
    world.check_results();
    assert_eq!(world.told.len(), 9);
}

#[test]
fn what_waits_behind_leases_goes_to_whom_it_starts_at_and_what_runs_is_asked_for_once() {
    let mut world = World::with_workers(1, 4);
    world.submit(1, graph(vec![singles("part", 4)]), RunOptions::default());
    assert_eq!(queued(&world, 0), 4);
    let begin = |world: &mut World, at: usize| {
        let worker = world.workers.get_mut(&WorkerId(0)).unwrap();
        worker.begun.insert(worker.queue[at].0);
    };
    begin(&mut world, 0);
    begin(&mut world, 3);
    lease(&mut world, 0, 3);
    world.join(4);
    assert_eq!((queued(&world, 0), queued(&world, 1)), (2, 2));
    let asked = |message: &Message| match message {
        Message::Worker(_, ToWorker::Retract { slices }) => Some(slices[0].start),
        _ => None,
    };
    let asked: Vec<u32> = world.said.iter().filter_map(asked).collect();
    assert_eq!(asked, [3, 2, 1, 0]);
    world.settle();
    world.check_results();
}

#[test]
fn what_takes_several_slots_does_not_go_to_and_fro_between_workers_with_leases() {
    let mut world = World::with_workers(1, 4);
    lease(&mut world, 0, 3);
    world.submit(1, graph(vec![heavy(1, 4)]), RunOptions::default());
    let second = world.join(4);
    lease(&mut world, second.0, 3);
    assert_eq!((queued(&world, 0), queued(&world, 1)), (1, 0), "it starts where it is");
    world.submit(2, graph(vec![singles("light", 1)]), RunOptions::default());
    world.submit(3, graph(vec![heavy(1, 4)]), RunOptions::default());
    let of = |run: u64| world.ran.iter().filter(|(_, slice)| slice.run == RunId(run)).map(|(id, _)| id.0).collect::<Vec<_>>();
    assert_eq!((of(1), of(2), of(3)), (vec![0], vec![1], vec![1]));
    world.work(WorkerId(0), 0, None, None);
    let moved: Vec<(WorkerId, Slice)> = world.ran.iter().filter(|(_, slice)| slice.run == RunId(3)).copied().collect();
    assert_eq!(moved.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), [1, 0], "who has nothing takes it once");
    world.settle();
    world.check_results();
}

#[test]
fn a_task_that_may_kill_its_worker_keeps_away_from_leases_and_does_not_wait_for_their_end() {
    let mut world = World::with_workers(3, 2);
    world.submit(1, graph(vec![LayerSpec::new("killer", 1)]), RunOptions::default());
    let runs_at = |world: &World| world.workers.iter().find(|(_, worker)| !worker.queue.is_empty()).map(|(id, _)| *id);
    for with_leases in [1, 3] {
        let id = runs_at(&world).unwrap();
        world.join(2);
        let others: Vec<WorkerId> = world.workers.keys().copied().filter(|other| *other != id).collect();
        assert_eq!(others.len(), 3);
        others.iter().take(with_leases).for_each(|other| lease(&mut world, other.0, 2));
        world.kill(id);
        let now = runs_at(&world).expect("it is placed at once");
        assert!(with_leases == 3 || now != others[0], "another has no leases");
    }
    world.settle();
    assert_eq!(world.finished[&RunId(1)], None);
}
