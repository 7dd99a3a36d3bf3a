//! [`Site`]: a file system, a bucket or a web server.

use object_store::path::Path as ObjectPath;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Component, PathBuf},
    sync::Arc,
};
use stratal_core::{Error, ErrorKind, Result};

const LOCAL: &str = "file:///";

/// Settings whose values may be printed; any other may be a secret.
const OPEN: [&str; 8] =
    ["region", "default_region", "endpoint", "allow_http", "anonymous", "skip_signature", "account_name", "virtual_hosted_style_request"];

/// Where files are, with the settings to reach them. It travels to workers; `Debug` redacts secret values.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Site {
    root: Arc<str>,
    storage: Arc<BTreeMap<String, String>>,
    /// What stands after `?` in an address of the web: the signature of one that was signed.
    query: Option<Arc<str>>,
}

impl Site {
    /// A user's path or URL as a site and an absolute path inside it. Plain paths are of the file system, absolute or against
    /// the working directory. Paths in buckets are taken as they stand; those of `file:` and of the web are URL-decoded.
    ///
    /// # Errors
    /// `Config` for a scheme that is not known; `BadValue` for a path that no store can have.
    pub fn of(path: &str, storage: &[(String, String)]) -> Result<(Site, ObjectPath)> {
        let Some((scheme, rest)) = split_scheme(path) else { return Ok((Site::local(), local_path(path)?)) };
        let settings: BTreeMap<String, String> = storage.iter().map(|(key, value)| (key.to_ascii_lowercase(), value.clone())).collect();
        let remote = |root: String, settings: BTreeMap<String, String>, query: Option<&str>| Site {
            root: root.into(),
            storage: Arc::new(settings),
            query: query.map(Into::into),
        };
        let (place, inside) = rest.split_once('/').unwrap_or((rest, ""));
        match scheme.as_str() {
            "file" => {
                let rest = rest.strip_prefix("localhost").unwrap_or(rest);
                if !rest.starts_with('/') {
                    return Err(bad(path, "a file: URL has three slashes before its path: file:///data/x.csv"));
                }
                Ok((Site::local(), ObjectPath::from_url_path(rest).map_err(|error| unusable(path, &error))?))
            }
            _ if place.is_empty() => Err(bad(path, &format!("name a bucket or a host after {scheme}://"))),
            "s3" | "s3a" => Ok((remote(format!("s3://{place}"), settings, None), parse(path, inside)?)),
            "gs" | "gcs" => Ok((remote(format!("gs://{place}"), settings, None), parse(path, inside)?)),
            "az" | "azure" | "adl" | "abfs" | "abfss" => {
                let mut settings = settings;
                // container@account.dfs.core.windows.net, as Hadoop writes it.
                let (container, host) = place.split_once('@').unwrap_or((place, ""));
                if let Some(account) = host.split('.').next().filter(|account| !account.is_empty()) {
                    settings.entry("account_name".to_owned()).or_insert_with(|| account.to_owned());
                }
                Ok((remote(format!("az://{container}"), settings, None), parse(path, inside)?))
            }
            "http" | "https" => {
                if place.contains('@') {
                    return Err(Error::new(ErrorKind::BadValue, "a web address with a user name or a password in it is not read")
                        .with_help("download the file, or use an address that is signed"));
                }
                let inside = inside.split_once('#').map_or(inside, |(inside, _)| inside);
                let (inside, query) = inside.split_once('?').map_or((inside, None), |(inside, query)| (inside, Some(query)));
                let inside = ObjectPath::from_url_path(inside).map_err(|error| unusable(path, &error))?;
                Ok((remote(format!("{scheme}://{place}"), settings, query), inside))
            }
            _ => Err(Error::new(ErrorKind::Config, format!("no store is reached by {scheme}:// ({path:?})"))
                .with_help("paths begin with s3://, gs://, az://, http://, https:// or file://, or are of the file system")),
        }
    }

    /// The file system of this machine.
    fn local() -> Self {
        Site { root: LOCAL.into(), storage: Arc::default(), query: None }
    }

    /// Whether it is the file system.
    pub fn is_local(&self) -> bool {
        &*self.root == LOCAL
    }

    /// Whether it is a web server, which cannot list what it has.
    pub fn is_web(&self) -> bool {
        self.root.starts_with("http")
    }

    /// Scheme and host: `file:///`, `s3://bucket`.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The settings, with keys in lower case.
    #[cfg(feature = "cloud")]
    pub(super) fn storage(&self) -> &BTreeMap<String, String> {
        &self.storage
    }

    /// What stands after `?` in its addresses.
    #[cfg(feature = "cloud")]
    pub(super) fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The path as users write it: `/data/x.csv` or `s3://bucket/x.csv`.
    pub fn show(&self, path: &impl fmt::Display) -> String {
        if self.is_local() { format!("/{path}") } else { format!("{}/{path}", self.root) }
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_open = |key: &str| OPEN.contains(&["aws_", "google_", "azure_"].iter().find_map(|of| key.strip_prefix(*of)).unwrap_or(key));
        let settings = self.storage.iter().map(|(key, value)| (key, if is_open(key) { value.as_str() } else { "redacted" }));
        f.debug_struct("Site").field("root", &self.root).field("storage", &settings.collect::<BTreeMap<_, _>>()).finish_non_exhaustive()
    }
}

