//! Frames on worker processes by the query engine: the rows of other ways, what is said of it, and workers that are lost.

use crate::{
    clusters::{BARE, PROGRAM, by, cluster, wait_until, wide},
    killed::{Groups, Handed, grouped, groups_of, handed_out, logged_cluster, write_files},
    own_worker::Process,
    tpch::check,
};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
    thread::{self, JoinHandle},
    time::Duration,
};
use stratal::{ErrorKind, prelude::*, testing::assert_frames_eq};
use stratal_tests::{
    inc, nap, square,
    tpch::{Format, Tables, generate, query},
};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");

fn read() -> DFrame {
    DFrame::read_csv(format!("{DATA}/myfile.*.csv"))
}

#[test]
fn tpch_on_one_two_and_four_workers() {
    let tables = [(Format::Csv, 3), (Format::Parquet, 5)].map(|(format, parts)| {
        let directory = tempfile::tempdir().unwrap();
        generate(directory.path(), format, 0.01, parts).unwrap();
        (format, directory)
    });
    for workers in [1, 2, 4] {
        let cluster = wide(workers);
        let client = by("query", &cluster);
        let _entered = client.enter();
        for (format, directory) in &tables {
            let (way, tables) = (format!("{workers} workers, {}", format.ending()), Tables::read(directory.path(), *format, 0.01));
            for number in 1..=22 {
                let plan = query(number, &tables).explain().unwrap();
                assert!(plan.starts_with("runs in the cluster\nengine   query: execution.engine says so\nstages   "), "q{number}: {plan}");
                check(number, &tables, "0.01", &way);
            }
        }
    }
}

/// Frames of which the order of rows is known.
fn in_order() -> Vec<(&'static str, DFrame)> {
    let totals = read().filter(col("name").not_eq("Bob")).group_by("name").agg((col("amount").sum().alias("total"), count().alias("n")));
    let large = read().filter(col("amount").gt(300));
    // Many groups, of which each has an id of its own.
    let pairs = read().group_by(["name", "amount"]).agg((count().alias("n"), col("id").min().alias("least")));
    let sized = read().join(&pairs.select(["name", "amount", "n"]), on(["name", "amount"]).full());
    let by_name = "SELECT name, count(*) AS n FROM t WHERE amount > 100 GROUP BY name ORDER BY name DESC";
    vec![
        ("rows as they are", read()),
        ("a filter", read().with_column("amount", col("amount") + 100).filter(col("name").eq("Alice"))),
        ("a filter that keeps nothing", read().filter(col("name").eq("nobody"))),
        ("the first rows", read().filter(col("amount").gt(100)).head(1500)),
        ("the last rows", read().tail(1200)),
        ("rows from the middle", read().slice(900, 300)),
        ("a sort", read().sort((col("amount").desc(), "id"))),
        ("the first of a sort", read().sort((col("amount").desc(), "id")).head(10)),
        ("a sort of many equal keys", read().sort("name")),
        ("the first of many equal keys", read().filter(col("amount").gt(100)).sort(col("name").desc()).head(1700)),
        ("a sort of equal keys that were sorted", read().sort(col("amount").desc()).sort("name")),
        ("a sort of the first", read().head(1100).sort((col("amount").desc(), "id"))),
        ("totals", totals.sort("name")),
        ("totals of nothing", read().filter(col("id").lt(0)).agg((col("amount").sum(), count().alias("n")))),
        ("frames one after another", DFrame::concat(&[&read().tail(5), &large, &read().head(3)], How::ByName)),
        ("totals of these", DFrame::concat(&[&read(), &large], How::ByName).group_by("name").agg(count().alias("n")).sort("name")),
        ("a join", read().join(&totals, on("name")).sort("id")),
        ("a join that keeps all", read().join(&totals, on("name").left()).sort("id")),
        ("a join for what is missing", read().join(&large, on("id").anti()).sort("id")),
        ("every pair", read().select("id").head(40).join_cross(&totals).sort(["id", "name"])),
        ("rows beside rows", read().select("id").hstack(&read().select("amount"))),
        ("a window", read().with_column("nth", row_number().over(Window::by("name").order_by("id"))).sort("id")),
        ("the first of each group", read().group_by("name").top(2, "id").sort(["name", "id"])),
        ("the first of each group in the order of files", read().group_by("name").top(700, ()).sort("id")),
        ("a window in the order of files", read().with_column("last", col("id").last().over("name")).sort("id")),
        ("distinct rows", read().select("name").unique("name").sort("name")),
        ("columns as rows", read().unpivot(["id", "amount"], "name").sort(["name", "variable", "value"])),
        ("some by chance", read().sample(0.3, 7)),
        ("so many by chance", read().sample_n(50, 7)),
        ("text", DFrame::sql(by_name, [("t", &read())])),
        ("groups by their sizes", pairs.sort((col("n").desc(), "least"))),
        ("the first groups by their sizes", pairs.sort(("n", "least")).head(20)),
        ("sizes of groups", pairs.sort("n").select("n")),
        ("the first sizes of groups", pairs.sort(col("n").desc()).head(70).select("n")),
        ("a sort of groups that were sorted", pairs.sort("least").sort(col("n").desc())),
        ("rows of two sides by their keys", sized.sort((col("n").desc(), "id"))),
        ("rows of two sides by equal keys", sized.sort("name").select("name").head(2500)),
        ("distinct pairs", read().select(["name", "amount"]).unique(()).sort(["amount", "name"])),
        ("distinct amounts", read().unique("amount").sort("amount").select("amount")),
        ("a window over groups", pairs.with_column("nth", row_number().over(Window::by("name").order_by("least"))).sort("least")),
        ("a window over groups in no order", pairs.with_column("same", col("n").last().over(["name", "n"])).sort("least")),
        ("a window over all groups", pairs.with_column("all", col("n").sum().over(Window::all())).sort("least")),
        ("some of each group of groups", pairs.group_by("name").top(100, ()).agg(count().alias("n"))),
        ("the first of each group of groups", pairs.group_by("name").top(3, "least").sort("least")),
    ]
}

