//! Gateways' URLs: which can be polled, and how each may be shown.

use url::Url;

use crate::text::visible;

pub(super) const USER_INFORMATION: &str = "the URL holds a user name or password, which would show on the screen; \
    put it into an environment variable and name that with --token-env";

/// A URL that can be polled.
///
/// # Errors
/// A sentence that says what is wrong with it, without a password.
pub(super) fn gateway_url(text: &str) -> Result<Url, String> {
    let text = text.trim();
    let shown = shown_url(text);
    let Some((_, place)) = text.split_once("://") else { return Err(no_scheme(&shown)) };
    // `Url` would take the path's first part for the host.
    if place.is_empty() || place.starts_with(['/', '\\', '?', '#', ':']) {
        return Err(format!("{shown} has no host; write it as https://HOST/PATH"));
    }
    let url = Url::parse(text).map_err(|error| format!("{shown} is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{shown} cannot be polled: the scheme must be http or https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(USER_INFORMATION.into());
    }
    Ok(url)
}

/// What is said of a text without a scheme.
pub(super) fn no_scheme(shown: &str) -> String {
    match shown.strip_prefix("https:").or_else(|| shown.strip_prefix("http:")) {
        Some(rest) => {
            let rest = rest.trim_start_matches('/');
            format!("{shown} is no URL: two slashes follow the scheme; write https://{rest}")
        }
        None => format!("{shown} is no URL: it has no scheme; write https://{shown}"),
    }
}

/// A URL as a message may show it: without user name, password and query, which may be secrets.
pub(super) fn shown_url(text: &str) -> String {
    let (scheme, place) = text.split_once("://").map_or(("", text), |(scheme, place)| (scheme, place));
    let place = place.rsplit_once('@').map_or_else(|| place.to_owned(), |(_, place)| format!("…@{place}"));
    let place = place.find(['?', '#']).map_or(place.clone(), |at| format!("{}?…", &place[..at]));
    let separator = if text.contains("://") { "://" } else { "" };
    visible(&format!("{scheme}{separator}{place}")).into_owned()
}
