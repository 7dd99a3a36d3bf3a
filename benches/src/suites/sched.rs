//! The scheduler alone: graphs of known shapes, workers that answer at once. No thread, no socket, no work.

use super::Suite;
use crate::{
    allocated,
    measure::stats::median,
    report::{Cell, Row, Section, Table},
    settings::Settings,
};
use std::{collections::BTreeMap, collections::VecDeque, sync::Arc, time::Instant};
use stratal::Result;
use stratal_core::{
    ClientId, LayerId, RunId, WorkerId,
    graph::{EdgeMap, Emits, Input, LayerSpec, Outline, Output},
    sched::{Event, Message, Outbox, RowsRead, RunOptions, Sched as Scheduler, Slice, TaskStats, ToWorker, WorkerInfo},
};

const WORKERS: u32 = 32;
const SLOTS: u32 = 4;
/// Answers that arrive between two rounds of handing out work.
const BATCH: usize = 256;

/// A name, what makes the graph, and how long a task says that it took, in µs. Tasks of 10 ms are handed out one by one; tasks of
/// 10 µs in slices.
const SHAPES: [(&str, fn() -> Outline, u64); 7] = [
    ("100k one-to-one, one by one", || one_to_one(50_000), 10_000),
    ("100k one-to-one, in slices", || one_to_one(50_000), 10),
    ("1M map, one by one", || graph(vec![LayerSpec::new("map", 1_000_000)]), 10_000),
    ("1M map, in slices", || graph(vec![LayerSpec::new("map", 1_000_000)]), 10),
    ("1000 x 1000 shuffle, one by one", || shuffle(1000), 10_000),
    ("50k tree, fan-in 8, one by one", || tree(43_750, 8), 10_000),
    ("chain of 100k", || chain(100_000), 10_000),
];

pub(super) struct Sched;

impl Suite for Sched {
    fn name(&self) -> &'static str {
        "sched"
    }

    fn about(&self) -> &'static str {
        "The scheduler alone, with 32 workers x 4 slots that answer at once: the time and the memory that a task costs it."
    }

    fn measure(&self, settings: &Settings, section: &mut Section) -> Result<()> {
        allocated::count();
        let mut table = Table::new("a task in the scheduler", vec!["Stratal".to_owned()]);
        table.more = ["tasks", "submit, ms", "bytes a task", "messages"].map(str::to_owned).to_vec();
        for (name, make, tasks_us) in SHAPES.into_iter().filter(|(name, ..)| settings.wants(name)) {
            let row = measured(name, make, tasks_us, settings.runs.max(1));
            eprintln!("  {} ({})", table.line(&row), row.more.join(", "));
            table.rows.push(row);
        }
        section.tables.push(table);
        Ok(())
    }
}

fn measured(name: &str, make: fn() -> Outline, tasks_us: u64, runs: usize) -> Row {
    let tasks: u64 = make().layers.iter().map(|layer| layer.tasks as u64).sum();
    let costs: Vec<Cost> = (0..runs).map(|_| drive(make(), tasks_us)).collect();
    let submit: Vec<f64> = costs.iter().map(|cost| cost.submit_seconds * 1e3).collect();
    let bytes = costs.iter().map(|cost| cost.bytes).max().unwrap_or_default();
    let messages = costs.iter().map(|cost| cost.messages).max().unwrap_or_default();
    let seconds = costs.iter().map(|cost| cost.seconds / tasks as f64).collect();
    Row {
        case: name.to_owned(),
        cells: vec![Cell::Measured { seconds, peak: None }],
        more: vec![
            tasks.to_string(),
            format!("{:.1}", median(&submit).unwrap_or_default()),
            (bytes / tasks.max(1)).to_string(),
            messages.to_string(),
        ],
    }
}

/// Layers as the scheduler is given them.
fn graph(layers: Vec<LayerSpec>) -> Outline {
    let last = layers.len() as u32 - 1;
    let tasks = layers[last as usize].selected.clone();
    Outline { outputs: vec![Output { layer: LayerId(last), tasks, key: "out".into() }], layers: layers.into_iter().map(Arc::new).collect() }
}

fn reads(mut spec: LayerSpec, from: u32, sources: u32, map: EdgeMap) -> LayerSpec {
    spec.inputs.push(Input { from: LayerId(from), sources, map });
    spec
}

fn one_to_one(n: u32) -> Outline {
    graph(vec![LayerSpec::new("a", n), reads(LayerSpec::new("b", n), 0, n, EdgeMap::OneToOne)])
}

fn shuffle(n: u32) -> Outline {
    let mut map = LayerSpec::new("map", n);
    map.emits = Emits::Channels(n);
    graph(vec![map, reads(LayerSpec::new("reduce", n), 0, n, EdgeMap::Channel)])
}

fn tree(leaves: u32, fan_in: u32) -> Outline {
    let mut layers = vec![LayerSpec::new("leaf", leaves)];
    let mut n = leaves;
    while n > 1 {
        let next = n.div_ceil(fan_in);
        layers.push(reads(LayerSpec::new("sum", next), layers.len() as u32 - 1, n, EdgeMap::Tree { fan_in }));
        n = next;
    }
    graph(layers)
}

fn chain(n: u32) -> Outline {
    let lists = (0..n).map(|i| i.checked_sub(1));
    graph(vec![reads(LayerSpec::new("step", n), 0, n, EdgeMap::explicit(lists))])
}

/// What one run of a graph cost.
struct Cost {
    seconds: f64,
    submit_seconds: f64,
    bytes: u64,
    messages: u64,
}

fn drive(outline: Outline, tasks_us: u64) -> Cost {
    let mut sched = Scheduler::new();
    let mut out = Outbox::new();
    for worker in 0..WORKERS {
        let (name, address, resources, services) = (format!("w{worker}"), String::new(), BTreeMap::new(), BTreeMap::new());
        let info = WorkerInfo { name, address, slots: SLOTS, memory: 0, resources, functions: None, services };
        sched.handle(Event::WorkerUp { worker: WorkerId(worker), info }, &mut out);
    }
    let inputs: Vec<usize> = outline.layers.iter().map(|layer| layer.inputs.len()).collect();
    let outline = Arc::new(outline);
    let before = allocated::now();
    allocated::reset_most();
    let started = Instant::now();
    sched.handle(Event::Submit { client: ClientId(0), run: RunId(1), outline, options: RunOptions::default() }, &mut out);
    let submit_seconds = started.elapsed().as_secs_f64();
    sched.schedule(&mut out);
    let (mut queue, mut messages): (VecDeque<(WorkerId, Slice)>, u64) = (VecDeque::new(), 0);
    loop {
        for message in out.drain(..) {
            messages += 1;
            if let Message::Worker(worker, ToWorker::Run { slice, .. }) = message {
                queue.push_back((worker, slice));
            }
        }
        if queue.is_empty() {
            break;
        }
        for _ in 0..BATCH.min(queue.len()) {
            let Some((worker, slice)) = queue.pop_front() else { break };
            let stats = vec![TaskStats { bytes: 64, rows: 1 }; slice.len as usize];
            let read = vec![RowsRead::Some; inputs[slice.layer.0 as usize]];
            sched.handle(Event::Done { worker, slice, stats, read, busy_us: tasks_us * slice.len as u64 }, &mut out);
        }
        sched.schedule(&mut out);
    }
    Cost { seconds: started.elapsed().as_secs_f64(), submit_seconds, bytes: (allocated::most() - before).max(0) as u64, messages }
}
