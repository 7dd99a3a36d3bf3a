//! Lowering lazy calls: a walk with a worklist, children first, that merges equal calls on its way.

use super::{
    Node, Settings, Subgraph,
    node::{Identity, before, children},
};
use crate::{
    Error, ErrorKind, Index, Key, Result,
    client::Lease,
    executor::Executor,
    function::{CallPlan, Class, Function, Link, Planned, Recorded, Wanted, encode_batches},
    graph::{HeldRange, LayeredGraph, Needs, Ranges, Token, Tokenizer},
    value::Data,
};
use rustc_hash::FxHashMap;
use std::{ops::Range, sync::Arc};

/// What equal rows of a map give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rows {
    /// Equal results, so that a live run that makes them is found.
    Alike,
    /// Equal results, which nobody is going to look for: arguments are not hashed.
    Single,
    /// Unequal results.
    Varied,
}

/// Up to so many calls of a `map` have tokens: beyond, hashing every argument costs more than a repeated map is likely to save.
const TOKENS: usize = 10_000;

/// The graph that makes the results of `roots`, one output each, in order. `name` is the layer's where it calls several functions.
///
/// # Errors
/// `Graph` when an argument is a [`Key`] or an [`Edge`](crate::handmade::Edge), which mean something elsewhere, and when
/// arguments are futures of several clients.
pub fn lower(roots: &[Arc<Node>], name: &str) -> Result<LayeredGraph> {
    lower_for(None, roots, name)
}

/// As [`lower`], to be run by this executor: futures that another keeps are an error.
pub(crate) fn lower_for(executor: Option<&Arc<dyn Executor>>, roots: &[Arc<Node>], name: &str) -> Result<LayeredGraph> {
    lower_with(executor, roots, name, false)
}

/// As [`lower_for`]. Where chains are fused, a call that only one other reads runs inside that, if it is all that it reads.
pub(crate) fn lower_with(executor: Option<&Arc<dyn Executor>>, roots: &[Arc<Node>], name: &str, fuse: bool) -> Result<LayeredGraph> {
    let mut walk = Walk { executor: executor.cloned(), ..Walk::default() };
    walk.visit(roots.iter())?;
    let mut wanted = Vec::with_capacity(roots.len());
    for root in roots {
        let what = match (&root.part, root.stands_for()) {
            (Some(part), _) => Wanted::Parts(walk.planted[&Arc::as_ptr(&part.of)], Ranges::from(part.index..part.index + 1)),
            (None, Some((range, lease))) => Wanted::Held(walk.hold(range, lease)?),
            (None, None) => {
                let (call, _) = walk.seen[&Arc::as_ptr(root)];
                Wanted::Calls(call..call + 1)
            }
        };
        wanted.push((what, root.key()));
    }
    if fuse {
        walk.plan.fuse_chains(&mut wanted);
    }
    walk.plan.lower(name, wanted)
}

/// The graph of a whole subgraph and of the calls that it reads.
pub(super) fn whole(of: &Arc<Subgraph>) -> Result<LayeredGraph> {
    let mut walk = Walk::default();
    for source in of.sources() {
        walk.visit(children(source.calls()).into_iter())?;
    }
    let number = walk.plant(of)?;
    let output = of.output();
    walk.plan.lower("delayed", [(Wanted::Parts(number, output.tasks.clone()), output.key.clone())])
}

/// The graph of one call of `function` for each row of arguments: one layer, whose tasks are its one output, in order.
/// `pure` says whether equal rows give equal results.
///
/// Arguments are borrowed, so that the leases of futures among them live until the graph was submitted.
///
/// # Errors
/// As [`lower`].
pub fn lower_map(function: &Arc<Function>, rows: &[Vec<Recorded>], needs: Needs, pure: bool) -> Result<LayeredGraph> {
    let alike = if pure { Rows::Alike } else { Rows::Varied };
    map_graph(None, function, rows, (&Settings::default(), needs), alike)
}

/// As [`lower_map`], to be run by this executor: futures that another keeps are an error.
pub(crate) fn lower_map_for(
    executor: &Arc<dyn Executor>,
    function: &Arc<Function>,
    rows: &[Vec<Recorded>],
    settings: &Settings,
    alike: Rows,
) -> Result<LayeredGraph> {
    map_graph(Some(executor), function, rows, (settings, settings.needs(function)), alike)
}

