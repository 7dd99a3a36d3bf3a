//! [`Ipc`]: lists files, looks at each, and agrees on columns.

use super::{
    head::head,
    options::IpcOptions,
    table::{IpcFile, IpcProvider},
};
use crate::source::{Source, files::each, plain::plain};
use arrow_schema::SchemaRef;
use datafusion::datasource::TableProvider;
use std::sync::Arc;
use stratal_core::{Result, config::Config};
use stratal_stores::wait_here;

/// What is taken from a directory.
const ENDINGS: [&str; 4] = ["arrow", "arrows", "ipc", "feather"];

/// Arrow IPC files as the first step of a frame.
pub(crate) struct Ipc(pub(crate) IpcOptions);

impl Source for Ipc {
    fn name(&self) -> &'static str {
        "read_ipc"
    }

    fn arguments(&self) -> String {
        self.0.0.asked.arguments()
    }

    fn reads(&self) -> Vec<(Vec<String>, Vec<(String, String)>)> {
        self.0.0.asked.reads()
    }

    fn open(&self, config: &Config) -> Result<Arc<dyn TableProvider>> {
        let wanted = &self.0.0;
        let files = wanted.asked.list(&ENDINGS)?;
        let heads = each(&files.iter().collect::<Vec<_>>(), |file| wait_here(head(file)))?;
        let schemas: Vec<SchemaRef> = heads.iter().map(|head| Arc::new(plain(&head.schema, false))).collect();
        let agreed = wanted.agree(&files, &schemas, "IpcOptions")?;
        // A value of a key that is not of its type is found now.
        files.iter().try_for_each(|file| agreed.extra.values(file).map(drop))?;
        let files = files.into_iter().zip(heads).map(|(listed, head)| (IpcFile { listed, layout: head.layout }, head.batches));
        let partition_bytes = config.frame.partition_bytes;
        Ok(Arc::new(IpcProvider { schema: agreed.all, extra: agreed.extra, files: files.collect(), partition_bytes }))
    }
}
