//! What is asked of the scheduler beside runs, and what it answers.

use crate::{
    ClientId, Error, ErrorKind, LayerId, Result, RunId,
    graph::{HeldRange, Ranges},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Who asks: a client, and the number under which it wants the answer.
pub type Asker = (ClientId, u64);

/// Who holds what is published: a client that nobody is.
pub const KEEPER: ClientId = ClientId(u32::MAX);

/// From a client to the scheduler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Said {
    /// Something is asked. It is answered under the number; not at all under 0.
    Ask(u64, Ask),
    /// The client waits no longer for the answer to this number. It is told that this was taken in, unless the answer is on
    /// its way already.
    Withdraw(u64),
}

/// Something that is asked. Values are in their wire form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Gives a variable a value.
    Set {
        /// Which.
        variable: String,
        /// The value.
        value: Bytes,
    },
    /// The value of a variable, once it has one.
    Get {
        /// Which.
        variable: String,
    },
    /// Takes the value of a variable away.
    Delete {
        /// Which.
        variable: String,
    },
    /// Appends an item to a queue, once there is room.
    Put {
        /// Which.
        queue: String,
        /// The most items that the queue holds; 0 for any number.
        capacity: u64,
        /// The item.
        value: Bytes,
    },
    /// Takes the first item out of a queue.
    Take {
        /// Which.
        queue: String,
        /// As in [`Put`](Ask::Put).
        capacity: u64,
        /// Whether to wait until there is one.
        wait: bool,
    },
    /// Puts an item back in front that was taken for somebody who wants it no longer.
    PutBack {
        /// Which.
        queue: String,
        /// As in [`Put`](Ask::Put).
        capacity: u64,
        /// The item.
        value: Bytes,
    },
    /// The number of items in a queue.
    Length {
        /// Which.
        queue: String,
    },
    /// An event happens.
    Raise {
        /// Which.
        event: String,
    },
    /// An event has not happened any more.
    Lower {
        /// Which.
        event: String,
    },
    /// Whether an event has happened.
    IsRaised {
        /// Which.
        event: String,
    },
    /// Answered once an event has happened.
    Await {
        /// Which.
        event: String,
    },
    /// Permits of a lock or a semaphore.
    Acquire {
        /// Which.
        gate: GateName,
        /// How many permits there are.
        of: u32,
        /// How many are wanted.
        permits: u32,
        /// Whether to wait until they are free.
        wait: bool,
    },
    /// Gives permits back.
    Free {
        /// Whose.
        gate: GateName,
        /// The number under which they were asked for.
        number: u64,
    },
    /// Keeps results under a name.
    Publish {
        /// The name, new.
        name: String,
        /// What is kept.
        publication: Publication,
    },
    /// What is published under a name. Its results are held for the client that asks.
    Find {
        /// The name.
        name: String,
    },
    /// Keeps the results of a name no longer.
    Unpublish {
        /// The name.
        name: String,
    },
    /// All names under which something is published.
    Names,
    /// Gives up the holds that came with something that was found.
    LetGo {
        /// What was found.
        publication: Publication,
    },
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// It is done, or has happened.
    Done,
    /// There is nothing, and nobody waits.
    Nothing,
    /// Yes or no.
    Is(bool),
    /// A number.
    Count(u64),
    /// The value of a variable.
    Value(Bytes),
    /// An item that was taken out of a queue.
    Item {
        /// Of which.
        queue: String,
        /// The queue's.
        capacity: u64,
        /// The item.
        value: Bytes,
    },
    /// Permits that are the asker's until they are given back.
    Granted {
        /// Whose.
        gate: GateName,
        /// The number under which they were asked for.
        number: u64,
    },
    /// What was asked was withdrawn before it could be answered.
    Withdrawn,
    /// What is published.
    Found(Publication),
    /// Names, sorted.
    Names(Vec<String>),
}

/// A lock or a semaphore. The two are named apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum GateName {
    /// A lock: one permit.
    Lock(String),
    /// A semaphore.
    Semaphore(String),
}

impl fmt::Display for GateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GateName::Lock(name) => write!(f, "lock {name:?}"),
            GateName::Semaphore(name) => write!(f, "semaphore {name:?}"),
        }
    }
}

/// Results that are kept under a name, and what is needed to make a collection of them again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// What it is, to be compared with what is asked for.
    pub kind: String,
    /// Whatever the collection wants to know of itself.
    pub header: Vec<u8>,
    /// The results.
    pub results: Vec<Kept>,
}

/// Some of the results of a publication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What they are called.
    pub name: String,
    /// Where they stand.
    pub ranges: Vec<HeldRange>,
}

impl Publication {
    /// The results that are to be held, each once.
    ///
    /// # Errors
    /// `BadValue` for a range that ends beyond the largest index.
    pub fn holds(&self) -> Result<Vec<(RunId, LayerId, Ranges)>> {
        let mut holds: BTreeMap<(RunId, LayerId), Ranges> = BTreeMap::new();
        for range in self.results.iter().flat_map(|kept| &kept.ranges) {
            let end = range.start.checked_add(range.len).ok_or_else(|| {
                Error::new(ErrorKind::BadValue, format!("{} results of {} from {} cannot be held", range.len, range.run, range.start))
            })?;
            let held = holds.entry((range.run, range.layer)).or_default();
            *held = held.union(&(range.start..end).into());
        }
        Ok(holds.into_iter().map(|((run, layer), tasks)| (run, layer, tasks)).collect())
    }
}
