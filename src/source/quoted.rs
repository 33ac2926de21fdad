//! What a gateway quotes of what was sent: API Gateway repeats an `Authorization` header that it cannot parse, and the
//! whole canonical request when a signature does not fit; pages say what was not found. A fault's words go to the screen, to
//! logs and into tickets, so no secret may be in them, in whichever way it is written there.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use url::Url;

use crate::wire::Fault;

/// Values shorter than this are no secrets, and would be found everywhere.
const SHORTEST: usize = 4;
/// Values in a URL's own query that are as long as this may be keys.
const KEY_IN_URL: usize = 16;
/// A text that was cut may end with so much of the beginning of one.
const BEGUN: usize = 6;
/// Bytes of the longest escape: `\u0000`, or `&#x2f;`.
const LONGEST_ESCAPE: usize = 8;
/// What stands in its place.
const HIDDEN: &str = "(secret)";
/// How often a text may have been escaped, one time over another.
const ESCAPED: usize = 3;

/// The secrets that were sent with a request, [folded](fold).
#[derive(Default)]
pub(super) struct Secrets {
    spelled: Vec<Vec<u8>>,
    /// The same as they are, and as JSON writes them: beside an escape one may fold into another text.
    plain: Vec<String>,
}

impl Secrets {
    /// Those in sensitive headers, and what may be a key in the URL's own query.
    pub fn of(sent: &HeaderMap, url: &Url) -> Self {
        let mut secrets: Vec<String> = Vec::new();
        for value in sent.values().filter(|value| value.is_sensitive()) {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            // `Bearer …` and `Basic …` may be quoted with or without the first word, and Basic as what it says.
            if let Some((_, rest)) = value.split_once(' ') {
                secrets.push(rest.to_owned());
                let said = STANDARD.decode(rest).ok().and_then(|said| String::from_utf8(said).ok());
                if let Some(said) = said {
                    secrets.extend(said.split_once(':').map(|(_, password)| password.to_owned()));
                    secrets.push(said);
                }
            }
            secrets.push(value);
        }
        let in_url = url.query_pairs().map(|(_, value)| value.into_owned());
        secrets.extend(in_url.filter(|value| value.len() >= KEY_IN_URL));
        let folded = secrets.iter().map(|secret| fold(secret).into_iter().map(|byte| byte.is).collect());
        let mut spelled: Vec<Vec<u8>> = folded.filter(|secret: &Vec<u8>| secret.len() >= SHORTEST).collect();
        // The longest first: one may be a part of another.
        spelled.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        spelled.dedup();
        let in_json =
            |secret: &String| Some(serde_json::to_string(secret).ok()?.trim_matches('"').to_owned());
        let mut plain: Vec<String> = secrets.iter().filter_map(in_json).collect();
        plain.extend(secrets);
        plain.retain(|secret| secret.len() >= SHORTEST);
        plain.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { spelled, plain }
    }

    /// The fault without them.
    pub fn left_out_of(&self, mut fault: Fault) -> Fault {
        let Fault { code, message, request_id, gateway_id, excerpt, .. } = &mut fault;
        for text in [code, request_id, gateway_id].into_iter().flatten().chain([message]) {
            let cut = text.ends_with('…');
            *text = self.left_out(text, cut).into_owned();
        }
        // A body may have ended anywhere.
        if let Some(text) = excerpt {
            *text = self.left_out(text, true).into_owned();
        }
        fault
    }

    fn left_out<'a>(&self, text: &'a str, cut: bool) -> Cow<'a, str> {
        let mut clean = Cow::Borrowed(text);
        for secret in &self.plain {
            if clean.contains(secret) {
                clean = Cow::Owned(clean.replace(secret, HIDDEN));
            }
        }
        for secret in &self.spelled {
            let folded = fold(&clean);
            let bytes: Vec<u8> = folded.iter().map(|byte| byte.is).collect();
            let (mut out, mut copied) = (String::new(), 0);
            for at in memchr::memmem::find_iter(&bytes, secret) {
                let (from, to) = (folded[at].from, folded[at + secret.len() - 1].to);
                if from >= copied {
                    out.push_str(&clean[copied..from]);
                    out.push_str(HIDDEN);
                    copied = to;
                }
            }
            let end = bytes.len() - bytes.iter().rev().take_while(|byte| !byte.is_ascii()).count();
            let whole = if clean.ends_with('…') { end } else { bytes.len() };
            // It may have been cut in the middle of an escape.
            let half =
                bytes[..whole].iter().rev().take(LONGEST_ESCAPE).position(|byte| b"%/&".contains(byte));
            let ends = [Some(whole), half.map(|half| whole - half - 1)].into_iter().flatten();
            let begun = ends.filter(|_| cut).find_map(|end| {
                let begins = |length: &usize| bytes[..end].ends_with(&secret[..*length]);
                (BEGUN..secret.len()).rev().find(begins).map(|length| end - length)
            });
            if let Some(begun) = begun.filter(|begun| folded[*begun].from >= copied) {
                out.push_str(&clean[copied..folded[begun].from]);
                out.push_str(HIDDEN);
                copied = folded[whole - 1].to;
            }
            if copied > 0 {
                out.push_str(&clean[copied..]);
                clean = Cow::Owned(out);
            }
        }
        clean
    }
}

/// A byte of a text without its escapes, in lower case, and where in the text it stands.
#[derive(Clone, Copy)]
struct Folded {
    is: u8,
    from: usize,
    to: usize,
}

