//! What stores report, in our terms: the kind, the file, what to do, and whether to try again.

use std::{error::Error as _, io};
use stratal_core::{Error, ErrorKind, Retry};

/// An object store's error in our terms. `shown` is the file as the user knows it.
pub fn of_store(error: object_store::Error, shown: &str) -> Error {
    use object_store::Error as Store;
    let is_never = matches!(error, Store::NotSupported { .. } | Store::NotImplemented { .. });
    let kind = match &error {
        Store::NotFound { .. } => Some(ErrorKind::NotFound),
        Store::PermissionDenied { .. } | Store::Unauthenticated { .. } => Some(ErrorKind::Auth),
        _ if is_full(&error) => Some(ErrorKind::Disk),
        Store::AlreadyExists { .. } => Some(ErrorKind::Exists),
        Store::InvalidPath { .. } => Some(ErrorKind::BadValue),
        Store::UnknownConfigurationKey { .. } => Some(ErrorKind::Config),
        _ if is_never => Some(ErrorKind::Io),
        _ => None,
    };
    let error = told(kind, whole(&error), shown);
    if is_never { error.with_retry(Retry::Never) } else { error }
}

/// The same of an error of which only the text is left.
pub fn of_text(text: &str, shown: &str) -> Error {
    told(None, without_signatures(text), shown)
}

/// What a text says, and a kind where that is known.
fn told(kind: Option<ErrorKind>, text: String, shown: &str) -> Error {
    let has = |wanted: &[&str]| wanted.iter().any(|wanted| text.contains(*wanted));
    let error = match kind {
        _ if has(&["NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist"]) => {
            Error::new(ErrorKind::NotFound, "there is no such bucket")
        }
        Some(ErrorKind::NotFound) => Error::new(ErrorKind::NotFound, "there is no such file"),
        _ if has(&["169.254.169.254", "169.254.170.2", "metadata.google.internal"]) => {
            refused("no credentials were given, and this machine has none of its own")
        }
        Some(ErrorKind::Auth) => refused(&reason(&text)),
        _ if has(&["status code: 401", "status code: 403"]) => refused(&reason(&text)),
        _ if has(&["Received redirect without LOCATION"]) => Error::new(ErrorKind::Config, "the bucket is in another region")
            .with_help("name its region: storage([(\"region\", \"eu-west-1\"), ..])"),
        Some(ErrorKind::Disk) => Error::new(ErrorKind::Disk, text).with_help("make room, or name another place"),
        Some(ErrorKind::Exists) => Error::new(ErrorKind::Exists, "the file exists already"),
        Some(kind) => Error::new(kind, text),
        None => Error::new(ErrorKind::Io, text).with_help("the store did not answer as it should, time and again; is its address right?"),
    };
    error.in_file(shown, None, None)
}

fn refused(reason: &str) -> Error {
    Error::new(ErrorKind::Auth, format!("the store refuses access: {reason}")).with_help(
        "give storage([(\"access_key_id\", ..), (\"secret_access_key\", ..)]), set the environment of every process that reads, \
         or storage([(\"anonymous\", \"true\")]) for what is public",
    )
}

/// Whether a disk is full, somewhere among the causes.
fn is_full(error: &object_store::Error) -> bool {
    let mut cause = error.source();
    while let Some(next) = cause {
        if next.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::StorageFull) {
            return true;
        }
        cause = next.source();
    }
    false
}

/// The error and its causes.
fn whole(error: &object_store::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let own = next.to_string();
        if !text.contains(&own) {
            text = format!("{text}: {own}");
        }
        cause = next.source();
    }
    without_signatures(&text)
}

/// A text without what stands after `?` in addresses: it may be a signature.
fn without_signatures(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.split_once('?') {
        Some((address, _)) if address.contains("://") => address,
        _ => word,
    });
    words.collect::<Vec<&str>>().join(" ")
}

/// What the store says, where it answers in XML as S3 does.
fn reason(text: &str) -> String {
    let between = |open: &str, close: &str| {
        let (_, rest) = text.split_once(open)?;
        rest.split_once(close).map(|(inside, _)| inside)
    };
    match (between("<Code>", "</Code>"), between("<Message>", "</Message>")) {
        (Some(code), Some(message)) => format!("{code}, {message}"),
        (Some(code), None) => code.to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> object_store::Error {
        object_store::Error::Generic { store: "S3", source: text.to_owned().into() }
    }

    #[test]
    fn kinds_say_whose_fault_it_is_and_whether_to_try_again() {
        let missing = object_store::Error::NotFound { path: "x".into(), source: "404".into() };
        let error = of_store(missing, "s3://b/x");
        assert_eq!((error.kind(), error.file(), error.is_retryable()), (ErrorKind::NotFound, Some("s3://b/x"), false));
        let denied = "status code: 403 Forbidden: <Error><Code>InvalidAccessKeyId</Code><Message>no such key</Message></Error>";
        let error = of_store(generic(denied), "s3://b/x");
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Auth, false));
        assert_eq!(error.message(), "the store refuses access: InvalidAccessKeyId, no such key");
        let error = of_store(generic("list: status code: 404: <Code>NoSuchBucket</Code>"), "s3://b/");
        assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, "there is no such bucket"));
        let error = of_store(generic("connection refused"), "s3://b/x");
        assert_eq!((error.kind(), error.is_retryable(), error.is_user()), (ErrorKind::Io, true, false));
        let error = of_store(object_store::Error::NotSupported { source: "no parts".into() }, "s3://b/x");
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Io, false));
    }

    #[test]
    fn a_text_tells_as_much_as_the_error_did() {
        let denied = "status code: 403 Forbidden: <Error><Code>InvalidAccessKeyId</Code><Message>no such key</Message></Error>";
        let error = of_text(denied, "s3://b/x");
        assert_eq!((error.kind(), error.file()), (ErrorKind::Auth, Some("s3://b/x")));
        assert_eq!(error.message(), "the store refuses access: InvalidAccessKeyId, no such key");
        let error = of_text("connection refused by https://host/x?sig=s3cr3t", "s3://b/x");
        assert!(error.is_retryable() && !error.message().contains("s3cr3t"), "{error}");
    }

    #[test]
    fn signatures_in_addresses_are_left_out() {
        let error = of_store(generic("GET https://host/x.csv?sig=s3cr3t in 2ms - what?"), "https://host/x.csv");
        assert!(error.message().contains("GET https://host/x.csv in 2ms - what?"), "{error}");
    }
}
