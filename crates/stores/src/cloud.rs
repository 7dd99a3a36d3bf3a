//! Stores that are not on this machine: how they are opened, and what may be set.
//!
//! Settings come from the environment of the process that reads (`AWS_…`, `GOOGLE_…`, `AZURE_…`), and those that were
//! given win. All requests run on the I/O runtime, wherever a store is used. A request that fails is sent again, for a
//! minute at most; one whose answer breaks off goes on where it broke off.

use super::site::Site;
use object_store::{
    BackoffConfig, ClientConfigKey, ObjectStore, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey},
    azure::{AzureConfigKey, MicrosoftAzure, MicrosoftAzureBuilder},
    client::SpawnedReqwestConnector,
    gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder, GoogleConfigKey},
    http::HttpBuilder,
    multipart::MultipartStore,
};
use std::{str::FromStr, sync::Arc, time::Duration};
use stratal_core::{Error, ErrorKind, Result, error::nearest, runtime};

/// What users set most, by the names that misspelled keys are compared with.
const S3: &[&str] = &[
    "region",
    "endpoint",
    "access_key_id",
    "secret_access_key",
    "session_token",
    "anonymous",
    "virtual_hosted_style_request",
    "request_payer",
    "role_arn",
    "web_identity_token_file",
    "server_side_encryption",
    "unsigned_payload",
];
const GCS: &[&str] = &["service_account", "service_account_key", "application_credentials", "base_url", "anonymous"];
const AZURE: &[&str] = &[
    "account_name",
    "account_key",
    "sas_token",
    "client_id",
    "client_secret",
    "tenant_id",
    "endpoint",
    "use_emulator",
    "anonymous",
    "federated_token_file",
    "use_azure_cli",
];
const CLIENT: &[&str] = &[
    "allow_http",
    "allow_invalid_certificates",
    "timeout",
    "connect_timeout",
    "proxy_url",
    "proxy_excludes",
    "proxy_ca_certificate",
    "user_agent",
    "pool_max_idle_per_host",
];

/// The store of a site.
pub(super) fn open(site: &Site) -> Result<Arc<dyn ObjectStore>> {
    match site.root().split_once("://") {
        Some(("s3", bucket)) => Ok(Arc::new(s3(site, bucket)?)),
        Some(("gs", bucket)) => Ok(Arc::new(gcs(site, bucket)?)),
        Some(("az", container)) => Ok(Arc::new(azure(site, container)?)),
        Some(("http" | "https", _)) => web(site),
        _ => Err(Error::internal(format!("{} is no site", site.root()))),
    }
}

/// The store of a site, as one that takes uploads in parts.
pub(super) fn uploads(site: &Site) -> Result<Arc<dyn MultipartStore>> {
    match site.root().split_once("://") {
        Some(("s3", bucket)) => Ok(Arc::new(s3(site, bucket)?)),
        Some(("gs", bucket)) => Ok(Arc::new(gcs(site, bucket)?)),
        Some(("az", container)) => Ok(Arc::new(azure(site, container)?)),
        _ => Err(Error::new(ErrorKind::Config, format!("{} takes no uploads in parts", site.root()))),
    }
}

fn s3(site: &Site, bucket: &str) -> Result<AmazonS3> {
    let mut builder = AmazonS3Builder::from_env();
    for (key, value) in site.storage() {
        let key: AmazonS3ConfigKey = key_of(site, key, S3)?;
        builder = builder.with_config(key, value);
        if key == AmazonS3ConfigKey::Endpoint {
            // One in the environment, for S3 alone, would win.
            builder = builder.with_config(AmazonS3ConfigKey::S3Endpoint, value);
        }
    }
    let endpoint = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint].iter().find_map(|key| builder.get_config_value(key));
    let allows = builder.get_config_value(&AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp));
    if let Some(endpoint) = endpoint.filter(|endpoint| endpoint.starts_with("http://") && allows.as_deref() == Some("false")) {
        return Err(Error::new(ErrorKind::Config, format!("the endpoint {endpoint} is not encrypted"))
            .with_help("if it may be used nevertheless: storage([(\"allow_http\", \"true\"), ..])"));
    }
    let builder = builder.with_bucket_name(bucket).with_retry(retry()).with_http_connector(connector());
    builder.build().map_err(|error| wrong(site, &error))
}

