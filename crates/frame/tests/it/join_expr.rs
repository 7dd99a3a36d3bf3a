//! Joins by conditions, and what joins are told: against nested loops written here.

use super::{
    everywhere,
    join_sides::{KINDS, Kind, Row, both_ways, of_kind, rows, split},
    local,
};
use stratal_core::{
    ErrorKind,
    graph::{EdgeMap, Slicing, Work},
    registry::Registry,
};
use stratal_frame::{DFrame, Expr, Frame, JoinOptions, col, frame, left_col, left_on, lit, on, on_expr, right_col};

/// Key and number of each side, where it has a row.
type Joined = (Option<(Option<i64>, i64)>, Option<(Option<i64>, i64)>);

fn nested_loops(left: &[Row], right: &[Row], kind: Kind, is_match: impl Fn(&Row, &Row) -> bool) -> Vec<Joined> {
    let mut joined = Vec::new();
    for one in left {
        let matches: Vec<&Row> = right.iter().filter(|two| is_match(one, two)).collect();
        match kind {
            Kind::Semi | Kind::Anti => {
                if matches.is_empty() == (kind == Kind::Anti) {
                    joined.push((Some(*one), None));
                }
            }
            Kind::Left | Kind::Full if matches.is_empty() => joined.push((Some(*one), None)),
            _ => joined.extend(matches.iter().map(|two| (Some(*one), Some(**two)))),
        }
    }
    if matches!(kind, Kind::Right | Kind::Full) {
        let alone = right.iter().filter(|two| !left.iter().any(|one| is_match(one, two)));
        joined.extend(alone.map(|two| (None, Some(*two))));
    }
    joined.sort_unstable();
    joined
}

/// What came out, under the names that the columns have.
fn joined(frame: &Frame, kind: Kind) -> Vec<Joined> {
    let column = |name: &str| frame.column::<Option<i64>>(name).unwrap();
    let side =
        |key: &str, number: &str| column(key).into_iter().zip(column(number)).map(|(key, number)| number.map(|number| (key, number)));
    let left = side("k", "x");
    let mut joined: Vec<Joined> = match kind {
        Kind::Semi | Kind::Anti => {
            assert_eq!(frame.columns(), ["k", "x"]);
            left.map(|one| (one, None)).collect()
        }
        _ => {
            assert_eq!(frame.columns(), ["k", "x", "k_right", "y"]);
            left.zip(side("k_right", "y")).collect()
        }
    };
    joined.sort_unstable();
    joined
}

