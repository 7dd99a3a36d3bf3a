//! Errors on their way between the workers of a query. The engine carries no more of an error of ours than its text, so the
//! text holds all of it; and what broke off because a worker is gone is told from what would fail again.

use crate::error::{of_datafusion, to_datafusion};
use datafusion::error::DataFusionError;
use std::{any::Any, error::Error as StdError};
use stratal_core::{Error, ErrorKind, Retry};
use tokio::task::JoinError;
use tonic::{Code, Status};

/// What stands before an error in a text.
const MARK: &str = "stratal-error:";
/// Bytes of the longest message that travels: it has to fit the trailers of a gRPC call.
const MESSAGE: usize = 2 << 10;
/// What the engine says when the worker that it reads from was told nothing of the query for a while.
const UNTOLD: &str = "waiting for the plan to be set";

/// An error as one whose text holds it whole.
pub(super) fn pack(error: DataFusionError) -> DataFusionError {
    if unpack(&error.to_string()).is_some() {
        return error;
    }
    let own = shortened(of_query(error));
    match serde_json::to_string(&own) {
        Ok(text) => DataFusionError::Execution(format!("{MARK}{text}")),
        Err(_) => DataFusionError::Execution(own.to_string()),
    }
}

/// What the engine's client says of a connection that ended in the middle of something, where that has no cause of its own.
const CUT: [&str; 2] = ["h2 protocol error", "Unexpected EOF"];

/// A panic of a stage, as that of a task.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> DataFusionError {
    to_datafusion(Error::new(ErrorKind::Task, said(panic)).with_retry(Retry::Again))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", message.unwrap_or("without a message"))
}

/// What others are told of a call to the engine that did not come to its end.
pub(super) fn broke_off(call: JoinError) -> Status {
    match call.try_into_panic() {
        Ok(panic) => Status::internal(said(&*panic).chars().take(MESSAGE / 8).collect::<String>()),
        Err(_) => Status::unavailable("the worker ends"),
    }
}

/// The error, its texts no longer than can travel.
fn shortened(error: Error) -> Error {
    let texts = [Some(error.message()), error.help(), error.file(), error.column()];
    if texts.into_iter().flatten().map(str::len).sum::<usize>() <= MESSAGE {
        return error;
    }
    let start = |text: &str| text.chars().take(MESSAGE / 8).collect::<String>();
    let mut short = Error::new(error.kind(), start(error.message())).with_retry(error.retry());
    if let Some(file) = error.file() {
        short = short.in_file(start(file), error.line(), error.column().map(start).as_deref());
    }
    match error.help() {
        Some(help) => short.with_help(start(help)),
        None => short,
    }
}

/// An error of a query, as it was where it happened.
pub(super) fn of_query(error: DataFusionError) -> Error {
    unpack(&error.to_string()).or_else(|| broken(&error)).unwrap_or_else(|| of_datafusion(error))
}

/// The error that a text holds. A mark alone is none: it may stand in a file, of which a message quotes a value.
fn unpack(text: &str) -> Option<Error> {
    text.match_indices(MARK).find_map(|(at, mark)| {
        // More may stand behind it.
        serde_json::Deserializer::from_str(&text[at + mark.len()..]).into_iter::<Error>().next()?.ok()
    })
}

/// That a worker was not reached, if that is what an error is about.
fn broken(error: &DataFusionError) -> Option<Error> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(cause) = next {
        if let Some(status) = cause.downcast_ref::<Status>() {
            return Some(of_status(status));
        }
        next = match cause.downcast_ref::<DataFusionError>() {
            Some(DataFusionError::External(inner)) => Some(&**inner),
            _ => cause.source(),
        };
    }
    error.to_string().contains(UNTOLD).then(|| lost("a worker was told nothing of it"))
}

