//! Commits to one directory that come between each other, on a file system and on an object store, and one whose process dies.

use super::{WriteSummary, claim::Claim, local, moves::Moves, take_back};
use crate::sink::{
    CsvWrite,
    manifest::{Entry, Manifest, NAME},
    options::Mode,
    piece::{Piece, Place},
    target::Target,
};
use arrow_schema::{DataType, Field, Schema};
use async_trait::async_trait;
use futures::{TryStreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, memory::InMemory, path::Path as ObjectPath,
};
use std::{
    collections::BTreeMap,
    fmt, fs, mem,
    path::Path,
    sync::{Arc, Barrier, Mutex},
    thread,
};
use stratal_core::{ErrorKind, Result};
use stratal_stores::{Site, wait};

/// A commit that may wait for others as long as it must.
fn commit(target: &Target, pieces: &[Piece]) -> Result<WriteSummary> {
    super::commit(target, pieces, &|| true)
}

/// A write of rows of one column to a directory, as it is planned now.
fn planned(path: &str, mode: Mode, column: &str) -> Target {
    let schema = Arc::new(Schema::new(vec![Field::new(column, DataType::Int64, true)]));
    CsvWrite::new(path).mode(mode).into_job().target(&[], &schema, 3).unwrap()
}

/// Three files of a write, each with this text.
fn written(target: &Target, text: &str) -> Vec<Piece> {
    target.prepare().unwrap();
    let piece = |partition: u32| {
        let place = if target.site.is_local() {
            fs::write(target.scratch().join(partition.to_string()), text).unwrap();
            Place::Scratch(partition.to_string())
        } else {
            Place::Upload { id: None, parts: Vec::new() }
        };
        Piece { partition, nth: 0, directory: String::new(), rows: 1, bytes: text.len() as u64, is_spare: false, place }
    };
    (0..3).map(piece).collect()
}

/// A write that is all there and not committed.
fn ready(path: &str, mode: Mode, text: &str) -> (Target, Vec<Piece>) {
    let target = planned(path, mode, "n");
    let pieces = written(&target, text);
    (target, pieces)
}

/// Everything in a directory but its manifest.
fn files(root: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let texts = entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap_or_default()));
    texts.filter(|(name, _)| name != NAME).collect()
}

/// How often each text is there. All files must be listed, and nothing else be there.
fn texts(root: &Path) -> BTreeMap<String, usize> {
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(root.join(NAME)).unwrap()).unwrap();
    let mut listed: Vec<&str> = manifest["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    listed.sort_unstable();
    let files = files(root);
    assert_eq!(files.keys().collect::<Vec<_>>(), listed);
    files.into_values().fold(BTreeMap::new(), |mut texts, text| {
        *texts.entry(text).or_default() += 1;
        texts
    })
}

fn counts<const N: usize>(texts: [(&str, usize); N]) -> BTreeMap<String, usize> {
    texts.into_iter().map(|(text, count)| (text.to_owned(), count)).collect()
}

/// A directory that is not there yet.
fn nowhere() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = format!("{}/out/", directory.path().display());
    (directory, path)
}

