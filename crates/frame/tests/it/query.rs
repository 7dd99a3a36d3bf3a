//! Queries.

use super::{Files, everywhere, local};
use stratal_frame::{Frame, col, count, frame};

#[test]
fn the_signature_query_is_the_same_everywhere() {
    let files = Files::people();
    everywhere(|place| {
        let query = files.read("myfile.*.csv").with_column("amount", col("amount") + 100).filter(col("name").eq("Alice"));
        let answer = query.collect().unwrap();
        assert_eq!(answer.column::<i64>("id").unwrap(), [1, 3, 6, 8], "{place}");
        assert_eq!(answer.column::<i64>("amount").unwrap(), [110, 130, 160, 180], "{place}");
        let parts = query.graph().unwrap().get_all::<Frame>("filter").unwrap();
        assert_eq!(parts.iter().map(Frame::len).collect::<Vec<_>>(), [1, 1, 1, 1], "{place}");
        let oracle = Frame::new(answer.schema().clone(), parts.iter().flat_map(|part| part.batches().to_vec())).unwrap();
        assert!(answer.equals(&oracle), "{place}");
        assert_eq!(query.count().unwrap(), 4, "{place}");
        assert_eq!(query.npartitions().unwrap(), 4, "{place}");
    });
}

#[test]
fn a_group_by_with_a_shuffle_is_the_same_everywhere() {
    let files = Files::people();
    everywhere(|place| {
        let people = files.read("myfile.*.csv");
        let sums = people.group_by("name").agg((col("amount").sum(), (col("amount").sum() / count()).alias("each"), count())).sort("name");
        let answer = sums.collect().unwrap();
        assert_eq!(answer.columns(), ["name", "amount", "each", "count"], "{place}");
        assert_eq!(answer.column::<String>("name").unwrap(), ["Alice", "Bob", "Carol", "Dave"], "{place}");
        assert_eq!(answer.column::<i64>("amount").unwrap(), [180, 70, 40, 70], "{place}");
        assert_eq!(answer.column::<i64>("each").unwrap(), [45, 35, 40, 70], "{place}");
        assert_eq!(answer.column::<i64>("count").unwrap(), [4, 2, 1, 1], "{place}");
        let oracle = sums.graph().unwrap().get_all::<Frame>("sort").unwrap();
        assert!(oracle.len() == 1 && oracle[0].equals(&answer), "{place}: {oracle:?}");
    });
}

