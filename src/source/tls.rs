//! Whom we trust over TLS, and with which certificate we show who we are.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue, WebPkiServerVerifier,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, NamedGroup, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// Sessions remembered: one gateway needs one.
const SESSIONS: usize = 32;

/// What is added to the platform's trust store, and a client's certificate.
#[derive(Clone, Default)]
pub struct Tls {
    roots: Vec<CertificateDer<'static>>,
    identity: Option<Arc<Identity>>,
}

struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

// The key must not show.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("roots", &self.roots.len())
            .field("identity", &self.identity.is_some())
            .finish_non_exhaustive()
    }
}

/// A PEM file that cannot be used. None of its text is repeated.
#[derive(Debug, thiserror::Error)]
pub enum WrongPem {
    /// It holds no certificate.
    #[error("holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")]
    NoCertificate,
    /// It holds no key.
    #[error("holds no unencrypted private key in PEM form (-----BEGIN PRIVATE KEY-----)")]
    NoKey,
    /// A certificate in it cannot be trusted, or the key does not fit.
    #[error("cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// The platform's trust store, or the file, cannot be used.
    #[error("cannot be used: {0}")]
    Refused(String),
}

impl Tls {
    /// Trusts the certificates of a PEM file beside the platform's own.
    ///
    /// # Errors
    /// [`WrongPem`] when it holds none, or one that cannot be a root.
    pub fn trust(&mut self, pem: &[u8]) -> Result<(), WrongPem> {
        let roots = certificates(pem)?;
        let mut store = RootCertStore::empty();
        for root in &roots {
            store.add(root.clone())?;
        }
        WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider())
            .build()
            .map_err(|error| WrongPem::Refused(error.to_string()))?;
        self.roots.extend(roots);
        Ok(())
    }

    /// Shows this certificate to a gateway that asks for one. The key may stand in the same file.
    ///
    /// # Errors
    /// [`WrongPem`] when the one is missing or does not fit the other.
    pub fn identify(&mut self, certificate: &[u8], key: &[u8]) -> Result<(), WrongPem> {
        let chain = certificates(certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| WrongPem::NoKey)?;
        self.identity = Some(Arc::new(Identity { chain, key }));
        self.config(&[]).map(|_| ())
    }

    /// Whether nothing is added to what the platform says.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.roots.is_empty() && self.identity.is_none()
    }

    /// Whether there is a certificate to show.
    #[must_use]
    pub fn has_identity(&self) -> bool {
        self.identity.is_some()
    }

    /// What judges a server's certificate.
    ///
    /// # Errors
    /// [`WrongPem`] when the platform's trust store cannot be read.
    pub fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>, WrongPem> {
        Ok(Arc::new(Verifier::new_with_extra_roots(self.roots.iter().cloned(), provider())?))
    }

    /// How to shake hands, offering these protocols. The platform's trust store is read when somebody does: many gateways
    /// speak plain HTTP, and reading it is most of what starting costs.
    ///
    /// # Errors
    /// [`WrongPem`] when the key does not fit the certificate.
    pub fn config(&self, protocols: &[&[u8]]) -> Result<ClientConfig, WrongPem> {
        let verifier =
            Arc::new(AtHandshake { tls: self.clone(), provider: provider(), read: OnceLock::new() });
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match &self.identity {
            Some(identity) => {
                builder.with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())?
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(config)
    }
}

/// Judges as [`Tls::verifier`] does, which it makes for the first server that shows a certificate.
#[derive(Debug)]
struct AtHandshake {
    tls: Tls,
    provider: Arc<CryptoProvider>,
    read: OnceLock<Arc<dyn ServerCertVerifier>>,
}

impl AtHandshake {
    /// Other polls wait meanwhile, some milliseconds, as they did for it before the first frame. What could not be read is
    /// read again at the next handshake: somebody may have mended it.
    fn verifier(&self) -> Result<&dyn ServerCertVerifier, rustls::Error> {
        if let Some(read) = self.read.get() {
            return Ok(&**read);
        }
        let why =
            |error| format!("this machine's trust store {error}; --ca FILE trusts an authority without it");
        let read = self.tls.verifier().map_err(|error| rustls::Error::General(why(error)))?;
        Ok(&**self.read.get_or_init(|| read))
    }
}

impl ServerCertVerifier for AtHandshake {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        server: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.verifier()?.verify_server_cert(certificate, between, server, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier()?.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier()?.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Looks at the certificates that servers show, whether or not they are trusted.
#[derive(Debug, Default)]
pub struct Shown(Mutex<Option<CertificateDer<'static>>>);

impl Shown {
    /// The last one shown.
    #[must_use]
    pub fn certificate(&self) -> Option<CertificateDer<'static>> {
        self.0.lock().ok()?.clone()
    }
}

/// Lets `config` judge as before, and keeps what it was shown.
pub fn keeping(config: &mut ClientConfig, verifier: Arc<dyn ServerCertVerifier>) -> Arc<Shown> {
    let shown = Arc::new(Shown::default());
    let keeping = Keeping { verifier, shown: Arc::clone(&shown) };
    config.dangerous().set_certificate_verifier(Arc::new(keeping));
    shown
}

#[derive(Debug)]
struct Keeping {
    verifier: Arc<dyn ServerCertVerifier>,
    shown: Arc<Shown>,
}

impl ServerCertVerifier for Keeping {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        server: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Ok(mut shown) = self.shown.0.lock() {
            *shown = Some(certificate.clone().into_owned());
        }
        self.verifier.verify_server_cert(certificate, between, server, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, WrongPem> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or(WrongPem::NoCertificate)
}

/// Remembers sessions as rustls does, and calls `began` as each handshake begins: rustls asks for a hint as it writes
/// its first message, which is the first thing done over a connection that stands.
pub(super) fn noticing(config: &mut ClientConfig, began: fn()) {
    let sessions = ClientSessionMemoryCache::new(SESSIONS);
    config.resumption = Resumption::store(Arc::new(Noticing { sessions, began }));
}

#[derive(Debug)]
struct Noticing {
    sessions: ClientSessionMemoryCache,
    began: fn(),
}

impl ClientSessionStore for Noticing {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.sessions.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        (self.began)();
        self.sessions.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.sessions.set_tls12_session(server, value);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.sessions.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.sessions.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.sessions.insert_tls13_ticket(server, value);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.sessions.take_tls13_ticket(server)
    }
}
