//! Files on the web, from a server that knows no more than to send a file.

use crate::clusters::everywhere;
use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};
use stratal::{ErrorKind, prelude::*};

/// Serves what is answered to the first line of a request, as a whole whatever part of it is asked for; nothing is a file that is
/// not there. It ends with this process.
pub(crate) fn serve(answer: impl Fn(&str) -> Option<Arc<str>> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, answer) = (listener.local_addr().unwrap(), Arc::new(answer));
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let answer = answer.clone();
            // A client that goes away is no failure of the server's.
            thread::spawn(move || drop(send(client, &*answer)));
        }
    });
    address
}

fn send(mut client: TcpStream, answer: &impl Fn(&str) -> Option<Arc<str>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let body = answer(&request);
    let (status, body) = body.as_deref().map_or(("404 Not Found", ""), |body| ("200 OK", body));
    write!(client, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    if request.starts_with("GET ") {
        client.write_all(body.as_bytes())?;
    }
    client.flush()
}

#[test]
fn a_file_is_read_from_a_server_that_sends_no_parts() {
    let rows: String = (0..200_000).map(|row| format!("{row},text {row}\n")).collect();
    let text: Arc<str> = format!("n,text\n{rows}").into();
    let address = serve(move |request| request.contains(" /a%20b.csv?sig=1 ").then(|| text.clone()));
    everywhere(|place| {
        let frame = DFrame::read_csv(format!("http://{address}/a%20b.csv?sig=1"));
        assert_eq!(frame.count().unwrap(), 200_000, "{place}");
        let sum = frame.agg(col("n").sum()).collect().unwrap().item::<i64>().unwrap();
        assert_eq!(sum, 199_999 * 200_000 / 2, "{place}");
    });
    let error = DFrame::read_csv(format!("http://{address}/none.csv")).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[test]
fn a_server_that_is_not_there_is_worth_another_try() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = DFrame::read_csv(format!("http://{address}/x.csv?sig=s3cr3t")).check().unwrap_err();
    assert_eq!((error.kind(), error.is_retryable(), error.is_user()), (ErrorKind::Io, true, false), "{error}");
    assert!(!error.to_string().contains("s3cr3t"), "{error}");
}
