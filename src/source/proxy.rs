//! By which way to the gateway.

use std::fmt;

use url::Url;

use super::bare;

/// By way of whom.
#[derive(Clone, Default)]
pub enum Proxy {
    /// Whatever `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say; this machine itself is reached directly.
    #[default]
    Environment,
    /// Directly, whatever the environment says.
    Direct,
    /// By this one: `http`, `https`, `socks5`, or `socks5h`, which looks names up at the proxy.
    Url(Url),
}

/// What a proxy's URL may begin with.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

impl Proxy {
    /// `none`, or a proxy's URL.
    ///
    /// # Errors
    /// A sentence that does not repeat a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::Direct);
        }
        let wanted = || {
            format!(
                "must be none, or a URL that begins with one of {}",
                SCHEMES.map(|scheme| format!("{scheme}://")).join(", ")
            )
        };
        let url = Url::parse(text).map_err(|_| wanted())?;
        // `Url` would make a host of what follows `http:`, whatever it is.
        if !SCHEMES.contains(&url.scheme()) || !url.has_host() || !text.contains("://") {
            return Err(wanted());
        }
        Ok(Self::Url(url))
    }

    /// Whether its URL holds a user name or a password.
    #[must_use]
    pub fn holds_credentials(&self) -> bool {
        matches!(self, Self::Url(url) if !url.username().is_empty() || url.password().is_some())
    }
}

// Its URL may hold a password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("Environment"),
            Self::Direct => f.write_str("Direct"),
            Self::Url(url) => write!(f, "Url({})", bare(url)),
        }
    }
}