#[test]
fn rows_and_their_order_are_those_of_one_process() {
    let local = Client::builder().threads(2).detached().local().unwrap();
    let expected: Vec<Frame> = {
        let _entered = local.enter();
        in_order().iter().map(|(_, frame)| frame.collect().unwrap()).collect()
    };
    for workers in [1, 2, 4] {
        let cluster = wide(workers);
        for engine in ["query", "layers"] {
            let client = by(engine, &cluster);
            let _entered = client.enter();
            for ((what, frame), expected) in in_order().iter().zip(&expected) {
                let plan = frame.explain().unwrap();
                assert!(plan.contains(&format!("\nengine   {engine}: execution.engine says so\n")), "{what}: {plan}");
                let found = frame.collect().unwrap_or_else(|error| panic!("{what}, {workers} workers, {engine}: {error}"));
                println!("{what}, {workers} workers, {engine}");
                assert_frames_eq!(found, expected);
                assert_eq!(frame.count().unwrap(), expected.len() as u64, "{what}, {workers} workers, {engine}");
            }
        }
    }
}

#[test]
fn workers_that_are_threads_run_queries_too() {
    let cluster = LocalCluster::builder().workers(3).threads(2).in_process().start().unwrap();
    let client = by("query", &cluster);
    let _entered = client.enter();
    let groups = read().group_by("name").agg(count().alias("n"));
    assert!(groups.explain().unwrap().contains("\nengine   query: "));
    assert_eq!(groups.collect().unwrap().column::<i64>("n").unwrap().iter().sum::<i64>(), 4000);
}

