//! Results that failed and are asked for once more: the runs they stand in are run again as far as they need it.

use super::{Progress, SynchronousExecutor};
use crate::{
    Error, ErrorKind, LayerId, ResultId, RunId,
    executor::RunHandle,
    graph::{LayeredGraph, Ranges},
    runner::let_go,
};
use std::{collections::BTreeMap, sync::Arc};

/// Results of one run.
type Wanted = Vec<(LayerId, Ranges)>;

impl SynchronousExecutor {
    /// Remembers a run of which something failed, while its outputs are held.
    pub(super) fn keep_failed(&self, progress: Progress) {
        let run = progress.run;
        if progress.failed.iter().any(|failed| !failed.is_empty()) {
            self.failed.lock().insert(run, progress);
            // It may have been let go meanwhile.
            self.forget_failed(run);
        } else {
            let_go(progress);
        }
    }

    /// Forgets a run of which nothing is held.
    pub(super) fn forget_failed(&self, run: RunId) {
        if self.failed.lock().contains_key(&run) && !self.holds.lock().keys().any(|(of, _)| *of == run) {
            let forgotten = self.failed.lock().remove(&run);
            let_go(forgotten);
        }
    }

    /// Makes failed results after all, and before them those of other runs which they failed for.
    pub(super) fn run_again(&self, handle: &Arc<RunHandle>, layer: LayerId, tasks: &Ranges) {
        let asked = handle.id();
        let mut again: BTreeMap<RunId, Wanted> = BTreeMap::from([(asked, vec![(layer, tasks.clone())])]);
        // A run reads older ones only.
        let mut below = RunId(u64::MAX);
        while let Some((run, wanted)) = again.range(..below).next_back().map(|(run, wanted)| (*run, wanted.clone())) {
            below = run;
            for result in self.failed_for(run, &wanted) {
                again.entry(result.run).or_default().push((result.layer, (result.index..result.index + 1).into()));
            }
        }
        for (run, wanted) in again {
            let kept = self.failed.lock().remove(&run);
            match kept {
                Some(progress) => self.run_once_more(progress, &wanted),
                None if run == asked => {
                    let error =
                        Error::new(ErrorKind::NotFound, format!("{run} is not known any more, so that nothing of it can run again"));
                    handle.fail(&error.with_help("submit the work once more"));
                }
                None => {}
            }
        }
    }

    /// The failed results of other runs that some results of a run need.
    fn failed_for(&self, run: RunId, wanted: &Wanted) -> Vec<ResultId> {
        let kept = self.failed.lock();
        let Some(graph) = kept.get(&run).map(|progress| progress.graph.clone()) else { return Vec::new() };
        drop(kept);
        let needed = needed(&graph, wanted);
        let held = graph.layers.iter().zip(&needed).filter(|(layer, _)| layer.spec.held.is_some());
        let results = held.flat_map(|(layer, needed)| needed.iter().filter_map(move |index| self.held_result(layer, index)));
        results.filter(|result| self.failures.lock().contains_key(result)).collect()
    }

    fn run_once_more(&self, mut progress: Progress, wanted: &Wanted) {
        let graph = progress.graph.clone();
        let needed = needed(&graph, wanted);
        for (failed, needed) in progress.failed.iter_mut().zip(&needed) {
            failed.retain(|index, _| !needed.contains(*index));
        }
        for (id, (layer, needed)) in graph.layers.iter().zip(&needed).enumerate() {
            self.run_layer(&mut progress, LayerId(id as u32), layer, needed);
        }
        self.tell_outputs(&progress, progress.handle.upgrade().as_deref());
        self.drop_unheld(&progress);
        self.keep_failed(progress);
    }
}

/// The tasks of each layer that some results need.
fn needed(graph: &LayeredGraph, wanted: &Wanted) -> Vec<Ranges> {
    graph.needed(wanted.iter().map(|(layer, tasks)| (*layer, tasks)))
}
