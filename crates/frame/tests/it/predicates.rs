//! Filters of several conjuncts and of texts, against plain Rust: which rows pass, in which order conjuncts are evaluated, and
//! that none is evaluated for rows that another rules out, where it was not before.

use super::{chance::Numbers, everywhere, join_expr::travels, local, measures::as_written};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, StringViewArray};
use std::sync::Arc;
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Expr, call, col, lit};

const LONG: &str = "a text that is long";

/// Some are the beginning of others, and some are as long as others.
const TEXTS: [&str; 8] = ["MAIL", "SHIP", "", "twelve bytes", "twelve bytes!", LONG, "a text that is long, too", "a text that is lost"];

#[derive(Clone, Copy, Debug)]
struct Row {
    id: i64,
    k: Option<i64>,
    /// Zero in nine rows of ten.
    x: i64,
    f: Option<f64>,
    text: Option<&'static str>,
}

/// Rows that look like chance. A value in six is null, and floats are NaN now and then.
fn rows(seed: u64, length: i64) -> Vec<Row> {
    let mut numbers = Numbers::new(seed);
    let mut row = |id: i64| {
        let f = if numbers.next(5) == 0 { f64::NAN } else { numbers.next(10) as f64 / 8.0 };
        let (k, text) = (numbers.next(8) as i64, TEXTS[numbers.next(8) as usize]);
        let x = if id % 10 == 3 { id / 10 % 90 + 10 } else { 0 };
        Row { id, k: numbers.sometimes(6, k), x, f: numbers.sometimes(6, f), text: numbers.sometimes(6, text) }
    };
    (0..length).map(&mut row).collect()
}

