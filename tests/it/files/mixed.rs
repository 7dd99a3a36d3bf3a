//! Formats together, SQL over files, and what is done with rows once they are read.

use super::{
    Case, Files,
    Is::{Rows, Set},
    NAMES, batch, numbers, people, people_in_columns, ten, texts,
};
use stratal::prelude::*;

/// Ten rows of each format: `x` from 0 on, and `y`.
fn formats(at: &Files) -> [DFrame; 4] {
    let rows = |first: i64| (first..first + 10).zip("aabbccddee".chars());
    at.bytes("f/a.csv", format!("x,y\n{}", rows(0).map(|(x, y)| format!("{x},{y}\n")).collect::<String>()));
    at.bytes("f/b.ndjson", rows(10).map(|(x, y)| format!("{{\"x\": {x}, \"y\": \"{y}\"}}\n")).collect::<String>());
    at.parquet("f/c.parquet", &ten(20), 3);
    at.arrow("f/d.arrow", &ten(30), 3, "none");
    let [csv, json, parquet, arrow] = ["a.csv", "b.ndjson", "c.parquet", "d.arrow"].map(|name| at.path(&format!("f/{name}")));
    [DFrame::read_csv(csv), DFrame::read_json(json), DFrame::read_parquet(parquet), DFrame::read_ipc(arrow)]
}

/// A row a name, but for the last of them, in Parquet; and one of a name that nobody has.
fn codes(at: &Files) -> DFrame {
    let names = NAMES[..4].iter().copied().chain(["Zoe"]);
    at.parquet("codes.parquet", &batch(vec![("name", texts(names)), ("code", numbers(1..6))]), 2);
    DFrame::read_parquet(at.path("codes.parquet"))
}

/// 40 times, not sorted, of two keys.
fn trades(at: &Files) -> DFrame {
    for part in 0..2i64 {
        let row = |nth: i64| format!("{},{},{nth}\n", nth * 17 % 41 * 10 + 5, ["a", "b"][nth as usize % 2]);
        at.bytes(&format!("trades/{part}.csv"), format!("t,k,nth\n{}", (part * 20..part * 20 + 20).map(row).collect::<String>()));
    }
    DFrame::read_csv(at.path("trades"))
}

/// 100 times, of the same keys, each once.
fn quotes(at: &Files) -> DFrame {
    let keys = (0..100).map(|nth| ["a", "b"][nth / 2 % 2]);
    at.parquet(
        "quotes.parquet",
        &batch(vec![("t", numbers((0..100).map(|nth| nth * 37 % 100 * 4))), ("k", texts(keys)), ("bid", numbers(0..100))]),
        9,
    );
    DFrame::read_parquet(at.path("quotes.parquet"))
}

fn totals(rows: &DFrame) -> DFrame {
    rows.group_by("name").agg((col("amount").sum().alias("sum"), count().alias("n")))
}