/// Commits all of these at once, and says how each ended.
fn at_once(writes: &[(Target, Vec<Piece>)]) -> Vec<Option<ErrorKind>> {
    let start = Barrier::new(writes.len());
    let run = |(target, pieces): &(Target, Vec<Piece>)| {
        start.wait();
        commit(target, pieces).err().map(|error| error.kind())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = writes.iter().map(|write| scope.spawn(move || run(write))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn of_two_that_create_a_directory_at_once_one_is_whole_and_the_other_leaves_nothing() {
    for _ in 0..100 {
        let (_directory, path) = nowhere();
        let ended = at_once(&[ready(&path, Mode::Create, "a"), ready(&path, Mode::Create, "b")]);
        let winner = if ended[0].is_none() { "a" } else { "b" };
        assert!(ended.contains(&None) && ended.contains(&Some(ErrorKind::Exists)), "{ended:?}");
        assert_eq!(texts(Path::new(&path)), counts([(winner, 3)]));
    }
}

#[test]
fn all_that_are_added_at_once_are_there_and_are_listed() {
    for _ in 0..50 {
        let (_directory, path) = nowhere();
        let ended = at_once(&["a", "b", "c", "d"].map(|text| ready(&path, Mode::Append, text)));
        assert_eq!(ended, [None; 4]);
        assert_eq!(texts(Path::new(&path)), counts([("a", 3), ("b", 3), ("c", 3), ("d", 3)]));
    }
}

#[test]
fn of_two_that_replace_what_is_there_at_once_one_stays_whole() {
    for _ in 0..50 {
        let (_directory, path) = nowhere();
        let (first, pieces) = ready(&path, Mode::Create, "old");
        commit(&first, &pieces).unwrap();
        let ended = at_once(&["a", "b"].map(|text| ready(&path, Mode::Overwrite, text)));
        assert_eq!(ended, [None; 2]);
        let texts = texts(Path::new(&path));
        assert!(texts == counts([("a", 3)]) || texts == counts([("b", 3)]), "{texts:?}");
    }
}

#[test]
fn a_write_that_was_planned_before_another_was_committed_knows_of_it() {
    let (_directory, path) = nowhere();
    let [mine, theirs] = ["mine", "theirs"].map(|text| ready(&path, Mode::Append, text));
    let (late, pieces) = ready(&path, Mode::Create, "late");
    let other = planned(&path, Mode::Append, "other");
    let others = written(&other, "other");
    commit(&theirs.0, &theirs.1).unwrap();
    commit(&mine.0, &mine.1).unwrap();
    assert_eq!(commit(&late, &pieces).unwrap_err().kind(), ErrorKind::Exists);
    assert_eq!(commit(&other, &others).unwrap_err().kind(), ErrorKind::TypeMismatch);
    assert_eq!(texts(Path::new(&path)), counts([("mine", 3), ("theirs", 3)]));
}

/// A commit that has begun, and whose process dies after so many moves; none if there are not so many.
fn dies_after(moved: usize, target: &Target, pieces: &[Piece]) -> Option<()> {
    fs::rename(target.scratch(), target.committing()).unwrap();
    let (Moves(moves), _) = local::note(target, pieces).unwrap();
    let done = moves.get(..moved)?.to_vec();
    Moves(done).apply(&target.on_disk()).unwrap();
    Some(())
}

#[test]
fn what_a_process_left_that_died_in_its_commit_is_taken_back_by_the_next() {
    for (died, moves) in [(Mode::Overwrite, 6), (Mode::Append, 3)] {
        for moved in 0..=moves {
            for next in [Mode::Overwrite, Mode::Append, Mode::Create] {
                let (_directory, path) = nowhere();
                let root = Path::new(&path);
                let (first, pieces) = ready(&path, Mode::Create, "old");
                commit(&first, &pieces).unwrap();
                let (target, pieces) = ready(&path, died, "lost");
                dies_after(moved, &target, &pieces).unwrap();
                let (target, pieces) = {
                    // To create, it must have been planned before anything was there.
                    let mut target = planned(&path, if next == Mode::Create { Mode::Append } else { next }, "n");
                    target.mode = next;
                    let pieces = written(&target, "new");
                    (target, pieces)
                };
                let done = commit(&target, &pieces);
                let expected = match next {
                    Mode::Overwrite => counts([("new", 3)]),
                    Mode::Append => counts([("new", 3), ("old", 3)]),
                    Mode::Create => counts([("old", 3)]),
                };
                assert_eq!(done.is_ok(), next != Mode::Create);
                assert_eq!(texts(root), expected, "{died:?} {moved} {next:?}");
            }
        }
    }
}

#[test]
fn a_client_takes_back_the_commit_that_died_and_none_that_is_done_or_waits() {
    let (_directory, path) = nowhere();
    let root = Path::new(&path);
    let (created, pieces) = ready(&path, Mode::Create, "lost");
    dies_after(2, &created, &pieces).unwrap();
    assert_eq!(files(root).keys().filter(|name| !name.starts_with('.')).count(), 2);
    take_back(&created);
    created.sweep();
    assert!(!root.exists(), "{:?}", files(root));

    let (first, pieces) = ready(&path, Mode::Create, "old");
    commit(&first, &pieces).unwrap();
    take_back(&first);
    let (waits, more) = ready(&path, Mode::Append, "more");
    take_back(&waits);
    commit(&waits, &more).unwrap();
    assert_eq!(texts(root), counts([("more", 3), ("old", 3)]));
}

#[test]
fn a_commit_that_is_cancelled_while_it_waits_for_another_leaves_nothing() {
    let (_directory, path) = nowhere();
    let root = Path::new(&path);
    let (first, pieces) = ready(&path, Mode::Create, "old");
    commit(&first, &pieces).unwrap();
    let (waits, more) = ready(&path, Mode::Append, "more");
    let claim = Claim::if_free(root).unwrap().unwrap();
    assert_eq!(super::commit(&waits, &more, &|| false).unwrap_err().kind(), ErrorKind::Cancelled);
    drop(claim);
    assert_eq!(texts(root), counts([("old", 3)]));
}

/// A store in memory. Before the first file named `before` of anybody else is put there, which is the manifest, `theirs` are:
/// another write came in between.
struct Interrupted {
    inner: Arc<InMemory>,
    before: Mutex<&'static str>,
    theirs: Mutex<Vec<(ObjectPath, PutPayload)>>,
    /// What it answers to the next manifest that it has taken, in place of the truth.
    answer: Mutex<Option<object_store::Error>>,
}

impl fmt::Debug for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupted")
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interrupted")
    }
}

#[async_trait]
impl ObjectStore for Interrupted {
    async fn put_opts(&self, path: &ObjectPath, payload: PutPayload, options: PutOptions) -> object_store::Result<PutResult> {
        if path.filename() == Some(*self.before.lock().unwrap()) {
            let theirs = mem::take(&mut *self.theirs.lock().unwrap());
            for (path, payload) in theirs {
                self.inner.put(&path, payload).await?;
            }
        }
        let done = self.inner.put_opts(path, payload, options).await;
        let answer = if path.filename() == Some(NAME) { self.answer.lock().unwrap().take() } else { None };
        answer.map_or(done, Err)
    }

    async fn put_multipart_opts(&self, path: &ObjectPath, options: PutMultipartOptions) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &ObjectPath, options: GetOptions) -> object_store::Result<GetResult> {
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, object_store::Result<ObjectPath>>,
    ) -> BoxStream<'static, object_store::Result<ObjectPath>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&ObjectPath>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&ObjectPath>) -> object_store::Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &ObjectPath, to: &ObjectPath, options: CopyOptions) -> object_store::Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// A bucket that is in memory.
struct Bucket {
    path: String,
    store: Arc<Interrupted>,
}

impl Bucket {
    /// One of this name, which no other test has.
    fn new(name: &str) -> Self {
        let path = format!("s3://{name}/out/");
        let inner = Arc::new(InMemory::new());
        let store =
            Arc::new(Interrupted { inner: inner.clone(), before: Mutex::new(NAME), theirs: Mutex::default(), answer: Mutex::default() });
        let (site, _) = Site::of(&path, &[]).unwrap();
        site.stand_in(store.clone());
        site.stand_in_uploads(inner);
        Bucket { path, store }
    }

    /// From here on, another write comes before the next manifest: it leaves one that lists these files.
    fn interrupt(&self, files: &[&str]) {
        let columns = planned(&self.path, Mode::Append, "n").columns;
        let entry = |path: &&str| Entry { path: (*path).to_owned(), rows: 1, bytes: 0 };
        let manifest = Manifest::new(columns, files.iter().map(entry).collect()).to_bytes().unwrap();
        let mut theirs = self.store.theirs.lock().unwrap();
        theirs.extend(files.iter().map(|file| (ObjectPath::from(format!("out/{file}")), PutPayload::default())));
        theirs.push((ObjectPath::from(format!("out/{NAME}")), manifest.into()));
    }

    /// The files that are there, and those that the manifest lists.
    fn state(&self) -> (Vec<String>, Option<Vec<String>>) {
        let inner = self.store.inner.clone();
        let objects = wait(async move {
            let paths = inner.list(None).map_ok(|object| object.location.to_string());
            paths.try_collect::<Vec<String>>().await
        });
        let below = |path: String| path.strip_prefix("out/").map(str::to_owned);
        let mut there: Vec<String> = objects.unwrap().unwrap().into_iter().filter_map(below).filter(|path| path != NAME).collect();
        there.sort();
        let manifest = Manifest::read(&planned(&self.path, Mode::Overwrite, "n")).unwrap();
        let listed = manifest.map(|manifest| {
            let mut paths: Vec<String> = manifest.files.into_iter().map(|file| file.path).collect();
            paths.sort();
            paths
        });
        (there, listed)
    }
}

#[test]
fn a_write_adds_to_the_manifest_that_is_there_when_it_replaces_it() {
    let bucket = Bucket::new("commits-append");
    bucket.interrupt(&["theirs.csv"]);
    let (target, pieces) = ready(&bucket.path, Mode::Append, "");
    commit(&target, &pieces).unwrap();
    let (there, listed) = bucket.state();
    assert_eq!((there.len(), listed.as_ref()), (4, Some(&there)));
    // The same where there was a manifest before.
    let before: Vec<&str> = there.iter().map(String::as_str).chain(["more.csv"]).collect();
    bucket.interrupt(&before);
    let (target, pieces) = ready(&bucket.path, Mode::Append, "");
    commit(&target, &pieces).unwrap();
    let (there, listed) = bucket.state();
    assert_eq!((there.len(), listed.as_ref()), (8, Some(&there)));
}

#[test]
fn a_write_that_replaces_what_is_there_replaces_what_came_in_between() {
    let bucket = Bucket::new("commits-overwrite");
    let (target, pieces) = ready(&bucket.path, Mode::Create, "");
    commit(&target, &pieces).unwrap();
    let (before, _) = bucket.state();
    assert_eq!(before, ["part-00000.csv", "part-00001.csv", "part-00002.csv"]);
    let all: Vec<&str> = before.iter().map(String::as_str).chain(["theirs.csv"]).collect();
    bucket.interrupt(&all);
    let (target, pieces) = ready(&bucket.path, Mode::Overwrite, "");
    commit(&target, &pieces).unwrap();
    let (there, listed) = bucket.state();
    assert_eq!((there.len(), listed.as_ref()), (3, Some(&there)));
    assert!(there.iter().all(|path| !all.contains(&path.as_str())), "{there:?}");
}

#[test]
fn a_write_that_comes_second_to_a_new_directory_leaves_nothing_there() {
    let bucket = Bucket::new("commits-create");
    // Of the same name as one of its own.
    bucket.interrupt(&["part-00001.csv"]);
    let (target, pieces) = ready(&bucket.path, Mode::Create, "");
    let error = commit(&target, &pieces).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Exists, "another write came to the directory first"));
    let theirs = vec!["part-00001.csv".to_owned()];
    assert_eq!(bucket.state(), (theirs.clone(), Some(theirs)));
}

