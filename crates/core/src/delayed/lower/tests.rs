//! Which calls are one task, and which layers they make.

use super::*;
use crate::{
    Client, LayerId, RunId,
    client::compute,
    delayed::{Delayed, delayed},
    function::{ArgSpec, Call, FnBody, tasks::sum},
    graph::{EdgeMap, Layer, LayerSpec, Repeat, Work},
    value::Value,
};

fn node(function: Arc<Function>, args: Vec<Recorded>) -> Arc<Node> {
    Arc::new(Node::new(function, args))
}

fn inc(x: i64) -> i64 {
    x + 1
}

fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Functions with names, as `#[task]` gives them, so that calls of them are pure.
fn pure(name: &str) -> Arc<Function> {
    match name {
        "inc" => Arc::new(Function::named("own::inc", inc)),
        _ => Arc::new(Function::named("own::add", add)),
    }
}

fn number(value: i64) -> Recorded {
    Recorded::Literal(value.into_data())
}

fn of(node: &Arc<Node>) -> Recorded {
    Recorded::Delayed(node.clone())
}

fn calls(layer: &Layer) -> &crate::function::Calls {
    let Work::Each(_, calls) = &layer.work else { panic!("the layer lists calls") };
    calls
}

fn self_edge(graph: &LayeredGraph) -> &crate::graph::Lists {
    let EdgeMap::Explicit(lists) = &graph.layers[0].spec.inputs[0].map else { panic!("the layer reads itself") };
    lists
}

#[test]
fn equal_pure_calls_are_one_task_and_impure_ones_are_not() {
    let (one, two) = (node(pure("inc"), vec![number(1)]), node(pure("inc"), vec![number(1)]));
    let both = node(pure("add"), vec![of(&one), of(&two)]);
    let graph = lower(&[both, one.clone()], "x").unwrap();
    assert_eq!((graph.tasks(), self_edge(&graph).get(1)), (2, &[0, 0][..]));
    assert!(graph.layers[0].spec.token.is_some());
    let (one, two) = (delayed(inc, 1), delayed(inc, 1));
    assert_eq!(delayed(add, (&one, &two)).lower().unwrap().tasks(), 3);
    assert_eq!(delayed(add, (&one, &one)).lower().unwrap().tasks(), 2);
    assert_eq!(delayed(add, (one.named("k"), two.named("k"))).lower().unwrap().tasks(), 2);
    assert_eq!(delayed(add, (one.named("k").impure(), two.named("k").impure())).lower().unwrap().tasks(), 3);
}

#[test]
fn what_reads_an_impure_call_has_no_token() {
    let mut dice = Node::new(pure("inc"), vec![number(1)]);
    dice.impure = true;
    let root = node(pure("inc"), vec![Recorded::Delayed(Arc::new(dice))]);
    let graph = lower(&[root], "x").unwrap();
    assert_eq!(
        graph.layers.iter().map(|layer| (layer.spec.repeat, layer.spec.token)).collect::<Vec<_>>(),
        [(Repeat::Varies, None), (Repeat::Pure, None)]
    );
}

#[test]
fn calls_of_other_needs_stand_in_layers_of_their_own() {
    let plain = delayed(inc, 1);
    let gpu = delayed(inc, &plain).resource("gpu", 1.0);
    let root = delayed(add, (delayed(inc, &gpu), &plain));
    let graph = root.lower().unwrap();
    assert_eq!(graph.layers.iter().map(|layer| layer.spec.tasks).collect::<Vec<_>>(), [1, 1, 2]);
    assert_eq!(graph.layers[1].spec.needs.resources["gpu"], 1000);
    let inputs = &graph.layers[2].spec.inputs;
    assert_eq!(inputs.iter().map(|input| input.from.0).collect::<Vec<_>>(), [1, 2, 0]);
    assert_eq!((graph.outputs[0].layer, graph.outputs[0].tasks.to_string()), (LayerId(2), "1".to_owned()));
    let last = &calls(&graph.layers[2]).rows[1].args;
    assert!(matches!(last[..], [ArgSpec::Input { edge: 1, nth: 0 }, ArgSpec::Input { edge: 2, nth: 0 }]));
}

