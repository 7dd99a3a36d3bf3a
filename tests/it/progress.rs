//! How far a query on worker processes is, as whoever holds its run sees it.

use crate::{
    clusters::{by, cluster, wait_until},
    killed::{grouped, groups_of, write_files},
    web::serve,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex},
};
use stratal::{
    LayeredGraph,
    core::{client::Submitted, progress::StageProgress, sched::RunOptions},
    prelude::*,
};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");

fn submit(client: &Client, graph: &LayeredGraph) -> Submitted {
    client.submit_graph(graph, RunOptions::default()).unwrap()
}

/// The stages of the only task of a run that has some, once they are told.
fn stages(submitted: &Submitted) -> Vec<StageProgress> {
    let tasks = submitted.handle().stages();
    assert!(tasks.len() <= 1, "{tasks:?}");
    tasks.into_iter().flat_map(|task| task.stages).collect()
}

fn rows(stages: &[StageProgress]) -> Vec<u64> {
    stages.iter().map(|stage| stage.rows).collect()
}

#[test]
fn all_stages_of_a_query_are_done_in_the_end_and_their_rows_are_those_that_passed() {
    let files = tempfile::tempdir().unwrap();
    let expected = write_files(files.path());
    let cluster = cluster(2);
    let client = by("query", &cluster);
    let _entered = client.enter();

    let groups = submit(&client, &grouped(files.path()).1.graph_optimized().unwrap());
    groups.wait().unwrap();
    // Without waiting: the last is told before the end.
    let told = stages(&groups);
    let names: Vec<&str> = told.iter().map(|stage| stage.name.as_str()).collect();
    assert!(names.len() == 3 && names[0] == "read-csv+partial-aggregate", "{names:?}");
    assert!(told.iter().all(|stage| stage.all > 0 && stage.done == stage.all), "{told:?}");
    assert_eq!(told[2].rows, expected.len() as u64, "{told:?}");
    assert_eq!(told[0].all, 24, "one partition a file");
    // What the other worker counted last may come after the end.
    wait_until("the last word of the other worker", || rows(&stages(&groups))[1] == expected.len() as u64);

    let sorted = DFrame::read_csv(format!("{DATA}/myfile.*.csv")).sort("id");
    let sorted = submit(&client, &sorted.graph_optimized().unwrap());
    sorted.wait().unwrap();
    assert_eq!(stages(&sorted).last().map(|stage| stage.rows), Some(4000));
    wait_until("all rows of all stages", || rows(&stages(&sorted)).iter().all(|rows| *rows == 4000));
    assert!(stages(&sorted).len() > 1);
}

#[test]
fn layers_tell_of_their_tasks_and_of_no_stages() {
    let cluster = cluster(2);
    let client = by("layers", &cluster);
    let _entered = client.enter();
    let groups = DFrame::read_csv(format!("{DATA}/myfile.*.csv")).group_by("name").agg(count().alias("n"));
    let submitted = submit(&client, &groups.graph_optimized().unwrap());
    submitted.wait().unwrap();
    assert!(stages(&submitted).is_empty());
}

/// Whether the last file may be sent.
#[derive(Default)]
struct Gate {
    shut: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn set(&self, shut: bool) {
        *self.shut.lock().unwrap() = shut;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let _open = self.opened.wait_while(self.shut.lock().unwrap(), |shut| *shut).unwrap();
    }
}

#[test]
fn a_query_that_waits_for_one_file_shows_what_is_done_and_what_is_not() {
    let gate = Arc::new(Gate::default());
    let passed = gate.clone();
    // Files of 100 rows, of which one goes through the gate.
    let address = serve(move |request| {
        if request.contains(" /3.csv ") {
            passed.pass();
        }
        Some(format!("k,v\n{}", "1,2\n".repeat(100)).into())
    });
    let cluster = cluster(2);
    let client = by("query", &cluster);
    let _entered = client.enter();
    let files: Vec<String> = (0..4).map(|file| format!("http://{address}/{file}.csv")).collect();
    let sums = DFrame::read_csv(files).group_by("k").agg([col("v").sum().alias("s"), count().alias("n")]);
    // It looks into the files here; the workers read them.
    let graph = sums.graph_optimized().unwrap();
    gate.set(true);
    let submitted = submit(&client, &graph);
    // Two partitions on each worker, of which one waits.
    wait_until("all files but one", || stages(&submitted).first().is_some_and(|read| (read.done, read.all) == (3, 4)));
    let held = stages(&submitted);
    assert!(held[1..].iter().all(|stage| stage.done < stage.all && stage.rows == 0), "{held:?}");
    assert_eq!(held[0].rows, 3, "one group of each file: {held:?}");
    let (_, done, all) = *submitted.handle().progress().last().unwrap();
    assert_eq!((done, all), (0, 1), "the query is at work");
    gate.set(false);
    submitted.wait().unwrap();
    let told = stages(&submitted);
    assert!(told.iter().all(|stage| stage.done == stage.all), "{told:?}");
    assert_eq!(told.last().map(|stage| stage.rows), Some(1));
    assert_eq!(groups_of(&sums.collect().unwrap()), BTreeMap::from([(1, (800, 400))]));
}