fn gcs(site: &Site, bucket: &str) -> Result<GoogleCloudStorage> {
    let mut builder = GoogleCloudStorageBuilder::from_env();
    for (key, value) in site.storage() {
        builder = builder.with_config(key_of::<GoogleConfigKey>(site, key, GCS)?, value);
    }
    let builder = builder.with_bucket_name(bucket).with_retry(retry()).with_http_connector(connector());
    builder.build().map_err(|error| wrong(site, &error))
}

fn azure(site: &Site, container: &str) -> Result<MicrosoftAzure> {
    let mut builder = MicrosoftAzureBuilder::from_env();
    for (key, value) in site.storage() {
        builder = builder.with_config(key_of::<AzureConfigKey>(site, key, AZURE)?, value);
    }
    let builder = builder.with_container_name(container).with_retry(retry()).with_http_connector(connector());
    builder.build().map_err(|error| wrong(site, &error))
}

fn web(site: &Site) -> Result<Arc<dyn ObjectStore>> {
    let url = match site.query() {
        Some(query) => format!("{}/?{query}", site.root()),
        None => site.root().to_owned(),
    };
    let mut builder = HttpBuilder::new().with_url(url);
    if site.root().starts_with("http://") {
        // Whoever writes http:// means it.
        builder = builder.with_config(ClientConfigKey::AllowHttp, "true");
    }
    for (key, value) in site.storage() {
        builder = builder.with_config(key_of::<ClientConfigKey>(site, key, &[])?, value);
    }
    let builder = builder.with_retry(retry()).with_http_connector(connector());
    Ok(Arc::new(builder.build().map_err(|error| wrong(site, &error))?))
}

/// Connections and bodies are served where nothing computes.
fn connector() -> SpawnedReqwestConnector {
    SpawnedReqwestConnector::new(runtime::io().clone())
}

fn retry() -> RetryConfig {
    RetryConfig { backoff: BackoffConfig::default(), max_retries: 5, retry_timeout: Duration::from_secs(60) }
}

/// A setting's key as the store knows it.
fn key_of<K: FromStr>(site: &Site, key: &str, known: &[&str]) -> Result<K> {
    let name = if key == "anonymous" { "skip_signature" } else { key };
    name.parse().map_err(|_| {
        let scheme = site.root().split_once("://").map_or("", |(scheme, _)| scheme);
        let error = Error::new(ErrorKind::Config, format!("{scheme}:// has no setting {key:?}"));
        let bare = ["aws_", "google_", "azure_"].iter().find_map(|of| key.strip_prefix(*of)).unwrap_or(key);
        let all = || known.iter().chain(CLIENT).copied();
        error.with_help(match nearest(bare, all()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("settings are {}", all().collect::<Vec<_>>().join(", ")),
        })
    })
}

fn wrong(site: &Site, error: &object_store::Error) -> Error {
    Error::new(ErrorKind::Config, format!("{} cannot be opened: {error}", site.root()))
        .with_help("storage([(key, value), ..]) and the environment say how a store is reached")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(path: &str, storage: &[(&str, &str)]) -> Result<()> {
        let storage: Vec<(String, String)> = storage.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Site::of(path, &storage)?.0.store().map(|_| ())
    }

    #[test]
    fn settings_have_short_names_and_long_ones() {
        opened("s3://lake/x", &[("region", "eu-west-1"), ("aws_access_key_id", "a"), ("SECRET_ACCESS_KEY", "b")]).unwrap();
        opened("s3://open/x", &[("anonymous", "true"), ("aws_region", "eu-west-1")]).unwrap();
        opened("az://box/x", &[("account_name", "acc"), ("anonymous", "true")]).unwrap();
        opened("gs://b/x", &[("anonymous", "true")]).unwrap();
        opened("http://localhost:1/x", &[("timeout", "3 s")]).unwrap();
    }

    #[test]
    fn a_setting_that_is_wrong_is_named() {
        let error = opened("s3://lake/x", &[("regoin", "eu-west-1")]).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Config, "s3:// has no setting \"regoin\""));
        assert_eq!(error.help(), Some("did you mean \"region\"?"));
        let error = opened("s3://lake/x", &[("endpoint", "http://localhost:9000"), ("allow_http", "false")]).unwrap_err();
        assert!(error.kind() == ErrorKind::Config && error.help().unwrap().contains("allow_http"), "{error}");
        let error = opened("s3://lake/x", &[("anonymous", "perhaps")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    }
}
