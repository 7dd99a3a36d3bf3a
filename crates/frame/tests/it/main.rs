//! Frames against answers computed by hand, piped and through the store, on threads and in order on one.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

mod aggregates;
mod bridge;
mod chance;
mod compressed;
mod concat;
mod conditions;
mod csv;
mod describe;
mod errors;
mod formats;
mod frames;
mod groups;
mod hive;
mod interop;
mod ipc;
mod join_asof;
mod join_expr;
mod join_sides;
mod joins;
mod json;
mod late;
mod lists;
mod map_partitions;
mod maps;
mod math;
mod measures;
mod n_unique;
mod parquet;
mod plans;
mod predicates;
mod query;
mod random;
mod repartition;
mod repeats;
mod reshape;
mod rows;
mod sample;
mod selectors;
mod shared;
mod sql;
mod streams;
mod text;
mod time;
mod top;
mod typed_rows;
mod volatile;
mod windows;
mod windows_in_order;
mod windows_in_steps;
mod write;

use std::path::Path;
use stratal_core::Client;
use stratal_frame::DFrame;

/// A directory of files that lives as long as the test.
struct Files(tempfile::TempDir);

impl Files {
    fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        files.into_iter().for_each(|(name, text)| std::fs::write(directory.path().join(name), text).unwrap());
        Files(directory)
    }

    /// The four files of the signature query.
    fn people() -> Self {
        Files::new([
            ("myfile.0.csv", "id,name,amount\n1,Alice,10\n2,Bob,20\n"),
            ("myfile.1.csv", "id,name,amount\n3,Alice,30\n4,Carol,40\n"),
            ("myfile.2.csv", "id,name,amount\n5,Bob,50\n6,Alice,60\n"),
            ("myfile.3.csv", "id,name,amount\n7,Dave,70\n8,Alice,80\n"),
        ])
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn read(&self, pattern: &str) -> DFrame {
        DFrame::read_csv(self.path(pattern))
    }
}

/// The rows of a frame, in this many partitions.
fn parted(frame: &DFrame, parts: usize) -> DFrame {
    let all = frame.collect().unwrap();
    let cut = |part: usize| all.len() * part / parts;
    let batches = (0..parts).flat_map(|part| all.slice(cut(part)..cut(part + 1)).batches().to_vec());
    DFrame::from_batches(all.schema().clone(), batches.collect::<Vec<_>>())
}

fn local(exchange: &str) -> Client {
    Client::builder().threads(2).set("execution.exchange", exchange).detached().local().unwrap()
}

/// The same on every executor of one process.
fn everywhere(test: impl Fn(&str)) {
    for exchange in ["pipe", "store"] {
        let client = local(exchange);
        let entered = client.enter();
        test(exchange);
        drop(entered);
        let client = Client::builder().set("execution.exchange", exchange).detached().synchronous().unwrap();
        let _entered = client.enter();
        test("synchronous");
    }
}
