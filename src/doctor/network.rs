//! The way to a gateway: its name, its addresses, its certificate. No request is made.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{About, Check};
use crate::source::http::is_loopback;
use crate::source::tls::keeping;
use crate::source::{Endpoint, Proxy, bare};
use crate::text::visible;

/// Each step may take this long.
const PATIENCE: Duration = Duration::from_secs(5);
/// A server that has something against our certificate says so by then.
const ALERT: Duration = Duration::from_millis(300);
/// Addresses that are tried.
const ADDRESSES: usize = 4;
/// A certificate that ends within this is somebody's matter now.
const SOON: i64 = 21;

pub(super) async fn look(endpoint: &Endpoint) -> Vec<Check> {
    let proxy = proxy(endpoint);
    let mut checks = Vec::new();
    let (resolved, addresses) = resolve(&endpoint.url).await;
    checks.push(resolved);
    if !addresses.is_empty() {
        let (connected, stream) = connect(&addresses).await;
        checks.push(connected);
        if let Some(stream) = stream {
            checks.push(tls(endpoint, stream).await);
        }
    }
    match proxy {
        Some(proxy) => checks.into_iter().map(|check| by_way_of(check, &proxy)).collect(),
        None => checks,
    }
}

/// By way of whom requests go, where they do not go straight.
fn proxy(endpoint: &Endpoint) -> Option<String> {
    let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    match &endpoint.proxy {
        Proxy::Direct => None,
        Proxy::Url(url) => Some(bare(url).to_string()),
        Proxy::Environment => {
            let names = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
            let found = names.into_iter().find(|name| set(name)).filter(|_| !is_loopback(&endpoint.url))?;
            Some(format!("the proxy in {found}, unless NO_PROXY says otherwise"))
        }
    }
}

/// What is found without the proxy says little of the way by it.
fn by_way_of(check: Check, proxy: &str) -> Check {
    if check.verdict == super::Verdict::Ok {
        return check;
    }
    Check::unknown(check.check, format!("{}; but requests go by way of {proxy}", check.seen))
}

async fn resolve(url: &Url) -> (Check, Vec<SocketAddr>) {
    let about = About::Resolves;
    let port = url.port_or_known_default().unwrap_or(443);
    let began = Instant::now();
    let name = match url.host() {
        Some(Host::Domain(name)) => name,
        Some(Host::Ipv4(address)) => {
            return (Check::ok(about, "an address, no name"), vec![SocketAddr::from((address, port))]);
        }
        Some(Host::Ipv6(address)) => {
            return (Check::ok(about, "an address, no name"), vec![SocketAddr::from((address, port))]);
        }
        None => return (Check::unknown(about, "the URL has no host"), Vec::new()),
    };
    let why = "no request can reach the gateway";
    let change =
        "the URL's host; for a private API, the name of its VPC endpoint and --header 'x-apigw-api-id: …'";
    let found = match timeout(PATIENCE, lookup_host((name, port))).await {
        Ok(Ok(found)) => found.collect::<Vec<_>>(),
        Ok(Err(error)) => {
            let seen = format!("{} does not resolve: {}", visible(name), visible(&error.to_string()));
            return (Check::finding(about, seen, why, change), Vec::new());
        }
        Err(_) => {
            let seen = format!("{} did not resolve within {} s", visible(name), PATIENCE.as_secs());
            return (Check::finding(about, seen, why, "this machine's name servers"), Vec::new());
        }
    };
    let listed: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
    (Check::ok(about, format!("{} in {}", listed.join(", "), milliseconds(began.elapsed()))), found)
}

/// Tries each address, as a client that is refused by the first would; the first stream is kept.
async fn connect(addresses: &[SocketAddr]) -> (Check, Option<TcpStream>) {
    let about = About::Connects;
    let (mut stream, mut said, mut failed) = (None, Vec::new(), 0);
    let tried = &addresses[..addresses.len().min(ADDRESSES)];
    for address in tried {
        let began = Instant::now();
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(connected)) => {
                said.push(format!("{address} in {}", milliseconds(began.elapsed())));
                stream = stream.or(Some(connected));
            }
            Ok(Err(error)) => {
                said.push(format!("{address}: {}", visible(&error.to_string())));
                failed += 1;
            }
            Err(_) => {
                said.push(format!("{address}: no answer within {} s", PATIENCE.as_secs()));
                failed += 1;
            }
        }
    }
    let seen = said.join("; ");
    let check = if failed == 0 {
        Check::ok(about, seen)
    } else if stream.is_some() {
        let why = "requests that try this address first are slow, or fail";
        Check::finding(
            about,
            seen,
            why,
            "the name's records, or this machine's route to that address (IPv6?)",
        )
    } else {
        let change =
            "the URL's port, a firewall between here and there, or the proxy that should be used (--proxy)";
        Check::finding(about, seen, "no request can reach the gateway", change)
    };
    (check, stream)
}