#[test]
fn workers_without_the_engine_take_no_part_in_queries() {
    let groups = || read().group_by("name").agg((col("amount").sum().alias("total"), count().alias("n"))).sort("name");
    let local = Client::builder().threads(2).detached().local().unwrap();
    let expected = {
        let _entered = local.enter();
        groups().collect().unwrap()
    };
    let scheduler = Process::start(&["scheduler", "--port", "0"]);
    let address = scheduler.address.as_str();
    // Of two that have nothing to do, the first to join is given a task.
    let _bare = Process::start_of(BARE, &["worker", address]);
    let connected = |engine: &str| Client::builder().set("execution.engine", engine).detached().connect(address).unwrap();
    let (auto, client) = (connected("auto"), connected("query"));
    for client in [&auto, &client] {
        client.wait_for_workers(1, "60s").unwrap();
    }
    {
        let _entered = auto.enter();
        assert_eq!(engine_of(&groups()), "layers: no worker serves queries");
    }
    let _entered = client.enter();
    let error = groups().collect().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unregistered);
    assert!(error.message().starts_with("no worker serves frame.query ") && error.message().ends_with(" (1 worker)"), "{error}");
    assert!(error.help().is_some_and(|help| help.contains("execution.engine")), "{error}");

    let _workers = [(); 2].map(|()| Process::start(&["worker", address, "--threads", "1"]));
    client.wait_for_workers(3, "60s").unwrap();
    for _ in 0..3 {
        assert_frames_eq!(groups().collect().unwrap(), expected);
    }
    let counters = client.info().unwrap().counters;
    assert_eq!((counters.assigned, counters.failed), (3, 0), "each was tried once, where it could run");
}

/// What `explain` says of the engine.
fn engine_of(frame: &DFrame) -> String {
    let plan = frame.explain().unwrap();
    plan.lines().find_map(|line| line.strip_prefix("engine   ")).unwrap_or("none is named").to_owned()
}

#[test]
fn the_engine_is_chosen_and_the_reason_is_given() {
    let cluster = cluster(2);
    let groups = |frame: &DFrame| frame.group_by("name").agg(count().alias("n"));
    let (auto, wanted) = (by("auto", &cluster), by("query", &cluster));
    for (client, is_auto) in [(&auto, true), (&wanted, false)] {
        let _entered = client.enter();
        let frame = frame! { "name" => ["a", "b"] };
        let kept = read().persist().unwrap();
        let called = read().filter(col("id").map(square).gt(8));
        let files = engine_of(&groups(&read()));
        assert!(files.starts_with(if is_auto { "query: it reads files alone, " } else { "query: execution.engine says so" }), "{files}");
        let alone = if is_auto { "layers: none of its rows change partitions, so that each task is on its own" } else { files.as_str() };
        assert_eq!(engine_of(&read().filter(col("id").gt(5))), alone);
        let memory = if is_auto { "layers: not all of its rows are in files" } else { files.as_str() };
        assert_eq!(engine_of(&groups(&frame)), memory);
        assert_eq!(engine_of(&groups(&kept)), "layers: it reads rows that are kept in the stores");
        assert_eq!(engine_of(&groups(&called)), "layers: it calls functions of the program, which not every worker may have");
        assert_eq!(engine_of(&groups(&read().repartition(3))), "layers: it asks for partitions of its own");
    }
    let layers = by("layers", &cluster);
    let piped = Client::builder().set("execution.exchange", "pipe").detached().connect(&cluster.scheduler_addr()).unwrap();
    let local = Client::builder().set("execution.engine", "query").detached().local().unwrap();
    let expected = ["layers: execution.engine says so", "layers: execution.exchange is pipe", "none is named"];
    for (client, expected) in [layers, piped, local].iter().zip(expected) {
        let _entered = client.enter();
        assert_eq!(engine_of(&groups(&read())), expected);
    }
}

#[test]
fn what_may_not_fit_in_memory_is_left_to_layers() {
    let directory = tempfile::tempdir().unwrap();
    let text = format!("k,v\n{}", "1,2\n".repeat(1_250_000));
    (0..4).for_each(|part| fs::write(directory.path().join(format!("{part}.csv")), &text).unwrap());
    let cluster = LocalCluster::builder().workers(2).memory_limit("16MiB").worker_bin(PROGRAM).start().unwrap();
    let client = by("auto", &cluster);
    let _entered = client.enter();
    let engine = engine_of(&grouped(directory.path()).1);
    assert!(engine.starts_with("layers: it reads ") && engine.contains(", which is more than half of the "), "{engine}");
}

