//! Rows in other partitions, and some of the partitions, against plain Rust.

use super::{
    Files, everywhere, local,
    map_partitions::{both, key, numbers, partitions, xs},
};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Frame, Partitioning, SameSchema, col, count, frame};

/// How long the partitions of a frame are.
fn lengths(frame: &DFrame) -> Vec<usize> {
    partitions(&frame.graph_optimized().unwrap()).iter().map(Frame::len).collect()
}

fn sorted(mut values: Vec<i64>) -> Vec<i64> {
    values.sort_unstable();
    values
}

/// The numbers from 0 on, in no order: as `x`, in `parts` partitions.
fn mixed(rows: i64, parts: i64) -> DFrame {
    numbers(rows, parts).with_column("x", col("x") * 7919 % 60_013)
}

#[test]
fn a_number_of_partitions_keeps_the_order_of_rows() {
    everywhere(|place| {
        for (rows, parts) in [(0, 1), (0, 3), (1, 1), (10, 1), (10, 4), (3, 7), (1000, 3)] {
            for into in [1, 2, 3, 4, 7, 20] {
                let frame = numbers(rows, parts).repartition(into);
                assert_eq!(frame.npartitions().unwrap(), into, "{place}");
                let [optimized, written] = both(&frame).map(|(way, graph)| {
                    let found = xs(&partitions(&graph));
                    assert_eq!(found.len(), into, "{place}, {way}: {rows} rows of {parts} in {into}");
                    assert_eq!(found.concat(), (0..rows).collect::<Vec<_>>(), "{place}, {way}: {rows} rows of {parts} in {into}");
                    found
                });
                assert_eq!(optimized, written, "{place}: {rows} rows of {parts} in {into}");
            }
        }
    });
}

#[test]
fn fewer_are_neighbours_put_together_and_more_are_even_pieces() {
    for exchange in ["pipe", "store"] {
        let client = local(exchange);
        let _entered = client.enter();
        let frame = numbers(40, 4);
        for (into, expected, summary) in [
            (2, vec![20, 20], "from-memory+repartition[2]"),
            (3, vec![10, 10, 20], "from-memory+repartition[3]"),
            (4, vec![10, 10, 10, 10], "from-memory+repartition[4]"),
            (6, vec![10, 5, 5, 10, 5, 5], "from-memory+split[4] -> repartition[6]"),
            (12, [4, 3, 3].repeat(4), "from-memory+split[4] -> repartition[12]"),
        ] {
            let again = frame.repartition(into);
            let mut found = lengths(&again);
            // Which of the pieces of one partition are longer by one is not promised.
            if into == 12 {
                found.chunks_mut(3).for_each(|pieces| pieces.sort_unstable_by(|one, two| two.cmp(one)));
            }
            assert_eq!(found, expected, "{exchange}");
            assert_eq!(again.graph_optimized().unwrap().summary(), summary, "{exchange}");
        }
        let ranged = frame.repartition(Partitioning::range(3, "x")).graph_optimized().unwrap();
        let layers: Vec<&str> = ranged.layers.iter().map(|layer| layer.spec.name.as_str()).collect();
        assert_eq!(layers, ["from-memory", "sample-keys", "bounds", "assign", "repartition"], "{exchange}");
    }
}

#[test]
fn rows_with_equal_keys_come_together() {
    everywhere(|place| {
        for (rows, parts) in [(0, 2), (30, 1), (30, 4), (1000, 3)] {
            for into in [1, 3, 8] {
                let frame = numbers(rows, parts).repartition(Partitioning::hash(into, "k"));
                let [optimized, written] = both(&frame).map(|(way, graph)| {
                    let found: Vec<Vec<i64>> = xs(&partitions(&graph)).into_iter().map(sorted).collect();
                    assert_eq!(found.len(), into, "{place}, {way}");
                    assert_eq!(sorted(found.concat()), (0..rows).collect::<Vec<_>>(), "{place}, {way}: {rows} rows of {parts} in {into}");
                    let mut homes: BTreeMap<Option<String>, BTreeSet<usize>> = BTreeMap::new();
                    for (at, part) in found.iter().enumerate() {
                        for x in part {
                            homes.entry(key(*x)).or_default().insert(at);
                        }
                    }
                    assert!(homes.values().all(|homes| homes.len() == 1), "{place}, {way}: {homes:?}");
                    if rows > 0 && into == 8 {
                        assert!(homes.values().collect::<BTreeSet<_>>().len() > 1, "{place}, {way}: all are in one");
                    }
                    found
                });
                assert_eq!(optimized, written, "{place}: {rows} rows of {parts} in {into}");
            }
        }
        // A key that is computed is no column of what comes out.
        let frame = numbers(50, 3).repartition(Partitioning::hash(4, col("x") % 7));
        assert_eq!(frame.columns().unwrap(), ["x", "k"], "{place}");
        let found = xs(&partitions(&frame.graph_optimized().unwrap()));
        let homes = (0..7).map(|rest| found.iter().filter(|part| part.iter().any(|x| x % 7 == rest)).count());
        assert_eq!(homes.collect::<Vec<_>>(), [1; 7], "{place}");
    });
}

