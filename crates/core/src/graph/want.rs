//! Finding results by the names that users have for them.

use super::{LayeredGraph, Output, Ranges};
use crate::{Error, ErrorKind, Key, LayerId, Result, error::nearest};

impl LayeredGraph {
    /// The results behind a key: an output's, or a layer's name for all of its tasks, with an index for one of them.
    ///
    /// # Errors
    /// `Graph` for a name that is nowhere, with the nearest, or an index past the end.
    pub fn find_output(&self, key: &Key) -> Result<Output> {
        if let Some(output) = self.outputs.iter().find(|output| output.key == *key) {
            return Ok(output.clone());
        }
        let named = self.outputs.iter().find(|output| output.key.name() == key.name() && output.key.index().is_none());
        let found = match named {
            Some(output) => Some((output.layer, output.tasks.clone())),
            None => self
                .layers
                .iter()
                .position(|layer| layer.spec.name == key.name())
                .map(|id| (LayerId(id as u32), self.layers[id].spec.selected.clone())),
        };
        let Some((layer, tasks)) = found else {
            let names = self.outputs.iter().map(|output| output.key.name()).chain(self.layers.iter().map(|layer| layer.spec.name.as_str()));
            let error = Error::new(ErrorKind::Graph, format!("graph: there is no {:?}", key));
            return Err(match nearest(key.name(), names) {
                Some(near) => error.with_help(format!("did you mean {near:?}?")),
                None => error,
            });
        };
        let tasks = match key.index() {
            None => tasks,
            Some(index) if tasks.contains(index) => Ranges::from(index..index + 1),
            Some(_) => return Err(Error::new(ErrorKind::Graph, format!("graph: there is no {key:?}; {:?} has tasks {tasks}", key.name()))),
        };
        Ok(Output { layer, tasks, key: key.clone() })
    }
}
