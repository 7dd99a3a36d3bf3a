//! Asking the scheduler, and waiting for the answer.

use crate::{
    Client, Error, ErrorKind, Result,
    client::wait_for,
    config::parse_duration,
    coordination::{Answer, Ask},
    function::{decode_data, encode_data},
    runner::cancel_token,
    value::Value,
};
use bytes::Bytes;
use std::{fmt, sync::Arc, time::Duration};

/// Something that has a name at the scheduler, and the client through which it is reached.
#[derive(Clone)]
pub(in crate::client) struct Room {
    client: Client,
    what: &'static str,
    name: String,
}

impl Room {
    pub(in crate::client) fn new(client: &Client, what: &'static str, name: impl Into<String>) -> Self {
        Room { client: client.clone(), what, name: name.into() }
    }

    pub(in crate::client) fn client(&self) -> &Client {
        &self.client
    }

    pub(in crate::client) fn name(&self) -> String {
        self.name.clone()
    }

    /// Asks, at once, and gives the answer when it comes; within the limit, if there is one.
    pub(in crate::client) fn ask(&self, ask: Ask, limit: Option<&str>) -> impl Future<Output = Result<Answer>> + Send + use<> {
        let limit: Result<Option<(Duration, String)>> = limit.map(|limit| Ok((parse_duration(limit)?, limit.to_owned()))).transpose();
        let asked = limit.and_then(|limit| Ok((self.client.executor()?.asking().ask(ask), limit)));
        let who = self.to_string();
        async move {
            match asked? {
                (asked, None) => asked.await,
                (asked, Some((duration, limit))) => match asked.within(duration).await? {
                    Answer::Withdrawn => Err(Error::new(ErrorKind::Timeout, format!("{who}: nothing after {limit}"))
                        .with_help("wait longer, or look who should have set, put or released it")),
                    answer => Ok(answer),
                },
            }
        }
    }

    /// A value as the scheduler keeps it.
    pub(in crate::client) fn encode<T: Value>(&self, value: T) -> Result<Bytes> {
        encode_data(&value.into_data())
    }

    /// A value as the scheduler kept it.
    ///
    /// # Errors
    /// `TypeMismatch` for a value of another type.
    pub(in crate::client) fn decode<T: Value>(&self, value: &[u8]) -> Result<T> {
        let data = decode_data(value)?;
        let name = data.type_name();
        let value = T::from_data(&data).map_err(|error| match error.kind() {
            ErrorKind::TypeMismatch => {
                Error::new(ErrorKind::TypeMismatch, format!("{self} has a value of type {name}, and {} was asked for", T::type_name()))
                    .with_help(format!("ask for {name}, or choose another name"))
            }
            _ => error,
        })?;
        drop(data);
        Ok(Arc::unwrap_or_clone(value))
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.what, self.name)
    }
}

/// Blocks until the answer is there. On a task's thread the slot is given back meanwhile, and a cancel of the task ends the
/// wait.
pub(in crate::client) fn wait<T: Send + 'static>(asked: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    match cancel_token() {
        None => wait_for(asked),
        Some(cancel) => wait_for(async move {
            tokio::select! {
                biased;
                result = asked => result,
                () = cancel.cancelled() => Err(Error::cancelled()),
            }
        }),
    }
}

/// The answer to what has no other than that it is done.
pub(in crate::client) fn done(answer: Answer) -> Result<()> {
    match answer {
        Answer::Done => Ok(()),
        other => unexpected(&other),
    }
}

/// An answer to something else.
pub(in crate::client) fn unexpected<T>(answer: &Answer) -> Result<T> {
    Err(Error::internal(format!("the scheduler answers something else than was asked: {answer:?}")))
}
