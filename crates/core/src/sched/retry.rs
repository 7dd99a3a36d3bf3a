//! Failed results that are asked for once more.
//!
//! A task that failed is idle again, and so is whatever failed of what it reads, up to where it began; then they are needed
//! as at first. What failed because of them stays as it is until it is asked for itself.

use super::{
    Outbox, Sched,
    demand::{Step, Steps},
    message::{Message, ToClient},
    state::{Rank, State, TaskIx},
};
use crate::{ClientId, Error, ErrorKind, LayerId, RunId, graph::Ranges};

impl Sched {
    /// A client wants results of a run that failed, or that it gave up. It holds each of them from now on, and is told again
    /// how the run ends.
    pub(super) fn retry(&mut self, client: ClientId, run: RunId, layer: LayerId, tasks: &Ranges, out: &mut Outbox) {
        let Some(ix) = self.find(run, layer) else {
            let error = Error::new(ErrorKind::NotFound, format!("{run} is not known any more, so that nothing of it can run again"))
                .with_help("submit the work once more");
            return out.push(Message::Client(client, ToClient::Failed { run, layer, tasks: tasks.clone(), error }));
        };
        let mut steps = Steps::new();
        let ranks = self.layer(ix).ranks(tasks);
        for rank in &ranks {
            self.revive((ix, *rank), &mut steps);
        }
        let (held, given_up): (Vec<Rank>, Vec<Rank>) = ranks.into_iter().partition(|rank| self.layer(ix).held_by(client, *rank) > 0);
        let there: Vec<TaskIx> = held.into_iter().map(|rank| (ix, rank)).filter(|task| self.task(*task).state == State::Done).collect();
        self.dirty.ready.extend(there);
        let given_up = Ranges::from_indexes(given_up.into_iter().map(|rank| self.layer(ix).index(rank)));
        self.take_hold(client, run, layer, &given_up, &mut steps);
        if self.runs[&run].client == client {
            let error = self.error_left(client, run);
            let state = self.run_mut(run);
            (state.error, state.finished) = (error, false);
        }
        self.dirty.runs.insert(run);
        self.take_steps(steps);
    }

    /// The first failure among what a client still holds of a run.
    fn error_left(&self, client: ClientId, run: RunId) -> Option<Error> {
        self.runs[&run].layers.iter().find_map(|ix| {
            let layer = self.layer(*ix);
            let held = layer.errors.iter().filter(|(rank, _)| layer.held_by(client, **rank) > 0);
            held.min_by_key(|(rank, _)| **rank).map(|(_, error)| error.clone())
        })
    }

    /// A failed task, its gang, and what failed of all that they read, become idle and are needed again.
    fn revive(&mut self, task: TaskIx, steps: &mut Steps) {
        let mut work = vec![task];
        while let Some(task @ (ix, rank)) = work.pop() {
            if self.task(task).state != State::Failed {
                continue;
            }
            self.task_mut(task).state = State::Idle;
            // Perhaps a worker that has the function, or the service, has joined.
            let layer = self.layer(ix);
            let unregistered = layer.alias.is_none().then(|| self.unregistered(&layer.spec)).flatten();
            let layer = self.layer_mut(ix);
            layer.errors.remove(&rank);
            layer.unregistered = unregistered;
            if layer.output && layer.held(rank) > 0 {
                self.dirty.lost.push(task);
            }
            steps.push(Step::Need(task));
            work.extend(Sched::sources(task, self));
            for from in self.shared_inputs(ix) {
                work.extend(self.layer(from).errors.keys().map(|rank| (from, *rank)));
            }
            self.revive_gang(task, &mut work, steps);
        }
    }

    /// The gang of a task runs as a whole: what is left of it is made anew too.
    fn revive_gang(&mut self, (ix, rank): TaskIx, work: &mut Vec<TaskIx>, steps: &mut Steps) {
        let alias = self.layer(ix).alias.is_some();
        for other in self.layer(ix).gang_of(rank) {
            match self.task((ix, other)).state {
                State::Failed => work.push((ix, other)),
                State::Done if !alias => {
                    self.release_result((ix, other));
                    self.lose((ix, other), steps);
                }
                _ => {}
            }
        }
    }
}
