//! How a request shows who it is from. Secrets have a type that cannot be printed.

use http::{HeaderName, HeaderValue};
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
