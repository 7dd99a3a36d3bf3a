//! Configuration: the typed [`Config`] and its sources, and the sizes and times that people write in it.
//!
//! `settings`: the one table of keys. `sources`: files, environment and program, and which is stronger. `units`: sizes and times.
//! `memory`: what a process may take.

mod memory;
mod settings;
mod sources;
mod units;

pub use memory::MemoryLimit;
pub use settings::{
    ArrayConfig, ClusterConfig, Config, Engine, Exchange, ExecutionConfig, FrameConfig, MemoryConfig, SpillConfig, TasksConfig,
    WorkerConfig,
};
pub use units::{parse_bytes, parse_duration, show_bytes};
