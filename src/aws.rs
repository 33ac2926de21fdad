//! Credentials by the standard AWS chain, and Signature Version 4.
//!
//! The chain is AWS's own (environment, profiles with SSO and roles, web identity, containers, instances), so that
//! whatever lets `aws` in lets qwatch in. The signature is made by AWS's crate too: both have rules that are not ours
//! to keep up with.

mod http;

use std::fmt;
use std::time::{Duration, SystemTime};

use ::http::Request;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use tokio::sync::Mutex;
use url::Url;

/// Credentials are renewed this long before they end.
const EARLY: Duration = Duration::from_secs(5 * 60);
/// Credentials that never end are read again after this: keys are rotated under a watch that runs for days.
const READ_AGAIN: Duration = Duration::from_secs(15 * 60);

/// Why a request could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// No part of the chain had credentials, or one had them and failed.
    #[error(
        "no AWS credentials: {0}; `aws sts get-caller-identity` asks the same chain. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID \
         and AWS_SECRET_ACCESS_KEY, or run `aws sso login`"
    )]
    Credentials(String),
    /// Nothing says where the service is.
    #[error("no AWS region: give --region, or set AWS_REGION or the profile's region")]
    Region,
    /// The request cannot be written in the canonical form.
    #[error("cannot sign the request: {0}")]
    Signature(String),
}

/// Signs requests to one service in one region.
pub struct Signer {
    service: &'static str,
    region: Region,
    chain: SharedCredentialsProvider,
    held: Mutex<Option<Held>>,
}

struct Held {
    credentials: Credentials,
    until: SystemTime,
}

// The credentials must not show.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, region, .. } = self;
        f.debug_struct("Signer").field("service", service).field("region", region).finish_non_exhaustive()
    }
}

impl Signer {
    /// A signer for `service` (such as `sqs`), with credentials found before it returns, so that their absence is said
    /// at the start. The region is `region`, or else the chain's, or else `fallback`; `profile` is one of AWS's own config
    /// file, where the chain's own choice will not do.
    ///
    /// # Errors
    /// [`AwsError::Credentials`] and [`AwsError::Region`].
    pub async fn new(
        service: &'static str,
        region: Option<String>,
        profile: Option<&str>,
        fallback: Option<&'static str>,
    ) -> Result<Self, AwsError> {
        let config = load(region, profile).await;
        let region =
            config.region().cloned().or(fallback.map(Region::from_static)).ok_or(AwsError::Region)?;
        let nowhere = || AwsError::Credentials("the chain is empty".into());
        let chain = config.credentials_provider().ok_or_else(nowhere)?;
        let signer = Self { service, region, chain, held: Mutex::new(None) };
        // The chain does not say which profile it did not find.
        let named = |error| match (profile, error) {
            (Some(profile), AwsError::Credentials(words)) => {
                AwsError::Credentials(format!("{words} (profile {profile})"))
            }
            (_, error) => error,
        };
        signer.credentials().await.map_err(named)?;
        Ok(signer)
    }

    /// The region that requests are signed for.
    #[must_use]
    pub fn region(&self) -> &str {
        self.region.as_ref()
    }

