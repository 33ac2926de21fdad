//! How a request shows who it is from. Secrets have a type that cannot be printed.

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use super::secret::Secret;

/// Who we say we are.
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// Nobody at all: whoever has the URL may look.
    #[default]
    None,
    /// An API Gateway key, in `x-api-key`.
    ApiKey(Secret),
    /// `Authorization: Bearer …`.
    Bearer(Secret),
    /// A token as it is, in `Authorization` or the header that the authorizer reads.
    Token {
        /// The header's name.
        header: HeaderName,
        /// What it says.
        token: Secret,
    },
    /// IAM: every request is signed for the service `execute-api`.
    SigV4(SigV4),
}

/// Whose AWS credentials sign, and for which region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SigV4 {
    /// The region, where the URL does not name it; else that of the environment or the profile.
    pub region: Option<String>,
    /// The profile of AWS's own config file; else the standard chain's.
    pub profile: Option<String>,
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
    /// The secret that travels in a header, if one does.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::None | Self::SigV4(_) => None,
            Self::ApiKey(secret) | Self::Bearer(secret) | Self::Token { token: secret, .. } => Some(secret),
        }
    }

    /// The header that carries `secret`; none where none does.
    ///
    /// # Errors
    /// [`NotAHeader`] when the secret cannot be written into a header.
    pub fn header(&self, secret: &SecretString) -> Result<Option<Header>, NotAHeader> {
        let secret = secret.expose_secret();
        match self {
            Self::None | Self::SigV4(_) => Ok(None),
            Self::ApiKey(_) => Header::new(HeaderName::from_static("x-api-key"), secret).map(Some),
            Self::Bearer(_) => {
                Header::new(http::header::AUTHORIZATION, &format!("Bearer {secret}")).map(Some)
            }
            Self::Token { header, .. } => Header::new(header.clone(), secret).map(Some),
        }
    }
}

/// Values shorter than this are no secrets, and would be found everywhere.
const SHORTEST_SECRET: usize = 4;

/// A body without the secrets that were sent with the request, if it holds any: API Gateway quotes an `Authorization`
/// header that it cannot parse, and the whole canonical request when a signature does not fit. `in_url` are those of
/// the URL's own query.
pub(super) fn without_secrets(body: &[u8], sent: &HeaderMap, in_url: &[String]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(body);
    let headers = sent
        .values()
        .filter(|value| value.is_sensitive())
        .filter_map(|value| value.to_str().ok())
        // `Bearer …` may be quoted with or without its first word.
        .map(|value| value.strip_prefix("Bearer ").unwrap_or(value));
    let secrets = headers
        .chain(in_url.iter().map(String::as_str))
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
        let bearer = Auth::Bearer("s3cret-token".into());
        let header = bearer.header(&"s3cret-token".into()).unwrap().unwrap();
        let sent = HeaderMap::from_iter([(header.name, header.value)]);
        let said = |body: &[u8], in_url: &[String]| {
            without_secrets(body, &sent, in_url).map(|body| String::from_utf8_lossy(&body).into_owned())
        };
        let quoted = br#"{"message":"Authorization=Bearer s3cret-token is not valid, nor is k3y"}"#;
        assert_eq!(
            said(quoted, &[]).as_deref(),
            Some(r#"{"message":"Authorization=Bearer (secret) is not valid, nor is k3y"}"#)
        );
        assert_eq!(said(b"nothing of it", &["elsewhere".into()]), None);
        assert_eq!(said(b"code=elsewhere", &["elsewhere".into()]).as_deref(), Some("code=(secret)"));
    }
}
