//! Where memory is short: what is held goes to disk, and DataFusion's aggregates count it with the rest of the rows.
//!
//! They are those that would have counted everything: by key and value, which leaves each pair once, and then by key. Both
//! sort on disk what does not fit. Texts are counted here as texts of any length, since those of a partition may be longer than
//! 32 bits can number.

use super::{CountDistinct, NAME, held::Held};
use crate::{
    error::to_datafusion,
    lower::Plan,
    operators::{batch_of, column},
};
use arrow_array::{Array, ArrayRef, RecordBatch, UInt64Array};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use arrow_select::take::take;
use datafusion::{
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext, memory_pool::MemoryReservation},
    functions_aggregate::count::count_udaf,
    physical_expr::{PhysicalExpr, aggregate::AggregateExprBuilder},
    physical_plan::{
        EmptyRecordBatchStream,
        aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy},
        metrics::{ExecutionPlanMetricsSet, SpillMetrics},
        spill::SpillManager,
        stream::RecordBatchStreamAdapter,
        streaming::{PartitionStream, StreamingTableExec},
    },
};
use futures::{StreamExt, stream};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use stratal_core::{Error, ErrorKind};

/// The groups of what is held and of the `rest`, with their counts. Gives the memory back before the rest is read.
pub(super) fn counted(
    operator: &CountDistinct,
    held: Held,
    rest: SendableRecordBatchStream,
    context: &Arc<TaskContext>,
    memory: &MemoryReservation,
) -> DfResult<SendableRecordBatchStream> {
    let (settings, input) = (context.session_config(), rest.schema());
    // Two columns of the input may have one name.
    let fields = operator.columns().enumerate().map(|(to, at)| Arc::new(wide(input.field(at)).with_name(to.to_string())));
    let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<FieldRef>>()));
    let disk = SpillManager::new(context.runtime_env(), SpillMetrics::new(&ExecutionPlanMetricsSet::new(), 0), schema.clone())
        .with_compression_type(settings.spill_compression());
    let (float, mut file) = (held.float(), disk.create_in_progress_file(NAME)?);
    held.drain(&schema, settings.batch_size().max(1), |batch| file.append_batch(&batch).map(|_| ()))?;
    memory.resize(0);
    let before: SendableRecordBatchStream = match file.finish()? {
        Some(file) => disk.read_spill_as_stream(file, None)?,
        None => Box::pin(EmptyRecordBatchStream::new(schema.clone())),
    };
    let (columns, picked): (Vec<usize>, SchemaRef) = (operator.columns().collect(), schema.clone());
    let after = rest.map(move |batch| -> DfResult<RecordBatch> {
        let batch = batch?;
        let mut own: Vec<ArrayRef> = columns.iter().map(|at| batch.column(*at).clone()).collect();
        // What was held has one zero and one NaN.
        if let (Some(float), Some(values)) = (&float, own.last_mut()) {
            *values = float.canonical(values)?;
        }
        for (column, field) in own.iter_mut().zip(picked.fields()) {
            *column = cast(&*column, field.data_type())?;
        }
        batch_of(&picked, own, batch.num_rows())
    });
    let pairs: SendableRecordBatchStream = Box::pin(RecordBatchStreamAdapter::new(schema.clone(), before.chain(after)));
    by_pairs(Once { schema, rows: Mutex::new(Some(pairs)) })?.execute(0, context.clone())
}

/// The field with texts of any length.
fn wide(field: &Field) -> Field {
    match field.data_type() {
        DataType::Utf8 => field.clone().with_data_type(DataType::LargeUtf8),
        DataType::Binary => field.clone().with_data_type(DataType::LargeBinary),
        _ => field.clone(),
    }
}

/// Rows of [`counted`] in the types that they were asked for.
pub(super) fn narrow(schema: &SchemaRef, rows: &RecordBatch) -> DfResult<RecordBatch> {
    let columns = rows.columns().iter().zip(schema.fields()).map(|(column, field)| -> DfResult<ArrayRef> {
        if column.data_type() == field.data_type() {
            return Ok(column.clone());
        }
        // A part of a long column begins where 32 bits may not reach.
        let own = take(column, &UInt64Array::from_iter_values(0..column.len() as u64), None)?;
        cast(&own, field.data_type()).map_err(|_| {
            let message = format!("{NAME}: {} keys of one batch have more than 2 GiB of text", column.len());
            to_datafusion(Error::new(ErrorKind::Memory, message).with_help("lower frame.batch_rows, or count by shorter keys"))
        })
    });
    batch_of(schema, columns.collect::<DfResult<_>>()?, rows.num_rows())
}

