//! Configuration: the typed [`Config`] and its sources, and the sizes and times that people write in it.

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
