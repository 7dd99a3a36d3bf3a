//! Chosen situations of work that fails or is lost: what runs again, and what is blamed.

use super::{
    graphs::{graph, reads, shuffle, singles, starts},
    world::{Told, World, failure},
};
use stratal_core::{
    ErrorKind, LayerId, Retry, RunId, WorkerId,
    graph::{EdgeMap, HeldRange, LayerSpec, Repeat, Slicing},
    sched::{Event, RowsRead, RunOptions, TaskStats},
};

#[test]
fn after_a_loss_in_a_shuffle_only_lost_and_needed_tasks_run_again() {
    let mut world = World::with_workers(2, 1);
    world.submit(1, shuffle(8), RunOptions::default());
    // All of the map, and two tasks of the reduce.
    while world.ran.iter().filter(|(_, slice)| slice.layer == LayerId(1)).count() < 4 {
        let id = *world.workers.iter().find(|(_, worker)| !worker.queue.is_empty()).unwrap().0;
        world.work(id, 0, None, None);
    }
    world.work(WorkerId(0), 0, None, None);
    world.work(WorkerId(1), 0, None, None);
    let on_one = world.workers[&WorkerId(1)].store.keys().filter(|result| result.layer == LayerId(0)).count();
    assert!(on_one > 0 && on_one < 8);
    let before = starts(&world, 1, 0);
    let lost: Vec<u32> =
        world.workers[&WorkerId(1)].store.keys().filter(|result| result.layer == LayerId(0)).map(|result| result.index).collect();
    world.kill(WorkerId(1));
    world.settle();
    world.check_results();
    assert_eq!(world.told.len(), 8);
    let after = starts(&world, 1, 0);
    let again: Vec<u32> = after.iter().filter(|(task, n)| before[task] < **n).map(|(task, _)| *task).collect();
    assert_eq!(again, lost, "only what was lost is made again");
}

#[test]
fn a_result_that_all_have_read_is_dropped_and_made_again_only_if_needed() {
    let mut world = World::with_workers(2, 1);
    let chain = graph(vec![
        LayerSpec::new("a", 4),
        reads(LayerSpec::new("b", 4), 0, 4, EdgeMap::OneToOne),
        reads(LayerSpec::new("c", 1), 1, 4, EdgeMap::All),
    ]);
    world.submit(1, chain, RunOptions::default());
    while starts(&world, 1, 2).is_empty() {
        let id = *world.workers.iter().find(|(_, worker)| !worker.queue.is_empty()).unwrap().0;
        world.work(id, 0, None, None);
    }
    let kept: Vec<u32> = world.workers.values().flat_map(|worker| worker.store.keys()).map(|result| result.layer.0).collect();
    assert_eq!(kept, [1, 1, 1, 1], "a's results were dropped when b had read them");
    let holder = *world.workers.iter().find(|(_, worker)| !worker.store.is_empty()).unwrap().0;
    let lost = world.workers[&holder].store.len();
    world.kill(holder);
    world.settle();
    world.check_results();
    let again = starts(&world, 1, 0).values().filter(|n| **n > 1).count();
    assert_eq!(again, lost, "of a, just what the lost b need");
}

#[test]
fn a_task_is_tried_again_as_often_as_it_may_and_elsewhere() {
    for (retries, failures, ends_well) in [(3, 3, true), (2, 3, false)] {
        let mut world = World::with_workers(2, 1);
        let mut spec = LayerSpec::new("flaky", 1);
        spec.needs.retries = Some(retries);
        world.submit(1, graph(vec![spec]), RunOptions::default());
        let mut last = None;
        for _ in 0..failures {
            let Some(id) = world.workers.iter().find(|(_, worker)| !worker.queue.is_empty()).map(|(id, _)| *id) else { break };
            assert_ne!(last, Some(id), "a retry goes to another worker");
            last = Some(id);
            world.work(id, 0, Some(0), Some(failure(Retry::Again)));
        }
        world.settle();
        assert_eq!(world.finished[&RunId(1)].is_none(), ends_well);
    }
}

