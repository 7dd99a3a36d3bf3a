//! [`PartialTop`]: the rows for a [`Top`], without most of those that cannot be in it.
//!
//! It stands in each partition, below the exchange and the sort of the top, and the top decides alone: whatever passes here is right as
//! long as the first rows of each group are among it. So it does what it can. It keeps the first rows of each group so far and
//! drops all others; where memory is short, or little is dropped, it gives what it has and passes what comes after that.
//!
//! - `held`: the rows so far. `best`: which of them are the first of their groups. `gain`: whether it pays to go on.

mod best;
mod gain;
mod held;

use self::held::Held;
use super::{Rows, Top, bytes_of, streamed, window};
use crate::{
    error::of_datafusion,
    lower::{Operator, OperatorExec, Plan},
};
use arrow_array::RecordBatch;
use arrow_schema::DataType;
use datafusion::{
    common::Result as DfResult,
    error::DataFusionError,
    execution::{
        SendableRecordBatchStream, TaskContext,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
    physical_plan::{ExecutionPlan, ExecutionPlanProperties, Partitioning},
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, sync::Arc};
use stratal_core::Result;

/// Some rows of each partition: those that this top would take of it, and maybe others.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PartialTop(Top);

impl PartialTop {
    /// The input of a top: `input` without most rows that cannot be in it. As it is, where its rows come as the top wants them, and
    /// where keys are of a type that may be told apart here in another way than there.
    pub(crate) fn of(top: &Top, input: Plan) -> Result<Plan> {
        let schema = input.schema();
        let mut columns = top.keys.iter().copied().chain(top.order.iter().map(|(column, _)| *column));
        let is_possible = !top.order.is_empty() && columns.all(|column| is_plain(schema.field(column).data_type()));
        if !is_possible || is_ready(top, &input)? {
            return Ok(input);
        }
        Ok(Arc::new(OperatorExec::new(PartialTop(top.clone()), vec![input])?))
    }
}

/// A type whose values are equal here where they are in a top, and are in the same order.
fn is_plain(of: &DataType) -> bool {
    let is_time = of.is_temporal() && !matches!(of, DataType::Interval(_));
    of.is_numeric() || is_time || of.is_string() || of.is_binary() || *of == DataType::Boolean
}

/// Whether rows come as a top wants them, without an exchange and without a sort.
fn is_ready(top: &Top, input: &Plan) -> Result<bool> {
    let (known, wanted) = (input.equivalence_properties(), window::distribution(input, &top.keys));
    if !input.output_partitioning().satisfaction(&wanted, known, false).is_satisfied() {
        return Ok(false);
    }
    match window::ordering(input, &top.keys, &top.order) {
        Some(ordering) => known.ordering_satisfy(ordering).map_err(of_datafusion),
        None => Ok(true),
    }
}

impl Operator for PartialTop {
    const NAME: &'static str = "PartialTopExec";

    fn layer(&self) -> Option<String> {
        Some("partial-top".to_owned())
    }

    fn arguments(&self) -> String {
        self.0.arguments()
    }

    /// Rows stay where they are, if they stay.
    fn partitioning(&self, inputs: &[Plan]) -> Partitioning {
        inputs[0].output_partitioning().clone()
    }

    /// Of rows that are equal in their order, the first that come are taken.
    fn takes_by_place(&self) -> bool {
        true
    }

    fn is_blocking(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let held = Held::new(&self.0, &node.schema(), context.session_config().batch_size()).map_err(of_datafusion)?;
        let dropping = Dropping {
            input: Some(node.input(0, partition, &context)?),
            held: Some(held),
            ready: VecDeque::new(),
            memory: MemoryConsumer::new("top").with_can_spill(true).register(context.memory_pool()),
        };
        Ok(streamed(node.schema(), dropping))
    }
}

/// A partition at work.
struct Dropping {
    /// None once all was read.
    input: Option<SendableRecordBatchStream>,
    /// None once rows pass.
    held: Option<Held>,
    ready: VecDeque<RecordBatch>,
    memory: MemoryReservation,
}

impl Rows for Dropping {
    async fn next(&mut self) -> DfResult<Option<RecordBatch>> {
        if let Some(held) = self.held.take() {
            self.hold(held).await?;
        }
        if let Some(batch) = self.ready.pop_front() {
            return Ok(Some(batch));
        }
        self.memory.free();
        match &mut self.input {
            Some(input) => input.try_next().await,
            None => Ok(None),
        }
    }
}

impl Dropping {
    /// Reads rows until there are no more, or it does not pay to hold them.
    async fn hold(&mut self, mut held: Held) -> DfResult<()> {
        let Some(mut input) = self.input.take() else { return Ok(()) };
        while let Some(batch) = input.try_next().await? {
            held.push(batch)?;
            let has_room = match self.memory.try_resize(held.bytes()) {
                Ok(()) => true,
                Err(error) if matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)) => false,
                Err(error) => return Err(error),
            };
            if !has_room || !held.pays() {
                self.input = Some(input);
                return self.give(held);
            }
        }
        held.shrink()?;
        self.give(held)
    }

    fn give(&mut self, held: Held) -> DfResult<()> {
        self.ready = held.finish()?;
        self.memory.resize(self.ready.iter().map(bytes_of).sum());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DFrame, Window, col, frame, operators::window::Direction, session};
    use arrow_array::{ArrayRef, Float64Array, Int64Array, cast::AsArray, types::Int64Type};
    use datafusion::{
        datasource::memory::MemorySourceConfig,
        execution::{
            memory_pool::{GreedyMemoryPool, MemoryPool},
            runtime_env::RuntimeEnvBuilder,
        },
        physical_plan::displayable,
    };
    use stratal_core::{client::wait_for, config::Config};

    /// A key and an order; its place is the number of the row.
    type Row = (Option<i64>, Option<f64>);

    /// Rows whose keys and orders look like chance, many of which are equal.
    fn rows(length: u64, keys: u64) -> Vec<Row> {
        let number = |row: u64| (row + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 17;
        let row = |row: u64| {
            let (key, order) = (number(row) % keys, number(row + length) % 50);
            let order = match order {
                0 => None,
                1 => Some(f64::NAN),
                2 => Some(-0.0),
                3 => Some(0.0),
                order => Some(order as f64 - 20.0),
            };
            ((key > 0).then_some(key as i64), order)
        };
        (0..length).map(row).collect()
    }

    fn batch(rows: &[Row], first: usize) -> RecordBatch {
        let columns: [(&str, ArrayRef); 3] = [
            ("k", Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>())),
            ("x", Arc::new(rows.iter().map(|row| row.1).collect::<Float64Array>())),
            ("id", Arc::new(Int64Array::from_iter_values(first as i64..(first + rows.len()) as i64))),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
    }

    /// The numbers of the rows that pass, read in batches of this length, with so much memory.
    fn passed(rows: &[Row], length: usize, wanted: usize, descending: bool, bytes: usize) -> Vec<i64> {
        let batches = rows.chunks(length).enumerate().map(|(nth, rows)| batch(rows, nth * length));
        let batches: Vec<RecordBatch> = batches.collect();
        let input: Plan = MemorySourceConfig::try_new_exec(&[batches], batch(&[], 0).schema(), None).unwrap();
        let top = Top { keys: vec![0], order: vec![(1, Direction { descending, nulls_first: false })], rows: wanted };
        let plan = PartialTop::of(&top, input).unwrap();
        assert_eq!(plan.name(), PartialTop::NAME);
        let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(bytes));
        let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool.clone()).build_arc().unwrap();
        let context = Arc::new(TaskContext::default().with_runtime(runtime));
        let given = wait_for(async move { plan.execute(0, context)?.try_collect::<Vec<RecordBatch>>().await }).unwrap();
        assert_eq!(pool.reserved(), 0);
        given.iter().flat_map(|batch| batch.column(2).as_primitive::<Int64Type>().values().to_vec()).collect()
    }

    /// By sorting everything: of equal rows the first, nulls last.
    fn firsts(rows: &[Row], wanted: usize, descending: bool) -> Vec<i64> {
        let mut sorted: Vec<usize> = (0..rows.len()).collect();
        sorted.sort_by(|one, two| {
            let ((key, one), (other, two)) = (rows[*one], rows[*two]);
            let orders = match (one, two) {
                (Some(one), Some(two)) if descending => two.total_cmp(&one),
                (Some(one), Some(two)) => one.total_cmp(&two),
                (one, two) => one.is_none().cmp(&two.is_none()),
            };
            key.cmp(&other).then(orders)
        });
        let of_groups = sorted.chunk_by(|one, two| rows[*one].0 == rows[*two].0);
        let mut first: Vec<i64> = of_groups.flat_map(|group| group.iter().take(wanted).map(|row| *row as i64)).collect();
        first.sort_unstable();
        first
    }

    #[test]
    fn the_first_rows_of_each_group_pass_in_the_order_in_which_they_came() {
        let rows = rows(3000, 40);
        for wanted in [0, 1, 3, 1000] {
            for descending in [false, true] {
                let expected = firsts(&rows, wanted, descending);
                for length in [3, 700, 3000] {
                    assert_eq!(passed(&rows, length, wanted, descending, 1 << 30), expected, "{wanted} {descending} {length}");
                }
            }
        }
        assert!(passed(&[], 10, 2, false, 1 << 30).is_empty());
    }

    #[test]
    fn rows_are_dropped_as_they_come_where_they_are_many() {
        // Each row is before all earlier ones of its group: all of them are held for a time.
        let rows: Vec<Row> = (0..100_000).map(|row| (Some(row % 10), Some(-(row as f64)))).collect();
        assert_eq!(passed(&rows, 1000, 2, false, 1 << 20), (99_980..100_000).collect::<Vec<i64>>());
    }

    #[test]
    fn rows_pass_where_memory_is_short_and_none_is_missing() {
        let rows = rows(20_000, 5000);
        let all: Vec<i64> = (0..20_000).collect();
        for bytes in [1, 100_000, 300_000] {
            let (found, expected) = (passed(&rows, 1000, 2, false, bytes), firsts(&rows, 2, false));
            assert!(found.is_sorted() && expected.iter().all(|row| found.binary_search(row).is_ok()), "{bytes}");
            // The last rows pass as they are.
            assert_eq!(found[found.len() - 1000..], all[19_000..], "{bytes}");
        }
    }

    #[test]
    fn rows_pass_where_each_has_a_key_of_its_own() {
        let rows: Vec<Row> = (0..150_000).map(|row| (Some(row), Some(0.0))).chain([(Some(1), Some(1.0)); 10]).collect();
        assert_eq!(passed(&rows, 1000, 1, false, 1 << 30).len(), rows.len());
        assert_eq!(passed(&rows[1000..][..100_000], 1000, 1, false, 1 << 30).len(), 100_000);
    }

    /// The nodes of a plan, from the top, without what they say of themselves.
    fn planned(frame: &DFrame) -> Vec<String> {
        let plan = session::physical_plan(&Config::default(), &frame.bound().unwrap(), 4, true).unwrap();
        let text = displayable(plan.as_ref()).indent(false).to_string();
        let name = |line: &str| line.trim_start().split([':', ' ']).next().unwrap_or_default().to_owned();
        text.lines().map(name).filter(|name| name != "ProjectionExec" && name != "CooperativeExec").collect()
    }

    #[test]
    fn rows_are_dropped_below_the_exchange_and_the_sort() {
        let one = frame! { "k" => ["a", "b", "a"], "l" => [1i64, 2, 1], "v" => [1i64, 1, 2] };
        let rows = one.collect().unwrap();
        let two = DFrame::from_batches(rows.schema().clone(), rows.batches().iter().cycle().take(2).cloned().collect::<Vec<_>>());
        let spread = ["TopExec", "SortExec", "RepartitionExec", "PartialTopExec", "DataSourceExec"];
        assert_eq!(planned(&two.group_by("k").top(2, "v")), spread);
        assert_eq!(planned(&two.group_by(["k", "l"]).top(2, col("v").desc())), spread);
        assert_eq!(planned(&two.group_by(col("l") % 2).top(2, ("k", "v"))), spread);
        assert_eq!(planned(&one.group_by("k").top(2, "v")), ["TopExec", "SortExec", "PartialTopExec", "DataSourceExec"]);
    }

    #[test]
    fn no_row_is_looked_at_twice_where_all_come_as_they_should_or_keys_are_lists() {
        let rows = frame! { "k" => ["a", "b", "a"], "v" => [1i64, 1, 2] };
        let sorted = rows.with_column("before", col("v").lag(1).over(Window::by("k").order_by("v")));
        assert_eq!(planned(&sorted.group_by("k").top(2, "v")), ["TopExec", "WindowExec", "SortExec", "DataSourceExec"]);
        let lists = rows.group_by("k").agg(col("v").collect_list().alias("all"));
        assert!(!planned(&lists.group_by("all").top(2, "k")).contains(&PartialTop::NAME.to_owned()));
    }
}
