//! Task kinds: what the tasks of a layer do, and how core learns of it without knowing frames or arrays.
//!
//! A crate adds a kind by implementing [`TaskKind`] and handing it to the registry with [`register_kind!`](crate::register_kind). Core never
//! looks into a [`Body`]; it moves it to whoever runs the tasks, encoded only when it leaves the process.

use crate::{Result, runner::TaskContext};
use bytes::Bytes;
use futures::future::BoxFuture;
use std::{any::Any, fmt, sync::Arc};

/// What the tasks of a layer share: a plan fragment, a tile program, a table of functions.
///
/// A body is immutable and holds nothing of an attempt: plan instances, writers and reservations are made in
/// [`TaskKind::run`] and die with its context.
pub trait Body: Any + Send + Sync {
    /// The wire form. What has none (a closure) fails here, at submit, and names itself.
    fn encode(&self) -> Result<Bytes>;

    /// One line for `explain` and for pictures.
    fn describe(&self) -> String;

    /// The functions that whoever runs it must have: names and hashes of signatures.
    fn functions(&self) -> Vec<(String, u64)> {
        Vec::new()
    }

    /// The services that whoever runs it must have beside its results: names and versions.
    fn services(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

impl dyn Body {
    /// The body as the type its kind made.
    pub fn downcast_ref<T: Body>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}

/// A body and the kind that understands it.
#[derive(Clone)]
pub struct Template {
    /// The name of the kind.
    pub kind: &'static str,
    /// What the tasks share.
    pub body: Arc<dyn Body>,
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.kind, self.body.describe())
    }
}

/// One slice's work, ready to be run.
pub enum Running {
    /// Polled on a slot's thread, inside the compute runtime.
    Async(BoxFuture<'static, Result<()>>),
    /// Called on a slot's thread.
    Blocking(Box<dyn FnOnce() -> Result<()> + Send>),
}

/// When a kind wants its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputMode {
    /// All of them here before it runs, so that no slot waits for the network: [`TaskContext::ready`] gives them.
    Whole,
    /// As streams, while it runs.
    Stream,
}

/// Why two layers were not fused. Shown by `explain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

/// How one kind of work is decoded, run and fused.
pub trait TaskKind: Send + Sync + 'static {
    /// The name under which templates refer to it: `fn`, `frame.plan`.
    fn name(&self) -> &'static str;

    /// Makes a body from its wire form, once a worker and layer.
    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Body>>;

    /// When it wants its inputs.
    fn inputs(&self) -> InputMode {
        InputMode::Stream
    }

    /// Makes the work of one attempt at one slice. Called once an attempt.
    fn run(&self, body: &Arc<dyn Body>, cx: TaskContext) -> Result<Running>;

    /// The body that does `up` and then `down`, which reads it one-to-one as its input `edge`.
    ///
    /// The inputs of the fused layer are those of `down` with `edge` replaced, in place, by those of `up`;
    /// `up_inputs` says how many these are.
    fn fuse(&self, up: &Arc<dyn Body>, down: &Arc<dyn Body>, edge: usize, up_inputs: usize) -> Result<Arc<dyn Body>, Refusal> {
        let _ = (up, down, edge, up_inputs);
        Err(Refusal(format!("{} layers do not fuse", self.name())))
    }
}

/// A kind that a crate hands to every process it is linked into. See [`register_kind!`](crate::register_kind).
pub struct KindEntry(pub fn() -> Arc<dyn TaskKind>);

inventory::collect!(KindEntry);

/// Hands a [`TaskKind`] to the registry of every process that links this crate.
#[macro_export]
macro_rules! register_kind {
    ($kind:expr) => {
        $crate::inventory::submit! { $crate::kind::KindEntry(|| ::std::sync::Arc::new($kind)) }
    };
}