/// A text as it is compared: nobody can list the spellings in which JSON, XML, HTML and URLs write the same, one over another,
/// so the escapes of all of them are taken off, from the secret as well.
fn fold(text: &str) -> Vec<Folded> {
    let mut bytes: Vec<Folded> = text
        .bytes()
        .enumerate()
        .map(|(at, is)| Folded { is: is.to_ascii_lowercase(), from: at, to: at + 1 })
        .collect();
    for _ in 0..ESCAPED {
        let mut next = Vec::with_capacity(bytes.len());
        let mut rest = &bytes[..];
        while let Some(first) = rest.first() {
            let (length, character) = escape(rest).unwrap_or((1, None));
            let (from, to) = (first.from, rest[length - 1].to);
            match character {
                Some(character) => {
                    let mut buffer = [0; 4];
                    let written = character.to_ascii_lowercase().encode_utf8(&mut buffer);
                    next.extend(written.bytes().map(|is| Folded { is, from, to }));
                }
                None => next.push(*first),
            }
            rest = &rest[length..];
        }
        if next.len() == bytes.len() {
            break;
        }
        bytes = next;
    }
    // In a URL's path they are the same.
    bytes.iter_mut().filter(|byte| byte.is == b'\\').for_each(|byte| byte.is = b'/');
    bytes
}

/// The escape that a text begins with: how many bytes it takes, and what it stands for.
fn escape(text: &[Folded]) -> Option<(usize, Option<char>)> {
    let at = |place: usize| text.get(place).map(|byte| byte.is);
    let number = |from: usize, to: usize, radix: u32| {
        let digits: Option<String> = (from..to).map(|place| at(place).map(char::from)).collect();
        digits.and_then(|digits| u32::from_str_radix(&digits, radix).ok())
    };
    let stands_for = |length: usize, code: u32| Some((length, Some(char::from_u32(code)?)));
    match (at(0)?, at(1)?) {
        (b'%', _) => {
            // Beyond ASCII it is a byte of a character, and those are compared as they are written.
            let code = number(1, 3, 16).filter(|code| *code < 0x80)?;
            stands_for(3, code)
        }
        (b'\\', b'u') => stands_for(6, number(2, 6, 16)?),
        (b'\\', b'x') => stands_for(4, number(2, 4, 16)?),
        (b'\\', next) if next.is_ascii_punctuation() => stands_for(2, next.into()),
        (b'&', _) => {
            const NAMED: [(&str, char); 5] =
                [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];
            let end = (2..=8).find(|place| at(*place) == Some(b';'))?;
            let name: String = text[1..end].iter().map(|byte| char::from(byte.is)).collect();
            let named = NAMED.iter().find(|(known, _)| *known == name).map(|(_, is)| u32::from(*is));
            let numbered = || match name.strip_prefix("#x") {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => name.strip_prefix('#')?.parse().ok(),
            };
            stands_for(end + 1, named.or_else(numbered)?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn sent(secret: &str, url: &str) -> Secrets {
        let mut value = HeaderValue::from_bytes(secret.as_bytes()).unwrap();
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
            ("it was cut at AbCdEfGhIjKl%2…", "it was cut at (secret)…"),
            (r"it was cut at AbCdEfGhIjKl\u00", "it was cut at (secret)"),
            ("nothing of it", "nothing of it"),
        ];
        for (quoted, said) in cases {
            assert_eq!(secrets.left_out(quoted, true), said);
        }
        assert_eq!(
            secrets.left_out("it must be AbCdEfGhIjKl", false),
            "it must be AbCdEfGhIjKl",
            "nothing was cut"
        );
        let first_word = [
            (
                "Bearer s3cret-token",
                "Authorization=Bearer s3cret-token, s3cret-token",
                "Authorization=(secret), (secret)",
            ),
            ("Token s3cret-token", "no s3cret-token", "no (secret)"),
            (
                "Basic dXNlcjpwYXNzd29yZDEyMw==",
                "no user:password123, no password123",
                "no (secret), no (secret)",
            ),
            (r"abcdefgh\", r"no 'abcdefgh\' here", "no '(secret)' here"),
            ("abcdefgh%", "no abcdefgh%41", "no (secret)41"),
            ("PÄSSword-key", "no P\\u00c4SSword-key", "no (secret)"),
            ("pässword-key", "no p\\u00e4ssword-key, pässword-key", "no (secret), (secret)"),
            (
                "abcDEF/JKL+pq==",
                "abcDEF\\u002fJKL\\u002Bpq\\u003d\\u003d abcDEF%252FJKL%252Bpq%253D%253D",
                "(secret) (secret)",
            ),
            ("abcDEF/JKL+pq==", "abcDEF&#x2F;JKL&#43;pq&#x3D;&#61; ABCDEF/JKL+PQ==", "(secret) (secret)"),
            (r"with\a{slash}9", "http://host/with/a%7Bslash%7D9", "http://host/(secret)"),
        ];
        for (secret, quoted, said) in first_word {
            assert_eq!(sent(secret, "https://host/").left_out(quoted, false), said);
        }
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

    proptest::proptest! {
        #[test]
        fn no_secret_is_left_and_no_text_is_too_odd(
            secret in "\\PC{8,20}", before in "[a-z ]{0,20}", after in "[ a-z]{0,20}", odd in "([%&#;u\\\\0-9a-fé…\"]|\\PC){0,40}", cut: bool,
        ) {
            let secrets = sent(&secret, "https://host/");
            let _ = secrets.left_out(&odd, cut);
            let _ = sent(&odd, "https://host/").left_out(&format!("{odd}{secret}{odd}"), cut);
            let clean = secrets.left_out(&format!("{before} {secret} {after}"), cut).into_owned();
            proptest::prop_assert!(!clean.contains(&secret) || fold(&secret).len() < SHORTEST, "{}", clean);
        }
    }
}
