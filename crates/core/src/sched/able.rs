//! Who could run a layer at all. What no worker can run waits for one that can, and that is said.

use super::{Sched, WorkerInfo, layer::Layer, state::LayerIx};
use crate::graph::Needs;

impl WorkerInfo {
    /// Whether a worker with nothing else to do could run a task with these needs.
    pub fn is_able(&self, needs: &Needs) -> bool {
        (needs.workers.is_empty() || needs.workers.contains(&self.name))
            && needs.resources.iter().all(|(name, amount)| self.resources.get(name).is_some_and(|has| has >= amount))
    }
}

impl Sched {
    /// What a layer needs, in words, where it needs something of its worker that none of them has.
    pub(super) fn lacking(&self, layer: &Layer) -> Option<String> {
        let needs = &layer.spec.needs;
        let asks = !needs.workers.is_empty() || !needs.resources.is_empty();
        if layer.alias.is_some() || !asks || self.workers.values().any(|worker| worker.info.is_able(needs)) {
            return None;
        }
        let resources = needs.resources.iter().map(|(name, amount)| format!("{} {name}", *amount as f64 / 1000.0));
        let workers = (!needs.workers.is_empty()).then(|| format!("one of the workers {}", needs.workers.join(", ")));
        Some(resources.chain(workers).collect::<Vec<_>>().join(" and "))
    }

    /// Says once, for each thing that tasks need and until a worker joins, that nobody has it.
    pub(super) fn warn_of_lacking(&mut self, layers: impl IntoIterator<Item = LayerIx>) {
        for ix in layers {
            let layer = self.layer(ix);
            let Some(lacking) = self.lacking(layer) else { continue };
            if !self.lacking_said.contains(&lacking) {
                let (run, name) = (layer.run.0, layer.spec.name.as_str());
                tracing::warn!(run, layer = name, "no worker has what it needs, {lacking}: it waits until one joins");
                self.lacking_said.insert(lacking);
            }
        }
    }
}
