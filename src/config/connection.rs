//! How a gateway is reached: method, proxy, and whom to trust.

use std::path::{Path, PathBuf};

use http::Method;

use super::credentials::path;
use super::file;
use super::resolve::{Environment, Overrides};
use super::{ConfigError, Loaded};
use crate::source::tls::WrongPem;
use crate::source::{Endpoint, Proxy, Tls};
use crate::text::visible;

/// PEM files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PemFiles {
    /// Certificates to trust beside the platform's own.
    pub ca: Option<PathBuf>,
    /// Our own certificate.
    pub client_cert: Option<PathBuf>,
    /// Its key, where that is not in the same file.
    pub client_key: Option<PathBuf>,
}

impl PemFiles {
    /// These, and from `others` what these do not say. A certificate comes with its own key.
    #[must_use]
    pub fn or(&self, others: &Self) -> Self {
        let ours = self.client_cert.is_some();
        let key = if ours { &self.client_key } else { &others.client_key };
        Self {
            ca: self.ca.clone().or_else(|| others.ca.clone()),
            client_cert: self.client_cert.clone().or_else(|| others.client_cert.clone()),
            client_key: self.client_key.clone().or_else(|| key.clone()),
        }
    }

    /// Reads them.
    ///
    /// # Errors
    /// A sentence that names the setting and the file, and repeats nothing of what the file holds.
    pub fn read(&self) -> Result<Tls, String> {
        let mut tls = Tls::default();
        if let Some(path) = &self.ca {
            tls.trust(&bytes("ca", path)?).map_err(|wrong| unusable("ca", path, &wrong))?;
        }
        match (&self.client_cert, &self.client_key) {
            (Some(path), key) => {
                let certificate = bytes("client_cert", path)?;
                let key_path = key.as_ref().unwrap_or(path);
                let key = bytes("client_key", key_path)?;
                let identified = tls.identify(&certificate, &key);
                identified.map_err(|wrong| match wrong {
                    WrongPem::NoKey => {
                        let hint =
                            if key_path == path { "; client_key names the file of the key" } else { "" };
                        unusable("client_key", key_path, &wrong) + hint
                    }
                    wrong => unusable("client_cert", path, &wrong),
                })?;
            }
            (None, Some(path)) => {
                return Err(format!("client_key: {} needs client_cert beside it", shown(path)));
            }
            (None, None) => {}
        }
        Ok(tls)
    }
}

fn bytes(what: &str, path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{what}: cannot read {}: {error}", shown(path)))
}

fn unusable(what: &str, path: &Path, wrong: &WrongPem) -> String {
    format!("{what}: {} {wrong}", shown(path))
}

fn shown(path: &Path) -> String {
    visible(&path.display().to_string()).into_owned()
}

/// A method that can ask for messages.
///
/// # Errors
/// A sentence. `DELETE` is how many gateways delete a message, and `HEAD` brings no body.
pub fn method(text: &str) -> Result<Method, String> {
    let asked = text.trim().to_ascii_uppercase();
    let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH];
    known.into_iter().find(|method| method.as_str() == asked).ok_or_else(|| {
        let given = if text.trim().is_empty() { "nothing".into() } else { visible(text) };
        format!("must be GET, POST, PUT or PATCH, not {given}")
    })
}

/// A proxy whose URL may be written down.
///
/// # Errors
/// A sentence that does not repeat a password.
pub fn proxy_without_password(text: &str, elsewhere: &str) -> Result<Proxy, String> {
    let proxy = Proxy::parse(text)?;
    if proxy.holds_credentials() {
        return Err(format!("the proxy's URL holds a user name or password; put it into {elsewhere}"));
    }
    Ok(proxy)
}

/// How the gateway is reached, as asked for over what the file says.
pub(super) fn connect(
    endpoint: &mut Endpoint,
    overrides: &Overrides,
    files: &PemFiles,
) -> Result<(), String> {
    if let Some(method) = &overrides.method {
        endpoint.method = method.clone();
    }
    if let Some(proxy) = &overrides.proxy {
        endpoint.proxy = proxy.clone();
    }
    endpoint.tls = overrides.pem_files.or(files).read()?;
    if endpoint.url.scheme() == "http" && endpoint.tls.has_identity() {
        return Err("client_cert: nothing asks for it over http; the URL must begin with https".into());
    }
    Ok(())
}

/// How the file says that it is reached; its PEM files are read by [`connect`], which knows what is asked for over them.
pub(super) fn connect_as_written(
    endpoint: &mut Endpoint,
    raw: &file::Endpoint,
    loaded: &Loaded,
    environment: Environment<'_>,
) -> Result<PemFiles, ConfigError> {
    if let Some(file::Verb(method)) = &raw.method {
        endpoint.method = method.clone();
    }
    if let Some(proxy) = &raw.proxy {
        let wrong = |what| loaded.error_at(proxy.span().start, format!("endpoint.proxy: {what}"));
        endpoint.proxy =
            proxy_without_password(proxy.get_ref(), "an environment variable and name that with proxy_env")
                .map_err(wrong)?;
    }
    if let Some(variable) = &raw.proxy_env {
        let wrong =
            |what: String| loaded.error_at(variable.span().start, format!("endpoint.proxy_env: {what}"));
        let shown = visible(variable.get_ref()).into_owned();
        let text = environment(variable.get_ref());
        let text = text.ok_or_else(|| wrong(format!("the environment variable {shown} is not set")))?;
        endpoint.proxy = Proxy::parse(&text).map_err(|what| wrong(format!("the variable {shown} {what}")))?;
    }
    let folder = loaded.path.as_deref().and_then(Path::parent);
    let named = |file: &Option<String>| file.as_ref().map(|file| path(file, folder));
    Ok(PemFiles {
        ca: named(&raw.ca),
        client_cert: named(&raw.client_cert),
        client_key: named(&raw.client_key),
    })
}
