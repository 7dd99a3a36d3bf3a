//! Functions started with more than their arguments, values scattered and gathered, futures that are waited for, called back
//! and let go, and results that are kept.

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};
use stratal_core::{
    Client, ErrorKind, Result,
    client::{Placement, TaskFutures, compute, fire_and_forget},
    delayed::delayed,
    function::{FunctionEntry, TaskOptions, Whole, erase, tasks::sum},
    value::Value,
};

const SOON: Duration = Duration::from_secs(20);

fn inc(x: i64) -> i64 {
    x + 1
}

fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn no_threes(x: i64) -> i64 {
    assert!(x != 3, "no threes");
    x
}

fn local(threads: usize) -> Client {
    Client::builder().threads(threads).detached().local().unwrap()
}

fn each_client() -> [(&'static str, Client); 3] {
    let synchronous = Client::builder().detached().synchronous().unwrap();
    [("one thread", local(1)), ("two threads", local(2)), ("synchronous", synchronous)]
}

/// A function that waits until it is let through, and what lets it.
fn gate() -> (impl Fn() -> bool + Send + Sync + 'static, mpsc::Sender<()>) {
    let (open, opened) = mpsc::channel::<()>();
    let opened = Mutex::new(opened);
    (move || opened.lock().unwrap().recv_timeout(SOON).is_ok(), open)
}

/// Counts its calls, by what it is given.
fn counted(which: u64) -> u64 {
    let mut calls = calls().lock().unwrap();
    calls[which as usize] += 1;
    calls[which as usize]
}

fn calls() -> &'static Mutex<[u64; 8]> {
    static CALLS: OnceLock<Mutex<[u64; 8]>> = OnceLock::new();
    CALLS.get_or_init(Mutex::default)
}

// What `#[stratal::task]` writes: it has a name, so that equal calls are known to be equal.
stratal_core::inventory::submit! {
    FunctionEntry {
        name: "it::counted",
        signature: "fn(u64) -> u64",
        options: TaskOptions { retries: None, resources: &[], isolated: false, impure: false },
        erased: || erase(counted),
    }
}

#[test]
fn functions_are_started_with_their_own_retries() {
    for (name, client) in each_client() {
        for (retries, succeeds) in [(3, true), (2, false)] {
            let tasks = client.tasks().retries(retries);
            let flaky = |calls: &'static AtomicU32| {
                move || match calls.fetch_add(1, SeqCst) {
                    0..3 => Err("not yet"),
                    _ => Ok(7i64),
                }
            };
            let calls: [&'static AtomicU32; 2] = [Box::leak(Box::default()), Box::leak(Box::default())];
            let one = tasks.submit(flaky(calls[0]), ()).result();
            let many = tasks.map(flaky(calls[1]), [()]).gather();
            assert_eq!((one.is_ok(), many.is_ok()), (succeeds, succeeds), "{name}: {one:?} {many:?}");
            assert_eq!(calls.map(|calls| calls.load(SeqCst)), [3 + succeeds as u32; 2], "{name}");
        }
    }
}

#[test]
fn what_is_more_urgent_overtakes_what_waits() {
    let client = local(1);
    let (gate, open) = gate();
    let gate = client.submit(gate, ());
    let order: Arc<Mutex<Vec<i32>>> = Arc::default();
    let start = |priority: i32| {
        let order = order.clone();
        client.tasks().priority(priority).submit(move |priority: i32| order.lock().unwrap().push(priority), priority)
    };
    let mut futures: Vec<_> = (0..100).map(|_| start(0)).collect();
    futures.extend([start(-1), start(5)]);
    futures.extend((0..100).map(|_| start(0)));
    // The scheduler has heard of all of them.
    futures::executor::block_on(client.executor().unwrap().counters()).unwrap();
    open.send(()).unwrap();
    client.gather(&futures).unwrap();
    assert!(gate.result().unwrap());
    let order = order.lock().unwrap();
    let place = |priority: i32| order.iter().position(|other| *other == priority).unwrap();
    // A few were handed to the worker before.
    assert!(place(5) < 10, "{order:?}");
    assert_eq!(place(-1), order.len() - 1);
}

#[test]
fn a_resource_or_a_worker_that_nobody_has_is_refused_and_the_one_worker_is_not() {
    for threads in [1, 2] {
        let client = local(threads);
        let error = client.tasks().resource("gpu", 0.5).submit(inc, 1).result().unwrap_err();
        assert!(error.kind() == ErrorKind::Graph && error.message().contains("needs 0.5 of resource \"gpu\""), "{error}");
        let futures = client.tasks().workers(["w1", "w2"]).map(inc, 0..3);
        let error = futures.gather().unwrap_err();
        assert!(error.kind() == ErrorKind::Graph && error.message().contains("may run on w1, w2 only"), "{error}");
        assert_eq!((futures.len(), futures.iter().filter(|future| future.status() == "error").count()), (3, 3));
        assert_eq!(client.tasks().workers(["w1", "local"]).map(inc, 0..3).gather().unwrap(), [1, 2, 3]);
    }
}

