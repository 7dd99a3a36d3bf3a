//! [`Delayed`]: a typed lazy call.

use super::{Node, Settings, lower};
use crate::{
    Key, Result,
    client::Lease,
    function::{Arg, Argument, Function, IntoArgs, Recorded, TaskFn},
    graph::{HeldRange, LayeredGraph},
    value::Value,
};
use std::{
    fmt,
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

/// The result of a call that was not made yet. Cheap to clone; passing it to another call makes no copy of it.
///
/// Calls are pure unless they say otherwise: equal calls of equal functions are one task. A closure is not pure, since
/// nothing tells it from another, unless it is [`named`](Self::named).
pub struct Delayed<T> {
    node: Arc<Node>,
    value: PhantomData<fn() -> T>,
}

/// Writes down a call of `f`. One argument is passed bare, several as a tuple, none as `()`.
///
/// ```
/// use stratal_core::{delayed::{Delayed, delayed}, function::tasks::sum};
///
/// fn inc(x: i64) -> i64 {
///     x + 1
/// }
///
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// let parts: Vec<_> = (1..=5).map(|x| delayed(add, (delayed(inc, x), delayed(|x: i64| x + 2, x)))).collect();
/// let total: Delayed<i64> = delayed(sum, parts);
/// assert_eq!(total.lower()?.tasks(), 16);
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[track_caller]
#[must_use = "nothing runs before a verb"]
pub fn delayed<P, K, F: TaskFn<P, K>>(f: F, args: impl IntoArgs<P>) -> Delayed<F::Output> {
    Delayed::of(Node::new(Function::of(f), args.record()))
}

impl<T> Delayed<T> {
    fn of(node: Node) -> Self {
        Delayed { node: Arc::new(node), value: PhantomData }
    }

    /// A call that was written down without its type. `T` is what it gives.
    pub fn from_node(node: Arc<Node>) -> Self {
        Delayed { node, value: PhantomData }
    }

    /// What stands for a result of another run.
    pub(crate) fn kept(range: HeldRange, lease: Lease, key: Key) -> Self {
        Delayed::of(Node::kept(range, lease).with_key(key))
    }

    fn with(&self, change: impl FnOnce(&mut Node)) -> Self {
        let Node { function, args, key, impure, settings, number, part, .. } = &*self.node;
        let mut node = Node {
            function: function.clone(),
            args: args.clone(),
            key: key.clone(),
            impure: *impure,
            settings: settings.clone(),
            number: *number,
            identity: OnceLock::new(),
            part: part.clone(),
        };
        change(&mut node);
        Delayed::of(node)
    }

    fn set(&self, change: impl FnOnce(&mut Settings)) -> Self {
        self.with(|node| change(&mut node.settings))
    }

    /// Names the result. A named closure is taken to be pure: its name stands for what it does.
    #[must_use = "gives a new Delayed"]
    pub fn named(&self, key: impl Into<Key>) -> Self {
        let key = key.into();
        self.with(|node| node.key = Some(key))
    }

    /// Says that equal arguments may give unequal results: the call is merged with no other.
    #[must_use = "gives a new Delayed"]
    pub fn impure(&self) -> Self {
        self.with(|node| node.impure = true)
    }

    /// How often the call is tried again after a failure.
    #[must_use = "gives a new Delayed"]
    pub fn retries(&self, retries: u32) -> Self {
        self.set(|settings| settings.retries = Some(retries))
    }

    /// Larger runs first.
    #[must_use = "gives a new Delayed"]
    pub fn priority(&self, priority: i32) -> Self {
        self.set(|settings| settings.priority = priority)
    }

    /// Occupies so much of a named resource of its worker.
    #[must_use = "gives a new Delayed"]
    pub fn resource(&self, name: impl Into<String>, amount: f64) -> Self {
        self.set(|settings| settings.resource(name, amount))
    }

    /// The only workers that may make the call.
    #[must_use = "gives a new Delayed"]
    pub fn workers<S: Into<String>>(&self, workers: impl IntoIterator<Item = S>) -> Self {
        self.set(|settings| settings.workers(workers))
    }

    /// The call without its type.
    pub fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// The name of the result.
    pub fn key(&self) -> Key {
        self.node.key()
    }

    /// The graph that makes the result.
    ///
    /// # Errors
    /// `Graph` when an argument is a [`Key`] or an [`Edge`](crate::handmade::Edge), which mean something elsewhere.
    pub fn lower(&self) -> Result<LayeredGraph> {
        lower(std::slice::from_ref(&self.node), "delayed")
    }
}

impl<T> Clone for Delayed<T> {
    fn clone(&self) -> Self {
        Delayed { node: self.node.clone(), value: PhantomData }
    }
}

impl<T> fmt::Debug for Delayed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delayed({:?})", self.node)
    }
}

impl<T: Value> Arg<T> for Delayed<T> {
    fn record(self) -> Argument<T> {
        Argument::Link(Recorded::Delayed(self.node))
    }
}

impl<T: Value> Arg<T> for &Delayed<T> {
    fn record(self) -> Argument<T> {
        Argument::Link(Recorded::Delayed(self.node.clone()))
    }
}
