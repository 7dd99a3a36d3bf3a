//! The task kind `copy`: tasks that leave copies of what they read on their worker, for those who read it there later. They
//! are how a value comes to be on several workers.

use super::TaskContext;
use crate::{
    Result,
    kind::{Body, InputMode, Running, TaskKind, Template},
    value::Data,
};
use bytes::Bytes;
use std::sync::Arc;

const KIND: &str = "copy";

struct CopyBody;

impl Body for CopyBody {
    fn encode(&self) -> Result<Bytes> {
        Ok(Bytes::new())
    }

    fn describe(&self) -> String {
        "takes copies".to_owned()
    }
}

struct CopyKind;

impl TaskKind for CopyKind {
    fn name(&self) -> &'static str {
        KIND
    }

    fn decode(&self, _: &[u8]) -> Result<Arc<dyn Body>> {
        Ok(Arc::new(CopyBody))
    }

    fn inputs(&self) -> InputMode {
        InputMode::Whole
    }

    fn run(&self, _: &Arc<dyn Body>, cx: TaskContext) -> Result<Running> {
        Ok(Running::Blocking(Box::new(move || {
            let inputs = cx.spec().inputs.len();
            for task in cx.tasks() {
                (0..inputs).try_for_each(|input| cx.copy(input, task))?;
                cx.put(task, Data::Unit)?;
            }
            Ok(())
        })))
    }
}

crate::register_kind!(CopyKind);

/// The work of tasks that leave copies of what they read.
pub(crate) fn copying() -> Template {
    Template { kind: KIND, body: Arc::new(CopyBody) }
}
