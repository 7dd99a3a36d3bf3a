//! Peers that are not what they should be: of another version, of another kind, or nothing but noise.

use arrow_flight::{Criteria, Ticket, flight_service_client::FlightServiceClient};
use bytes::{Buf, BufMut};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};
use stratal_cluster::{ClusterExecutor, LocalCluster, PROTOCOL, SchedulerOptions, WorkerOptions, run_scheduler, run_worker, versions};
use stratal_core::{Client, ErrorKind, client::wait_for, function::tasks::sum, runtime, sched::WorkerInfo};
use tonic::{
    Code, Request, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http::uri::PathAndQuery,
    transport::{Channel, Endpoint},
};

const SOON: Duration = Duration::from_secs(10);

fn cluster() -> LocalCluster {
    LocalCluster::builder().workers(1).threads(1).in_process().start().unwrap()
}

fn host(address: &str) -> String {
    address.trim_start_matches("tcp://").to_owned()
}

/// The addresses of scheduler and worker.
fn ports(cluster: &LocalCluster) -> [String; 2] {
    let executor = ClusterExecutor::connect(&cluster.scheduler_addr(), SOON).unwrap();
    [host(&cluster.scheduler_addr()), executor.workers()[0].address.clone()]
}

fn works(cluster: &LocalCluster) {
    let client = Client::builder().detached().connect(&cluster.scheduler_addr()).unwrap();
    assert_eq!(client.submit(sum::<i64>, vec![1i64, 2, 3]).result().unwrap(), 6);
}

/// gRPC messages of any bytes.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, input: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let all = input.remaining();
        Ok(Some(input.copy_to_bytes(all).to_vec()))
    }
}

async fn channel(address: &str) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

/// Sends frames to a method of the control service and waits until the scheduler has had enough.
fn send(address: &str, method: &'static str, frames: Vec<Vec<u8>>) -> Result<(), Status> {
    let address = address.to_owned();
    let talk = async move {
        let mut grpc = tonic::client::Grpc::new(channel(&address).await);
        grpc.ready().await.unwrap();
        let answer = grpc.streaming(Request::new(futures::stream::iter(frames)), PathAndQuery::from_static(method), Raw).await?;
        let mut answers = answer.into_inner();
        while answers.message().await?.is_some() {}
        Ok::<(), Status>(())
    };
    let talk = runtime::io().spawn(async move { tokio::time::timeout(SOON, talk).await.expect("the scheduler hangs") });
    wait_for(talk).unwrap()
}

/// A frame that greets.
fn greeting(protocol: u32, body: &[u8]) -> Vec<u8> {
    [&[0u8][..], &b"stratal\n"[..], &protocol.to_le_bytes()[..], body].concat()
}

fn worker_hello(versions: &BTreeMap<String, String>) -> Vec<u8> {
    let (name, address) = ("w9".to_owned(), "127.0.0.1:1".to_owned());
    let (resources, services) = (BTreeMap::new(), BTreeMap::new());
    let info = WorkerInfo { name, address, slots: 0, memory: 0, resources, functions: None, services };
    postcard::to_stdvec(&(versions, info)).unwrap()
}

#[test]
fn another_protocol_and_another_version_are_refused_by_name() {
    let cluster = cluster();
    let scheduler = host(&cluster.scheduler_addr());
    let worker = "/stratal.Control/Worker";
    let refused = send(&scheduler, worker, vec![greeting(PROTOCOL + 1, b"whatever comes then")]).unwrap_err();
    assert_eq!(refused.message(), format!("a worker refused: it has protocol {}, the scheduler {PROTOCOL}", PROTOCOL + 1));
    let other = BTreeMap::from([("stratal".to_owned(), "0.0.1".to_owned())]);
    let refused = send(&scheduler, worker, vec![greeting(PROTOCOL, &worker_hello(&other))]).unwrap_err();
    assert_eq!(refused.message(), format!("worker w9 refused: it has stratal 0.0.1, the scheduler {}", versions()["stratal"]));
    works(&cluster);
}

#[test]
fn noise_in_frames_ends_the_session_and_nothing_else() {
    let cluster = cluster();
    let scheduler = host(&cluster.scheduler_addr());
    let noise: Vec<u8> = (0..100_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for method in ["/stratal.Control/Worker", "/stratal.Control/Client"] {
        for frames in [vec![vec![]], vec![noise.clone()], vec![greeting(PROTOCOL, &[255; 40])], vec![vec![1], vec![2, 7]]] {
            assert!(send(&scheduler, method, frames).is_err());
        }
    }
    assert_eq!(send(&scheduler, "/stratal.Control/Else", vec![]).unwrap_err().code(), Code::Unimplemented);
    // One that greets well and then talks nonsense is taken for one that left.
    let garbled = [&[1u8][..], &noise[..]].concat();
    let _ = send(&scheduler, "/stratal.Control/Worker", vec![greeting(PROTOCOL, &worker_hello(&versions())), garbled]);
    let executor = ClusterExecutor::connect(&cluster.scheduler_addr(), SOON).unwrap();
    let deadline = Instant::now() + SOON;
    while executor.workers().len() != 1 {
        assert!(Instant::now() < deadline, "{:?}", executor.workers());
        std::thread::sleep(Duration::from_millis(10));
    }
    works(&cluster);
}

#[test]
fn noise_on_the_ports_harms_nobody() {
    let cluster = cluster();
    let noise: Vec<u8> = (0..200_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let preface = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &noise[..]].concat();
    for port in ports(&cluster) {
        for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &noise[..], &preface[..], &[][..]] {
            let mut stream = TcpStream::connect(&port).unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
            // The other side may hang up in the middle.
            let _ = stream.write_all(bytes);
            let _ = stream.read_to_end(&mut Vec::new());
        }
    }
    works(&cluster);
}

#[test]
fn other_flight_clients_get_clean_errors() {
    let cluster = cluster();
    let [_, worker] = ports(&cluster);
    let asked = runtime::io().spawn(async move {
        let mut client = FlightServiceClient::new(channel(&worker).await);
        let listed = client.list_flights(Criteria::default()).await.err().unwrap();
        let got = client.do_get(Ticket { ticket: vec![255; 40].into() }).await.err().unwrap();
        (listed.code(), got.code())
    });
    assert_eq!(wait_for(asked).unwrap(), (Code::Unimplemented, Code::InvalidArgument));
}

#[test]
fn who_is_not_there_is_named_with_what_to_do() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let within = Duration::from_millis(300);
    let error = ClusterExecutor::connect(&format!("tcp://{free}"), within).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.message().starts_with(&format!("no scheduler listens at {free}: ")), "{error}");
    assert_eq!(error.help(), Some(&*format!("start one with: stratal scheduler --port {}, or name another address", free.port())));
    let options = WorkerOptions { scheduler: free.to_string(), connect_timeout: within, ..WorkerOptions::default() };
    assert_eq!(run_worker(options, |_| ()).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn a_host_that_others_reach_is_refused() {
    let options = SchedulerOptions { host: "0.0.0.0".to_owned(), ..SchedulerOptions::default() };
    let error = run_scheduler(options, |_| ()).unwrap_err();
    assert_eq!(error.message(), "refusing to listen on 0.0.0.0:8786 without authentication");
    assert_eq!(error.help(), Some("add --token-file with --tls-cert and --tls-key, or listen on 127.0.0.1"));
    let options = WorkerOptions { host: "0.0.0.0".to_owned(), port: 9, ..WorkerOptions::default() };
    assert_eq!(run_worker(options, |_| ()).unwrap_err().kind(), ErrorKind::Auth);
}
