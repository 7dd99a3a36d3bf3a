//! Projected memory: what a graph says that it will take, checked before anything runs.

use super::LayeredGraph;
use crate::{Error, ErrorKind, LayerId, Result, config::show_bytes};

/// What the tasks of a graph are expected to take, by their own [`Needs`](super::Needs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Projected {
    /// The layer of the largest task.
    pub largest: LayerId,
    /// Bytes of that task.
    pub task_bytes: u64,
    /// Bytes of as many of the largest tasks as can run at once.
    pub peak_bytes: u64,
}

impl LayeredGraph {
    /// The largest task, and the most that tasks on `slots` slots take together. None where no layer says anything.
    pub fn projected(&self, slots: u32) -> Option<Projected> {
        let mut layers: Vec<(u64, u64, LayerId)> = Vec::new();
        for (id, layer) in self.layers.iter().enumerate() {
            let (bytes, tasks) = (layer.spec.needs.bytes, layer.spec.selected.len() as u64);
            if bytes > 0 && tasks > 0 {
                layers.push((bytes, tasks, LayerId(id as u32)));
            }
        }
        layers.sort_unstable_by_key(|(bytes, ..)| std::cmp::Reverse(*bytes));
        let (task_bytes, _, largest) = *layers.first()?;
        let (mut free, mut peak_bytes) = (slots as u64, 0u64);
        for (bytes, tasks, _) in layers {
            let running = tasks.min(free);
            peak_bytes = peak_bytes.saturating_add(running.saturating_mul(bytes));
            free -= running;
        }
        Some(Projected { largest, task_bytes, peak_bytes })
    }

    /// Fails when one task alone is expected to take more than there is.
    ///
    /// # Errors
    /// `Memory`, naming the layer and both sizes.
    pub fn check_memory(&self, limit: Option<u64>) -> Result<()> {
        match (self.projected(1), limit) {
            (Some(projected), Some(limit)) if projected.task_bytes > limit => {
                let name = &self.layer(projected.largest).spec.name;
                let (needs, limit) = (show_bytes(projected.task_bytes), show_bytes(limit));
                Err(Error::new(ErrorKind::Memory, format!("{name}: one task needs {needs} and the limit is {limit}"))
                    .with_help("raise memory.limit, or use more and smaller partitions"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{Layer, LayerSpec, LayeredGraph, Work};

    #[test]
    fn the_peak_is_the_largest_tasks_that_fit_the_slots() {
        let mut graph = LayeredGraph::default();
        for (name, tasks, bytes) in [("read", 100, 10), ("matmul", 2, 1000), ("free", 5, 0)] {
            let mut spec = LayerSpec::new(name, tasks);
            spec.needs.bytes = bytes;
            graph.push(Layer { spec, work: Work::Held });
        }
        let projected = graph.projected(4).unwrap();
        assert_eq!((projected.largest.0, projected.task_bytes, projected.peak_bytes), (1, 1000, 2020));
        assert!(graph.check_memory(Some(1000)).is_ok());
        let error = graph.check_memory(Some(999)).unwrap_err();
        assert_eq!(error.message(), "matmul: one task needs 1000 B and the limit is 999 B");
    }
}
