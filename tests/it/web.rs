//! Files on the web, from a server that knows no more than to send a file.

use crate::clusters::everywhere;
use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};
use stratal::{ErrorKind, prelude::*};

/// Serves one text as `/a b.csv`, as a whole whatever part of it is asked for. It ends with this process.
fn serve(text: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, text) = (listener.local_addr().unwrap(), Arc::new(text));
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let text = text.clone();
            // A client that goes away is no failure of the server's.
            thread::spawn(move || drop(answer(client, &text)));
        }
    });
    address
}

fn answer(mut client: TcpStream, text: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let (status, body) = if request.contains(" /a%20b.csv?sig=1 ") { ("200 OK", text) } else { ("404 Not Found", "") };
    write!(client, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    if request.starts_with("GET ") {
        client.write_all(body.as_bytes())?;
    }
    client.flush()
}

#[test]
fn a_file_is_read_from_a_server_that_sends_no_parts() {
    let rows: String = (0..200_000).map(|row| format!("{row},text {row}\n")).collect();
    let address = serve(format!("n,text\n{rows}"));
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
