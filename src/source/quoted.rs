//! What a gateway quotes of what was sent: API Gateway repeats an `Authorization` header that it cannot parse, and the
//! whole canonical request when a signature does not fit; pages say what was not found. A fault's words go to the screen, to
//! logs and into tickets, so no secret may be in them, in whichever way it is written there.

use std::borrow::Cow;

use http::HeaderMap;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::wire::Fault;

/// Values shorter than this are no secrets, and would be found everywhere.
const SHORTEST: usize = 4;
/// Values in a URL's own query that are as long as this may be keys.
const KEY_IN_URL: usize = 16;
/// A text that ends with so many bytes of the beginning of one was cut in its middle.
const BEGUN: usize = 6;
/// What stands in its place.
const HIDDEN: &str = "(secret)";
/// What browsers escape in a query.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\'');

/// The secrets that were sent with a request, in every spelling in which they may come back.
#[derive(Default)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    /// Those in sensitive headers, and what may be a key in the URL's own query.
    pub fn of(sent: &HeaderMap, url: &Url) -> Self {
        let headers =
            sent.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
        // `Bearer …` may be quoted with or without its first word.
        let headers = headers.map(|value| value.strip_prefix("Bearer ").unwrap_or(value).to_owned());
        let pairs = url.query_pairs().map(|(_, value)| value.into_owned());
        let as_written = url.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        let as_written = as_written.map(|(_, value)| value.to_owned());
        let keys = pairs.chain(as_written).filter(|value| value.len() >= KEY_IN_URL);
        let mut spelled: Vec<String> = headers
            .chain(keys)
            .filter(|secret| secret.len() >= SHORTEST)
            .flat_map(|secret| spellings(&secret))
            .collect();
        // The longest first: a spelling may be part of another.
        spelled.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        spelled.dedup();
        Self(spelled)
    }

    /// The fault without them.
    pub fn left_out_of(&self, mut fault: Fault) -> Fault {
        let Fault { code, message, request_id, gateway_id, excerpt, .. } = &mut fault;
        for text in [code, request_id, gateway_id, excerpt].into_iter().flatten().chain([message]) {
            if let Cow::Owned(clean) = self.left_out(text) {
                *text = clean;
            }
        }
        fault
    }

    fn left_out<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = Cow::Borrowed(text);
        for secret in &self.0 {
            if clean.contains(secret.as_str()) {
                clean = Cow::Owned(clean.replace(secret.as_str(), HIDDEN));
            }
        }
        // A text may have been cut in the middle of one.
        let whole = clean.trim_end_matches('…');
        let begun = self.0.iter().filter_map(|secret| begun(whole, secret)).max();
        if let Some(begun) = begun {
            let rest = &clean[whole.len()..];
            clean = Cow::Owned(format!("{}{HIDDEN}{rest}", &whole[..whole.len() - begun]));
        }
        clean
    }
}

/// How many of its last bytes are the beginning of a secret.
fn begun(text: &str, secret: &str) -> Option<usize> {
    let parts = secret.char_indices().map(|(at, _)| at).rev().take_while(|at| *at >= BEGUN);
    parts.into_iter().find(|at| text.ends_with(&secret[..*at]))
}

fn spellings(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap_or_default();
    let json = json.trim_matches('"').to_owned();
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quoted = xml.replace('"', "&quot;").replace('\'', "&#39;");
    let escaped = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    // `-`, `.`, `_` and `~` need no escape, and get none from most.
    let unreserved = [("%2D", "-"), ("%2E", "."), ("%5F", "_"), ("%7E", "~")];
    let usual =
        unreserved.iter().fold(escaped.clone(), |text, (code, character)| text.replace(code, character));
    let in_query = utf8_percent_encode(secret, QUERY).to_string();
    let slashed = json.replace('/', "\\/");
    let lower = usual.split('%').enumerate().map(|(place, part)| match part.split_at_checked(2) {
        Some((code, rest)) if place > 0 => format!("{}{rest}", code.to_lowercase()),
        _ => part.to_owned(),
    });
    let lower = lower.collect::<Vec<_>>().join("%");
    vec![
        secret.to_owned(),
        json,
        slashed,
        xml,
        quoted,
        escaped,
        usual.replace("%20", "+"),
        usual,
        lower,
        in_query,
    ]
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn sent(secret: &str, url: &str) -> Secrets {
        let mut value = HeaderValue::from_str(secret).unwrap();
        value.set_sensitive(true);
        let headers = HeaderMap::from_iter([(HeaderName::from_static("x-api-key"), value)]);
        Secrets::of(&headers, &Url::parse(url).unwrap())
    }

    #[test]
    fn what_was_sent_as_a_secret_is_not_repeated_in_any_spelling() {
        let secrets =
            sent(r#"s3cr"et/to\k&en<42"#, "https://host/?code=AbCdEfGhIjKl%2FMnOpQr%3D%3D&short=abc");
        let cases = [
            (r#"no s3cr"et/to\k&en<42 here"#, "no (secret) here"),
            (r#"{"message":"s3cr\"et/to\\k&en<42"}"#, r#"{"message":"(secret)"}"#),
            (r#"{"message":"s3cr\"et\/to\\k&en<42"}"#, r#"{"message":"(secret)"}"#),
            ("<m>s3cr\"et/to\\k&amp;en&lt;42</m>", "<m>(secret)</m>"),
            ("<m>s3cr&quot;et/to\\k&amp;en&lt;42</m>", "<m>(secret)</m>"),
            ("Cannot GET /?code=AbCdEfGhIjKl%2FMnOpQr%3D%3D", "Cannot GET /?code=(secret)"),
            ("Cannot GET /?code=AbCdEfGhIjKl%2fMnOpQr%3d%3d", "Cannot GET /?code=(secret)"),
            ("code AbCdEfGhIjKl/MnOpQr== is wrong, abc", "code (secret) is wrong, abc"),
            ("it was cut at AbCdEfGhIjKl/MnOp", "it was cut at (secret)"),
            ("it was cut at AbCdEfGhIjKl%2FMn…", "it was cut at (secret)…"),
            ("nothing of it", "nothing of it"),
        ];
        for (quoted, said) in cases {
            assert_eq!(secrets.left_out(quoted), said);
        }
        let bearer = sent("Bearer s3cret-token", "https://host/");
        assert_eq!(bearer.left_out("Authorization=Bearer s3cret-token"), "Authorization=Bearer (secret)");
    }

    #[test]
    fn no_part_of_a_fault_repeats_it() {
        let secrets = sent("plainsecret12345", "https://host/");
        let quoted = || Some("rid-plainsecret12345".to_owned());
        let fault = Fault {
            code: quoted(),
            request_id: quoted(),
            gateway_id: quoted(),
            excerpt: quoted(),
            ..Fault::network("", "to http://login.example/plainsecret12345")
        };
        let clean = format!("{:?}", secrets.left_out_of(fault));
        assert!(!clean.contains("plainsecret") && clean.matches(HIDDEN).count() == 5, "{clean}");
    }
}
