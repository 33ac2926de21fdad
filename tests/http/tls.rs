//! Gateways over TLS, with certificates made for the test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

static AUTHORITIES: AtomicU32 = AtomicU32::new(0);

/// An authority that nobody knows.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM form.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

/// A certificate for `localhost`, or one that nobody may take for it.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Good,
    /// Ten days ago.
    Expired,
    /// In nine days.
    Soon,
    /// For another name.
    Misnamed,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // Two of one name would be taken for one another.
        let number = AUTHORITIES.fetch_add(1, Ordering::Relaxed);
        params.distinguished_name.push(DnType::CommonName, format!("authority {number}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// What to trust.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for `localhost` and loopback, or for a client.
    pub fn issue(&self, kind: Kind) -> Pair {
        let names = if kind == Kind::Misnamed { ["elsewhere.example"] } else { ["localhost"] };
        let names = names.map(str::to_owned).to_vec();
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let now = std::time::SystemTime::now();
        if kind == Kind::Expired {
            let day = std::time::Duration::from_secs(24 * 60 * 60);
            params.not_before = (now - 400 * day).into();
            params.not_after = (now - 10 * day).into();
        }
        if kind == Kind::Soon {
            params.not_after = (now + std::time::Duration::from_secs(24 * 60 * 60) * 19 / 2).into();
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Pair { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// Serves `app` over HTTP/2 and HTTP/1.1, to whoever shows a certificate of `clients`, or to all.
    pub async fn serve(&self, app: Router, kind: Kind, clients: Option<&Self>) -> String {
        let acceptor = self.acceptor(kind, clients);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let secure = Secure { listener, acceptor };
        tokio::spawn(async move { axum::serve(secure, app).await });
        format!("https://localhost:{port}")
    }

    /// Shakes hands as a server of this kind does.
    pub fn acceptor(&self, kind: Kind, clients: Option<&Self>) -> TlsAcceptor {
        let pair = self.issue(kind);
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(pair.certificate.as_bytes()).map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(clients.0.der().clone()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

struct Secure {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Secure {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, from) = self.listener.accept().await.unwrap();
            match self.acceptor.accept(stream).into_fallible().await {
                Ok(stream) => return (stream, from),
                // Closing with something unread would reset the connection, and the client might not see the alert.
                Err((_, mut stream)) => {
                    tokio::spawn(async move { tokio::io::copy(&mut stream, &mut tokio::io::sink()).await });
                }
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
