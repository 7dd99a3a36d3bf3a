//! Configuration: the typed [`Config`] and its sources, and the sizes and times that people write in it.

mod settings;
mod units;

pub use settings::{
    ArrayConfig, ClusterConfig, Config, Engine, Exchange, ExecutionConfig, FrameConfig, MemoryConfig, MemoryLimit, SpillConfig,
    TasksConfig, WorkerConfig,
};
pub use units::{parse_bytes, parse_duration, show_bytes};
