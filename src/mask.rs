//! Values hidden while a screen is shared: those of keys that were named, and whatever looks like an e-mail address, a
//! card number, a token or a key.
//!
//! What is hidden is hidden in what is shown and given away: list, detail, clipboard, export, `tail`. A filter still sees
//! it, so that its owner can find a message by it.

mod assigned;
mod json;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::envelope::{Content, Layer, Room, is_compressed, peel_within};
use crate::json::{is_container, tokens, unquoted};
use crate::sqs::{PackedAttribute, PackedMessage, Packer};
use crate::text::boundary;
use assigned::Assigned;

/// What streams in a text may hold together for it to be looked through.
const ROOM: u64 = 4 << 20;

/// What stands in the place of a hidden value.
pub const HIDDEN: &str = "•••";

/// Keys whose values are hidden, and what looks as if it should be.
#[derive(Clone, Debug)]
pub struct Mask {
    /// In lower case, without `-` and `_`.
    keys: Vec<String>,
    assigned: Option<Assigned>,
}

/// What is named where nobody names anything: what nearly every team calls its secrets.
pub const KEYS: [&str; 12] = [
    "password",
    "passwd",
    "secret",
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "api_key",
    "authorization",
    "client_secret",
    "private_key",
    "iban",
];

/// A pattern, and whether what it found is to be hidden.
type Suspicious = (Regex, fn(&str) -> bool);

/// How many of the kinds are looked for in keys: the others take long names for keys of another sort.
const NAMES: usize = 3;

/// What looks as if it should be hidden, and what is asked of it beyond its shape. Each kind is looked for by itself: in
/// one pattern of them all the longest that may still come keeps a search going to the text's end, and again for each
/// thing that is found on the way; and what one kind takes and leaves alone, another would not see.
#[expect(clippy::expect_used, reason = "constant patterns, compiled in every test")]
static SUSPICIOUS: LazyLock<[Suspicious; 5]> = LazyLock::new(|| {
    let pattern = |pattern: &str| Regex::new(pattern).expect("a pattern");
    let always = |_: &str| true;
    [
        (pattern(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), always),
        // Keys of AWS, GitHub, Slack, Stripe, Google; a bearer token; a private key in PEM.
        (
            pattern(concat!(
                r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
                r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|[srp]k_(?:live|test)_|AIza)[\w-]{10,}",
                r"|(?i:\b(?:bearer|basic) )[\w.~+/=-]{8,}",
                r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
            )),
            always,
        ),
        // A JSON web token.
        (pattern(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), always),
        (pattern(r"\b\d(?:[ -]?\d){12,18}\b"), is_card),
        (pattern("[A-Za-z0-9+/_=-]{32,}"), is_random),
    ]
});

impl Default for Mask {
    fn default() -> Self {
        Self::new(KEYS)
    }
}