/// What counts the different values in the last column by the columns before it.
fn by_pairs(rows: Once) -> DfResult<Plan> {
    let (schema, last) = (rows.schema.clone(), rows.schema.fields().len() - 1);
    let rows = Arc::new(rows) as Arc<dyn PartitionStream>;
    let rows: Plan = Arc::new(StreamingTableExec::try_new(schema.clone(), vec![rows], None, [], false, None)?);
    let by = |columns: usize| {
        let named = |at: usize| -> (Arc<dyn PhysicalExpr>, String) { (column(&rows, at), schema.field(at).name().clone()) };
        PhysicalGroupBy::new_single((0..columns).map(named).collect())
    };
    let (by_pair, by_key) = (by(last + 1), by(last));
    let pairs: Plan = Arc::new(AggregateExec::try_new(AggregateMode::Final, by_pair, vec![], vec![], rows.clone(), schema.clone())?);
    let count = AggregateExprBuilder::new(count_udaf(), vec![column(&pairs, last)]).schema(pairs.schema()).alias("count").build()?;
    let (count, by_group) = (Arc::new(count), by_key.as_final());
    let partial = AggregateExec::try_new(AggregateMode::Partial, by_key, vec![count.clone()], vec![None], pairs, schema.clone())?;
    Ok(Arc::new(AggregateExec::try_new(AggregateMode::Final, by_group, vec![count], vec![None], Arc::new(partial), schema)?))
}

