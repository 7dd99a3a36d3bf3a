//! Names of things: newtypes over integers, so that a layer is never taken for a worker.
//!
//! [`ResultId`] is the only internal name of a result; a user's [`Key`] is translated to it where a graph enters.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Position of a task in its layer.
pub type Index = u32;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($int:ty), $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub struct $name(pub $int);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(
    /// One submitted graph. Made by the client; unique over all clients of a scheduler.
    RunId(u64), "run-"
);
id!(
    /// Position of a layer in its graph, in topological order.
    LayerId(u32), "layer-"
);
id!(
    /// How many times a task was started before; versions of one result differ by it.
    Attempt(u32), "attempt-"
);
id!(
    /// One life of a worker. A worker that comes back after it was given up is a new one.
    WorkerId(u32), "w"
);
id!(
    /// A connected client, the owner of holds.
    ClientId(u32), "client-"
);

/// The internal name of what one task leaves behind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResultId {
    /// The run whose graph holds the task.
    pub run: RunId,
    /// The layer of the task.
    pub layer: LayerId,
    /// The task's position in the layer.
    pub index: Index,
}

impl fmt::Display for ResultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.run.0, self.layer.0, self.index)
    }
}

impl fmt::Debug for ResultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A user's name for a result: `"z"`, or `("read-csv", 0)`.
///
/// ```
/// use stratal_core::Key;
/// assert_eq!(Key::from("z").to_string(), "z");
/// assert_eq!(Key::from(("read-csv", 0)).to_string(), "(read-csv, 0)");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    name: String,
    index: Option<Index>,
}

impl Key {
    /// The name, without the index.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The index of a two-part key.
    pub fn index(&self) -> Option<Index> {
        self.index
    }
}

impl From<&str> for Key {
    fn from(name: &str) -> Self {
        Key { name: name.to_owned(), index: None }
    }
}

impl From<String> for Key {
    fn from(name: String) -> Self {
        Key { name, index: None }
    }
}

impl From<&String> for Key {
    fn from(name: &String) -> Self {
        Key { name: name.clone(), index: None }
    }
}

impl From<&Key> for Key {
    fn from(key: &Key) -> Self {
        key.clone()
    }
}

impl<S: Into<String>> From<(S, Index)> for Key {
    fn from((name, index): (S, Index)) -> Self {
        Key { name: name.into(), index: Some(index) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            None => f.write_str(&self.name),
            Some(index) => write!(f, "({}, {index})", self.name),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