#[test]
fn an_equal_pure_call_runs_once_while_it_is_held_and_an_impure_one_runs_each_time() {
    let client = local(2);
    let (once, again) = (client.submit(counted, 0), client.submit(counted, 0));
    assert_eq!((once.result().unwrap(), again.result().unwrap()), (1, 1));
    let (map, same) = (client.map(counted, [1]), client.map(counted, [1]));
    assert_eq!((map.gather().unwrap(), same.gather().unwrap()), (vec![1], vec![1]));
    let other = client.tasks().retries(1).map(counted, [1]);
    assert_eq!(other.gather().unwrap(), [2], "it was started with something else");
    let impure = client.tasks().impure();
    let (first, second) = (impure.submit(counted, 2), impure.submit(counted, 2));
    assert_eq!(first.result().unwrap() + second.result().unwrap(), 3);
    let (first, second) = (impure.map(counted, [3]), impure.map(counted, [3]));
    assert_eq!(first.gather().unwrap()[0] + second.gather().unwrap()[0], 3);
}

/// A value that counts how often it is encoded.
#[derive(Clone, Debug, PartialEq)]
struct Table(Vec<i64>);

static ENCODED: AtomicU32 = AtomicU32::new(0);

impl Value for Table {
    fn type_name() -> String {
        "Table".to_owned()
    }

    fn encode(&self, out: &mut Vec<u8>) -> Result<()> {
        ENCODED.fetch_add(1, SeqCst);
        self.0.encode(out)
    }

    fn decode(input: &mut &[u8]) -> Result<Self> {
        Vec::decode(input).map(Table)
    }
}

impl Whole for Table {}

#[test]
fn a_scattered_value_is_an_argument_of_many_tasks_and_is_not_encoded_within_a_process() {
    for (name, client) in each_client() {
        let table = client.scatter(Table(vec![10, 20, 30]));
        let found = client.map(|table: &Table, at: usize| table.0[at], (0..3).map(|at| (&table, at)));
        assert_eq!(found.gather().unwrap(), [10, 20, 30], "{name}");
        assert_eq!(table.result().unwrap(), Table(vec![10, 20, 30]), "{name}");
        assert_eq!(ENCODED.load(SeqCst), 0, "{name}");
    }
}

#[test]
fn scattered_values_come_back_in_order_and_are_one_argument_together() {
    for (name, client) in each_client() {
        let numbers = client.scatter_all((0..1000).map(|x| x * 2));
        assert_eq!(client.submit(sum, &numbers).result().unwrap(), 999_000, "{name}");
        assert_eq!(numbers.gather().unwrap()[999], 1998, "{name}");
        assert_eq!(client.map(inc, numbers.iter()).gather().unwrap()[..3], [1, 3, 5], "{name}");
        let nothing = client.scatter_all(Vec::<i64>::new());
        assert!(nothing.is_empty() && nothing.gather().unwrap().is_empty() && nothing.wait_all().is_ok(), "{name}");
        assert_eq!(client.submit(sum, &nothing).result().unwrap(), 0, "{name}");
        let nested = client.scatter((vec![1i64, 2], "two".to_owned()));
        assert_eq!(nested.result().unwrap(), (vec![1, 2], "two".to_owned()), "{name}");
        client.scatter(()).result().unwrap();
    }
}

#[test]
fn gathered_futures_come_in_their_order_or_fail_with_the_first_failure_in_it() {
    for (name, client) in each_client() {
        let futures: Vec<_> = (0..6).map(|x| client.submit(no_threes, x)).collect();
        let error = client.gather(&futures).unwrap_err();
        assert!(error.message().contains("no_threes(3) failed"), "{name}: {error}");
        let fine = [futures[5].clone(), futures[0].clone(), futures[4].clone()];
        assert_eq!(client.gather(&fine).unwrap(), [5, 0, 4], "{name}");
        assert!(client.gather::<i64>(&[]).unwrap().is_empty());
        // A future that was never started fails where it stands.
        let refused = client.submit(inc, local(1).submit(inc, 1));
        let error = client.gather(&[futures[3].clone(), refused.clone()]).unwrap_err();
        assert!(error.message().contains("no_threes(3)"), "{name}: {error}");
        assert_eq!(client.gather(&[futures[2].clone(), refused]).unwrap_err().kind(), ErrorKind::Graph, "{name}");
        let again = futures::executor::block_on(client.gather_async(&fine)).unwrap();
        assert_eq!(again, [5, 0, 4], "{name}");
    }
}

