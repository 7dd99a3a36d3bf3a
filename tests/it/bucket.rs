//! An S3 server in this process, and a way to it that breaks off once.

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    thread,
};

const KEY: &str = "stratal-test";
const SECRET: &str = "not-a-secret";

/// A server with one bucket, `lake`, whose objects are the files of a directory. It ends with this.
pub(crate) struct Bucket {
    root: tempfile::TempDir,
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Bucket {
    /// Starts it on a free port of this machine.
    pub(crate) fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("lake")).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(root.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    // A client that goes away is no failure of the server's.
                    let _ = server.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Bucket { root, address, _runtime: runtime }
    }

    /// One with these objects.
    pub(crate) fn with(objects: &[(&str, &[u8])]) -> Self {
        let bucket = Bucket::start();
        objects.iter().for_each(|(key, bytes)| bucket.put(key, bytes));
        bucket
    }

    /// Puts an object.
    pub(crate) fn put(&self, key: &str, bytes: &[u8]) {
        let path = self.root.path().join("lake").join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// The bytes of one.
    pub(crate) fn get(&self, key: &str) -> Vec<u8> {
        std::fs::read(self.root.path().join("lake").join(key)).unwrap()
    }

    /// Takes one away.
    pub(crate) fn remove(&self, key: &str) {
        std::fs::remove_file(self.root.path().join("lake").join(key)).unwrap();
    }

    /// How to reach it, as options take it.
    pub(crate) fn storage(&self) -> [(&'static str, String); 5] {
        self.storage_by(self.address)
    }

    /// How to reach it through another address.
    pub(crate) fn storage_by(&self, address: SocketAddr) -> [(&'static str, String); 5] {
        [
            ("endpoint", format!("http://{address}")),
            ("allow_http", "true".to_owned()),
            ("region", "us-east-1".to_owned()),
            ("access_key_id", KEY.to_owned()),
            ("secret_access_key", SECRET.to_owned()),
        ]
    }

    /// A way to it whose first connection to have carried so many bytes back is cut.
    pub(crate) fn way_that_breaks_after(&self, bytes: i64) -> Way {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let way = Way { address: listener.local_addr().unwrap(), cuts: Arc::default() };
        let (upstream, cuts, left) = (self.address, way.cuts.clone(), Arc::new(AtomicI64::new(bytes)));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(upstream) else { return };
                let (cuts, left) = (cuts.clone(), left.clone());
                let (to_server, from_server) = (server.try_clone().unwrap(), server);
                let (from_client, to_client) = (client.try_clone().unwrap(), client);
                thread::spawn(move || pass(from_client, to_server, |_| true));
                thread::spawn(move || {
                    pass(from_server, to_client, |bytes| {
                        let before = left.fetch_sub(bytes as i64, Ordering::SeqCst);
                        let is_cut = before > 0 && before <= bytes as i64;
                        cuts.fetch_add(usize::from(is_cut), Ordering::SeqCst);
                        !is_cut
                    });
                });
            }
        });
        way
    }
}

/// A proxy in front of a server.
pub(crate) struct Way {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    cuts: Arc<AtomicUsize>,
}

impl Way {
    /// How many connections it has cut.
    pub(crate) fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }
}

/// Passes bytes on until either side ends, or they may not pass.
fn pass(mut from: TcpStream, mut to: TcpStream, mut may_pass: impl FnMut(usize) -> bool) {
    let mut block = vec![0; 16 << 10];
    while let Ok(read) = from.read(&mut block)
        && read > 0
        && may_pass(read)
        && to.write_all(&block[..read]).is_ok()
    {}
    // Either may be closed already.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
