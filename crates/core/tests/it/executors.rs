//! The same work on the local executor and on the synchronous one, with equal answers; failures, retries, cancels, nesting.

use std::{
    collections::HashSet,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};
use stratal_core::{
    Client, ErrorKind, Result,
    client::{as_completed, compute},
    delayed::delayed,
    function::tasks::sum,
    graph::LayeredGraph,
    handmade::{Edge, Graph, key},
};

fn square(x: i64) -> i64 {
    x * x
}

fn inc(x: i64) -> i64 {
    x + 1
}

fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn local(threads: usize) -> Client {
    Client::builder().threads(threads).detached().local().unwrap()
}

fn each_client() -> Vec<(&'static str, Client)> {
    let synchronous = Client::builder().detached().synchronous().unwrap();
    vec![("one thread", local(1)), ("two threads", local(2)), ("four threads", local(4)), ("synchronous", synchronous)]
}

#[test]
fn functions_give_the_founding_numbers_on_every_executor() {
    for (name, client) in each_client() {
        let _entered = client.enter();
        let total = client.submit(sum, client.map(square, 0..10_000)).result().unwrap();
        assert_eq!(total, 333_283_335_000, "{name}");
        let parts: Vec<_> = (1..=5).map(|x| delayed(add, (delayed(inc, x), delayed(|x: i64| x + 2, x)))).collect();
        assert_eq!(delayed(sum, parts).compute().unwrap(), 45, "{name}");
        let graph = Graph::new().value("x", 1i64).call("y", inc, key("x")).call("z", add, (key("y"), 10));
        assert_eq!((graph.get::<i64>("x").unwrap(), graph.get::<i64>("z").unwrap()), (1, 12), "{name}");
        assert_eq!(graph.get_all::<i64>(["z", "y"]).unwrap(), [12, 2], "{name}");
    }
}

#[test]
fn layers_by_hand_run_over_every_kind_of_edge() {
    for (name, client) in each_client() {
        let _entered = client.enter();
        let graph = LayeredGraph::builder()
            .source("numbers", |x: i64| x, 0..10)
            .layer("doubled", |x: i64| 2 * x, Edge::one_to_one("numbers"))
            .layer("pairs", |xs: Vec<i64>| xs.iter().sum::<i64>(), Edge::tree("doubled", 2))
            .layer("heads", |xs: Vec<i64>| xs.len() as i64, Edge::ranges("numbers", [0..3, 3..3, 2..10]))
            .layer("chosen", |xs: Vec<i64>| xs.iter().sum::<i64>(), Edge::explicit("numbers", [vec![9, 0], vec![5]]))
            .layer("all", |xs: Vec<i64>| xs.iter().sum::<i64>(), Edge::all("pairs"))
            .build()
            .unwrap();
        assert_eq!(graph.get_all::<i64>("doubled").unwrap(), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18], "{name}");
        assert_eq!(graph.get_all::<i64>("pairs").unwrap(), [2, 10, 18, 26, 34], "{name}");
        assert_eq!(graph.get_all::<i64>("heads").unwrap(), [3, 0, 8], "{name}");
        assert_eq!(graph.get_all::<i64>("chosen").unwrap(), [9, 5], "{name}");
        assert_eq!(graph.get::<i64>(("pairs", 3)).unwrap(), 26, "{name}");
        assert_eq!(graph.get::<i64>("all").unwrap(), 90, "{name}");
    }
}

#[test]
fn a_fused_graph_gives_what_the_unfused_one_gives() {
    let client = local(2);
    let _entered = client.enter();
    let graph = LayeredGraph::builder()
        .source("numbers", |x: i64| x, 0..4)
        .layer("inc", inc, Edge::one_to_one("numbers"))
        .layer("square", square, Edge::one_to_one("inc"))
        .build()
        .unwrap();
    let fused = graph.cull(["square"]).unwrap().fuse(stratal_core::registry::Registry::global());
    assert_eq!(fused.graph.summary(), "numbers+inc+square[4]", "{:?}", fused.refused);
    assert_eq!(fused.graph.get_all::<i64>("square").unwrap(), [1, 4, 9, 16]);
    let apart = graph.cull(["inc", "square"]).unwrap().fuse(stratal_core::registry::Registry::global());
    assert!(apart.refused.iter().any(|refused| refused.reason.ends_with("is wanted itself")), "{:?}", apart.refused);
}

#[test]
fn an_error_names_function_arguments_and_place_and_leaves_the_client_usable() {
    fn fail(x: i64) -> i64 {
        assert!(x != 3, "no threes");
        x
    }
    for (name, client) in each_client() {
        let _entered = client.enter();
        let futures = client.map(fail, 0..6);
        let dependent = client.submit(sum, &futures);
        let error = dependent.result().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Task, "{name}");
        let text = error.to_string();
        assert!(text.contains("fail(3) failed") && text.contains("no threes") && text.contains("executors.rs"), "{text}");
        let fine = futures.iter().filter(|future| future.result().is_ok()).count();
        assert_eq!(fine, 5, "{name}: siblings finish");
        assert_eq!(client.submit(inc, 1).result().unwrap(), 2, "{name}");
    }
}