fn batch(rows: &[Row]) -> RecordBatch {
    let columns: [(&str, ArrayRef); 6] = [
        ("id", Arc::new(rows.iter().map(|row| Some(row.id)).collect::<Int64Array>())),
        ("k", Arc::new(rows.iter().map(|row| row.k).collect::<Int64Array>())),
        ("x", Arc::new(rows.iter().map(|row| Some(row.x)).collect::<Int64Array>())),
        ("f", Arc::new(rows.iter().map(|row| row.f).collect::<Float64Array>())),
        ("s", Arc::new(rows.iter().map(|row| row.text).collect::<StringArray>())),
        ("v", Arc::new(rows.iter().map(|row| row.text).collect::<StringViewArray>())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

/// The rows in so many partitions; of three and more, the second is empty.
fn spread(rows: &[Row], parts: usize) -> DFrame {
    let starts = (0..=parts).map(|part| if part == 2 && parts > 2 { rows.len() / parts } else { rows.len() * part / parts });
    let starts: Vec<usize> = starts.collect();
    let batches: Vec<RecordBatch> = starts.windows(2).map(|ends| batch(&rows[ends[0]..ends[1]])).collect();
    DFrame::from_batches(batches[0].schema(), batches)
}

fn ids(frame: &DFrame) -> Vec<i64> {
    let mut ids: Vec<i64> = frame.collect().unwrap().column("id").unwrap();
    ids.sort_unstable();
    ids
}

type Passes = fn(&Row) -> bool;

fn is(row: &Row, texts: &[&str]) -> bool {
    row.text.is_some_and(|text| texts.contains(&text))
}

fn is_other(row: &Row, texts: &[&str]) -> bool {
    row.text.is_some_and(|text| !texts.contains(&text))
}

/// Conditions on a column of texts and others, and which rows pass.
fn conditions(name: &str) -> [(Expr, Passes); 14] {
    let (text, k, f) = (|| col(name), || col("k"), || col("f"));
    let many = (0..20).map(|text| format!("text {text}")).chain(["MAIL".to_owned(), LONG.to_owned()]);
    [
        (text().eq(LONG), |row| is(row, &[LONG])),
        (lit("MAIL").eq(text()), |row| is(row, &["MAIL"])),
        (text().is_in(["MAIL", "SHIP"]).and(k().gt(2)).and(k().lt(5)), |row| {
            is(row, &["MAIL", "SHIP"]) && row.k.is_some_and(|k| k > 2 && k < 5)
        }),
        // What is no number is larger than all numbers.
        (text().eq("MAIL").or(text().eq(LONG)).and(f().gt(0.5)), |row| {
            is(row, &["MAIL", LONG]) && row.f.is_some_and(|f| f.is_nan() || f > 0.5)
        }),
        (text().not_eq("").and(text().not_eq(LONG)), |row| is_other(row, &["", LONG])),
        (text().is_in(["SHIP", "twelve bytes", "twelve bytes!", LONG, "nothing"]).not().and(k().is_not_null()), |row| {
            is_other(row, &["SHIP", "twelve bytes", "twelve bytes!", LONG]) && row.k.is_some()
        }),
        (text().is_in(many).and(k().lt_eq(3)), |row| is(row, &["MAIL", LONG]) && row.k.is_some_and(|k| k <= 3)),
        (text().eq("MAIL").and(k().lt(3)).or(text().eq("SHIP").and(k().gt_eq(3))), |row| {
            is(row, &["MAIL"]) && row.k.is_some_and(|k| k < 3) || is(row, &["SHIP"]) && row.k.is_some_and(|k| k >= 3)
        }),
        (text().eq("MAIL").or(k().gt(5)), |row| is(row, &["MAIL"]) || row.k > Some(5)),
        // It is true as soon as one of the two is false, whatever the other is.
        (text().eq("MAIL").and(k().gt(5)).not(), |row| is_other(row, &["MAIL"]) || row.k.is_some_and(|k| k <= 5)),
        (text().is_null().or(text().eq("")), |row| row.text.is_none_or(str::is_empty)),
        (text().like("a text%").and(k().eq(2)), |row| row.k == Some(2) && row.text.is_some_and(|text| text.starts_with("a text"))),
        (text().eq("MAIL").and(k().gt(100)), |_| false),
        (call("random", ()).lt(2.0).and(text().eq("MAIL")), |row| is(row, &["MAIL"])),
    ]
}

#[test]
fn the_rows_that_pass_are_those_of_plain_rust() {
    everywhere(|place| {
        for (seed, parts) in [(1, 1), (2, 3), (3, 7)] {
            let rows = rows(seed, 500);
            let df = spread(&rows, parts);
            for name in ["s", "v"] {
                for (condition, passes) in conditions(name) {
                    let expected: Vec<i64> = rows.iter().filter(|row| passes(row)).map(|row| row.id).collect();
                    let some = df.filter(&condition);
                    let context = format!("{place} {parts} {condition:?}");
                    assert_eq!(ids(&some), expected, "{context}");
                    assert_eq!(ids(&as_written(&some, "filter")), expected, "as written {context}");
                    assert_eq!(some.count().unwrap(), expected.len() as u64, "{context}");
                }
            }
        }
    });
}

fn ids_of(rows: &[Row], passes: impl Fn(&Row) -> bool) -> Vec<i64> {
    rows.iter().filter(|row| passes(row)).map(|row| row.id).collect()
}

/// Patterns of several texts, and which of the texts are like them.
const PATTERNS: [(&str, &[&str]); 7] = [
    ("%text%lo%", &[LONG, "a text that is long, too", "a text that is lost"]),
    ("%t%long", &[LONG]),
    ("a%th%lo%t%", &["a text that is long, too", "a text that is lost"]),
    ("tw%by%s", &["twelve bytes"]),
    // The second `S` is not the first one.
    ("S%S", &[]),
    ("%I%P%", &["SHIP"]),
    ("%lo%text%", &[]),
];

#[test]
fn patterns_of_several_texts_fit_the_texts_that_have_them_in_this_order() {
    let rows = rows(9, 400);
    everywhere(|place| {
        for parts in [1, 3] {
            let df = spread(&rows, parts);
            for (name, (pattern, texts)) in ["s", "v"].into_iter().flat_map(|name| PATTERNS.map(|pattern| (name, pattern))) {
                let like = || col(name).like(pattern);
                let cases: [(Expr, Vec<i64>); 5] = [
                    (like(), ids_of(&rows, |row| is(row, texts))),
                    // Null is neither like it nor not.
                    (like().not(), ids_of(&rows, |row| is_other(row, texts))),
                    (like().or(col("k").gt(5)), ids_of(&rows, |row| is(row, texts) || row.k > Some(5))),
                    (like().or(col(name).eq("MAIL")).not(), ids_of(&rows, |row| is_other(row, texts) && is_other(row, &["MAIL"]))),
                    (like().not().and(col("x").gt(0)), ids_of(&rows, |row| is_other(row, texts) && row.x > 0)),
                ];
                for (condition, expected) in cases {
                    let some = df.filter(&condition);
                    let context = format!("{place} {parts} {condition:?}");
                    assert_eq!(ids(&some), expected, "{context}");
                    assert_eq!(ids(&as_written(&some, "filter")), expected, "as written {context}");
                }
            }
        }
    });
}

#[test]
fn the_order_of_conjuncts_does_not_matter_for_the_rows() {
    let rows = rows(4, 300);
    let parts: [(Expr, Passes); 3] = [
        (col("v").like("%long%"), |row| row.text.is_some_and(|text| text.contains("long"))),
        (col("v").not_eq(LONG).or(col("k").gt(4)), |row| is_other(row, &[LONG]) || row.k > Some(4)),
        (col("k").gt(1), |row| row.k > Some(1)),
    ];
    let expected: Vec<i64> = rows.iter().filter(|row| parts.iter().all(|(_, passes)| passes(row))).map(|row| row.id).collect();
    assert!(!expected.is_empty());
    everywhere(|place| {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let [one, two, three] = order.map(|at: usize| &parts[at].0);
            assert_eq!(ids(&spread(&rows, 3).filter(one.and(two).and(three))), expected, "{place} {order:?}");
        }
    });
}

/// A lineitem: how it was sent, and when.
fn items() -> DFrame {
    let number = |by: i64| -> ArrayRef { Arc::new((0..200i64).map(|row| Some(row * by % 97)).collect::<Int64Array>()) };
    let modes = (0..200).map(|row| Some(TEXTS[row % 3]));
    let columns: [(&str, ArrayRef); 4] =
        [("mode", Arc::new(modes.collect::<StringViewArray>())), ("ship", number(13)), ("commit", number(29)), ("receipt", number(31))];
    let rows = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap();
    DFrame::from_batches(rows.schema(), [rows])
}

#[test]
fn plans_have_constants_first_then_columns_then_texts() {
    let client = local("pipe");
    let _entered = client.enter();
    let sent = col("mode").eq("MAIL").or(col("mode").eq("SHIP"));
    let late = col("commit").lt(col("receipt")).and(col("ship").lt(col("commit")));
    let query = items().filter(sent.and(late).and(col("receipt").gt_eq(20)).and(col("receipt").lt(60)));
    let plan = query.explain().unwrap();
    let condition = plan.lines().find_map(|line| line.split_once("FilterExec: ")).map(|(_, condition)| condition).unwrap();
    let columns: Vec<usize> = condition.split(" AND ").map(|part| part.matches('@').count()).collect();
    assert_eq!(columns[..4], [1, 1, 2, 2], "{plan}");
    assert!(condition.rsplit(" AND ").next().is_some_and(|last| last.contains("mode@")), "{plan}");
    let of = |by: i64, row: usize| row as i64 * by % 97;
    let passes = |row: &usize| {
        let (ship, commit, receipt) = (of(13, *row), of(29, *row), of(31, *row));
        row % 3 < 2 && commit < receipt && ship < commit && (20..60).contains(&receipt)
    };
    let expected = (0..200usize).filter(passes).count() as u64;
    assert!(expected > 0);
    assert_eq!(query.count().unwrap(), expected);
}

#[test]
fn what_may_fail_is_not_asked_of_rows_that_few_others_leave() {
    let rows = rows(5, 600);
    let ratio = || (1000 / col("x")).gt(20);
    let there = || col("x").not_eq(0);
    let expected = |passes: Passes| -> Vec<i64> {
        rows.iter().filter(|row| row.x != 0 && 1000 / row.x > 20 && passes(row)).map(|row| row.id).collect()
    };
    let cases: [(Expr, Passes); 6] = [
        (there().and(ratio()), |_| true),
        (col("k").gt(2).and(there().and(ratio())), |row| row.k > Some(2)),
        (ratio().and(there()), |_| true),
        (there().and(ratio()).and(col("k").gt(2)), |row| row.k > Some(2)),
        (there().and(col("k").gt(2)).and(ratio()), |row| row.k > Some(2)),
        (ratio().and(col("v").is_in(["MAIL", LONG])).and(there()), |row| is(row, &["MAIL", LONG])),
    ];
    everywhere(|place| {
        for parts in [1, 3] {
            let df = spread(&rows, parts);
            for (condition, passes) in &cases {
                assert_eq!(ids(&df.filter(condition)), expected(*passes), "{place} {parts} {condition:?}");
                assert_eq!(ids(&as_written(&df.filter(condition), "filter")), expected(*passes), "{place} {parts} {condition:?}");
            }
            let error = df.filter(ratio().and(col("k").gt_eq(0))).collect().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadValue, "{place} {parts}: {error}");
        }
    });
}

#[test]
fn what_is_above_a_filter_is_as_it_was_planned() {
    let rows = rows(6, 400);
    let expected: Vec<i64> = rows.iter().filter(|row| is(row, &["MAIL"])).map(|row| row.id).collect();
    everywhere(|place| {
        let mail = spread(&rows, 3).filter(col("v").eq("MAIL"));
        // The text is constant: rows are in the order of it whatever they are.
        let first = mail.sort(["v", "id"]).head(5).collect().unwrap();
        assert_eq!(first.column::<i64>("id").unwrap(), expected[..5], "{place}");
        let sums = mail.group_by(["v", "k"]).agg(col("id").sum().alias("n")).sort(["v", "k"]).collect().unwrap();
        let keys: Vec<Option<i64>> = sums.column("k").unwrap();
        let sum = |key: &Option<i64>| rows.iter().filter(|row| is(row, &["MAIL"]) && row.k == *key).map(|row| row.id).sum::<i64>();
        assert_eq!(sums.column::<i64>("n").unwrap(), keys.iter().map(sum).collect::<Vec<_>>(), "{place}");
        assert!(keys[..keys.len() - 1].is_sorted() && keys.last() == Some(&None), "{place} {keys:?}");
    });
}

#[test]
fn windows_over_what_a_filter_leaves_constant_need_no_sort() {
    let rows = rows(8, 200);
    let mail: Vec<i64> = rows.iter().filter(|row| is(row, &["MAIL"])).map(|row| row.id).collect();
    let many = mail.len() as i64;
    let query = "SELECT id, count(*) OVER (PARTITION BY v) AS n, count(*) OVER (PARTITION BY v ORDER BY id) AS place \
                 FROM rows WHERE v = 'MAIL'";
    everywhere(|place| {
        for parts in [1, 3] {
            let answer = DFrame::sql(query, [("rows", &spread(&rows, parts))]).sort("id").collect().unwrap();
            assert_eq!(answer.column::<i64>("id").unwrap(), mail, "{place} {parts}");
            assert_eq!(answer.column::<i64>("n").unwrap(), vec![many; mail.len()], "{place} {parts}");
            assert_eq!(answer.column::<i64>("place").unwrap(), (1..=many).collect::<Vec<_>>(), "{place} {parts}");
        }
    });
}

#[test]
fn filters_that_ran_still_travel_and_still_tell_what_they_took() {
    let client = local("store");
    let _entered = client.enter();
    let rows = rows(7, 200);
    let query = spread(&rows, 3).filter(col("v").is_in(["MAIL", LONG]).and(col("k").gt(2))).group_by("v").agg(col("id").sum());
    query.collect().unwrap();
    travels(&query);
    let told = query.explain_analyze().unwrap();
    let filter = told.lines().find(|line| line.contains("FilterExec")).unwrap();
    let passing = rows.iter().filter(|row| is(row, &["MAIL", LONG]) && row.k > Some(2)).count();
    assert!(filter.contains("v@") && filter.contains(&format!("rows={passing} ")), "{told}");
}
