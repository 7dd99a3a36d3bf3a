//! What is kept under a name for all clients.

use super::{Answer, Asker, KEEPER, Outcome, Publication};
use crate::{ClientId, Error, ErrorKind, Result, error::nearest, sched::Event};
use std::collections::BTreeMap;

/// Names, and what is kept under them. The scheduler holds the results for [`KEEPER`].
#[derive(Debug, Default)]
pub(super) struct Published(BTreeMap<String, Publication>);

impl Published {
    pub(super) fn publish(&mut self, asker: Asker, name: String, publication: Publication, out: &mut Outcome) {
        if self.0.contains_key(&name) {
            let error = Error::new(ErrorKind::Exists, format!("{name:?} is published already"));
            return out.fail(asker, error.with_help("choose another name, or unpublish it before"));
        }
        match hold(KEEPER, &publication) {
            Ok(events) => {
                out.events.extend(events);
                self.0.insert(name, publication);
                out.answer(asker, Answer::Done);
            }
            Err(error) => out.fail(asker, error),
        }
    }

    pub(super) fn find(&self, asker: Asker, name: &str, out: &mut Outcome) {
        let found = self.0.get(name).ok_or_else(|| self.missing(name));
        match found.and_then(|publication| Ok((publication, hold(asker.0, publication)?))) {
            Ok((publication, events)) => {
                out.events.extend(events);
                out.answer(asker, Answer::Found(publication.clone()));
            }
            Err(error) => out.fail(asker, error),
        }
    }

    pub(super) fn unpublish(&mut self, asker: Asker, name: &str, out: &mut Outcome) {
        match self.0.remove(name) {
            Some(publication) => {
                out.events.extend(release(KEEPER, &publication));
                out.answer(asker, Answer::Done);
            }
            None => out.fail(asker, self.missing(name)),
        }
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn missing(&self, name: &str) -> Error {
        let error = Error::new(ErrorKind::NotFound, format!("nothing is published as {name:?}"));
        match nearest(name, self.0.keys().map(String::as_str)) {
            Some(near) => error.with_help(format!("did you mean {near:?}?")),
            None => error.with_help("published() lists what is there"),
        }
    }
}

/// A client holds the results.
fn hold(client: ClientId, publication: &Publication) -> Result<Vec<Event>> {
    let holds = publication.holds()?.into_iter();
    Ok(holds.map(|(run, layer, tasks)| Event::Hold { client, run, layer, tasks }).collect())
}

/// A client holds the results no longer.
pub(super) fn release(client: ClientId, publication: &Publication) -> Vec<Event> {
    // What could not be held is not released.
    let holds = publication.holds().unwrap_or_default().into_iter();
    holds.map(|(run, layer, tasks)| Event::Release { client, run, layer, tasks }).collect()
}
