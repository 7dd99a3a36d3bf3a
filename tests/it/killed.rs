//! Workers killed in the middle: equal answers, and only what was lost and needed runs again.

use crate::clusters::{PROGRAM, by, wait_until};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::Path,
    thread,
};
use stratal::{ErrorKind, prelude::*};
use stratal_tests::*;

/// A slice that the scheduler's log says was handed out.
#[derive(Debug)]
pub(crate) struct Handed {
    pub(crate) layer: String,
    tasks: std::ops::Range<u32>,
    attempt: u32,
    pub(crate) worker: String,
}

/// What the scheduler's log says so far.
pub(crate) fn handed_out(logs: &Path) -> Vec<Handed> {
    let mut all = Vec::new();
    let Ok(text) = fs::read_to_string(logs.join("scheduler.log")) else { return all };
    for line in text.lines().filter(|line| line.contains("stratal::sched: run ")) {
        let field = |name: &str| {
            let value = line.split(&format!(" {name}=")).nth(1).unwrap_or_else(|| panic!("no {name} in {line}"));
            value.split_whitespace().next().unwrap().trim_matches('"').to_owned()
        };
        let start: u32 = field("start").parse().unwrap();
        let len: u32 = field("len").parse().unwrap();
        all.push(Handed {
            layer: field("layer"),
            tasks: start..start + len,
            attempt: field("attempt").parse().unwrap(),
            worker: field("worker"),
        });
    }
    all
}

pub(crate) fn logged_cluster(workers: usize, logs: &Path) -> LocalCluster {
    LocalCluster::builder().workers(workers).threads(1).worker_bin(PROGRAM).log_dir(logs).start().unwrap()
}

/// Sum and number of the rows of each key.
pub(crate) type Groups = BTreeMap<i64, (i64, i64)>;

/// Writes files of keys and values, enough of them that reading takes a while. Gives what is in them.
pub(crate) fn write_files(directory: &Path) -> Groups {
    let mut groups = Groups::new();
    for file in 0..24i64 {
        let mut text = "k,v\n".to_owned();
        for row in 0..20_000i64 {
            let (k, v) = ((file * 7919 + row * 104_729) % 5_003, row % 97);
            writeln!(text, "{k},{v}").unwrap();
            let group = groups.entry(k).or_default();
            *group = (group.0 + v, group.1 + 1);
        }
        fs::write(directory.join(format!("part-{file:02}.csv")), text).unwrap();
    }
    groups
}

/// The files of a directory, and sum and number of the rows of each key.
pub(crate) fn grouped(directory: &Path) -> (DFrame, DFrame) {
    let all = DFrame::read_csv(directory.join("*.csv").to_str().unwrap());
    let groups = all.group_by("k").agg([col("v").sum().alias("s"), count().alias("n")]);
    (all, groups)
}

/// The rows of a result, by their keys.
pub(crate) fn groups_of(frame: &Frame) -> Groups {
    let columns = ["k", "s", "n"].map(|name| frame.column::<i64>(name).unwrap());
    let groups: Groups = (0..frame.len()).map(|i| (columns[0][i], (columns[1][i], columns[2][i]))).collect();
    assert_eq!(groups.len(), frame.len(), "no group comes twice");
    groups
}

#[test]
fn kill_9_in_the_middle_of_a_shuffle_gives_the_same_rows_and_reruns_only_what_was_lost() {
    let (files, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let expected = write_files(files.path());
    let cluster = logged_cluster(2, logs.path());
    // A query runs again as a whole.
    let client = by("layers", &cluster);
    let _entered = client.enter();
    let (_, df) = grouped(files.path());
    let optimized = df.graph_optimized().unwrap();
    assert!(optimized.layers.len() >= 2, "a shuffle stands between layers: {}", optimized.summary());
    let first = optimized.layers[0].spec.name.clone();
    let collecting = thread::spawn({
        let (df, client) = (df.clone(), client.clone());
        move || {
            let _entered = client.enter();
            df.collect()
        }
    });
    // When half of the first layer was handed out, results stand on both workers.
    wait_until("half of the first layer", || handed_out(logs.path()).iter().filter(|handed| handed.layer == first).count() >= 12);
    let victim = cluster.worker_names()[0].clone();
    cluster.kill_worker(0).unwrap();
    let frame = collecting.join().unwrap().unwrap();
    assert_eq!(groups_of(&frame), expected);

    let mut runs: BTreeMap<(String, u32), Vec<Handed>> = BTreeMap::new();
    for handed in handed_out(logs.path()) {
        for task in handed.tasks.clone() {
            let one = Handed { layer: handed.layer.clone(), tasks: task..task + 1, attempt: handed.attempt, worker: handed.worker.clone() };
            runs.entry((handed.layer.clone(), task)).or_default().push(one);
        }
    }
    let again: Vec<_> = runs.iter().filter(|(_, attempts)| attempts.len() > 1).collect();
    assert!(!again.is_empty(), "the kill came too late to lose anything");
    for ((layer, task), attempts) in again {
        // It ran again because its worker was lost with its result, or because it read from that worker when it was.
        let was_there = attempts[0].worker == victim;
        assert!(was_there || *layer != first, "{layer}[{task}] ran again without having been on {victim}: {attempts:?}");
        let numbers: BTreeSet<u32> = attempts.iter().map(|attempt| attempt.attempt).collect();
        assert_eq!(numbers.len(), attempts.len(), "every attempt has its number");
    }
}

#[test]
fn workers_killed_under_a_map_lose_no_result() {
    let logs = tempfile::tempdir().unwrap();
    let cluster = logged_cluster(3, logs.path());
    let client = cluster.client().unwrap();
    let naps = client.map(nap, (0..300u64).map(|i| 1 + i % 5));
    wait_until("some work", || handed_out(logs.path()).len() > 20);
    cluster.kill_worker(0).unwrap();
    wait_until("more work", || handed_out(logs.path()).len() > 40);
    cluster.kill_worker(0).unwrap();
    let slept = naps.gather().unwrap();
    assert_eq!(slept, (0..300u64).map(|i| 1 + i % 5).collect::<Vec<_>>());
}

#[test]
fn a_task_that_kills_its_workers_is_blamed_by_name_and_its_neighbours_finish() {
    let cluster = crate::clusters::cluster(4);
    let client = Client::builder().set("tasks.retries", "1").detached().connect(&cluster.scheduler_addr()).unwrap();
    let futures = client.map(poison, 0..6);
    let results: Vec<_> = futures.iter().map(|future| future.result()).collect();
    let error = results[0].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WorkerLost, "{error}");
    assert!(error.message().contains("poison[0]"), "{error}");
    let neighbours: Vec<i64> = results[1..].iter().map(|result| *result.as_ref().unwrap()).collect();
    assert_eq!(neighbours, [1, 2, 3, 4, 5]);
    assert_eq!(client.submit(inc, 1).result().unwrap(), 2);
}
