//! datafusion-distributed alone as a side: a coordinator, which is asked, and workers of one thread, which are children of it.
//!
//! Both are set up as its documentation shows, with its own settings and DataFusion's but for [`PARTITIONS`].

use super::{Process, Role, Side, answering::say, protocol::Hello, sql};
use datafusion::{
    error::DataFusionError,
    execution::SessionStateBuilder,
    prelude::{SessionConfig, SessionContext},
};
use datafusion_distributed::{DistributedExt, SessionStateBuilderExt, Worker, WorkerResolver, grpc::DefaultChannelResolver};
use std::io;
use stratal::{
    Error, ErrorKind, Result,
    frame::{DATAFUSION_VERSION, query::VERSION},
};
use tokio::{net::TcpListener, runtime};
use tonic::transport::{Server, server::TcpIncoming};
use url::Url;

/// Partitions of each task (`target_partitions`). The engine means them to be a worker's threads, of which there is one here; but
/// it spreads what DataFusion exchanges, and DataFusion exchanges nothing between fewer than two.
const PARTITIONS: usize = 2;

/// The coordinator, until stdin ends. What the engine does not spread is done here, on as many threads as there are workers.
pub(super) fn serve(workers: usize) -> Result<()> {
    // They end when they are dropped, and when this process does.
    let workers = (0..workers).map(|_| started()).collect::<Result<Vec<Process>>>()?;
    let urls = workers.iter().map(|worker| url(&worker.version)).collect::<Result<Vec<Url>>>()?;
    // Connections stay from query to query, while all else of a session is new.
    let channels = DefaultChannelResolver::default();
    let opened = move || SessionContext::new_with_state(session(&urls, &channels).build());
    sql::serve(format!("datafusion-distributed {VERSION} on DataFusion {DATAFUSION_VERSION}"), workers.len(), opened)
}

/// A worker, until stdin ends. What it says that it is is where it is.
pub(super) fn work(threads: usize) -> Result<()> {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    say(&Hello::Ready(runtime.block_on(station())?))?;
    // Nobody writes anything.
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    runtime.shutdown_background();
    Ok(())
}

/// A worker as a process.
fn started() -> Result<Process> {
    let failed = |reason: String| Error::new(ErrorKind::Io, format!("a worker of datafusion-distributed does not start: {reason}"));
    Process::start(&Side::this("worker", Role::DatafusionWorker), 1).map_err(failed)
}

/// Serves a worker on this runtime from now on, and says where.
async fn station() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    // Without delay, as a server has it that is given an address and no socket.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(Server::builder().add_service(Worker::default().into_worker_server()).serve_with_incoming(incoming));
    Ok(format!("http://{address}"))
}

fn url(address: &str) -> Result<Url> {
    Url::parse(address).map_err(|error| Error::new(ErrorKind::BadValue, format!("{address:?} is no address: {error}")))
}

/// A session that spreads queries over workers.
fn session(workers: &[Url], channels: &DefaultChannelResolver) -> SessionStateBuilder {
    SessionStateBuilder::new()
        .with_config(SessionConfig::new().with_target_partitions(PARTITIONS))
        .with_default_features()
        .with_distributed_worker_resolver(Workers(workers.to_vec()))
        .with_distributed_channel_resolver(channels.clone())
        .with_distributed_planner()
}

/// The workers of all queries.
struct Workers(Vec<Url>);

impl WorkerResolver for Workers {
    fn get_urls(&self) -> std::result::Result<Vec<Url>, DataFusionError> {
        Ok(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{settings::Format, sides::Request};
    use datafusion_distributed::{DistributedExec, display_plan_ascii};
    use std::fs;

    /// Runs with a session over two workers, which spreads whatever it can.
    fn with_two_workers<T>(work: impl AsyncFnOnce(SessionContext) -> T) -> T {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let urls = [url(&station().await.unwrap()).unwrap(), url(&station().await.unwrap()).unwrap()];
            let session = session(&urls, &DefaultChannelResolver::default());
            let session = session.with_distributed_file_scan_config_bytes_per_partition(1).unwrap();
            work(SessionContext::new_with_state(session.build())).await
        })
    }

    /// The numbers below 1000 in four files, with their remainders of 7.
    fn numbers(directory: &tempfile::TempDir, sql: &str) -> Request {
        for file in 0..4 {
            let lines: String = (file * 250..(file + 1) * 250).map(|v| format!("{},{v}\n", v % 7)).collect();
            fs::write(directory.path().join(format!("numbers.{file}.csv")), format!("k,v\n{lines}")).unwrap();
        }
        let request = Request::new("tpch", "q1", directory.path(), Format::Csv);
        Request { sql: sql.to_owned(), tables: vec!["numbers".to_owned()], ..request }
    }

    #[test]
    fn a_query_is_spread_over_the_workers_and_answered() {
        let directory = tempfile::tempdir().unwrap();
        let request = numbers(&directory, "select k, sum(v) as total from numbers group by k order by k");
        let (plan, answer) = with_two_workers(async |session| {
            let answer = sql::answer(&session, &request).await.unwrap();
            let frame = session.sql(&request.sql).await.unwrap();
            (frame.create_physical_plan().await.unwrap(), answer)
        });
        assert!(plan.is::<DistributedExec>());
        let stages = display_plan_ascii(plan.as_ref(), false);
        assert!(stages.contains("tasks=2") && stages.contains("NetworkShuffleExec"), "{stages}");
        let totals: Vec<i64> = (0..7_i64).map(|k| (0..1000_i64).filter(|v| v % 7 == k).sum()).collect();
        assert_eq!(answer.column::<i64>("k").unwrap(), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(answer.column::<i64>("total").unwrap(), totals);
    }

    #[test]
    fn what_fails_on_a_worker_is_an_error_that_says_why() {
        let directory = tempfile::tempdir().unwrap();
        let request = numbers(&directory, "select k, sum(100 / (v - 500)) as total from numbers group by k");
        let error = with_two_workers(async |session| sql::answer(&session, &request).await).unwrap_err();
        assert!(error.to_string().to_lowercase().contains("divide by zero"), "{error}");
    }
}
