//! A scheduler and workers for one program: child processes, or threads of this one.
//!
//! - `child`: a scheduler or worker as a process; `program`: which program that is.
//! - `station`: the same as a thread of this process.

mod child;
mod program;
mod station;

use crate::{SchedulerOptions, WorkerOptions, process::Ready};
use child::Child;
use parking_lot::Mutex;
use program::find_program;
use station::Station;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use stratal_core::{Client, Error, ErrorKind, Result, config::parse_bytes};

/// How long a new process may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Sets up a [`LocalCluster`].
///
/// ```
/// use stratal_cluster::LocalCluster;
/// let cluster = LocalCluster::builder().workers(1).threads(1).memory_limit("512MiB").in_process().start()?;
/// assert!(cluster.scheduler_addr().starts_with("tcp://127.0.0.1:"));
/// # Ok::<(), stratal_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until start()"]
pub struct LocalClusterBuilder {
    workers: usize,
    threads: usize,
    memory_limit: Option<String>,
    in_process: bool,
    worker_bin: Option<PathBuf>,
    log_dir: Option<PathBuf>,
}

impl LocalClusterBuilder {
    /// Workers at the start; 2 unless told otherwise.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Tasks that each worker runs at once; 1 unless told otherwise.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Bytes of results that each worker holds: `"512MiB"`, `"auto"` or `"none"`.
    pub fn memory_limit(mut self, limit: impl Into<String>) -> Self {
        self.memory_limit = Some(limit.into());
        self
    }

    /// Threads of this process instead of processes: closer at hand, but with it they end.
    pub fn in_process(mut self) -> Self {
        self.in_process = true;
        self
    }

    /// The program of scheduler and workers.
    pub fn worker_bin(mut self, program: impl Into<PathBuf>) -> Self {
        self.worker_bin = Some(program.into());
        self
    }

    /// Where each process writes its log, `scheduler.log`, `worker-1.log` and so on; this process's stderr unless told.
    pub fn log_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.log_dir = Some(dir.into());
        self
    }

    /// Starts everything and waits until it is ready.
    ///
    /// # Errors
    /// `NotFound` when there is no program for the workers; `BadValue` for a limit that is no size; what the processes
    /// end with.
    pub fn start(self) -> Result<LocalCluster> {
        if let Some(limit) = self.memory_limit.as_deref().filter(|limit| !matches!(*limit, "auto" | "none")) {
            parse_bytes(limit)?;
        }
        let program = if self.in_process { PathBuf::new() } else { find_program(self.worker_bin.as_deref())? };
        if let Some(dir) = &self.log_dir {
            std::fs::create_dir_all(dir)?;
        }
        let workers = self.workers;
        let scheduler = match self.in_process {
            true => {
                let options = SchedulerOptions { port: 0, ..SchedulerOptions::default() };
                Member::Station(Station::start("scheduler", |ready| crate::serve_scheduler(options, ready))?)
            }
            false => {
                let arguments = ["scheduler", "--port", "0", "--exit-with-stdin"].map(str::to_owned);
                Member::Child(Child::start(&program, &arguments, log(&self.log_dir, "scheduler").as_deref(), READY_WITHIN)?)
            }
        };
        let inside = Inside { scheduler, workers: Vec::new(), started: 0 };
        let cluster = LocalCluster { builder: self, program, inside: Mutex::new(inside) };
        cluster.scale(workers)?;
        Ok(cluster)
    }
}

fn log(dir: &Option<PathBuf>, name: &str) -> Option<PathBuf> {
    dir.as_deref().map(|dir: &Path| dir.join(format!("{name}.log")))
}

/// A scheduler and workers that end with this value, or with this process, however it ends.
///
/// ```
/// use stratal_cluster::LocalCluster;
/// use stratal_core::function::tasks;
///
/// let cluster = LocalCluster::builder().in_process().start()?;
/// let client = cluster.client()?;
/// assert_eq!(client.submit(tasks::sum::<i64>, vec![1i64, 2, 3]).result()?, 6);
/// # Ok::<(), stratal_core::Error>(())
/// ```
pub struct LocalCluster {
    builder: LocalClusterBuilder,
    program: PathBuf,
    inside: Mutex<Inside>,
}

struct Inside {
    /// Before the scheduler, so that they are dropped first and none of them complains.
    workers: Vec<Member>,
    scheduler: Member,
    /// Workers started so far, for the names of their logs.
    started: usize,
}

