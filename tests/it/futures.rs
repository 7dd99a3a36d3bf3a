//! Futures on every executor: started with more than arguments, scattered, gathered, called back, let go; results that are kept.

use crate::clusters::{cluster, everywhere};
use std::{
    fs,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};
use stratal::{ErrorKind, prelude::*, tasks::sum};
use stratal_tests::*;

const SOON: Duration = Duration::from_secs(60);

/// A directory of its own, and its path.
fn directory() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap().to_owned();
    (dir, path)
}

#[test]
fn functions_are_started_with_their_own_retries() {
    everywhere(|name| {
        for (retries, succeeds) in [(3, true), (2, false)] {
            let tasks = Client::current().tasks().retries(retries);
            let ((_one, one), (_many, many)) = (directory(), directory());
            let results =
                [tasks.submit(fails_at_first, (&one, 3)).result(), tasks.map(fails_at_first, [(&many, 3)]).iter().next().unwrap().result()];
            for (result, dir) in results.into_iter().zip([one, many]) {
                assert_eq!(result.is_ok(), succeeds, "{name}: {result:?}");
                assert_eq!(fs::read_dir(dir).unwrap().count(), 3 + succeeds as usize, "{name}");
            }
        }
    });
}

#[test]
fn calls_run_on_the_named_worker_and_wait_for_one_that_is_not_there() {
    let cluster = cluster(2);
    let client = cluster.client().unwrap();
    for (name, pid) in cluster.worker_names().into_iter().zip(cluster.worker_pids()) {
        let there = client.tasks().workers([&name]).priority(3).impure();
        assert_eq!(there.submit(whereabouts, 0).result().unwrap(), pid, "{name}");
        assert_eq!(there.map(whereabouts, 0..20u64).gather().unwrap(), vec![pid; 20], "{name}");
    }
    for tasks in [client.tasks().workers(["nobody"]), client.tasks().resource("gpu", 1.0)] {
        let waiting = tasks.submit(inc, 1);
        assert_eq!(waiting.result_timeout("300ms").unwrap_err().kind(), ErrorKind::Timeout, "a worker may yet join");
        waiting.cancel();
        assert!(waiting.is_cancelled());
    }
    assert_eq!(client.submit(inc, 1).result().unwrap(), 2);
}

#[test]
fn scattered_values_are_arguments_of_tasks_and_come_back_as_they_were() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/myfile.0.csv");
    everywhere(|name| {
        let client = Client::current();
        let table = client.scatter((0..100_000).map(|x| 3 * x).collect::<Vec<i64>>());
        let found = client.map(look_up, [0u64, 7, 99_999].map(|at| (&table, at)));
        assert_eq!(found.gather().unwrap(), [0, 21, 299_997], "{name}");
        assert_eq!(table.result().unwrap().len(), 100_000, "{name}");
        let numbers = client.scatter_all(0..2_000i64);
        assert_eq!(client.submit(sum, client.map(square, numbers.iter())).result().unwrap(), 2_664_667_000, "{name}");
        let large = client.scatter_all((1..=4u8).map(|value| vec![value; 2_000_000]));
        assert_eq!(client.map(weigh, large.iter()).gather().unwrap(), [2_000_000, 4_000_000, 6_000_000, 8_000_000], "{name}");
        assert!(large.gather().unwrap().into_iter().zip(1u8..).all(|(bytes, value)| bytes == vec![value; 2_000_000]), "{name}");
        let part = read_part(path).unwrap();
        let rows = named(part.clone(), "Alice").unwrap().len();
        let part = client.scatter(part);
        assert_eq!(client.submit(named, (&part, "Alice")).result().unwrap().len(), rows, "{name}");
        assert_eq!(part.result().unwrap().len(), 1000, "{name}");
        assert_eq!(client.submit(gathered, 20).result().unwrap(), 2_470, "{name}: inside a task");
    });
}

