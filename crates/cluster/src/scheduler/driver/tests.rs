//! The driver without its thread: what a client hears of how far its run is.

use super::*;
use bytes::Bytes;
use stratal_core::{
    Index, LayerId, ResultId,
    executor::RunHandle,
    graph::{Layer, LayerSpec, LayeredGraph, Work},
    progress::{News, PlannedStage, Report, TaskProgress},
    sched::TaskStats,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const RUN: RunId = RunId(1);
const CLIENT: ClientId = ClientId(1);
const WORKER: WorkerId = WorkerId(1);

/// A driver of one worker and one client, which has submitted a run.
struct Watched {
    driver: Driver,
    handle: RunHandle,
    for_client: UnboundedReceiver<Vec<ForClient>>,
    /// What the worker was given.
    slices: Vec<Slice>,
}

impl Watched {
    /// A run of so many tasks, all given to the worker.
    fn begin(tasks: u32) -> Self {
        let (sched, out, workers, clients, runs, unfinished, reports, commons) = Default::default();
        let (joined, silence, record) = ((0, 0), Duration::MAX, None);
        let mut driver = Driver { sched, out, workers, clients, runs, unfinished, reports, commons, joined, silence, record };
        let (tell, for_client) = unbounded_channel();
        driver.take(Inbound::ClientJoins { of: None, tell, say: oneshot::channel().0 });
        let (tell, mut for_worker) = unbounded_channel();
        let (address, resources, functions, services) = Default::default();
        let info = WorkerInfo { name: "w1".to_owned(), address, slots: tasks, memory: 0, resources, functions, services };
        driver.take(Inbound::WorkerJoins { info, heard: Heard::now(), tell, say: oneshot::channel().0 });
        let mut graph = LayeredGraph::default();
        let layer = graph.push(Layer { spec: LayerSpec::new("f", tasks), work: Work::Held });
        graph.want(layer, "f");
        let handle = RunHandle::new(RUN, graph.outputs.clone(), vec!["f".to_owned()]);
        driver.hear_client(CLIENT, FromClient::Work { run: RUN, layer, kind: "f".to_owned(), body: Bytes::new() });
        let submit = FromClient::Submit { run: RUN, outline: Arc::new(graph.outline()), options: RunOptions::default() };
        driver.hear_client(CLIENT, submit);
        let mut watched = Watched { driver, handle, for_client, slices: Vec::new() };
        watched.round();
        while let Ok(messages) = for_worker.try_recv() {
            watched.slices.extend(messages.into_iter().filter_map(|message| match message {
                ForWorker::Sched(ToWorker::Run { slice, .. }) => Some(slice),
                _ => None,
            }));
        }
        assert_eq!(watched.slices.iter().map(|slice| slice.len).sum::<u32>(), tasks);
        watched
    }

    fn round(&mut self) {
        let driver = &mut self.driver;
        driver.sched.schedule(&mut driver.out);
        driver.put_into_outboxes();
        driver.send();
    }

    fn say(&mut self, index: Index, news: News) {
        let slice = self.slices.iter().find(|slice| (slice.start..slice.start + slice.len).contains(&index)).unwrap();
        let result = ResultId { run: RUN, layer: slice.layer, index };
        self.driver.hear_worker(WORKER, FromWorker::Report(Report { result, attempt: slice.attempt, news }));
    }

    /// The tasks that each message of progress tells of, all of which the handle hears.
    fn hear(&mut self) -> Vec<Vec<TaskProgress>> {
        let mut told = Vec::new();
        while let Ok(messages) = self.for_client.try_recv() {
            for message in messages {
                let ForClient::Sched(message) = message else { continue };
                if let ToClient::Progress { tasks, .. } = &message {
                    told.push(tasks.clone());
                }
                self.handle.update(message);
            }
        }
        told
    }

    /// What is heard of a tick.
    fn tick(&mut self) -> Vec<Vec<TaskProgress>> {
        self.driver.tell_progress();
        self.round();
        self.hear()
    }

    /// Partitions done and rows of the only stage of each task, as the handle knows them.
    fn known(&self) -> Vec<(Index, u64, u64)> {
        self.handle.stages().iter().map(|task| (task.task, task.stages[0].done, task.stages[0].rows)).collect()
    }
}

fn stages() -> News {
    News::Stages(vec![PlannedStage { number: 0, name: "read".to_owned(), partitions: 4 }])
}

fn counts(done: u64, rows: u64) -> News {
    News::Counts { stage: 0, share: 0, done, rows }
}

#[test]
fn a_client_is_told_of_a_task_when_something_is_new_and_keeps_what_it_was_told() {
    let mut watched = Watched::begin(3);
    (0..3).for_each(|task| watched.say(task, stages()));
    assert_eq!(watched.tick().iter().map(Vec::len).collect::<Vec<_>>(), [3]);
    assert!(watched.tick().is_empty());
    watched.say(1, counts(2, 20));
    let told = watched.tick();
    assert_eq!(told.iter().flatten().map(|task| task.task).collect::<Vec<_>>(), [1]);
    assert_eq!(watched.known(), [(0, 0, 0), (1, 2, 20), (2, 0, 0)]);
}

#[test]
fn what_was_told_of_a_run_stays_when_it_is_dropped_as_it_ends() {
    let mut watched = Watched::begin(1);
    for news in [stages(), counts(3, 30)] {
        watched.say(0, news);
    }
    assert_eq!(watched.tick().len(), 1);
    watched.say(0, counts(3, 35));
    let slice = watched.slices[0];
    let done = Event::Done { worker: WORKER, slice, stats: vec![TaskStats::default()], read: Vec::new(), busy_us: 0 };
    watched.driver.hear_worker(WORKER, FromWorker::Event(done));
    let release = Event::Release { client: CLIENT, run: RUN, layer: LayerId(0), tasks: (0..1).into() };
    watched.driver.hear_client(CLIENT, FromClient::Event(release));
    watched.round();
    assert!(watched.driver.runs.is_empty());
    assert!(watched.hear().is_empty() && watched.handle.is_finished());
    assert_eq!((watched.known(), watched.handle.progress()), (vec![(0, 3, 30)], vec![(LayerId(0), 0, 1)]));
}
