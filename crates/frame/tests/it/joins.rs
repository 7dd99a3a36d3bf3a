//! Joins, against nested loops written here.

use super::{
    everywhere,
    join_sides::{KINDS, Kind, Row, both_ways, of_kind, rows, split},
    local,
};
use arrow_schema::DataType;
use proptest::prelude::*;
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Frame, JoinOptions, col, frame, left_on, on};

/// Key, row on the left, row on the right.
type Joined = (Option<i64>, Option<i64>, Option<i64>);

fn options(kind: Kind, nulls_equal: bool) -> JoinOptions {
    let options = of_kind(on("k"), kind);
    if nulls_equal { options.nulls_equal() } else { options }
}

fn nested_loops(left: &[Row], right: &[Row], kind: Kind, nulls_equal: bool) -> Vec<Joined> {
    let equal = |one: &Row, two: &Row| one.0 == two.0 && (nulls_equal || one.0.is_some());
    let mut joined = Vec::new();
    for one in left {
        let matches: Vec<&Row> = right.iter().filter(|two| equal(one, two)).collect();
        match kind {
            Kind::Semi | Kind::Anti => {
                if matches.is_empty() == (kind == Kind::Anti) {
                    joined.push((one.0, Some(one.1), None));
                }
            }
            Kind::Left | Kind::Full if matches.is_empty() => joined.push((one.0, Some(one.1), None)),
            _ => joined.extend(matches.iter().map(|two| (one.0, Some(one.1), Some(two.1)))),
        }
    }
    if matches!(kind, Kind::Right | Kind::Full) {
        let alone = right.iter().filter(|two| !left.iter().any(|one| equal(one, two)));
        joined.extend(alone.map(|two| (two.0, None, Some(two.1))));
    }
    joined.sort_unstable();
    joined
}

fn joined(frame: &Frame, kind: Kind) -> Vec<Joined> {
    let column = |name: &str| frame.column::<Option<i64>>(name).unwrap();
    let on_the_right = match kind {
        Kind::Semi | Kind::Anti => vec![None; frame.len()],
        _ => column("y"),
    };
    let rows = column("k").into_iter().zip(column("x")).zip(on_the_right);
    let mut joined: Vec<Joined> = rows.map(|((key, left), right)| (key, left, right)).collect();
    joined.sort_unstable();
    joined
}

/// All kinds and both meanings of null, everywhere.
fn check(left: &[Row], right: &[Row], parts: (usize, usize)) {
    everywhere(|place| {
        for (one, two) in both_ways(&split(left, "x", parts.0), &split(right, "y", parts.1)) {
            for kind in KINDS {
                for nulls_equal in [false, true] {
                    let answer = one.join(&two, options(kind, nulls_equal)).collect().unwrap();
                    let expected = nested_loops(left, right, kind, nulls_equal);
                    assert_eq!(joined(&answer, kind), expected, "{place} {kind:?} nulls equal: {nulls_equal}, partitions {parts:?}");
                }
            }
        }
    });
}

#[test]
fn the_number_of_rows_of_each_kind() {
    let left = rows(&[1, 1, 2, 2, 3, 4].map(Some));
    let right = rows(&[1, 3, 4, 4, 5, 6].map(Some));
    let counts = KINDS.map(|kind| nested_loops(&left, &right, kind, false).len());
    assert_eq!(counts, [5, 7, 7, 9, 4, 2]);
    for parts in [(1, 1), (2, 1), (3, 7)] {
        check(&left, &right, parts);
    }
}

#[test]
fn a_null_key_is_equal_to_nothing_unless_told() {
    let (left, right) = (rows(&[Some(1), None, None]), rows(&[None, Some(2)]));
    let count = |kind, nulls_equal| nested_loops(&left, &right, kind, nulls_equal).len();
    assert_eq!([Kind::Inner, Kind::Left, Kind::Full].map(|kind| count(kind, false)), [0, 3, 5]);
    assert_eq!([Kind::Inner, Kind::Left, Kind::Full].map(|kind| count(kind, true)), [2, 3, 4]);
    for parts in [(1, 1), (3, 2)] {
        check(&left, &right, parts);
    }
}