pub(super) const CASES: &[Case] = &[
    ("four formats one after another", Rows(40), |at| super::stacked(&formats(at))),
    ("the first of four formats", Rows(25), |at| super::stacked(&formats(at)).head(25)),
    ("the last of four formats", Rows(15), |at| super::stacked(&formats(at)).tail(15)),
    ("a filter of four formats", Rows(20), |at| super::stacked(&formats(at)).filter((col("x") % 2).eq(0))),
    ("four formats sorted", Rows(40), |at| super::stacked(&formats(at)).sort(col("x").desc())),
    ("groups of four formats", Set(5), |at| super::stacked(&formats(at)).group_by("y").agg(col("x").sum())),
    ("columns that only some formats have", Rows(20), |at| {
        let [csv, _, parquet, _] = formats(at);
        DFrame::concat(&[&csv, &parquet.with_column("z", col("x") * 2).drop("y")], How::Fill)
    }),
    ("groups of heads one after another", Set(5), |at| {
        let [csv, json, parquet, arrow] = formats(at).map(|frame| frame.head(9));
        DFrame::concat(&[&csv, &json, &parquet, &arrow], How::ByName).group_by("y").agg((count().alias("n"), col("x").max()))
    }),
    // 24 rows of each name; nobody's code is lost, and neither are the rows without one.
    ("text joined with columns", Set(96), |at| people(at).join(&codes(at), on("name"))),
    ("every row of the left", Set(120), |at| people(at).join(&codes(at), on("name").left())),
    ("every row of the right", Set(97), |at| people(at).join(&codes(at), on("name").right())),
    ("every row of both", Set(121), |at| people(at).join(&codes(at), on("name").full())),
    ("rows that match", Set(96), |at| people(at).join(&codes(at), on("name").semi())),
    ("rows that do not match", Set(24), |at| people(at).join(&codes(at), on("name").anti())),
    ("a join of what is small, sent to all", Set(96), |at| people(at).join(&codes(at), on("name").broadcast(true))),
    ("a join that may not be sent to all", Set(96), |at| people(at).join(&codes(at), on("name").broadcast(false))),
    ("a join checked", Set(96), |at| people(at).join(&codes(at), on("name").validate("m:1"))),
    ("a join of lines with Arrow files", Set(20), |at| {
        let [_, json, _, arrow] = formats(at);
        json.join(&arrow, on("y"))
    }),
    ("a join with its own totals", Rows(120), |at| {
        let people = people(at);
        people.join(&totals(&people), on("name")).sort("id")
    }),
    ("a join by a condition", Set(45), |at| {
        let [csv, _, parquet, _] = formats(at);
        csv.join(&parquet.select((col("x") - 20).alias("z")), on_expr(left_col("x").gt(right_col("z"))))
    }),
    ("every pair", Set(100), |at| {
        let [csv, json, _, _] = formats(at);
        csv.join_cross(&json.select(col("x").alias("z")))
    }),
    ("rows beside rows", Rows(120), |at| people(at).select("id").hstack(&people_in_columns(at).select("amount"))),
    ("sql over files", Rows(5), |at| {
        let _ = people(at);
        let path = at.path("people/*.csv");
        DFrame::sql(format!("SELECT name, sum(amount) AS total, count(*) AS n FROM '{path}' GROUP BY name ORDER BY name"), ())
    }),
    ("sql over two formats", Rows(4), |at| {
        let _ = people(at);
        let _ = codes(at);
        let (people, codes) = (at.path("people/*.csv"), at.path("codes.parquet"));
        DFrame::sql(format!("SELECT c.code, count(*) AS n FROM '{people}' p JOIN '{codes}' c ON p.name = c.name GROUP BY 1 ORDER BY 1"), ())
    }),
    ("sql with a query inside", Rows(59), |at| {
        let query = "SELECT id FROM t WHERE id > (SELECT avg(id) FROM t WHERE id < 121) AND id <> 60 ORDER BY id";
        DFrame::sql(query, [("t", &people_in_columns(at))])
    }),
    ("sql with files put together", Rows(6), |at| {
        let _ = people(at);
        let _ = codes(at);
        let (people, codes) = (at.path("people/*.csv"), at.path("codes.parquet"));
        DFrame::sql(format!("SELECT name FROM '{people}' UNION SELECT name FROM '{codes}' ORDER BY name"), ())
    }),
    ("sql with a window", Rows(10), |at| {
        let query = "SELECT * FROM (SELECT id, name, row_number() OVER (PARTITION BY name ORDER BY id DESC) AS nth FROM t) \
                     WHERE nth < 3 ORDER BY name, nth";
        DFrame::sql(query, [("t", &people(at))])
    }),
    ("a sort", Rows(120), |at| people(at).sort((col("amount").desc(), "id"))),
    ("the first of a sort", Rows(13), |at| people_in_columns(at).sort((col("amount").desc(), "id")).head(13)),
    ("a sort of many equal keys", Rows(120), |at| people(at).sort("name")),
    ("the same, largest first, in shares of several sizes", Rows(120), |at| people_in_columns(at).sort(col("name").desc())),
    ("the first of many equal keys", Rows(37), |at| people_in_columns(at).filter(col("id").gt(4)).sort("name").head(37)),
    ("a sort of what was sorted", Rows(120), |at| people(at).sort(col("amount").desc()).sort("name")),
    ("the first of each group in the order of files", Rows(15), |at| {
        people_in_columns(at).group_by("name").top(3, ()).sort(["name", "id"])
    }),
    ("windows in the order of files", Rows(120), |at| {
        let (first, last) = (col("id").first(), col("id").last());
        let all = [first.over(Window::all()).alias("first"), last.over(Window::all()).alias("last")];
        let own = [first.over(Window::by("name")).alias("own first"), last.over(Window::by("name")).alias("own last")];
        people_in_columns(at).with_columns(own.into_iter().chain(all).collect::<Vec<Expr>>()).sort("id")
    }),
    ("rows numbered within groups", Rows(120), |at| {
        people(at).with_column("nth", row_number().over(Window::by("name").order_by("id"))).sort("id")
    }),
    ("sums so far", Rows(120), |at| {
        people_in_columns(at).with_column("sum", col("amount").cum_sum().over(Window::ordered("id"))).sort("id")
    }),
    ("the row before", Rows(120), |at| {
        people(at).with_column("before", col("amount").lag(1).over(Window::by("name").order_by("id"))).sort("id")
    }),
    ("the first of each group", Rows(10), |at| people(at).group_by("name").top(2, col("id").desc()).sort(["name", "id"])),
    ("first and last in the order of files", Rows(5), |at| {
        people(at).group_by("name").agg((col("id").first().alias("first"), col("id").last().alias("last"))).sort("name")
    }),
    ("lists of groups", Rows(5), |at| people(at).group_by("name").agg(col("id").collect_list().order_by("id").alias("ids")).sort("name")),
    ("medians and quantiles", Rows(5), |at| {
        people(at).group_by("name").agg((col("amount").median().alias("half"), col("id").quantile(0.25).alias("low"))).sort("name")
    }),
    ("different values", Rows(1), |at| {
        people_in_columns(at).agg((col("name").n_unique().alias("names"), col("amount").n_unique().alias("amounts")))
    }),
    ("distinct rows", Set(5), |at| people(at).select("name").unique("name")),
    ("values counted", Rows(5), |at| people(at).value_counts("name")),
    ("nulls counted", Rows(1), |at| people(at).null_count()),
    ("rows to columns", Rows(2), |at| {
        let parity = people(at).with_column("parity", col("id") % 2);
        parity.pivot(PivotOptions::new("parity", "name", NAMES, col("amount").sum())).sort("parity")
    }),
    ("columns to rows", Rows(240), |at| people(at).unpivot(["id", "amount"], "name").sort(["name", "variable", "value"])),
    ("the nearest before", Rows(40), |at| trades(at).join_asof(&quotes(at), AsofOptions::on("t").by("k")).sort("nth")),
    ("the nearest after, not far away", Rows(40), |at| {
        trades(at).join_asof(&quotes(at), AsofOptions::on("t").forward().tolerance(3)).sort("nth")
    }),
    ("nothing is null", Rows(103), |at| people(at).drop_nulls("amount")),
    ("nulls filled, and a cast", Rows(120), |at| {
        let filled = people(at).with_column("amount", col("amount").fill_null(0));
        filled.cast([("amount", "f32")]).with_column("name", col("name").str().upper())
    }),
];