#[test]
fn ranges_follow_each_other_in_the_order_of_a_sort() {
    everywhere(|place| {
        for (rows, parts) in [(0, 2), (1, 1), (300, 1), (300, 4)] {
            let mut all: Vec<i64> = sorted((0..rows).map(|x| x * 7919 % 60_013).collect());
            for is_down in [false, true] {
                if is_down {
                    all.reverse();
                }
                for into in [1, 4, 9] {
                    let key = if is_down { col("x").desc() } else { col("x").asc() };
                    let frame = mixed(rows, parts).repartition(Partitioning::range(into, key));
                    for (way, graph) in both(&frame) {
                        let mut found = xs(&partitions(&graph));
                        let lengths: Vec<usize> = found.iter().map(Vec::len).collect();
                        found
                            .iter_mut()
                            .for_each(|part| part.sort_unstable_by(|one, two| if is_down { two.cmp(one) } else { one.cmp(two) }));
                        assert_eq!(found.concat(), all, "{place}, {way}: {rows} rows of {parts} in {into}");
                        let (least, most) = (all.len() / into, all.len().div_ceil(into));
                        assert!(lengths.iter().all(|length| (least..=most).contains(length)), "{place}, {way}: {lengths:?}");
                    }
                }
            }
        }
    });
}

/// Texts, nulls last, then numbers from the largest on.
fn in_order(one: &(Option<String>, i64), two: &(Option<String>, i64)) -> Ordering {
    let nulls_last = one.0.is_none().cmp(&two.0.is_none());
    nulls_last.then_with(|| one.0.cmp(&two.0)).then_with(|| two.1.cmp(&one.1))
}

#[test]
fn ranges_of_several_keys_and_of_one_that_many_rows_have() {
    everywhere(|place| {
        let mut all: Vec<(Option<String>, i64)> = (0..200).map(|x| (key(x), x)).collect();
        all.sort_by(in_order);
        let by_both = Partitioning::range(7, (col("k").asc(), col("x").desc()));
        let by_one = Partitioning::range(7, "k");
        for (partitioning, is_even) in [(by_both, true), (by_one, false)] {
            for (way, graph) in both(&numbers(200, 3).repartition(partitioning)) {
                let mut rows = Vec::new();
                for part in partitions(&graph) {
                    let keys = part.column::<Option<String>>("k").unwrap().into_iter();
                    let mut part: Vec<_> = keys.zip(part.column::<i64>("x").unwrap()).collect();
                    assert!(!is_even || (28..=29).contains(&part.len()), "{place}, {way}: {}", part.len());
                    part.sort_by(in_order);
                    rows.extend(part);
                }
                assert_eq!(rows, all, "{place}, {way}");
            }
        }
        let nulls_first = numbers(20, 3).repartition(Partitioning::range(5, col("k").desc().nulls_first()));
        let first = xs(&partitions(&nulls_first.graph_optimized().unwrap())).swap_remove(0);
        assert_eq!(sorted(first), [0, 5, 10, 15], "{place}");
    });
}

#[test]
fn ranges_of_many_rows_are_about_even() {
    let client = local("store");
    let _entered = client.enter();
    let found = xs(&partitions(&mixed(60_000, 3).repartition(Partitioning::range(5, "x")).graph_optimized().unwrap()));
    assert!(found.iter().all(|part| (11_000..=13_000).contains(&part.len())), "{:?}", found.iter().map(Vec::len).collect::<Vec<_>>());
    let found: Vec<i64> = found.into_iter().flat_map(sorted).collect();
    assert!(found.len() == 60_000 && found.is_sorted());
}

#[test]
fn partitions_have_about_so_many_bytes_where_it_is_known() {
    let client = local("store");
    let _entered = client.enter();
    let memory = frame! { "x" => (0..1000i64).collect::<Vec<_>>() };
    let again = memory.repartition(Partitioning::bytes("2000"));
    assert!((4..=10).contains(&again.npartitions().unwrap()));
    assert_eq!(again.collect().unwrap().column::<i64>("x").unwrap(), (0..1000).collect::<Vec<_>>());
    assert_eq!(memory.repartition(Partitioning::bytes("1MiB")).npartitions().unwrap(), 1);

    let csv = format!("x\n{}", (0..500).map(|x| format!("{x}\n")).collect::<String>());
    let json: String = (0..500).map(|x| format!("{{\"x\":{x}}}\n")).collect();
    let files = Files::new([("x.csv", csv.as_str()), ("x.ndjson", json.as_str())]);
    for (frame, length) in [(files.read("x.csv"), csv.len()), (DFrame::read_json(files.path("x.ndjson")), json.len())] {
        let again = frame.repartition(Partitioning::bytes("300"));
        assert_eq!(again.npartitions().unwrap(), length.div_ceil(300));
        assert_eq!(again.collect().unwrap().column::<i64>("x").unwrap(), (0..500).collect::<Vec<_>>());
    }

    let kept = memory.persist().unwrap().repartition(Partitioning::bytes("300"));
    let error = kept.collect().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "how large these rows are is not known before they are read"));
    assert_eq!(error.help(), Some("say how many partitions there shall be: repartition(8)"));
}

