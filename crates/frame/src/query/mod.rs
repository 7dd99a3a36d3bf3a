//! Whole queries on a cluster, by the engine of `datafusion-distributed`, which is mounted on every worker.
//!
//! A query is one task, of kind `frame.query`. It has the engine's planner take the plan apart into stages, which run as
//! tasks of the engine's own on all workers that live, and pass rows on to each other as they come. What the last stage gives
//! is the task's result. The engine recovers nothing, so that a worker that is lost fails the task; like any other, it is then
//! tried again. What the engine does not run, or not rightly, is cut into layers as ever.
//!
//! - `suit`: which plans it runs, and which it should. `prepare`: a plan of ours as its planner takes one, and back.
//! - `planner`: stages and their tasks. `share`: a scan's partitions among them. `in_order`, `gather`: several partitions as
//!   one. `unions`: frames one after another. `stage`: what stands on top of each. `watch`: how far they are.
//! - `station`: what a worker has of it: the service, sessions, connections. `fault`: errors on their way between workers.
//! - `kind`: the task. `graph`: the task as a graph, stages as layers. `explain`: both for people.
//!
//! [`mount`] is entered where this crate and the cluster's meet: neither knows the other.

mod explain;
mod fault;
mod gather;
mod graph;
mod in_order;
mod kind;
mod planner;
mod prepare;
mod share;
mod stage;
mod station;
mod suit;
mod unions;
mod watch;

pub use station::{Dial, mount};

pub(crate) use explain::{analyze, explain};
pub(crate) use graph::{graph, stages};
pub(crate) use share::Share;
pub(crate) use stage::Stage;
pub(crate) use station::serves;
pub(crate) use suit::suits;

/// The name under which workers serve the engine. Queries go only to those that do.
pub const SERVICE: &str = "frame.query";

/// The version of the engine, which the workers of a query must agree on: what they tell each other is its own.
pub const VERSION: &str = "4.0.0";

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_is_that_of_the_manifest() {
        let manifest = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"));
        assert!(manifest.contains(&format!("datafusion-distributed = {{ version = \"={}\"", super::VERSION)));
    }
}
