//! What goes wrong with files: kind, file, line, column, message and help are those of one process. Of each frame one place alone
//! is wrong, so that it does not matter who comes first.

use super::{Case, Files, Is::Fails, batch, numbers, people, people_in_columns, spoil, ten, texts};
use std::{fs, path::Path};
use stratal::{
    ErrorKind::{BadValue, Io, NotFound, TypeMismatch, UnknownColumn},
    prelude::*,
};

/// What is said of [`late`]'s value.
const LATE: &str = "\"12,5\" is not i64 (type from ";

/// Two files, in the second of which the 1,500th of 5,000 rows, which no sample sees, is of another type.
fn late(at: &Files) -> DFrame {
    let rows =
        |bad: usize| (0..5000).map(|row| if row == bad { "\"12,5\",x\n".to_owned() } else { format!("{row},x\n") }).collect::<String>();
    at.bytes("late/0.csv", format!("amount,s\n{}", rows(5000)));
    at.bytes("late/1.csv", format!("amount,s\n{}", rows(1500)));
    DFrame::read_csv(CsvOptions::new(at.path("late")).block_bytes("4 KiB"))
}

/// Lines of which the 17th, which no sample sees, is this.
fn lines(at: &Files, bad: &str) -> DFrame {
    let good = "{\"a\": 1, \"b\": {\"c\": [true]}}\n".repeat(16);
    at.bytes("a.ndjson", format!("{good}{bad}\n{good}{good}"));
    DFrame::read_json(JsonOptions::new(at.path("a.ndjson")).sample_rows(5))
}

/// A frame that was bound, and then one of its files was changed in some way.
fn after(frame: DFrame, change: impl Fn()) -> DFrame {
    frame.check().unwrap();
    change();
    frame
}

/// Adds a byte to a file.
fn lengthen(path: &str) {
    let mut bytes = fs::read(path).unwrap();
    bytes.push(b'\n');
    fs::write(path, bytes).unwrap();
}