#[test]
fn a_chain_of_a_hundred_thousand_calls_needs_no_deep_stack() {
    let worker = std::thread::Builder::new().stack_size(128 << 10).spawn(|| {
        let mut chain = delayed(inc, 0);
        for _ in 1..100_000 {
            chain = delayed(inc, chain);
        }
        let graph = chain.lower().unwrap();
        assert_eq!((graph.layers.len(), graph.tasks()), (1, 100_000));
        assert_eq!(self_edge(&graph).get(99_999), [99_998]);
    });
    worker.unwrap().join().unwrap();
}

#[test]
fn a_fan_in_of_a_million_is_one_span() {
    let parts: Vec<Delayed<i64>> = vec![delayed(inc, 0); 1_000_000];
    let graph = delayed(sum, parts).lower().unwrap();
    assert_eq!((graph.tasks(), self_edge(&graph).get(1).len()), (2, 1_000_000));
    assert!(matches!(calls(&graph.layers[0]).rows[1].args[0], ArgSpec::Span { len, .. } if len == 1_000_000));
}

#[test]
fn results_of_other_runs_are_a_layer_that_exists() {
    let range = |start, len| HeldRange { run: RunId(7), layer: LayerId(1), start, len };
    let mut plan = CallPlan::default();
    assert_eq!(
        [plan.hold(&range(4, 1)), plan.hold(&range(5, 2)), plan.hold(&range(4, 1)), plan.hold(&range(0, 1))],
        [0..1, 1..3, 0..1, 3..4]
    );
    let class = plan.class(Class::default());
    let function = pure("add");
    let args = vec![Link::Held(3), Link::HeldList(0..3)];
    let call = plan.push(Planned { function, args, class, token: None }).unwrap();
    let graph = plan.lower("x", [(Wanted::Calls(call..call + 1), Key::from("k"))]).unwrap();
    assert_eq!(graph.layers[0].spec.held.as_deref(), Some(&[range(4, 3), range(0, 1)][..]));
    assert_eq!(graph.layers[1].spec.inputs[0].map, EdgeMap::explicit([[3, 0, 1, 2]]));
}

#[test]
fn a_map_is_one_layer_over_what_its_rows_read() {
    let one = node(pure("inc"), vec![number(1)]);
    let rows = vec![vec![number(5)], vec![of(&one)], vec![number(5)]];
    let graph = lower_map(&pure("inc"), &rows, Needs::default(), true).unwrap();
    assert_eq!(graph.layers.iter().map(|layer| layer.spec.tasks).collect::<Vec<_>>(), [1, 3]);
    assert_eq!((graph.outputs.len(), graph.outputs[0].tasks.len(), graph.outputs[0].layer), (1, 3, LayerId(1)));
    assert!(graph.layers[1].spec.token.is_some());
}

#[test]
fn keys_and_edges_do_not_stand_alone() {
    let error = delayed(inc, crate::handmade::key("x")).lower().unwrap_err();
    assert_eq!(error.to_string(), "key x stands outside of a Graph\nhelp: pass it to Graph::call, or pass a value");
}

#[test]
fn two_closures_under_one_name_are_two_tasks_and_one_closure_twice_is_one() {
    let two = [delayed(|x: i64| x + 1, 1).named("k"), delayed(|x: i64| x + 2, 1).named("k")];
    assert_eq!(delayed(sum, two.to_vec()).lower().unwrap().tasks(), 3);
    let state = 5;
    let adds: Vec<_> = (0..3).map(|_| delayed(move |x: i64| x + state, 1).named("k")).collect();
    assert_eq!(delayed(sum, adds).lower().unwrap().tasks(), 2);
}