impl Mask {
    /// Hides the values of these keys, in any case and with or without `-` and `_`, beside what looks suspicious.
    #[must_use]
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        let keys: Vec<String> = keys.into_iter().map(plain).filter(|key| !key.is_empty()).collect();
        Self { assigned: Assigned::to(&keys), keys }
    }

    /// What stands for a whole that is hidden.
    #[must_use]
    pub fn hidden(&self) -> &'static str {
        "••• hidden: m shows it"
    }

    /// A text by itself, or a body in any of its envelopes. What is compressed beyond [`ROOM`] is hidden unseen.
    #[must_use]
    pub fn body<'a>(&self, body: &'a str) -> Cow<'a, str> {
        self.within(body, &mut Room::of(ROOM))
    }

    fn within<'a>(&self, body: &'a str, room: &mut Room) -> Cow<'a, str> {
        // What is encoded can be decoded by whoever sees it: it is hidden whole if anything in it is.
        let layers = peel_within(body, room);
        if room.is_spent() && is_compressed(body) {
            return Cow::Owned(HIDDEN.into());
        }
        let encoded =
            layers.iter().position(|layer| layer.jq.as_deref().is_none_or(|jq| jq.contains("@base64d")));
        if let Some(first) = encoded {
            let inside = layers.last().map(|layer| &layer.content);
            let hides = match inside {
                Some(Content::Text(text)) => matches!(self.json_or_text(text, room), Cow::Owned(_)),
                Some(Content::Bytes(_)) | None => true,
            };
            // Further in, the string that carries it is hidden by itself.
            if hides && first == 1 {
                return Cow::Owned(HIDDEN.into());
            }
        }
        self.json_or_text(body, room)
    }

    /// The beginning of a body, as much of it as a row can show.
    #[must_use]
    pub fn beginning<'a>(&self, body: &'a str) -> Cow<'a, str> {
        const ENOUGH: usize = 4 << 10;
        /// Every row is masked anew for every frame.
        const ROOM: u64 = 128 << 10;
        let mut room = Room::of(ROOM);
        match body.get(..boundary(body, ENOUGH)) {
            Some(beginning)
                if beginning.len() < body.len() && !beginning.trim_start().starts_with(['{', '[', '"']) =>
            {
                self.words(beginning)
            }
            Some(beginning) if beginning.len() < body.len() => self.cut(beginning, &mut room),
            _ => self.within(body, &mut room),
        }
    }

    /// Whether the last of these layers is the value of a key that is hidden, or within one.
    #[must_use]
    pub fn hides(&self, layers: &[Layer]) -> bool {
        layers.iter().flat_map(|layer| &layer.keys).any(|key| self.names(key))
    }

    /// The value at the end of a way into the body, by the names on it.
    #[must_use]
    pub fn value_at<'a>(&self, names: &[impl AsRef<str>], value: &'a str) -> Cow<'a, str> {
        if names.iter().any(|name| self.names(name.as_ref())) {
            Cow::Borrowed(HIDDEN)
        } else {
            self.body(value)
        }
    }

    /// The value of something that has a name.
    #[must_use]
    pub fn value<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        self.value_at(&[name], value)
    }

    /// A message without what is hidden in it. Its digests stay those of the whole.
    #[must_use]
    pub fn message(&self, message: &PackedMessage) -> PackedMessage {
        let mut packer = Packer::default();
        packer.message_id(message.message_id());
        packer.receipt_handle(&Self::text(message.receipt_handle()));
        packer.body(&self.body(message.body()));
        if let Some(digest) = message.md5_of_body() {
            packer.md5_of_body(digest);
        }
        if let Some(digest) = message.md5_of_message_attributes() {
            packer.md5_of_message_attributes(digest);
        }
        for (name, value) in message.attributes() {
            packer.attribute(name, &self.value(name, value));
        }
        for (name, attribute) in message.message_attributes() {
            let text = self.value(name, attribute.text);
            // What is hidden is no base64 any more.
            let is_binary = attribute.is_binary && *text == *attribute.text;
            packer.message_attribute(name, PackedAttribute { text: &text, is_binary, ..attribute });
        }
        packer.message()
    }

    /// Whether a key is one of those that were named.
    fn names(&self, key: &str) -> bool {
        let key = plain(key);
        self.keys.contains(&key)
    }

    fn json_or_text<'a>(&self, text: &'a str, room: &mut Room) -> Cow<'a, str> {
        let is_string = || {
            let text = text.trim();
            let whole = tokens(text).next().filter(|token| token.end() == text.len());
            whole.and_then(|token| unquoted(token.text)).is_some()
        };
        if is_container(text) || is_string() {
            self.json(text, false, room)
        } else if begins_as_json(text) {
            // Several documents, one a line; or one that its producer has cut.
            self.cut(text, room)
        } else {
            self.words(text)
        }
    }

    /// A text that is no JSON, or has other things beside it, such as words that quote a body.
    #[must_use]
    pub fn words<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let shown = Self::text(text);
        match self.assigned.as_ref().and_then(|assigned| assigned.hidden(&shown, HIDDEN)) {
            Some(hidden) => Cow::Owned(hidden),
            None => shown,
        }
    }

    /// Of what was cut nobody can say whether it was JSON: it is masked as if it were, and as if it were not.
    fn cut<'a>(&self, text: &'a str, room: &mut Room) -> Cow<'a, str> {
        match self.json(text, true, room) {
            Cow::Borrowed(text) => self.words(text),
            Cow::Owned(text) => Cow::Owned(self.words(&text).into_owned()),
        }
    }

    fn text(text: &str) -> Cow<'_, str> {
        // Most texts are short words and numbers, in which nothing can hide.
        if text.len() < 6 {
            return Cow::Borrowed(text);
        }
        Self::without(&SUSPICIOUS[..], text)
    }

    fn without<'a>(kinds: &[Suspicious], text: &'a str) -> Cow<'a, str> {
        let mut shown = Cow::Borrowed(text);
        for (pattern, is_secret) in kinds {
            let hide = |found: &Captures<'_>| {
                let whole = &found[0];
                if is_secret(whole) { HIDDEN.to_owned() } else { whole.to_owned() }
            };
            shown = match pattern.replace_all(&shown, hide) {
                Cow::Owned(hidden) if hidden != *shown => Cow::Owned(hidden),
                _ => continue,
            };
        }
        shown
    }
}

/// Whether it may be JSON, and no line of a log such as `[INFO] …`.
fn begins_as_json(text: &str) -> bool {
    let text = text.trim_start();
    let inside = text.strip_prefix('[').map(str::trim_start);
    text.starts_with('{') || inside.is_some_and(|text| text.starts_with(['{', '[', '"']))
}

fn plain(key: &str) -> String {
    key.chars().filter(|letter| !matches!(letter, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// Luhn's sum, which every card number keeps and nine of ten other numbers do not.
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => *digit,
            _ if *digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    // Ids made of one digit, and epoch milliseconds, are no cards.
    digits.len() >= 14 && sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != digits[0])
}

/// Whether so long a word looks drawn at random: letters of both cases and digits, as keys and tokens have them and
/// UUIDs, digests in hex and words have not.
fn is_random(word: &str) -> bool {
    let count = |is: fn(&u8) -> bool| word.bytes().filter(is).count();
    count(u8::is_ascii_uppercase) > 2 && count(u8::is_ascii_lowercase) > 2 && count(u8::is_ascii_digit) > 1
}

#[cfg(test)]
mod tests;
