//! What follows an event, once it is handled: what clients and workers are told, and runs that are over.

use super::{
    Outbox, Sched,
    message::{Message, ToClient, ToWorker},
    state::{LayerIx, Rank, TaskIx},
};
use crate::{RunId, graph::Ranges};

impl Sched {
    pub(super) fn flush(&mut self, out: &mut Outbox) {
        for ix in std::mem::take(&mut self.dirty.layers) {
            if self.layers[ix as usize].is_some() {
                self.place_layer(ix);
            }
        }
        self.tell_workers(out);
        self.tell_clients(out);
        let mut runs: Vec<RunId> = std::mem::take(&mut self.dirty.runs).into_iter().collect();
        runs.sort_unstable();
        while let Some(id) = runs.pop() {
            self.place_run(id);
            self.close_run(id, &mut runs, out);
        }
    }

    fn tell_workers(&mut self, out: &mut Outbox) {
        for (id, ix, rank) in std::mem::take(&mut self.dirty.cancels) {
            let Some(layer) = self.layers[ix as usize].as_ref() else { continue };
            let (run, of, index) = (layer.run, layer.id, layer.index(rank));
            let Some(worker) = self.workers.get(&id) else { continue };
            let within =
                |slice: &super::Slice| slice.run == run && slice.layer == of && slice.start <= index && index - slice.start < slice.len;
            let Some(slice) = worker.slices.keys().find(|slice| within(slice)).copied() else { continue };
            let tasks = layer
                .rank(slice.start)
                .into_iter()
                .flat_map(|first| first..layer.len())
                .take_while(|rank| layer.index(*rank) < slice.start + slice.len);
            let wanted = tasks.into_iter().any(|rank| self.is_assigned((ix, rank), id, slice.attempt));
            let repeated =
                matches!(out.last(), Some(Message::Worker(to, ToWorker::Cancel { slices })) if *to == id && slices.contains(&slice));
            if !wanted && !repeated {
                out.push(Message::Worker(id, ToWorker::Cancel { slices: vec![slice] }));
            }
        }
        for ((worker, run, layer, attempt), indexes) in std::mem::take(&mut self.dirty.releases) {
            if self.workers.contains_key(&worker) {
                out.push(Message::Worker(worker, ToWorker::Release { run, layer, attempt, tasks: Ranges::from_indexes(indexes) }));
            }
        }
    }

    fn tell_clients(&mut self, out: &mut Outbox) {
        let sorted = |mut tasks: Vec<TaskIx>| {
            tasks.sort_unstable();
            tasks.dedup();
            tasks
        };
        // In this order: what was lost and is back is ready, what came back failed is failed.
        let lost = sorted(std::mem::take(&mut self.dirty.lost));
        for (ix, ranks) in by_layer(&lost) {
            let layer = self.layer(ix);
            let tasks = Ranges::from_indexes(ranks.iter().map(|rank| layer.index(*rank)));
            let (run, id) = (layer.run, layer.id);
            out.push(Message::Client(self.runs[&run].client, ToClient::Lost { run, layer: id, tasks }));
        }
        let ready = sorted(std::mem::take(&mut self.dirty.ready));
        for (ix, ranks) in by_layer(&ready) {
            let ranks = ranks.into_iter().filter(|rank| self.task((ix, *rank)).state == super::state::State::Done);
            let located = self.located(ix, ranks);
            if located.is_empty() {
                continue;
            }
            let layer = self.layer(ix);
            let (run, id) = (layer.run, layer.id);
            out.push(Message::Client(self.runs[&run].client, ToClient::Ready { run, layer: id, located }));
        }
        let failed = sorted(std::mem::take(&mut self.dirty.failed));
        for (ix, ranks) in by_layer(&failed) {
            let layer = self.layer(ix);
            let (run, id) = (layer.run, layer.id);
            let mut at = 0;
            while at < ranks.len() {
                // Neighbours that failed for one reason are told together.
                let error = self.error_of((ix, ranks[at]));
                let same = ranks[at..].iter().take_while(|rank| self.error_of((ix, **rank)).is_same(&error)).count().max(1);
                let tasks = Ranges::from_indexes(ranks[at..at + same].iter().map(|rank| layer.index(*rank)));
                out.push(Message::Client(self.runs[&run].client, ToClient::Failed { run, layer: id, tasks, error }));
                at += same;
            }
        }
    }

    /// Tells the client when nothing of a run is open any more, and forgets the run when nobody holds anything of it.
    fn close_run(&mut self, id: RunId, more: &mut Vec<RunId>, out: &mut Outbox) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        if run.open > 0 {
            return;
        }
        if !run.finished {
            run.finished = true;
            out.push(Message::Client(run.client, ToClient::Finished { run: id, error: run.error.clone() }));
        }
        if run.holds > 0 || run.outstanding > 0 || run.lineage > 0 {
            return;
        }
        let Some(run) = self.runs.remove(&id) else { return };
        if let Some(place) = run.place {
            self.order.remove(&place);
        }
        for ix in &run.layers {
            let Some(layer) = self.layers[*ix as usize].take() else { continue };
            self.free.push(*ix);
            if let Some(token) = layer.spec.token
                && self.tokens.get(&token) == Some(ix)
            {
                self.tokens.remove(&token);
            }
            for range in layer.alias.iter().flatten() {
                if let Some(root) = self.layers[range.root as usize].as_mut() {
                    root.watchers.retain(|watcher| watcher.alias != *ix);
                }
            }
            for layers in self.holds.values_mut() {
                layers.remove(ix);
            }
            self.trouble.retain(|(of, _), _| of != ix);
        }
        for worker in run.workers.iter().filter(|id| self.workers.contains_key(id)) {
            out.push(Message::Worker(*worker, ToWorker::Forget { run: id }));
        }
        out.push(Message::RunDropped(id));
        for used in run.uses {
            if let Some(used_run) = self.runs.get_mut(&used) {
                used_run.lineage -= 1;
                more.push(used);
            }
        }
    }
}

/// Groups sorted tasks by their layer.
fn by_layer(tasks: &[TaskIx]) -> Vec<(LayerIx, Vec<Rank>)> {
    let mut groups: Vec<(LayerIx, Vec<Rank>)> = Vec::new();
    for (ix, rank) in tasks {
        match groups.last_mut() {
            Some((last, ranks)) if last == ix => ranks.push(*rank),
            _ => groups.push((*ix, vec![*rank])),
        }
    }
    groups
}