#[test]
fn a_partitioning_that_makes_no_sense_is_an_error_of_its_step() {
    let wrong = |partitioning: Partitioning| {
        let error = numbers(4, 2).repartition(partitioning).check().unwrap_err();
        assert_eq!(error.step(), Some((2, "repartition")));
        error.message().to_owned()
    };
    assert_eq!(wrong(0usize.into()), "rows cannot be put into 0 partitions");
    assert_eq!(wrong(usize::MAX.into()), format!("{} partitions are more than the 16777216 that a frame may have", usize::MAX));
    assert_eq!(wrong(Partitioning::bytes("much")), "\"much\" is not a size");
    assert_eq!(wrong(Partitioning::hash(2, "kk")), "no column \"kk\" in [x, k]");
    assert_eq!(wrong(Partitioning::hash(2, ())), "there is nothing to partition by");
    assert_eq!(wrong(Partitioning::range(2, col("x").sum().desc())), "sum(x) is one value for many rows and cannot stand here");
}

#[test]
fn what_was_partitioned_goes_on_like_any_other_frame() {
    everywhere(|place| {
        let mut expected: BTreeMap<Option<String>, i64> = BTreeMap::new();
        (0..60).filter(|x| x % 2 == 0).for_each(|x| *expected.entry(key(x)).or_default() += x);
        let even = |frame: DFrame| frame.filter((col("x") % 2).eq(0)).group_by("k").agg(col("x").sum());
        let partitionings = [Partitioning::from(5usize), 2usize.into(), Partitioning::hash(3, "k"), Partitioning::range(4, "x")];
        for partitioning in partitionings {
            let kept = numbers(60, 3).repartition(partitioning.clone()).persist().unwrap();
            for frame in [numbers(60, 3).repartition(partitioning.clone()), kept, even(numbers(60, 3)).repartition(partitioning)] {
                let sums = even(frame).sort("k").collect().unwrap();
                let sums = sums.column::<Option<String>>("k").unwrap().into_iter().zip(sums.column::<i64>("x").unwrap());
                assert_eq!(sums.collect::<BTreeMap<_, _>>(), expected, "{place}");
            }
        }
    });
}

#[test]
fn partitions_are_chosen_by_their_numbers() {
    everywhere(|place| {
        let frame = numbers(10, 4);
        let all = xs(&partitions(&frame.graph_optimized().unwrap()));
        assert_eq!(all.len(), 4, "{place}");
        let kept = frame.persist().unwrap();
        for (start, end) in [(0, 1), (1, 3), (0, 4), (3, 9), (4, 9), (2, 2), (3, 1)] {
            for some in [frame.partitions(start..end), kept.partitions(start..end)] {
                let expected = all.get(start..end.min(4)).filter(|some| !some.is_empty()).map_or_else(|| vec![vec![]], <[_]>::to_vec);
                for (way, graph) in both(&some) {
                    assert_eq!(xs(&partitions(&graph)), expected, "{place}, {way}: {start}..{end}");
                }
            }
        }
    });
}

#[test]
fn partitions_of_groups_are_chosen_below_other_steps() {
    everywhere(|place| {
        let groups = numbers(60, 3).group_by("k").agg(count());
        let several = groups.npartitions().unwrap();
        let mut keys = Vec::new();
        for at in 0..several {
            keys.extend(groups.partitions(at..at + 1).collect().unwrap().column::<Option<String>>("k").unwrap());
        }
        keys.sort();
        assert_eq!(keys, (0..5).map(key).collect::<Vec<_>>(), "{place}");
        // One task reads what is chosen of several.
        let sorted = groups.partitions(0..several).sort("k").collect().unwrap();
        assert_eq!(sorted.column::<i64>("count").unwrap(), [12; 5], "{place}");
        let first = groups.sort("k").partitions(0..1).head(2).collect().unwrap();
        assert_eq!(first.column::<Option<String>>("k").unwrap(), [key(1), key(2)], "{place}");
    });
}

#[test]
fn partitions_that_nobody_wants_are_not_made() {
    everywhere(|place| {
        let calls: Arc<AtomicUsize> = Arc::default();
        let counter = calls.clone();
        let part = move |n: i64| {
            counter.fetch_add(1, SeqCst);
            frame! { "x" => [n, n + 1] }.collect()
        };
        let all = DFrame::from_map(part, (0..8).map(|n| 2 * n), [("x", "i64")]);
        assert_eq!(all.partitions(2..4).collect().unwrap().column::<i64>("x").unwrap(), [4, 5, 6, 7], "{place}");
        assert_eq!(calls.swap(0, SeqCst), 2, "{place}");
        let last = all.map_partitions(|part: Frame| Ok(part.slice(1..2)), SameSchema).partitions(7..9);
        assert_eq!(last.collect().unwrap().column::<i64>("x").unwrap(), [15], "{place}");
        assert_eq!(calls.load(SeqCst), 1, "{place}");
    });
}