type Condition = (&'static str, fn() -> Expr, fn(&Row, &Row) -> bool);

/// A null in a comparison is not true.
const CONDITIONS: [Condition; 7] = [
    ("less", || col("x").lt(col("y")), |one, two| one.1 < two.1),
    (
        "a key and less",
        || left_col("k").eq(right_col("k")).and(col("x").lt_eq(col("y"))),
        |one, two| one.0.is_some() && one.0 == two.0 && one.1 <= two.1,
    ),
    (
        "a key or equal",
        || left_col("k").eq(right_col("k")) | col("x").eq(col("y")),
        |one, two| (one.0.is_some() && one.0 == two.0) || one.1 == two.1,
    ),
    ("computed keys", || (left_col("k") * 2).eq(right_col("k")), |one, two| one.0.is_some() && one.0.map(|key| key * 2) == two.0),
    ("other keys", || left_col("k").not_eq(right_col("k")), |one, two| one.0.is_some() && two.0.is_some() && one.0 != two.0),
    ("one side alone", || col("y").gt(2).and(left_col("k").is_null()), |one, two| two.1 > 2 && one.0.is_none()),
    ("never", || lit(false), |_, _| false),
];

#[test]
fn conditions_are_nested_loops() {
    let left = rows(&[Some(1), Some(1), Some(2), None, Some(3), None]);
    let right = rows(&[Some(1), Some(2), Some(2), None, Some(6), Some(4), Some(2)]);
    everywhere(|place| {
        for parts in [(1, 1), (3, 7)] {
            for (one, two) in both_ways(&split(&left, "x", parts.0), &split(&right, "y", parts.1)) {
                for (name, condition, is_match) in CONDITIONS {
                    for kind in KINDS {
                        let answer = one.join(&two, of_kind(on_expr(condition()), kind)).collect().unwrap();
                        let expected = nested_loops(&left, &right, kind, is_match);
                        assert_eq!(joined(&answer, kind), expected, "{place} {name} {kind:?} {parts:?}");
                    }
                }
            }
        }
    });
}

#[test]
fn sides_without_rows() {
    let some = rows(&[Some(1), None, Some(2)]);
    let sides: [(&[Row], &[Row]); 3] = [(&some, &[]), (&[], &some), (&[], &[])];
    everywhere(|place| {
        for (left, right) in sides {
            for (one, two) in both_ways(&split(left, "x", 3), &split(right, "y", 2)) {
                for kind in KINDS {
                    let answer = one.join(&two, of_kind(on_expr(col("x").lt_eq(col("y"))), kind)).collect().unwrap();
                    assert_eq!(joined(&answer, kind), nested_loops(left, right, kind, |one, two| one.1 <= two.1), "{place} {kind:?}");
                }
            }
        }
    });
}

#[test]
fn a_condition_that_is_always_true_takes_every_row_with_every_row() {
    everywhere(|place| {
        let (one, two) = (frame! { "x" => [1i64, 2, 3] }, frame! { "y" => [10i64, 20] });
        for kind in [Kind::Inner, Kind::Left, Kind::Right, Kind::Full] {
            assert_eq!(one.join(&two, of_kind(on_expr(lit(true)), kind)).count().unwrap(), 6, "{place} {kind:?}");
        }
        assert_eq!(one.join(&two, on_expr(lit(true)).semi()).count().unwrap(), 3, "{place}");
        assert_eq!(one.join(&two, on_expr(lit(true)).anti()).count().unwrap(), 0, "{place}");
    });
}

#[test]
fn the_steps_as_written_give_the_same() {
    let left = rows(&[Some(1), Some(2), None, Some(2), Some(5)]);
    let right = rows(&[Some(2), None, Some(2), Some(7)]);
    everywhere(|place| {
        for (name, condition, _) in CONDITIONS {
            for kind in KINDS {
                let query = split(&left, "x", 3).join(&split(&right, "y", 2), of_kind(on_expr(condition()), kind));
                let graph = query.graph().unwrap();
                assert_eq!(graph.summary(), "from-memory#1[3] -> join[1]; from-memory#2[2] -> join[1]", "{place}");
                let oracle = &graph.get_all::<Frame>("join").unwrap()[0];
                assert!(oracle.equals_unordered(&query.collect().unwrap()), "{place} {name} {kind:?}");
            }
        }
    });
}

#[test]
fn a_join_of_joins_finds_its_columns() {
    everywhere(|place| {
        let one = frame! { "a" => [1i64, 5, 9] };
        let two = frame! { "b" => [2i64, 6] };
        let both = one.join(&two, on_expr(col("a").lt(col("b"))));
        let thrice = both.join(&one, on_expr(right_col("a").gt(col("b")))).sort(["a", "b", "a_right"]).collect().unwrap();
        assert_eq!(thrice.columns(), ["a", "b", "a_right"], "{place}");
        assert_eq!(thrice.column::<i64>("a").unwrap(), [1, 1, 1, 5], "{place}");
        assert_eq!(thrice.column::<i64>("b").unwrap(), [2, 2, 6, 6], "{place}");
        assert_eq!(thrice.column::<i64>("a_right").unwrap(), [5, 9, 9, 9], "{place}");
    });
}

#[test]
fn what_a_condition_cannot_be_is_named() {
    let one = frame! { "k" => [1i64], "s" => ["x"] };
    let two = frame! { "k" => [1i64], "number" => [1i64] };
    let error = |options: JoinOptions| one.join(&two, options).check().unwrap_err();
    let ambiguous = error(on_expr(col("k").eq(col("number"))));
    assert_eq!((ambiguous.kind(), ambiguous.step()), (ErrorKind::UnknownColumn, Some((2, "join"))));
    assert_eq!(ambiguous.message(), "column \"k\" is in both frames");
    assert_eq!(ambiguous.help(), Some("say which: left_col(\"k\") or right_col(\"k\")"));
    let unknown = error(on_expr(col("nunber").gt(1)));
    assert_eq!(unknown.message(), "no column \"nunber\" in [k, s] on the left or [k, number] on the right");
    assert_eq!(unknown.help(), Some("did you mean \"number\"?"));
    assert_eq!(error(on_expr(left_col("number").gt(1))).message(), "no column \"number\" in [k, s]");
    assert_eq!(error(on_expr(col("s").eq(col("number")))).message(), "cannot compare str with i64 in s = number");
    assert_eq!(error(on_expr(col("number") + 1)).message(), "the condition is i64, not bool: number + 1");
    assert_eq!(error(on_expr(col("number").sum().gt(1))).message(), "sum(number) is one value for many rows and cannot stand here");
    assert_eq!(error(on_expr(col("s").eq("x")).nulls_equal()).message(), "nulls_equal() is about keys, and on_expr(..) has none");
    assert_eq!(error(on_expr(col("s").eq("x")).validate("1:1")).kind(), ErrorKind::BadValue);
}

#[test]
fn options_are_printed() {
    let (one, two) = (DFrame::read_csv("a.csv"), DFrame::read_csv("b.csv"));
    let text = |options: JoinOptions| one.join(&two, options).to_string().lines().last().unwrap().to_owned();
    assert_eq!(text(on_expr(left_col("x").lt(col("y"))).semi()), "2. join(read_csv(\"b.csv\"), on x < y, semi)");
    assert_eq!(
        text(on("k").left().validate("m:1").broadcast(true)),
        "2. join(read_csv(\"b.csv\"), on k, left, validate \"m:1\", broadcast true)"
    );
}

#[test]
fn a_key_that_is_there_twice_is_found_where_one_is_wanted() {
    // On the left 1 is there twice, on the right 3.
    let (left, right) = (rows(&[Some(1), Some(2), None, None, Some(1)]), rows(&[Some(3), None, Some(1), None, Some(3)]));
    everywhere(|place| {
        for parts in [(1, 1), (3, 5)] {
            for (one, two) in both_ways(&split(&left, "x", parts.0), &split(&right, "y", parts.1)) {
                for kind in KINDS {
                    let message = |validate: &str| {
                        let checked = one.join(&two, of_kind(on("k"), kind).validate(validate)).collect();
                        let error = checked.unwrap_err();
                        assert_eq!(error.kind(), ErrorKind::BadValue, "{place} {kind:?}");
                        error.message().to_owned()
                    };
                    let of = |side: &str, key: &str| {
                        format!("the {side} frame has more than one row with k = {key}, and validate(..) wants one")
                    };
                    assert_eq!(message("1:m"), of("left", "1"), "{place} {kind:?} {parts:?}");
                    assert_eq!(message("m:1"), of("right", "3"), "{place} {kind:?} {parts:?}");
                    assert!([of("left", "1"), of("right", "3")].contains(&message("1:1")), "{place} {kind:?} {parts:?}");
                }
            }
        }
    });
}

#[test]
fn a_side_is_checked_also_where_the_other_has_no_row() {
    let (none, twice) = (rows(&[]), rows(&[Some(3), Some(3)]));
    everywhere(|place| {
        for (empty, full) in both_ways(&split(&none, "x", 3), &split(&twice, "y", 2)) {
            for kind in KINDS {
                for validate in ["m:1", "1:1"] {
                    assert!(empty.join(&full, of_kind(on("k"), kind).validate(validate)).collect().is_err(), "{place} {kind:?} {validate}");
                }
                for validate in ["1:m", "1:1"] {
                    assert!(full.join(&empty, of_kind(on("k"), kind).validate(validate)).collect().is_err(), "{place} {kind:?} {validate}");
                }
            }
        }
    });
}

#[test]
fn keys_that_are_there_once_pass_and_nulls_are_none() {
    let (left, right) = (rows(&[Some(1), Some(2), None, None, Some(7)]), rows(&[Some(3), None, Some(1), None, Some(2)]));
    everywhere(|place| {
        for parts in [(1, 1), (4, 3)] {
            for (one, two) in both_ways(&split(&left, "x", parts.0), &split(&right, "y", parts.1)) {
                for kind in KINDS {
                    let plain = one.join(&two, of_kind(on("k"), kind)).collect().unwrap();
                    for validate in ["1:1", "1:m", "m:1"] {
                        let checked = one.join(&two, of_kind(on("k"), kind).validate(validate)).collect().unwrap();
                        assert!(checked.equals_unordered(&plain), "{place} {kind:?} {validate}");
                    }
                }
                let named = left_on("k").right_on("k").validate("1:1");
                assert_eq!(one.join(&two, named).collect().unwrap().columns(), ["k", "x", "k_right", "y"], "{place}");
                let error = one.join(&two, on("k").nulls_equal().validate("1:m")).collect().unwrap_err();
                assert_eq!(error.message(), "the left frame has more than one row with k = null, and validate(..) wants one", "{place}");
            }
        }
    });
}

#[test]
fn keys_are_checked_as_they_are_joined() {
    everywhere(|place| {
        // As floats the two largest are one.
        let large = 1i64 << 53;
        let one = frame! { "k" => [1, large, large + 1], "x" => [1i64, 2, 3] };
        let two = frame! { "k" => [1.0, 2.0], "y" => [1i64, 2] };
        assert_eq!(one.join(&two, on("k").validate("m:1")).collect().unwrap().columns(), ["k", "x", "y"], "{place}");
        assert!(one.join(&two, on("k").validate("1:1")).collect().is_err(), "{place}");
        // Keys are expressions: 11 and 21 end alike.
        let numbers = frame! { "n" => [11i64, 12, 21] };
        let joined = numbers.join(&two, left_on(col("n") % 10).right_on("y").validate("m:1"));
        assert_eq!(joined.columns().unwrap(), ["n", "k", "y"], "{place}");
        assert_eq!(joined.count().unwrap(), 3, "{place}");
        let error = numbers.join(&two, left_on(col("n") % 10).right_on("y").validate("1:1")).collect().unwrap_err();
        assert_eq!(error.message(), "the left frame has more than one row with n % 10 = 1, and validate(..) wants one", "{place}");
        let two_keys = frame! { "a" => [1i64, 1, 2], "b" => ["x", "y", "x"] };
        assert_eq!(two_keys.join(&two_keys, on(["a", "b"]).validate("1:1")).count().unwrap(), 3, "{place}");
        let twice = DFrame::concat(&[&two_keys, &two_keys.filter(col("b").eq("y"))], Default::default());
        let error = two_keys.join(&twice, on(["a", "b"]).validate("1:1")).collect().unwrap_err();
        assert!(error.message().starts_with("the right frame has more than one row with a = 1, b = y,"), "{place} {error}");
    });
}

#[test]
fn a_validation_that_is_none_waits_for_the_verb() {
    let x = frame! { "x" => [1i64] };
    let error = x.join(&x, on("x").validate("one to one")).check().unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::BadValue, Some((2, "join"))));
    assert_eq!(error.message(), "\"one to one\" is no validation of a join");
}

