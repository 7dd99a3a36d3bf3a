//! What a worker has of the query engine: the service by which others run stages here, the sessions these run in, and
//! connections to the others.

use super::{
    SERVICE, VERSION,
    fault::broke_off,
    share::task_number,
    stage::StageSlot,
    watch::{StageWatch, Watch},
};
use crate::{
    error::to_datafusion,
    expr::own_functions,
    functions,
    interop::registered,
    lower::{Codec, arrange},
    operators::TaskNumber,
    session,
};
use async_trait::async_trait;
use datafusion::{common::Result as DfResult, execution::SessionState};
use datafusion_distributed::{
    ChannelResolver, DistributedExt, GetWorkerInfoRequest, Worker, WorkerChannel, WorkerPlanRewriteEvent, WorkerPlanRewriteEventResponse,
    WorkerQueryContext,
    grpc::{BoxCloneSyncChannel, create_worker_client},
};
use futures::future::{join_all, ready};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
    task::{Context, Poll},
    time::Duration,
};
use stratal_core::{
    Error, ErrorKind, Result,
    runner::{Environment, Neighbour},
    runtime,
    sched::WorkerInfo,
};
use tonic::{
    body::Body,
    codegen::{
        BoxFuture, Service,
        http::{HeaderMap, HeaderName, HeaderValue, Request, Response},
    },
    server::NamedService,
    service::RoutesBuilder,
    transport::Channel,
};
use url::Url;

/// Opens a connection to the server of a worker, by its address.
pub type Dial = fn(&str) -> Result<Channel>;

/// How long a worker may take to say that it lives, before a query does without it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// The header by which a stage knows the worker that the query's task is on.
const HOME: &str = "x-stratal-query-home";

/// Adds the query engine to the server of a worker, whose tasks share `env`, and which others reach at `address`.
///
/// # Errors
/// `Io` where there is no place to spill to.
pub fn mount(env: &Arc<Environment>, address: &str, dial: Dial, routes: &mut RoutesBuilder) -> Result<()> {
    let channels = Channels { dial, open: Arc::default() };
    let sessions = Sessions {
        env: Arc::downgrade(env),
        address: address.to_owned(),
        batch_rows: env.config().frame.batch_rows,
        channels: channels.clone(),
    };
    let worker = Worker::from_session_builder(move |query: WorkerQueryContext| ready(sessions.session(query)))
        .with_runtime_env(session::runtime(env)?)
        .with_version(VERSION);
    routes.add_service(OnCompute(worker.into_worker_server()));
    let station = Station { address: address.to_owned(), channels };
    // A process has one worker for each environment.
    let _ = env.extension(Mounted::default).0.set(Arc::new(station));
    Ok(())
}

/// Whether a worker says that it serves this version of the engine.
pub(crate) fn serves(worker: &WorkerInfo) -> bool {
    worker.services.get(SERVICE).is_some_and(|version| version == VERSION)
}

/// The engine of a process, once it is mounted.
#[derive(Default)]
struct Mounted(OnceLock<Arc<Station>>);

/// What the task of a query has of its worker.
pub(super) struct Station {
    /// Where others reach this worker.
    address: String,
    channels: Channels,
}

impl Station {
    /// That of a process.
    ///
    /// # Errors
    /// `Unregistered` where the engine is not mounted.
    pub(super) fn of(env: &Environment) -> Result<Arc<Self>> {
        env.extension(Mounted::default).0.get().cloned().ok_or_else(|| {
            Error::new(ErrorKind::Unregistered, "this process serves no queries to others")
                .with_help("start workers with a program that has the features cluster and query, or set execution.engine to layers")
        })
    }

    /// Connections to workers.
    pub(super) fn channels(&self) -> Channels {
        self.channels.clone()
    }

