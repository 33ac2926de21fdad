//! HTTP clients: one pool for all endpoints that ask for nothing special, and one each for those that do.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::HOST;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use url::{Host, Url};

use super::{HttpReceive, phases, redirects};
use crate::source::proxy::Proxy;
use crate::source::tls::{Tls, WrongPem, noticing};
use crate::source::{Endpoint, bare};

/// A connection must stand within this.
const CONNECT: Duration = Duration::from_secs(5);

/// The HTTP clients that all endpoints share: one pool and one trust store, with the environment's proxies and
/// without them.
#[derive(Clone)]
pub struct Http {
    client: Client,
    direct: Client,
}

// A client's own `Debug` may name proxies, and a proxy's URL may hold a password.
impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

/// The client could not be made.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot set up HTTP: {0}; check the proxy settings and the client's certificate")]
pub struct NoClient(Arc<str>);

impl From<reqwest::Error> for NoClient {
    fn from(error: reqwest::Error) -> Self {
        // A proxy's URL may hold a password.
        Self(error.without_url().to_string().into())
    }
}

impl From<WrongPem> for NoClient {
    fn from(error: WrongPem) -> Self {
        Self(format!("the client's certificate {error}").into())
    }
}

impl Http {
    /// A client with the platform's trust store, proxies from the environment, gzip and HTTP/2.
    ///
    /// # Errors
    /// [`NoClient`] when the environment's proxies cannot be used.
    pub fn new() -> Result<Self, NoClient> {
        // A second caller finds a provider installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let plain = || builder(&Tls::default(), true);
        Ok(Self { client: plain()?.build()?, direct: plain()?.no_proxy().build()? })
    }

    /// Receives from one endpoint.
    #[must_use]
    pub fn of(self, endpoint: Endpoint) -> HttpReceive {
        HttpReceive::new(self.client_of(&endpoint), endpoint)
    }

    fn client_of(self, endpoint: &Endpoint) -> Result<Client, NoClient> {
        let direct = match endpoint.proxy {
            Proxy::Environment => is_loopback(&endpoint.url),
            Proxy::Direct => true,
            Proxy::Url(_) => false,
        };
        // Over HTTP/2 the host is part of the address and could not be another.
        let http2 = !endpoint.headers.iter().any(|header| header.name == HOST);
        if endpoint.tls.is_plain() && http2 && !matches!(endpoint.proxy, Proxy::Url(_)) {
            return Ok(if direct { self.direct } else { self.client });
        }
        let builder = builder(&endpoint.tls, http2)?;
        let builder = match &endpoint.proxy {
            Proxy::Url(url) => builder.proxy(proxy(url)?),
            _ if direct => builder.no_proxy(),
            _ => builder,
        };
        Ok(builder.build()?)
    }
}

fn builder(tls: &Tls, http2: bool) -> Result<ClientBuilder, NoClient> {
    let protocols: &[&[u8]] = if http2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
    let mut config = tls.config(protocols)?;
    noticing(&mut config, phases::tls_begins);
    let builder = Client::builder()
        .user_agent(concat!("qwatch/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::custom(redirects::policy))
        .referer(false)
        .connect_timeout(CONNECT)
        .tls_backend_preconfigured(config)
        .dns_resolver(phases::TimeLookup)
        .connector_layer(phases::TimeConnect);
    Ok(if http2 { builder } else { builder.http1_only() })
}

fn proxy(url: &Url) -> Result<reqwest::Proxy, NoClient> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    // SOCKS takes user and password from the URL alone, HTTP from either.
    let proxy = reqwest::Proxy::all(url.clone())?;
    if !url.scheme().starts_with("http") || url.username().is_empty() {
        return Ok(proxy);
    }
    let proxy = reqwest::Proxy::all(bare(url))?;
    Ok(proxy.basic_auth(&decoded(url.username()), &decoded(url.password().unwrap_or_default())))
}

/// Whether this machine itself is asked: a proxy elsewhere cannot reach it, and the demo must work behind one.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
