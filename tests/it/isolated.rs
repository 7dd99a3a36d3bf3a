//! Functions in processes of their own: whatever they do, their call fails and nothing else.

use crate::clusters::{PROGRAM, cluster, everywhere, wait_until};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};
use stratal::{ErrorKind, prelude::*};
use stratal_tests::*;

/// Whether a process runs. One that has ended and was not waited for does not.
fn is_running(pid: &str) -> bool {
    if Path::new("/proc/self/stat").exists() {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        return stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']));
    }
    Command::new("kill").args(["-0", pid]).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
fn a_process_that_ends_fails_its_call_by_name_and_its_neighbours_finish() {
    everywhere(|name| {
        let client = Client::current();
        let futures = client.tasks().retries(0).map(ends_somehow, 0..12);
        let results: Vec<_> = futures.iter().map(|future| future.result()).collect();
        let ends = ["its process ended: signal: 6", "its process ended: exit status: 7", "two is too much", "three is no number"];
        for (x, (result, how)) in results.iter().zip(ends).enumerate() {
            let error = result.as_ref().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Task, "{name}: {error}");
            let start = format!("task stratal_tests::ends_somehow({x}) failed: ");
            assert!(error.message().starts_with(&start) && error.message().contains(how), "{name}: {error}");
        }
        let neighbours: Vec<i64> = results[4..].iter().map(|result| *result.as_ref().unwrap()).collect();
        assert_eq!(neighbours, (4..12).collect::<Vec<_>>(), "{name}");
        assert_eq!(client.submit(inc, 1).result().unwrap(), 2, "{name}");
    });
}

#[test]
fn processes_are_used_again_and_are_no_workers() {
    let cluster = cluster(2);
    let local = Client::builder().threads(2).set("worker.bin", PROGRAM).detached().local().unwrap();
    for (name, client) in [("local", local), ("two worker processes", cluster.client().unwrap())] {
        let mut own = client.map(own_process, 0..20u64).gather().unwrap();
        own.sort_unstable();
        own.dedup();
        assert!(own.len() <= 2, "{name}: one for each slot, {own:?}");
        let workers = client.map(whereabouts, 0..20u64).gather().unwrap();
        assert!(!own.iter().any(|pid| workers.contains(pid) || *pid == std::process::id()), "{name}");
    }
}

#[test]
fn arguments_and_results_cross_whatever_they_are() {
    everywhere(|name| {
        let client = Client::current();
        let large = client.submit(bytes, (2_000_000, 2));
        let more = vec![client.submit(nap, 1), client.submit(nap, 2)];
        let (weight, back) = client.submit(weighed_apart, (&large, more)).result().unwrap();
        assert_eq!((weight, back.len()), (4_000_003, 2_000_000), "{name}");
        assert!(back.iter().all(|byte| *byte == 2), "{name}");
    });
}

#[test]
fn a_call_whose_process_ends_is_tried_again() {
    everywhere(|name| {
        for (retries, succeeds) in [(2, true), (1, false)] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().to_str().unwrap();
            let result = Client::current().tasks().retries(retries).submit(dies_at_first, (path, 2)).result();
            assert_eq!(result.is_ok(), succeeds, "{name}: {result:?}");
            assert_eq!(fs::read_dir(path).unwrap().count(), 2 + usize::from(succeeds), "{name}");
        }
    });
}

#[test]
fn a_cancel_and_the_end_of_the_worker_end_the_process() {
    let cluster = cluster(2);
    let local = Client::builder().threads(1).set("worker.bin", PROGRAM).detached().local().unwrap();
    for (name, client, is_cancelled) in
        [("local", local, true), ("cluster", cluster.client().unwrap(), true), ("killed", cluster.client().unwrap(), false)]
    {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pid").to_str().unwrap().to_owned();
        let future = client.submit(sleeps_apart, &path);
        wait_until("the start", || Path::new(&path).exists());
        let pid = fs::read_to_string(&path).unwrap();
        assert!(is_running(&pid), "{name}");
        if is_cancelled {
            future.cancel();
            assert_eq!(future.result().unwrap_err().kind(), ErrorKind::Cancelled, "{name}");
        } else {
            cluster.scale(0).unwrap();
        }
        wait_until("the end of the process", || !is_running(&pid));
    }
}

#[test]
fn a_program_that_cannot_be_started_so_says_what_to_do() {
    let client = Client::builder().threads(1).detached().local().unwrap();
    let error = client.submit(ends_somehow, 5).result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.help().unwrap().contains("stratal::cli::main_or"), "{error}");
}
