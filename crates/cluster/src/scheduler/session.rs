//! One task for each stream: it greets, enters the peer at the driver, and passes on what the peer says until it leaves.
//!
//! The task is not the request's: when the connection breaks in the middle of the greeting, it still says goodbye.

use super::driver::{Heard, Inbound};
use crate::{
    net,
    wire::{ClientHello, Frame, Frames, FromClient, FromWorker, Inbox, Role, WorkerHello, check_versions, outgoing},
};
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use std::sync::mpsc::Sender;
use stratal_core::{Error, ErrorKind, Result};
use tokio::sync::{mpsc::unbounded_channel, oneshot};
use tonic::{Status, Streaming};

/// Where a session leaves its answer to the greeting.
pub(super) type Answer = oneshot::Sender<Result<Frames>>;

/// Starts a session and waits for its answer to the greeting.
pub(super) fn accept<T, S>(
    frames: Streaming<Frame>,
    session: impl FnOnce(Inbox<T>, Answer) -> S,
) -> BoxFuture<'static, Result<Frames, Status>>
where
    T: DeserializeOwned + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    tokio::spawn(session(Inbox::new(frames), answer));
    Box::pin(async move {
        let answer = answered.await.unwrap_or_else(|_| Err(stopping(())));
        answer.map_err(|error| net::status_of(&error))
    })
}

fn stopping<T>(_: T) -> Error {
    Error::new(ErrorKind::Io, "the scheduler is stopping")
}

/// A worker's session.
pub(super) async fn worker(driver: Sender<Inbound>, mut inbox: Inbox<FromWorker>, answer: Answer) {
    let heard = Heard::now();
    let (tell, told) = unbounded_channel();
    let join = async {
        let hello: WorkerHello = inbox.greeting(Role::Worker.name()).await?;
        let who = match hello.info.name.as_str() {
            "" => format!("worker at {}", hello.info.address),
            name => format!("worker {name}"),
        };
        check_versions(&who, &hello.versions)?;
        let (say, said) = oneshot::channel();
        driver.send(Inbound::WorkerJoins { info: hello.info, heard: heard.clone(), tell, say }).map_err(stopping)?;
        said.await.map_err(stopping)?
    };
    let (id, frames) = match join.await {
        Ok(welcome) => (welcome.worker, outgoing(&welcome, told)),
        Err(error) => return refuse(answer, error),
    };
    // A connection that is gone already is noticed below.
    let _ = answer.send(frames);
    let reason = loop {
        match inbox.next().await {
            Ok(Some(messages)) => {
                heard.touch();
                if driver.send(Inbound::Worker(id, messages)).is_err() {
                    return;
                }
            }
            Ok(None) => break "it left".to_owned(),
            Err(error) => break error.message().to_owned(),
        }
    };
    let _ = driver.send(Inbound::WorkerLeft(id, reason));
}

/// A client's session.
pub(super) async fn client(driver: Sender<Inbound>, mut inbox: Inbox<FromClient>, answer: Answer) {
    let (tell, told) = unbounded_channel();
    let join = async {
        let hello: ClientHello = inbox.greeting(Role::Client.name()).await?;
        check_versions("client", &hello.versions)?;
        let (say, said) = oneshot::channel();
        driver.send(Inbound::ClientJoins { of: hello.of, tell, say }).map_err(stopping)?;
        said.await.map_err(stopping)
    };
    let (id, frames) = match join.await {
        Ok(welcome) => (welcome.client, outgoing(&welcome, told)),
        Err(error) => return refuse(answer, error),
    };
    let _ = answer.send(frames);
    while let Ok(Some(messages)) = inbox.next().await {
        if driver.send(Inbound::Client(id, messages)).is_err() {
            return;
        }
    }
    let _ = driver.send(Inbound::ClientLeft(id));
}

fn refuse(answer: Answer, error: Error) {
    tracing::warn!(error = error.message(), "a peer was refused");
    let _ = answer.send(Err(error));
}