#[test]
fn a_query_is_explained_drawn_and_measured() {
    let cluster = cluster(2);
    let client = by("query", &cluster);
    let _entered = client.enter();
    let groups = read().group_by("name").agg(count().alias("n")).sort("name");
    let rows = groups.collect().unwrap();

    let plan = groups.explain().unwrap();
    let stages = "runs in the cluster\nengine   query: execution.engine says so\nstages   read-csv+partial-aggregate[2] -> ";
    assert!(plan.starts_with(stages), "{plan}");
    // Both workers have groups to sort, and one puts them together.
    assert!(plan.lines().any(|line| line.starts_with(stages.lines().last().unwrap()) && line.contains("+sort[2] -> merge")), "{plan}");
    assert!(plan.contains("CsvScanExec") && plan.contains("AggregateExec") && !plan.contains("StageExec"), "{plan}");

    let measured = groups.explain_analyze().unwrap();
    let start = "ran in the cluster\nengine   query: execution.engine says so\ntook ";
    assert!(measured.starts_with(start) && measured.contains("\nstages   read-csv+partial-aggregate[2] -> "), "{measured}");
    assert!(measured.contains("AggregateExec") && measured.contains("output_rows="), "{measured}");

    let graph = groups.graph_optimized().unwrap();
    assert!(graph.layers.len() > 1 && graph.layers[0].spec.name == "read-csv+partial-aggregate", "{}", graph.summary());
    let parts = graph.get_all::<Frame>(graph.outputs[0].key.clone()).unwrap();
    assert_eq!(parts.len(), 1);
    assert_frames_eq!(parts[0], rows);
}

#[test]
fn a_wrong_value_is_told_as_in_one_process() {
    let directory = tempfile::tempdir().unwrap();
    for part in 0..6 {
        let value = if part == 4 { "2.5" } else { "2" };
        fs::write(directory.path().join(format!("{part}.csv")), format!("k,v\n{}7,{value}\n", "1,2\n".repeat(300))).unwrap();
    }
    let cluster = cluster(3);
    let local = Client::builder().threads(2).detached().local().unwrap();
    let errors = [local, by("query", &cluster)].map(|client| {
        let _entered = client.enter();
        let options = CsvOptions::new(directory.path().join("*.csv").to_str().unwrap()).dtype("v", "i64");
        DFrame::read_csv(options).group_by("k").agg(col("v").sum()).collect().unwrap_err()
    });
    let [expected, found] = &errors;
    assert_eq!((found.kind(), found.message(), found.help()), (expected.kind(), expected.message(), expected.help()));
    assert_eq!((found.file(), found.line(), found.column()), (expected.file(), Some(302), Some("v")));
    assert!(found.file().is_some_and(|file| file.ends_with("4.csv")), "{found}");
}

/// A query that takes a while: every row meets the totals of its key. What [`slow_rows`] says comes out.
fn slow(directory: &Path) -> DFrame {
    let (all, groups) = grouped(directory);
    all.join(&groups, on("k")).group_by("k").agg([col("s").sum().alias("s"), col("n").min().alias("n")])
}

fn slow_rows(groups: Groups) -> Groups {
    groups.into_iter().map(|(key, (sum, rows))| (key, (sum * rows, rows))).collect()
}

fn collecting(frame: &DFrame) -> JoinHandle<stratal::Result<Frame>> {
    let frame = frame.clone();
    thread::spawn(move || frame.collect())
}

/// The attempts to run a query that the scheduler has begun.
fn queries(logs: &Path) -> Vec<Handed> {
    handed_out(logs).into_iter().filter(|handed| handed.layer == "query").collect()
}

