//! Who could run a layer at all. What no worker can run waits for one that can, and that is said; a function or a service
//! that none of them has is an error.

use super::{
    Sched, WorkerInfo,
    layer::Layer,
    state::{LayerIx, Worker},
};
use crate::{
    Error, ErrorKind,
    graph::{LayerSpec, Needs},
};
use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Why a worker could not run a task, though it had nothing else to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack<'a> {
    /// It is none of the workers that may.
    Name,
    /// It has less of a resource than the task takes.
    Resource {
        /// Which.
        name: &'a str,
        /// How much the task takes, in thousandths.
        takes: u64,
    },
    /// It does not have a function, or has another of this name.
    Function(&'a str),
    /// It does not have a service, or has another version of it.
    Service(&'a str),
}

impl WorkerInfo {
    /// What a worker with nothing else to do would lack for a task with these needs; none where it could run it.
    pub fn lacks<'a>(&self, needs: &'a Needs) -> Option<Lack<'a>> {
        if !needs.workers.is_empty() && !needs.workers.contains(&self.name) {
            return Some(Lack::Name);
        }
        let too_little = needs.resources.iter().find(|(name, takes)| self.resources.get(*name).is_none_or(|has| has < *takes));
        if let Some((name, takes)) = too_little {
            return Some(Lack::Resource { name, takes: *takes });
        }
        if let Some((name, _)) = needs.functions.iter().find(|function| !self.has_function(function)) {
            return Some(Lack::Function(name));
        }
        let service = needs.services.iter().find(|service| !self.has_service(service));
        service.map(|(name, _)| Lack::Service(name))
    }

    /// Whether a worker with nothing else to do could run a task with these needs.
    pub fn is_able(&self, needs: &Needs) -> bool {
        self.lacks(needs).is_none()
    }

    /// Whether it has a function. One that does not say what it has, has all.
    fn has_function(&self, (name, hash): &(String, u64)) -> bool {
        self.functions.as_ref().is_none_or(|known| known.get(name) == Some(hash))
    }

    /// Whether it has this version of a service.
    pub(super) fn has_service(&self, (name, version): &(String, String)) -> bool {
        self.services.get(name) == Some(version)
    }

    /// What it has, for looking up often.
    pub(super) fn known_functions(&self) -> Option<FxHashSet<u64>> {
        Some(self.functions.as_ref()?.iter().map(|(name, hash)| function_id(name, *hash)).collect())
    }
}

/// A function in one number.
pub(super) fn function_id(name: &str, hash: u64) -> u64 {
    xxh3_64_with_seed(name.as_bytes(), hash)
}

impl Worker {
    /// Whether it has the functions and services of a layer.
    pub(super) fn has_what_it_calls(&self, layer: &Layer) -> bool {
        let functions = self.functions.as_ref().is_none_or(|known| layer.functions.iter().all(|function| known.contains(function)));
        functions && layer.spec.needs.services.iter().all(|service| self.info.has_service(service))
    }
}

impl Sched {
    /// Why nothing of a layer can run: none of the workers that are there has one of its functions, or of its services.
    pub(super) fn unregistered(&self, spec: &LayerSpec) -> Option<Error> {
        if self.workers.is_empty() {
            return None;
        }
        let infos = || self.workers.values().map(|worker| &worker.info);
        let function = spec.needs.functions.iter().find(|function| !infos().any(|info| info.has_function(function)));
        let (what, others, another) = if let Some((name, _)) = function {
            let named = |info: &&WorkerInfo| info.functions.as_ref().is_some_and(|known| known.contains_key(name));
            (format!("has the function {name}"), infos().filter(named).count(), "another of this name")
        } else {
            let (name, version) = spec.needs.services.iter().find(|service| !infos().any(|info| info.has_service(service)))?;
            let named = |info: &&WorkerInfo| info.services.contains_key(name);
            (format!("serves {name} {version}"), infos().filter(named).count(), "another version of it")
        };
        let workers = self.workers.len();
        let plural = if workers == 1 { "" } else { "s" };
        let others = if others > 0 { format!(", {others} of them {another}") } else { String::new() };
        let message = format!("no worker {what} ({workers} worker{plural}{others})");
        Some(Error::new(ErrorKind::Unregistered, message).with_help("start workers with the program that has it: PROGRAM worker HOST:PORT"))
    }

    /// What a layer needs, in words, where it needs something of its worker that none of them has.
    pub(super) fn lacking(&self, layer: &Layer) -> Option<String> {
        let needs = &layer.spec.needs;
        let calls = !needs.functions.is_empty() || !needs.services.is_empty();
        let asks = !needs.workers.is_empty() || !needs.resources.is_empty() || calls;
        if layer.alias.is_some() || !asks || self.workers.values().any(|worker| worker.info.is_able(needs)) {
            return None;
        }
        let resources = needs.resources.iter().map(|(name, amount)| format!("{} {name}", *amount as f64 / 1000.0));
        let workers = (!needs.workers.is_empty()).then(|| format!("one of the workers {}", needs.workers.join(", ")));
        let functions = needs.functions.iter().map(|(name, _)| format!("the function {name}"));
        let services = needs.services.iter().map(|(name, version)| format!("the service {name} {version}"));
        Some(resources.chain(workers).chain(functions).chain(services).collect::<Vec<_>>().join(" and "))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn worker(functions: Option<&[(&str, u64)]>) -> WorkerInfo {
        let functions = functions.map(|known| known.iter().map(|(name, hash)| ((*name).to_owned(), *hash)).collect());
        let resources = BTreeMap::from([("gpu".to_owned(), 500)]);
        let services = BTreeMap::from([("pictures".to_owned(), "2.0".to_owned())]);
        WorkerInfo { name: "w1".to_owned(), address: String::new(), slots: 1, memory: 0, resources, functions, services }
    }

    #[test]
    fn what_a_worker_lacks_is_said_and_who_says_nothing_of_its_functions_has_all() {
        let mut needs = Needs { functions: vec![("own::f".to_owned(), 7)], ..Needs::default() };
        assert!(worker(None).is_able(&needs) && worker(Some(&[("own::f", 7)])).is_able(&needs));
        for other in [&[("own::f", 8)][..], &[("own::g", 7)], &[]] {
            assert_eq!(worker(Some(other)).lacks(&needs), Some(Lack::Function("own::f")));
        }
        needs.services = vec![("pictures".to_owned(), "2.0".to_owned())];
        assert!(worker(None).is_able(&needs));
        needs.services[0].1 = "2.1".to_owned();
        assert_eq!(worker(None).lacks(&needs), Some(Lack::Service("pictures")));
        needs.resources.insert("gpu".to_owned(), 501);
        assert_eq!(worker(None).lacks(&needs), Some(Lack::Resource { name: "gpu", takes: 501 }));
        needs.workers = vec!["w2".to_owned()];
        assert_eq!(worker(None).lacks(&needs), Some(Lack::Name));
    }
}
