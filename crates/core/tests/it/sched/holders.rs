//! Chosen situations of results that several want: runs that do the same work, clients that hold the same.

use super::{
    graphs::{graph, pure, reads, starts},
    world::{CLIENT, OTHER, Told, World, failure},
};
use std::sync::Arc;
use stratal_core::{
    ErrorKind, LayerId, Retry, RunId, WorkerId,
    graph::{EdgeMap, HeldRange, LayerSpec, Outline, Output, Ranges, Token},
    sched::{Event, RunOptions},
};

#[test]
fn equal_pure_work_runs_once_and_impure_work_twice() {
    let mut world = World::with_workers(1, 2);
    for (run, token) in [(1, Some(Token(5))), (2, Some(Token(5))), (3, None), (4, None)] {
        let mut spec = LayerSpec::new("inc", 1);
        spec.token = token;
        world.submit(run, graph(vec![spec]), RunOptions::default());
    }
    world.settle();
    world.check_results();
    let started: Vec<bool> = (1..=4).map(|run| !starts(&world, run, 0).is_empty()).collect();
    assert_eq!(started, [true, false, true, true]);
    // The twin keeps the result alive when its first owner lets go.
    world.tell(Event::Release { client: CLIENT, run: RunId(1), layer: LayerId(0), tasks: Ranges::full(1) });
    world.told.remove(&(RunId(1), LayerId(0), 0));
    world.check_results();
}

#[test]
fn a_cancel_of_the_first_owner_leaves_the_twin_running_and_reaches_who_named_it() {
    let mut world = World::with_workers(1, 1);
    let inc = || {
        let mut spec = LayerSpec::new("inc", 1);
        spec.token = Some(Token(5));
        graph(vec![spec])
    };
    world.submit(1, inc(), RunOptions::default());
    world.submit(2, inc(), RunOptions::default());
    let mut named = LayerSpec::new("future", 1);
    named.held = Some([HeldRange { run: RunId(1), layer: LayerId(0), start: 0, len: 1 }].into());
    world.submit(3, graph(vec![named, reads(LayerSpec::new("use", 1), 0, 1, EdgeMap::OneToOne)]), RunOptions::default());
    world.tell(Event::Cancel { run: RunId(1) });
    assert_eq!(world.finished.get(&RunId(3)), Some(&Some(ErrorKind::Cancelled)));
    world.settle();
    assert!(matches!(world.told[&(RunId(2), LayerId(0), 0)], Told::Ready(_)));
}

#[test]
fn a_client_that_lets_go_takes_along_what_was_made_for_it_alone() {
    let mut world = World::with_workers(1, 1);
    let outline = graph(vec![LayerSpec::new("a", 50), reads(LayerSpec::new("b", 50), 0, 50, EdgeMap::OneToOne)]);
    world.submit(1, outline, RunOptions::default());
    world.work(WorkerId(0), 0, None, None);
    world.tell(Event::Release { client: CLIENT, run: RunId(1), layer: LayerId(1), tasks: Ranges::full(50) });
    world.settle();
    assert_eq!(world.sched.size(), (0, 0));
    let started: u32 = starts(&world, 1, 0).values().sum();
    assert!(started < 10, "{started} tasks were started for nobody");
}

#[test]
fn an_output_that_fails_fast_takes_along_its_run_and_not_what_others_need() {
    let mut world = World::with_workers(1, 1);
    let layers = [LayerSpec::new("fails", 1), pure("shared", 5), LayerSpec::new("own", 1)];
    let output = |id: u32| Output { layer: LayerId(id), tasks: Ranges::full(1), key: "out".into() };
    let outline = Outline { layers: layers.into_iter().map(Arc::new).collect(), outputs: (0..3).map(output).collect() };
    world.submit(1, outline, RunOptions { fail_fast: true, ..RunOptions::default() });
    world.submit(2, graph(vec![pure("shared", 5)]), RunOptions::default());
    let at = world.workers[&WorkerId(0)].queue.iter().position(|(slice, _)| slice.layer == LayerId(0)).unwrap();
    world.work(WorkerId(0), at, Some(0), Some(failure(Retry::Never)));
    assert_eq!(world.finished[&RunId(1)], Some(ErrorKind::Task), "it ends at once");
    world.settle();
    let told: Vec<&Told> = (0..3).map(|layer| &world.told[&(RunId(1), LayerId(layer), 0)]).collect();
    assert_eq!(told, [&Told::Failed(ErrorKind::Task); 3]);
    assert!(matches!(world.told[&(RunId(2), LayerId(0), 0)], Told::Ready(_)), "the other run has its result");
    assert_eq!(world.finished[&RunId(2)], None);
    world.check_results();
}

#[test]
fn whoever_holds_a_result_is_told_of_it() {
    let mut world = World::with_workers(2, 1);
    world.submit(1, graph(vec![LayerSpec::new("a", 2)]), RunOptions::default());
    world.hold_as_other(RunId(1));
    world.tell(Event::Release { client: CLIENT, run: RunId(1), layer: LayerId(0), tasks: Ranges::from(0..1) });
    world.settle();
    let indexes = |told: &std::collections::BTreeMap<(RunId, LayerId, u32), Told>| told.keys().map(|key| key.2).collect::<Vec<_>>();
    assert_eq!(indexes(&world.told), [1], "who let go hears nothing");
    assert_eq!(indexes(&world.told_other), [0, 1]);
    world.tell(Event::Release { client: OTHER, run: RunId(1), layer: LayerId(0), tasks: Ranges::from(0..1) });
    world.told_other.remove(&(RunId(1), LayerId(0), 0));
    world.check_results();
}
