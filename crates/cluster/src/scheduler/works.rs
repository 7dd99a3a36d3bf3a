//! The work of runs. `Sched` never sees it: it is kept here, encoded, and sent to a worker when that is first given a slice
//! that needs it: a layer's body once, and of its calls only the blocks that its slices need, each once.

use crate::wire::ForWorker;
use bytes::Bytes;
use rustc_hash::{FxHashMap, FxHashSet};
use std::{collections::BTreeMap, sync::Arc};
use stratal_core::{ClientId, Error, Index, LayerId, Result, RunId, graph::Outline, sched::Slice};

/// The work of one run.
pub(super) struct Works {
    pub(super) client: ClientId,
    /// None until the run is submitted: its work comes before.
    pub(super) outline: Option<Arc<Outline>>,
    layers: FxHashMap<LayerId, LayerWork>,
}

struct LayerWork {
    kind: String,
    body: Bytes,
    /// Calls by their first task: how many rows, and the block.
    blocks: BTreeMap<Index, (u32, Bytes)>,
}

/// What a worker was sent of the works.
#[derive(Default)]
pub(super) struct Sent(FxHashMap<RunId, FxHashMap<LayerId, FxHashSet<Index>>>);

impl Sent {
    /// The worker was told to forget a run.
    pub(super) fn forget(&mut self, run: RunId) {
        self.0.remove(&run);
    }
}

impl Works {
    /// The work of a run of which nothing came yet.
    pub(super) fn new(client: ClientId) -> Self {
        Works { client, outline: None, layers: FxHashMap::default() }
    }

    /// A layer's body came.
    pub(super) fn add(&mut self, layer: LayerId, kind: String, body: Bytes) {
        self.layers.insert(layer, LayerWork { kind, body, blocks: BTreeMap::new() });
    }

    /// Some of a layer's calls came.
    pub(super) fn add_calls(&mut self, layer: LayerId, first: Index, rows: u32, block: Bytes) {
        if let Some(work) = self.layers.get_mut(&layer) {
            work.blocks.insert(first, (rows, block));
        }
    }

    /// The name of a layer, for logs.
    pub(super) fn layer_name(&self, layer: LayerId) -> &str {
        let spec = self.outline.as_ref().and_then(|outline| outline.layers.get(layer.0 as usize));
        spec.map_or("", |spec| spec.name.as_str())
    }

    /// Checks an outline against itself and against the work that came before it.
    ///
    /// # Errors
    /// `Graph` for an outline that is wrong, `Internal` for a layer without work.
    pub(super) fn check(&self, outline: &Outline) -> Result<()> {
        outline.validate()?;
        for (id, spec) in outline.layers.iter().enumerate() {
            if spec.held.is_none() && !self.layers.contains_key(&LayerId(id as u32)) {
                return Err(Error::internal(format!("layer {:?} was submitted without its work", spec.name)));
            }
        }
        Ok(())
    }

    /// What a worker still lacks for a slice.
    pub(super) fn complete(&self, slice: &Slice, sent: &mut Sent, out: &mut Vec<ForWorker>) {
        let (run, layer) = (slice.run, slice.layer);
        let Some(work) = self.layers.get(&layer) else { return };
        let Some(spec) = self.outline.as_ref().and_then(|outline| outline.layers.get(layer.0 as usize)) else { return };
        let blocks = sent.0.entry(run).or_default().entry(layer).or_insert_with(|| {
            out.push(ForWorker::Layer { run, layer, spec: spec.clone(), kind: work.kind.clone(), body: work.body.clone() });
            FxHashSet::default()
        });
        let reaching = work.blocks.range(..slice.start + slice.len).rev();
        for (first, (_, block)) in reaching.take_while(|(first, (rows, _))| **first + rows > slice.start) {
            if blocks.insert(*first) {
                out.push(ForWorker::Calls { run, layer, block: block.clone() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stratal_core::{Attempt, graph::LayerSpec};

    #[test]
    fn a_worker_is_sent_what_its_slices_need_and_that_once() {
        let mut works = Works::new(ClientId(1));
        works.outline = Some(Arc::new(Outline { layers: vec![Arc::new(LayerSpec::new("f", 100))], outputs: Vec::new() }));
        works.add(LayerId(0), "fn".to_owned(), Bytes::new());
        for first in [0u32, 40, 80] {
            works.add_calls(LayerId(0), first, u32::min(40, 100 - first), Bytes::from(vec![first as u8]));
        }
        let mut sent = Sent::default();
        let mut lacks = |start, len| {
            let mut out = Vec::new();
            works.complete(&Slice { run: RunId(1), layer: LayerId(0), start, len, attempt: Attempt(1) }, &mut sent, &mut out);
            let name = |message: ForWorker| match message {
                ForWorker::Layer { .. } => "layer".to_owned(),
                ForWorker::Calls { block, .. } => block[0].to_string(),
                other => format!("{other:?}"),
            };
            out.into_iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(lacks(39, 1), ["layer", "0"]);
        assert_eq!(lacks(39, 2), ["40"]);
        assert_eq!(lacks(0, 80), [""; 0]);
        assert_eq!(lacks(60, 40), ["80"]);
    }
}