fn map_graph(
    executor: Option<&Arc<dyn Executor>>,
    function: &Arc<Function>,
    rows: &[Vec<Recorded>],
    (settings, needs): (&Settings, Needs),
    alike: Rows,
) -> Result<LayeredGraph> {
    let mut walk = Walk { executor: executor.cloned(), ..Walk::default() };
    let impure = alike == Rows::Varied || function.options().impure;
    let tokens = !impure && alike == Rows::Alike && function.name().is_some() && rows.len() <= TOKENS;
    for row in rows {
        walk.visit(children(row).into_iter())?;
    }
    let class = walk.plan.class(Class { needs, impure, last: true });
    let mut first = None;
    for row in rows {
        let call = Asked { key: None, settings, impure, number: u64::MAX };
        let token = tokens.then(|| walk.identity(function, row, call)).and_then(Identity::token);
        let args = walk.links(row)?;
        let call = walk.plan.push(Planned { function: function.clone(), args, class, token })?;
        first.get_or_insert(call);
    }
    let first = first.unwrap_or(0);
    let calls = first..first + rows.len() as u32;
    let wanted = (!rows.is_empty()).then(|| (Wanted::Calls(calls), Key::from(function.short_name())));
    walk.plan.lower("map", wanted)
}

/// What tells a call from others beside its function and arguments.
#[derive(Clone, Copy)]
struct Asked<'a> {
    key: Option<&'a Key>,
    settings: &'a Settings,
    impure: bool,
    number: u64,
}

impl<'a> Asked<'a> {
    fn of(node: &'a Node) -> Self {
        Asked { key: node.key.as_ref(), settings: &node.settings, impure: node.impure, number: node.number }
    }
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
    /// The number of each subgraph that was seen.
    planted: FxHashMap<*const Subgraph, u32>,
    /// Who keeps the futures among the arguments; none before the first.
    executor: Option<Arc<dyn Executor>>,
}