#[test]
fn a_broadcast_changes_how_a_join_runs_and_not_what_comes_out() {
    let left = rows(&[Some(1), Some(1), Some(2), None, Some(3), Some(3)]);
    let right = rows(&[Some(1), Some(3), Some(3), None, Some(9)]);
    everywhere(|place| {
        for (one, two) in both_ways(&split(&left, "x", 3), &split(&right, "y", 4)) {
            for kind in KINDS {
                for options in [on("k").nulls_equal(), left_on(col("k") + 1).right_on("k"), on_expr(col("x").lt(col("y")))] {
                    let plain = one.join(&two, of_kind(options.clone(), kind)).collect().unwrap();
                    for broadcast in [true, false] {
                        let told = one.join(&two, of_kind(options.clone(), kind).broadcast(broadcast));
                        assert!(told.collect().unwrap().equals_unordered(&plain), "{place} {told}");
                    }
                }
            }
            // A filter goes past what was told.
            let some = |options: JoinOptions| one.join(&two, options).filter(col("x").gt(0) & col("y").lt(3)).collect().unwrap();
            for broadcast in [true, false] {
                assert!(some(on("k").broadcast(broadcast)).equals_unordered(&some(on("k"))), "{place} {broadcast}");
            }
        }
    });
}

/// The edges of the layer that joins, and how it is sliced.
fn edges_of_join(query: &DFrame) -> (Vec<EdgeMap>, Slicing) {
    let graph = query.graph_optimized().unwrap();
    let is_join = |part: &String| part == "join" || part == "nested-loop-join";
    let join = graph.layers.iter().find(|layer| layer.spec.parts.iter().any(is_join)).unwrap();
    (join.spec.inputs.iter().map(|input| input.map.clone()).collect(), join.spec.slicing)
}