async fn tls(endpoint: &Endpoint, stream: TcpStream) -> Check {
    let about = About::Tls;
    let url = &endpoint.url;
    if url.scheme() == "http" {
        if is_loopback(url) {
            return Check::ok(about, "plain HTTP, within this machine");
        }
        let why = "everybody on the way reads the messages, and the credentials with them";
        return Check::finding(about, "plain HTTP", why, "the URL: https://");
    }
    let why = "no request can reach the gateway";
    let setup =
        endpoint.tls.config(&[b"h2", b"http/1.1"]).and_then(|config| Ok((config, endpoint.tls.verifier()?)));
    let (mut config, verifier) = match setup {
        Ok(setup) => setup,
        Err(error) => {
            return Check::finding(
                about,
                format!("the trust store {error}"),
                why,
                "this machine's trust store",
            );
        }
    };
    let shown = keeping(&mut config, verifier);
    let Ok(name) =
        ServerName::try_from(url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned())
    else {
        return Check::unknown(about, "the URL's host is no name that a certificate could have");
    };
    let began = Instant::now();
    let shaken = timeout(PATIENCE, TlsConnector::from(Arc::new(config)).connect(name, stream)).await;
    let took = milliseconds(began.elapsed());
    let certificate = shown.certificate().and_then(|certificate| read(&certificate));
    let of = certificate.as_ref().map_or_else(String::new, |certificate| format!("; {certificate}"));
    match shaken {
        Ok(Ok(mut stream)) => {
            let seen = format!("{} in {took}{of}", spoken(&stream));
            if let Some(refused) = refused_after(&mut stream).await {
                let seen = format!("{seen}; then {refused}");
                let change = "--client-cert FILE, with a certificate that the gateway's trust store knows";
                return Check::finding(about, seen, why, change);
            }
            match certificate {
                Some(certificate) if certificate.days < SOON => {
                    let why = "from that day on nobody reaches the gateway";
                    Check::finding(about, seen, why, "renew the certificate of the custom domain")
                }
                _ => Check::ok(about, seen),
            }
        }
        Ok(Err(error)) => {
            let seen = format!("{}{of}", visible(&error.to_string()));
            let change = "the URL's host, the certificate, or --ca FILE where another authority is trusted";
            Check::finding(about, seen, why, change)
        }
        Err(_) => {
            let seen = format!("no handshake within {} s", PATIENCE.as_secs());
            Check::finding(about, seen, why, "the URL's port: perhaps it does not speak TLS")
        }
    }
}

/// In TLS 1.3 a server judges the client's certificate, or misses one, after the client's part of the handshake is done.
async fn refused_after(stream: &mut TlsStream<TcpStream>) -> Option<String> {
    match timeout(ALERT, stream.read_u8()).await {
        Ok(Err(error)) if error.kind() == ErrorKind::InvalidData => {
            Some(visible(&error.to_string()).into_owned())
        }
        _ => None,
    }
}

fn spoken(stream: &TlsStream<TcpStream>) -> String {
    let (_, connection) = stream.get_ref();
    let version =
        connection.protocol_version().map_or_else(|| "TLS".to_owned(), |version| format!("{version:?}"));
    let protocol = connection.alpn_protocol().map(String::from_utf8_lossy);
    format!("{version} for {}", protocol.unwrap_or("http/1.1, unasked".into()))
}

/// What a certificate says of itself.
struct Certificate {
    subject: String,
    ends: DateTime<Utc>,
    /// Whole days until then; below 0 once it has ended.
    days: i64,
    ended: bool,
}

impl std::fmt::Display for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { subject, ends, days, ended } = self;
        let day = ends.format("%Y-%m-%d");
        if *ended {
            return write!(f, "the certificate of {subject} ended on {day}, {} days ago", -days);
        }
        write!(f, "the certificate of {subject} ends on {day}, in {days} days")
    }
}

fn read(certificate: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let ends = parsed.validity().not_after.timestamp();
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    let names = parsed.subject_alternative_name().ok().flatten();
    let name = names.and_then(|names| match names.value.general_names.first()? {
        x509_parser::extensions::GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    });
    let subject = name.unwrap_or_else(|| parsed.subject().to_string());
    Some(Certificate {
        subject: visible(&subject).into_owned(),
        ends: DateTime::from_timestamp(ends, 0)?,
        days: (ends - now) / (24 * 60 * 60),
        ended: ends < now,
    })
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
