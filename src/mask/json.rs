//! JSON with values hidden in it: it stays JSON, laid out as it was.

use std::borrow::Cow;
use std::ops::Range;

use super::{HIDDEN, Mask, NAMES, SUSPICIOUS};
use crate::envelope::Room;
use crate::json::{self, Token, is_name, is_value};

/// An object or a list that is open, as far as it was read.
#[derive(Default)]
struct Open<'a> {
    /// The key whose value comes next.
    key: Option<Cow<'a, str>>,
    /// Whether it names its value and the name is one of those that were named: `{"name": "password", "value": …}`.
    is_secret: bool,
    /// Such values that came before the name.
    values: Vec<Range<usize>>,
}

impl Mask {
    /// Of what was cut a name may be missing: a value that stands apart from it is hidden in any case.
    pub(super) fn json<'a>(&self, text: &'a str, is_cut: bool, room: &mut Room) -> Cow<'a, str> {
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        let mut hidden_keys = 0;
        let mut open = vec![Open::default()];
        let mut tokens = json::tokens(text);
        let mut read = 0;
        while let Some(token) = tokens.next() {
            let before = std::mem::replace(&mut read, token.end());
            let Some(inner) = open.last_mut() else { break };
            match token.first() {
                b':' => continue,
                b',' | b'}' | b']' => {
                    inner.key = None;
                    if let Some(value) = inner.values.last_mut() {
                        value.end = value.end.min(before);
                    }
                    // What closes without having been opened was cut at its beginning.
                    if token.first() != b',' && open.len() > 1 {
                        open.pop();
                    }
                    continue;
                }
                _ => {}
            }
            let is_key = token.first() == b'"' && tokens.peek().is_some_and(|next| next.first() == b':');
            if is_key {
                let said = json::unquoted(token.text);
                // A map's keys may be people. Each stays one of its own, as whoever reads JSON takes the last of two.
                if let Cow::Owned(hidden) =
                    Self::without(&SUSPICIOUS[..NAMES], said.as_deref().unwrap_or_default())
                {
                    hidden_keys += 1;
                    let number = if hidden_keys > 1 { hidden_keys.to_string() } else { String::new() };
                    let put = serde_json::to_string(&(hidden + &number)).unwrap_or_default();
                    edits.push((token.at..token.end(), put));
                }
                inner.key = said;
                continue;
            }
            let key = inner.key.take();
            let key = key.as_deref();
            let value_apart = key.is_some_and(is_value);
            if key.is_some_and(|key| self.names(key)) || value_apart && inner.is_secret {
                read = json::end_of_value(text, token.at);
                tokens.go_to(read);
                edits.push((token.at..read, hidden_value()));
                continue;
            }
            if value_apart {
                inner.values.push(token.at..text.len());
            }
            if matches!(token.first(), b'{' | b'[') {
                open.push(Open::default());
                continue;
            }
            if key.is_some_and(is_name) && json::unquoted(token.text).is_some_and(|name| self.names(&name)) {
                inner.is_secret = true;
                let before = inner.values.drain(..).map(|value| value.start..value.end.min(before));
                edits.extend(before.map(|value| (value, hidden_value())));
            }
            let is_last = token.end() == text.len();
            edits.extend(self.scalar(token, is_last, room).map(|put| (token.at..token.end(), put)));
        }
        if is_cut {
            let values = open.into_iter().flat_map(|open| open.values);
            edits.extend(values.map(|value| (value, hidden_value())));
        }
        replaced(text, edits)
    }

    /// A string or a number in JSON, if anything in it is hidden.
    fn scalar(&self, token: Token<'_>, is_last: bool, room: &mut Room) -> Option<String> {
        if token.first() != b'"' {
            // A number may be a card's.
            return matches!(Self::text(token.text), Cow::Owned(_)).then(hidden_value);
        }
        let Some(said) = json::unquoted(token.text) else {
            let cut = self.cut_string(token.text, room);
            // With something behind it, it is not cut, and says nothing all the same: it has half of a surrogate pair.
            return if is_last { cut } else { cut.map(|_| hidden_value()) };
        };
        match self.within(&said, room) {
            Cow::Borrowed(_) => None,
            Cow::Owned(hidden) => serde_json::to_string(&hidden).ok(),
        }
    }

    /// A string without its end, if anything in it is hidden.
    fn cut_string(&self, text: &str, room: &mut Room) -> Option<String> {
        // It may have been cut in the middle of an escape.
        const LONGEST_ESCAPE: usize = 12;
        let mut closed = (0..=LONGEST_ESCAPE).filter_map(|cut| {
            let whole = text.get(..text.len().checked_sub(cut)?).filter(|whole| !whole.is_empty())?;
            json::unquoted(&format!("{whole}\"")).map(Cow::into_owned)
        });
        let Some(said) = closed.next() else {
            return match self.words(text) {
                Cow::Borrowed(_) => None,
                Cow::Owned(hidden) => Some(hidden),
            };
        };
        let hidden = self.cut(&said, room);
        if hidden == said {
            return None;
        }
        let written = serde_json::to_string(&hidden).ok()?;
        Some(written.strip_suffix('"').unwrap_or(&written).to_owned())
    }
}

fn hidden_value() -> String {
    format!("\"{HIDDEN}\"")
}

/// The text with each of these in its place; of what lies within another, only that.
fn replaced(text: &str, mut edits: Vec<(Range<usize>, String)>) -> Cow<'_, str> {
    if edits.is_empty() {
        return Cow::Borrowed(text);
    }
    edits.sort_by_key(|(place, _)| (place.start, std::cmp::Reverse(place.end)));
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    for (place, put) in edits {
        if place.start >= copied {
            out.push_str(&text[copied..place.start]);
            out.push_str(&put);
            copied = place.end;
        }
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}
