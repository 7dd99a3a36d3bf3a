//! The Flight service of a worker. `DoGet` serves its store; every other method says that it is not there.

use super::{
    Mark, Ticket as Asked,
    encode::{Rows, chunk, marked, object},
};
use crate::net;
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest, HandshakeResponse, PollInfo,
    PutResult, SchemaResult, Ticket,
    flight_service_server::{FlightService, FlightServiceServer},
};
use bytes::Bytes;
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use std::sync::Arc;
use stratal_core::{
    Error,
    runner::Wanted,
    store::{Part, Store},
    value::Data,
};
use tonic::{Code, Request, Response, Status, Streaming, service::RoutesBuilder};

/// Bytes of the largest ticket.
const TICKET: usize = 64 << 20;

/// Adds the service of what `store` holds to a server.
pub(crate) fn serve_store(store: Arc<Store>, routes: &mut RoutesBuilder) {
    routes.add_service(FlightServiceServer::new(StoreService { store }).max_decoding_message_size(TICKET));
}

struct StoreService {
    store: Arc<Store>,
}

type Answers<T> = BoxStream<'static, Result<T, Status>>;

/// The messages of one result.
async fn result(store: Arc<Store>, wanted: Wanted, part: Part) -> Result<Answers<FlightData>, Status> {
    let send = |error: Error| net::status_of(&error);
    match store.get(wanted.result, wanted.attempt, part) {
        None => {
            let details = postcard::to_stdvec(&wanted).map(Bytes::from).unwrap_or_default();
            Err(Status::with_details(Code::NotFound, format!("result {} is not here", wanted.result), details))
        }
        Some(Data::Batches(rows)) => Ok(stream::iter(Rows::new(&rows)).map_err(send).boxed()),
        Some(Data::Chunk(value)) => {
            // Compacting a view copies it.
            let messages = tokio::task::spawn_blocking(move || chunk(&value)).await;
            let messages = messages.map_err(|_| Status::internal("a chunk could not be encoded"))?;
            Ok(stream::iter(messages).map_err(send).boxed())
        }
        Some(Data::Object(value)) => {
            let type_name = value.type_name().to_owned();
            // A live value is encoded when it first leaves, which may take its time.
            let wire = tokio::task::spawn_blocking(move || value.wire()).await;
            let wire = wire.map_err(|_| Status::internal(format!("a value of type {type_name} panicked when it was encoded")))?;
            Ok(stream::iter(object(type_name, wire.map_err(send)?)).map_err(send).boxed())
        }
        Some(Data::Unit) => Ok(stream::iter([marked(&Mark::End(1), Bytes::new())]).map_err(send).boxed()),
    }
}

fn absent<T>(method: &str) -> Result<T, Status> {
    Err(Status::unimplemented(format!("a Stratal worker has no {method}, only DoGet of results")))
}

#[tonic::async_trait]
impl FlightService for StoreService {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = Answers<FlightData>;
    type DoPutStream = Answers<PutResult>;
    type DoExchangeStream = Answers<FlightData>;
    type DoActionStream = Answers<arrow_flight::Result>;
    type ListActionsStream = Answers<ActionType>;

    async fn do_get(&self, request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        let asked = postcard::from_bytes(&request.get_ref().ticket);
        let Asked { wanted, part } = asked.map_err(|_| Status::invalid_argument("the ticket is none of a Stratal process"))?;
        let store = self.store.clone();
        let results = stream::iter(wanted).then(move |wanted| result(store.clone(), wanted, part));
        Ok(Response::new(results.try_flatten().boxed()))
    }

    async fn handshake(&self, _: Request<Streaming<HandshakeRequest>>) -> Result<Response<Self::HandshakeStream>, Status> {
        absent("Handshake")
    }

    async fn list_flights(&self, _: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        absent("ListFlights")
    }

    async fn get_flight_info(&self, _: Request<FlightDescriptor>) -> Result<Response<FlightInfo>, Status> {
        absent("GetFlightInfo")
    }

    async fn poll_flight_info(&self, _: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        absent("PollFlightInfo")
    }

    async fn get_schema(&self, _: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        absent("GetSchema")
    }

    async fn do_put(&self, _: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
        absent("DoPut")
    }

    async fn do_exchange(&self, _: Request<Streaming<FlightData>>) -> Result<Response<Self::DoExchangeStream>, Status> {
        absent("DoExchange")
    }

    async fn do_action(&self, _: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        absent("DoAction")
    }

    async fn list_actions(&self, _: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        absent("ListActions")
    }
}
