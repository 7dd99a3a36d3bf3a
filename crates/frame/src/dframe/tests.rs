//! Joins over plans that no client of two threads would make: hundreds of partitions after an exchange, and joins that
//! sort and merge.

use super::{DFrame, JoinOptions, on};
use crate::{
    Frame,
    bind::bind,
    col, frame,
    lower::lower,
    run,
    session::{merge_join_plan, physical_plan},
};
use datafusion::physical_plan::{ExecutionPlan, displayable};
use std::sync::Arc;
use stratal_core::{Client, graph::Slicing, value::Data};

/// Runs a cut plan, none of whose layers may be a gang.
fn collect(client: &Client, plan: Arc<dyn ExecutionPlan>) -> Frame {
    let schema = plan.schema();
    let graph = lower(plan, true).unwrap();
    assert!(graph.layers.iter().all(|layer| layer.spec.slicing == Slicing::Any), "{}", graph.summary());
    let batches = run::run(client, &graph).unwrap().into_iter().flat_map(|data| match data {
        Data::Batches(rows) => rows.batches.to_vec(),
        other => panic!("a partition is {}", other.type_name()),
    });
    Frame::new(schema, batches).unwrap()
}

/// 300 keys from 0 on, and every third of them; of neither is it known how many there are.
fn sides() -> (DFrame, DFrame) {
    let keys: Vec<i64> = (0..300).collect();
    let all = frame! { "k" => keys };
    let some = all.filter((col("k") % 3).eq(0)).with_column("y", col("k") * 2);
    (all.persist().unwrap(), some.persist().unwrap())
}

#[test]
fn a_left_join_over_any_number_of_channels_keeps_every_left_row() {
    let client = Client::builder().threads(2).detached().local().unwrap();
    let _entered = client.enter();
    let (all, some) = sides();
    let joined = all.join(&some, on("k").left());
    let config = client.config().unwrap();
    let bound = bind(&joined.steps, config).unwrap();
    for channels in [2, 3, 16, 127, 128, 129, 257] {
        let plan = physical_plan(config, &bound, channels, true).unwrap();
        assert_eq!(plan.properties().output_partitioning().partition_count(), channels);
        let rows = collect(&client, plan).lazy().sort("k").collect().unwrap();
        assert_eq!(rows.column::<i64>("k").unwrap(), (0..300).collect::<Vec<_>>(), "{channels}");
        let expected: Vec<Option<i64>> = (0..300).map(|key| (key % 3 == 0).then_some(key * 2)).collect();
        assert_eq!(rows.column::<Option<i64>>("y").unwrap(), expected, "{channels}");
    }
}

#[test]
fn joins_that_sort_and_merge_are_cut_and_give_what_joins_that_hash_give() {
    let client = Client::builder().threads(2).detached().local().unwrap();
    let _entered = client.enter();
    let one = frame! { "k" => [Some(1i64), Some(1), None, Some(2), Some(7), None], "x" => [1i64, 2, 3, 4, 5, 6] }.persist().unwrap();
    let two = frame! { "k" => [None, Some(2i64), Some(1), Some(9)], "y" => [1i64, 2, 3, 4] }.persist().unwrap();
    let config = client.config().unwrap();
    let kinds: [fn(JoinOptions) -> JoinOptions; 5] =
        [JoinOptions::left, JoinOptions::right, JoinOptions::full, JoinOptions::semi, JoinOptions::anti];
    for options in kinds.map(|kind| kind(on("k"))).into_iter().chain([on("k")]) {
        for options in [options.clone(), options.nulls_equal()] {
            let joined = one.join(&two, options);
            let plan = merge_join_plan(config, &bind(&joined.steps, config).unwrap(), 3).unwrap();
            let text = displayable(plan.as_ref()).indent(false).to_string();
            assert!(text.contains("SortMergeJoinExec"), "{text}");
            let merged = collect(&client, plan);
            assert!(merged.equals_unordered(&joined.collect().unwrap()), "{joined}: {merged}");
        }
    }
}
