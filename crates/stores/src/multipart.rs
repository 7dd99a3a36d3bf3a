//! Objects that are sent in parts by one process and completed by another: what a store calls an upload is plain data.

#[cfg(feature = "cloud")]
use super::cloud::uploads as elsewhere;
use super::site::Site;
use object_store::multipart::MultipartStore;
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};
use stratal_core::Result;

type Stores = HashMap<Site, Arc<dyn MultipartStore>>;

static OPEN: LazyLock<Mutex<Stores>> = LazyLock::new(Mutex::default);

impl Site {
    /// The store, as one that takes uploads in parts. For sites of buckets.
    ///
    /// # Errors
    /// As [`store`](Site::store); `Config` for a site that takes none.
    pub fn uploads(&self) -> Result<Arc<dyn MultipartStore>> {
        if let Some(store) = OPEN.lock().unwrap_or_else(PoisonError::into_inner).get(self) {
            return Ok(store.clone());
        }
        let store = elsewhere(self)?;
        Ok(OPEN.lock().unwrap_or_else(PoisonError::into_inner).entry(self.clone()).or_insert(store).clone())
    }

    /// Lets a store take the place of that of the site in this process, for uploads in parts. For tests.
    #[doc(hidden)]
    pub fn stand_in_uploads(&self, store: Arc<dyn MultipartStore>) {
        OPEN.lock().unwrap_or_else(PoisonError::into_inner).insert(self.clone(), store);
    }
}

#[cfg(not(feature = "cloud"))]
fn elsewhere(site: &Site) -> Result<Arc<dyn MultipartStore>> {
    use stratal_core::{Error, ErrorKind};
    let message = format!("this build cannot reach {}", site.root());
    Err(Error::new(ErrorKind::Config, message).with_help("build with the feature \"cloud\""))
}

#[cfg(all(test, feature = "cloud"))]
mod tests {
    use super::*;
    use crate::wait;
    use object_store::PutPayload;
    use std::{
        io::{self, BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
        thread,
    };

    /// Takes whatever is sent, and says so.
    fn take_in(mut socket: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(socket.try_clone()?);
        loop {
            let (mut length, mut line) = (0, String::new());
            while line != "\r\n" {
                line.clear();
                if reader.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().map_err(io::Error::other)?;
                }
            }
            io::copy(&mut reader.by_ref().take(length), &mut io::sink())?;
            socket.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")?;
        }
    }

    #[test]
    fn parts_of_one_object_have_names_of_their_own_where_uploads_have_none() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                thread::spawn(move || take_in(socket));
            }
        });
        let settings = [("account_name", "a"), ("endpoint", endpoint.as_str()), ("anonymous", "true"), ("allow_http", "true")];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let (site, path) = Site::of("az://box/a.csv", &settings).unwrap();
        let store = site.uploads().unwrap();
        let part = || {
            let (store, path) = (store.clone(), path.clone());
            wait(async move {
                let id = store.create_multipart(&path).await?;
                Ok::<_, object_store::Error>((id.clone(), store.put_part(&path, &id, 0, PutPayload::from_static(b"x")).await?.content_id))
            })
        };
        let [(one, first), (other, second)] = [part().unwrap().unwrap(), part().unwrap().unwrap()];
        assert_eq!(one, other, "an upload has a name of its own, and its parts need none");
        assert_ne!(first, second);
    }
}
