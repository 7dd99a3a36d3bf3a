//! Variables, queues, events, locks, semaphores and published names of clients in one process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};
use stratal_core::{
    Client, ErrorKind,
    client::{TaskFuture, compute},
    coordination::Ask,
    delayed::{Delayed, delayed},
};

fn local(threads: usize) -> Client {
    Client::builder().threads(threads).detached().local().unwrap()
}

fn each_client() -> [(&'static str, Client); 3] {
    let synchronous = Client::builder().detached().synchronous().unwrap();
    [("one thread", local(1)), ("two threads", local(2)), ("synchronous", synchronous)]
}

fn soon(work: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(30));
        work();
    })
}

#[test]
fn a_variable_is_waited_for_and_read_by_tasks() {
    for (name, client) in each_client() {
        let limit = client.variable::<f64>("limit");
        assert_eq!(limit.get_timeout("10ms").unwrap_err().kind(), ErrorKind::Timeout, "{name}");
        let setting = soon({
            let limit = limit.clone();
            move || limit.set(0.5).unwrap()
        });
        assert_eq!(limit.get().unwrap(), 0.5, "{name}");
        setting.join().unwrap();
        let below = client.map(|x: f64| x < Client::current().variable::<f64>("limit").get().unwrap(), [0.25, 0.75]);
        assert_eq!(below.gather().unwrap(), [true, false], "{name}");
        let error = client.variable::<String>("limit").get().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{name}");
        assert!(error.message().contains("f64") && error.message().contains("String"), "{name}: {error}");
        limit.delete().unwrap();
        assert!(limit.get_timeout("10ms").is_err(), "{name}");
    }
}

#[test]
fn a_queue_keeps_its_order_and_whoever_stops_waiting_takes_nothing_along() {
    for (name, client) in each_client() {
        let queue = client.queue::<u32>("jobs", 3);
        assert_eq!((queue.try_get().unwrap(), queue.len().unwrap()), (None, 0), "{name}");
        // One is out of time, one is dropped while it waits.
        assert_eq!(queue.get_timeout("10ms").unwrap_err().kind(), ErrorKind::Timeout, "{name}");
        let waiting = Box::pin(queue.get_async());
        drop(futures::executor::block_on(futures::future::select(waiting, Box::pin(queue.put_async(0)))));
        (1..=2).for_each(|item| queue.put(item).unwrap());
        let mut all = Vec::new();
        while let Some(item) = queue.try_get().unwrap() {
            all.push(item);
        }
        // The first may have been taken before its taker was let go.
        assert!(all == [0, 1, 2] || all == [1, 2], "{name}: {all:?}");

        (0..3).for_each(|item| queue.put(item).unwrap());
        assert_eq!(queue.put_timeout(9, "10ms").unwrap_err().kind(), ErrorKind::Timeout, "{name}: it is full");
        let taking = soon({
            let queue = queue.clone();
            move || assert_eq!(queue.get().unwrap(), 0)
        });
        queue.put(3).unwrap();
        taking.join().unwrap();
        assert_eq!((0..3).map(|_| queue.get().unwrap()).collect::<Vec<_>>(), [1, 2, 3], "{name}");
        assert!(queue.is_empty().unwrap(), "{name}");
    }
}

#[test]
fn tasks_that_wait_for_one_another_share_one_slot() {
    let client = local(1);
    let (steps, done) = (client.queue::<u32>("steps", 1), client.event("done"));
    let consumer = client.submit(
        || {
            let client = Client::current();
            let steps = client.queue::<u32>("steps", 1);
            let sum: u32 = (0..10).map(|_| steps.get().unwrap()).sum();
            client.event("done").set().unwrap();
            sum
        },
        (),
    );
    let watcher = client.submit(|| Client::current().event("done").wait_timeout("20s").is_ok(), ());
    let producer = client.submit(
        || {
            let steps = Client::current().queue::<u32>("steps", 1);
            (0..10).for_each(|step| steps.put(step).unwrap());
        },
        (),
    );
    producer.result().unwrap();
    assert_eq!(consumer.result().unwrap(), 45);
    assert!(watcher.result().unwrap() && done.is_set().unwrap() && steps.is_empty().unwrap());
}

#[test]
fn a_lock_lets_one_in_and_a_semaphore_as_many_as_it_has() {
    let client = local(4);
    let inside: Arc<[AtomicU32; 2]> = Arc::default();
    let most: Arc<[AtomicU32; 2]> = Arc::default();
    let enter = |which: usize| {
        let (inside, most) = (inside.clone(), most.clone());
        move |_: u32| {
            let client = Client::current();
            let (lock, semaphore) = (client.lock("one"), client.semaphore("two", 2));
            let guards = if which == 0 { (Some(lock.acquire().unwrap()), None) } else { (None, Some(semaphore.acquire().unwrap())) };
            most[which].fetch_max(inside[which].fetch_add(1, SeqCst) + 1, SeqCst);
            thread::sleep(Duration::from_millis(1));
            inside[which].fetch_sub(1, SeqCst);
            drop(guards);
        }
    };
    let (locked, counted) = (client.map(enter(0), 0..40), client.map(enter(1), 0..40));
    locked.gather().unwrap();
    counted.gather().unwrap();
    assert_eq!(most[0].load(SeqCst), 1);
    assert!((1..=2).contains(&most[1].load(SeqCst)));
}