#[test]
fn many_groups_over_many_partitions() {
    let rows = |file: i64| (0..500).map(|row| format!("{},{}\n", (row * 7 + file) % 97, row)).collect::<String>();
    let texts: Vec<(String, String)> = (0..5).map(|file| (format!("{file}.csv"), format!("k,x\n{}", rows(file)))).collect();
    let files = Files::new(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let mut expected = vec![(0i64, 0i64); 97];
    for file in 0..5 {
        for row in 0..500 {
            let group = &mut expected[((row * 7 + file) % 97) as usize];
            *group = (group.0 + row, group.1 + 1);
        }
    }
    everywhere(|place| {
        let answer = files.read("*.csv").group_by("k").agg((col("x").sum(), count())).sort("k").collect().unwrap();
        let groups: Vec<_> = answer.column::<i64>("x").unwrap().into_iter().zip(answer.column::<i64>("count").unwrap()).collect();
        assert_eq!(groups, expected, "{place}");
    });
}

#[test]
fn aggregates_skip_nulls_as_sql_does() {
    let rows = frame! { "k" => ["a", "a", "b", "b"], "x" => [Some(1.0), Some(3.0), None, None] };
    everywhere(|place| {
        let client = stratal_core::Client::current();
        let x = col("x");
        let aggregates = (
            x.sum(),
            x.mean().alias("mean"),
            x.min().alias("min"),
            x.max().alias("max"),
            x.count().alias("count"),
            x.n_unique().alias("n"),
            x.var().alias("var"),
            x.std().alias("std"),
        );
        let answer = rows.with_client(&client).group_by("k").agg(aggregates).sort("k").collect().unwrap();
        let floats = |name: &str| answer.column::<Option<f64>>(name).unwrap();
        assert_eq!(floats("x"), [Some(4.0), None], "{place}");
        assert_eq!(floats("mean"), [Some(2.0), None], "{place}");
        assert_eq!((floats("min"), floats("max")), (vec![Some(1.0), None], vec![Some(3.0), None]), "{place}");
        assert_eq!(floats("var"), [Some(2.0), None], "{place}");
        assert_eq!(floats("std"), [Some(2f64.sqrt()), None], "{place}");
        assert_eq!((answer.column::<i64>("count").unwrap(), answer.column::<i64>("n").unwrap()), (vec![2, 0], vec![2, 0]), "{place}");
    });
}

#[test]
fn a_null_key_is_a_group() {
    let rows = frame! { "a" => [Some(1i64), Some(2), None, None], "e" => [4i64, 5, 6, 7] };
    let answer = rows.group_by("a").agg(col("e").sum()).sort("a").collect().unwrap();
    assert_eq!(answer.column::<Option<i64>>("a").unwrap(), [Some(1), Some(2), None]);
    assert_eq!(answer.column::<i64>("e").unwrap(), [4, 5, 13]);
}

#[test]
fn sorting_puts_nulls_last_unless_told() {
    let rows = frame! { "x" => [Some(2i64), None, Some(1), Some(3)] };
    let sorted = |key| rows.sort(key).collect().unwrap().column::<Option<i64>>("x").unwrap();
    assert_eq!(sorted(col("x").asc()), [Some(1), Some(2), Some(3), None]);
    assert_eq!(sorted(col("x").desc()), [Some(3), Some(2), Some(1), None]);
    assert_eq!(sorted(col("x").desc().nulls_first()), [None, Some(3), Some(2), Some(1)]);
}

#[test]
fn head_takes_the_first_rows_though_partition_0_has_few() {
    let files = Files::people();
    everywhere(|place| {
        let first = files.read("myfile.*.csv").head(5).collect().unwrap();
        assert_eq!(first.column::<i64>("id").unwrap(), [1, 2, 3, 4, 5], "{place}");
        let largest = files.read("myfile.*.csv").sort(col("amount").desc()).head(3).collect().unwrap();
        assert_eq!(largest.column::<i64>("id").unwrap(), [8, 7, 6], "{place}");
        assert_eq!(files.read("myfile.*.csv").head(0).collect().unwrap().len(), 0, "{place}");
    });
}

#[test]
fn a_filter_that_leaves_nothing_keeps_the_schema() {
    let files = Files::people();
    everywhere(|place| {
        let none = files.read("myfile.*.csv").filter(col("id").gt(100));
        let answer = none.collect().unwrap();
        assert_eq!((answer.len(), answer.columns()), (0, vec!["id", "name", "amount"]), "{place}");
        assert_eq!(none.group_by("name").agg(col("amount").sum()).collect().unwrap().len(), 0, "{place}");
        assert_eq!(none.sort("id").collect().unwrap().len(), 0, "{place}");
        assert_eq!(none.agg(count()).collect().unwrap().item::<i64>().unwrap(), 0, "{place}");
    });
}

#[test]
fn columns_are_selected_renamed_dropped_and_filled() {
    let rows = frame! { "Name" => ["a", "b"], "a.b" => [Some(1i64), None], "c" => [true, false] };
    let answer = rows.rename([("Name", "name")]).drop("c").with_columns(col("a.b").fill_null(0).alias("n")).select(("n", "name"));
    assert_eq!(answer.columns().unwrap(), ["n", "name"]);
    assert_eq!(answer.collect().unwrap().column::<i64>("n").unwrap(), [1, 0]);
    let both = rows.filter(col("c") & col("a.b").eq(1) | col("Name").is_in(["z"])).collect().unwrap();
    assert_eq!(both.column::<String>("Name").unwrap(), ["a"]);
    let bits = frame! { "x" => [6i64] }.select((col("x") & 3).alias("and")).collect().unwrap();
    assert_eq!(bits.item::<i64>().unwrap(), 2);
}

#[test]
fn integer_division_truncates_and_one_minus_a_column_infers() {
    let answer = frame! { "x" => [7i64, -7] }.select(((col("x") / 2).alias("half"), (1 - col("x")).alias("minus"))).collect().unwrap();
    assert_eq!(answer.column::<i64>("half").unwrap(), [3, -3]);
    assert_eq!(answer.column::<i64>("minus").unwrap(), [-6, 8]);
}

#[test]
fn a_persisted_frame_is_read_from_where_it_lies() {
    let files = Files::people();
    everywhere(|place| {
        let kept = files.read("myfile.*.csv").filter(col("amount").gt(15)).persist().unwrap();
        assert_eq!(kept.count().unwrap(), 7, "{place}");
        assert_eq!(kept.collect().unwrap().column::<i64>("id").unwrap(), [2, 3, 4, 5, 6, 7, 8], "{place}");
        let sums = kept.group_by("name").agg(col("amount").sum()).sort("name").collect().unwrap();
        assert_eq!(sums.column::<i64>("amount").unwrap(), [170, 70, 40, 70], "{place}");
    });
}

#[test]
fn async_twins_give_the_same() {
    let client = local("pipe");
    let _entered = client.enter();
    let files = Files::people();
    let query = files.read("myfile.*.csv").filter(col("name").eq("Bob"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (answer, count, schema) = runtime.block_on(async {
        // A blocking verb works inside a runtime too.
        assert_eq!(query.count().unwrap(), 2);
        (query.collect_async().await.unwrap(), query.count_async().await.unwrap(), query.schema_async().await.unwrap())
    });
    assert_eq!((answer.column::<i64>("id").unwrap(), count), (vec![2, 5], 2));
    assert_eq!(schema.fields().len(), 3);
}
