//! CSV, and what people put into it.

use super::{
    Case, Files,
    Is::{Rows, Set},
    people, stacked,
};
use stratal::prelude::*;

/// 37 bytes, of which a newline is in quotes at many borders.
const QUOTED: &str = "foo,bar\n\"a\",1\n\"b\",2\n\"c\nd\ne\n\",3\n\"h\",4\n";
/// Quoted newlines and quotes, an escaped quote, comments, blank lines, both ends of lines, and no newline at the end.
const MIXED: &str =
    "\u{feff}# written by hand\nid,text\r\n1,\"a\nb\"\n# \" a comment\n2,\"say \"\"hi\"\"\n\"\r\n\n3,5\\\" pipe\n4,\"\\\"\n,\"\n5,";

/// A file of 1,001 rows, of which a row that no sample of ten rows sees is of other types.
fn late(at: &Files) -> CsvOptions {
    let text = format!("a,b\n{}1.5,y\n{}", "1,2\n".repeat(700), "3,4\n".repeat(300));
    at.bytes("late.csv", text);
    CsvOptions::new(at.path("late.csv")).sample_rows(10).block_bytes("1 KiB")
}

pub(super) const CASES: &[Case] = &[
    ("files of a directory", Rows(120), people),
    ("the first rows", Rows(45), |at| people(at).head(45)),
    ("no row", Rows(0), |at| people(at).head(0)),
    ("the last rows", Rows(45), |at| people(at).tail(45)),
    ("rows from the middle", Rows(31), |at| people(at).slice(50, 31)),
    ("rows counted from the end", Rows(7), |at| people(at).slice(-50, 7)),
    ("more rows than there are", Rows(120), |at| people(at).head(1000)),
    ("the first that pass", Rows(11), |at| people(at).filter(col("amount").gt(50)).head(11)),
    ("none that passes", Rows(0), |at| people(at).filter(col("amount").gt(500))),
    ("nulls alone", Rows(17), |at| people(at).filter(col("amount").is_null())),
    ("groups", Set(5), |at| people(at).group_by("name").agg((col("amount").sum().alias("sum"), count().alias("n")))),
    ("separators, quotes and a type", Rows(2), |at| {
        at.texts(&[("a.txt", "zip;price\n01234;'1;5'\n04321;'2'\n")]);
        DFrame::read_csv(CsvOptions::new(at.path("a.txt")).delimiter(';').quote('\'').dtype("zip", "str"))
    }),
    ("tabs, and no quotes", Rows(2), |at| {
        at.texts(&[("a.data", "a\tb\n1\t\"x\n2\ty\"\n")]);
        DFrame::read_csv(CsvOptions::new(at.path("a.data")).delimiter('\t').quote(None))
    }),
    ("quoted newlines in blocks of five bytes", Rows(4), |at| {
        at.texts(&[("a.csv", QUOTED)]);
        DFrame::read_csv(CsvOptions::new(at.path("a.csv")).block_bytes(5))
    }),
    ("a mean over quoted newlines", Rows(1), |at| {
        at.texts(&[("a.csv", QUOTED)]);
        DFrame::read_csv(CsvOptions::new(at.path("a.csv")).block_bytes(7)).agg(col("bar").mean())
    }),
    ("quoted newlines in blocks of every size", Rows(37 * 4), |at| {
        at.texts(&[("a.csv", QUOTED)]);
        let read = |bytes: usize| DFrame::read_csv(CsvOptions::new(at.path("a.csv")).block_bytes(bytes));
        stacked(&(1..=37).map(read).collect::<Vec<_>>())
    }),
    ("carriage returns in blocks of five bytes", Rows(6), |at| {
        at.texts(&[("a.csv", "a,b\r\n1,2\r\n2,3\r\n3,4\r\n4,5\r\n5,6\r\n6,7\r\n")]);
        DFrame::read_csv(CsvOptions::new(at.path("a.csv")).block_bytes(5))
    }),
    ("comments, escapes, blank lines and no last newline", Rows(5), |at| {
        at.texts(&[("a.csv", MIXED)]);
        DFrame::read_csv(CsvOptions::new(at.path("a.csv")).comment('#').escape('\\').block_bytes(7))
    }),
    ("no header, and an empty file in the middle", Rows(2), |at| {
        at.texts(&[("1.csv", "1,2\n"), ("2.csv", ""), ("3.csv", "3,4")]);
        DFrame::read_csv(CsvOptions::new(at.path("*.csv")).header(false))
    }),
    ("a header and nothing else", Rows(0), |at| {
        at.texts(&[("a.csv", "x,y\n")]);
        DFrame::read_csv(at.path("a.csv"))
    }),
    ("totals of a header and nothing else", Rows(1), |at| {
        at.texts(&[("a.csv", "x,y\n"), ("b.csv", "x,y\n")]);
        DFrame::read_csv(CsvOptions::new(at.path("*.csv")).dtype("x", "i64")).agg((col("x").sum(), count().alias("n")))
    }),
    ("files without rows or header among others", Rows(2), |at| {
        at.texts(&[("1.csv", "x,y\n1,2\n"), ("2.csv", ""), ("3.csv", "x,y\n"), ("4.csv", "x,y\n3,4")]);
        DFrame::read_csv(at.path("*.csv"))
    }),
    ("blank lines of one column", Rows(6), |at| {
        at.texts(&[("a.csv", "\u{feff}\n# \" a comment\n\r\n5\n\n7\n\n")]);
        DFrame::read_csv(CsvOptions::new(at.path("a.csv")).header(false).comment('#').block_bytes(3))
    }),
    ("nulls as told", Rows(4), |at| {
        at.texts(&[("a.csv", "s,n\nNA,1\n\"NA\",2\nx,\n-,4\n")]);
        DFrame::read_csv(CsvOptions::new(at.path("a.csv")).null_values(["", "NA", "-"]))
    }),
    ("types widened over files", Rows(3), |at| {
        at.texts(&[
            ("1.csv", "id,x,who,day,flag,big\n1,1,Alice,2024-01-31,true,1\n"),
            ("2.csv", "id,x,who,day,flag,big\n2,2.5,2,2024-02-01,false,18446744073709551616\n"),
            ("3.csv", "id,x,who,day,flag,big\n3,,Frank,never,true,3\n"),
        ]);
        DFrame::read_csv(at.path("*.csv"))
    }),
    ("types widened over all rows", Rows(1001), |at| DFrame::read_csv(late(at).on_mismatch(OnMismatch::Widen))),
    ("null for what does not fit", Rows(1001), |at| DFrame::read_csv(late(at).on_mismatch(OnMismatch::Null))),
    ("types given", Rows(2), |at| {
        at.texts(&[("a.csv", "day,price,n\n2024-01-31,1.5,7\n2024-02-01,,8\n")]);
        let options = CsvOptions::new(at.path("a.csv")).dtype("day", "str").dtype("price", "decimal(10, 2)").dtype("n", "f32");
        DFrame::read_csv(options)
    }),
    ("dates, times and truth values", Set(2), |at| {
        at.texts(&[("1.csv", "d,t,b\n2024-01-31,2024-01-31 10:00:00,true\n"), ("2.csv", "d,t,b\n2024-02-01,2024-02-01 11:30:00,\n")]);
        DFrame::read_csv(at.path("*.csv")).group_by(("d", "t", "b")).agg(count().alias("n"))
    }),
    ("a schema given", Rows(2), |at| {
        at.texts(&[("1.csv", "1,x\n"), ("2.csv", "2,3\n")]);
        let schema = frame! { "id" => [1i64], "name" => ["x"] }.schema().unwrap();
        DFrame::read_csv(CsvOptions::new(at.path("*.csv")).header(false).schema(schema))
    }),
    ("records that end early", Rows(4), |at| {
        at.texts(&[("a.csv", "a,b,c\n1,2,3\n4\n5,6\n\n7,8,9,,\n")]);
        DFrame::read_csv(CsvOptions::new(at.path("a.csv")).ragged_rows(RaggedRows::FillNull).block_bytes(4))
    }),
    ("columns that only some files have", Rows(2), |at| {
        at.texts(&[("1.csv", "a,b\n1,x\n"), ("2.csv", "c,a\n2.5,2\n"), ("3.csv", "d\n"), ("4.csv", "")]);
        DFrame::read_csv(CsvOptions::new(at.path("*.csv")).union_by_name(true))
    }),
    ("columns in another order", Rows(3), |at| {
        at.texts(&[("1.csv", "a,b\n1,x\n"), ("2.csv", "a,b\n2,y\n"), ("3.csv", "b,a\nz,3\n")]);
        DFrame::read_csv(at.path("*.csv"))
    }),
    ("lines before the header", Rows(2), |at| {
        at.texts(&[("a.csv", "Report \"of today\n\n% made by hand\n a ; b \n% 9;9\n 1 ; x y \n\n2;\" z \" \n")]);
        DFrame::read_csv(CsvOptions::new(at.path("a.csv")).delimiter(';').skip_rows(2).comment('%').trim(true))
    }),
    ("the path as a column", Rows(120), |at| {
        let _ = people(at);
        DFrame::read_csv(CsvOptions::new(at.path("people")).path_column("path"))
    }),
    ("rows by their files", Set(4), |at| {
        let _ = people(at);
        DFrame::read_csv(CsvOptions::new(at.path("people")).path_column("path")).group_by("path").agg(col("id").sum())
    }),
    ("a filter on the path", Rows(30), |at| {
        let _ = people(at);
        DFrame::read_csv(CsvOptions::new(at.path("people")).path_column("path")).filter(col("path").eq(at.path("people/1.csv")))
    }),
    ("paths and globs in the order of the list", Rows(3), |at| {
        at.texts(&[("x1.csv", "n\n1\n"), ("x2.csv", "n\n2\n"), ("y1.csv", "n\n3\n")]);
        DFrame::read_csv([at.path("y1.csv"), at.path("x*.csv")])
    }),
    ("a glob over directories", Rows(3), |at| {
        at.texts(&[("x1.csv", "n\n1\n"), ("x2.csv", "n\n2\n"), ("y1.csv", "n\n3\n"), ("sub/x3.csv", "n\n4\n")]);
        DFrame::read_csv(at.path("**/x?.csv"))
    }),
    ("one file twice", Rows(4), |at| {
        at.texts(&[("a.csv", "n\n1\n2\n")]);
        DFrame::read_csv([at.path("a.csv"), at.path("a.csv")])
    }),
    ("seventy files of one row", Rows(70), |at| {
        (0..70).for_each(|part| at.bytes(&format!("{part:02}.csv"), format!("n\n{part}\n")));
        DFrame::read_csv(at.path("*.csv"))
    }),
    ("one row in all", Rows(1), |at| {
        at.texts(&[("a.csv", "k,v\n1,2\n")]);
        DFrame::read_csv(at.path("a.csv")).group_by("k").agg(col("v").sum())
    }),
];
