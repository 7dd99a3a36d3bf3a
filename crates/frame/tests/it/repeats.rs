//! What layers give when they run again, by which a scheduler knows what it may make anew after the loss of a worker.

use super::{local, map_partitions::numbers};
use stratal_core::graph::{LayeredGraph, Repeat};
use stratal_frame::{
    DFrame, Expr, Frame, Partitioning, SameSchema, Window, call, col, count, left_col, on, on_expr, right_col, row_number,
};

/// What each layer gives, with its name.
fn of_layers(graph: LayeredGraph) -> Vec<(String, Repeat)> {
    graph.layers.into_iter().map(|layer| (layer.spec.name, layer.spec.repeat)).collect()
}

fn repeats(query: &DFrame) -> Vec<(String, Repeat)> {
    of_layers(query.graph_optimized().unwrap())
}

/// What the last layer gives.
fn last(query: &DFrame) -> Repeat {
    repeats(query).pop().unwrap().1
}

fn assert_pure(query: &DFrame) {
    let repeats = repeats(query);
    assert!(repeats.iter().all(|(_, repeat)| *repeat == Repeat::Pure), "{query}\n{repeats:?}");
}

/// Groups, in whatever order they come.
fn groups(rows: &DFrame) -> DFrame {
    rows.group_by("k").agg(count().alias("n"))
}

/// A join that gives rows of the left without a match in the partition that ends last.
fn full() -> DFrame {
    numbers(40, 4).join(&numbers(40, 3), on_expr(left_col("x").lt(right_col("x"))).full())
}

fn half() -> Expr {
    call("random", ()).lt(0.5)
}

#[test]
fn what_is_read_comes_again_as_it_was() {
    for exchange in ["pipe", "store"] {
        let client = local(exchange);
        let _entered = client.enter();
        let rows = numbers(40, 4);
        let whole = [rows.clone(), rows.filter(col("x").gt(3)), rows.sort(col("x").desc()), rows.persist().unwrap()];
        for rows in whole {
            assert_pure(&rows);
            assert_pure(&rows.head(5));
            assert_pure(&rows.tail(5));
            assert_pure(&rows.slice(3, 9));
            assert_pure(&rows.sample(0.5, 1));
            assert_pure(&rows.sample_n(5, 1));
            assert_pure(&rows.repartition(2));
            assert_pure(&rows.repartition(6));
            assert_pure(&rows.map_partitions(|part: Frame| Ok(part), SameSchema));
            assert_pure(&rows.agg(col("x").sum()));
        }
        assert_pure(&rows.repartition(Partitioning::range(3, "x")));
        let written = of_layers(rows.sort("x").sample(0.5, 1).graph().unwrap());
        assert!(written.iter().all(|(_, repeat)| *repeat == Repeat::Pure), "{exchange}: {written:?}");
    }
}

#[test]
fn an_exchange_in_a_plan_mixes_rows_and_one_between_layers_does_not() {
    // One way to take rows by their places each.
    let by_place: [(&str, fn(&DFrame) -> DFrame); 7] = [
        ("head", |groups| groups.head(2)),
        ("tail", |groups| groups.tail(2)),
        ("slice", |groups| groups.slice(1, 2)),
        ("sample", |groups| groups.sample(0.5, 1)),
        ("sample_n", |groups| groups.sample_n(2, 1)),
        ("the first of those in order", |groups| groups.sort("n").head(2)),
        ("a window", |groups| groups.with_column("row", row_number().over(Window::ordered("n")))),
    ];
    let pipe = local("pipe");
    let entered = pipe.enter();
    let rows = numbers(40, 4);
    assert_eq!(last(&groups(&rows)), Repeat::OrderVaries);
    assert_eq!(last(&groups(&rows).sort("n")), Repeat::OrderVaries);
    assert_eq!(last(&groups(&rows).agg(col("n").sum())), Repeat::Pure);
    for (way, take) in by_place {
        assert_eq!(last(&take(&groups(&rows))), Repeat::Varies, "{way}");
    }
    drop(entered);
    let store = local("store");
    let _entered = store.enter();
    let rows = numbers(40, 4);
    assert_pure(&groups(&rows));
    for (_, take) in by_place {
        assert_pure(&take(&groups(&rows)));
    }
}

