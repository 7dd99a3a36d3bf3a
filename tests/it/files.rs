//! Frames that read files, whatever stands in them: the rows, or the error, of one process, on one, two and four worker
//! processes by each engine.
//!
//! Cases are one table a file: `text` (CSV), `compressed`, `hive`, `json`, `parquet`, `ipc`, `mixed` (several formats, SQL, and
//! what is done with rows), `remote` (object stores), `errors`. What each gives is counted there by hand; that the rows are
//! right in one process is the business of the frames' own tests.

mod compressed;
mod errors;
mod hive;
mod ipc;
mod json;
mod mixed;
mod parquet;
mod remote;
mod text;

use crate::{
    bucket::Bucket,
    clusters::{by, one_two_and_four},
};
use ::parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use std::{
    cell::OnceCell,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use stratal::{Error, ErrorKind, prelude::*};

/// What it is called, what it gives, and the frame, which is made in one process after the files that it reads.
type Case = (&'static str, Is, fn(&Files) -> DFrame);

/// What a case gives.
#[derive(Clone, Copy)]
enum Is {
    /// So many rows, in the same order everywhere.
    Rows(usize),
    /// So many rows, in any order.
    Set(usize),
    /// So many rows in order, which are left to layers by either engine, for this reason.
    Layers(usize, &'static str),
    /// An error of this kind, whose message holds this.
    Fails(ErrorKind, &'static str),
}

/// Where the files of one case are.
struct Files {
    root: tempfile::TempDir,
    bucket: OnceCell<Bucket>,
}

impl Files {
    fn new() -> Self {
        Files { root: tempfile::tempdir().unwrap(), bucket: OnceCell::new() }
    }

    /// A path as options take it.
    fn path(&self, name: &str) -> String {
        self.root.path().join(name).to_str().unwrap().to_owned()
    }

    /// The same, and the directories above it.
    fn made(&self, name: &str) -> PathBuf {
        let path = self.root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn bytes(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.made(name), bytes).unwrap();
    }

    /// Files of these texts.
    fn texts(&self, files: &[(&str, &str)]) {
        files.iter().for_each(|(name, text)| self.bytes(name, text));
    }

    /// A Parquet file, a row group every `rows`.
    fn parquet(&self, name: &str, batch: &RecordBatch, rows: usize) {
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows)).build();
        let file = fs::File::create(self.made(name)).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(batch).unwrap();
        writer.close().unwrap();
    }

    /// An Arrow file, a record batch every `rows`.
    fn arrow(&self, name: &str, batch: &RecordBatch, rows: usize, compression: &str) {
        let starts = (0..batch.num_rows()).step_by(rows);
        let parts = starts.map(|start| batch.slice(start, rows.min(batch.num_rows() - start)));
        let frame = DFrame::from_batches(batch.schema(), parts.collect::<Vec<_>>());
        frame.write_ipc(IpcWrite::new(self.made(name)).compression(compression)).unwrap();
    }

    /// The same rows as a stream, which is what stands between the magic number and the footer of a file.
    fn arrow_stream(&self, name: &str, batch: &RecordBatch, rows: usize) {
        let path = self.made(&format!("{name}.arrow"));
        self.arrow(&format!("{name}.arrow"), batch, rows, "none");
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(path).unwrap();
        let (start, end) = (bytes.windows(4).position(|four| four == [0xff; 4]).unwrap(), bytes.len() - 10);
        let footer = i32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
        self.bytes(name, &bytes[start..end - footer]);
    }

    /// An object store of its own.
    fn bucket(&self) -> &Bucket {
        self.bucket.get_or_init(Bucket::start)
    }
}

const NAMES: [&str; 5] = ["Ann", "Bob", "Cid", "Dan", "Eve"];

/// The amount of a row of [`people`].
fn amount(id: i64) -> Option<i64> {
    (id % 7 != 3).then_some(id * 37 % 101)
}

/// 120 rows in four CSV files: `id` from 0 on, `name` one of five, and `amount`, which is null 17 times.
fn people(at: &Files) -> DFrame {
    for part in 0..4i64 {
        let row = |id: i64| format!("{id},{},{}\n", NAMES[id as usize % 5], amount(id).map_or(String::new(), |amount| amount.to_string()));
        let rows: String = (part * 30..part * 30 + 30).map(row).collect();
        at.bytes(&format!("people/{part}.csv"), format!("id,name,amount\n{rows}"));
    }
    DFrame::read_csv(at.path("people"))
}

/// The same rows in five Parquet files, of three row groups each.
fn people_in_columns(at: &Files) -> DFrame {
    for part in 0..5i64 {
        let ids = part * 24..part * 24 + 24;
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", numbers(ids.clone())),
            ("name", texts(ids.clone().map(|id| NAMES[id as usize % 5]))),
            ("amount", Arc::new(ids.map(amount).collect::<Int64Array>())),
        ];
        at.parquet(&format!("columns/{part}.parquet"), &batch(columns), 8);
    }
    DFrame::read_parquet(at.path("columns"))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn numbers(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// Ten rows: `x` from `first` on, and `y` = aabbccddee.
fn ten(first: i64) -> RecordBatch {
    batch(vec![("x", numbers(first..first + 10)), ("y", texts(["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"]))])
}

/// Frames one after another, columns by name.
fn stacked(frames: &[DFrame]) -> DFrame {
    DFrame::concat(&frames.iter().collect::<Vec<_>>(), How::ByName)
}

/// Spoils what stands in a Parquet file between the magic number and the footer.
fn spoil(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let end = bytes.len() - 8;
    let footer = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
    bytes[4..end - footer].fill(0xff);
    fs::write(path, bytes).unwrap();
}

/// A case that was run in one process.
struct Made {
    name: &'static str,
    is: Is,
    frame: DFrame,
    given: Result<Frame, Error>,
    /// The frame reads them.
    _files: Files,
}

impl Made {
    /// Runs it by the client in force.
    fn new(&(name, is, make): &Case) -> Self {
        let files = Files::new();
        let frame = make(&files);
        let given = frame.collect();
        match (is, &given) {
            (Is::Rows(rows) | Is::Set(rows) | Is::Layers(rows, _), Ok(frame)) => assert_eq!(frame.len(), rows, "{name}:\n{frame}"),
            (Is::Fails(kind, part), Err(error)) => {
                assert!(error.kind() == kind && error.message().contains(part), "{name}: {error:?}");
            }
            (_, Ok(frame)) => panic!("{name} is no error:\n{frame}"),
            (_, Err(error)) => panic!("{name}: {error:?}"),
        }
        Made { name, is, frame, given, _files: files }
    }

    /// What it does otherwise by this client.
    fn difference(&self, client: &Client, engine: &str) -> Option<String> {
        let frame = self.frame.with_client(client);
        let expected = match &self.given {
            Ok(expected) => expected,
            Err(expected) => {
                let told = |error: &Error| format!("{:?}: {error}", error.kind());
                return match frame.collect() {
                    Ok(found) => Some(format!("no error:\n{found}")),
                    Err(found) => (told(&found) != told(expected)).then(|| format!("{found:?}\ninstead of {expected:?}")),
                };
            }
        };
        let run_by = match self.is {
            Is::Layers(_, why) if engine == "query" => format!("\nengine   layers: {why}"),
            _ => format!("\nengine   {engine}: execution.engine says so\n"),
        };
        let plan = frame.explain().unwrap_or_else(|error| error.to_string());
        if !plan.contains(&run_by) {
            return Some(format!("it is not run as it should:\n{plan}"));
        }
        let types = |frame: &Frame| frame.schema().fields().iter().map(|field| field.data_type().clone()).collect::<Vec<_>>();
        match (frame.collect(), frame.count()) {
            (Err(error), _) | (_, Err(error)) => Some(format!("{error:?}\n{plan}")),
            (Ok(found), _) if types(&found) != types(expected) => Some(format!("{:?} and not {:?}", types(&found), types(expected))),
            (Ok(found), _) if !self.is_like(&found, expected) => Some(format!("{found}\ninstead of\n{expected}\n{plan}")),
            (_, Ok(count)) => (count != expected.len() as u64).then(|| format!("{count} rows are counted\n{plan}")),
        }
    }

    fn is_like(&self, found: &Frame, expected: &Frame) -> bool {
        if matches!(self.is, Is::Set(_)) { found.equals_unordered(expected) } else { found.equals(expected) }
    }
}

/// Runs cases here, then everywhere else, and tells of all that differ.
fn check(cases: &[Case]) {
    // Every file is in several partitions. How it is cut is settled here: a frame is bound once.
    let local = Client::builder().threads(2).set("frame.partition_bytes", "64").detached().local().unwrap();
    let made: Vec<Made> = {
        let _entered = local.enter();
        cases.iter().map(Made::new).collect()
    };
    let mut differ = Vec::new();
    for (workers, cluster) in one_two_and_four() {
        for engine in ["query", "layers"] {
            let client = by(engine, cluster);
            for made in &made {
                let difference = made.difference(&client, engine);
                differ.extend(difference.map(|difference| format!("{}, {workers} workers, {engine}: {difference}", made.name)));
            }
        }
    }
    assert!(differ.is_empty(), "{} cases differ\n\n{}", differ.len(), differ.join("\n\n"));
}

#[test]
fn text_in_every_dialect() {
    check(text::CASES);
}

#[test]
fn compressed_files() {
    check(compressed::CASES);
}

#[test]
fn keys_of_directories() {
    check(hive::CASES);
}

#[test]
fn json_of_every_form() {
    check(json::CASES);
}

#[test]
fn parquet_of_every_type() {
    check(parquet::CASES);
}

#[test]
fn arrow_files_and_streams() {
    check(ipc::CASES);
}

#[test]
fn formats_together_and_what_is_done_with_their_rows() {
    check(mixed::CASES);
}

#[test]
fn files_elsewhere_with_settings_of_their_own() {
    check(remote::CASES);
}

#[test]
fn errors_arrive_as_in_one_process() {
    check(errors::CASES);
}
