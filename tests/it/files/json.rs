//! JSON: one object a line or one array, nested values, keys that only some objects have.

use super::{
    Case, Files,
    Is::{Rows, Set},
};
use stratal::prelude::*;

/// Three files of 40 rows each: `id`, a list that is null or empty here and there, and an object of a key and a name that some lack.
fn events(at: &Files) -> DFrame {
    for part in 0..3i64 {
        let row = |id: i64| {
            let tags = match id % 4 {
                0 => "null".to_owned(),
                1 => "[]".to_owned(),
                length => format!("{:?}", (0..length).map(|nth| id + nth).collect::<Vec<_>>()),
            };
            let name = if id % 5 == 0 { String::new() } else { format!(", \"name\": \"n\\n{}\"", id % 3) };
            format!("{{\"id\": {id}, \"tags\": {tags}, \"user\": {{\"key\": {}{name}}}}}\n", id % 7)
        };
        at.bytes(&format!("events/{part}.ndjson"), (part * 40..part * 40 + 40).map(row).collect::<String>());
    }
    DFrame::read_json(at.path("events"))
}

pub(super) const CASES: &[Case] = &[
    ("objects a line", Rows(3), |at| {
        at.texts(&[("a.ndjson", "{\"id\": 1, \"name\": \"a\"}\n\n{\"name\": \"b\\nc\", \"id\": 2}\r\n{\"id\": 3}")]);
        DFrame::read_json(at.path("a.ndjson"))
    }),
    ("an array of objects", Rows(3), |at| {
        at.texts(&[(
            "a.json",
            "\u{feff}\n[{\"id\": 1, \"name\": \"a\"},\n {\"name\": \"b\\nc\",\n  \"id\": 2} , {\"id\": 3, \"name\": null}]\n",
        )]);
        DFrame::read_json(at.path("a.json"))
    }),
    ("nested values", Rows(120), events),
    ("the last rows", Rows(50), |at| events(at).tail(50)),
    ("the first that pass", Rows(9), |at| events(at).filter((col("id") % 4).eq(3)).head(9)),
    ("a field of an object", Set(7), |at| events(at).group_by(col("user").field("key").alias("key")).agg(count().alias("n"))),
    ("a field that some lack", Rows(24), |at| events(at).filter(col("user").field("name").is_null())),
    // 30 are null and 30 empty, which give a row each; 30 have two values, and 30 have three.
    ("lists as rows", Rows(210), |at| events(at).select(["id", "tags"]).explode("tags")),
    ("totals of lists as rows", Rows(1), |at| events(at).explode("tags").agg((col("tags").sum(), col("tags").count().alias("n")))),
    ("lists and objects through an exchange", Set(120), |at| events(at).unique("id")),
    ("types widened over files", Rows(4), |at| {
        at.texts(&[
            ("1.ndjson", "{\"n\": 1, \"m\": true, \"big\": 1, \"tags\": [1], \"user\": {\"id\": 1}}\n{}\n"),
            (
                "2.ndjson",
                "{\"n\": 2.5, \"m\": \"x\", \"big\": 18446744073709551615, \"tags\": [], \"user\": {\"name\": \"b\"}}\n{\"tags\": [null, 2.5]}\n",
            ),
            ("3.ndjson", "\n"),
        ]);
        DFrame::read_json(at.path("*.ndjson"))
    }),
    ("keys that only some files have", Rows(3), |at| {
        at.texts(&[("1.ndjson", "{\"a\": 1, \"b\": 2}\n"), ("2.ndjson", "{\"a\": 3}\n"), ("3.ndjson", "{\"c\": \"x\"}\n")]);
        DFrame::read_json(JsonOptions::new(at.path("*.ndjson")).union_by_name(true))
    }),
    ("a schema given", Rows(2), |at| {
        at.texts(&[("a.ndjson", "{\"x\": 1, \"y\": 2}\n{\"x\": 300}\n"), ("b.ndjson", "")]);
        let schema = frame! { "x" => [Some(1i16)], "z" => ["a"] }.schema().unwrap();
        DFrame::read_json(JsonOptions::new(at.path("*.ndjson")).schema(schema))
    }),
    ("a file of nothing", Rows(0), |at| {
        at.texts(&[("a.ndjson", "")]);
        DFrame::read_json(JsonOptions::new(at.path("a.ndjson")).schema(frame! { "x" => [1i64] }.schema().unwrap()))
    }),
    ("integers beyond floats", Rows(1), |at| {
        at.texts(&[("a.ndjson", "{\"x\": 9007199254740993}")]);
        DFrame::read_json(at.path("a.ndjson"))
    }),
];
