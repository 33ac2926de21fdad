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

/// Values shorter than this are no secrets, and would be found everywhere.
const SHORTEST_SECRET: usize = 4;

/// A body without the secrets that were sent with the request, if it holds any.
pub(super) fn without_secrets(body: &[u8], sent: &HeaderMap) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(body);
    let secrets = sent
        .values()
        .filter(|value| value.is_sensitive())
        .filter_map(|value| value.to_str().ok())
        // `Bearer …` may be quoted with or without its first word.
        .map(|value| value.strip_prefix("Bearer ").unwrap_or(value))
        .filter(|value| value.len() >= SHORTEST_SECRET && text.contains(value));
    let clean = secrets.fold(None, |clean: Option<String>, secret| {
        Some(clean.as_deref().unwrap_or(&text).replace(secret, "(secret)"))
    });
    clean.map(String::into_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_as_a_secret_is_not_repeated() {
        let bearer = Auth::Bearer(SecretString::from("s3cret-token"));
        let sent = headers(&[], &bearer);
        let quoted = br#"{"message":"Authorization=Bearer s3cret-token is not valid"}"#;
        let clean = without_secrets(quoted, &sent).map(|body| String::from_utf8_lossy(&body).into_owned());
        assert_eq!(clean.as_deref(), Some(r#"{"message":"Authorization=Bearer (secret) is not valid"}"#));
        assert_eq!(without_secrets(b"nothing of it", &sent), None);
    }
}
