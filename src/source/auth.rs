//! How a request shows who it is from. Secrets have a type that cannot be printed.

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

/// Credentials that travel in one header.
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// None at all: whoever has the URL may look.
    #[default]
    None,
    /// An API Gateway key, in `x-api-key`.
    ApiKey(SecretString),
    /// `Authorization: Bearer …`.
    Bearer(SecretString),
    /// A token as it is, in `Authorization` or the header that the authorizer reads.
    Token {
        /// The header's name.
        header: HeaderName,
        /// What it says.
        token: SecretString,
    },
}

/// A header that the user asked for. Its value may be a secret, so it is treated as one.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its name.
    pub name: HeaderName,
    /// Its value, marked sensitive: `Debug` does not show it.
    pub value: HeaderValue,
}

/// A secret that cannot travel in a header: it holds a line feed or another control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it holds a character that a header cannot carry, perhaps a line feed at its end")]
pub struct NotAHeader;

impl Header {
    /// A header whose value does not show in `Debug`.
    ///
    /// # Errors
    /// [`NotAHeader`] when the value holds a control character.
    pub fn new(name: HeaderName, value: &str) -> Result<Self, NotAHeader> {
        let mut value = HeaderValue::from_str(value).map_err(|_| NotAHeader)?;
        value.set_sensitive(true);
        Ok(Self { name, value })
    }
}

impl Auth {
    /// The header that carries the credentials; none for [`Auth::None`].
    ///
    /// # Errors
    /// [`NotAHeader`] when the secret cannot be written into a header.
    pub fn header(&self) -> Result<Option<Header>, NotAHeader> {
        let (name, text) = match self {
            Self::None => return Ok(None),
            Self::ApiKey(key) => (HeaderName::from_static("x-api-key"), key.expose_secret().to_owned()),
            Self::Bearer(token) => (http::header::AUTHORIZATION, format!("Bearer {}", token.expose_secret())),
            Self::Token { header, token } => (header.clone(), token.expose_secret().to_owned()),
        };
        Header::new(name, &text).map(Some)
    }
}

/// All headers of an endpoint's requests: the extra ones first, so that credentials win.
pub(super) fn headers(extra: &[Header], auth: &Auth) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let auth = auth.header().ok().flatten();
    for Header { name, value } in extra.iter().chain(&auth) {
        headers.insert(name.clone(), value.clone());
    }
    headers
}