#[test]
fn a_condition_above_a_null_safe_join_is_not_null_safe() {
    let one = || frame! { "k" => [Some(1i64), None], "x" => [None, Some(5i64)] };
    let two = || frame! { "k" => [Some(1i64), None], "y" => [None, Some(5i64)] };
    everywhere(|place| {
        for kind in [Kind::Inner, Kind::Left, Kind::Full] {
            let joined = one().join(&two(), options(kind, true));
            assert_eq!(joined.count().unwrap(), 2, "{place} {kind:?}");
            let equal = joined.filter(col("x").eq(col("y"))).collect().unwrap();
            assert_eq!(equal.column::<Option<i64>>("x").unwrap(), [Some(5)], "{place} {kind:?}");
        }
    });
}

#[test]
fn empty_sides_and_empty_partitions() {
    let some = rows(&[Some(1), Some(2), None]);
    let sides: [(&[Row], &[Row]); 4] = [(&some, &[]), (&[], &some), (&[], &[]), (&some, &some)];
    for (left, right) in sides {
        check(left, right, (5, 4));
    }
}

#[test]
fn a_filter_that_leaves_nothing_and_a_join() {
    let keys: Vec<Option<i64>> = (0..20).map(Some).collect();
    everywhere(|place| {
        for (one, two) in both_ways(&split(&rows(&keys), "x", 4), &split(&rows(&keys), "y", 3)) {
            let (nothing, nothing_else) = (one.filter(col("x").gt(100)), two.filter(col("y").gt(100)));
            for (kind, of_nothing, with_nothing) in [
                (Kind::Inner, 0, 0),
                (Kind::Left, 0, 20),
                (Kind::Right, 20, 0),
                (Kind::Full, 20, 20),
                (Kind::Semi, 0, 0),
                (Kind::Anti, 0, 20),
            ] {
                let options = options(kind, false);
                let first = nothing.join(&two, options.clone()).collect().unwrap();
                let columns = if matches!(kind, Kind::Semi | Kind::Anti) { vec!["k", "x"] } else { vec!["k", "x", "y"] };
                assert_eq!((first.len(), first.columns()), (of_nothing, columns), "{place} {kind:?}");
                assert_eq!(one.join(&nothing_else, options).count().unwrap(), with_nothing, "{place} {kind:?}");
            }
        }
    });
}

#[test]
fn a_left_join_over_any_number_of_partitions_keeps_every_left_row() {
    let left: Vec<Row> = (0..260).map(|row| ((row % 7 != 0).then_some(row % 50), row)).collect();
    let right: Vec<Row> = (0..20).map(|row| (Some(row * 3), row)).collect();
    let expected = nested_loops(&left, &right, Kind::Left, false);
    assert_eq!(expected.len(), 260);
    everywhere(|place| {
        for parts in [1, 3, 16, 127, 128, 129, 257] {
            for (one, two) in both_ways(&split(&left, "x", parts), &split(&right, "y", 3)) {
                let answer = one.join(&two, on("k").left()).collect().unwrap();
                assert_eq!(joined(&answer, Kind::Left), expected, "{place} {parts}");
            }
            let turned = split(&right, "y", 3).join(&split(&left, "x", parts), on("k").right()).collect().unwrap();
            assert_eq!(joined(&turned, Kind::Left), expected, "{place} {parts}");
        }
    });
}

#[test]
fn the_steps_as_written_give_the_same() {
    let left = rows(&[Some(1), Some(2), None, Some(2), Some(5)]);
    let right = rows(&[Some(2), None, Some(2), Some(7)]);
    everywhere(|place| {
        for kind in KINDS {
            let one = split(&left, "x", 3).filter(col("x").gt_eq(0));
            let query = one.join(&split(&right, "y", 2).with_column("y", col("y") + 0), options(kind, false));
            let graph = query.graph().unwrap();
            assert_eq!(graph.summary(), "from-memory#1[3] -> filter[3] -> join[1]; from-memory#2[2] -> add[2] -> join[1]", "{place}");
            let oracle = graph.get_all::<Frame>("join").unwrap();
            assert_eq!(oracle.len(), 1, "{place}");
            assert!(oracle[0].equals_unordered(&query.collect().unwrap()), "{place} {kind:?}: {oracle:?}");
        }
    });
}