#[test]
fn what_was_scattered_or_persisted_on_a_worker_that_is_lost_is_made_again() {
    let cluster = cluster(2);
    let client = cluster.client().unwrap();
    let _entered = client.enter();
    let numbers = client.scatter_all(0..40i64);
    numbers.wait_all().unwrap();
    let kept: Vec<_> = (1..=6u8).map(|value| delayed(bytes, (1_000, value)).persist().unwrap()).collect();
    cluster.kill_worker(0).unwrap();
    let weights: Vec<_> = kept.iter().map(|bytes| delayed(weigh, bytes)).collect();
    assert_eq!(compute(weights).unwrap(), [1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
    assert_eq!(numbers.gather().unwrap(), (0..40).collect::<Vec<_>>());
    assert_eq!(client.submit(sum, &numbers).result().unwrap(), 780);
}

#[test]
fn futures_are_waited_for_together_and_the_first_failure_in_order_is_told() {
    everywhere(|name| {
        let client = Client::current();
        let futures: Vec<_> = (0..6).map(|x| client.submit(no_threes, x)).collect();
        let text = client.gather(&futures).unwrap_err().to_string();
        assert!(text.contains("no_threes(3) failed"), "{name}: {text}");
        assert_eq!(client.gather(&[futures[4].clone(), futures[0].clone()]).unwrap(), [4, 0], "{name}");
        let map = client.map(no_threes, 0..6);
        assert!(map.wait_all().unwrap_err().to_string().contains("no_threes(3) failed"), "{name}");
        assert!(map.iter().all(|future| future.done() && !future.is_cancelled()), "{name}");
        let items = [40u64, 1, 80];
        let first = client.tasks().impure().map(nap, items).wait_first();
        let item = items[first.key().index().unwrap() as usize];
        assert_eq!((first.status(), first.result().unwrap()), ("finished", item), "{name}");
    });
}

#[test]
fn callbacks_hear_of_results_and_failures_once() {
    everywhere(|name| {
        let client = Client::current();
        let (tell, told) = mpsc::channel();
        for future in client.map(no_threes, [2, 3, 4]) {
            let (tell, here) = (tell.clone(), thread::current().id());
            future.on_done(move |future| tell.send((future.key().index(), future.result().ok(), here != thread::current().id())).unwrap());
        }
        drop(tell);
        let mut all: Vec<_> = told.iter().collect();
        all.sort_unstable();
        assert_eq!(all, [(Some(0), Some(2), true), (Some(1), None, true), (Some(2), Some(4), true)], "{name}");
    });
}

#[test]
fn what_is_forgotten_runs_to_its_end() {
    everywhere(|name| {
        let client = Client::current();
        let (_dir, dir) = directory();
        let paths: Vec<String> = (0..4).map(|i| format!("{dir}/{i}")).collect();
        client.fire_and_forget(client.submit(leave_late, &paths[0]));
        client.fire_and_forget(client.map(leave_late, &paths[1..]));
        let started = Instant::now();
        while paths.iter().any(|path| !fs::exists(path).unwrap()) {
            assert!(started.elapsed() < SOON, "{name}: they never ran");
            thread::sleep(Duration::from_millis(10));
        }
    });
}

#[test]
fn a_persisted_call_runs_once_and_its_readers_read_what_it_left() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/myfile.0.csv");
    everywhere(|name| {
        let (_dir, dir) = directory();
        let kept = delayed(fails_at_first, (&dir, 0)).persist().unwrap();
        assert_eq!(kept.lower().unwrap().tasks(), 0, "{name}: nothing is left to run");
        let twice = delayed(sum, vec![&kept, &kept]);
        assert_eq!(compute((&kept, twice, kept.persist().unwrap())).unwrap(), (0, 0, 0), "{name}");
        assert_eq!(kept.compute().unwrap(), 0, "{name}");
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "{name}: it ran once");
        let part = delayed(read_part, path).persist().unwrap();
        let rows = delayed(named, (&part, "Alice")).compute().unwrap().len();
        assert_eq!(rows, named(read_part(path).unwrap(), "Alice").unwrap().len(), "{name}");
        let error = delayed(no_threes, 3).persist().unwrap_err();
        assert!(error.message().contains("no_threes(3) failed"), "{name}: {error}");
    });
}