    /// Those of the other workers that serve the engine and answer now. Who does not say that it serves it is not asked.
    pub(super) async fn living(&self, mut others: Vec<Neighbour>) -> Vec<Neighbour> {
        others.retain(|other| serves(&other.info));
        self.channels.keep(|address| address == self.address || others.iter().any(|other| other.info.address == address));
        let asked = others.into_iter().map(|other| async move {
            let lives = self.answers(&other).await;
            lives.then_some(other)
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    async fn answers(&self, other: &Neighbour) -> bool {
        let asking = async {
            let mut worker = self.channels.client(&other.info.address).map_err(to_datafusion)?;
            worker.get_worker_info(GetWorkerInfoRequest {}).await
        };
        let why = match tokio::time::timeout(ANSWERS_WITHIN, asking).await {
            Ok(Ok(answer)) if answer.version == VERSION => return true,
            Ok(Ok(answer)) => format!("its engine has version {}", answer.version),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer".to_owned(),
        };
        tracing::warn!(worker = other.info.name.as_str(), why = why.as_str(), "a query does without a worker");
        false
    }

    /// Where the stages of a query may run: here and on these.
    pub(super) fn urls(&self, others: &[Neighbour]) -> Result<Vec<Url>> {
        let addresses = std::iter::once(self.address.as_str()).chain(others.iter().map(|other| other.info.address.as_str()));
        addresses.map(url).collect()
    }

    /// What the stages of a query are told besides their plans.
    pub(super) fn headers(&self) -> Result<HeaderMap> {
        let home = HeaderValue::from_str(&self.address).map_err(|_| Error::internal("an address that is no header"))?;
        Ok(HeaderMap::from_iter([(HeaderName::from_static(HOME), home)]))
    }
}

/// The engine's form of an address.
pub(super) fn url(address: &str) -> Result<Url> {
    Url::parse(&format!("http://{address}")).map_err(|error| Error::internal(format!("{address:?} is no address: {error}")))
}

/// The address that such a form was made of.
fn address(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// Connections to workers, each opened once.
#[derive(Clone)]
pub(super) struct Channels {
    dial: Dial,
    open: Arc<Mutex<HashMap<String, Channel>>>,
}

impl Channels {
    fn client(&self, address: &str) -> Result<Box<dyn WorkerChannel>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let channel = match open.get(address) {
            Some(channel) => channel.clone(),
            None => {
                let channel = (self.dial)(address)?;
                open.insert(address.to_owned(), channel.clone());
                channel
            }
        };
        Ok(create_worker_client(BoxCloneSyncChannel::new(channel)))
    }

    /// Closes those to workers that are not there any more.
    fn keep(&self, is_there: impl Fn(&str) -> bool) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|address, _| is_there(address));
    }
}

#[async_trait]
impl ChannelResolver for Channels {
    async fn get_worker_client_for_url(&self, url: &Url) -> DfResult<Box<dyn WorkerChannel>> {
        self.client(&address(url)).map_err(to_datafusion)
    }
}

/// Makes the sessions that stages run in.
struct Sessions {
    /// Not kept: what keeps this lives in there.
    env: Weak<Environment>,
    address: String,
    batch_rows: usize,
    channels: Channels,
}

impl Sessions {
    fn session(&self, query: WorkerQueryContext) -> DfResult<SessionState> {
        let WorkerQueryContext { mut builder, headers } = query;
        builder.scalar_functions().get_or_insert_default().extend(own_functions().into_iter().chain(registered()));
        builder.aggregate_functions().get_or_insert_default().extend(functions::all());
        let mut settings = builder.config().take().unwrap_or_default().with_batch_size(self.batch_rows);
        settings.set_extension(Arc::new(TaskNumber(task_number)));
        if let Some(env) = self.env.upgrade() {
            session::index_by_key(&mut settings, env.store().budget().limit());
        }
        // Where the query's task is, its own slot stands for what runs of the query.
        if headers.get(HOME).is_none_or(|home| home.as_bytes() != self.address.as_bytes()) {
            settings.set_extension(Arc::new(StageSlot::new(self.env.clone())));
        }
        if let Some(watch) = Watch::of(&headers) {
            settings.set_extension(Arc::new(StageWatch::new(watch, self.env.clone())));
        }
        let builder = builder
            .with_config(settings)
            .with_distributed_user_codec(Codec)
            .with_distributed_channel_resolver(self.channels.clone())
            .with_distributed_worker_plan_rewrite_handler(arranged);
        Ok(builder.build())
    }
}

/// A plan that came over the wire, without what it lost there.
fn arranged(event: WorkerPlanRewriteEvent<'_>) -> DfResult<WorkerPlanRewriteEventResponse> {
    arrange(event.plan).map(WorkerPlanRewriteEventResponse::new).map_err(to_datafusion)
}

/// A service whose work is done on the compute runtime, and not where connections are served.
#[derive(Clone)]
struct OnCompute<S>(S);

impl<S: NamedService> NamedService for OnCompute<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for OnCompute<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let answered = runtime::compute().spawn(self.0.call(request));
        Box::pin(async move { answered.await.unwrap_or_else(|error| Ok(broke_off(error).into_http())) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use stratal_core::{client::wait_for, runner::CancelToken};
    use tonic::{
        service::Routes,
        transport::{Endpoint, Server, server::TcpIncoming},
    };

    fn dial(address: &str) -> Result<Channel> {
        let _inside = runtime::io().enter();
        Ok(Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy())
    }

    /// Serves these, and gives the address.
    async fn served(routes: Routes) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        runtime::io().spawn(Server::builder().add_routes(routes).serve_with_incoming(TcpIncoming::from(listener)));
        address
    }

    fn neighbour(name: &str, address: String, version: Option<&str>) -> Neighbour {
        let services = version.map(|version| (SERVICE.to_owned(), version.to_owned())).into_iter().collect();
        let (name, resources) = (name.to_owned(), BTreeMap::new());
        let info = WorkerInfo { name, address, slots: 1, memory: 0, resources, functions: None, services };
        Neighbour { info, gone: CancelToken::default() }
    }

    #[test]
    fn a_query_does_without_workers_that_have_no_engine_or_another_or_are_gone() {
        let living = wait_for(async {
            let engine = |version: &str| {
                let mut routes = RoutesBuilder::default();
                routes.add_service(Worker::default().with_version(version.to_owned()).into_worker_server());
                routes.routes()
            };
            let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
            let others = vec![
                neighbour("without", served(Routes::default()).await, Some(VERSION)),
                neighbour("other", served(engine("0.0.0")).await, Some(VERSION)),
                neighbour("with", served(engine(VERSION)).await, Some(VERSION)),
                neighbour("gone", gone, Some(VERSION)),
                // They would answer, if they were asked.
                neighbour("says nothing", served(engine(VERSION)).await, None),
                neighbour("says another", served(engine(VERSION)).await, Some("0.0.0")),
            ];
            let station = Station { address: "127.0.0.1:1".to_owned(), channels: Channels { dial, open: Arc::default() } };
            station.living(others).await
        });
        let names: Vec<&str> = living.iter().map(|worker| worker.info.name.as_str()).collect();
        assert_eq!(names, ["with"]);
    }

    #[test]
    fn an_address_comes_back_from_its_url() {
        for one in ["127.0.0.1:40123", "localhost:80", "[::1]:4000"] {
            assert_eq!(address(&url(one).unwrap()), one);
        }
        assert!(url("no address").is_err());
    }
}
