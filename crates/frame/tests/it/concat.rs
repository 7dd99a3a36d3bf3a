//! Frames one after another.

use super::{Files, everywhere, local};
use stratal_core::{ErrorKind, graph::Slicing};
use stratal_frame::{DFrame, Frame, How, col, count, frame};

fn ids(frame: &DFrame) -> Vec<i64> {
    frame.collect().unwrap().column::<i64>("id").unwrap()
}

#[test]
fn rows_stand_in_the_order_of_the_frames() {
    let files = Files::people();
    everywhere(|place| {
        let people = files.read("myfile.*.csv");
        let sorted = people.sort(col("id").desc());
        let kept = people.filter(col("id").gt(5)).persist().unwrap();
        let none = people.filter(col("id").gt(100));
        let all = DFrame::concat(&[&people, &sorted, &none, &kept, &files.read("myfile.1.csv")], How::ByName);
        let expected: [i64; 21] = [1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1, 6, 7, 8, 3, 4];
        assert_eq!(ids(&all), expected, "{place}");
        assert_eq!(ids(&all.head(10)), expected[..10], "{place}");
        assert_eq!(ids(&all.tail(4)), expected[17..], "{place}");
        assert_eq!(ids(&all.slice(7, 3)), expected[7..10], "{place}");
        assert_eq!(ids(&all.with_column("id", col("id") + 1).filter(col("id").gt(8))), [9, 9, 9], "{place}");
        let sums = all.group_by("name").agg(count()).sort("name").collect().unwrap();
        assert_eq!(sums.column::<i64>("count").unwrap(), [11, 4, 3, 3], "{place}");
    });
}

#[test]
fn the_steps_as_written_give_the_same() {
    let files = Files::people();
    everywhere(|place| {
        let people = files.read("myfile.*.csv");
        let query = DFrame::concat(&[&people, &people.head(3)], How::ByPosition);
        let graph = query.graph().unwrap();
        let names: Vec<&str> = graph.layers.iter().map(|layer| layer.spec.name.as_str()).collect();
        assert_eq!(names, ["read-csv", "head", "concat"], "{place}");
        let parts = graph.get_all::<Frame>("concat").unwrap();
        assert_eq!(parts.iter().map(Frame::len).collect::<Vec<_>>(), [8, 3], "{place}");
        let answer = query.collect().unwrap();
        let oracle = Frame::new(answer.schema().clone(), parts.iter().flat_map(|part| part.batches().to_vec())).unwrap();
        assert!(answer.equals(&oracle), "{place}");
    });
}

#[test]
fn concat_needs_no_exchange_and_no_gang() {
    let client = local("store");
    let _entered = client.enter();
    let files = Files::people();
    let people = files.read("myfile.*.csv");
    let plain = DFrame::concat(&[&people, &people.filter(col("id").gt(3))], How::ByName);
    let graph = plain.graph_optimized().unwrap();
    assert_eq!((graph.layers.len(), graph.layers[0].spec.tasks), (1, 8), "{}", graph.summary());
    let sums = people.group_by("name").agg(col("amount").sum());
    let graph = DFrame::concat(&[&people.select(("name", "amount")), &sums], How::ByName).graph_optimized().unwrap();
    assert!(graph.layers.iter().all(|layer| layer.spec.slicing == Slicing::Any), "{}", graph.summary());
    assert_eq!(graph.layers.last().unwrap().spec.tasks, 6, "{}", graph.summary());
    let nested = DFrame::concat(&[&plain, &sums.select((col("amount").alias("id"), "name", "amount"))], How::ByName);
    assert_eq!(nested.count().unwrap(), 8 + 5 + 4);
}

#[test]
fn columns_find_each_other_by_name_by_position_or_are_filled() {
    everywhere(|place| {
        let one = frame! { "a" => [1i64], "b" => ["x"] };
        let two = frame! { "b" => ["y"], "a" => [2i64] };
        let named = DFrame::concat(&[&one, &two], How::ByName).collect().unwrap();
        assert_eq!((named.columns(), named.column::<i64>("a").unwrap()), (vec!["a", "b"], vec![1, 2]), "{place}");
        let three = frame! { "c" => [3i64], "d" => ["z"] };
        let placed = DFrame::concat(&[&one, &three], How::ByPosition).collect().unwrap();
        assert_eq!((placed.columns(), placed.column::<i64>("a").unwrap()), (vec!["a", "b"], vec![1, 3]), "{place}");
        let filled = DFrame::concat(&[&one, &three, &frame! { "d" => ["u"], "a" => [4i64] }], How::Fill).collect().unwrap();
        assert_eq!(filled.columns(), ["a", "b", "c", "d"], "{place}");
        assert_eq!(filled.column::<Option<i64>>("a").unwrap(), [Some(1), None, Some(4)], "{place}");
        assert_eq!(filled.column::<Option<i64>>("c").unwrap(), [None, Some(3), None], "{place}");
        assert_eq!(filled.column::<Option<String>>("d").unwrap(), [None, Some("z".into()), Some("u".into())], "{place}");
        let widened = DFrame::concat(&[&frame! { "x" => [1i32] }, &frame! { "x" => [2.5] }, &frame! { "x" => [3i64] }], How::ByName);
        assert_eq!(widened.collect().unwrap().column::<f64>("x").unwrap(), [1.0, 2.5, 3.0], "{place}");
        assert_eq!(DFrame::concat(&[&one], How::ByName).count().unwrap(), 1, "{place}");
    });
}

#[test]
fn what_does_not_go_together_is_named() {
    let one = frame! { "a" => [1i64], "b" => ["x"] };
    let error = |frame: &DFrame, how| DFrame::concat(&[&one, frame], how).check().unwrap_err();
    let other = error(&frame! { "b" => ["x"], "c" => [1i64], "d" => [1i64] }, How::ByName);
    assert_eq!((other.kind(), other.step()), (ErrorKind::UnknownColumn, Some((2, "concat"))));
    assert_eq!(other.message(), "frame 2 has other columns than frame 1: missing \"a\"; extra \"c\", \"d\"");
    assert_eq!(error(&frame! { "x" => [1i64] }, How::ByPosition).message(), "frame 2 has 1 columns, and frame 1 has 2");
    let clash = error(&frame! { "b" => [1i64], "a" => [1i64] }, How::ByName);
    assert_eq!((clash.kind(), clash.message()), (ErrorKind::TypeMismatch, "column \"b\" is str, and i64 in frame 2"));
    assert_eq!(clash.help(), Some("cast one of them: .cast([(\"b\", \"str\")])"));
    let none = DFrame::concat(&[], How::Fill).check().unwrap_err();
    assert_eq!((none.step(), none.message()), (Some((1, "concat")), "there are no frames to put together"));
}
