//! What failed or was cancelled is made after all, on executors of one process.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::SeqCst},
    mpsc,
};
use stratal_core::{Client, ErrorKind, client::Tasks, function::tasks::sum};

fn local(threads: usize) -> Client {
    Client::builder().threads(threads).detached().local().unwrap()
}

fn each_client() -> [(&'static str, Client); 3] {
    let synchronous = Client::builder().detached().synchronous().unwrap();
    [("one thread", local(1)), ("two threads", local(2)), ("synchronous", synchronous)]
}

fn inc(x: i64) -> i64 {
    x + 1
}

/// A function that fails at its first calls.
macro_rules! flaky {
    ($failures:expr) => {{
        let (calls, failures): (Arc<AtomicU32>, u32) = (Arc::default(), $failures);
        let counted = calls.clone();
        (calls, move |x: i64| if counted.fetch_add(1, SeqCst) < failures { Err(format!("no {x}")) } else { Ok(x) })
    }};
}

fn once(client: &Client) -> Tasks {
    client.tasks().retries(0)
}

#[test]
fn a_future_that_failed_is_made_again_with_what_failed_before_it() {
    for (name, client) in each_client() {
        let (calls, flaky) = flaky!(1);
        let first = once(&client).submit(flaky, 1);
        let second = client.submit(inc, &first);
        let third = client.submit(inc, &second);
        assert!(third.result().unwrap_err().message().contains("no 1"), "{name}");
        third.retry();
        assert_eq!(third.result().unwrap(), 3, "{name}");
        assert_eq!((first.result().unwrap(), calls.load(SeqCst)), (1, 2), "{name}");
        second.retry();
        assert_eq!(second.result().unwrap(), 2, "{name}");
        third.retry();
        assert_eq!((third.result().unwrap(), calls.load(SeqCst)), (3, 2), "{name}: what is there is not made again");
    }
}

#[test]
fn a_retry_may_fail_and_be_asked_for_again() {
    for (name, client) in each_client() {
        let (calls, flaky) = flaky!(5);
        let future = client.tasks().retries(1).submit(flaky, 7);
        for round in 1..=2 {
            assert!(future.result().unwrap_err().message().contains("no 7"), "{name}");
            assert_eq!((future.status(), calls.load(SeqCst)), ("error", 2 * round), "{name}");
            future.retry();
        }
        assert_eq!((future.result().unwrap(), calls.load(SeqCst)), (7, 6), "{name}: each retry has its own tries");
    }
}

#[test]
fn of_a_map_only_what_failed_runs_again() {
    for (name, client) in each_client() {
        let (calls, flaky) = flaky!(3);
        let map = once(&client).map(flaky, 0..10);
        let total = client.submit(sum, &map);
        assert!(total.result().is_err() && map.wait_all().is_err(), "{name}");
        map.retry();
        assert_eq!(map.gather().unwrap(), (0..10).collect::<Vec<_>>(), "{name}");
        assert_eq!(calls.load(SeqCst), 13, "{name}");
        assert!(total.result().is_err(), "{name}: nobody asked for it");
        total.retry();
        assert_eq!((total.result().unwrap(), calls.load(SeqCst)), (45, 13), "{name}");
    }
}

#[test]
fn what_was_cancelled_runs_when_it_is_wanted_after_all() {
    let client = local(1);
    let (open, opened) = mpsc::channel::<()>();
    let opened = std::sync::Mutex::new(opened);
    let gate = client.submit(move || opened.lock().unwrap().recv().is_ok(), ());
    let waiting = client.map(inc, 0..3);
    waiting.cancel();
    assert_eq!(waiting.gather().unwrap_err().kind(), ErrorKind::Cancelled);
    waiting.retry();
    open.send(()).unwrap();
    assert_eq!(waiting.gather().unwrap(), [1, 2, 3]);
    assert!(gate.result().unwrap());
}

#[test]
fn callbacks_and_waits_hear_of_the_retry() {
    for (name, client) in each_client() {
        let (_, flaky) = flaky!(1);
        let future = once(&client).submit(flaky, 4);
        assert!(future.result().is_err(), "{name}");
        future.retry();
        let (tell, told) = mpsc::channel();
        future.on_done(move |future| tell.send(future.result().ok()).unwrap());
        assert_eq!(told.recv().unwrap(), Some(4), "{name}");
        assert_eq!(futures::executor::block_on(future.result_async()).unwrap(), 4, "{name}");
    }
}