#[test]
fn gather_works_inside_a_task_and_gives_its_slot_back() {
    fn total() -> Result<i64> {
        let client = Client::current();
        let futures: Vec<_> = (0..20).map(|x| client.submit(inc, x)).collect();
        Ok(client.gather(&futures)?.into_iter().sum::<i64>() + client.scatter_all(0..5i64).gather()?.len() as i64)
    }
    for (name, client) in each_client() {
        assert_eq!(client.submit(total, ()).result_timeout("20s").unwrap(), 215, "{name}");
    }
}

#[test]
fn waiting_for_all_ends_when_the_last_is_settled_and_tells_the_first_failure() {
    for (name, client) in each_client() {
        let futures = client.map(no_threes, 0..50);
        let error = futures.wait_all().unwrap_err();
        assert!(error.message().contains("no_threes(3) failed"), "{name}: {error}");
        assert!(futures.iter().all(|future| future.done()), "{name}");
        assert!(futures::executor::block_on(futures.wait_all_async()).is_err(), "{name}");
        client.map(inc, 0..50).wait_all().unwrap();
    }
}

#[test]
fn waiting_for_the_first_gives_the_one_that_is_done() {
    let client = local(2);
    let (gate, open) = gate();
    let gate = Arc::new(gate);
    let futures = client.map(move |x: i64| if x == 1 { 1 } else { gate() as i64 * x }, [0, 1]);
    let first = futures.wait_first();
    assert_eq!((first.key().index(), first.status(), first.result().unwrap()), (Some(1), "finished", 1));
    open.send(()).unwrap();
    futures.wait_all().unwrap();
    assert_eq!(futures::executor::block_on(futures.wait_first_async()).key().index(), Some(0), "of several the first in order");
    for (name, client) in each_client() {
        let failed = client.map(no_threes, [3, 3]).wait_first();
        assert!(failed.done() && failed.exception().unwrap().message().contains("no threes"), "{name}: {failed:?}");
        let none = client.map(inc, 0..0).wait_first().result().unwrap_err();
        assert_eq!((none.kind(), none.message()), (ErrorKind::NotFound, "inc: of no items none is the first"), "{name}");
    }
}

#[test]
fn a_callback_is_called_once_on_another_thread_with_the_future() {
    for (name, client) in each_client() {
        let (tell, told) = mpsc::channel();
        let futures = client.map(no_threes, 2..4);
        for future in futures.iter() {
            let (tell, here) = (tell.clone(), thread::current().id());
            future.on_done(move |future| tell.send((future.done(), future.result(), thread::current().id() != here)).unwrap());
        }
        drop((tell, futures));
        let mut all: Vec<_> = told.iter().collect();
        all.sort_by_key(|(_, result, _)| result.is_err());
        assert!(matches!(&all[..], [(true, Ok(2), true), (true, Err(_), true)]), "{name}: {all:?}");
    }
}

