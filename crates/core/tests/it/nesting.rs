//! Tasks that submit tasks: where those run, and before what.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use stratal_core::{Client, Result, delayed::delayed, runner::depth};

fn local(threads: usize) -> Client {
    Client::builder().threads(threads).detached().local().unwrap()
}

fn slots() -> Result<u32> {
    Ok(Client::current().executor()?.topology().slots)
}

#[test]
fn a_verb_inside_a_task_runs_on_the_client_that_runs_the_task() {
    // The newest client of the process is another one.
    let (three, _newest) = (local(3), Client::builder().threads(7).local().unwrap());
    assert_eq!(three.submit(slots, ()).result().unwrap(), 3);
    let nested = || delayed(slots, ()).compute();
    assert_eq!(three.submit(nested, ()).result().unwrap(), 3);
    async fn later() -> Result<u32> {
        tokio::task::yield_now().await;
        slots()
    }
    assert_eq!(three.submit(later, ()).result().unwrap(), 3);
    let synchronous = Client::builder().detached().synchronous().unwrap();
    assert_eq!(synchronous.submit(nested, ()).result().unwrap(), 1);
}

#[test]
fn a_client_that_a_task_enters_goes_before_that_of_the_task() {
    let (two, four) = (local(2), local(4));
    let inner = four.clone();
    let entered = move || {
        let _entered = inner.enter();
        delayed(slots, ()).compute()
    };
    assert_eq!(two.submit(entered, ()).result().unwrap(), 4);
    assert_eq!(two.submit(slots, ()).result().unwrap(), 2, "the guard is dropped");
}

#[test]
fn a_task_may_pass_a_future_of_its_client_on() {
    let client = local(2);
    let four = client.submit(|x: i64| x, 4);
    let captured = four.clone();
    let outer = client.submit(move || Client::current().submit(|x: i64| x + 1, &captured).result(), ());
    assert_eq!(outer.result().unwrap(), 5);
}

#[test]
fn what_a_task_submits_stands_one_deeper_than_the_task() {
    fn nest(levels: u32) -> Result<Vec<u32>> {
        let mut depths = match levels {
            0 => Vec::new(),
            _ => Client::current().submit(nest, levels - 1).result()?,
        };
        depths.push(depth());
        Ok(depths)
    }
    assert_eq!(depth(), 0);
    assert_eq!(local(1).submit(nest, 4).result().unwrap(), [5, 4, 3, 2, 1]);
}

#[test]
fn in_a_tree_of_tasks_that_wait_for_tasks_few_have_begun_at_once() {
    static BEGUN: AtomicU32 = AtomicU32::new(0);
    static MOST: AtomicU32 = AtomicU32::new(0);
    fn tree(levels: u32) -> Result<u64> {
        if levels == 0 {
            return Ok(1);
        }
        MOST.fetch_max(BEGUN.fetch_add(1, SeqCst) + 1, SeqCst);
        let client = Client::current();
        let halves = [client.submit(tree, levels - 1), client.submit(tree, levels - 1)];
        let leaves = halves.iter().map(|half| half.result()).sum();
        BEGUN.fetch_sub(1, SeqCst);
        leaves
    }
    assert_eq!(local(2).submit(tree, 10).result().unwrap(), 1024);
    let most = MOST.load(SeqCst);
    assert!(most < 100, "{most} of 1023 tasks at once");
}
