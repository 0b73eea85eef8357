//! Files at `s3://` and `https://` addresses, fetched whole.
//!
//! S3 is configured as usual: by `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`,
//! `AWS_ENDPOINT` and their kin.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::http::HttpBuilder;
use object_store::path::Path as StorePath;
use object_store::{ClientOptions, GetOptions, ObjectMeta, ObjectStore, RetryConfig};
use tokio::io::AsyncWriteExt;
use url::Url;

use crate::engine::address::without_credentials;
use crate::engine::temporary;
use crate::error::{Error, Result};

/// Something at an address.
pub(super) struct Object {
    /// The address.
    pub name: String,
    store: Arc<dyn ObjectStore>,
    path: StorePath,
    /// What a listing said about it.
    listed: Option<ObjectMeta>,
}

/// What an address names: one object, or all below an address that ends with `/`.
pub(super) async fn objects(address: &str) -> Result<Vec<Object>> {
    let url = Url::parse(address)
        .map_err(|e| Error::usage("bad-address", e.to_string()).at(without_credentials(address)))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(Error::usage(
            "bad-address",
            "an address with a password or a query is not read",
        )
        .hint("fetch it first, and pipe it: curl … | pactum check … - --input csv"));
    }
    let store = store(&url)?;
    let path = StorePath::from_url_path(url.path())
        .map_err(|e| Error::usage("bad-address", e.to_string()).at(without_credentials(address)))?;
    if !url.path().ends_with('/') {
        return Ok(vec![Object { name: address.to_owned(), store, path, listed: None }]);
    }
    let mut found: Vec<ObjectMeta> =
        store.list(Some(&path)).try_collect().await.map_err(|e| failed(address, e))?;
    found.sort_by(|a, b| a.location.cmp(&b.location));
    // Its files alone bring back what the table has removed.
    let logs = |listed: &ObjectMeta| listed.location.parts().any(|p| p.as_ref() == "_delta_log");
    if found.iter().any(logs) {
        return Err(Error::usage("remote-delta", "a Delta table is read from this machine only")
            .at(without_credentials(address))
            .hint("copy the whole table with its _delta_log, and deliver its folder"));
    }
    let root = &url[..url::Position::BeforePath];
    let objects: Vec<Object> = found
        .into_iter()
        .filter(|listed| {
            let path = &listed.location;
            let hidden = path.filename().is_none_or(|n| n.starts_with(['_', '.']));
            !hidden && super::format::InputFormat::of_name(path.as_ref()).is_some()
        })
        .map(|listed| {
            let path = listed.location.clone();
            let (name, store) = (format!("{root}/{path}"), Arc::clone(&store));
            Object { name, store, path, listed: Some(listed) }
        })
        .collect();
    match objects.is_empty() {
        true => Err(Error::usage("missing-file", "there is nothing to read").at(address)),
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
        let options = GetOptions { if_match: self.entity_tag(), ..GetOptions::default() };
        let found = self.store.get_opts(&self.path, options).await;
        let found = found.map_err(|error| match error {
            object_store::Error::Precondition { .. } => self.changed(),
            error => failed(&self.name, error),
        })?;
        let promised = found.meta.clone();
        if self.listed.as_ref().is_some_and(|listed| !is_version(listed, &promised)) {
            return Err(self.changed());
        }
        let mut fetched = 0;
        let mut bytes = found.into_stream();
        while let Some(part) = bytes.next().await {
            let part = part.map_err(|e| failed(&self.name, e))?;
            fetched += part.len() as u64;
            file.write_all(&part).await.map_err(unusable)?;
        }
        if fetched != promised.size {
            return Err(self.changed());
        }
        file.flush().await.map_err(unusable)
    }

    /// The listed entity tag, where it identifies the content byte by byte.
    fn entity_tag(&self) -> Option<String> {
        let tag = self.listed.as_ref()?.e_tag.clone()?;
        tag.starts_with('"').then_some(tag)
    }

    fn changed(&self) -> Error {
        Error::try_again("file-changed", "the file changed while it was being fetched")
            .at(&self.name)
            .hint("wait until its writer is done, then run again")
    }
}

/// Whether the fetched object is the listed one, as far as the store identifies it.
fn is_version(listed: &ObjectMeta, fetched: &ObjectMeta) -> bool {
    let bare = |tag: &str| tag.trim_start_matches("W/").trim_matches('"').to_owned();
    let versions = (&listed.version, &fetched.version);
    let same = match (&listed.e_tag, &fetched.e_tag, versions) {
        (Some(listed), Some(fetched), _) => bare(listed) == bare(fetched),
        (_, _, (Some(listed), Some(fetched))) => listed == fetched,
        _ => listed.last_modified == fetched.last_modified,
    };
    same && listed.size == fetched.size
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