#[test]
fn kill_9_of_any_worker_at_several_moments_gives_the_same_rows() {
    let files = tempfile::tempdir().unwrap();
    let expected = slow_rows(write_files(files.path()));
    let mut again = 0;
    for after in [0, 200, 700] {
        for kills_home in [true, false] {
            let logs = tempfile::tempdir().unwrap();
            let cluster = logged_cluster(3, logs.path());
            let client = by("query", &cluster);
            let _entered = client.enter();
            let collecting = collecting(&slow(files.path()));
            wait_until("the query", || !queries(logs.path()).is_empty());
            thread::sleep(Duration::from_millis(after));
            let home = queries(logs.path())[0].worker.clone();
            let victim = cluster.worker_names().iter().position(|name| (*name == home) == kills_home).unwrap();
            cluster.kill_worker(victim).unwrap();
            assert_eq!(groups_of(&collecting.join().unwrap().unwrap()), expected, "{after} ms, the query's own: {kills_home}");
            again += usize::from(queries(logs.path()).len() > 1);
        }
    }
    assert!(again > 0, "no kill came in the middle");
}

#[test]
fn a_query_is_run_again_as_often_as_is_allowed() {
    let (files, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_files(files.path());
    let cluster = logged_cluster(3, logs.path());
    let client = Client::builder().set("execution.engine", "query").set("tasks.retries", "0").detached();
    let client = client.connect(&cluster.scheduler_addr()).unwrap();
    let _entered = client.enter();
    let collecting = collecting(&slow(files.path()));
    wait_until("the query", || !queries(logs.path()).is_empty());
    thread::sleep(Duration::from_millis(300));
    let home = queries(logs.path())[0].worker.clone();
    let other = cluster.worker_names().iter().position(|name| *name != home).unwrap();
    cluster.kill_worker(other).unwrap();
    let error = collecting.join().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WorkerLost, "{error}");
    assert_eq!(queries(logs.path()).len(), 1);
    // The cluster goes on.
    assert_eq!(read().count().unwrap(), 4000);
}

#[test]
fn a_worker_that_stands_still_is_done_without() {
    let files = tempfile::tempdir().unwrap();
    let expected = slow_rows(write_files(files.path()));
    let mut again = 0;
    for (victim, after) in [(0, 200), (1, 200), (2, 200), (0, 0), (1, 700)] {
        let scheduler = Process::start(&["scheduler", "--port", "0", "--worker-silence", "5s"]);
        let workers = [(); 3].map(|()| Process::start(&["worker", &scheduler.address, "--threads", "1"]));
        let client = Client::builder().set("execution.engine", "query").detached().connect(&scheduler.address).unwrap();
        client.wait_for_workers(3, "60s").unwrap();
        let _entered = client.enter();
        let assigned = || client.info().unwrap().counters.assigned;
        let collecting = collecting(&slow(files.path()));
        wait_until("the query", || assigned() > 0);
        thread::sleep(Duration::from_millis(after));
        let signal = |signal: &str| Command::new("kill").args([signal, &workers[victim].pid().to_string()]).status().unwrap();
        assert!(signal("-STOP").success());
        assert_eq!(groups_of(&collecting.join().unwrap().unwrap()), expected, "worker {victim}, {after} ms");
        again += usize::from(assigned() > 1);
        // What it says when it goes on does no harm.
        assert!(signal("-CONT").success());
        assert_eq!(read().count().unwrap(), 4000);
    }
    assert!(again > 0, "every worker stopped too late");
}

#[test]
fn a_query_that_nobody_waits_for_leaves_its_workers() {
    let (files, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let expected = slow_rows(write_files(files.path()));
    let cluster = logged_cluster(2, logs.path());
    let client = by("query", &cluster);
    let _entered = client.enter();
    let frame = slow(files.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut collecting = Box::pin(frame.collect_async());
        while queries(logs.path()).is_empty() {
            let waited = tokio::time::timeout(Duration::from_millis(20), &mut collecting).await;
            assert!(waited.is_err(), "it ended before it was seen");
        }
        let waited = tokio::time::timeout(Duration::from_millis(200), &mut collecting).await;
        assert!(waited.is_err(), "it ended too soon");
    });
    // Each worker has one slot, and one of these was the query's.
    for (name, x) in cluster.worker_names().iter().zip(1..) {
        assert_eq!(client.tasks().workers([name]).submit(inc, x).result().unwrap(), x + 1, "{name}");
    }
    assert_eq!(client.info().unwrap().counters.done, 2, "the query was not done");
    assert_eq!(groups_of(&frame.collect().unwrap()), expected);
}