#[test]
fn a_frame_joined_with_itself_is_written_once() {
    let people = frame! { "id" => [1i64, 2, 3], "boss" => [Some(3i64), Some(3), None] };
    let bosses = people.join(&people, left_on("boss").right_on("id"));
    assert_eq!(bosses.columns().unwrap(), ["id", "boss", "id_right", "boss_right"]);
    let graph = bosses.graph().unwrap();
    assert_eq!(graph.summary(), "from-memory[1] -> join[1]");
    let rows = bosses.sort("id").collect().unwrap();
    assert_eq!((rows.column::<i64>("id").unwrap(), rows.column::<i64>("id_right").unwrap()), (vec![1, 2], vec![3, 3]));
    assert!(graph.get_all::<Frame>("join").unwrap()[0].equals_unordered(&rows));
}

#[test]
fn one_key_comes_out_of_on_and_two_of_left_on() {
    let one = frame! { "a" => [1i64, 2], "k" => [10i64, 20], "same" => ["x", "y"] };
    let two = frame! { "same" => ["u", "v"], "k" => [20i64, 30], "b" => [3i64, 4] };
    let columns = |options: JoinOptions| one.join(&two, options).columns().unwrap();
    assert_eq!(columns(on("k")), ["a", "k", "same", "same_right", "b"]);
    assert_eq!(columns(on("k").full().suffix("_2")), ["a", "k", "same", "same_2", "b"]);
    assert_eq!(columns(on("k").semi()), ["a", "k", "same"]);
    assert_eq!(columns(left_on("k").right_on("k")), ["a", "k", "same", "same_right", "k_right", "b"]);
    let full = one.join(&two, on("k").full()).sort("k").collect().unwrap();
    assert_eq!(full.column::<i64>("k").unwrap(), [10, 20, 30]);
    assert_eq!(full.column::<Option<i64>>("a").unwrap(), [Some(1), Some(2), None]);
    assert_eq!(full.column::<Option<String>>("same_right").unwrap(), [None, Some("u".into()), Some("v".into())]);
    let right = one.join(&two, left_on("k").right_on("k").right()).sort("k_right").collect().unwrap();
    assert_eq!(right.column::<Option<i64>>("k").unwrap(), [Some(20), None]);
    assert_eq!(right.column::<i64>("k_right").unwrap(), [20, 30]);
}

#[test]
fn several_keys_expressions_and_joins_of_joins() {
    everywhere(|place| {
        let one = frame! { "a" => [1i64, 1, 2], "b" => ["x", "y", "x"], "v" => [1i64, 2, 3] };
        let two = frame! { "b" => ["x", "x", "y"], "a" => [1i64, 2, 2], "w" => [4i64, 5, 6] };
        let both = one.join(&two, ["a", "b"]).sort("v").collect().unwrap();
        assert_eq!((both.column::<i64>("v").unwrap(), both.column::<i64>("w").unwrap()), (vec![1, 3], vec![4, 5]), "{place}");
        let computed = one.join(&two, left_on((col("a") + 1, "b")).right_on(("a", "b"))).sort("v").collect().unwrap();
        assert_eq!((computed.column::<i64>("v").unwrap(), computed.column::<i64>("w").unwrap()), (vec![1, 2], vec![5, 6]), "{place}");
        let names = frame! { "b" => ["x", "y"], "name" => ["X", "Y"] };
        let thrice = one.join(&two, ["a", "b"]).join(&names, on("b").left()).join(&one, on("v").semi()).sort("v").collect().unwrap();
        assert_eq!(thrice.columns(), ["a", "b", "v", "w", "name"], "{place}");
        assert_eq!(thrice.column::<String>("name").unwrap(), ["X", "X"], "{place}");
    });
}

#[test]
fn keys_of_two_types_are_widened() {
    let one = frame! { "k" => [1i32, 2, 3], "x" => [1i64, 2, 3] };
    let two = frame! { "k" => [2i64, 3, 1 << 40], "y" => [1i64, 2, 3] };
    everywhere(|place| {
        for (one, two) in both_ways(&one.with_client(&stratal_core::Client::current()), &two.with_client(&stratal_core::Client::current()))
        {
            for (options, keys) in [
                (on("k"), vec![2, 3]),
                (on("k").left(), vec![1, 2, 3]),
                (on("k").right(), vec![2, 3, 1 << 40]),
                (on("k").full(), vec![1, 2, 3, 1 << 40]),
            ] {
                let joined = one.join(&two, options).sort("k").collect().unwrap();
                assert_eq!(joined.schema().field(0).data_type(), &DataType::Int64, "{place}");
                assert_eq!(joined.column::<i64>("k").unwrap(), keys, "{place}");
            }
            let kept = one.join(&two, on("k").anti()).collect().unwrap();
            assert_eq!(kept.column::<i32>("k").unwrap(), [1], "{place}");
        }
    });
}

