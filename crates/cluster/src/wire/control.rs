//! The gRPC service `stratal.Control`: one bidirectional stream for each worker and one for each client.

use super::{
    frame::{Carries, Frame, FrameCodec, Unpacker},
    greet, greeting, pack,
};
use crate::net;
use bytes::Bytes;
use futures::{StreamExt, future::BoxFuture, stream::BoxStream};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use stratal_core::{Error, ErrorKind, Result};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, sleep, timeout_at},
};
use tonic::{
    Request, Response, Status, Streaming,
    body::Body,
    codegen::{Service, http},
    server::{NamedService, StreamingService},
    transport::Channel,
};

/// How long a new connection may take to greet.
const GREETING_WITHIN: Duration = Duration::from_secs(10);
/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(100);

/// Who is at the other end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A worker.
    Worker,
    /// A client.
    Client,
}

impl Role {
    fn path(self) -> &'static str {
        match self {
            Role::Worker => "/stratal.Control/Worker",
            Role::Client => "/stratal.Control/Client",
        }
    }

    fn of_path(path: &str) -> Option<Role> {
        [Role::Worker, Role::Client].into_iter().find(|role| role.path() == path)
    }

    /// As errors name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Worker => "a worker",
            Role::Client => "a client",
        }
    }
}

/// Where messages to a peer are put, a batch at a time. It never blocks; with the last clone the stream ends.
pub(crate) type Outbox<T> = UnboundedSender<Vec<T>>;

/// The frames to a peer.
pub(crate) type Frames = BoxStream<'static, Frame>;

/// What the scheduler does with a new stream: reads its greeting and answers with frames.
pub(crate) type Accept = Arc<dyn Fn(Role, Streaming<Frame>) -> BoxFuture<'static, Result<Frames, Status>> + Send + Sync>;

/// The frames to a peer: the greeting, then what is told.
pub(crate) fn outgoing<T: Serialize + Send + 'static>(hello: &impl Serialize, told: UnboundedReceiver<Vec<T>>) -> Result<Frames> {
    Ok(pack(greet(hello)?, told))
}

/// The messages from a peer.
pub(crate) struct Inbox<T> {
    frames: Streaming<Frame>,
    unpacker: Unpacker<T>,
    /// The connection that this process made for the stream; it may close with the last handle on it.
    _channel: Option<Channel>,
}

impl<T: DeserializeOwned> Inbox<T> {
    /// The messages of a stream.
    pub(crate) fn new(frames: Streaming<Frame>) -> Self {
        Inbox { frames, unpacker: Unpacker::default(), _channel: None }
    }

    /// The greeting, which comes before all else. `who` sends it.
    pub(crate) async fn greeting<G: DeserializeOwned>(&mut self, who: &str) -> Result<G> {
        let late = |_| Error::new(ErrorKind::Timeout, format!("{who} connected and said nothing for {} s", GREETING_WITHIN.as_secs()));
        let first = tokio::time::timeout(GREETING_WITHIN, self.frames.message()).await.map_err(late)?;
        match first.map_err(|status| net::error_of(&status))? {
            Some(frame) if frame.carries == Carries::Greeting => greeting::read_greeting(&frame.bytes, who),
            _ => Err(Error::new(ErrorKind::BadValue, format!("{who} did not greet"))),
        }
    }

    /// The messages of the next frame; none when the peer has ended the stream. Nothing is lost when the future is dropped.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<T>>> {
        loop {
            match self.frames.message().await.map_err(|status| net::error_of(&status))? {
                None => return Ok(None),
                Some(frame) => {
                    let messages = self.unpacker.take(&frame)?;
                    if !messages.is_empty() {
                        return Ok(Some(messages));
                    }
                }
            }
        }
    }
}

/// The service that a scheduler serves.
#[derive(Clone)]
pub(crate) struct ControlServer(pub(crate) Accept);

impl NamedService for ControlServer {
    const NAME: &'static str = "stratal.Control";
}

impl Service<http::Request<Body>> for ControlServer {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let accept = self.0.clone();
        Box::pin(async move {
            match Role::of_path(request.uri().path()) {
                Some(role) => Ok(tonic::server::Grpc::new(FrameCodec).streaming(Method { accept, role }, request).await),
                None => Ok(Status::unimplemented("stratal.Control has the methods Worker and Client").into_http()),
            }
        })
    }
}

struct Method {
    accept: Accept,
    role: Role,
}

impl StreamingService<Frame> for Method {
    type Response = Frame;
    type ResponseStream = BoxStream<'static, Result<Frame, Status>>;
    type Future = BoxFuture<'static, Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<Streaming<Frame>>) -> Self::Future {
        let answer = (self.accept)(self.role, request.into_inner());
        Box::pin(async move { Ok(Response::new(answer.await?.map(Ok).boxed())) })
    }
}

/// An open stream to the scheduler.
pub(crate) struct Opened<Out, In, Welcome> {
    pub(crate) tell: Outbox<Out>,
    pub(crate) inbox: Inbox<In>,
    pub(crate) welcome: Welcome,
}

/// Greets the scheduler at `address` (host:port) and waits to be welcomed. While nobody listens there, tries again.
///
/// # Errors
/// What the scheduler refuses with; `Io` or `Timeout` when nobody answers in time.
pub(crate) async fn open<Out, In, Welcome>(
    address: &str,
    role: Role,
    hello: &impl Serialize,
    within: Duration,
) -> Result<Opened<Out, In, Welcome>>
where
    Out: Serialize + Send + 'static,
    In: DeserializeOwned,
    Welcome: DeserializeOwned,
{
    let deadline = Instant::now() + within;
    let greeting = greet(hello)?;
    let help = format!("start one with: stratal scheduler --port {}, or name another address", net::port_of(address));
    loop {
        let refused = match timeout_at(deadline, try_open(address, role, greeting.clone())).await {
            Err(_) => {
                let message = format!("the scheduler at {address} did not answer within {} s", within.as_secs_f64());
                return Err(Error::new(ErrorKind::Timeout, message).with_help(help));
            }
            Ok(Err(error)) if error.kind() == ErrorKind::Io => error,
            Ok(answered) => return answered,
        };
        if Instant::now() + PAUSE >= deadline {
            return Err(Error::new(ErrorKind::Io, format!("no scheduler listens at {address}: {}", refused.message())).with_help(help));
        }
        sleep(PAUSE).await;
    }
}

async fn try_open<Out, In, Welcome>(address: &str, role: Role, greeting: Bytes) -> Result<Opened<Out, In, Welcome>>
where
    Out: Serialize + Send + 'static,
    In: DeserializeOwned,
    Welcome: DeserializeOwned,
{
    let failed = |status: Status| net::error_of(&status);
    let channel = net::endpoint(address)?.connect().await.map_err(|error| Error::new(ErrorKind::Io, net::deepest(&error)))?;
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.map_err(|error| Error::new(ErrorKind::Io, net::deepest(&error)))?;
    let (tell, told) = unbounded_channel();
    let frames = pack(greeting, told);
    let path = http::uri::PathAndQuery::from_static(role.path());
    let answer = grpc.streaming(Request::new(frames), path, FrameCodec).await.map_err(failed)?;
    let mut inbox = Inbox { _channel: Some(channel), ..Inbox::new(answer.into_inner()) };
    let welcome = inbox.greeting("the scheduler").await?;
    Ok(Opened { tell, inbox, welcome })
}