#[test]
fn a_broadcast_is_done_where_it_can_be() {
    let client = local("store");
    let _entered = client.enter();
    let keys: Vec<Option<i64>> = (0..40).map(Some).collect();
    let (small, large) = (split(&rows(&keys), "x", 3), split(&rows(&keys), "y", 4).persist().unwrap());
    // Of a persisted frame nothing is known: both are shuffled unless told, and a known one is broadcast unless told.
    for kind in [Kind::Inner, Kind::Left, Kind::Semi, Kind::Anti] {
        let (edges, slicing) = edges_of_join(&large.join(&large, of_kind(on("k"), kind)));
        assert_eq!((edges, slicing), (vec![EdgeMap::Channel; 2], Slicing::Any), "{kind:?}");
        let (edges, slicing) = edges_of_join(&large.join(&large, of_kind(on("k"), kind).broadcast(true)));
        assert_eq!((edges, slicing), (vec![EdgeMap::All, EdgeMap::OneToOne], Slicing::Any), "{kind:?}");
        let (edges, slicing) = edges_of_join(&large.join(&small, of_kind(on("k"), kind).broadcast(false)));
        assert_eq!((edges, slicing), (vec![EdgeMap::Channel; 2], Slicing::Any), "{kind:?}");
    }
    // Rows of the right without a match come out: every task would find some of its own.
    for kind in [Kind::Right, Kind::Full] {
        let (edges, slicing) = edges_of_join(&large.join(&large, of_kind(on("k"), kind).broadcast(true)));
        assert_eq!((edges, slicing), (vec![EdgeMap::Channel; 2], Slicing::Any), "{kind:?}");
    }
    // Without keys one side is always broadcast: the one whose rows do not come out alone.
    for kind in [Kind::Inner, Kind::Left, Kind::Right, Kind::Semi, Kind::Anti] {
        let less = on_expr(left_col("y").lt(right_col("y")));
        let (edges, slicing) = edges_of_join(&large.join(&large, of_kind(less, kind)));
        assert_eq!((edges, slicing), (vec![EdgeMap::All, EdgeMap::OneToOne], Slicing::Any), "{kind:?}");
    }
}

