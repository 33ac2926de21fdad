//! How AWS's crates reach the network: by this program's one HTTP library, its trust store and its proxies.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use reqwest::{Body, Client, Request};
use tokio::time::timeout;
use url::{Host, Url};

/// What AWS's crates ask with, for credentials.
pub(super) fn client() -> SharedHttpClient {
    // Who comes second finds a provider installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    SharedHttpClient::new(Clients::default())
}

/// One connector for each time to connect that is asked for: an instance's own service is given a second.
#[derive(Debug, Default)]
struct Clients(Mutex<Vec<(Option<Duration>, Connector)>>);

impl HttpClient for Clients {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let connect = settings.connect_timeout();
        let same = made.iter().find(|(its, _)| *its == connect).map(|(_, connector)| connector.clone());
        let connector = same.unwrap_or_else(|| {
            let new = Connector::new(connect);
            made.push((connect, new.clone()));
            new
        });
        SharedHttpConnector::new(Connector { first_byte: settings.read_timeout(), ..connector })
    }
}

/// Sends a request, and waits no longer than that for an answer to begin.
#[derive(Clone, Debug)]
struct Connector {
    /// With the environment's proxies, and without. What could not be made is said to whoever asks.
    clients: Result<[Client; 2], String>,
    first_byte: Option<Duration>,
}

impl Connector {
    fn new(connect: Option<Duration>) -> Self {
        let build = |proxies: bool| {
            // What is signed is sent, and nowhere else: AWS's crates follow no redirects and unpack nothing.
            let builder = Client::builder().redirect(reqwest::redirect::Policy::none()).no_gzip();
            let builder = if proxies { builder } else { builder.no_proxy() };
            match connect {
                Some(connect) => builder.connect_timeout(connect),
                None => builder,
            }
            .build()
        };
        let clients = build(true).and_then(|proxied| Ok([proxied, build(false)?]));
        Self { clients: clients.map_err(|error| error.without_url().to_string()), first_byte: None }
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { clients, first_byte } = self.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let request = Request::try_from(request.map(Body::wrap)).map_err(failed)?;
            let [proxied, direct] = clients.map_err(|why| ConnectorError::other(why.into(), None))?;
            let client = if is_near(request.url()) { direct } else { proxied };
            let answer = timeout(first_byte.unwrap_or(Duration::MAX), client.execute(request));
            let answer =
                answer.await.map_err(|late| ConnectorError::timeout(late.into()))?.map_err(failed)?;
            let answer = http::Response::<Body>::from(answer).map(SdkBody::from_body_1_x);
            HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// A proxy's URL may hold a password, so none is told.
fn failed(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

/// Whether it is this machine, or what an instance and a container ask for their credentials: no proxy reaches those.
fn is_near(url: &Url) -> bool {
    /// An instance's metadata service and EKS's agent, under their IPv6 addresses.
    const SERVICES: u16 = 0xfd00;
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.segments()[..2] == [SERVICES, 0xec2],
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_is_asked_for_what_only_this_machine_reaches() {
        let cases = [
            ("http://169.254.169.254/latest/meta-data", true),
            ("http://[fd00:ec2::254]/latest/meta-data", true),
            ("http://169.254.170.2/v2/credentials", true),
            ("http://localhost:4566/", true),
            ("http://127.0.0.1:4566/", true),
            ("http://[::1]:4566/", true),
            ("https://sts.eu-west-1.amazonaws.com/", false),
            ("http://10.0.0.1/", false),
            ("http://[fd00:dead::254]/", false),
        ];
        for (url, near) in cases {
            assert_eq!(is_near(&Url::parse(url).unwrap()), near, "{url}");
        }
    }
}
