//! Where rows come from: a source opens as a table that DataFusion plans over.
//!
//! - `csv`, `json`, `parquet`, `ipc`: files by what stands in them. `files`: whatever stands in them.
//! - `columnar`: what formats by column have in common; `plain`, `unify`: their types and schemas; `parts`, `ranges`: their partitions
//!   and bytes. [`ColumnOrigin`]: what decided a column's type.
//! - [`Memory`]: rows that are there. [`FromDelayed`]: what calls give. [`Persisted`]: what a run left.

mod columnar;
pub(crate) mod csv;
pub(crate) mod files;
mod from_delayed;
pub(crate) mod ipc;
pub(crate) mod json;
mod memory;
mod origin;
pub(crate) mod parquet;
mod parts;
mod persisted;
mod plain;
mod ranges;
mod unify;

pub(crate) use from_delayed::{DelayedExec, FromDelayed};
pub(crate) use memory::Memory;
pub use origin::ColumnOrigin;
pub(crate) use persisted::{HeldExec, Persisted};

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

    /// The files that it reads: paths, globs and directories as they were given, and how their stores are reached.
    fn reads(&self) -> Vec<(Vec<String>, Vec<(String, String)>)> {
        Vec::new()
    }

    /// Looks at what is there: lists files, infers types. Reads no more rows than types need.
    fn open(&self, config: &Config) -> Result<Arc<dyn TableProvider>>;

    /// The columns, and what decided their types.
    fn origins(&self, config: &Config) -> Result<Vec<ColumnOrigin>> {
        let schema = self.open(config)?.schema();
        Ok(schema.fields().iter().map(|field| ColumnOrigin::new(field, "the files")).collect())
    }
}