#[test]
fn a_new_directory_that_is_replaced_before_its_files_are_there_keeps_none_of_them() {
    let bucket = Bucket::new("commits-replaced");
    bucket.interrupt(&["theirs.csv"]);
    *bucket.store.before.lock().unwrap() = "part-00000.csv";
    let (target, pieces) = ready(&bucket.path, Mode::Create, "");
    commit(&target, &pieces).unwrap();
    let theirs = vec!["theirs.csv".to_owned()];
    assert_eq!(bucket.state(), (theirs.clone(), Some(theirs)));
}

#[test]
fn a_write_of_other_columns_than_came_in_between_leaves_nothing_there() {
    let bucket = Bucket::new("commits-columns");
    bucket.interrupt(&["theirs.csv"]);
    let target = planned(&bucket.path, Mode::Append, "other");
    assert_eq!(commit(&target, &written(&target, "")).unwrap_err().kind(), ErrorKind::TypeMismatch);
    let theirs = vec!["theirs.csv".to_owned()];
    assert_eq!(bucket.state(), (theirs.clone(), Some(theirs)));
}

#[test]
fn a_write_that_cannot_be_completed_leaves_no_file_and_no_manifest() {
    let bucket = Bucket::new("commits-broken");
    for mode in [Mode::Create, Mode::Append] {
        let (target, mut pieces) = ready(&bucket.path, mode, "");
        pieces[1].place = Place::Upload { id: Some("none".to_owned()), parts: Vec::new() };
        assert!(commit(&target, &pieces).is_err());
        assert_eq!(bucket.state(), (Vec::new(), None), "{mode:?}");
    }
}