#[test]
fn two_clients_query_at_once() {
    let files = tempfile::tempdir().unwrap();
    let expected = write_files(files.path());
    let cluster = cluster(2);
    let clients = [by("query", &cluster), by("query", &cluster)];
    for _ in 0..3 {
        let begun = clients.each_ref().map(|client| {
            let _entered = client.enter();
            collecting(&grouped(files.path()).1)
        });
        let slower = {
            let _entered = clients[0].enter();
            collecting(&slow(files.path()))
        };
        for collecting in begun {
            assert_eq!(groups_of(&collecting.join().unwrap().unwrap()), expected);
        }
        assert_eq!(groups_of(&slower.join().unwrap().unwrap()), slow_rows(expected.clone()));
    }
}

#[test]
fn a_query_and_ten_thousand_small_tasks_both_get_on() {
    let files = tempfile::tempdir().unwrap();
    let expected = write_files(files.path());
    // Workers of one slot, of which a stage takes none, and of two.
    for cluster in [cluster(2), wide(2)] {
        let client = by("query", &cluster);
        let _entered = client.enter();
        let done = || client.info().unwrap().counters.done;
        let naps = client.map(nap, (0..10_000u64).map(|i| 1 + i % 5));
        wait_until("some tasks", || done() > 100);
        let before = done();
        let rows = grouped(files.path()).1.collect().unwrap();
        let after = done();
        assert_eq!(groups_of(&rows), expected);
        assert!(after > before + 1, "no task was done while the query ran");
        assert!(after < 10_000, "the query waited until all tasks were done");
        assert_eq!(naps.gather().unwrap(), (0..10_000u64).map(|i| 1 + i % 5).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_written_is_written_by_layers_whatever_the_engine_is() {
    let (files, logs, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let expected = write_files(files.path());
    let cluster = logged_cluster(2, logs.path());
    let client = by("query", &cluster);
    let _entered = client.enter();
    let target = target.path().join("groups");
    grouped(files.path()).1.write_parquet(format!("{}/", target.display())).unwrap();
    assert!(queries(logs.path()).is_empty(), "a query would have been run again with its sink");
    let written = DFrame::read_parquet(target.join("*.parquet").to_str().unwrap());
    assert_eq!(groups_of(&written.collect().unwrap()), expected);
    assert_eq!(queries(logs.path()).len(), 1, "what reads it is a query");
}

#[test]
fn the_command_takes_an_engine() {
    let cluster = cluster(2);
    let address = cluster.scheduler_addr();
    let sql = format!("SELECT name, count(*) AS n FROM '{DATA}/myfile.*.csv' GROUP BY name ORDER BY name");
    let run = |more: &[&str]| -> Output {
        let output =
            Command::new(PROGRAM).args(["query", &sql, "-q", "--format", "csv"]).args(more).env_remove("STRATAL_SCHEDULER").output();
        output.unwrap()
    };
    let expected = run(&[]);
    assert!(expected.status.success(), "{}", String::from_utf8_lossy(&expected.stderr));
    for engine in ["auto", "query", "layers"] {
        let output = run(&["--scheduler", &address, "--engine", engine]);
        assert!(output.status.success(), "{engine}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.stdout, expected.stdout, "{engine}");
        let plan = run(&["--scheduler", &address, "--engine", engine, "--explain"]).stdout;
        let named = format!("\nengine   {}: ", if engine == "auto" { "query" } else { engine });
        assert!(String::from_utf8_lossy(&plan).contains(&named), "{engine}: {}", String::from_utf8_lossy(&plan));
    }
    let wrong = run(&["--engine", "fastest"]);
    let text = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(wrong.status.code() == Some(1) && text.contains("auto, query or layers"), "{text}");
}