/// The scheme, in lower case, and what follows `://`.
fn split_scheme(path: &str) -> Option<(String, &str)> {
    let (scheme, rest) = path.split_once("://")?;
    let is_scheme =
        scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_scheme.then(|| (scheme.to_ascii_lowercase(), rest))
}

/// A path of the file system, absolute and without `..`.
fn local_path(path: &str) -> Result<ObjectPath> {
    if path.is_empty() {
        return Err(Error::new(ErrorKind::BadValue, "the path is empty"));
    }
    let mut absolute = std::path::absolute(path).map_err(|error| Error::from(error).in_file(path, None, None))?;
    let parts: Vec<Component<'_>> = absolute.components().collect();
    if let Some(last) = parts.iter().rposition(|part| *part == Component::ParentDir) {
        let (head, tail) = parts.split_at(last + 1);
        let head: PathBuf = head.iter().collect();
        // What `..` leaves may be a link, so that the system is asked; what is not there has no links.
        let mut resolved = fs::canonicalize(&head).unwrap_or_else(|_| without_parents(&head));
        resolved.extend(tail);
        absolute = resolved;
    }
    let text = absolute.to_str().ok_or_else(|| bad(path, "the working directory has a name that is not UTF-8"))?;
    parse(path, text.trim_start_matches('/'))
}

fn without_parents(path: &std::path::Path) -> PathBuf {
    let mut kept = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                kept.pop();
            }
            part => kept.push(part),
        }
    }
    kept
}

fn parse(path: &str, inside: &str) -> Result<ObjectPath> {
    ObjectPath::parse(inside).map_err(|error| unusable(path, &error))
}

fn unusable(path: &str, error: &object_store::path::Error) -> Error {
    Error::new(ErrorKind::BadValue, format!("{path:?} is no path: {error}"))
}

fn bad(path: &str, help: &str) -> Error {
    Error::new(ErrorKind::BadValue, format!("{path:?} is no path")).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str) -> (String, String, String) {
        let (site, inside) = Site::of(path, &[]).unwrap();
        (site.root().to_owned(), inside.to_string(), site.show(&inside))
    }

    #[test]
    fn urls_are_taken_apart() {
        let cases = [
            ("s3://lake/a/b.csv", "s3://lake", "a/b.csv", "s3://lake/a/b.csv"),
            ("S3A://lake/a/", "s3://lake", "a", "s3://lake/a"),
            ("s3://lake", "s3://lake", "", "s3://lake/"),
            ("s3://lake/city=New%20York/x", "s3://lake", "city=New%20York/x", "s3://lake/city=New%20York/x"),
            ("gs://b/x", "gs://b", "x", "gs://b/x"),
            ("abfss://box@acc.dfs.core.windows.net/x", "az://box", "x", "az://box/x"),
            ("https://example.org:8443/a%20b.csv?sig=1#top", "https://example.org:8443", "a b.csv", "https://example.org:8443/a b.csv"),
            ("file:///data/a%20b.csv", "file:///", "data/a b.csv", "/data/a b.csv"),
            ("file://localhost/data/x.npy", "file:///", "data/x.npy", "/data/x.npy"),
            ("/data//x.csv", "file:///", "data/x.csv", "/data/x.csv"),
            ("/no/such/../place/./x.csv", "file:///", "no/place/x.csv", "/no/place/x.csv"),
        ];
        for (path, root, inside, show) in cases {
            assert_eq!(shown(path), (root.to_owned(), inside.to_owned(), show.to_owned()), "{path}");
        }
        let here = std::env::current_dir().unwrap();
        assert_eq!(shown("x.csv").2, here.join("x.csv").to_str().unwrap());
        assert_eq!(shown("../x.csv").2, here.parent().unwrap().canonicalize().unwrap().join("x.csv").to_str().unwrap());
    }

    #[test]
    fn what_is_no_place_is_refused() {
        let kind = |path: &str| Site::of(path, &[]).unwrap_err().kind();
        assert_eq!(kind("ftp://host/x.csv"), ErrorKind::Config);
        for path in ["", "s3://", "s3:///x", "file://x/y", "https://me:secret@host/x", "s3://b/a//b", "s3://b/../x"] {
            assert_eq!(kind(path), ErrorKind::BadValue, "{path}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let storage = [("aws_region", "eu"), ("Secret_Access_Key", "hunter2"), ("token", "t0k3n")];
        let storage = storage.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let (site, _) = Site::of("s3://lake/x", &storage).unwrap();
        let text = format!("{site:?}");
        assert!(text.contains("eu") && !text.contains("hunter2") && !text.contains("t0k3n"), "{text}");
        let (site, _) = Site::of("https://host/x?signature=s3cr3t", &[]).unwrap();
        assert!(!format!("{site:?}").contains("s3cr3t"));
    }
}
