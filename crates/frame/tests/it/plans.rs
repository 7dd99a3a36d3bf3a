//! Graphs and plans as users see them.

use super::{Files, join_expr::travels, local};
use stratal_core::graph::{EdgeMap, LayeredGraph, Slicing};
use stratal_frame::{DFrame, How, col, frame, on};

fn signature(files: &Files) -> DFrame {
    files.read("myfile.*.csv").with_column("amount", col("amount") + 100).filter(col("name").eq("Alice"))
}

fn groups(files: &Files) -> DFrame {
    files.read("myfile.*.csv").group_by("name").agg(col("amount").sum()).sort("name")
}

#[test]
fn the_graph_is_the_steps_as_they_were_written() {
    let client = local("pipe");
    let _entered = client.enter();
    let files = Files::people();
    assert_eq!(signature(&files).graph().unwrap().summary(), "read-csv[4] -> add[4] -> filter[4]");
    assert_eq!(groups(&files).graph().unwrap().summary(), "read-csv[4] -> group-by[1] -> sort[1]");
    let other = files.read("myfile.*.csv").with_columns(col("id").is_null().alias("x")).select(("id", "x")).head(3);
    assert_eq!(other.graph().unwrap().summary(), "read-csv[4] -> with-column[4] -> select[4] -> head[1]");
}

#[test]
fn the_optimized_graph_is_what_will_run() {
    let files = Files::people();
    for (exchange, one, two) in [
        ("pipe", "read-csv+filter+add[4]", "read-csv+partial-aggregate+shuffle+aggregate+select+sort+merge+select[1]"),
        ("store", "read-csv+filter+add[4]", "read-csv+partial-aggregate[4] -> aggregate+select+sort[2] -> merge+select[1]"),
    ] {
        let client = local(exchange);
        let _entered = client.enter();
        assert_eq!(signature(&files).graph_optimized().unwrap().summary(), one);
        assert_eq!(groups(&files).graph_optimized().unwrap().summary(), two);
    }
}

/// The edges of the layer that joins.
fn edges_of_join(graph: &LayeredGraph) -> Vec<&EdgeMap> {
    assert!(graph.layers.iter().all(|layer| layer.spec.slicing == Slicing::Any), "no gang: {}", graph.summary());
    let join = graph.layers.iter().find(|layer| layer.spec.parts.iter().any(|part| part == "join")).unwrap();
    join.spec.inputs.iter().map(|input| &input.map).collect()
}

#[test]
fn a_join_of_what_is_large_shuffles_both_sides() {
    let client = local("store");
    let _entered = client.enter();
    let files = Files::people();
    let people = files.read("myfile.*.csv");
    for options in [on("name"), on("name").left(), on("name").full(), on("name").semi(), on("name").anti()] {
        let graph = people.join(&files.read("myfile.0.csv"), options).graph_optimized().unwrap();
        assert_eq!(edges_of_join(&graph), [&EdgeMap::Channel, &EdgeMap::Channel], "{}", graph.summary());
    }
}

#[test]
fn a_small_side_is_broadcast_where_the_other_decides_which_rows_come_out() {
    let client = local("store");
    let _entered = client.enter();
    let people = Files::people();
    let (large, small) = (people.read("myfile.*.csv"), frame! { "name" => ["Alice", "Bob"], "bonus" => [1i64, 2] });
    for options in [on("name"), on("name").left(), on("name").semi(), on("name").anti()] {
        let graph = large.join(&small, options).graph_optimized().unwrap();
        assert_eq!(edges_of_join(&graph), [&EdgeMap::All], "{}", graph.summary());
        assert_eq!(graph.layers.last().unwrap().spec.tasks, 4, "{}", graph.summary());
    }
    // Rows of the small side without a match come out: every task would find some of its own.
    for options in [on("name").right(), on("name").full()] {
        let graph = large.join(&small, options).graph_optimized().unwrap();
        assert_eq!(edges_of_join(&graph), [&EdgeMap::Channel, &EdgeMap::Channel], "{}", graph.summary());
    }
}

#[test]
fn a_frame_prints_its_steps_and_runs_none() {
    let frame = DFrame::read_csv("no/such.csv").filter(col("a").gt(1)).group_by("k").agg(col("a").sum()).sort(col("a").desc()).head(3);
    let steps = "\
1. read_csv(\"no/such.csv\")
2. filter(a > 1)
3. group_by(k).agg(sum(a))
4. sort(a desc)
5. head(3)";
    assert_eq!(frame.to_string(), steps);
}

#[test]
fn explain_says_where_and_how() {
    let client = local("store");
    let _entered = client.enter();
    let text = groups(&Files::people()).explain().unwrap();
    for part in
        ["runs in this process", "exchange store", "-> merge+select[1]", "CsvScanExec: files=4, partitions=4, columns=[name, amount]"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_graph_is_drawn_to_a_file() {
    let files = Files::people();
    let path = files.root().join("graph.svg");
    signature(&files).visualize(&path).unwrap();
    assert!(std::fs::read_to_string(path).unwrap().contains("read-csv"));
}

#[test]
fn every_plan_has_a_wire_form() {
    let client = local("store");
    let _entered = client.enter();
    let files = Files::people();
    let memory = frame! { "k" => ["a", "b"], "x" => [1i64, 2] }.group_by("k").agg(col("x").fill_null(0).sum());
    let kept = signature(&files).persist().unwrap();
    let joins = [on("name"), on("name").left(), on("name").full().nulls_equal(), on("name").anti()];
    let joins = joins.map(|options| signature(&files).join(&groups(&files), options));
    let others = [
        signature(&files).join(&frame! { "name" => ["Alice"] }, "name"),
        signature(&files).join_cross(&frame! { "y" => [1i64, 2] }),
        DFrame::concat(&[&signature(&files), &signature(&files).sort("id"), &kept], How::ByName),
        signature(&files).tail(2),
        signature(&files).slice(-3, 1),
        signature(&files).unique("name"),
        signature(&files).value_counts("name"),
    ];
    let plain = [signature(&files), groups(&files), groups(&files).head(2), signature(&files).head(2), memory];
    for query in plain.into_iter().chain(joins).chain(others) {
        travels(&query);
    }
}