pub(super) const CASES: &[Case] = &[
    ("a wrong value", Fails(BadValue, LATE), late),
    ("a wrong value below an exchange", Fails(BadValue, LATE), |at| late(at).group_by("s").agg(col("amount").sum())),
    ("a wrong value below two exchanges", Fails(BadValue, LATE), |at| {
        let late = late(at);
        late.join(&late.group_by("amount").agg(count().alias("n")), on("amount")).group_by("s").agg(col("n").sum())
    }),
    ("a wrong value below a sort", Fails(BadValue, LATE), |at| late(at).sort("amount").head(3)),
    ("a wrong value in the small side of a join", Fails(BadValue, LATE), |at| {
        people(at).join(&late(at).select(col("amount").alias("id")), on("id").broadcast(true))
    }),
    ("a wrong value in one of two frames", Fails(BadValue, LATE), |at| {
        let people = people(at).select(["amount"]);
        DFrame::concat(&[&people, &late(at).select(["amount"])], How::ByName).group_by("amount").agg(count().alias("n"))
    }),
    ("a wrong value among the last rows", Fails(BadValue, LATE), |at| late(at).tail(10_000)),
    ("a value that is not of the type given", Fails(BadValue, "\"2.5\" is not i64 (type as given)"), |at| {
        (0..6).for_each(|part| at.bytes(&format!("t/{part}.csv"), if part == 4 { "k,v\n1,2\n7,2.5\n" } else { "k,v\n1,2\n7,2\n" }));
        DFrame::read_csv(CsvOptions::new(at.path("t")).dtype("v", "i64")).group_by("k").agg(col("v").sum())
    }),
    ("a path of other letters", Fails(BadValue, "\"1,5 \u{20ac}\" is not i64"), |at| {
        at.texts(&[("Größe \"1\"/ä b.csv", "k,länge\n1,2\n7,\"1,5 \u{20ac}\"\n")]);
        let options = CsvOptions::new(at.path("Größe \"1\"/ä b.csv")).dtype("länge", "i64").block_bytes(8);
        DFrame::read_csv(options).group_by("k").agg(col("länge").sum())
    }),
    ("a record of another width", Fails(BadValue, "a record of 3 fields, where there are 2 columns"), |at| {
        at.bytes("a.csv", format!("a,b\n{}1,2,3\n{}", "1,2\n".repeat(700), "1,2\n".repeat(300)));
        DFrame::read_csv(CsvOptions::new(at.path("a.csv")).sample_rows(10).block_bytes("1 KiB")).group_by("a").agg(col("b").sum())
    }),
    ("a quote that never ends", Fails(BadValue, "a quoted field in the record that begins here never ends"), |at| {
        at.texts(&[("a.csv", "a,b\n1,2\n\"1,2\n")]);
        DFrame::read_csv(at.path("a.csv"))
    }),
    ("a compressed file that breaks off", Fails(BadValue, "cannot be decompressed as gzip"), |at| {
        let ids: Vec<i64> = (0..20_000).map(|id| id * 7919 % 20_011).collect();
        let rows = frame! { "id" => ids };
        rows.write_csv(at.made("a.csv.gz")).unwrap();
        let whole = fs::read(at.path("a.csv.gz")).unwrap();
        at.bytes("a.csv.gz", &whole[..whole.len() / 2]);
        DFrame::read_csv(CsvOptions::new(at.path("a.csv.gz")).schema(rows.schema().unwrap())).agg(col("id").sum())
    }),
    ("a key of a directory that is not of the type given", Fails(BadValue, "\"1.5\" is not i64"), |at| {
        at.texts(&[("t/k=1/a.csv", "x\n1\n"), ("t/k=1.5/a.csv", "x\n2\n")]);
        DFrame::read_csv(CsvOptions::new(at.path("t")).dtype("k", "i64"))
    }),
    ("a value of JSON", Fails(BadValue, "\"x\" is not i64 (type from "), |at| lines(at, "{\"a\": \"x\", \"b\": null}")),
    ("a value within one of JSON", Fails(BadValue, "{\"c\":[7]} is not struct{c: list[bool]}"), |at| lines(at, "{\"b\": {\"c\": [7]}}")),
    ("a line that breaks off", Fails(BadValue, "this is no JSON: EOF while parsing an object"), |at| {
        lines(at, "{\"a\": 1").group_by("a").agg(count().alias("n"))
    }),
    ("a line that is no object", Fails(BadValue, "[1,2] is no object"), |at| lines(at, "[1, 2]")),
    ("a damaged Parquet file", Fails(BadValue, "damaged"), |at| {
        let all = people_in_columns(at);
        spoil(Path::new(&at.path("columns/3.parquet")));
        all.group_by("name").agg(col("amount").sum())
    }),
    ("a filter of Parquet that fails", Fails(BadValue, "ivide by zero"), |at| people_in_columns(at).filter((100 / (col("id") - 57)).gt(1))),
    ("an expression that fails", Fails(BadValue, "ivide by zero"), |at| {
        people(at).with_column("x", 100 / (col("id") - 57)).group_by("name").agg(col("x").sum())
    }),
    ("a text that is no number", Fails(BadValue, "Cannot cast string 'x' to value of Int64 type"), |at| {
        at.texts(&[("1.csv", "s\n1\n2\n"), ("2.csv", "s\n3\nx\n")]);
        DFrame::read_csv(at.path("*.csv")).with_column("s", col("s").cast("i64"))
    }),
    ("a value of Arrow that is not of the type given", Fails(BadValue, "12,5"), |at| {
        at.arrow("a.arrow", &batch(vec![("s", texts(["1", "12,5"]))]), 1, "none");
        DFrame::read_ipc(IpcOptions::new(at.path("a.arrow")).schema(frame! { "s" => [1i64] }.schema().unwrap()))
    }),
    ("a stream that breaks off", Fails(BadValue, ""), |at| {
        at.arrow_stream("a.arrows", &ten(0), 3);
        let whole = fs::read(at.path("a.arrows")).unwrap();
        at.bytes("a.arrows", &whole[..whole.len() - 100]);
        DFrame::read_ipc(at.path("a.arrows")).group_by("y").agg(col("x").sum())
    }),
    ("nothing that matches", Fails(NotFound, "no file matches"), |at| {
        let _ = people(at);
        DFrame::read_csv(at.path("people/*.cvs"))
    }),
    ("a column that is not there", Fails(UnknownColumn, "no column \"amont\" in [id, name, amount]"), |at| {
        people(at).filter(col("amont").gt(5))
    }),
    ("files of other columns", Fails(TypeMismatch, "missing \"b\"; extra \"c\", \"d\""), |at| {
        at.texts(&[("1.csv", "a,b\n1,x\n"), ("2.csv", "a,c,d\n2,y,z\n")]);
        DFrame::read_csv(at.path("*.csv"))
    }),
    ("Parquet files of other types", Fails(TypeMismatch, "str here, and i64 in "), |at| {
        at.parquet("1.parquet", &batch(vec![("a", numbers([1]))]), 1);
        at.parquet("2.parquet", &batch(vec![("a", texts(["2"]))]), 1);
        DFrame::read_parquet(at.path("*.parquet"))
    }),
    ("a file that vanished", Fails(NotFound, ""), |at| {
        after(people(at), || fs::remove_file(at.path("people/2.csv")).unwrap()).group_by("name").agg(col("amount").sum())
    }),
    ("a Parquet file that vanished", Fails(NotFound, ""), |at| {
        after(people_in_columns(at), || fs::remove_file(at.path("columns/2.parquet")).unwrap())
    }),
    ("a file that changed", Fails(Io, "changed"), |at| after(people(at), || lengthen(&at.path("people/2.csv")))),
    ("a Parquet file that changed", Fails(Io, "changed"), |at| {
        after(people_in_columns(at), || lengthen(&at.path("columns/2.parquet"))).agg(col("amount").sum())
    }),
    ("frames of two lengths beside each other", Fails(BadValue, "the left frame has 120 rows, and the right 3"), |at| {
        people(at).select("id").hstack(&people_in_columns(at).select("amount").head(3))
    }),
    ("a key that is not there once", Fails(BadValue, "the right frame has more than one row with k = "), |at| {
        at.texts(&[("1.csv", "k,a\n1,2\n2,3\n"), ("2.csv", "k,b\n1,2\n2,3\n"), ("3.csv", "k,b\n3,4\n1,5\n")]);
        let right = DFrame::read_csv([at.path("2.csv"), at.path("3.csv")]);
        DFrame::read_csv(at.path("1.csv")).join(&right, on("k").validate("m:1"))
    }),
];
