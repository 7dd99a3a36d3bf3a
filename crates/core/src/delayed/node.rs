//! [`Node`]: a lazy call without its type.

use super::{Settings, Subgraph};
use crate::{
    Index, Key,
    client::Lease,
    function::{Function, Recorded, given_back},
    graph::HeldRange,
};
use std::{
    fmt, mem,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// A lazy call without its type: the function, the arguments, and what was asked for on top.
pub struct Node {
    pub(super) function: Arc<Function>,
    pub(super) args: Arc<Args>,
    pub(super) key: Option<Key>,
    pub(super) impure: bool,
    pub(super) settings: Settings,
    /// Tells calls that are not merged from one another.
    pub(super) number: u64,
    pub(super) identity: OnceLock<Identity>,
    /// The result of a subgraph that it stands for; then it is no call.
    pub(super) part: Option<Part>,
}

/// One result of a subgraph.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) of: Arc<Subgraph>,
    pub(super) index: Index,
}

/// What calls are merged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    pub(super) hash: u128,
    /// Whether equal hashes mean equal results in other runs too: the call and all that it reads are pure.
    pub(super) pure: bool,
}

/// The arguments of a call.
pub(super) struct Args(pub(super) Vec<Recorded>);

impl Node {
    /// A call of `function` with `args`.
    pub fn new(function: Arc<Function>, args: Vec<Recorded>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let impure = function.options().impure;
        Node {
            function,
            args: Arc::new(Args(args)),
            key: None,
            impure,
            settings: Settings::default(),
            number: NEXT.fetch_add(1, Relaxed),
            identity: OnceLock::new(),
            part: None,
        }
    }

    /// What stands for a result of a subgraph; lowering makes no task of it.
    pub(super) fn part(part: Part) -> Self {
        Node { part: Some(part), ..Node::new(given_back(), Vec::new()) }
    }

    /// What stands for a result of another run: a call that gives it back, of which lowering makes no task.
    pub(crate) fn kept(range: HeldRange, lease: Lease) -> Self {
        Node::new(given_back(), vec![Recorded::Future(range, lease)])
    }

    /// The result of another run that it stands for.
    pub(crate) fn stands_for(&self) -> Option<(&HeldRange, &Lease)> {
        match &self.args.0[..] {
            [Recorded::Future(range, lease)] if self.function.is(&given_back()) => Some((range, lease)),
            _ => None,
        }
    }

    /// The same call under a user's name for its result.
    pub(crate) fn with_key(self, key: Key) -> Self {
        Node { key: Some(key), ..self }
    }

    /// The same call with what is asked for on top.
    pub(crate) fn with_settings(self, settings: Settings, impure: bool) -> Self {
        Node { impure: self.impure || impure, settings, ..self }
    }

    /// The function.
    pub fn function(&self) -> &Arc<Function> {
        &self.function
    }

    /// The user's name for the result; the function's where none was given.
    pub fn key(&self) -> Key {
        self.key.clone().unwrap_or_else(|| self.function.short_name().into())
    }
}

impl Args {
    /// The results of calls.
    pub(super) fn of_calls(calls: Vec<Arc<Node>>) -> Self {
        Args(calls.into_iter().map(Recorded::Delayed).collect())
    }
}

/// The calls that must be there before a call: those that it reads, or, where it stands for a result of a subgraph, those
/// that the subgraph reads.
pub(super) fn before(node: &Node) -> Vec<&Arc<Node>> {
    match &node.part {
        None => children(&node.args.0),
        Some(part) => part.of.sources().iter().flat_map(|source| children(source.calls())).collect(),
    }
}

/// The calls whose results are among these arguments, in reading order.
pub(super) fn children(args: &[Recorded]) -> Vec<&Arc<Node>> {
    fn visit<'a>(args: &'a [Recorded], children: &mut Vec<&'a Arc<Node>>) {
        for arg in args {
            match arg {
                Recorded::Delayed(node) => children.push(node),
                Recorded::List(items) => visit(items, children),
                _ => {}
            }
        }
    }
    let mut children = Vec::new();
    visit(args, &mut children);
    children
}

/// Takes a chain apart from its end, so that dropping it does not recurse.
impl Drop for Args {
    fn drop(&mut self) {
        let mut rest = mem::take(&mut self.0);
        while let Some(arg) = rest.pop() {
            match arg {
                Recorded::List(items) => rest.extend(items),
                Recorded::Delayed(node) => {
                    let Some(Node { mut args, part, .. }) = Arc::into_inner(node) else { continue };
                    if let Some(args) = Arc::get_mut(&mut args) {
                        rest.append(&mut args.0);
                    }
                    if let Some(of) = part.and_then(|part| Arc::into_inner(part.of)) {
                        of.into_calls().for_each(|mut calls| rest.append(&mut calls.0));
                    }
                }
                _ => {}
            }
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({} arguments)", self.function.label(), self.args.0.len())
    }
}