#[test]
fn rows_that_change_partitions_are_not_made_again_unless_they_are_sent_by_their_keys() {
    let client = local("store");
    let _entered = client.enter();
    for query in [full(), full().head(3), full().tail(3), full().sample(0.5, 1)] {
        let repeats = repeats(&query);
        let (reads, others): (Vec<_>, Vec<_>) = repeats.iter().partition(|(name, _)| name.starts_with("from-memory"));
        assert!(reads.len() == 2 && reads.iter().all(|(_, repeat)| *repeat == Repeat::Pure), "{repeats:?}");
        assert!(!others.is_empty() && others.iter().all(|(_, repeat)| *repeat == Repeat::Varies), "{repeats:?}");
    }
    let grouped = repeats(&groups(&full()));
    let others: Vec<&Repeat> = grouped.iter().filter(|(name, _)| !name.starts_with("from-memory")).map(|(_, repeat)| repeat).collect();
    assert_eq!(others, [&Repeat::OrderVaries; 2], "{grouped:?}");
    assert_eq!(last(&full().group_by("k").agg(col("x").first())), Repeat::Varies);
}

#[test]
fn what_takes_rows_by_their_places_is_not_made_again_where_the_layer_below_mixes_them() {
    let client = local("store");
    let _entered = client.enter();
    let mixed = groups(&full());
    for query in [
        mixed.head(2),
        mixed.tail(2),
        mixed.sample(0.5, 1),
        mixed.sample_n(2, 1),
        mixed.map_partitions(|part: Frame| Ok(part), SameSchema),
        mixed.repartition(6),
        mixed.repartition(Partitioning::range(3, "n")),
        // What reads it may be asked for again when it is gone.
        mixed.head(2).join(&numbers(40, 4), on("k")),
        mixed.sample(0.5, 1).group_by("n").agg(count()),
    ] {
        assert_eq!(last(&query), Repeat::Varies, "{query}\n{:?}", repeats(&query));
    }
    let ranged = repeats(&mixed.repartition(Partitioning::range(3, "n")));
    for layer in ["sample-keys", "bounds", "assign"] {
        assert!(ranged.contains(&(layer.to_owned(), Repeat::Varies)), "{layer}: {ranged:?}");
    }
    for query in [mixed.filter(col("n").gt(1)), mixed.sort("k"), mixed.repartition(Partitioning::hash(3, "k"))] {
        assert_eq!(last(&query), Repeat::OrderVaries, "{query}\n{:?}", repeats(&query));
    }
}

#[test]
fn what_another_run_keeps_is_made_again_as_it_was_there() {
    let client = local("store");
    let _entered = client.enter();
    let mixed = groups(&full()).persist().unwrap();
    assert_eq!(last(&mixed.filter(col("n").gt(1))), Repeat::OrderVaries);
    assert_eq!(last(&mixed.head(2)), Repeat::Varies);
    assert_eq!(last(&mixed.map_partitions(|part: Frame| Ok(part), SameSchema)), Repeat::Varies);
    // It is there, or it is gone for good.
    assert_pure(&full().persist().unwrap().head(2));
}

#[test]
fn what_draws_is_not_made_again() {
    let client = local("store");
    let _entered = client.enter();
    let drawn = numbers(40, 4).filter(half());
    let grouped = repeats(&groups(&drawn));
    assert!(grouped.len() > 1 && grouped.iter().all(|(_, repeat)| *repeat == Repeat::Varies), "{grouped:?}");
    let written = of_layers(drawn.select("x").graph().unwrap());
    assert_eq!(written.into_iter().map(|(_, repeat)| repeat).collect::<Vec<_>>(), [Repeat::Pure, Repeat::Varies, Repeat::Varies]);
}
