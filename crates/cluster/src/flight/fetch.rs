//! Reading results of other processes: one connection to each worker, one stream for all that is wanted of it at once.

use super::{Ticket as Asked, decode::Decoder};
use crate::{net, wire::Peer};
use arrow_flight::{FlightData, Ticket, flight_service_client::FlightServiceClient};
use futures::{StreamExt, stream::BoxStream};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::{
    collections::VecDeque,
    sync::{Arc, OnceLock},
};
use stratal_core::{
    Error, ErrorKind, Result, WorkerId,
    runner::{CancelToken, Fetch, FetchError, Neighbour, Piece, Wanted},
    sched::WorkerInfo,
    store::Part,
};
use tonic::{
    Code, Status, Streaming,
    transport::{Channel, Endpoint},
};

/// Reads from the workers that the scheduler told of.
#[derive(Default)]
pub(crate) struct FlightFetch {
    holders: Mutex<FxHashMap<WorkerId, Arc<Holder>>>,
}

struct Holder {
    info: WorkerInfo,
    endpoint: Endpoint,
    /// Made at the first fetch, inside a runtime; it connects again by itself.
    channel: OnceLock<Channel>,
    gone: CancelToken,
}

impl FlightFetch {
    /// A worker joined.
    pub(crate) fn up(&self, (worker, info): Peer) {
        match net::endpoint(&info.address) {
            Ok(endpoint) => {
                let holder = Holder { info, endpoint, channel: OnceLock::new(), gone: CancelToken::default() };
                self.holders.lock().insert(worker, Arc::new(holder));
            }
            Err(error) => tracing::warn!(%error, worker = info.name.as_str(), "a worker that cannot be reached"),
        }
    }

    /// A worker is given up: what is being read from it breaks off at once.
    pub(crate) fn gone(&self, worker: WorkerId) {
        if let Some(holder) = self.holders.lock().remove(&worker) {
            holder.gone.cancel();
        }
    }
}

impl Fetch for FlightFetch {
    fn fetch(&self, holder: WorkerId, wanted: Vec<Wanted>, part: Part) -> BoxStream<'static, Result<Piece, FetchError>> {
        let known = self.holders.lock().get(&holder).cloned();
        let reading = Reading { id: holder, holder: known, wanted: wanted.into(), part, messages: None, decoder: Decoder::default() };
        let pieces = futures::stream::unfold(Some(reading), |reading| async {
            let mut reading = reading?;
            match reading.next().await {
                Ok(piece) => Some((Ok(piece?), Some(reading))),
                Err(error) => Some((Err(error), None)),
            }
        });
        pieces.boxed()
    }

    fn neighbours(&self) -> Vec<Neighbour> {
        let holders = self.holders.lock();
        let neighbour = |holder: &Arc<Holder>| Neighbour { info: holder.info.clone(), gone: holder.gone.clone() };
        let mut all: Vec<Neighbour> = holders.values().map(neighbour).collect();
        all.sort_by(|one, other| one.info.name.cmp(&other.info.name));
        all
    }
}

/// One stream.
struct Reading {
    id: WorkerId,
    holder: Option<Arc<Holder>>,
    /// What has not ended yet, in order.
    wanted: VecDeque<Wanted>,
    part: Part,
    /// None until it is opened.
    messages: Option<Streaming<FlightData>>,
    decoder: Decoder,
}

impl Reading {
    /// The next piece; none when all that was wanted has ended.
    async fn next(&mut self) -> Result<Option<Piece>, FetchError> {
        let Some(first) = self.wanted.front().copied() else { return Ok(None) };
        let lost = |who: &str, why: &str| {
            FetchError::Missing(
                first,
                Error::new(ErrorKind::WorkerLost, format!("result {} could not be read from {who}: {why}", first.result)),
            )
        };
        let Some(holder) = self.holder.clone() else { return Err(lost(&self.id.to_string(), "it is gone")) };
        loop {
            let message = tokio::select! {
                message = self.message(&holder) => message,
                () = holder.gone.cancelled() => return Err(lost(&holder.info.name, "it is gone")),
            };
            let message = match message {
                Ok(Some(message)) => message,
                Ok(None) => return Err(lost(&holder.info.name, "the stream has ended early")),
                Err(status) => match status.code() {
                    Code::NotFound => {
                        let missing = postcard::from_bytes(status.details()).unwrap_or(first);
                        let message = format!("{} on {}", status.message(), holder.info.name);
                        return Err(FetchError::Missing(missing, Error::new(ErrorKind::NotFound, message)));
                    }
                    Code::FailedPrecondition | Code::InvalidArgument | Code::Unimplemented => {
                        return Err(FetchError::Other(net::error_of(&status).on_worker(&holder.info.name)));
                    }
                    _ => return Err(lost(&holder.info.name, &net::cause(&status))),
                },
            };
            if let Some(piece) = self.decoder.take(message).map_err(FetchError::Other)? {
                if let Piece::End(_) = &piece {
                    self.wanted.pop_front();
                }
                return Ok(Some(piece));
            }
        }
    }

    /// The next message. Opens the stream first, if it is not open.
    async fn message(&mut self, holder: &Holder) -> Result<Option<FlightData>, Status> {
        if self.messages.is_none() {
            let asked = Asked { wanted: self.wanted.iter().copied().collect(), part: self.part };
            let ticket = postcard::to_stdvec(&asked).map_err(|error| Status::internal(error.to_string()))?;
            let channel = holder.channel.get_or_init(|| holder.endpoint.connect_lazy()).clone();
            // A row may be larger than any message should be.
            let mut client = FlightServiceClient::new(channel).max_decoding_message_size(usize::MAX);
            self.messages = Some(client.do_get(Ticket { ticket: ticket.into() }).await?.into_inner());
        }
        match &mut self.messages {
            Some(messages) => messages.message().await,
            None => Ok(None),
        }
    }
}
