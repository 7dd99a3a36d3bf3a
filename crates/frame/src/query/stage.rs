//! [`Stage`]: what stands on top of what a worker does of a query: a slot while it works, a count of its rows, and errors that arrive
//! as they left. A panic is one of them: the engine would take the rows that came before it for all there are.

use super::{
    fault::{pack, panicked},
    suit::partitions,
    watch::{Counted, StageWatch},
};
use crate::lower::{Operator, OperatorExec};
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use stratal_core::{
    Result,
    runner::{Environment, SlotLease},
};

/// The rows of its input, which is this stage of a query.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stage {
    number: u32,
}

impl Stage {
    /// That of a number, which is the engine's.
    pub(super) fn numbered(number: usize) -> Self {
        Stage { number: number as u32 }
    }
}

impl Operator for Stage {
    const NAME: &'static str = "StageExec";

    fn passes_rows(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = &node.inputs()[0];
        let lease = context.session_config().get_extension::<StageSlot>().and_then(|slot| slot.take());
        let counted = StageWatch::begin(self.number, partitions(input), &context);
        let rows: SendableRecordBatchStream = match input.execute(partition, context) {
            Ok(rows) => rows,
            Err(error) => Box::pin(RecordBatchStreamAdapter::new(input.schema(), stream::iter([Err(error)]))),
        };
        let rows = AssertUnwindSafe(rows).catch_unwind().map(move |batch| {
            // The slot is held as long as this is.
            let _held = &lease;
            batch.unwrap_or_else(|panic| Err(panicked(&*panic))).map_err(pack)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(input.schema(), Counted::over(counted, rows))))
    }
}

/// The slot of a worker that one task of a stage takes while any of its partitions is made.
pub(super) struct StageSlot {
    /// Not kept: what keeps this lives in there.
    env: Weak<Environment>,
    lease: Mutex<Weak<SlotLease>>,
}

impl StageSlot {
    pub(super) fn new(env: Weak<Environment>) -> Self {
        StageSlot { env, lease: Mutex::default() }
    }

    fn take(&self) -> Option<Arc<SlotLease>> {
        let mut lease = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = lease.upgrade() {
            return Some(taken);
        }
        let taken = Arc::new(self.env.upgrade()?.lease_slot()?);
        *lease = Arc::downgrade(&taken);
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fault::of_query, *};
    use crate::lower::Plan;
    use arrow_array::RecordBatch;
    use arrow_schema::Schema;
    use datafusion::{common::Result as DfResult, physical_plan::empty::EmptyExec};
    use stratal_core::{ErrorKind, client::wait_for};

    /// A batch, and then a panic.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    struct Panics;

    impl Operator for Panics {
        const NAME: &'static str = "PanicsExec";

        fn open(&self, _: usize, node: &OperatorExec<Self>, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
            let schema = node.inputs()[0].schema();
            let batch = RecordBatch::new_empty(schema.clone());
            let rows = stream::iter([true, false]).map(move |is_well| -> DfResult<RecordBatch> {
                assert!(is_well, "there is a bug");
                Ok(batch.clone())
            });
            Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
        }
    }

    #[test]
    fn a_panic_is_an_error_and_not_the_end_of_the_rows() {
        let nothing = Arc::new(EmptyExec::new(Arc::new(Schema::empty())));
        let panics: Plan = Arc::new(OperatorExec::new(Panics, vec![nothing as Plan]).unwrap());
        let stage: Plan = Arc::new(OperatorExec::new(Stage::numbered(1), vec![panics]).unwrap());
        let rows = stage.execute(0, Arc::new(TaskContext::default())).unwrap();
        let mut given = wait_for(rows.collect::<Vec<_>>());
        assert_eq!((given.len(), given[0].is_ok()), (2, true));
        let error = of_query(given.remove(1).unwrap_err());
        assert_eq!((error.kind(), error.message()), (ErrorKind::Task, "panicked: there is a bug"));
    }
}
