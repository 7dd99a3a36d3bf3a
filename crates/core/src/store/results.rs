//! The results of a process, in memory.

use super::{Budget, ChannelWriter, Reservation, Shortage};
use crate::{
    Attempt, Index, LayerId, ResultId, RunId,
    graph::Ranges,
    runner::let_go,
    value::{Batches, Data},
};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// Which part of a result a reader wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Part {
    /// All of it.
    All,
    /// One channel of a shuffle.
    Channel(u32),
}

/// What a store keeps for one task.
pub(super) enum Stored {
    Whole(Data),
    Channels(Vec<Batches>),
}

struct Entry {
    attempt: Attempt,
    stored: Stored,
    reservation: Reservation,
}

type Layers = FxHashMap<LayerId, FxHashMap<Index, Entry>>;

/// Results by name and attempt. Of one task, the newest attempt that was put here is kept.
///
/// What is taken out is dropped outside of the lock: it has a `Drop` of its user's.
pub struct Store {
    budget: Budget,
    runs: Mutex<FxHashMap<RunId, Layers>>,
}

impl Store {
    /// An empty store that counts against `budget`.
    pub fn new(budget: Budget) -> Self {
        Store { budget, runs: Mutex::default() }
    }

    /// The budget that results are counted against.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Keeps a whole result. Returns the bytes that it was counted as.
    ///
    /// # Errors
    /// [`Shortage`] when the budget has no room; then nothing is kept.
    pub fn put(&self, id: ResultId, attempt: Attempt, data: Data) -> Result<u64, Shortage> {
        let reservation = self.budget.try_reserve(data.bytes())?;
        let bytes = reservation.bytes();
        self.keep(id, attempt, Stored::Whole(data), reservation);
        Ok(bytes)
    }

    /// Starts a result of `channels` channels, all of one schema.
    pub fn writer(&self, id: ResultId, attempt: Attempt, channels: u32, schema: arrow_schema::SchemaRef) -> ChannelWriter {
        ChannelWriter::new(self.budget.clone(), id, attempt, channels, schema)
    }

    /// Keeps what a writer collected. Returns the bytes that it is counted as.
    pub fn finish(&self, writer: ChannelWriter) -> u64 {
        let (id, attempt, channels, reservation) = writer.into_parts();
        let bytes = reservation.bytes();
        self.keep(id, attempt, Stored::Channels(channels), reservation);
        bytes
    }

    fn keep(&self, id: ResultId, attempt: Attempt, stored: Stored, reservation: Reservation) {
        let mut entry = Some(Entry { attempt, stored, reservation });
        let mut runs = self.runs.lock();
        let layer = runs.entry(id.run).or_default().entry(id.layer).or_default();
        if layer.get(&id.index).is_none_or(|old| old.attempt <= attempt) {
            entry = entry.and_then(|entry| layer.insert(id.index, entry));
        }
        drop(runs);
        let_go(entry);
    }

    /// A part of a result, if this version of it is here.
    pub fn get(&self, id: ResultId, attempt: Attempt, part: Part) -> Option<Data> {
        let runs = self.runs.lock();
        let entry = runs.get(&id.run)?.get(&id.layer)?.get(&id.index).filter(|entry| entry.attempt == attempt)?;
        match (&entry.stored, part) {
            (Stored::Whole(data), Part::All) => Some(data.clone()),
            (Stored::Channels(channels), Part::Channel(channel)) => channels.get(channel as usize).cloned().map(Data::Batches),
            (Stored::Channels(channels), Part::All) => {
                let schema = channels.first()?.schema.clone();
                let batches = channels.iter().flat_map(|channel| channel.batches.iter().cloned()).collect();
                Some(Data::Batches(Batches { schema, batches }))
            }
            (Stored::Whole(_), Part::Channel(_)) => None,
        }
    }

    /// The version of a result that is here.
    pub fn attempt(&self, id: ResultId) -> Option<Attempt> {
        Some(self.runs.lock().get(&id.run)?.get(&id.layer)?.get(&id.index)?.attempt)
    }

    /// Drops a result, whatever its version.
    pub fn drop_result(&self, id: ResultId) {
        self.release(id.run, id.layer, Attempt(u32::MAX), &(id.index..id.index + 1).into());
    }

    /// Drops one attempt at a task, if it is the one that is kept.
    pub fn discard(&self, id: ResultId, attempt: Attempt) {
        self.take(id.run, id.layer, std::iter::once(id.index), |entry| entry.attempt == attempt);
    }

