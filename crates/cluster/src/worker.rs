//! A worker: core's runner, fed over the control stream, and its store behind Flight, beside what other crates mount there.

use crate::{
    ClusterExecutor,
    flight::{FlightFetch, serve_store},
    mount::{mount, services},
    net,
    process::Ready,
    wire::{ForWorker, FromWorker, Inbox, Opened, Role, WorkerHello, WorkerWelcome, open, versions},
};
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, mpsc},
    time::Duration,
};
use stratal_core::{
    Error, ErrorKind, Result, WorkerId,
    config::Config,
    executor::Executor,
    registry::Registry,
    runner::{Command, Environment, LayerWork, Runner},
    sched::WorkerInfo,
    store::{Budget, Store},
};
use tonic::service::RoutesBuilder;

/// How often a worker says that it lives.
const BEAT: Duration = Duration::from_secs(1);

/// How a worker is started.
#[derive(Clone)]
pub struct WorkerOptions {
    /// The scheduler's address: `host:8786`.
    pub scheduler: String,
    /// Tasks that run at once; one a core, or what the configuration says, where none.
    pub threads: Option<usize>,
    /// Bytes of results that it holds: a size, `auto` or `none`; what the configuration says where none.
    pub memory_limit: Option<String>,
    /// Where what does not fit in memory is written; what the configuration says where none.
    pub spill_dir: Option<PathBuf>,
    /// Named resources (`gpu`), in thousandths.
    pub resources: BTreeMap<String, u64>,
    /// Its name; the scheduler gives one where none.
    pub name: Option<String>,
    /// Where its results are served: a host of this machine that nobody else reaches.
    pub host: String,
    /// The port for that; 0 picks one.
    pub port: u16,
    /// How long it tries to reach the scheduler.
    pub connect_timeout: Duration,
    /// What it can run; the program's registry where none.
    pub registry: Option<Arc<Registry>>,
    /// Leave when stdin is closed, which happens when whoever started this process ends, however it ends.
    pub exit_with_stdin: bool,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        WorkerOptions {
            scheduler: format!("127.0.0.1:{}", net::DEFAULT_PORT),
            threads: None,
            memory_limit: None,
            spill_dir: None,
            resources: BTreeMap::new(),
            name: None,
            host: "127.0.0.1".to_owned(),
            port: 0,
            connect_timeout: Duration::from_secs(60),
            registry: None,
            exit_with_stdin: false,
        }
    }
}

impl WorkerOptions {
    fn config(&self) -> Result<Config> {
        let mut config = Config::load()?;
        let spill_dir = self.spill_dir.as_ref().map(|dir| dir.display().to_string());
        let settings =
            [("threads", self.threads.map(|n| n.to_string())), ("memory.limit", self.memory_limit.clone()), ("spill.dir", spill_dir)];
        for (key, value) in settings {
            if let Some(value) = value {
                config.set(key, &value)?;
            }
        }
        Ok(config)
    }
}

/// The cluster's client for tasks of this worker that submit tasks: connected at the first use, and kept.
fn own_client(worker: WorkerId, scheduler: String, within: Duration) -> impl Fn() -> Result<Arc<dyn Executor>> + Send + Sync {
    let kept = Mutex::new(None::<Arc<dyn Executor>>);
    move || {
        if let Some(executor) = &*kept.lock() {
            return Ok(executor.clone());
        }
        // Not under the lock: connecting gives the task's slot back, and who takes it may come here too. Of several that
        // connect at once, the first to be connected stays.
        let executor: Arc<dyn Executor> = Arc::new(ClusterExecutor::connect_for(Some(worker), &scheduler, within)?);
        Ok(kept.lock().get_or_insert(executor).clone())
    }
}

