//! Tuples that are taken apart before they are there, and what a check finds before anything runs.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::SeqCst},
};
use stratal_core::{
    Client, ErrorKind,
    client::{TaskFuture, compute},
    delayed::{Delayed, delayed},
    handmade::key,
};

fn each_client() -> [(&'static str, Client); 2] {
    let local = Client::builder().threads(2).detached().local().unwrap();
    [("local", local), ("synchronous", Client::builder().detached().synchronous().unwrap())]
}

#[test]
fn the_fields_of_a_tuple_are_values_of_their_own_and_the_tuple_is_made_once() {
    for (name, client) in each_client() {
        let _entered = client.enter();
        let calls: Arc<AtomicU32> = Arc::default();
        let counted = calls.clone();
        let four = delayed(
            move |n: i64| {
                counted.fetch_add(1, SeqCst);
                (n, vec![n; 3], n.to_string(), (n % 2 == 0, 0.5))
            },
            8,
        );
        let (number, list, text, pair) = four.unzip();
        let (even, half): (Delayed<bool>, Delayed<f64>) = pair.unzip();
        let length = delayed(|list: &[i64], text: &str| list.len() + text.len(), (&list, &text));
        let all = compute((number, length, even, half, four)).unwrap();
        assert_eq!(all, (8, 4, true, 0.5, (8, vec![8; 3], "8".to_owned(), (true, 0.5))), "{name}");
        assert_eq!(calls.load(SeqCst), 1, "{name}");
    }
}

#[test]
fn fields_of_what_is_kept_and_of_futures_of_it_are_read_from_where_it_is() {
    for (name, client) in each_client() {
        let _entered = client.enter();
        let kept = delayed(|a: i64, b: i64| (a / b, a % b), (17, 5)).persist().unwrap();
        let (quotient, rest) = kept.unzip();
        assert_eq!((quotient.compute().unwrap(), rest.compute().unwrap()), (3, 2), "{name}");
        let future: TaskFuture<i64> = client.submit(|a: i64, b: i64| a * b, (5, 3));
        assert_eq!(delayed(|a: i64, b: i64, c: i64| a + b + c, (&quotient, &rest, &future)).compute().unwrap(), 20, "{name}");
        let error = delayed(|_: i64| -> Result<(i64, i64), String> { Err("no pair".to_owned()) }, 1).unzip().1.compute().unwrap_err();
        assert!(error.message().contains("no pair"), "{name}: {error}");
    }
}

#[test]
fn a_check_finds_what_a_verb_would_refuse_and_runs_nothing() {
    for (name, client) in each_client() {
        let _entered = client.enter();
        let calls: Arc<AtomicU32> = Arc::default();
        let counted = calls.clone();
        let fine = delayed(move |x: u32| x + counted.fetch_add(1, SeqCst), 1);
        assert_eq!(fine.check().unwrap().key(), fine.key(), "{name}");
        assert_eq!(calls.load(SeqCst), 0, "{name}");
        let error = delayed(|x: i64| x, key("x")).check().unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Graph, "key x stands outside of a Graph"), "{name}");
        let other = Client::builder().detached().synchronous().unwrap();
        let theirs = other.submit(|x: i64| x, 1);
        let error = delayed(|x: i64| x, &theirs).check().unwrap_err();
        assert_eq!(error.message(), "a future of another client is an argument", "{name}");
    }
}
