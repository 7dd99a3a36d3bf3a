//! What a runner knows of the runs it works on: the layers, what their tasks do, and where shared sources are.

use super::{Environment, panics::panicked};
use crate::{
    Error, Index, LayerId, Result,
    function::Calls,
    graph::{LayerSpec, Work},
    kind::{Body, TaskKind},
    sched::{Located, Slice},
};
use bytes::Bytes;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
};

/// The work of a layer: live in the process that made it, encoded elsewhere.
#[derive(Clone, Debug)]
pub enum LayerWork {
    /// As the client made it.
    Live(Work),
    /// As it came over the wire.
    Wire {
        /// The task kind's name.
        kind: String,
        /// The body's wire form. The calls of a layer of calls follow, as they are needed.
        body: Bytes,
    },
}

/// What is known of one run, and dropped with it.
#[derive(Default)]
pub(super) struct RunWork {
    pub(super) layers: FxHashMap<LayerId, Arc<PendingLayer>>,
    pub(super) sources: FxHashMap<LayerId, Arc<[Located]>>,
}

/// A layer that is ready to be run.
pub(super) struct Loaded {
    pub(super) spec: Arc<LayerSpec>,
    pub(super) kind: Arc<dyn TaskKind>,
    pub(super) body: Arc<dyn Body>,
}

/// A layer as it came.
pub(super) struct PendingLayer {
    spec: Arc<LayerSpec>,
    work: LayerWork,
    loaded: OnceLock<Result<Arc<Loaded>>>,
    /// The calls that came, block by block, by the first task of each.
    blocks: Mutex<BTreeMap<Index, Arc<Calls>>>,
}

impl PendingLayer {
    pub(super) fn new(spec: Arc<LayerSpec>, work: LayerWork) -> Self {
        PendingLayer { spec, work, loaded: OnceLock::new(), blocks: Mutex::default() }
    }

    /// Takes in some of the calls.
    pub(super) fn add(&self, calls: Calls) {
        self.blocks.lock().insert(calls.first, Arc::new(calls));
    }

    /// Decodes the work, once.
    pub(super) fn load(&self, env: &Environment) -> Result<Arc<Loaded>> {
        let load = || {
            let (kind, body) = match &self.work {
                LayerWork::Live(Work::Uniform(template) | Work::Each(template, _)) => {
                    (env.registry().kind(template.kind)?, template.body.clone())
                }
                LayerWork::Live(Work::Held) => return Err(Error::internal("a held layer was sent to be run")),
                LayerWork::Wire { kind, body } => {
                    let kind = env.registry().kind(kind)?;
                    let body = kind.decode(body)?;
                    (kind, body)
                }
            };
            Ok(Arc::new(Loaded { spec: self.spec.clone(), kind, body }))
        };
        let load = || catch_unwind(AssertUnwindSafe(load)).unwrap_or_else(|panic| Err(panicked(&*panic)));
        self.loaded.get_or_init(load).clone()
    }

    /// The calls of the tasks of a slice; none for a layer without.
    pub(super) fn calls(&self, slice: Slice) -> Result<Option<Arc<Calls>>> {
        if let LayerWork::Live(work) = &self.work {
            return Ok(match work {
                Work::Each(_, calls) => Some(calls.clone()),
                Work::Uniform(_) | Work::Held => None,
            });
        }
        let blocks = self.blocks.lock();
        let Some((_, first)) = blocks.range(..=slice.start).next_back() else { return Ok(None) };
        if first.get(slice.start + slice.len - 1).is_ok() {
            return Ok(Some(first.clone()));
        }
        let of = |task: Index| {
            blocks.range(..=task).next_back().ok_or_else(|| Error::internal("a block of calls is missing"))?.1.get(task).cloned()
        };
        let rows = (slice.start..slice.start + slice.len).filter(|task| self.spec.selected.contains(*task));
        // Tasks that are not selected have no call; the rows between stay those of their neighbours.
        let mut all = Calls { first: slice.start, rows: Vec::new() };
        for task in rows {
            let call = of(task)?;
            all.rows.resize((task - slice.start) as usize, call.clone());
            all.rows.push(call);
        }
        Ok(Some(Arc::new(all)))
    }
}