fn of_status(status: &Status) -> Error {
    if status.code() == Code::Unimplemented {
        let error = Error::new(ErrorKind::Version, "a worker has no engine for queries");
        return error.with_help("start all workers from the same program, or set execution.engine to layers");
    }
    if !is_cut(status) {
        // The same would be said another time.
        let error = Error::new(ErrorKind::Task, format!("a stage of a query failed: {}", status.message()));
        return error.with_help("set execution.engine to layers");
    }
    let mut deepest: Option<&(dyn StdError + 'static)> = status.source();
    while let Some(source) = deepest.and_then(StdError::source) {
        deepest = Some(source);
    }
    lost(&deepest.map_or_else(|| status.message().to_owned(), ToString::to_string))
}

/// Whether it is about the connection. What a worker says itself comes without a cause, and with a code that tells.
fn is_cut(status: &Status) -> bool {
    let is_of_connection =
        matches!(status.code(), Code::Unavailable | Code::Cancelled | Code::Unknown | Code::Aborted | Code::DeadlineExceeded);
    is_of_connection || status.source().is_some() || CUT.iter().any(|start| status.message().starts_with(start))
}

/// A query that stopped because a worker is not there any more. Without it, it may be run again.
pub(super) fn lost(why: &str) -> Error {
    Error::new(ErrorKind::WorkerLost, format!("a worker was lost while a query ran: {why}"))
        .with_help("look at the network between the workers and at their logs; execution.engine = layers makes only what is lost again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io, sync::Arc};
    use stratal_core::{client::wait_for, runtime};

    /// As the engine has it after a stage: a text.
    fn carried(error: &DataFusionError) -> DataFusionError {
        DataFusionError::External(error.to_string().into())
    }

    #[test]
    fn an_error_arrives_as_it_left_through_any_number_of_stages() {
        let own = Error::new(ErrorKind::BadValue, "\"12,5\" is not i64\nor so").in_file("a.csv", Some(3), Some("amount")).with_help("cast");
        let mut error = to_datafusion(own.clone());
        for _ in 0..3 {
            error = DataFusionError::Shared(Arc::new(carried(&pack(error)).context("while reading")));
        }
        let arrived = of_query(error);
        assert_eq!((arrived.to_string(), arrived.kind(), arrived.line()), (own.to_string(), ErrorKind::BadValue, Some(3)));
    }

    #[test]
    fn a_message_without_end_is_cut_off_and_all_else_stays() {
        let own = Error::new(ErrorKind::BadValue, "x".repeat(100_000)).in_file("a.csv", Some(3), None);
        let packed = pack(to_datafusion(own)).to_string();
        assert!(packed.len() < 2 * MESSAGE, "{}", packed.len());
        let arrived = of_query(DataFusionError::Execution(packed));
        assert_eq!((arrived.kind(), arrived.file(), arrived.line()), (ErrorKind::BadValue, Some("a.csv"), Some(3)));
    }

    #[test]
    fn a_mark_in_a_value_is_no_error_that_is_packed() {
        for value in [MARK.to_owned(), format!("{MARK}{{"), format!("{MARK}{{\"kind\":\"Task\"}}"), format!("{MARK}{MARK}12")] {
            let own = Error::new(ErrorKind::BadValue, format!("{value} is not i64")).in_file("a.csv", Some(3), Some(value.as_str()));
            let once = carried(&pack(to_datafusion(own.clone())).context(format!("of {MARK}")));
            let arrived = of_query(carried(&pack(once)));
            assert_eq!((arrived.to_string(), arrived.kind()), (own.to_string(), ErrorKind::BadValue));
            assert_eq!((arrived.file(), arrived.line(), arrived.column()), (Some("a.csv"), Some(3), Some(value.as_str())));
        }
    }

    #[test]
    fn names_without_end_are_cut_off_too() {
        let (file, column) = ("f".repeat(100_000), "c".repeat(100_000));
        let own = Error::new(ErrorKind::BadValue, "2.5 is not i64").in_file(file.as_str(), Some(3), Some(column.as_str()));
        let packed = pack(to_datafusion(own)).to_string();
        assert!(packed.len() < 2 * MESSAGE, "{}", packed.len());
        let arrived = of_query(DataFusionError::Execution(packed));
        assert_eq!((arrived.kind(), arrived.message(), arrived.line()), (ErrorKind::BadValue, "2.5 is not i64", Some(3)));
        assert!(arrived.file().is_some_and(|cut| !cut.is_empty() && file.starts_with(cut)));
        assert!(arrived.column().is_some_and(|cut| !cut.is_empty() && column.starts_with(cut)));
    }

    #[test]
    fn what_datafusion_says_keeps_its_kind() {
        let short = DataFusionError::ResourcesExhausted("no room".to_owned());
        assert_eq!(of_query(carried(&pack(short))).kind(), ErrorKind::Memory);
    }

    #[test]
    fn a_connection_that_broke_is_a_lost_worker_and_worth_another_try() {
        let status = || DataFusionError::External(Box::new(Status::unavailable("tcp connect error")));
        for error in [status(), DataFusionError::Shared(Arc::new(status())), carried(&pack(status()))] {
            let error = of_query(error);
            assert!(error.kind() == ErrorKind::WorkerLost && error.is_retryable(), "{error}");
            assert!(error.message().contains("tcp connect error"), "{error}");
        }
        let untold = DataFusionError::Execution("timed-out while waiting for the plan to be set by the coordinator".to_owned());
        assert!(of_query(untold).is_retryable());
    }

    #[test]
    fn a_connection_that_was_cut_in_the_middle_is_known_without_a_code() {
        let with_cause = {
            let mut status = Status::internal("error reading a body from connection");
            status.set_source(Arc::new(io::Error::from(io::ErrorKind::ConnectionReset)));
            status
        };
        let cut = [with_cause, Status::internal("Unexpected EOF decoding stream."), Status::internal("h2 protocol error: error reading")];
        for status in cut.into_iter().chain([Status::unknown("missing grpc-status trailer"), Status::cancelled("operation was canceled")]) {
            let error = of_query(DataFusionError::External(Box::new(status)));
            assert!(error.kind() == ErrorKind::WorkerLost && error.is_retryable(), "{error}");
        }
    }

    #[test]
    fn what_a_worker_says_itself_is_not_tried_again() {
        for status in
            [Status::internal("Error during flight stream: no such type"), Status::invalid_argument("no plan"), Status::out_of_range("")]
        {
            let error = of_query(DataFusionError::External(Box::new(status)));
            assert!(error.kind() == ErrorKind::Task && !error.is_retryable(), "{error}");
        }
    }

    async fn works(is_well: bool) {
        assert!(is_well, "there is a bug");
    }

    #[test]
    fn a_call_that_panicked_says_so_and_is_not_tried_again() {
        let status = broke_off(wait_for(runtime::compute().spawn(works(false))).unwrap_err());
        let error = of_query(DataFusionError::External(Box::new(status)));
        assert_eq!((error.kind(), error.message()), (ErrorKind::Task, "a stage of a query failed: panicked: there is a bug"));
        assert!(!error.is_retryable());
    }

    #[test]
    fn a_worker_without_the_engine_is_no_lost_one() {
        let error = of_query(DataFusionError::External(Box::new(Status::unimplemented(""))));
        assert!(error.kind() == ErrorKind::Version && !error.is_retryable());
    }
}