#[test]
fn an_error_reaches_every_dependent_and_siblings_finish() {
    let mut world = World::with_workers(1, 1);
    let outline = graph(vec![LayerSpec::new("x", 4), reads(LayerSpec::new("y", 4), 0, 4, EdgeMap::OneToOne)]);
    world.submit(1, outline, RunOptions::default());
    world.work(WorkerId(0), 0, Some(0), Some(failure(Retry::Never)));
    world.settle();
    let failed: Vec<_> = world.told.iter().filter(|(_, told)| **told == Told::Failed(ErrorKind::Task)).map(|(key, _)| key.2).collect();
    assert_eq!((failed.len(), world.told.len()), (1, 4));
    world.submit(2, graph(vec![LayerSpec::new("after", 1)]), RunOptions::default());
    world.settle();
    assert_eq!(world.finished[&RunId(2)], None, "the cluster is usable after");
}

#[test]
fn a_task_that_dies_with_its_workers_is_blamed_by_name_and_its_neighbours_finish() {
    let mut world = World::with_workers(3, 1);
    let options = RunOptions { retries: Some(1), ..RunOptions::default() };
    world.submit(1, graph(vec![LayerSpec::new("killer", 4)]), options);
    // Task 0 kills whoever runs it; the others are done in time.
    for _ in 0..20 {
        let running =
            world.workers.iter().find_map(|(id, worker)| worker.queue.iter().position(|(slice, _)| slice.start > 0).map(|at| (*id, at)));
        let killer =
            world.workers.iter().find(|(_, worker)| worker.queue.first().is_some_and(|(slice, _)| slice.start == 0)).map(|(id, _)| *id);
        match (killer, running) {
            (Some(id), _) => world.kill(id),
            (None, Some((id, at))) => world.work(id, at, None, None),
            (None, None) => break,
        }
    }
    assert_eq!(world.told[&(RunId(1), LayerId(0), 0)], Told::Failed(ErrorKind::WorkerLost));
    let done = (1..4).filter(|task| matches!(world.told[&(RunId(1), LayerId(0), *task)], Told::Ready(_))).count();
    assert_eq!(done, 3);
}

#[test]
fn a_late_answer_of_an_old_attempt_is_dropped() {
    let mut world = World::with_workers(1, 2);
    world.submit(1, graph(vec![LayerSpec::new("a", 1)]), RunOptions::default());
    let (slice, _) = world.workers.get_mut(&WorkerId(0)).unwrap().queue.remove(0);
    world.tell(Event::Cancel { run: RunId(1) });
    let stats = vec![TaskStats { bytes: 8, rows: 1 }];
    world.tell(Event::Done { worker: WorkerId(0), slice, stats: stats.clone(), read: vec![], busy_us: 1 });
    world.tell(Event::Done { worker: WorkerId(0), slice, stats, read: vec![], busy_us: 1 });
    assert!(world.told.is_empty());
}

#[test]
fn rows_written_and_rows_read_must_agree() {
    let mut world = World::with_workers(1, 1);
    world.submit(1, shuffle(2), RunOptions::default());
    for _ in 0..4 {
        let (slice, _) = world.workers.get_mut(&WorkerId(0)).unwrap().queue.remove(0);
        let reading = slice.layer == LayerId(1);
        let stats = vec![TaskStats { bytes: 8, rows: 10 }; slice.len as usize];
        let read = if reading { vec![RowsRead::All(9 * slice.len as u64)] } else { vec![] };
        world.tell(Event::Done { worker: WorkerId(0), slice, stats, read, busy_us: 1 });
        if world.workers[&WorkerId(0)].queue.is_empty() {
            break;
        }
    }
    assert_eq!(world.finished[&RunId(1)], Some(ErrorKind::Internal));
}

#[test]
fn a_gang_is_made_again_as_a_whole() {
    let mut world = World::with_workers(2, 2);
    let mut gang = LayerSpec::new("gang", 3);
    gang.slicing = Slicing::Whole;
    world.submit(1, graph(vec![gang]), RunOptions::default());
    world.settle();
    let holder = *world.workers.iter().find(|(_, worker)| !worker.store.is_empty()).unwrap().0;
    let one = *world.workers[&holder].store.keys().next().unwrap();
    let (attempt, _) = world.workers.get_mut(&holder).unwrap().store.remove(&one).unwrap();
    world.tell(Event::ReadFailed { result: one, attempt, holder });
    world.settle();
    world.check_results();
    assert_eq!(world.ran.iter().map(|(_, slice)| (slice.len, slice.attempt.0)).collect::<Vec<_>>(), [(3, 1), (3, 2)]);
}

