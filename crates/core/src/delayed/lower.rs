//! Lowering lazy calls: a walk with a worklist, children first, that merges equal calls on its way.

use super::{
    Node,
    node::{Identity, children},
};
use crate::{
    Error, ErrorKind, Key, Result,
    function::{CallPlan, Class, Function, Link, Planned, Recorded, encode_batches},
    graph::{HeldRange, LayeredGraph, Needs, Token, Tokenizer},
    value::Data,
};
use rustc_hash::FxHashMap;
use std::{collections::BTreeMap, sync::Arc};

/// What a call asks for on top of what its function's attribute says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) retries: Option<u32>,
    pub(crate) priority: i32,
    pub(crate) resources: BTreeMap<String, u64>,
    pub(crate) workers: Vec<String>,
}

impl Settings {
    fn needs(&self, function: &Function) -> Needs {
        let mut needs = function.needs();
        needs.retries = self.retries.or(needs.retries);
        needs.priority = self.priority;
        needs.resources.extend(self.resources.iter().map(|(name, amount)| (name.clone(), *amount)));
        needs.workers.clone_from(&self.workers);
        needs
    }
}

/// Up to so many calls of a `map` have tokens: beyond, hashing every argument costs more than a repeated map is likely to save.
const TOKENS: usize = 10_000;

/// The graph that makes the results of `roots`, one output each, in order. `name` is the layer's where it calls several functions.
///
/// # Errors
/// `Graph` when an argument is a [`Key`] or an [`Edge`](crate::handmade::Edge), which mean something elsewhere.
pub fn lower(roots: &[Arc<Node>], name: &str) -> Result<LayeredGraph> {
    let mut walk = Walk::default();
    walk.visit(roots.iter())?;
    let calls: Vec<(u32, Key)> = roots.iter().map(|root| (walk.seen[&Arc::as_ptr(root)].0, root.key())).collect();
    walk.plan.lower(name, calls.into_iter().map(|(call, key)| (call..call + 1, key)))
}

/// The graph of one call of `function` for each row of arguments: one layer, whose tasks are its one output, in order.
/// `pure` says whether equal rows give equal results.
///
/// Arguments are borrowed, so that the leases of futures among them live until the graph was submitted.
///
/// # Errors
/// As [`lower`].
pub fn lower_map(function: &Arc<Function>, rows: &[Vec<Recorded>], needs: Needs, pure: bool) -> Result<LayeredGraph> {
    let mut walk = Walk::default();
    let impure = !pure || function.options().impure;
    let tokens = !impure && function.name().is_some() && rows.len() <= TOKENS;
    for row in rows {
        walk.visit(children(row).into_iter())?;
    }
    let class = walk.plan.class(Class { needs, impure, last: true });
    let mut first = None;
    for row in rows {
        let token = tokens.then(|| walk.identity(function, row, None)).and_then(Identity::token);
        let args = walk.links(row)?;
        let call = walk.plan.push(Planned { function: function.clone(), args, class, token })?;
        first.get_or_insert(call);
    }
    let first = first.unwrap_or(0);
    let wanted = (!rows.is_empty()).then(|| (first..first + rows.len() as u32, Key::from(function.short_name())));
    walk.plan.lower("map", wanted)
}

impl Identity {
    fn token(self) -> Option<Token> {
        self.pure.then_some(Token(self.hash))
    }
}

#[derive(Default)]
struct Walk {
    plan: CallPlan,
    /// The number and identity of each call that was seen.
    seen: FxHashMap<*const Node, (u32, Identity)>,
    merged: FxHashMap<Identity, u32>,
}

