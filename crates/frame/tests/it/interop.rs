//! DataFusion's plans, tables and functions beside frames.

use super::{everywhere, local, map_partitions::numbers};
use datafusion::{
    arrow::datatypes::DataType,
    common::ScalarValue,
    datasource::MemTable,
    logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf},
    prelude::{SessionContext, col as df_col, lit as df_lit},
};
use std::sync::Arc;
use stratal_core::{ErrorKind, client::wait_for, graph::Work, registry::Registry};
use stratal_frame::{DFrame, Frame, SameSchema, call, col, frame, interop, sql_expr};

/// The numbers from 0 on as a table of DataFusion's, in three partitions.
fn table(rows: i64) -> Arc<MemTable> {
    let all = numbers(rows, 3).collect().unwrap();
    let third = rows as usize / 3;
    let parts = [0..third, third..2 * third, 2 * third..rows as usize].map(|part| all.slice(part).batches().to_vec());
    Arc::new(MemTable::try_new(all.schema().clone(), parts.to_vec()).unwrap())
}

fn x(frame: &DFrame) -> Vec<i64> {
    frame.collect().unwrap().column("x").unwrap()
}

#[test]
fn a_table_and_a_plan_of_datafusions_are_frames() {
    everywhere(|place| {
        let provided = interop::from_provider(table(30));
        assert_eq!((provided.columns().unwrap(), x(&provided)), (vec!["x".to_owned(), "k".to_owned()], (0..30).collect()), "{place}");
        let sums = provided.group_by("k").agg(col("x").sum()).sort("k").collect().unwrap();
        assert_eq!(sums.column::<i64>("x").unwrap(), [81, 87, 93, 99, 75], "{place}");

        let theirs = SessionContext::new().read_table(table(30)).unwrap().filter(df_col("x").gt_eq(df_lit(20i64))).unwrap();
        let frame = interop::from_datafusion(theirs.clone()).with_column("x", col("x") * 2);
        assert_eq!(x(&frame), (40..60).step_by(2).collect::<Vec<_>>(), "{place}");
        let again = interop::from_datafusion(theirs.into_unoptimized_plan()).filter(col("x").lt(22));
        assert_eq!(x(&again), [20, 21], "{place}");
        assert_eq!(again.to_string(), "1. from_datafusion([x, k])\n2. filter(x < 22)", "{place}");
        let named = interop::from_provider(table(3)).map_partitions(|part: Frame| part.lazy().head(1).collect(), SameSchema);
        assert_eq!(x(&named), [0, 1, 2], "{place}");
    });
}

#[test]
fn a_frame_goes_on_in_datafusion() {
    let client = local("store");
    let _entered = client.enter();
    let frame = numbers(30, 3).filter(col("x").lt(10)).with_column("x", col("x") + 1).sort(col("x").desc());
    let plan = interop::to_datafusion(&frame).unwrap();
    assert_eq!(x(&interop::from_datafusion(plan.clone()).head(2)), [10, 9]);
    let there = wait_for(async move {
        let context = SessionContext::new();
        context.execute_logical_plan(plan).await?.filter(df_col("x").gt(df_lit(8i64)))?.count().await
    });
    assert_eq!(there.unwrap(), 2);
}

#[test]
fn what_datafusion_cannot_run_alone_is_refused() {
    let client = local("store");
    let _entered = client.enter();
    let rows = numbers(10, 2);
    let refused = |frame: &DFrame| {
        let error = interop::to_datafusion(frame).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadValue);
        error.message().to_owned()
    };
    let mapped = rows.map_partitions(|part: Frame| Ok(part.slice(0..1)), SameSchema).filter(col("x").gt(1));
    assert_eq!(refused(&mapped), "steps that are planned as MapPartitions mean nothing to DataFusion alone");
    assert!(refused(&rows.repartition(3)).contains("Repartition"));
    assert!(refused(&rows.persist().unwrap().filter(col("x").gt(1))).starts_with("rows that a run keeps or makes"));
    let made = DFrame::from_map(|n: i64| frame! { "x" => [n] }.collect(), 0..2, [("x", "i64")]);
    assert!(refused(&made).starts_with("rows that a run keeps or makes"));
    assert_eq!(interop::to_datafusion(&rows.filter(col("y").gt(1))).unwrap_err().step(), Some((2, "filter")));
}

/// A function that gives one number.
fn always(name: &str, number: i64) -> ScalarUDF {
    let give = move |_: &[ColumnarValue]| Ok(ColumnarValue::Scalar(ScalarValue::Int64(Some(number))));
    create_udf(name, vec![DataType::Int64], DataType::Int64, Volatility::Immutable, Arc::new(give))
}

#[test]
fn a_function_of_the_programs_is_called_by_its_name_and_travels_by_it() {
    interop::register_udf(always("interop_number", 3));
    interop::register_udf(always("interop_number", 4));
    everywhere(|place| {
        let frame = numbers(4, 2).with_column("x", col("x") + call("interop_number", [col("x")]));
        assert_eq!(x(&frame), [4, 5, 6, 7], "{place}");
        assert_eq!(x(&numbers(9, 2).filter(sql_expr("x > interop_number(x)"))), [5, 6, 7, 8], "{place}");
        for graph in [frame.graph().unwrap(), frame.graph_optimized().unwrap()] {
            for layer in &graph.layers {
                let Work::Uniform(template) = &layer.work else { panic!("{place}: {} is no plan", layer.spec.name) };
                let there = Registry::global().kind(template.kind).unwrap().decode(&template.body.encode().unwrap()).unwrap();
                assert_eq!(there.describe(), template.body.describe(), "{place}");
            }
        }
    });
    assert_eq!(call("interop_numbr", [col("x")]).to_datafusion().unwrap_err().help(), Some("did you mean \"interop_number\"?"));
}