#[test]
fn equal_calls_of_other_needs_are_other_tasks_and_so_is_what_reads_them() {
    let plain = delayed(inc, 1).named("k");
    let patient = plain.retries(9);
    assert_eq!(delayed(add, (&plain, &patient)).lower().unwrap().tasks(), 3);
    assert_eq!(delayed(add, (&patient, plain.retries(9))).lower().unwrap().tasks(), 2);
    let readers = [delayed(inc, &plain).named("r"), delayed(inc, &patient).named("r")];
    assert_eq!(delayed(sum, readers.to_vec()).lower().unwrap().tasks(), 5);
}

/// Tasks that add one, over a source of calls.
fn adding(calls: &[&Delayed<i64>]) -> Vec<Delayed<i64>> {
    let mut graph = LayeredGraph::default();
    let tasks = calls.len() as u32;
    let source = graph.push(Layer { spec: LayerSpec::new("source", tasks), work: Work::Held });
    let call = Call::new(0, vec![ArgSpec::Input { edge: 0, nth: 0 }]);
    let body = FnBody { functions: [Function::of(inc)].into(), call: Some(Arc::new(call)) };
    let last = graph.push(Layer::uniform(LayerSpec::new("adding", tasks).reads(source, EdgeMap::OneToOne), body.template()));
    graph.want(last, "adding");
    let calls = calls.iter().map(|call| call.node().clone()).collect();
    Subgraph::new(graph, vec![(source, calls)], Vec::new()).unwrap().parts()
}

#[test]
fn a_subgraph_stands_once_between_what_it_reads_and_what_reads_it() {
    let client = Client::builder().threads(2).detached().local().unwrap();
    let _entered = client.enter();
    let (one, two) = (delayed(inc, 1), delayed(inc, 10));
    let parts = adding(&[&one, &two]);
    let both = delayed(add, (delayed(sum, parts.clone()), &parts[1]));
    let graph = lower(&[both.node().clone(), parts[0].node().clone()], "x").unwrap();
    assert_eq!(graph.summary(), "inc[2] -> adding[2] -> x[2]");
    assert_eq!(compute((&both, &parts[0], &one)).unwrap(), (3 + 12 + 12, 3, 2));
    assert_eq!(parts[1].compute().unwrap(), 12);
    assert_eq!(parts[1].persist().unwrap().compute().unwrap(), 12);
    // One of another reads it; so does a call that is wanted beside.
    let further = adding(&[&parts[1], &both]);
    assert_eq!(compute((further, &parts)).unwrap(), (vec![13, 28], vec![3, 12]));
}

#[test]
fn a_source_whose_results_do_not_stand_in_order_becomes_a_layer_that_hands_them_on() {
    let client = Client::builder().threads(2).detached().local().unwrap();
    let _entered = client.enter();
    let (one, two, kept) = (delayed(inc, 1), delayed(inc, 10), delayed(inc, 100).persist().unwrap());
    for (calls, expected) in [([&two, &one], [12, 3]), ([&one, &one], [3, 3]), ([&kept, &one], [102, 3]), ([&kept, &kept], [102, 102])] {
        let parts = adding(&calls);
        assert_eq!(compute((&one, &parts)).unwrap(), (2, expected.to_vec()));
        let graph = lower(&[one.node().clone(), parts[0].node().clone()], "x").unwrap();
        assert!(graph.layers.iter().any(|layer| layer.spec.name == "source"), "{}", graph.summary());
    }
    let all = delayed(sum, adding(&[&one, &two]));
    assert_eq!(all.lower().unwrap().summary(), "inc[2] -> adding[2] -> sum[1]");
}

#[test]
fn a_chain_of_subgraphs_is_dropped_without_a_deep_stack() {
    let worker = std::thread::Builder::new().stack_size(128 << 10).spawn(|| {
        let mut chain = delayed(inc, 0);
        for _ in 0..20_000 {
            chain = adding(&[&chain]).remove(0);
        }
        drop(chain);
    });
    worker.unwrap().join().unwrap();
}
