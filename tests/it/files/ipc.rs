//! Arrow IPC: files and streams, compressed or not.

use super::{
    Case, Files,
    Is::{Layers, Rows, Set},
    batch, numbers, ten, texts,
};
use arrow_array::{
    DictionaryArray, Int32Array, LargeListArray, LargeStringArray, ListArray, StringViewArray,
    types::{Int32Type, Int64Type},
};
use std::sync::Arc;
use stratal::prelude::*;

/// Forty rows: three files and, before the last of these, a stream.
fn forty(at: &Files) -> DFrame {
    for part in 0..4 {
        match part {
            2 => at.arrow_stream("forty/2.arrows", &ten(20), 4),
            _ => at.arrow(&format!("forty/{part}.arrow"), &ten(part * 10), 3, ["none", "lz4", "none", "zstd"][part as usize]),
        }
    }
    DFrame::read_ipc(at.path("forty"))
}

pub(super) const CASES: &[Case] = &[
    ("files and streams in order", Rows(40), forty),
    ("the first rows", Rows(17), |at| forty(at).head(17)),
    ("the last rows", Rows(11), |at| forty(at).tail(11)),
    ("the first that pass", Rows(6), |at| forty(at).filter((col("x") % 2).eq(1)).head(6)),
    ("columns in another order", Rows(40), |at| forty(at).select(["y", "x"])),
    ("groups", Set(5), |at| forty(at).group_by("y").agg((col("x").sum(), count().alias("n")))),
    ("lists and texts of several forms", Rows(10), |at| {
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>((0..10).map(|row| (row % 3 > 0).then(|| vec![Some(row), None])));
        let letters = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"];
        let columns = batch(vec![
            ("x", numbers(0..10)),
            ("large", Arc::new(LargeStringArray::from_iter_values(letters))),
            ("view", Arc::new(StringViewArray::from_iter_values(letters.map(|letter| letter.repeat(20))))),
            ("lists", Arc::new(lists)),
        ]);
        at.arrow("a.arrow", &columns, 3, "none");
        DFrame::read_ipc(at.path("a.arrow"))
    }),
    ("large lists", Layers(3, "it has lists of 64-bit offsets, which do not pass between the stages of a query\n"), |at| {
        let lists = LargeListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]);
        at.arrow("a.arrow", &batch(vec![("x", numbers(0..3)), ("lists", Arc::new(lists))]), 1, "none");
        DFrame::read_ipc(at.path("a.arrow"))
    }),
    // They are not read, and nothing else of them is in the way.
    ("large lists that are not wanted", Set(3), |at| {
        let lists = LargeListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]);
        at.arrow("a.arrow", &batch(vec![("x", numbers(0..3)), ("lists", Arc::new(lists))]), 1, "none");
        DFrame::read_ipc(at.path("a.arrow")).group_by("x").agg(count().alias("n"))
    }),
    ("dictionaries", Set(3), |at| {
        let cities: DictionaryArray<Int32Type> = [Some("Rome"), None, Some("Oslo"), Some("Rome")].into_iter().collect();
        at.arrow("a.arrow", &batch(vec![("city", Arc::new(cities))]), 2, "zstd");
        DFrame::read_ipc(at.path("a.arrow")).group_by("city").agg(count().alias("n"))
    }),
    ("columns that only some files have, widened", Rows(4), |at| {
        at.arrow("1.arrow", &batch(vec![("a", Arc::new(Int32Array::from(vec![1, 2]))), ("b", texts(["x", "y"]))]), 1, "none");
        at.arrow("2.arrow", &batch(vec![("b", Arc::new(LargeStringArray::from(vec!["z"]))), ("a", numbers([1 << 40]))]), 1, "none");
        at.arrow_stream("3.arrow", &batch(vec![("a", numbers([3])), ("c", numbers([7]))]), 1);
        DFrame::read_ipc(IpcOptions::new(at.path("*.arrow")).union_by_name(true))
    }),
    ("a schema given", Rows(2), |at| {
        at.arrow("a.arrow", &batch(vec![("s", texts(["1", "2"]))]), 1, "none");
        DFrame::read_ipc(IpcOptions::new(at.path("a.arrow")).schema(frame! { "s" => [1i64] }.schema().unwrap()))
    }),
    ("files without rows among others", Rows(10), |at| {
        at.arrow("a.arrow", &ten(0).slice(0, 0), 1, "none");
        at.arrow("b.arrow", &ten(0), 4, "none");
        at.arrow_stream("c.arrow", &ten(0).slice(0, 0), 1);
        DFrame::read_ipc(at.path("*.arrow"))
    }),
    ("files without rows alone", Rows(0), |at| {
        at.arrow("a.arrow", &ten(0).slice(0, 0), 1, "none");
        DFrame::read_ipc(at.path("a.arrow"))
    }),
];