    /// Adds the headers that make the request ours: `authorization`, `x-amz-date` and, with temporary credentials,
    /// `x-amz-security-token`. Headers set afterwards are not covered.
    ///
    /// # Errors
    /// [`AwsError`], without any part of a secret.
    pub async fn sign<B: AsRef<[u8]>>(&self, request: &mut Request<B>) -> Result<(), AwsError> {
        let identity = self.credentials().await?.into();
        let unsigned = |error: &dyn fmt::Display| AwsError::Signature(error.to_string());
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region())
            .name(self.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unsigned(&error))?
            .into();
        let headers = request.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let uri = request.uri().to_string();
        let body = SignableBody::Bytes(request.body().as_ref());
        let signable = SignableRequest::new(request.method().as_str(), uri, headers, body)
            .map_err(|error| unsigned(&error))?;
        let (instructions, _) = sign(signable, &parameters).map_err(|error| unsigned(&error))?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }

    /// Reads the chain again after a refusal; whether the credentials are others now.
    pub async fn renew(&self) -> bool {
        let old = self.held.lock().await.take();
        let id = |credentials: &Credentials| {
            (credentials.access_key_id().to_owned(), credentials.session_token().map(str::to_owned))
        };
        match self.credentials().await {
            Ok(new) => old.is_none_or(|old| id(&old.credentials) != id(&new)),
            Err(_) => false,
        }
    }

    async fn credentials(&self) -> Result<Credentials, AwsError> {
        let mut held = self.held.lock().await;
        let now = SystemTime::now();
        if let Some(held) = held.as_ref().filter(|held| now < held.until) {
            return Ok(held.credentials.clone());
        }
        let found = self.chain.provide_credentials().await;
        let credentials = found.map_err(|error| AwsError::Credentials(story(&error)))?;
        let until = credentials.expiry().map_or(now + READ_AGAIN, |expiry| expiry - EARLY);
        *held = Some(Held { credentials: credentials.clone(), until });
        Ok(credentials)
    }
}

async fn load(region: Option<String>, profile: Option<&str>) -> SdkConfig {
    let http = http::client();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone());
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    let Some(profile) = profile else { return loader.load().await };
    // The chain would ask the environment first; whoever names a profile means it, as with `aws --profile`.
    let config = loader.profile_name(profile).load().await;
    let within =
        ProviderConfig::without_region().with_http_client(http).with_region(config.region().cloned());
    let provider = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&within).build();
    let provider = SharedCredentialsProvider::new(provider);
    config.into_builder().credentials_provider(provider).build()
}

/// The error and what caused it, on one line: AWS's own `Display` stops at "an error occurred", and the chain's takes a
/// line for each of its links.
fn story(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let story = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    story.lines().map(str::trim).collect::<Vec<_>>().join("; ")
}

/// The region that a URL of `service` names: the label after the service's, as in `sqs.eu-west-1.amazonaws.com`, or, in
/// SQS's older form, the one before `queue`.
#[must_use]
pub fn region_of<'a>(url: &'a Url, service: &str) -> Option<&'a str> {
    let host = url.host_str()?;
    let labels: Vec<&str> = host.split('.').collect();
    if !labels.contains(&"amazonaws") {
        return None;
    }
    let names = |label: &str| label.strip_suffix("-fips").unwrap_or(label) == service;
    let after = labels.windows(2).find(|pair| names(pair[0])).map(|pair| pair[1]);
    let before = || labels.windows(2).find(|pair| pair[1] == "queue").map(|pair| pair[0]);
    after.or_else(before).filter(|label| label.contains('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aws_url_names_its_region() {
        let sqs = [
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/orders", Some("eu-west-1")),
            ("https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/orders", Some("us-gov-west-1")),
            ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders", Some("cn-north-1")),
            ("https://eu-central-1.queue.amazonaws.com/123456789012/orders", Some("eu-central-1")),
            ("https://vpce-0a1b-2c.sqs.us-east-2.vpce.amazonaws.com/123456789012/orders", Some("us-east-2")),
            ("https://queue.amazonaws.com/123456789012/orders", None),
            ("http://127.0.0.1:4566/000000000000/orders", None),
            ("https://sqs.eu-west-1.example.com/orders", None),
        ];
        let execute_api = [
            ("https://abc123.execute-api.eu-west-1.amazonaws.com/prod", Some("eu-west-1")),
            ("https://abc123.execute-api.cn-north-1.amazonaws.com.cn/prod", Some("cn-north-1")),
            ("https://vpce-0a1b-2c.execute-api.us-east-2.vpce.amazonaws.com/prod", Some("us-east-2")),
            ("https://abc123-vpce-0a1b.execute-api.us-east-2.amazonaws.com/prod", Some("us-east-2")),
            ("https://queues.example.com/orders", None),
        ];
        for (service, cases) in [("sqs", &sqs[..]), ("execute-api", &execute_api)] {
            for (url, region) in cases {
                assert_eq!(region_of(&Url::parse(url).unwrap(), service), *region, "{url}");
            }
        }
    }
}
