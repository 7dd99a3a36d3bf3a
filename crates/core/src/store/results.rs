//! The results of a process, in memory.

use super::{Budget, ChannelWriter, Reservation, Shortage};
use crate::{
    Attempt, Index, LayerId, ResultId, RunId,
    graph::Ranges,
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

/// Results by name and attempt. Of one task, the newest attempt that was put here is kept.
pub struct Store {
    budget: Budget,
    layers: Mutex<FxHashMap<(RunId, LayerId), FxHashMap<Index, Entry>>>,
}

impl Store {
    /// An empty store that counts against `budget`.
    pub fn new(budget: Budget) -> Self {
        Store { budget, layers: Mutex::default() }
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
        let mut layers = self.layers.lock();
        let layer = layers.entry((id.run, id.layer)).or_default();
        if layer.get(&id.index).is_none_or(|old| old.attempt <= attempt) {
            layer.insert(id.index, Entry { attempt, stored, reservation });
        }
    }

    /// A part of a result, if this version of it is here.
    pub fn get(&self, id: ResultId, attempt: Attempt, part: Part) -> Option<Data> {
        let layers = self.layers.lock();
        let entry = layers.get(&(id.run, id.layer))?.get(&id.index).filter(|entry| entry.attempt == attempt)?;
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
        Some(self.layers.lock().get(&(id.run, id.layer))?.get(&id.index)?.attempt)
    }

    /// Drops a result, whatever its version.
    pub fn drop_result(&self, id: ResultId) {
        self.release(id.run, id.layer, Attempt(u32::MAX), &(id.index..id.index + 1).into());
    }

    /// Drops one attempt at a task, if it is the one that is kept.
    pub fn discard(&self, id: ResultId, attempt: Attempt) {
        let mut layers = self.layers.lock();
        if let Some(layer) = layers.get_mut(&(id.run, id.layer))
            && layer.get(&id.index).is_some_and(|entry| entry.attempt == attempt)
        {
            layer.remove(&id.index);
        }
    }

    /// Drops results of this attempt or an earlier one.
    pub fn release(&self, run: RunId, layer: LayerId, attempt: Attempt, tasks: &Ranges) {
        let mut layers = self.layers.lock();
        if let Some(entries) = layers.get_mut(&(run, layer)) {
            for index in tasks.iter() {
                if entries.get(&index).is_some_and(|entry| entry.attempt <= attempt) {
                    entries.remove(&index);
                }
            }
            if entries.is_empty() {
                layers.remove(&(run, layer));
            }
        }
    }

    /// Drops all results of a run.
    pub fn forget(&self, run: RunId) {
        self.layers.lock().retain(|(of, _), _| *of != run);
    }

    /// The number of results kept and the bytes they are counted as.
    pub fn held(&self) -> (usize, u64) {
        let layers = self.layers.lock();
        let entries = layers.values().flat_map(FxHashMap::values);
        entries.fold((0, 0), |(n, bytes), entry| (n + 1, bytes + entry.reservation.bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Object;

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
}
