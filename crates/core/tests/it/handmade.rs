//! Graphs written by hand, culled, inlined and fused: the results stay what they are.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
};
use stratal_core::{
    Client, ErrorKind, Key,
    function::tasks::sum,
    handmade::{Graph, key},
};

fn inc(x: i64) -> i64 {
    x + 1
}

fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn each_client() -> [(&'static str, Client); 2] {
    let local = Client::builder().threads(2).detached().local().unwrap();
    [("local", local), ("synchronous", Client::builder().detached().synchronous().unwrap())]
}

/// Chains, a diamond, a fan-in over lists, and values small and large; and what its keys are by hand.
fn shapes() -> (Graph, BTreeMap<&'static str, i64>) {
    let mut graph = Graph::new().value("one", 1i64).value("large", vec![1i64; 1000]);
    graph = graph.call("a", inc, key("one")).call("b", inc, key("a")).call("c", inc, key("b"));
    graph = graph.call("left", inc, key("c")).call("right", add, (key("c"), key("one"))).call("join", add, (key("left"), key("right")));
    graph = graph.call("weight", sum::<i64>, key("large")).call("more", inc, key("weight"));
    graph = graph.list("parts", ["a", "b", "more"]).call("total", sum::<i64>, key("parts"));
    graph = graph.call("nested", |xs: Vec<Vec<i64>>| xs.concat().iter().sum::<i64>(), vec![vec![key("a"), key("join")], vec![key("one")]]);
    let expected = [
        ("one", 1),
        ("a", 2),
        ("b", 3),
        ("c", 4),
        ("left", 5),
        ("right", 5),
        ("join", 10),
        ("weight", 1000),
        ("more", 1001),
        ("total", 1006),
        ("nested", 13),
    ];
    (graph, expected.into())
}

#[test]
fn culled_inlined_and_fused_graphs_give_what_the_graph_gives() {
    let (graph, expected) = shapes();
    for (name, client) in each_client() {
        let _entered = client.enter();
        let forms = [graph.clone(), graph.fuse(), graph.inline(), graph.inline().fuse(), graph.fuse().inline()];
        for (form, graph) in forms.into_iter().enumerate() {
            for (key, value) in &expected {
                assert_eq!(graph.get::<i64>(*key).unwrap(), *value, "{name}, {form}: {key}");
                assert_eq!(graph.cull([*key]).unwrap().get::<i64>(*key).unwrap(), *value, "{name}, {form}: {key} culled");
            }
            let all = graph.get_all::<i64>(expected.keys().copied()).unwrap();
            assert_eq!(all, expected.values().copied().collect::<Vec<_>>(), "{name}, {form}");
        }
    }
}

#[test]
fn chains_become_one_task_and_what_is_read_twice_or_wanted_stays() {
    let (graph, _) = shapes();
    let tasks = |graph: &Graph, keys: &[&str]| graph.lower(keys.iter().copied()).unwrap().tasks();
    // a, b, c, left, right, join: the chain a-b-c ends at c, which two read.
    assert_eq!((tasks(&graph, &["join"]), tasks(&graph.fuse(), &["join"])), (6, 4));
    assert_eq!(tasks(&graph.fuse(), &["join", "b"]), 5, "b is wanted itself: a goes inside of it");
    // The large value, its sum, one more.
    assert_eq!((tasks(&graph, &["more"]), tasks(&graph.inline(), &["more"]), tasks(&graph.fuse(), &["more"])), (3, 2, 1));
    assert_eq!(tasks(&graph.fuse(), &["total"]), 4, "a and b are read by total too");
}

#[test]
fn nothing_that_could_run_at_once_is_fused() {
    let mut graph = Graph::new();
    for i in 0..100 {
        graph = graph.call(("x", i), inc, i64::from(i)).call(("y", i), inc, key(("x", i)));
    }
    let graph = graph.call("sum", sum::<i64>, (0..100).map(|i| key(("y", i))).collect::<Vec<_>>()).fuse();
    let lowered = graph.lower(["sum"]).unwrap();
    assert_eq!(lowered.tasks(), 101, "each x goes inside its y");
    for (_, client) in each_client() {
        assert_eq!(client.get::<i64>(&graph, "sum").unwrap(), (0..100).map(|i| i + 2).sum::<i64>());
    }
}

#[test]
fn a_fused_chain_of_100_000_keys_is_a_few_thousand_tasks_and_needs_no_deep_stack() {
    let chain = || {
        let graph = (0..100_000u32).fold(Graph::new().value(("x", 0), 0i64), |graph, i| graph.call(("x", i + 1), inc, key(("x", i))));
        let graph = graph.fuse();
        let tasks = graph.lower([("x", 100_000)]).unwrap().tasks();
        assert!((100_000 / 33..100_000 / 30).contains(&tasks), "{tasks}");
        let client = Client::builder().threads(2).detached().local().unwrap();
        assert_eq!(client.get::<i64>(&graph, ("x", 100_000)).unwrap(), 100_000);
    };
    std::thread::Builder::new().stack_size(512 << 10).spawn(chain).unwrap().join().unwrap();
}

#[test]
fn keys_are_asked_for_in_vectors_and_tuples_and_by_the_names_of_lists() {
    let (graph, _) = shapes();
    let graph = graph.list("lists", ["parts", "pair"]).list("pair", ["one", "c"]);
    for (name, client) in each_client() {
        let _entered = client.enter();
        let (parts, one) = graph.get_nested::<(Vec<i64>, i64)>((key("parts"), key("one"))).unwrap();
        assert_eq!((parts, one), (vec![2, 3, 1001], 1), "{name}");
        assert_eq!(graph.get_nested::<Vec<Vec<i64>>>(key("lists")).unwrap(), [vec![2, 3, 1001], vec![1, 4]], "{name}");
        let mixed = graph.get_nested::<(i64, Vec<(i64, String)>)>((key("a"), vec![(key("b"), "x"), (key("c"), "y")])).unwrap();
        assert_eq!(mixed, (2, vec![(3, "x".to_owned()), (4, "y".to_owned())]), "{name}");
        assert_eq!(graph.get_nested::<Vec<i64>>(vec![1, 2]).unwrap(), [1, 2], "{name}: no key at all");
        let error = graph.get_nested::<(i64, i64)>(key("parts")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{name}: three are no pair");
        let error = graph.get::<i64>("parts").unwrap_err();
        assert!(error.message().contains("\"parts\" is a list of keys"), "{name}: {error}");
        assert_eq!(graph.get_nested::<Vec<i64>>(vec![key("zz")]).unwrap_err().kind(), ErrorKind::Graph, "{name}");
    }
}

#[test]
fn lists_that_name_themselves_are_an_error_and_no_endless_walk() {
    let client = Client::builder().detached().synchronous().unwrap();
    let graph = Graph::new().list("x", ["y"]).list("y", ["x"]).call("z", sum::<i64>, key("x"));
    let error = client.get::<i64>(&graph, "z").unwrap_err();
    assert!(error.kind() == ErrorKind::Graph && error.message().contains("depends on itself"), "{error}");
    assert_eq!(client.get_nested::<Vec<i64>>(&graph, key("x")).unwrap_err().kind(), ErrorKind::Graph);
    let deep = (0..100u32).fold(Graph::new().value(("l", 0), 1i64), |graph, i| graph.list(("l", i + 1), [("l", i)]));
    let error = client.get::<i64>(&deep.call("z", sum::<i64>, key(("l", 100))), "z").unwrap_err();
    assert!(error.message().contains("more than 64 deep"), "{error}");
}

#[test]
fn a_culled_graph_keeps_what_the_keys_need_and_finds_what_is_not_there() {
    let (graph, _) = shapes();
    let names = |keys: Vec<Key>| keys.iter().map(Key::to_string).collect::<Vec<_>>();
    assert_eq!(names(graph.cull(["b"]).unwrap().keys()), ["one", "a", "b"]);
    assert_eq!(names(graph.cull(["total"]).unwrap().keys()), ["one", "large", "a", "b", "weight", "more", "parts", "total"]);
    assert_eq!(graph.cull(["totel"]).unwrap_err().help(), Some("did you mean \"total\"?"));
}

#[test]
fn a_graph_is_drawn_for_the_keys_that_nobody_reads() {
    let dir = tempfile::tempdir().unwrap();
    let (graph, _) = shapes();
    let path = dir.path().join("graph.dot");
    graph.visualize(&path).unwrap();
    assert!(std::fs::read_to_string(path).unwrap().contains("digraph"));
    let circle = Graph::new().call("x", inc, key("y")).call("y", inc, key("x"));
    assert_eq!(circle.visualize(dir.path().join("circle.dot")).unwrap_err().kind(), ErrorKind::Graph);
}

#[test]
fn fused_calls_run_once_and_a_failure_names_the_one_that_failed() {
    let calls: Arc<AtomicU32> = Arc::default();
    let counted = calls.clone();
    let graph = Graph::new()
        .call("x", move || counted.fetch_add(1, SeqCst), ())
        .call("y", |x: u32| if x > 0 { Err(format!("called {x} times before")) } else { Ok(x) }, key("x"))
        .call("z", |y: u32| y + 7, key("y"))
        .fuse();
    let client = Client::builder().threads(1).set("tasks.retries", "0").detached().local().unwrap();
    assert_eq!((client.get::<u32>(&graph, "z").unwrap(), calls.load(SeqCst)), (7, 1));
    let error = client.get::<u32>(&graph, "z").unwrap_err();
    assert!(error.message().contains("called 1 times before"), "{error}");
}
