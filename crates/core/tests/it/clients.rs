//! Several clients in one process, and results that go from run to run.

use stratal_core::{
    Client, ErrorKind, Result,
    client::compute,
    delayed::delayed,
    function::tasks::sum,
    graph::{Layer, LayeredGraph},
    handmade::{Edge, Graph},
    value::Value,
};

fn local() -> Client {
    Client::builder().threads(1).detached().local().unwrap()
}

fn each_client() -> [Client; 2] {
    [local(), Client::builder().detached().synchronous().unwrap()]
}

fn inc(x: i64) -> i64 {
    x + 1
}

fn assert_refused<T: std::fmt::Debug>(result: Result<T>) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Graph, "a future of another client is an argument"));
}

#[test]
fn a_future_of_another_client_is_an_error_and_no_wrong_value() {
    for (mine, theirs) in each_client().into_iter().zip([local(), local()]) {
        let (one, ten) = (mine.submit(inc, 0), theirs.submit(inc, 9));
        assert_eq!((one.result().unwrap(), ten.result().unwrap()), (1, 10));
        assert_refused(mine.submit(inc, &ten).result());
        assert_refused(mine.submit(sum, vec![&one, &ten]).result());
        assert_refused(mine.submit(sum, theirs.map(inc, 0..2)).result());
        assert_refused(mine.map(inc, [&one, &ten]).gather());
        let _entered = mine.enter();
        assert_refused(delayed(inc, &ten).compute());
        assert_refused(compute((delayed(inc, 1), delayed(inc, &ten))));
        assert_refused(Graph::new().call("x", inc, &ten).get::<i64>("x"));
        assert_eq!(delayed(inc, &one).compute().unwrap(), 2);
    }
}

#[test]
fn runs_of_two_clients_have_different_names() {
    // A graph of layers forgets whose futures it reads: they must then be found nowhere else.
    let (mine, theirs) = (local(), local());
    let (one, ten) = (mine.submit(inc, 0), theirs.submit(inc, 9));
    assert_eq!((one.result().unwrap(), ten.result().unwrap()), (1, 10));
    let graph = LayeredGraph::builder().source("x", |x: i64| x, 0..2).layer("y", |x: i64, y: i64| x + y, (Edge::one_to_one("x"), &ten));
    let graph = graph.build().unwrap();
    assert_eq!(theirs.get_all::<i64>(&graph, "y").unwrap(), [10, 11]);
    assert_eq!(mine.get_all::<i64>(&graph, "y").unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn an_output_that_stands_for_the_result_of_another_run_keeps_it() {
    for client in each_client() {
        let made = client.run(&delayed(inc, 1).lower().unwrap(), Default::default()).unwrap();
        let (again, lease) = pass_on(&client, &made.held(0).unwrap().0);
        drop(made);
        let (third, _lease) = pass_on(&client, &again);
        drop(lease);
        let last = client.run(&held(&third), Default::default()).unwrap();
        assert_eq!(*i64::from_data(&last.data(0, 0).unwrap()).unwrap(), 2);
    }
}

fn held(ranges: &[stratal_core::graph::HeldRange]) -> LayeredGraph {
    let mut graph = LayeredGraph::default();
    let layer = graph.push(Layer::held("kept", ranges.to_vec()));
    graph.want(layer, "kept");
    graph
}

fn pass_on(
    client: &Client,
    ranges: &[stratal_core::graph::HeldRange],
) -> (Vec<stratal_core::graph::HeldRange>, stratal_core::client::Lease) {
    client.run(&held(ranges), Default::default()).unwrap().held(0).unwrap()
}
