//! A bucket of an object store as the target, through the crate `object_store`.

use super::encoded::{decoded, read_whole};
use super::object::{Headers, Object, Source};
use super::parts::{self, Parts};
use super::plan::{DIGEST, Found, Need, Version, full, metadata};
use super::request::{Failure, Requests, blocking};
use super::target::Address;
use super::{digest, refusal};
use futures_util::TryStreamExt as _;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::path::Path as Key;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientConfigKey, Error, GetOptions, GetResult,
    ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, RetryConfig, UpdateVersion,
};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(super) struct Bucket {
    store: Arc<dyn ObjectStore>,
    address: Address,
    /// Larger files are sent in parts.
    parts_above: u64,
}

impl Bucket {
    /// Takes credentials and endpoints from the environment, as the tools of each provider name them.
    pub(super) fn new(address: &Address, requests: Requests) -> Result<Self, String> {
        // An error means that another part of this program has done so.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let Address { scheme, bucket, .. } = address;
        let timeout = format!("{} ms", requests.timeout.as_millis());
        // A request that is not repeated here is repeated by who makes it.
        let retry = RetryConfig {
            backoff: BackoffConfig { max_backoff: Duration::from_secs(5), ..Default::default() },
            max_retries: 3,
            retry_timeout: Duration::from_secs(120),
        };
        let key = ClientConfigKey::Timeout;
        let store = match *scheme {
            "s3" => {
                let endpoint = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
                let builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
                let builder = match endpoint.into_iter().find_map(|name| std::env::var(name).ok()) {
                    // Who writes `http:` means it.
                    Some(url) if url.starts_with("http:") => builder.with_allow_http(true),
                    _ => builder,
                };
                let builder = builder.with_config(AmazonS3ConfigKey::Client(key), timeout);
                builder
                    .with_retry(retry)
                    .build()
                    .map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
            }
            "gs" => {
                let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket);
                let builder = builder.with_config(GoogleConfigKey::Client(key), timeout);
                builder.with_retry(retry).build().map(|store| Arc::new(store) as _)
            }
            _ => {
                let builder = MicrosoftAzureBuilder::from_env().with_container_name(bucket);
                let builder = builder.with_config(AzureConfigKey::Client(key), timeout);
                builder.with_retry(retry).build().map(|store| Arc::new(store) as _)
            }
        };
        let store = store.map_err(|error| {
            format!(
                "cannot use `{scheme}://{bucket}`: {}; docs/publish.md lists the variables that name \
                 credentials and endpoints",
                refusal::line(&error.to_string())
            )
        })?;
        Ok(Bucket { store, address: address.clone(), parts_above: requests.parts_above })
    }

    pub(super) async fn keys(&self, folder: &str) -> Result<BTreeSet<String>, Failure> {
        let prefix = match (self.address.prefix.as_str(), folder) {
            ("", "") => None,
            (prefix, "") => Some(prefix.to_owned()),
            (prefix, folder) => Some(full(prefix, folder)),
        };
        let prefix = prefix.map(|prefix| parse(&prefix)).transpose()?;
        let list = self.store.list(prefix.as_ref());
        let all: Vec<ObjectMeta> = list.try_collect().await.map_err(|error| {
            refusal::failure(&format!("cannot list `{}`", self.address), &self.address, &error)
        })?;
        let below = |object: ObjectMeta| {
            let key = object.location.as_ref();
            match self.address.prefix.as_str() {
                "" => Some(key.to_owned()),
                prefix => Some(key.strip_prefix(prefix)?.strip_prefix('/')?.to_owned()),
            }
        };
        Ok(all.into_iter().filter_map(below).collect())
    }

    pub(super) async fn look(&self, key: &str) -> Result<Option<Found>, Failure> {
        let options = GetOptions { head: true, ..GetOptions::default() };
        let Some(head) = self.get(key, options).await? else { return Ok(None) };
        let known = head.attributes.get(&Attribute::Metadata(DIGEST.into()));
        if let Some(digest) = known {
            return Ok(Some(Found {
                integrity: format!("sha384-{}", &**digest),
                marked: true,
                headers: Some(headers(&head.attributes)),
                version: self.version(&head.meta),
            }));
        }
        // Something that others have put there, or a copy without metadata: its bytes tell.
        let Some(body) = self.get(key, GetOptions::default()).await? else { return Ok(None) };
        let (headers, version) = (headers(&body.attributes), self.version(&body.meta));
        let bytes = body.bytes().await.map_err(|error| self.unreadable(key, &error))?;
        let coding = headers.content_encoding.clone();
        let integrity = blocking(move || {
            // What does not decode is nobody's asset.
            Ok(decoded(coding.as_deref(), &*bytes).unwrap_or_else(|_| digest::integrity(&bytes)))
        });
        let integrity = integrity.await?;
        Ok(Some(Found { integrity, marked: false, headers: Some(headers), version }))
    }

    pub(super) async fn read(&self, key: &str) -> Result<Option<(Vec<u8>, Version)>, Failure> {
        let Some(body) = self.get(key, GetOptions::default()).await? else { return Ok(None) };
        let version = self.version(&body.meta);
        let bytes = body.bytes().await.map_err(|error| self.unreadable(key, &error))?;
        Ok(Some((bytes.to_vec(), version)))
    }

    async fn get(&self, key: &str, options: GetOptions) -> Result<Option<GetResult>, Failure> {
        match self.store.get_opts(&self.key(key)?, options).await {
            Ok(result) => Ok(Some(result)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.unreadable(key, &error)),
        }
    }

    pub(super) async fn put(
        &self,
        object: &Arc<Object>,
        out: &Path,
        need: Need,
    ) -> Result<(), Failure> {
        let key = self.key(&object.key)?;
        let Headers { content_type, cache_control, content_encoding } = object.headers.clone();
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, content_type.into());
        attributes.insert(Attribute::CacheControl, cache_control.into());
        if let Some(coding) = content_encoding {
            attributes.insert(Attribute::ContentEncoding, coding.into());
        }
        let digest = metadata(&object.integrity).to_owned();
        attributes.insert(Attribute::Metadata(DIGEST.into()), digest.into());
        let bytes = match &object.source {
            Source::File(file) if object.size > self.parts_above => {
                let parts = Parts::open(out.join(file), object.clone()).await?;
                return self.put_in_parts(&key, object, parts, &need, attributes).await;
            }
            Source::Text(text) => text.clone().into_bytes(),
            Source::File(file) => {
                let (path, object) = (out.join(file), object.clone());
                blocking(move || read_whole(&path, &object)).await?
            }
        };
        let mode = match need {
            Need::Replace(version) => {
                PutMode::Update(UpdateVersion { e_tag: version.etag, version: version.generation })
            }
            _ => PutMode::Create,
        };
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        match self.store.put_opts(&key, bytes.into(), options).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.unwritable(&object.key, &error)),
        }
    }

    /// The store takes no condition here, so it is looked at before the first part and before the object
    /// becomes visible.
    async fn put_in_parts(
        &self,
        key: &Key,
        object: &Object,
        parts: Parts,
        need: &Need,
        attributes: Attributes,
    ) -> Result<(), Failure> {
        self.has_state(&object.key, need).await?;
        let begun = self.store.put_multipart_opts(key, attributes.into()).await;
        let mut upload = begun.map_err(|error| self.unwritable(&object.key, &error))?;
        let sent = async {
            let sent = parts.send(&mut *upload).await;
            sent.map_err(|error| match error {
                parts::Error::File(failure) => failure,
                parts::Error::Store(error) => self.unwritable(&object.key, &error),
            })?;
            self.has_state(&object.key, need).await?;
            match upload.complete().await {
                Ok(_) => Ok(()),
                // A request whose answer was lost may have been carried out, and then nothing is left of
                // the upload.
                Err(Error::NotFound { .. }) => Err(Failure::Taken),
                Err(error) => Err(self.unwritable(&object.key, &error)),
            }
        };
        let sent = sent.await;
        if sent.is_err() {
            // The first error is the one to report.
            let _ = upload.abort().await;
        }
        sent
    }

    /// Whether the object is in the state for which a step was planned.
    async fn has_state(&self, key: &str, need: &Need) -> Result<(), Failure> {
        let options = GetOptions { head: true, ..GetOptions::default() };
        let head = self.get(key, options).await?;
        let expected = match need {
            Need::Replace(version) => Some(version),
            _ => None,
        };
        match head.map(|head| self.version(&head.meta)).as_ref() == expected {
            true => Ok(()),
            false => Err(Failure::Taken),
        }
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), Failure> {
        match self.store.delete(&self.key(key)?).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failure("delete", key, &error)),
        }
    }

    fn unreadable(&self, key: &str, error: &Error) -> Failure {
        self.failure("read", key, error)
    }

    fn unwritable(&self, key: &str, error: &Error) -> Failure {
        self.failure("write", key, error)
    }

    fn failure(&self, verb: &str, key: &str, error: &Error) -> Failure {
        refusal::failure(&format!("cannot {verb} `{key}`"), &self.address, error)
    }

    fn key(&self, key: &str) -> Result<Key, Failure> {
        parse(&full(&self.address.prefix, key))
    }

    fn version(&self, meta: &ObjectMeta) -> Version {
        // Of Google's versions there is one at a time; those of others are a history.
        let generation = meta.version.clone().filter(|_| self.address.scheme == "gs");
        Version { etag: meta.e_tag.clone(), generation }
    }
}

fn parse(key: &str) -> Result<Key, Failure> {
    Key::parse(key)
        .map_err(|error| Failure::Final(format!("`{key}` cannot be a key: {error}; rename it")))
}

fn headers(attributes: &Attributes) -> Headers {
    let of = |attribute| attributes.get(&attribute).map(|value| value.to_string());
    Headers {
        content_type: of(Attribute::ContentType).unwrap_or_default(),
        cache_control: of(Attribute::CacheControl).unwrap_or_default(),
        // The chunks in which some clients upload are no coding of the object.
        content_encoding: of(Attribute::ContentEncoding)
            .filter(|coding| !coding.is_empty() && coding != "identity"),
    }
}
