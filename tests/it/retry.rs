//! What failed or was cancelled, made after all.

use crate::clusters::{cluster, everywhere};
use std::fs;
use stratal::{ErrorKind, prelude::*};
use stratal_tests::*;

#[test]
fn a_failed_call_is_made_again_when_it_or_what_reads_it_is_asked_for() {
    everywhere(|name| {
        let client = Client::current();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("late").to_str().unwrap().to_owned();
        let read = client.tasks().retries(0).submit(number_in, &path);
        let next = client.submit(inc, &read);
        let sums = client.map(add, [(&next, 1), (&next, 2)]);
        assert!(sums.gather().is_err() && next.result().is_err(), "{name}");
        fs::write(&path, "41\n").unwrap();
        next.retry();
        assert_eq!((next.result().unwrap(), read.result().unwrap()), (42, 41), "{name}");
        assert!(sums.wait_all().is_err(), "{name}: nobody asked for them");
        sums.retry();
        assert_eq!(sums.gather().unwrap(), [43, 44], "{name}");
    });
}

#[test]
fn of_a_map_only_the_failed_ones_run_again() {
    everywhere(|name| {
        let client = Client::current();
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<String> = (0..6).map(|i| dir.path().join(i.to_string()).to_str().unwrap().to_owned()).collect();
        (0..3).for_each(|i| fs::write(&paths[i], i.to_string()).unwrap());
        let numbers = client.tasks().retries(0).map(number_in, &paths);
        assert_eq!(numbers.iter().filter(|number| number.result().is_err()).count(), 3, "{name}");
        // What was read is not read again.
        (0..3).for_each(|i| fs::remove_file(&paths[i]).unwrap());
        (3..6).for_each(|i| fs::write(&paths[i], i.to_string()).unwrap());
        numbers.retry();
        assert_eq!(numbers.gather().unwrap(), [0, 1, 2, 3, 4, 5], "{name}");
    });
}

#[test]
fn what_was_cancelled_runs_when_it_is_wanted_after_all() {
    let cluster = cluster(1);
    let client = cluster.client().unwrap();
    let long = client.submit(nap, 200);
    let waiting = client.map(square, 0..5);
    waiting.cancel();
    assert_eq!(waiting.gather().unwrap_err().kind(), ErrorKind::Cancelled);
    waiting.retry();
    assert_eq!(waiting.gather().unwrap(), [0, 1, 4, 9, 16]);
    assert_eq!(long.result().unwrap(), 200);
}

#[test]
fn a_call_that_killed_its_workers_runs_again_when_it_may() {
    let cluster = cluster(2);
    let client = cluster.client().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spared").to_str().unwrap().to_owned();
    let doomed = client.tasks().retries(0).submit(dies_without, &path);
    assert_eq!(doomed.result().unwrap_err().kind(), ErrorKind::WorkerLost);
    fs::write(&path, "").unwrap();
    doomed.retry();
    assert_eq!(doomed.result().unwrap(), 1);
}