    /// Drops results of this attempt or an earlier one.
    pub fn release(&self, run: RunId, layer: LayerId, attempt: Attempt, tasks: &Ranges) {
        self.take(run, layer, tasks.iter(), |entry| entry.attempt <= attempt);
    }

    /// Takes results out, and what became empty by that.
    fn take(&self, run: RunId, layer: LayerId, tasks: impl Iterator<Item = Index>, which: impl Fn(&Entry) -> bool) {
        let mut runs = self.runs.lock();
        let Some(layers) = runs.get_mut(&run) else { return };
        let Some(entries) = layers.get_mut(&layer) else { return };
        let mut taken = Vec::new();
        for index in tasks {
            if entries.get(&index).is_some_and(&which) {
                taken.extend(entries.remove(&index));
            }
        }
        if entries.is_empty() {
            layers.remove(&layer);
        }
        if layers.is_empty() {
            runs.remove(&run);
        }
        drop(runs);
        taken.into_iter().for_each(let_go);
    }

    /// Drops all results of a run.
    pub fn forget(&self, run: RunId) {
        let forgotten = self.runs.lock().remove(&run);
        let entries = forgotten.into_iter().flat_map(FxHashMap::into_values).flat_map(FxHashMap::into_values);
        entries.for_each(let_go);
    }

    /// The number of results kept and the bytes they are counted as.
    pub fn held(&self) -> (usize, u64) {
        let runs = self.runs.lock();
        let entries = runs.values().flat_map(FxHashMap::values).flat_map(FxHashMap::values);
        entries.fold((0, 0), |(n, bytes), entry| (n + 1, bytes + entry.reservation.bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Object, Value};

    fn id(index: Index) -> ResultId {
        ResultId { run: RunId(1), layer: LayerId(0), index }
    }

    #[test]
    fn only_the_asked_for_attempt_is_read_and_the_newest_is_kept() {
        let store = Store::new(Budget::new(None));
        let data = |text: &str| Data::Object(Object::new(text.to_owned()));
        store.put(id(0), Attempt(1), data("new")).unwrap();
        store.put(id(0), Attempt(0), data("late answer of an old attempt")).unwrap();
        assert!(store.get(id(0), Attempt(0), Part::All).is_none());
        assert!(store.get(id(0), Attempt(1), Part::All).is_some());
        store.discard(id(0), Attempt(0));
        assert_eq!(store.held().0, 1);
    }

    #[test]
    fn a_released_result_gives_its_bytes_back() {
        let store = Store::new(Budget::new(Some(10_000)));
        store.put(id(0), Attempt(0), Data::Object(Object::new(vec![0u8; 6_000]))).unwrap();
        let shortage = store.put(id(1), Attempt(0), Data::Object(Object::new(vec![0u8; 6_000]))).unwrap_err();
        assert!(shortage.free < 4_000);
        store.release(RunId(1), LayerId(0), Attempt(0), &Ranges::full(1));
        assert_eq!(store.budget().used(), 0);
        store.put(id(1), Attempt(0), Data::Object(Object::new(vec![0u8; 6_000]))).unwrap();
        store.forget(RunId(1));
        assert_eq!(store.held(), (0, 0));
    }

    #[derive(Clone)]
    struct Bomb;

    impl Value for Bomb {
        fn type_name() -> String {
            "Bomb".to_owned()
        }

        fn encode(&self, _: &mut Vec<u8>) -> crate::Result<()> {
            Ok(())
        }

        fn decode(_: &mut &[u8]) -> crate::Result<Self> {
            Ok(Bomb)
        }
    }

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a value that does not want to go");
        }
    }

    #[test]
    fn a_value_whose_drop_panics_is_let_go_and_so_are_the_others_of_its_run() {
        let store = Store::new(Budget::new(None));
        for (index, data) in [Bomb.into_data(), 1i64.into_data(), Bomb.into_data(), 2i64.into_data()].into_iter().enumerate() {
            store.put(id(index as Index), Attempt(0), data).unwrap();
        }
        store.release(RunId(1), LayerId(0), Attempt(0), &(0..2).into());
        store.forget(RunId(2));
        assert_eq!(store.held().0, 2);
        store.forget(RunId(1));
        assert_eq!((store.held(), store.budget().used()), ((0, 0), 0));
    }
}