impl Walk {
    /// Plans the calls and all that they read, each after what it reads. What stands for a result of another run, or of a
    /// subgraph, is no call.
    fn visit<'a>(&mut self, roots: impl DoubleEndedIterator<Item = &'a Arc<Node>>) -> Result<()> {
        let mut work: Vec<(&Arc<Node>, bool)> = roots.rev().map(|root| (root, false)).collect();
        while let Some((node, ready)) = work.pop() {
            if self.seen.contains_key(&Arc::as_ptr(node)) || node.stands_for().is_some() || self.is_planted(node) {
                continue;
            }
            match (ready, &node.part) {
                (false, _) => {}
                (true, None) => {
                    self.plan(node)?;
                    continue;
                }
                (true, Some(part)) => {
                    self.plant(&part.of)?;
                    continue;
                }
            }
            work.push((node, true));
            let unseen = |child: &&Arc<Node>| !self.seen.contains_key(&Arc::as_ptr(child)) && !self.is_planted(child);
            work.extend(before(node).into_iter().rev().filter(unseen).map(|child| (child, false)));
        }
        Ok(())
    }

    /// Whether it stands for a result of a subgraph that is planted.
    fn is_planted(&self, node: &Node) -> bool {
        node.part.as_ref().is_some_and(|part| self.planted.contains_key(&Arc::as_ptr(&part.of)))
    }

    /// Puts a subgraph whose sources are planned among the calls, and gives its number.
    fn plant(&mut self, of: &Arc<Subgraph>) -> Result<u32> {
        of.leases().iter().try_for_each(|lease| self.check(lease))?;
        let sources = of.sources().iter().map(|source| self.links(source.calls())).collect::<Result<_>>()?;
        let number = self.plan.plant(of.clone(), sources);
        self.planted.insert(Arc::as_ptr(of), number);
        Ok(number)
    }

    /// Plans a call whose inputs are planned.
    fn plan(&mut self, node: &Arc<Node>) -> Result<()> {
        let identity = *node.identity.get_or_init(|| self.identity(&node.function, &node.args.0, Asked::of(node)));
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

    /// What a call is merged by: function, arguments and what was asked for on top where it is pure, else its own number.
    fn identity(&self, function: &Function, args: &[Recorded], asked: Asked<'_>) -> Identity {
        let one = || Identity::of_number(asked.number);
        let head = match (function.name(), asked.key) {
            (Some(name), _) => Tokenizer::new("call").bytes(name.as_bytes()).number(function.signature_hash()),
            (None, Some(key)) => function.local_identity(Tokenizer::new("closure").bytes(key.to_string().as_bytes())),
            (None, None) => return one(),
        };
        if asked.impure {
            return one();
        }
        let head = match *asked.settings == Settings::default() {
            true => head,
            false => head.bytes(format!("{:?}", asked.settings).as_bytes()),
        };
        let mut pure = true;
        match args.iter().try_fold(head.number(args.len() as u64), |token, arg| self.hash(arg, token, &mut pure)) {
            Some(token) => Identity { hash: token.finish().0, pure },
            None => one(),
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
            Recorded::Literal(Data::Chunk(chunk)) => {
                let token = token.number(7).bytes(chunk.dtype().name().as_bytes()).number(chunk.shape().len() as u64);
                let token = chunk.shape().iter().fold(token, |token, len| token.number(*len as u64));
                token.bytes(&chunk.elements())
            }
            Recorded::Literal(Data::Unit) => token.number(2),
            Recorded::Delayed(node) => match (&node.part, node.stands_for()) {
                (Some(part), _) => {
                    // Nothing tells equal subgraphs from unequal ones.
                    *pure = false;
                    token.number(7).number(part.of.number()).number(u64::from(part.index))
                }
                (None, Some((held, _))) => range(token.number(4), held),
                (None, None) => {
                    let (_, identity) = self.seen.get(&Arc::as_ptr(node))?;
                    *pure &= identity.pure;
                    token.number(3).token(Token(identity.hash))
                }
            },
            Recorded::Future(held, _) => range(token.number(4), held),
            Recorded::Futures(held, _) => range(token.number(5), held),
            Recorded::List(items) => {
                items.iter().try_fold(token.number(6).number(items.len() as u64), |token, item| self.hash(item, token, pure))?
            }
            Recorded::Failed(_) | Recorded::Key(_) | Recorded::Edge(_) => return None,
        })
    }

    /// Where results of another run stand.
    fn hold(&mut self, range: &HeldRange, lease: &Lease) -> Result<Range<Index>> {
        self.check(lease)?;
        Ok(self.plan.hold(range))
    }

    /// A run's name means something to one executor only.
    fn check(&mut self, lease: &Lease) -> Result<()> {
        let executor = self.executor.get_or_insert_with(|| lease.executor().clone());
        match Arc::ptr_eq(executor, lease.executor()) {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Graph, "a future of another client is an argument")
                .with_help("one run has one client: submit to the client of the future, or pass its result()")),
        }
    }

    fn links(&mut self, args: &[Recorded]) -> Result<Vec<Link>> {
        args.iter().map(|arg| self.link(arg)).collect()
    }

    fn link(&mut self, arg: &Recorded) -> Result<Link> {
        let misplaced = |what: String, help: &str| Err(Error::new(ErrorKind::Graph, what).with_help(help));
        Ok(match arg {
            Recorded::Literal(data) => Link::Literal(data.clone()),
            Recorded::Delayed(node) => {
                let early = || Error::internal("a call was planned before what it reads");
                match (&node.part, node.stands_for()) {
                    (Some(part), _) => Link::Part(*self.planted.get(&Arc::as_ptr(&part.of)).ok_or_else(early)?, part.index),
                    (None, Some((range, lease))) => Link::Held(self.hold(range, lease)?.start),
                    (None, None) => Link::Call(self.seen.get(&Arc::as_ptr(node)).ok_or_else(early)?.0),
                }
            }
            Recorded::Future(range, lease) => Link::Held(self.hold(range, lease)?.start),
            Recorded::Futures(range, lease) => Link::HeldList(self.hold(range, lease)?),
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
    fn of_number(number: u64) -> Self {
        Identity { hash: Tokenizer::new("one call").number(number).finish().0, pure: false }
    }
}

#[cfg(test)]
mod tests;