#[test]
fn a_manifest_that_was_put_though_the_answer_denies_it_is_the_writes_own() {
    let path = || NAME.to_owned();
    for mode in [Mode::Create, Mode::Append, Mode::Overwrite] {
        let answers = [
            object_store::Error::AlreadyExists { path: path(), source: "sent again".into() },
            object_store::Error::Precondition { path: path(), source: "sent again".into() },
            object_store::Error::Generic { store: "S3", source: "the answer was lost".into() },
        ];
        for answer in answers {
            let bucket = Bucket::new("commits-denied");
            let said = answer.to_string();
            *bucket.store.answer.lock().unwrap() = Some(answer);
            let (target, pieces) = ready(&bucket.path, mode, "");
            commit(&target, &pieces).unwrap();
            let (there, listed) = bucket.state();
            assert_eq!((there.len(), listed.as_ref()), (3, Some(&there)), "{mode:?} {said}");
        }
    }
}

#[test]
fn a_manifest_of_another_write_that_says_the_same_is_not_ones_own() {
    let bucket = Bucket::new("commits-same");
    let theirs = ["part-00000.csv", "part-00001.csv", "part-00002.csv"];
    bucket.interrupt(&theirs);
    let (target, pieces) = ready(&bucket.path, Mode::Create, "");
    assert_eq!(commit(&target, &pieces).unwrap_err().kind(), ErrorKind::Exists);
    let theirs: Vec<String> = theirs.map(str::to_owned).into();
    assert_eq!(bucket.state(), (theirs.clone(), Some(theirs)));
}