#[test]
fn a_function_that_fails_three_times_succeeds_with_three_retries_and_fails_with_two() {
    for (name, client) in each_client() {
        let _entered = client.enter();
        for (retries, succeeds) in [(3, true), (2, false)] {
            let calls = AtomicU32::new(0);
            let calls: &'static AtomicU32 = Box::leak(Box::new(calls));
            let flaky = || match calls.fetch_add(1, SeqCst) {
                0..3 => Err(std::io::Error::other("not yet")),
                _ => Ok(7i64),
            };
            let result = delayed(flaky, ()).retries(retries).compute();
            assert_eq!(result.is_ok(), succeeds, "{name}: {result:?}");
            assert_eq!(calls.load(SeqCst), 3 + succeeds as u32, "{name}");
        }
    }
}

#[test]
fn tasks_that_submit_tasks_and_wait_do_not_lock_each_other_out() {
    fn fib(n: i64) -> Result<i64> {
        if n < 2 {
            return Ok(n);
        }
        let client = Client::current();
        let (a, b) = (client.submit(fib, n - 1), client.submit(fib, n - 2));
        Ok(a.result()? + b.result()?)
    }
    // Not detached: tasks find it as the current one.
    let client = Client::builder().threads(2).local().unwrap();
    assert_eq!(client.submit(fib, 11).result().unwrap(), 89);
}

#[test]
fn a_verb_works_inside_a_runtime_and_inside_async_tasks() {
    let client = local(2);
    for runtime in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()] {
        let mut runtime = runtime;
        let runtime = runtime.enable_all().build().unwrap();
        let client = client.clone();
        runtime.block_on(async move {
            assert_eq!(client.submit(inc, 1).result().unwrap(), 2);
            assert_eq!(client.submit(inc, 2).result_async().await.unwrap(), 3);
            assert_eq!(client.submit(inc, 3).await.unwrap(), 4);
            async fn slow(x: i64) -> i64 {
                tokio::time::sleep(Duration::from_millis(5)).await;
                x * 3
            }
            assert_eq!(client.map(slow, 0..4).gather_async().await.unwrap(), [0, 3, 6, 9]);
        });
    }
}

#[test]
fn a_cancel_stops_what_has_not_started_and_says_so() {
    let client = local(1);
    let futures = client.map(
        |x: i64| {
            std::thread::sleep(Duration::from_millis(20));
            x
        },
        0..1000,
    );
    assert_eq!(futures.iter().next().unwrap().result().unwrap(), 0);
    futures.cancel();
    let last = futures.iter().last().unwrap();
    assert_eq!((last.status(), last.result().unwrap_err().kind()), ("cancelled", ErrorKind::Cancelled));
    assert_eq!(client.submit(inc, 1).result_timeout("10s").unwrap(), 2);
}

#[test]
fn a_result_lives_as_long_as_somebody_holds_it() {
    let client = local(2);
    let executor = client.executor().unwrap();
    let big = client.submit(|n: u64| vec![1u8; n as usize], 1_000_000);
    let length = client.submit(|bytes: &[u8]| bytes.len() as u64, &big);
    assert_eq!(length.result().unwrap(), 1_000_000);
    assert_eq!(big.result().unwrap().len(), 1_000_000);
    drop(big);
    // Released, and still the dependent's own result stands.
    assert_eq!(length.result().unwrap(), 1_000_000);
    assert!(executor.topology().same_process);
}

#[test]
fn a_result_that_does_not_fit_the_limit_is_an_error_with_sizes_and_the_setting() {
    let client = Client::builder().threads(1).memory_limit("1MiB").set("tasks.retries", "0").detached().local().unwrap();
    let error = client.submit(|n: u64| vec![1u8; n as usize], 4 << 20).result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    assert!(error.to_string().contains("4.0 GiB") || error.to_string().contains("4.0 MiB"), "{error}");
    assert!(error.help().unwrap().contains("memory.limit"), "{error}");
}

#[test]
fn futures_come_as_they_complete() {
    let client = local(3);
    let futures = client.map(
        |x: u64| {
            std::thread::sleep(Duration::from_millis(30 * x));
            x
        },
        [2, 0, 1],
    );
    let order: Vec<u64> = as_completed(futures).map(|future| future.result().unwrap()).collect();
    assert_eq!(order, [0, 1, 2]);
}

#[test]
fn several_lazy_values_run_as_one_graph_in_which_shared_calls_run_once() {
    static SEEN: Mutex<Vec<i64>> = Mutex::new(Vec::new());
    fn note(x: i64) -> i64 {
        SEEN.lock().unwrap().push(x);
        x
    }
    let client = local(2);
    let _entered = client.enter();
    let shared = delayed(note, 1).named("shared");
    let (one, more) = compute((&shared, (0..3).map(|i| delayed(add, (&shared, i))).collect::<Vec<_>>())).unwrap();
    assert_eq!((one, more), (1, vec![1, 2, 3]));
    assert_eq!(SEEN.lock().unwrap().len(), 1);
}

#[test]
fn each_thread_enters_its_own_client() {
    let threads: Vec<_> = (0..4)
        .map(|n| {
            std::thread::spawn(move || {
                let client = local(1 + n);
                let _entered = client.enter();
                Client::current().executor().unwrap().topology().slots
            })
        })
        .collect();
    let slots: HashSet<u32> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(slots.len(), 4);
}