#[test]
fn a_callback_may_wait_and_hears_of_what_never_started_and_of_a_cancel() {
    let client = local(1);
    let (tell, told) = mpsc::channel();
    let more = client.clone();
    let answer = tell.clone();
    client.submit(inc, 1).on_done(move |future| answer.send(more.submit(inc, &future).result().map(|x| x.to_string())).unwrap());
    assert_eq!(told.recv_timeout(SOON).unwrap().unwrap(), "3");
    let answer = tell.clone();
    client.tasks().resource("gpu", 1.0).submit(inc, 1).on_done(move |future| answer.send(future.result().map(|_| String::new())).unwrap());
    assert_eq!(told.recv_timeout(SOON).unwrap().unwrap_err().kind(), ErrorKind::Graph);
    let never = client.submit(|| async { std::future::pending::<i64>().await }, ());
    never.on_done(move |future| tell.send(future.result().map(|_| String::new())).unwrap());
    assert!(!never.is_cancelled() && !never.done());
    never.cancel();
    assert_eq!(told.recv_timeout(SOON).unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(never.is_cancelled() && never.done());
}

#[test]
fn a_callback_that_panics_takes_nothing_along() {
    let client = local(1);
    let (tell, told) = mpsc::channel();
    let future = client.submit(inc, 1);
    future.on_done(|_| panic!("a callback that panics: this message is expected"));
    future.on_done(move |future| tell.send(future.result().unwrap()).unwrap());
    assert_eq!(told.recv_timeout(SOON).unwrap(), 2);
    assert_eq!(client.submit(inc, 2).result().unwrap(), 3);
}

#[test]
fn what_is_forgotten_runs_to_its_end_and_its_client_with_it() {
    for (name, client) in each_client() {
        let (gate, open) = gate();
        let (tell, told) = mpsc::channel();
        // It would wait for the gate itself.
        let synchronous = name == "synchronous";
        if synchronous {
            open.send(()).unwrap();
        }
        let passed = client.submit(gate, ());
        let ran = tell.clone();
        let one = client.submit(move |_: bool| ran.send(1).is_ok(), &passed);
        let many = client.map(move |x: i64, _: bool| tell.send(x).is_ok(), (10..12).map(|x| (x, &passed)));
        fire_and_forget(one);
        client.fire_and_forget(many);
        drop((passed, client));
        if !synchronous {
            assert!(told.try_recv().is_err(), "{name}: nothing was waited for");
            open.send(()).unwrap();
        }
        let mut all: Vec<i64> = (0..3).map(|_| told.recv_timeout(SOON).unwrap()).collect();
        all.sort_unstable();
        assert_eq!(all, [1, 10, 11], "{name}");
    }
}

#[test]
fn only_what_was_cancelled_says_so() {
    let client = local(1);
    let (fine, failed) = (client.submit(inc, 1), client.submit(no_threes, 3));
    client.gather(&[fine.clone(), failed.clone()]).unwrap_err();
    assert!(!fine.is_cancelled() && !failed.is_cancelled());
    let never = client.submit(|| async { std::future::pending::<i64>().await }, ());
    drop((fine, failed, client));
    never.cancel();
    assert!(never.is_cancelled());
    let several = TaskFutures::from(never);
    assert_eq!((several.len(), several.gather().unwrap_err().kind()), (1, ErrorKind::Cancelled));
}

#[test]
fn a_persisted_call_runs_once_however_often_it_is_read() {
    for (name, client) in each_client() {
        let _entered = client.enter();
        let calls: &'static AtomicU32 = Box::leak(Box::default());
        let slow = delayed(move |x: i64| calls.fetch_add(1, SeqCst) as i64 + x, 41).named("slow");
        let kept = slow.persist().unwrap();
        assert_eq!(kept.compute().unwrap(), 41, "{name}");
        assert_eq!((kept.key().to_string(), kept.lower().unwrap().tasks()), ("slow".to_owned(), 0), "{name}: nothing is left to run");
        let more = delayed(add, (&kept, delayed(inc, &kept)));
        assert_eq!(compute((&kept, more, vec![kept.clone(), kept.named("again")])).unwrap(), (41, 83, vec![41, 41]), "{name}");
        assert_eq!(delayed(sum, vec![&kept, &kept]).compute().unwrap(), 82, "{name}");
        let submitted = client.submit(inc, 1);
        assert_eq!(delayed(add, (&kept, &submitted)).compute().unwrap(), 43, "{name}");
        let again = kept.persist().unwrap();
        drop((kept, slow));
        let last = futures::executor::block_on(again.persist_async()).unwrap();
        drop(again);
        assert_eq!((last.compute().unwrap(), calls.load(SeqCst)), (41, 1), "{name}");
    }
}

#[test]
fn a_call_on_a_persisted_one_is_pure() {
    let client = local(2);
    let _entered = client.enter();
    let kept = delayed(inc, 3).persist().unwrap();
    let (one, other) = (delayed(counted, delayed(|x: i64| x as u64, &kept).named("four")), delayed(counted, 4));
    assert_eq!((one.compute().unwrap(), other.compute().unwrap()), (1, 2));
    let graph = delayed(add, (delayed(inc, &kept).named("y"), delayed(inc, &kept).named("y"))).lower().unwrap();
    assert_eq!(graph.tasks(), 2, "equal calls on what is kept are one");
}

#[test]
fn a_call_that_fails_is_not_persisted_and_another_client_does_not_find_what_is() {
    for (name, client) in each_client() {
        let kept = {
            let _entered = client.enter();
            let error = delayed(no_threes, 3).persist().unwrap_err();
            assert!(error.message().contains("no_threes(3) failed"), "{name}: {error}");
            delayed(inc, 1).persist().unwrap()
        };
        let other = local(1);
        let _entered = other.enter();
        assert_eq!(kept.compute().unwrap_err().kind(), ErrorKind::Graph, "{name}");
        assert_eq!(delayed(inc, &kept).compute().unwrap_err().kind(), ErrorKind::Graph, "{name}");
    }
}

#[test]
fn in_one_process_every_placement_is_the_same_place() {
    for (name, client) in each_client() {
        for placement in [Placement::Spread, Placement::Everywhere, Placement::on(["local"])] {
            let table = client.scatter_with(vec![1i64, 2, 3], placement);
            assert_eq!(client.submit(sum::<i64>, &table).result().unwrap(), 6, "{name}");
            assert_eq!(table.result().unwrap(), [1, 2, 3], "{name}");
        }
        let nowhere = client.scatter_with(1i64, Placement::On(Vec::new())).result();
        assert_eq!(nowhere.unwrap_err().kind(), ErrorKind::BadValue, "{name}");
    }
}
