//! How work ends that does not end by itself: cancelled, closed, refused, and with values that do not want to go.

use std::{
    sync::{
        atomic::{AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    time::Duration,
};
use stratal_core::{
    Client, ErrorKind, LayerId, Result,
    delayed::delayed,
    graph::{EdgeMap, Input},
    value::Value,
};

const SOON: Duration = Duration::from_secs(10);

fn local(threads: usize) -> Client {
    Client::builder().threads(threads).detached().local().unwrap()
}

fn inc(x: i64) -> i64 {
    x + 1
}

/// Tells when it is dropped.
struct Told(mpsc::Sender<()>);

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// A function that never ends, and two ends of channels: it began, and it was dropped.
fn endless() -> (impl Fn() -> futures::future::BoxFuture<'static, i64> + Send + Sync + 'static, mpsc::Receiver<()>, mpsc::Receiver<()>) {
    let ((begin, began), (end, ended)) = (mpsc::channel(), mpsc::channel());
    let function = move || -> futures::future::BoxFuture<'static, i64> {
        let (begin, told) = (begin.clone(), Told(end.clone()));
        Box::pin(async move {
            let _told = told;
            begin.send(()).unwrap();
            std::future::pending().await
        })
    };
    (function, began, ended)
}

#[test]
fn a_cancel_reaches_an_async_function_that_waits_for_ever() {
    let client = local(1);
    let (function, began, ended) = endless();
    let future = client.submit(function, ());
    began.recv_timeout(SOON).unwrap();
    future.cancel();
    ended.recv_timeout(SOON).unwrap();
    assert_eq!(future.result().unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(client.submit(inc, 1).result_timeout("10s").unwrap(), 2, "the slot is free again");
}

#[test]
fn a_client_that_is_closed_cancels_what_runs() {
    let client = local(1);
    let (function, began, ended) = endless();
    let future = client.submit(function, ());
    began.recv_timeout(SOON).unwrap();
    drop((client, future));
    ended.recv_timeout(SOON).unwrap();
}

#[test]
fn a_task_that_reads_what_it_cancelled_fails_once_and_says_so() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    fn outer() -> Result<i64> {
        CALLS.fetch_add(1, SeqCst);
        let client = Client::current();
        let (never, _began, _ended) = endless();
        let inner = client.submit(never, ());
        inner.cancel();
        inner.result()
    }
    let error = local(1).submit(outer, ()).result_timeout("10s").unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Task, "a result that it waited for was cancelled"));
    assert_eq!(CALLS.load(SeqCst), 1);
}

#[test]
fn what_this_process_could_never_run_is_refused_at_submit() {
    let client = local(1);
    let _entered = client.enter();
    let error = delayed(inc, 1).resource("gpu", 0.5).compute().unwrap_err();
    let text = "layer \"inc\" needs 0.5 of resource \"gpu\"; the only worker is this process, \"local\", which has no resources";
    assert_eq!((error.kind(), error.message()), (ErrorKind::Graph, text));
    let error = delayed(inc, 1).workers(["w1", "w2"]).compute().unwrap_err();
    assert!(error.message().starts_with("layer \"inc\" may run on w1, w2 only; the only worker is this process"), "{error}");
    assert_eq!(delayed(inc, 1).workers(["w1", "local"]).compute().unwrap(), 2);
}

#[test]
fn a_graph_with_an_edge_that_leads_nowhere_is_an_error_and_no_panic() {
    for client in [local(1), Client::builder().detached().synchronous().unwrap()] {
        let mut graph = delayed(inc, 1).lower().unwrap();
        graph.layers[0].spec.inputs.push(Input { from: LayerId(9), sources: 1, map: EdgeMap::OneToOne });
        let error = client.run(&graph, Default::default()).err().unwrap();
        assert_eq!(error.message(), "layer \"inc\": it reads layer-9, and there are 1 layers");
    }
}

#[derive(Clone)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a value that does not want to go");
    }
}

impl Value for Bomb {
    fn type_name() -> String {
        "Bomb".to_owned()
    }

    fn encode(&self, _: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }

    fn decode(_: &mut &[u8]) -> Result<Self> {
        Ok(Bomb)
    }
}

#[test]
fn a_result_whose_drop_panics_takes_nothing_along() {
    let client = local(1);
    for n in 0..3 {
        let bomb = client.submit(|| Bomb, ());
        assert!(bomb.status() != "error");
        let beside = client.submit(inc, n);
        assert_eq!(beside.result_timeout("10s").unwrap(), n + 1);
        drop(bomb);
        assert_eq!(client.submit(inc, n).result_timeout("10s").unwrap(), n + 1);
    }
}
