//! Where rows come from: a source opens as a table that DataFusion plans over.

pub(crate) mod csv;
mod memory;
mod persisted;

pub(crate) use memory::Memory;
pub(crate) use persisted::{HeldExec, Persisted, project};

use datafusion::datasource::TableProvider;
use std::sync::Arc;
use stratal_core::{Result, config::Config};

/// The first step of a frame.
pub(crate) trait Source: Send + Sync + 'static {
    /// The method that recorded it.
    fn name(&self) -> &'static str;

    /// The name of its layer.
    fn layer(&self) -> String {
        self.name().replace('_', "-")
    }

    /// Its arguments, as `Display` shows them.
    fn arguments(&self) -> String;

    /// Looks at what is there: lists files, infers types. Reads no more rows than types need.
    fn open(&self, config: &Config) -> Result<Arc<dyn TableProvider>>;
}