/// Rows that are read once.
struct Once {
    schema: SchemaRef,
    rows: Mutex<Option<SendableRecordBatchStream>>,
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

impl PartitionStream for Once {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        match self.rows.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(rows) => rows,
            None => {
                let twice = to_datafusion(Error::internal("rows that were read once are read again"));
                Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), stream::iter([Err(twice)])))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::OperatorExec;
    use arrow_array::{Float64Array, Int64Array, StringArray, cast::AsArray, types::Int64Type};
    use datafusion::{
        datasource::memory::MemorySourceConfig,
        error::DataFusionError,
        execution::{
            memory_pool::{MemoryConsumer, MemoryPool, UnboundedMemoryPool},
            runtime_env::RuntimeEnvBuilder,
        },
        physical_plan::ExecutionPlan,
    };
    use futures::TryStreamExt;
    use std::collections::{BTreeMap, BTreeSet};
    use stratal_core::client::wait_for;

    /// Memory for all but one, who has a little.
    #[derive(Debug)]
    struct Short {
        all: UnboundedMemoryPool,
        /// The bytes that [`CountDistinct`] may have.
        own: usize,
    }

    impl fmt::Display for Short {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.name())
        }
    }

    impl MemoryPool for Short {
        fn name(&self) -> &str {
            "short"
        }

        fn grow(&self, reservation: &MemoryReservation, additional: usize) {
            self.all.grow(reservation, additional);
        }

        fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
            self.all.shrink(reservation, shrink);
        }

        fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> DfResult<()> {
            if reservation.consumer().name() == NAME && reservation.size() + additional > self.own {
                return Err(DataFusionError::ResourcesExhausted("none is left".to_owned()));
            }
            self.all.try_grow(reservation, additional)
        }

        fn reserved(&self) -> usize {
            self.all.reserved()
        }
    }

    /// The counts by key within so many bytes, and the bytes that are counted afterwards.
    fn counts(values: &[ArrayRef], bytes: usize) -> (BTreeMap<Option<i64>, i64>, usize) {
        let keys = |part: i64| (0..1000).map(|row| Some((row * 31 + part) % 57).filter(|key| *key != 3)).collect::<Int64Array>();
        let batches = values.iter().zip(0..).map(|(values, part)| {
            let columns: [(&str, ArrayRef, bool); 2] = [("x", values.clone(), true), ("x", Arc::new(keys(part)), true)];
            RecordBatch::try_from_iter_with_nullable(columns).unwrap()
        });
        let batches: Vec<RecordBatch> = batches.collect();
        let rows: Plan = MemorySourceConfig::try_new_exec(std::slice::from_ref(&batches), batches[0].schema(), None).unwrap();
        let operator = CountDistinct { keys: vec![(1, "k".to_owned())], value: 0, name: "n".to_owned() };
        let plan = OperatorExec::new(operator, vec![rows]).unwrap();
        let pool: Arc<dyn MemoryPool> = Arc::new(Short { all: UnboundedMemoryPool::default(), own: bytes });
        let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool.clone()).build_arc().unwrap();
        let context = Arc::new(TaskContext::default().with_runtime(runtime));
        let given = wait_for(async move { plan.execute(0, context)?.try_collect::<Vec<RecordBatch>>().await }).unwrap();
        let mut counts = BTreeMap::new();
        for batch in given {
            let (keys, numbers) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_primitive::<Int64Type>());
            for (key, number) in keys.iter().zip(numbers) {
                assert_eq!(counts.insert(key, number.unwrap()), None, "a group that comes twice");
            }
        }
        (counts, pool.reserved())
    }

    #[test]
    fn texts_of_more_bytes_than_can_be_numbered_are_counted_as_any_others() {
        let text = |row: i64, word: &str, different: i64| Some(format!("{word} {}", row * 7 % different)).filter(|_| row % 10 > 0);
        let batch = |part: i64| {
            let texts =
                |word: &str, different: i64| (part * 100..part * 100 + 100).map(|row| text(row, word, different)).collect::<Vec<_>>();
            let keys: ArrayRef = Arc::new(StringArray::from(texts("key", 40)));
            let values: ArrayRef = cast(&StringArray::from(texts("value", 900)), &DataType::Binary).unwrap();
            RecordBatch::try_from_iter_with_nullable([("k", keys, true), ("x", values, true)]).unwrap()
        };
        let batches: Vec<RecordBatch> = (0..10).map(batch).collect();
        let mut sets: BTreeMap<Option<String>, BTreeSet<String>> = BTreeMap::new();
        for row in 0..1000 {
            sets.entry(text(row, "key", 40)).or_default().extend(text(row, "value", 900));
        }
        let expected: BTreeMap<Option<String>, i64> = sets.into_iter().map(|(key, values)| (key, values.len() as i64)).collect();
        let operator = CountDistinct { keys: vec![(0, "k".to_owned())], value: 1, name: "n".to_owned() };
        let rows: Plan = MemorySourceConfig::try_new_exec(std::slice::from_ref(&batches), batches[0].schema(), None).unwrap();
        let schema = OperatorExec::new(operator.clone(), vec![rows]).unwrap().schema();
        for limit in [1, 2000, 4000] {
            let mut held = Held::within(&operator, &batches[0].schema(), limit).unwrap();
            let fitting = batches.iter().take_while(|batch| held.has_room(batch) && held.push(batch).is_ok()).count();
            assert!((1..10).contains(&fitting), "{fitting} within {limit}");
            let rest: Vec<DfResult<RecordBatch>> = batches[fitting..].iter().cloned().map(Ok).collect();
            let rest = RecordBatchStreamAdapter::new(batches[0].schema(), stream::iter(rest));
            let context = Arc::new(TaskContext::default());
            let memory = MemoryConsumer::new(NAME).register(context.memory_pool());
            let counted = counted(&operator, held, Box::pin(rest), &context, &memory).unwrap();
            let given = wait_for(async move { counted.try_collect::<Vec<RecordBatch>>().await }).unwrap();
            let mut found = BTreeMap::new();
            for batch in given {
                let batch = narrow(&schema, &batch).unwrap();
                for (key, count) in batch.column(0).as_string::<i32>().iter().zip(batch.column(1).as_primitive::<Int64Type>()) {
                    found.insert(key.map(str::to_owned), count.unwrap());
                }
            }
            assert_eq!(found, expected, "{limit}");
        }
        // The limit itself is what 32 bits number.
        assert_eq!(super::super::texts::LIMIT, 2_147_483_647);
    }

    #[test]
    fn what_does_not_fit_is_counted_as_what_does() {
        let numbers = |part: i64| -> ArrayRef {
            // One group has no values at all.
            let value = |row: i64| Some((row * row + 7 * part) % 400).filter(|_| (row * 31 + part) % 57 != 5 && row % 10 > 0);
            Arc::new((0..1000).map(value).collect::<Int64Array>())
        };
        let texts = |part: i64| -> ArrayRef {
            let numbers = numbers(part);
            Arc::new(numbers.as_primitive::<Int64Type>().iter().map(|x| x.map(|x| format!("value {x}"))).collect::<StringArray>())
        };
        let floats = |part: i64| -> ArrayRef {
            let numbers = numbers(part);
            let float = |(row, x): (usize, Option<i64>)| {
                x.map(|x| match x {
                    0 if row % 2 == 0 => -0.0,
                    1 if part % 2 == 0 => f64::NAN,
                    1 => -f64::NAN,
                    x => x as f64,
                })
            };
            Arc::new(numbers.as_primitive::<Int64Type>().iter().enumerate().map(float).collect::<Float64Array>())
        };
        let mut of_numbers = None;
        for of in [&numbers as &dyn Fn(i64) -> ArrayRef, &texts, &floats] {
            let values: Vec<ArrayRef> = (0..20).map(of).collect();
            let (expected, counted) = counts(&values, usize::MAX);
            assert_eq!((expected.len(), expected[&Some(5)], counted), (57, 0, 0));
            assert_eq!(of_numbers.get_or_insert_with(|| expected.clone()), &expected);
            // At the first batch, and in the middle.
            for bytes in [1, 40_000, 100_000] {
                assert_eq!(counts(&values, bytes), (expected.clone(), 0), "{bytes}");
            }
        }
    }
}
