//! Who could run a layer at all. What no worker can run waits for one that can, and that is said; a function that none of
//! them has is an error.

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
        self.lacks_function(needs).map(|(name, _)| Lack::Function(name))
    }

    /// Whether a worker with nothing else to do could run a task with these needs.
    pub fn is_able(&self, needs: &Needs) -> bool {
        self.lacks(needs).is_none()
    }

    /// A function that it does not have. One that does not say what it has, has all.
    fn lacks_function<'a>(&self, needs: &'a Needs) -> Option<&'a (String, u64)> {
        let known = self.functions.as_ref()?;
        needs.functions.iter().find(|(name, hash)| known.get(name) != Some(hash))
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
    /// Whether it has the functions of a layer.
    pub(super) fn has_functions(&self, layer: &Layer) -> bool {
        let Some(known) = &self.functions else { return true };
        layer.functions.iter().all(|function| known.contains(function))
    }
}

impl Sched {
    /// Why nothing of a layer can run: none of the workers that are there has one of its functions.
    pub(super) fn unregistered(&self, spec: &LayerSpec) -> Option<Error> {
        if spec.needs.functions.is_empty() || self.workers.is_empty() {
            return None;
        }
        let lacks = |worker: &Worker, name: &str, hash: u64| {
            worker.info.functions.as_ref().is_some_and(|known| known.get(name).is_none_or(|theirs| *theirs != hash))
        };
        let nobody_has = |(name, hash): &&(String, u64)| self.workers.values().all(|worker| lacks(worker, name, *hash));
        let (name, _) = spec.needs.functions.iter().find(nobody_has)?;
        let named = |worker: &&Worker| worker.info.functions.as_ref().is_some_and(|known| known.contains_key(name));
        let (workers, others) = (self.workers.len(), self.workers.values().filter(named).count());
        let plural = if workers == 1 { "" } else { "s" };
        let others = if others > 0 { format!(", {others} of them another of this name") } else { String::new() };
        let message = format!("no worker has the function {name} ({workers} worker{plural}{others})");
        Some(Error::new(ErrorKind::Unregistered, message).with_help("start workers with the program that has it: PROGRAM worker HOST:PORT"))
    }

    /// What a layer needs, in words, where it needs something of its worker that none of them has.
    pub(super) fn lacking(&self, layer: &Layer) -> Option<String> {
        let needs = &layer.spec.needs;
        let asks = !needs.workers.is_empty() || !needs.resources.is_empty() || !needs.functions.is_empty();
        if layer.alias.is_some() || !asks || self.workers.values().any(|worker| worker.info.is_able(needs)) {
            return None;
        }
        let resources = needs.resources.iter().map(|(name, amount)| format!("{} {name}", *amount as f64 / 1000.0));
        let workers = (!needs.workers.is_empty()).then(|| format!("one of the workers {}", needs.workers.join(", ")));
        let functions = needs.functions.iter().map(|(name, _)| format!("the function {name}"));
        Some(resources.chain(workers).chain(functions).collect::<Vec<_>>().join(" and "))
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
        WorkerInfo { name: "w1".to_owned(), address: String::new(), slots: 1, memory: 0, resources, functions }
    }

    #[test]
    fn what_a_worker_lacks_is_said_and_who_says_nothing_of_its_functions_has_all() {
        let mut needs = Needs { functions: vec![("own::f".to_owned(), 7)], ..Needs::default() };
        assert!(worker(None).is_able(&needs) && worker(Some(&[("own::f", 7)])).is_able(&needs));
        for other in [&[("own::f", 8)][..], &[("own::g", 7)], &[]] {
            assert_eq!(worker(Some(other)).lacks(&needs), Some(Lack::Function("own::f")));
        }
        needs.resources.insert("gpu".to_owned(), 501);
        assert_eq!(worker(None).lacks(&needs), Some(Lack::Resource { name: "gpu", takes: 501 }));
        needs.workers = vec!["w2".to_owned()];
        assert_eq!(worker(None).lacks(&needs), Some(Lack::Name));
    }
}
