//! [`Node`]: a lazy call without its type.

use super::Settings;
use crate::{
    Key,
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
    pub(crate) fn new(function: Arc<Function>, args: Vec<Recorded>) -> Self {
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
        }
    }

    /// What stands for a result of another run: a call that gives it back, of which lowering makes no task.
    pub(crate) fn kept(range: HeldRange, lease: Lease) -> Self {
        Node::new(given_back(), vec![Recorded::Future(range, lease)])
    }

    /// The result of another run that it stands for.
    pub(super) fn stands_for(&self) -> Option<(&HeldRange, &Lease)> {
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
                    if let Some(mut args) = Arc::into_inner(node).map(|node| node.args)
                        && let Some(args) = Arc::get_mut(&mut args)
                    {
                        rest.append(&mut args.0);
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
