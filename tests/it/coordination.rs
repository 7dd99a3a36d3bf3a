//! Variables, queues, events, locks and semaphores between tasks on any worker, and between them and clients.

use crate::clusters::{cluster, everywhere};
use std::thread;
use stratal::{
    ErrorKind,
    core::coordination::{Ask, GateName},
    prelude::*,
};
use stratal_tests::*;

#[test]
fn tasks_on_all_workers_count_under_one_lock() {
    everywhere(|name| {
        let client = Client::current();
        let count = client.variable::<i64>("count");
        count.set(0).unwrap();
        client.map(count_up, 0..20u64).gather().unwrap();
        assert_eq!(count.get().unwrap(), 20, "{name}");
        count.delete().unwrap();
        assert_eq!(count.get_timeout("10ms").unwrap_err().kind(), ErrorKind::Timeout, "{name}");
    });
}

#[test]
fn a_queue_feeds_a_task_and_another_takes_its_results_in_order() {
    everywhere(|name| {
        let client = Client::current();
        let numbers = client.queue::<i64>("numbers", 2);
        let squares = client.queue::<i64>("squares", 2);
        let feeding = thread::spawn(move || (1..=30).chain([0]).for_each(|number| numbers.put(number).unwrap()));
        let taking = thread::spawn({
            let squares = squares.clone();
            move || (0..30).map(|_| squares.get_timeout("60s").unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(client.submit(squares_from, ("numbers", "squares")).result().unwrap(), 30, "{name}");
        feeding.join().unwrap();
        assert_eq!(taking.join().unwrap(), (1..=30).map(|x| x * x).collect::<Vec<i64>>(), "{name}");
        assert!(squares.is_empty().unwrap() && squares.try_get().unwrap().is_none(), "{name}");
    });
}

#[test]
fn tasks_wait_for_an_event_that_a_client_sets_when_they_have_come() {
    everywhere(|name| {
        let client = Client::current();
        let setting = thread::spawn({
            let client = client.clone();
            move || {
                client.event("one is here").wait_timeout("60s").unwrap();
                client.event("go").set().unwrap();
            }
        });
        let meeting = [client.submit(meets, ("one is here", "go")), client.submit(meets, ("two is here", "go"))];
        client.gather(&meeting).unwrap();
        setting.join().unwrap();
        for event in ["one is here", "two is here", "go"] {
            assert!(client.event(event).is_set().unwrap(), "{name}: {event}");
            client.event(event).clear().unwrap();
            assert!(!client.event(event).is_set().unwrap(), "{name}: {event}");
        }
    });
}

#[test]
fn waiting_tasks_of_one_slot_do_not_lock_each_other_out() {
    let cluster = cluster(1);
    let client = cluster.client().unwrap();
    let waiting: Vec<_> = (0..4).map(|i| client.submit(meets, (format!("{i}"), "start"))).collect();
    for i in 0..4 {
        client.event(format!("{i}")).wait_timeout("60s").unwrap();
    }
    assert_eq!(client.submit(inc, 1).result().unwrap(), 2, "they all wait, and have given their slot back");
    client.event("start").set().unwrap();
    assert_eq!(client.gather(&waiting).unwrap(), [cluster.worker_pids()[0]; 4]);
}

#[test]
fn a_worker_that_dies_lets_go_of_what_its_tasks_hold() {
    let cluster = cluster(2);
    let client = cluster.client().unwrap();
    let holder = client.submit(keeps_for_ever, "holders");
    let pid = client.queue::<u32>("holders", 0).get_timeout("60s").unwrap();
    let (lock, semaphore) = (client.lock("kept"), client.semaphore("kept", 2));
    // So that it does not run again elsewhere. It hears nothing of it, and keeps what it has.
    holder.cancel();
    assert!(lock.try_acquire().unwrap().is_none() && semaphore.try_acquire().unwrap().is_none());
    assert_eq!(lock.acquire_timeout("50ms").unwrap_err().kind(), ErrorKind::Timeout);
    let waiting = thread::spawn({
        let semaphore = semaphore.clone();
        move || semaphore.acquire_timeout(2, "60s").map(|permits| permits.count())
    });
    let position = cluster.worker_pids().iter().position(|other| *other == pid).unwrap();
    cluster.kill_worker(position).unwrap();
    drop(lock.acquire_timeout("60s").unwrap());
    assert_eq!(waiting.join().unwrap().unwrap(), 2);
}

#[test]
fn a_client_that_is_gone_waits_for_nothing_and_holds_nothing() {
    let cluster = cluster(1);
    let client = cluster.client().unwrap();
    let other = Client::builder().detached().connect(&cluster.scheduler_addr()).unwrap();
    let asking = other.executor().unwrap().asking().clone();
    let take = asking.ask(Ask::Take { queue: "left".to_owned(), capacity: 0, wait: true });
    let acquire = asking.ask(Ask::Acquire { gate: GateName::Lock("left".to_owned()), of: 1, permits: 1, wait: true });
    let lock = client.lock("left");
    while lock.try_acquire().unwrap().is_some() {
        thread::yield_now();
    }
    drop(other);
    let _guard = lock.acquire_timeout("60s").unwrap();
    let queue = client.queue::<i64>("left", 0);
    queue.put(7).unwrap();
    assert_eq!(queue.try_get().unwrap(), Some(7), "nobody else took it");
    drop((take, acquire));
}

#[test]
fn a_task_that_is_cancelled_while_it_waits_frees_its_worker() {
    let cluster = cluster(1);
    let client = cluster.client().unwrap();
    let waiting = client.submit(meets, ("here", "never"));
    client.event("here").wait_timeout("60s").unwrap();
    waiting.cancel();
    assert_eq!(waiting.result().unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(client.submit(inc, 1).result().unwrap(), 2);
}