/// Works until the future is dropped or the scheduler is gone. `on_ready` is told name and address once the scheduler
/// knows the worker.
///
/// # Errors
/// `Auth` for a host that others reach; `Io`, `Timeout` or `Version` when the scheduler is not reached or refuses; `Io`
/// when the stream to it ends.
pub async fn serve(options: WorkerOptions, on_ready: impl FnOnce(&Ready)) -> Result<()> {
    let config = options.config()?;
    let scheduler = net::host_port(&options.scheduler)?;
    let (incoming, address) = net::listen(&options.host, options.port).await?;
    let slots = config.thread_count() as u32;
    let store = Arc::new(Store::new(Budget::new(config.memory.limit.bytes())));
    let (within, registry) = (options.connect_timeout, options.registry.unwrap_or_else(|| Registry::global().clone()));
    let functions = registry.functions().filter_map(|function| Some((function.name()?.to_owned(), function.signature_hash()))).collect();
    let info = WorkerInfo {
        name: options.name.unwrap_or_default(),
        address: address.to_string(),
        slots,
        memory: store.budget().limit().unwrap_or(0),
        resources: options.resources,
        functions: Some(functions),
        services: services(),
    };
    let env = Arc::new(Environment::new(registry, store.clone(), Arc::new(config)));
    let mut routes = RoutesBuilder::default();
    serve_store(store, &mut routes);
    mount(&env, &address.to_string(), &mut routes)?;
    let server = net::server().add_routes(routes.routes()).serve_with_incoming(incoming);
    let work = async {
        let hello = WorkerHello { versions: versions(), info };
        let Opened { tell, inbox, welcome } = open(&scheduler, Role::Worker, &hello, within).await?;
        let WorkerWelcome { worker, name, peers } = welcome;
        let fetch = Arc::new(FlightFetch::default());
        peers.into_iter().for_each(|peer| fetch.up(peer));
        let emit = tell.clone();
        env.set_client(own_client(worker, scheduler.clone(), within));
        env.set_scheduler(format!("tcp://{scheduler}"));
        // Whoever keeps the environment does not keep the stream.
        let reports = tell.downgrade();
        env.set_reports(move |report| {
            // Without a stream nobody watches.
            let _ = reports.upgrade().map(|tell| tell.send(vec![FromWorker::Report(report)]));
        });
        let runner = Runner::new(worker, slots, env, fetch.clone(), move |event| {
            // Without a stream to the scheduler the worker is about to end.
            let _ = emit.send(vec![FromWorker::Event(event)]);
        });
        let commands = feed(runner)?;
        tracing::info!(worker = name.as_str(), %scheduler, "worker is ready");
        on_ready(&Ready { name, address: format!("tcp://{address}") });
        let heart = async {
            let mut beat = tokio::time::interval(BEAT);
            while tell.send(vec![FromWorker::Beat]).is_ok() {
                beat.tick().await;
            }
        };
        let lost = |why: &str| {
            Error::new(ErrorKind::Io, format!("the stream to the scheduler at {scheduler} has ended: {why}"))
                .with_help("the scheduler has stopped or has given this worker up; its log says why. Start the worker again")
        };
        tokio::select! {
            ended = listen(inbox, &fetch, &commands) => Err(match ended {
                Ok(()) => lost("it was closed there"),
                Err(error) => lost(error.message()),
            }),
            () = heart => Err::<(), Error>(lost("nothing more can be sent")),
        }
    };
    tokio::select! {
        served = server => served.map_err(|error| Error::new(ErrorKind::Io, net::deepest(&error))),
        ended = work => ended,
    }
}

/// Hands commands to the runner on a thread of its own: decoding the work of a layer is no business of the runtime that
/// serves heartbeats and results.
fn feed(runner: Runner) -> Result<mpsc::Sender<Command>> {
    let (send, commands) = mpsc::channel();
    std::thread::Builder::new()
        .name("stratal-worker".into())
        .spawn(move || commands.into_iter().for_each(|command| runner.handle(command)))?;
    Ok(send)
}

/// Does as the scheduler says, until it says no more.
async fn listen(mut inbox: Inbox<ForWorker>, fetch: &FlightFetch, commands: &mpsc::Sender<Command>) -> Result<()> {
    while let Some(messages) = inbox.next().await? {
        for message in messages {
            let command = match message {
                ForWorker::Up(peer) => {
                    fetch.up(peer);
                    continue;
                }
                ForWorker::Gone(worker) => {
                    fetch.gone(worker);
                    continue;
                }
                ForWorker::Layer { run, layer, spec, kind, body } => {
                    Command::Layer { run, layer, spec, work: LayerWork::Wire { kind, body } }
                }
                ForWorker::Calls { run, layer, block } => Command::Calls { run, layer, block },
                ForWorker::Sched(message) => Command::Sched(message),
            };
            commands.send(command).map_err(|_| Error::internal("the worker's thread has stopped; its message is above"))?;
        }
    }
    Ok(())
}