#[test]
fn a_left_join_over_32768_partitions_keeps_every_left_row() {
    let client = local("pipe");
    let _entered = client.enter();
    let count = 32_768;
    let left: Vec<Row> = (0..count).map(|row| ((row % 7 != 0).then_some(row % 50), row)).collect();
    let right: Vec<Row> = (0..20).map(|row| (Some(row * 3), row)).collect();
    let expected = nested_loops(&left, &right, Kind::Left, |one, two| one.0.is_some() && one.0 == two.0);
    assert_eq!(expected.len(), count as usize);
    let (one, two) = (split(&left, "x", count as usize), split(&right, "y", 3));
    for broadcast in [true, false] {
        let answer = one.join(&two, left_on("k").right_on("k").left().broadcast(broadcast)).collect().unwrap();
        assert_eq!(joined(&answer, Kind::Left), expected, "broadcast {broadcast}");
    }
}

/// Every layer of the query as it was written and as it will run is encoded, and decoded to the same.
pub(super) fn travels(query: &DFrame) {
    for graph in [query.graph().unwrap(), query.graph_optimized().unwrap()] {
        for layer in graph.layers {
            let template = match layer.work {
                Work::Uniform(template) => template,
                Work::Held => continue,
                Work::Each(..) => panic!("{} is no plan", layer.spec.name),
            };
            let wire = template.body.encode().unwrap();
            let there = Registry::global().kind(template.kind).unwrap().decode(&wire).unwrap();
            assert_eq!(there.describe(), template.body.describe());
        }
    }
}

#[test]
fn every_plan_has_a_wire_form() {
    let client = local("store");
    let _entered = client.enter();
    let (one, two) = (split(&rows(&[Some(1), None]), "x", 2), split(&rows(&[Some(1), None, Some(3)]), "y", 3));
    let large = two.persist().unwrap();
    for kind in KINDS {
        for (_, condition, _) in CONDITIONS {
            travels(&one.join(&large, of_kind(on_expr(condition()), kind)));
        }
        for options in [on("k").validate("1:1"), on("k").broadcast(true), on("k").broadcast(false), left_on(col("k") + 1).right_on("k")] {
            travels(&one.join(&large, of_kind(options, kind)));
        }
    }
}