impl Walk {
    /// Plans the calls and all that they read, each after what it reads.
    fn visit<'a>(&mut self, roots: impl DoubleEndedIterator<Item = &'a Arc<Node>>) -> Result<()> {
        let mut work: Vec<(&Arc<Node>, bool)> = roots.rev().map(|root| (root, false)).collect();
        while let Some((node, ready)) = work.pop() {
            if self.seen.contains_key(&Arc::as_ptr(node)) {
                continue;
            }
            if ready {
                self.plan(node)?;
                continue;
            }
            work.push((node, true));
            let unseen = |child: &&Arc<Node>| !self.seen.contains_key(&Arc::as_ptr(child));
            work.extend(children(&node.args.0).into_iter().rev().filter(unseen).map(|child| (child, false)));
        }
        Ok(())
    }

    /// Plans a call whose inputs are planned.
    fn plan(&mut self, node: &Arc<Node>) -> Result<()> {
        let identity = *node.identity.get_or_init(|| self.identity(&node.function, &node.args.0, Some(node)));
        let call = match self.merged.get(&identity) {
            Some(call) => *call,
            None => {
                let args = self.links(&node.args.0)?;
                let needs = node.settings.needs(&node.function);
                let class = self.plan.class(Class { needs, impure: node.impure, last: false });
                let call = self.plan.push(Planned { function: node.function.clone(), args, class, token: identity.token() })?;
                self.merged.insert(identity, call);
                call
            }
        };
        self.seen.insert(Arc::as_ptr(node), (call, identity));
        Ok(())
    }

    /// What a call is merged by: function and arguments where it is pure, else its own number.
    fn identity(&self, function: &Function, args: &[Recorded], node: Option<&Arc<Node>>) -> Identity {
        let closure = match (function.name(), node) {
            (None, Some(node)) => node.key.as_ref(),
            _ => None,
        };
        let head = match (function.name(), closure) {
            (Some(name), _) => Tokenizer::new("call").bytes(name.as_bytes()).number(function.signature_hash()),
            (None, Some(key)) => Tokenizer::new("closure").bytes(key.to_string().as_bytes()),
            (None, None) => return Identity::of_number(node),
        };
        if node.is_some_and(|node| node.impure) {
            return Identity::of_number(node);
        }
        let mut pure = true;
        match args.iter().try_fold(head.number(args.len() as u64), |token, arg| self.hash(arg, token, &mut pure)) {
            Some(token) => Identity { hash: token.finish().0, pure },
            None => Identity::of_number(node),
        }
    }

    /// Adds an argument to a token; nothing where its wire form cannot be made.
    fn hash(&self, arg: &Recorded, token: Tokenizer, pure: &mut bool) -> Option<Tokenizer> {
        let range = |token: Tokenizer, range: &HeldRange| {
            let HeldRange { run, layer, start, len } = *range;
            token.number(run.0).number(layer.0 as u64).number(start as u64).number(len as u64)
        };
        Some(match arg {
            Recorded::Literal(Data::Object(object)) => token.number(0).bytes(object.type_name().as_bytes()).bytes(&object.wire().ok()?),
            Recorded::Literal(Data::Batches(batches)) => token.number(1).bytes(&encode_batches(batches).ok()?),
            Recorded::Literal(Data::Unit) => token.number(2),
            Recorded::Delayed(node) => {
                let (_, identity) = self.seen.get(&Arc::as_ptr(node))?;
                *pure &= identity.pure;
                token.number(3).token(Token(identity.hash))
            }
            Recorded::Future(held, _) => range(token.number(4), held),
            Recorded::Futures(held, _) => range(token.number(5), held),
            Recorded::List(items) => {
                items.iter().try_fold(token.number(6).number(items.len() as u64), |token, item| self.hash(item, token, pure))?
            }
            Recorded::Failed(_) | Recorded::Key(_) | Recorded::Edge(_) => return None,
        })
    }

    fn links(&mut self, args: &[Recorded]) -> Result<Vec<Link>> {
        args.iter().map(|arg| self.link(arg)).collect()
    }

    fn link(&mut self, arg: &Recorded) -> Result<Link> {
        let misplaced = |what: String, help: &str| Err(Error::new(ErrorKind::Graph, what).with_help(help));
        Ok(match arg {
            Recorded::Literal(data) => Link::Literal(data.clone()),
            Recorded::Delayed(node) => match self.seen.get(&Arc::as_ptr(node)) {
                Some((call, _)) => Link::Call(*call),
                None => return Err(Error::internal("a call was planned before what it reads")),
            },
            Recorded::Future(range, _) => Link::Held(self.plan.hold(range).start),
            Recorded::Futures(range, _) => Link::HeldList(self.plan.hold(range)),
            Recorded::Failed(error) => return Err(error.clone()),
            Recorded::List(items) => Link::List(self.links(items)?),
            Recorded::Key(key) => {
                return misplaced(format!("key {key} stands outside of a Graph"), "pass it to Graph::call, or pass a value");
            }
            Recorded::Edge(edge) => {
                return misplaced(format!("{edge} stands outside of layers"), "pass it to LayeredGraph::builder().layer(..)");
            }
        })
    }
}

impl Identity {
    fn of_number(node: Option<&Arc<Node>>) -> Self {
        let number = node.map_or(u64::MAX, |node| node.number);
        Identity { hash: Tokenizer::new("one call").number(number).finish().0, pure: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        LayerId, RunId,
        delayed::{Delayed, delayed},
        function::{ArgSpec, tasks::sum},
        graph::{EdgeMap, Layer, Repeat, Work},
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
        let graph = plan.lower("x", [(call..call + 1, Key::from("k"))]).unwrap();
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
}
