//! What clients share beside results, and results that they want after all: it goes to core's state machines, and what
//! follows goes back to them.

use super::driver::Driver;
use crate::wire::ForClient;
use stratal_core::{
    ClientId, Error, ErrorKind, LayerId, RunId,
    coordination::{Outcome, Said},
    executor::Updates,
    graph::Ranges,
    sched::{Event, ToClient},
};

impl Driver {
    /// A client says something of what clients share.
    pub(super) fn hear_said(&mut self, client: ClientId, said: Said) {
        let mut outcome = Outcome::default();
        self.commons.handle(client, said, &mut outcome);
        self.follow(outcome);
    }

    /// A client is gone: what it held of what clients share is free.
    pub(super) fn let_go_of(&mut self, client: ClientId) {
        let mut outcome = Outcome::default();
        self.commons.client_gone(client, &mut outcome);
        self.follow(outcome);
    }

    fn follow(&mut self, outcome: Outcome) {
        outcome.events.into_iter().for_each(|event| self.handle(event));
        for ((client, number), answer) in outcome.answers {
            if let Some(client) = self.clients.get_mut(&client) {
                client.out.push(ForClient::Answer(number, answer));
            }
        }
    }

    /// A client wants results of a run after all, and hears of the run's progress again.
    pub(super) fn retry(&mut self, client: ClientId, run: RunId, layer: LayerId, tasks: Ranges) {
        if self.runs.contains_key(&run) {
            self.unfinished.insert(run, Updates::new());
            return self.handle(Event::Retry { client, run, layer, tasks });
        }
        let Some(client) = self.clients.get_mut(&client) else { return };
        let error = Error::new(ErrorKind::NotFound, format!("{run} is not known any more, so that nothing of it can run again"))
            .with_help("submit the work once more");
        let failed = ToClient::Failed { run, layer, tasks, error: error.clone() };
        client.out.extend([failed, ToClient::Finished { run, error: Some(error) }].map(ForClient::Sched));
    }
}