#[test]
fn what_cannot_be_repeated_fails_by_name_when_it_is_lost() {
    let mut world = World::with_workers(2, 1);
    let mut random = LayerSpec::new("random", 1);
    random.repeat = Repeat::Varies;
    world.submit(1, graph(vec![random]), RunOptions::default());
    world.settle();
    let holder = *world.workers.iter().find(|(_, worker)| !worker.store.is_empty()).unwrap().0;
    world.kill(holder);
    assert_eq!(world.told[&(RunId(1), LayerId(0), 0)], Told::Failed(ErrorKind::WorkerLost));
}

#[test]
fn who_named_a_result_that_cannot_be_made_again_fails_with_it() {
    let mut world = World::with_workers(2, 1);
    let mut random = LayerSpec::new("random", 1);
    random.repeat = Repeat::Varies;
    world.submit(1, graph(vec![random]), RunOptions::default());
    world.settle();
    let mut named = LayerSpec::new("future", 1);
    named.held = Some([HeldRange { run: RunId(1), layer: LayerId(0), start: 0, len: 1 }].into());
    world.submit(2, graph(vec![named]), RunOptions::default());
    assert!(matches!(world.told[&(RunId(2), LayerId(0), 0)], Told::Ready(_)));
    let holder = *world.workers.iter().find(|(_, worker)| !worker.store.is_empty()).unwrap().0;
    world.kill(holder);
    assert_eq!(world.told[&(RunId(2), LayerId(0), 0)], Told::Failed(ErrorKind::WorkerLost));
}

#[test]
fn after_one_death_a_task_is_tried_among_others_and_after_two_alone_on_a_worker_that_is_drained_for_it() {
    let mut world = World::with_workers(2, 1);
    world.submit(1, graph(vec![LayerSpec::new("killer", 1)]), RunOptions::default());
    world.submit(2, graph(vec![singles("busy", 40)]), RunOptions::default());
    let has_killer = |world: &World| {
        let has = |(id, worker): (&WorkerId, &super::world::Pretended)| {
            worker.queue.iter().any(|(slice, _)| slice.run == RunId(1)).then_some((*id, worker.queue.len()))
        };
        world.workers.iter().find_map(has)
    };
    for deaths in 0..2 {
        let (id, queued) = has_killer(&world).unwrap_or_else(|| panic!("not placed at once after {deaths} deaths"));
        assert!(queued > 1, "it is not alone");
        world.join(1);
        world.kill(id);
        // Those that died with it get a worker to themselves as well; let them have it.
        while has_killer(&world).is_none() {
            let busy = *world.workers.iter().find(|(_, worker)| !worker.queue.is_empty()).unwrap().0;
            world.work(busy, 0, None, None);
        }
    }
    let (_, queued) = has_killer(&world).unwrap();
    let left = 40 - world.told.len();
    assert_eq!(queued, 1, "it is alone");
    assert!(left > 10, "a worker was drained for it while {left} tasks were left");
    world.settle();
    assert_eq!(world.told.len(), 41);
}

#[test]
fn a_worker_that_answers_for_too_few_tasks_fails_the_others() {
    let mut world = World::with_workers(1, 1);
    let mut gang = LayerSpec::new("gang", 3);
    gang.slicing = Slicing::Whole;
    world.submit(1, graph(vec![gang]), RunOptions::default());
    let (slice, _) = world.workers.get_mut(&WorkerId(0)).unwrap().queue.remove(0);
    let stats = vec![TaskStats { bytes: 8, rows: 1 }];
    world.tell(Event::Done { worker: WorkerId(0), slice, stats, read: vec![], busy_us: 1 });
    assert_eq!(world.finished[&RunId(1)], Some(ErrorKind::Internal));
}

#[test]
fn what_has_an_effect_never_runs_again_even_when_its_dropped_result_is_missed() {
    let mut world = World::with_workers(2, 1);
    let mut write = LayerSpec::new("write", 1);
    write.repeat = Repeat::Commit;
    world.submit(1, graph(vec![write, reads(LayerSpec::new("report", 1), 0, 1, EdgeMap::OneToOne)]), RunOptions::default());
    world.settle();
    let holder = *world.workers.iter().find(|(_, worker)| !worker.store.is_empty()).unwrap().0;
    world.kill(holder);
    world.settle();
    assert_eq!(world.told[&(RunId(1), LayerId(1), 0)], Told::Failed(ErrorKind::WorkerLost));
    assert_eq!(starts(&world, 1, 0).values().sum::<u32>(), 1);
}
