//! What can be set: the one table of keys, and the [`Config`] made from it.

use super::{
    memory::MemoryLimit,
    parse_bytes,
    sources::{find, program},
};
use crate::Result;
use figment::value::Value;
use serde::{Deserialize, de::DeserializeOwned};
use std::{path::PathBuf, str::FromStr};

/// What can be done with a key: one row of the table.
pub(super) struct Setting {
    pub(super) key: &'static str,
    /// What is allowed, for people.
    pub(super) takes: &'static str,
    /// Puts trimmed text into the field, or refuses it.
    pub(super) read: fn(&mut Config, &str) -> Option<()>,
}

/// Makes the structs, their defaults and the rows from one table. A row is `field: type = default, reader, "what is allowed";`, and
/// the key is the path of the field.
macro_rules! settings {
    (
        $(#[$about:meta])*
        Config {
            $($(#[$doc:meta])* $field:ident: $type:ty = $default:expr, $read:expr, $takes:literal;)*
        }
        $($section:ident: $Section:ident {
            $($(#[$sub_doc:meta])* $sub:ident: $sub_type:ty = $sub_default:expr, $sub_read:expr, $sub_takes:literal;)*
        })*
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct Config {
            $($(#[$doc])* pub $field: $type,)*
            $(#[doc = concat!("The keys under `", stringify!($section), "`.")] pub $section: $Section,)*
        }

        $(
            #[doc = concat!("The keys under `", stringify!($section), "`.")]
            #[derive(Clone, Debug, PartialEq)]
            pub struct $Section {
                $($(#[$sub_doc])* pub $sub: $sub_type,)*
            }
        )*

        impl Default for Config {
            fn default() -> Self {
                Config { $($field: $default,)* $($section: $Section { $($sub: $sub_default,)* },)* }
            }
        }

        pub(super) const KEYS: &[&str] = &[
            $(stringify!($field),)*
            $($(concat!(stringify!($section), ".", stringify!($sub)),)*)*
        ];

        pub(super) const SETTINGS: &[Setting] = &[
            $(Setting {
                key: stringify!($field),
                takes: $takes,
                read: |config, text| {
                    config.$field = $read(text)?;
                    Some(())
                },
            },)*
            $($(Setting {
                key: concat!(stringify!($section), ".", stringify!($sub)),
                takes: $sub_takes,
                read: |config, text| {
                    config.$section.$sub = $sub_read(text)?;
                    Some(())
                },
            },)*)*
        ];
    };
}

settings! {
    /// What can be set. A field is named as its key: `memory.limit` is `config.memory.limit`.
    ///
    /// Later sources win, key by key: [`Config::default`]; `stratal.toml` in the working directory, else in `~/.config/stratal`;
    /// the environment, where `STRATAL_MEMORY_LIMIT` is `memory.limit`; the program.
    ///
    /// ```
    /// use stratal_core::config::{Config, MemoryLimit};
    /// let file = "threads = 4\n[memory]\nlimit = '8GiB'";
    /// let environment = [("STRATAL_THREADS".to_owned(), "2".to_owned())];
    /// let config = Config::layered(Some(("stratal.toml", file)), environment, &[])?;
    /// assert_eq!(config.memory.limit, MemoryLimit::Bytes(8 << 30));
    /// assert_eq!((config.threads, config.tasks.retries), (2, 3));
    /// # Ok::<_, stratal_core::Error>(())
    /// ```
    Config {
        /// Address of the scheduler that a client connects to when none is named; without one, work runs in this process.
        scheduler: Option<String> = None, optional, "the address of a scheduler, such as host:8786";
        /// Threads that compute; 0 for one a core. See [`thread_count`](Config::thread_count).
        threads: usize = 0, parsed, "a number of threads, 0 for one a core";
        /// Whether a progress bar is drawn while a verb runs.
        progress: bool = false, switch, "true or false";
        /// What is logged, as a `tracing` filter.
        log: Option<String> = None, optional, "a filter, such as info or stratal=debug";
    }
    memory: MemoryConfig {
        /// Bytes that this process may hold, results and operators together.
        limit: MemoryLimit = MemoryLimit::Auto, limit, "auto, none or a size such as 8GiB";
    }
    spill: SpillConfig {
        /// Where what does not fit in memory is written.
        dir: PathBuf = std::env::temp_dir(), directory, "the path of a directory";
        /// Bytes that may be written there; none for all that the disk has.
        limit: Option<u64> = None, optional_size, "none or a size such as 100GiB";
    }
    execution: ExecutionConfig {
        /// How rows pass between the partitions of a frame.
        exchange: Exchange = Exchange::Auto, word, "auto, pipe or store";
        /// What runs the queries of a frame on a cluster.
        engine: Engine = Engine::Auto, word, "auto, query or layers";
    }
    frame: FrameConfig {
        /// Bytes of input that one partition aims at.
        partition_bytes: u64 = 128 << 20, size, "a size such as 128MiB";
        /// Rows of one record batch.
        batch_rows: usize = 8192, positive, "a number of rows, at least 1";
    }
    array: ArrayConfig {
        /// Bytes that one chunk aims at where no chunk shape is given.
        chunk_bytes: u64 = 16 << 20, size, "a size such as 16MiB";
    }
    tasks: TasksConfig {
        /// How often a task that may do better is tried again.
        retries: u32 = 3, parsed, "a number of tries after the first, from 0";
    }
    worker: WorkerConfig {
        /// The program that a local cluster starts its workers from; none for this one, or the `stratal` beside it.
        bin: Option<PathBuf> = None, optional, "the path of a program";
    }
    cluster: ClusterConfig {
        /// File with the token that every process of the cluster shows.
        token_file: Option<PathBuf> = None, optional, "the path of a file";
        /// Certificates that the other side's is checked against.
        tls_ca: Option<PathBuf> = None, optional, "the path of a PEM file";
        /// Certificate that this process shows.
        tls_cert: Option<PathBuf> = None, optional, "the path of a PEM file";
        /// Key of [`tls_cert`](ClusterConfig::tls_cert).
        tls_key: Option<PathBuf> = None, optional, "the path of a PEM file";
        /// Codec of the record batches that go over the network; none for plain ones.
        compression: Option<String> = None, optional, "the name of a codec, such as lz4";
    }
}

/// How rows pass between partitions: `auto`, `pipe` or `store`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exchange {
    /// Pipes where a query runs in one process and fits in memory, else the stores.
    #[default]
    Auto,
    /// Inside one plan, from operator to operator.
    Pipe,
    /// As results in the stores of the workers.
    Store,
}

/// What runs a frame's queries: `auto`, `query` or `layers`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// The query engine for pure queries over files, layers for all else.
    #[default]
    Auto,
    /// The distributed query engine: one task a query, started again as a whole.
    Query,
    /// Layers of tasks, each of which can be run again alone.
    Layers,
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Empty text is nothing: how a variable takes back what a file says.
fn optional<T: FromStr>(text: &str) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { parsed(text).map(Some) }
}

fn optional_size(text: &str) -> Option<Option<u64>> {
    if matches!(text, "" | "none") { Some(None) } else { size(text).map(Some) }
}

fn size(text: &str) -> Option<u64> {
    parse_bytes(text).ok().filter(|bytes| *bytes > 0)
}

fn limit(text: &str) -> Option<MemoryLimit> {
    match text {
        "auto" => Some(MemoryLimit::Auto),
        "none" => Some(MemoryLimit::None),
        _ => size(text).map(MemoryLimit::Bytes),
    }
}

fn positive(text: &str) -> Option<usize> {
    parsed::<usize>(text).filter(|number| *number > 0)
}

fn directory(text: &str) -> Option<PathBuf> {
    optional(text).flatten()
}

fn switch(text: &str) -> Option<bool> {
    Value::from(text).to_bool_lossy()
}

/// A variant of an enum by its name in serde.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    Value::from(text).deserialize().ok()
}

impl Config {
    /// All keys.
    ///
    /// ```
    /// assert!(stratal_core::config::Config::keys().contains(&"memory.limit"));
    /// ```
    pub fn keys() -> &'static [&'static str] {
        KEYS
    }

    /// Sets one key, over all that was read.
    ///
    /// ```
    /// use stratal_core::config::Config;
    /// let mut config = Config::default();
    /// config.set("frame.partition_bytes", "64MiB")?;
    /// assert_eq!(config.frame.partition_bytes, 64 << 20);
    /// let error = config.set("frame.partition_byte", "64MiB").unwrap_err();
    /// assert_eq!(error.help(), Some("did you mean \"frame.partition_bytes\"?"));
    /// # Ok::<_, stratal_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Config` for an unknown key, or a value that is not allowed.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let origin = program();
        find(key, &origin)?.apply(self, &Value::from(value), &origin)
    }

    /// The number of threads that compute: `threads`, or as many as this process has cores.
    pub fn thread_count(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, |cores| cores.get()),
            threads => threads,
        }
    }
}