enum Member {
    Child(Child),
    Station(Station),
}

impl Member {
    fn ready(&self) -> &Ready {
        match self {
            Member::Child(child) => child.ready(),
            Member::Station(station) => station.ready(),
        }
    }

    fn kill(self) {
        match self {
            Member::Child(child) => child.kill(),
            Member::Station(station) => drop(station),
        }
    }
}

impl LocalCluster {
    /// `workers` child processes of one thread each, and their scheduler.
    ///
    /// # Errors
    /// As [`LocalClusterBuilder::start`].
    pub fn new(workers: usize) -> Result<Self> {
        LocalCluster::builder().workers(workers).start()
    }

    /// Settings before anything is started.
    pub fn builder() -> LocalClusterBuilder {
        LocalClusterBuilder { workers: 2, threads: 1, memory_limit: None, in_process: false, worker_bin: None, log_dir: None }
    }

    /// A client of this cluster, which becomes the process's current one.
    ///
    /// # Errors
    /// `Io` when the scheduler has stopped.
    pub fn client(&self) -> Result<Client> {
        Client::connect(&self.scheduler_addr())
    }

    /// The scheduler's address: `tcp://127.0.0.1:40123`.
    pub fn scheduler_addr(&self) -> String {
        self.inside.lock().scheduler.ready().address.clone()
    }

    /// The names of the workers, in the order in which they were started.
    pub fn worker_names(&self) -> Vec<String> {
        self.inside.lock().workers.iter().map(|worker| worker.ready().name.clone()).collect()
    }

    /// The process ids of the workers, in the order in which they were started; this process's own where they are
    /// threads of it.
    pub fn worker_pids(&self) -> Vec<u32> {
        let pid = |worker: &Member| match worker {
            Member::Child(child) => child.pid(),
            Member::Station(_) => std::process::id(),
        };
        self.inside.lock().workers.iter().map(pid).collect()
    }

    /// Kills the worker at this position (SIGKILL), as a crash would. Those behind it move up.
    ///
    /// # Errors
    /// `BadValue` when there is none.
    pub fn kill_worker(&self, position: usize) -> Result<()> {
        let mut inside = self.inside.lock();
        let count = inside.workers.len();
        if position >= count {
            return Err(Error::new(ErrorKind::BadValue, format!("there is no worker {position} among {count}")));
        }
        let worker = inside.workers.remove(position);
        drop(inside);
        worker.kill();
        Ok(())
    }

    /// Starts one more worker and waits until it has joined.
    ///
    /// # Errors
    /// What it ends with before it has joined.
    pub fn add_worker(&self) -> Result<()> {
        let (scheduler, number) = {
            let mut inside = self.inside.lock();
            inside.started += 1;
            (inside.scheduler.ready().address.clone(), inside.started)
        };
        let (threads, memory_limit) = (self.builder.threads, self.builder.memory_limit.clone());
        let worker = match self.builder.in_process {
            true => {
                let options = WorkerOptions { scheduler, threads: Some(threads), memory_limit, ..WorkerOptions::default() };
                Member::Station(Station::start("worker", |ready| crate::serve_worker(options, ready))?)
            }
            false => {
                let mut arguments =
                    vec!["worker".to_owned(), scheduler, "--threads".to_owned(), threads.to_string(), "--exit-with-stdin".to_owned()];
                arguments.extend(memory_limit.into_iter().flat_map(|limit| ["--memory-limit".to_owned(), limit]));
                let log = log(&self.builder.log_dir, &format!("worker-{number}"));
                Member::Child(Child::start(&self.program, &arguments, log.as_deref(), READY_WITHIN)?)
            }
        };
        self.inside.lock().workers.push(worker);
        Ok(())
    }

    /// Starts or stops workers until there are so many. The newest are stopped first.
    ///
    /// # Errors
    /// As [`add_worker`](Self::add_worker).
    pub fn scale(&self, workers: usize) -> Result<()> {
        while self.inside.lock().workers.len() < workers {
            self.add_worker()?;
        }
        let surplus = {
            let mut inside = self.inside.lock();
            let keep = inside.workers.len().min(workers);
            inside.workers.split_off(keep)
        };
        drop(surplus);
        Ok(())
    }

    /// Ends everything, which dropping it does too.
    pub fn shutdown(self) {}
}
