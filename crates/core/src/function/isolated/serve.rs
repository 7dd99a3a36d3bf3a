//! The process for isolated functions, from inside: it makes the calls that its parent sends, one after another.

use super::{Answer, Request, frame};
use crate::{
    Error, Result,
    function::{Calls, Outcome, wire::encode_data},
    registry::Registry,
    runtime,
};
use std::{os::unix::net::UnixStream, path::Path, process, sync::mpsc, thread};

/// What it says when it is ready. Parent and child are of one version where both know it.
pub(super) const GREETING: &[u8] = concat!("stratal isolated ", env!("CARGO_PKG_VERSION")).as_bytes();

/// Makes the calls that come over a socket until it is closed. Then the whole process ends, whatever it is doing: nobody
/// wants the result.
///
/// # Errors
/// `Io` where the socket is not there.
pub fn serve(socket: &Path) -> Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    let reader = stream.try_clone()?;
    frame::write(&mut stream, GREETING)?;
    let (send, requests) = mpsc::channel();
    thread::Builder::new().name("stratal-isolated".into()).spawn(move || receive(reader, &send))?;
    for request in requests {
        let answer = postcard::to_stdvec(&answer(&request)).map_err(|error| Error::internal(error.to_string()))?;
        frame::write(&mut stream, &answer)?;
    }
    Ok(())
}

/// Takes requests in until there will be no more.
fn receive(mut reader: UnixStream, send: &mpsc::Sender<Vec<u8>>) {
    while let Ok(Some(request)) = frame::read(&mut reader) {
        if send.send(request).is_err() {
            break;
        }
    }
    process::exit(0)
}

/// Makes one call.
fn answer(request: &[u8]) -> Answer {
    let damaged = |_| Error::internal("the request for an isolated call is damaged");
    let Request { function, hash, call } = postcard::from_bytes(request).map_err(damaged)?;
    let function = Registry::global().function_with(&function, hash)?;
    let calls = Calls::decode(&call)?;
    let given = calls.get(0)?.given(&[], &mut Vec::new().into_iter())?;
    let data = match function.call(given) {
        Outcome::Ready(result) => result,
        Outcome::Pending(future) => runtime::compute().block_on(future),
    };
    encode_data(&data?)
}
