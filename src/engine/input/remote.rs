//! Files at `s3://` and `https://` addresses, fetched whole.
//!
//! S3 is configured as everywhere: by `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`,
//! `AWS_ENDPOINT` and their kin.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::http::HttpBuilder;
use object_store::path::Path as StorePath;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use tokio::io::AsyncWriteExt;
use url::Url;

use crate::engine::temporary;
use crate::error::{Error, Result};

/// Something at an address.
pub(super) struct Object {
    /// The address.
    pub name: String,
    store: Arc<dyn ObjectStore>,
    path: StorePath,
}

/// What an address names: one object, or all below an address that ends with `/`.
pub(super) async fn objects(address: &str) -> Result<Vec<Object>> {
    let url =
        Url::parse(address).map_err(|e| Error::usage("bad-address", e.to_string()).at(address))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(Error::usage(
            "bad-address",
            "an address with a password or a query is not read",
        )
        .hint("fetch it first, and pipe it: curl … | pactum check … - --input csv"));
    }
    let store = store(&url)?;
    let path = StorePath::from_url_path(url.path())
        .map_err(|e| Error::usage("bad-address", e.to_string()).at(address))?;
    if !url.path().ends_with('/') {
        return Ok(vec![Object { name: address.to_owned(), store, path }]);
    }
    let mut found: Vec<StorePath> = store
        .list(Some(&path))
        .map(|entry| entry.map(|e| e.location))
        .try_collect()
        .await
        .map_err(|e| failed(address, e))?;
    found.sort();
    let root = &url[..url::Position::BeforePath];
    let objects: Vec<Object> = found
        .into_iter()
        .filter(|path| {
            let hidden = path.filename().is_none_or(|n| n.starts_with(['_', '.']));
            !hidden && super::InputFormat::of_name(path.as_ref()).is_some()
        })
        .map(|path| Object { name: format!("{root}/{path}"), store: Arc::clone(&store), path })
        .collect();
    match objects.is_empty() {
        true => Err(Error::usage("missing-file", "nothing to read is there").at(address)),
        false => Ok(objects),
    }
}

fn store(url: &Url) -> Result<Arc<dyn ObjectStore>> {
    let plain =
        ClientOptions::new().with_allow_http(true).with_connect_timeout(Duration::from_secs(10));
    let retry = RetryConfig {
        max_retries: 2,
        retry_timeout: Duration::from_secs(20),
        ..RetryConfig::default()
    };
    let host = url.host_str().unwrap_or_default();
    let built: Result<Arc<dyn ObjectStore>, _> = match url.scheme() {
        "s3" => AmazonS3Builder::from_env()
            .with_bucket_name(host)
            .with_client_options(plain)
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
        _ => HttpBuilder::new()
            .with_url(&url[..url::Position::BeforePath])
            .with_client_options(plain)
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as Arc<dyn ObjectStore>),
    };
    built.map_err(|e| failed(url.as_str(), e))
}

impl Object {
    /// Writes the object's bytes to a file.
    pub async fn fetch(&self, to: &Path) -> Result<()> {
        let unusable = |e| temporary::unusable(to, e);
        let mut file = tokio::fs::File::from_std(temporary::private_file(to).map_err(unusable)?);
        let found = self.store.get(&self.path).await.map_err(|e| failed(&self.name, e))?;
        let mut bytes = found.into_stream();
        while let Some(part) = bytes.next().await {
            let part = part.map_err(|e| failed(&self.name, e))?;
            file.write_all(&part).await.map_err(unusable)?;
        }
        file.flush().await.map_err(unusable)
    }
}

/// The bytes at an address, at most a megabyte of them.
///
/// # Errors
/// When nothing answers there, or it is larger.
pub async fn fetch_small(address: &str) -> Result<Vec<u8>> {
    const MOST: u64 = 1 << 20;
    let found = objects(address).await?;
    let Some(object) = found.first() else {
        return Err(Error::usage("missing-file", "nothing is at this address").at(address));
    };
    let answer = object.store.get(&object.path).await.map_err(|e| failed(address, e))?;
    if answer.meta.size > MOST {
        return Err(Error::mend("too-large", format!("{} bytes are there", answer.meta.size))
            .at(address)
            .hint(format!("at most {MOST} bytes are read")));
    }
    let bytes = answer.bytes().await.map_err(|e| failed(address, e))?;
    Ok(bytes.to_vec())
}

fn failed(address: &str, error: object_store::Error) -> Error {
    match &error {
        object_store::Error::NotFound { .. } => {
            Error::usage("missing-file", "nothing is at this address").at(address)
        }
        _ => {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(deeper) = cause.source() {
                cause = deeper;
            }
            let words = format!("the address does not answer: {cause}");
            let hint = match address.starts_with("s3://") {
                true => {
                    "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION (AWS_ENDPOINT)"
                }
                false => "check the name and the port, then try again",
            };
            Error::try_again("store", words).at(address).hint(hint).caused_by(error)
        }
    }
}
