//! Addresses, listening, the settings of HTTP/2, and errors on their way through gRPC.

use bytes::Bytes;
use std::{
    net::{SocketAddr, ToSocketAddrs},
    time::Duration,
};
use stratal_core::{Error, ErrorKind, Result};
use tokio::net::TcpListener;
use tonic::{
    Code, Status,
    transport::{Endpoint, Server, server::TcpIncoming},
};

/// Where a scheduler listens unless told otherwise.
pub const DEFAULT_PORT: u16 = 8786;

/// Bytes of one stream that may be under way unread.
const STREAM_WINDOW: u32 = 8 << 20;
/// Bytes of one connection that may be under way unread: so many that a stream which is not read never stalls the others.
const CONNECTION_WINDOW: u32 = 1 << 30;
/// Streams of one connection. A reader of many results has as many open as it has slices, read or not.
const STREAMS: u32 = 1 << 20;
/// Streams that a peer may break off before it is taken for an attacker. Readers that stop early break off many.
const RESETS: usize = 1 << 20;
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(10);
const KEEP_ALIVE_WITHIN: Duration = Duration::from_secs(20);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Bytes of an error that fit the trailers of a gRPC call.
const DETAILS: usize = 4 << 10;

/// `host:port` of an address as users write it: `localhost`, `tcp://localhost:8786`, `[::1]:8786`.
///
/// # Errors
/// `Config` for a scheme that is not known yet.
pub(crate) fn host_port(address: &str) -> Result<String> {
    let rest = match address.split_once("://") {
        None | Some(("tcp", _)) => address.rsplit("://").next().unwrap_or(address),
        Some((scheme, _)) => {
            return Err(Error::new(ErrorKind::Config, format!("no way to connect to {address:?}: {scheme} is not supported yet"))
                .with_help("an address is host:port, such as localhost:8786"));
        }
    };
    let has_port =
        rest.rsplit_once(':').is_some_and(|(host, port)| port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']')));
    Ok(if has_port { rest.to_owned() } else { format!("{rest}:{DEFAULT_PORT}") })
}

/// The port of a `host:port`.
pub(crate) fn port_of(address: &str) -> u16 {
    address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(DEFAULT_PORT)
}

/// Listens on a host of this machine that nobody else reaches. Port 0 picks one.
///
/// # Errors
/// `Auth` for a host that others reach; `Io` when the port is taken.
pub(crate) async fn listen(host: &str, port: u16) -> Result<(TcpIncoming, SocketAddr)> {
    let fail = |error: std::io::Error| {
        Error::new(ErrorKind::Io, format!("cannot listen on {host}:{port}: {error}"))
            .with_help("stop what listens there, or take port 0 to pick a free one")
    };
    let addresses: Vec<SocketAddr> = (host, port).to_socket_addrs().map_err(fail)?.collect();
    if !addresses.iter().all(|address| address.ip().is_loopback()) {
        return Err(Error::new(ErrorKind::Auth, format!("refusing to listen on {host}:{port} without authentication"))
            .with_help("add --token-file with --tls-cert and --tls-key, or listen on 127.0.0.1"));
    }
    let listener = TcpListener::bind(&addresses[..]).await.map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    // The settings of a server do not reach sockets that it did not open itself.
    Ok((TcpIncoming::from(listener).with_nodelay(Some(true)), address))
}

/// A server with this crate's windows.
pub(crate) fn server() -> Server {
    Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(STREAMS)
        .http2_max_pending_accept_reset_streams(Some(RESETS))
        .http2_max_local_error_reset_streams(Some(RESETS))
        .http2_keepalive_interval(Some(KEEP_ALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEP_ALIVE_WITHIN))
}

/// A way to a `host:port`, with this crate's windows.
pub(crate) fn endpoint(address: &str) -> Result<Endpoint> {
    let none = |_| {
        Error::new(ErrorKind::Config, format!("{address:?} is no address")).with_help("an address is host:port, such as localhost:8786")
    };
    let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(none)?;
    Ok(endpoint
        .connect_timeout(CONNECT_WITHIN)
        .tcp_nodelay(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_max_local_error_reset_streams(RESETS)
        .http2_keep_alive_interval(KEEP_ALIVE_EVERY)
        .keep_alive_timeout(KEEP_ALIVE_WITHIN)
        .keep_alive_while_idle(true))
}

/// The innermost cause of an error of tonic's, whose own text says `transport error`.
pub(crate) fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

/// What broke a call.
pub(crate) fn cause(status: &Status) -> String {
    match std::error::Error::source(status) {
        Some(source) => deepest(source),
        None => status.message().to_owned(),
    }
}

/// An error of ours as a gRPC status: whole, unless it is so large that it would not fit the trailers.
pub(crate) fn status_of(error: &Error) -> Status {
    let message: String = error.message().chars().take(DETAILS / 4).collect();
    match postcard::to_stdvec(error) {
        Ok(details) if details.len() <= DETAILS => Status::with_details(Code::FailedPrecondition, message, Bytes::from(details)),
        _ => Status::failed_precondition(message),
    }
}

/// The error in a gRPC status: the peer's own where it sent one, else that of the connection.
pub(crate) fn error_of(status: &Status) -> Error {
    if status.code() == Code::FailedPrecondition {
        let sent = postcard::from_bytes(status.details());
        return sent.unwrap_or_else(|_| Error::new(ErrorKind::Task, status.message()));
    }
    let kind = match status.code() {
        Code::InvalidArgument | Code::OutOfRange => ErrorKind::BadValue,
        Code::Unimplemented => ErrorKind::Version,
        _ => ErrorKind::Io,
    };
    Error::new(kind, cause(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_the_default_port() {
        let cases = [
            ("localhost", "localhost:8786"),
            ("tcp://10.0.0.5:9000", "10.0.0.5:9000"),
            ("[::1]:9000", "[::1]:9000"),
            ("[::1]", "[::1]:8786"),
        ];
        for (written, meant) in cases {
            assert_eq!(host_port(written).unwrap(), meant);
        }
        assert_eq!(host_port("tls://a:1").unwrap_err().kind(), ErrorKind::Config);
    }

    #[tokio::test]
    async fn only_loopback_is_listened_on() {
        let error = listen("0.0.0.0", 8786).await.err().unwrap();
        assert_eq!(
            error.to_string(),
            "refusing to listen on 0.0.0.0:8786 without authentication\n\
             help: add --token-file with --tls-cert and --tls-key, or listen on 127.0.0.1"
        );
        let (_incoming, address) = listen("127.0.0.1", 0).await.unwrap();
        assert_eq!(listen("127.0.0.1", address.port()).await.err().map(|error| error.kind()), Some(ErrorKind::Io));
    }

    #[test]
    fn errors_survive_a_status() {
        let error = Error::new(ErrorKind::Memory, "too large").with_help("make it smaller");
        assert_eq!(error_of(&status_of(&error)).to_string(), error.to_string());
        let endless = Error::new(ErrorKind::Task, "x".repeat(100_000));
        assert!(error_of(&status_of(&endless)).message().len() <= DETAILS);
    }
}