#[test]
fn permits_come_back_when_they_are_dropped_and_many_are_not_overtaken() {
    for (name, client) in each_client() {
        let lock = client.lock("l");
        let guard = lock.acquire().unwrap();
        assert!(lock.try_acquire().unwrap().is_none(), "{name}: it is not re-entrant");
        assert_eq!(lock.acquire_timeout("10ms").unwrap_err().kind(), ErrorKind::Timeout, "{name}");
        drop(guard);
        drop(lock.acquire_timeout("10s").unwrap());

        let semaphore = client.semaphore("s", 3);
        let two = semaphore.acquire_many(2).unwrap();
        let all = thread::spawn({
            let semaphore = semaphore.clone();
            move || semaphore.acquire_many(3).unwrap().count()
        });
        // Once the other waits, the one permit that is free is not given to who comes later.
        while semaphore.try_acquire().unwrap().is_some() {
            thread::sleep(Duration::from_millis(1));
        }
        drop(two);
        assert_eq!(all.join().unwrap(), 3, "{name}");
        assert_eq!(semaphore.acquire_many(4).unwrap_err().kind(), ErrorKind::BadValue, "{name}");
        assert_eq!(client.semaphore("s", 3).acquire_many(3).unwrap().count(), 3, "{name}");
    }
}

#[test]
fn a_cancelled_task_waits_no_longer() {
    let client = local(1);
    let waiting = client.submit(|| Client::current().event("never").wait().is_ok(), ());
    assert_eq!(waiting.result_timeout("50ms").unwrap_err().kind(), ErrorKind::Timeout);
    waiting.cancel();
    assert_eq!(waiting.result().unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(client.submit(|x: i64| x + 1, 1).result().unwrap(), 2);
}

#[test]
fn whoever_waits_hears_that_the_client_was_closed() {
    for (name, client) in each_client() {
        let asking = client.executor().unwrap().asking().clone();
        let waiting = asking.ask(Ask::Await { event: "never".to_owned() });
        drop(client);
        assert_eq!(futures::executor::block_on(waiting).unwrap_err().kind(), ErrorKind::Cancelled, "{name}");
        assert_eq!(futures::executor::block_on(asking.ask(Ask::Names)).unwrap_err().kind(), ErrorKind::Cancelled, "{name}");
    }
}

#[test]
fn what_is_published_outlives_its_maker_and_is_found_by_name_and_type() {
    for (name, client) in each_client() {
        let _entered = client.enter();
        let kept = delayed(|n: i64| (0..n).collect::<Vec<i64>>(), 4).persist().unwrap();
        client.publish("numbers", &kept).unwrap();
        drop(kept);
        let future = client.submit(|x: i64| x * 2, 21);
        client.publish("answer", &future).unwrap();
        drop(future);
        assert_eq!(client.published().unwrap(), ["answer", "numbers"], "{name}");
        let numbers = client.get_published::<Delayed<Vec<i64>>>("numbers").unwrap();
        let sum = delayed(|xs: &[i64]| xs.iter().sum::<i64>(), &numbers);
        assert_eq!(compute((numbers, sum)).unwrap(), (vec![0, 1, 2, 3], 6), "{name}");
        assert_eq!(client.get_published::<TaskFuture<i64>>("answer").unwrap().result().unwrap(), 42, "{name}");

        let error = client.publish("answer", &client.submit(|| 1i64, ())).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Exists, "\"answer\" is published already"), "{name}");
        let error = client.get_published::<TaskFuture<i64>>("anser").unwrap_err();
        assert_eq!((error.kind(), error.help()), (ErrorKind::NotFound, Some("did you mean \"answer\"?")), "{name}");
        let error = client.get_published::<TaskFuture<String>>("answer").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch, "{name}");
        let error = client.publish("lazy", &delayed(|| 1i64, ())).unwrap_err();
        assert_eq!((error.kind(), error.help()), (ErrorKind::BadValue, Some("persist() it, and publish what that gives")), "{name}");

        client.unpublish("numbers").unwrap();
        assert_eq!(client.unpublish("numbers").unwrap_err().kind(), ErrorKind::NotFound, "{name}");
        assert_eq!(client.published().unwrap(), ["answer"], "{name}");
    }
}

#[test]
fn a_failure_is_published_as_it_is_and_may_be_retried_by_who_finds_it() {
    let calls: &'static AtomicU32 = Box::leak(Box::default());
    let client = local(2);
    let failing = client.tasks().retries(0).submit(move || if calls.fetch_add(1, SeqCst) == 0 { Err("not yet") } else { Ok(7i64) }, ());
    client.publish("flaky", &failing).unwrap();
    drop(failing);
    let found = client.get_published::<TaskFuture<i64>>("flaky").unwrap();
    assert!(found.result().unwrap_err().message().contains("not yet"));
    found.retry();
    assert_eq!(found.result().unwrap(), 7);
    assert_eq!(calls.load(SeqCst), 2);
}
