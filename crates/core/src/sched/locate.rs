//! Where results are: listed with a slice for point edges, told once a worker and layer for shared ones.

use super::{
    Outbox, Sched,
    message::{Located, Locations, Message, ToWorker},
    state::{LayerIx, Rank, Spot, TaskIx},
};
use crate::{Attempt, Index, ResultId, WorkerId};

impl Sched {
    /// Where a done task's result is: its own, or its root's. A worker that has a copy reads that.
    fn spot(&self, task: TaskIx, reader: Option<WorkerId>) -> Spot {
        let (ix, rank) = self.layer(task.0).root(task.1).unwrap_or(task);
        let layer = self.layer(ix);
        let result = ResultId { run: layer.run, layer: layer.id, index: layer.index(rank) };
        let task = self.task((ix, rank));
        let worker = reader.filter(|id| self.has_copy((ix, rank), *id)).unwrap_or(task.worker);
        Spot { result, attempt: Attempt(task.attempt), worker }
    }

    /// Where the results of some tasks of a layer are, for one worker or for clients; ranks ascending.
    pub(super) fn located(&self, ix: LayerIx, ranks: impl Iterator<Item = Rank>, reader: Option<WorkerId>) -> Vec<Located> {
        let mut located: Vec<Located> = Vec::new();
        for rank in ranks {
            let index: Index = self.layer(ix).index(rank);
            let spot = self.spot((ix, rank), reader);
            match located.last_mut() {
                Some(last)
                    if last.start + last.len == index
                        && ResultId { index: last.result.index + last.len, ..last.result } == spot.result
                        && (last.attempt, last.worker) == (spot.attempt, spot.worker) =>
                {
                    last.len += 1;
                }
                _ => located.push(Located { start: index, len: 1, result: spot.result, attempt: spot.attempt, worker: spot.worker }),
            }
        }
        located
    }

    /// Where the inputs of a slice are, for its worker.
    pub(super) fn locations(&mut self, id: WorkerId, ix: LayerIx, ranks: &[Rank], out: &mut Outbox) -> Vec<Locations> {
        let layer = self.layer(ix);
        let (run, spec, inputs) = (layer.run, layer.spec.clone(), layer.inputs.clone());
        let indexes: Vec<Index> = ranks.iter().map(|rank| layer.index(*rank)).collect();
        let mut all = Vec::with_capacity(inputs.len());
        for (input, from) in spec.inputs.iter().zip(inputs) {
            if input.map.is_shared() {
                self.tell_sources(id, run, from, out);
                all.push(Locations::Told);
                continue;
            }
            let source = self.layer(from);
            let mut read: Vec<Rank> = Vec::new();
            for index in &indexes {
                input.map.visit_sources(*index, input.sources, &mut |range| read.extend(range.filter_map(|index| source.rank(index))));
            }
            read.sort_unstable();
            read.dedup();
            all.push(Locations::Here(self.located(from, read.into_iter(), Some(id))));
        }
        all
    }

    /// Tells a worker where all results of a layer are, unless it knows.
    fn tell_sources(&mut self, id: WorkerId, run: crate::RunId, from: LayerIx, out: &mut Outbox) {
        let layer = self.layer(from);
        let epoch = match &layer.alias {
            None => layer.epoch,
            // A root may have moved without the alias having been anything but done.
            Some(ranges) => ranges.iter().map(|range| self.layer(range.root).epoch).sum::<u32>().wrapping_add(layer.epoch),
        };
        if layer.told.get(&id) == Some(&epoch) {
            return;
        }
        let located = self.located(from, 0..layer.len(), Some(id)).into();
        let layer = layer.id;
        out.push(Message::Worker(id, ToWorker::Sources { run, layer, located }));
        self.layer_mut(from).told.insert(id, epoch);
    }
}
