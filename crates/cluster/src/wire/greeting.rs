//! How two processes meet: each sends a greeting first, whose head never changes, so that a process of another version is
//! told so by name and not by a decoding error.

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use stratal_core::{Error, ErrorKind, Result};

/// The version of the messages between processes.
pub const PROTOCOL: u32 = 3;

/// What every greeting starts with; then the protocol, little-endian; then what the role has to say, in postcard.
const MAGIC: &[u8; 8] = b"stratal\n";

/// The version of the arrow crates, which their code does not tell; a test holds it against the manifest.
const ARROW: &str = "59.3.2";

/// A library whose version must be the same on all processes of a cluster, such as DataFusion: name and version. The
/// crate that links it enters it here.
pub struct VersionEntry(pub &'static str, pub &'static str);

inventory::collect!(VersionEntry);

/// The versions of this program that those of its peers are compared with.
pub fn versions() -> BTreeMap<String, String> {
    let own = [("stratal", env!("CARGO_PKG_VERSION")), ("arrow", ARROW)];
    let entered = inventory::iter::<VersionEntry>.into_iter().map(|entry| (entry.0, entry.1));
    own.into_iter().chain(entered).map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
}

fn refused(who: &str, name: &str, theirs: &str, ours: &str) -> Error {
    Error::new(ErrorKind::Version, format!("{who} refused: it has {name} {theirs}, the scheduler {ours}"))
        .with_help("run the same image on every node")
}

/// Compares what both sides know. `who` greets: `worker w3`.
pub(crate) fn check_versions(who: &str, theirs: &BTreeMap<String, String>) -> Result<()> {
    let ours = versions();
    let pairs = ours.iter().filter_map(|(name, ours)| Some((name, ours, theirs.get(name)?)));
    match pairs.into_iter().find(|(_, ours, theirs)| ours != theirs) {
        Some((name, ours, theirs)) => Err(refused(who, name, theirs, ours)),
        None => Ok(()),
    }
}

/// A greeting.
pub(crate) fn greet(body: &impl Serialize) -> Result<Bytes> {
    let mut greeting = [&MAGIC[..], &PROTOCOL.to_le_bytes()[..]].concat();
    postcard::to_io(body, &mut greeting).map_err(|error| Error::internal(error.to_string()))?;
    Ok(greeting.into())
}

/// Reads a greeting. `who` sent it: `a worker`.
///
/// # Errors
/// `BadValue` for bytes that are none, `Version` for one of another protocol.
pub(crate) fn read_greeting<T: DeserializeOwned>(bytes: &[u8], who: &str) -> Result<T> {
    let none = || Error::new(ErrorKind::BadValue, "what came is no greeting of a Stratal process");
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(none)?;
    let (protocol, body) = rest.split_first_chunk::<4>().ok_or_else(none)?;
    match u32::from_le_bytes(*protocol) {
        PROTOCOL => postcard::from_bytes(body).map_err(|_| none()),
        other => Err(refused(who, "protocol", &other.to_string(), &PROTOCOL.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_of_another_protocol_is_named_and_garbage_is_none() {
        let mut greeting = greet(&7u32).unwrap().to_vec();
        assert_eq!(read_greeting::<u32>(&greeting, "a client").unwrap(), 7);
        greeting[8] = 9;
        let error = read_greeting::<u32>(&greeting, "a client").unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Version, "a client refused: it has protocol 9, the scheduler 3"));
        assert_eq!(read_greeting::<u32>(b"GET / HTTP/1.1\r\n", "a client").unwrap_err().kind(), ErrorKind::BadValue);
        assert_eq!(read_greeting::<u32>(b"stratal\n\x01", "a client").unwrap_err().kind(), ErrorKind::BadValue);
    }

    #[test]
    fn only_versions_that_both_know_are_compared() {
        let other = |name: &str, version: &str| BTreeMap::from([(name.to_owned(), version.to_owned())]);
        let error = check_versions("worker w3", &other("arrow", "58.0.0")).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("worker w3 refused: it has arrow 58.0.0, the scheduler {ARROW}\nhelp: run the same image on every node")
        );
        assert!(check_versions("worker w3", &other("a library that is not linked here", "1")).is_ok());
        assert!(check_versions("worker w3", &versions()).is_ok());
    }

    #[test]
    fn the_arrow_version_is_that_of_the_manifest() {
        let manifest = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"));
        assert!(manifest.contains(&format!("arrow-array = \"={ARROW}\"")));
    }
}
