//! Values on chosen workers, and what a client knows of its workers.

use crate::clusters::cluster;
use std::{
    thread,
    time::{Duration, Instant},
};
use stratal::{ErrorKind, Placement, tasks::sum};
use stratal_tests::*;

#[test]
fn a_value_that_is_everywhere_is_read_everywhere_and_is_not_lost_while_one_has_it() {
    let cluster = cluster(3);
    let client = cluster.client().unwrap();
    let table = client.scatter_with((0..1000).collect::<Vec<i64>>(), Placement::Everywhere);
    let started = Instant::now();
    // The value, and a task for each worker, of which that of the holder has nothing to do.
    while client.info().unwrap().counters.done < 4 {
        assert!(started.elapsed() < Duration::from_secs(60), "the copies are never there");
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(client.info().unwrap().counters.copied, 2);
    let found = client.map(look_up, (0..300u64).map(|at| (&table, at)));
    assert_eq!(found.gather().unwrap(), (0..300).collect::<Vec<_>>());
    drop(found);
    for _ in 0..2 {
        // The answer says that what was dropped is released.
        client.info().unwrap();
        cluster.kill_worker(0).unwrap();
        assert_eq!(client.submit(sum, &table).result().unwrap(), 499_500);
        assert_eq!(table.result().unwrap().len(), 1000);
    }
    assert_eq!(client.info().unwrap().counters.lost, 2, "the tasks that took the copies, and not the value");
}

#[test]
fn a_value_is_put_on_the_named_workers() {
    let cluster = cluster(2);
    let client = cluster.client().unwrap();
    for worker in cluster.worker_names() {
        let value = client.scatter_with(vec![1i64, 2, 3], Placement::on([&worker]));
        assert_eq!(client.tasks().workers([&worker]).submit(sum, &value).result().unwrap(), 6, "{worker}");
    }
    let nobody = client.scatter_with(1i64, Placement::on(["nobody"]));
    assert_eq!(nobody.result_timeout("100ms").unwrap_err().kind(), ErrorKind::Timeout, "it may yet join");
}

#[test]
fn a_client_knows_its_workers_and_waits_for_more() {
    let cluster = cluster(2);
    let client = cluster.client().unwrap();
    client.wait_for_workers(2, "60s").unwrap();
    let mut names: Vec<String> = client.workers().unwrap().into_iter().map(|worker| worker.name).collect();
    names.sort();
    let mut expected = cluster.worker_names();
    expected.sort();
    assert_eq!(names, expected);
    let info = client.info().unwrap();
    assert_eq!((info.scheduler.as_ref(), info.workers.len(), info.slots), (Some(&cluster.scheduler_addr()), 2, 2));
    assert!(info.to_string().starts_with(&format!("{}: 2 workers, 2 slots", cluster.scheduler_addr())), "{info}");
    let error = client.wait_for_workers(3, "50ms").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.message(), format!("2 of 3 workers have joined {} within 50ms", cluster.scheduler_addr()));
    let waiting = thread::spawn(move || client.wait_for_workers(3, "60s"));
    cluster.add_worker().unwrap();
    waiting.join().unwrap().unwrap();
}