#[test]
fn every_row_with_every_row() {
    everywhere(|place| {
        for parts in [(1, 1), (2, 3), (5, 1)] {
            let (left, right) = (rows(&[1, 2, 3].map(Some)), rows(&[1, 2].map(Some)));
            for (one, two) in both_ways(&split(&left, "x", parts.0), &split(&right, "y", parts.1)) {
                let all = one.join_cross(&two).sort(("x", "y")).collect().unwrap();
                assert_eq!(all.columns(), ["k", "x", "k_right", "y"], "{place}");
                assert_eq!(all.column::<i64>("x").unwrap(), [0, 0, 1, 1, 2, 2], "{place} {parts:?}");
                assert_eq!(all.column::<i64>("y").unwrap(), [0, 1, 0, 1, 0, 1], "{place} {parts:?}");
                assert_eq!(one.join_cross(&two.filter(col("y").lt(0))).count().unwrap(), 0, "{place} {parts:?}");
            }
        }
        let oracle = frame! { "a" => [1i64, 2] }.join_cross(&frame! { "b" => [3i64] }).graph().unwrap();
        assert_eq!(oracle.get_all::<Frame>("join-cross").unwrap()[0].len(), 2, "{place}");
    });
}

#[test]
fn what_errors_of_joins_say() {
    let _entered = local("pipe").enter();
    let one = frame! { "id" => [1i64], "name" => ["a"] };
    let two = frame! { "key" => [1i64], "name" => ["a"], "text" => ["1"] };
    let error = one.join(&two, "idd").check().unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::UnknownColumn, Some((2, "join"))));
    assert_eq!((error.message(), error.help()), ("no column \"idd\" in [id, name]", Some("did you mean \"id\"?")));
    let error = one.join(&two, "id").check().unwrap_err();
    assert_eq!(error.message(), "no column \"id\" in [key, name, text]");
    assert_eq!(error.help(), Some("the right frame has no such key; keys of two names are given by left_on(..).right_on(..)"));
    let error = one.join(&two, left_on("id").right_on("text")).check().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::TypeMismatch, "cannot join i64 with str in id = text"));
    assert_eq!(error.help(), Some("cast one side: .cast([(\"id\", \"str\")]) on the left"));
    let error = one.join(&two, left_on(["id", "name"]).right_on("key")).check().unwrap_err();
    assert_eq!(error.message(), "there are 2 keys on the left and 1 on the right");
    assert_eq!(one.join(&two, ()).check().unwrap_err().message(), "there is nothing to join on");
    let error = one.rename([("id", "name_right")]).join(&two.rename([("key", "k")]), left_on("name").right_on("name")).check().unwrap_err();
    assert_eq!(error.message(), "two columns are named \"name_right\"");
    let wrong = two.filter(col("kee").gt(1));
    assert_eq!(one.join(&wrong, left_on("id").right_on("key")).check().unwrap_err().step(), Some((2, "filter")));
}

#[test]
fn a_join_prints_its_frames_and_options() {
    let query = DFrame::read_csv("a.csv").join(&DFrame::read_csv("b.csv").filter(col("x").gt(1)), on(["a", "b"]).left().nulls_equal());
    let text = "1. read_csv(\"a.csv\")\n2. join(read_csv(\"b.csv\").filter(x > 1), on a, b, left, nulls equal)";
    assert_eq!(query.to_string(), text);
}

/// Few keys, so that there are matches, and nulls among them.
fn keys() -> impl Strategy<Value = Vec<Option<i64>>> {
    prop::collection::vec(prop_oneof![1 => Just(None), 5 => (0i64..6).prop_map(Some)], 0..14)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn joins_are_nested_loops(left in keys(), right in keys(), parts in (1usize..5, 1usize..5)) {
        check(&rows(&left), &rows(&right), parts);
    }
}
