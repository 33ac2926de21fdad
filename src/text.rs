//! Text from a queue or a gateway is untrusted: what a terminal would obey is made visible instead.
//!
//! Every string that came over the wire passes through [`visible`] before it reaches a screen, a log or
//! stderr. Letters of any script stay as they are; what steers a terminal (C0 and C1 controls, escapes),
//! reorders text (bidi overrides) or takes no room of its own (zero-width characters, floods of combining
//! marks) is written out, so that nothing hides and nothing moves the layout.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

/// Marks on one base character beyond this many are a flood, not a language: Vietnamese, Hebrew and
/// Sanskrit stay below it.
const MARKS_PER_CHARACTER: usize = 4;

/// How a character must be treated before a terminal may see it.
enum Shown {
    AsIs,
    /// A control picture (U+2400 block) or another stand-in one cell wide.
    As(char),
    /// Written as its code point, `\u{202e}`.
    Escaped,
    /// Left out: it only picks between two drawings of the character before it.
    Dropped,
}

/// Whether the text is printable ASCII, each byte of which is a cell and shown as it is: no character of it needs a look.
#[must_use]
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// `text` with everything a terminal would obey written out; borrowed when there is nothing to change.
///
/// Line feeds and tabs are controls here too: a caller that gives them a meaning splits on them first.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    // By far the commonest text.
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let (mut marks, mut previous) = (0, ' ');
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let shown = shown(character, previous, &mut marks);
        previous = character;
        match shown {
            Shown::Dropped => {}
            Shown::AsIs => out.push(character),
            Shown::As(picture) => out.push(picture),
            Shown::Escaped => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
        }
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

fn shown(character: char, previous: char, marks: &mut usize) -> Shown {
    let code = u32::from(character);
    match code {
        0x00..=0x1f => return Shown::As(char::from_u32(0x2400 + code).unwrap_or('␀')),
        0x7f => return Shown::As('␡'),
        0x20..=0x7e => {
            *marks = 0;
            return Shown::AsIs;
        }
        // Emoji come with one of these, and terminals disagree about the width it makes.
        0xfe0e | 0xfe0f if !previous.is_ascii() && !steers_or_hides(u32::from(previous)) => {
            return Shown::Dropped;
        }
        _ => {}
    }
    if steers_or_hides(code) {
        return Shown::Escaped;
    }
    if character.width() == Some(0) {
        *marks += 1;
        return if *marks > MARKS_PER_CHARACTER { Shown::Escaped } else { Shown::AsIs };
    }
    *marks = 0;
    Shown::AsIs
}

/// C1 controls, line and paragraph separators, bidi controls, zero-width and other invisible characters.
/// Joiners and variation selectors count as well: terminals disagree about the width of what they join.
fn steers_or_hides(code: u32) -> bool {
    matches!(code,
        0x80..=0x9f | 0xad | 0x034f | 0x061c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0
        | 0xfff0..=0xfffb | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// Whether a terminal would obey this character: a control, or one that turns the direction of text or ends its line.
#[must_use]
pub fn steers(character: char) -> bool {
    character.is_control()
        || matches!(u32::from(character), 0x061c | 0x200e | 0x200f | 0x2028..=0x202e | 0x2066..=0x2069)
}

/// The last place at or before a byte at which the text can be cut; its first character is never cut off.
#[must_use]
pub fn boundary(text: &str, byte: usize) -> usize {
    let at = (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    if at == 0 { text.chars().next().map_or(0, char::len_utf8) } else { at }
}

/// The first `limit` bytes of an answer, for a fault to show: lossy UTF-8, made visible, `…` where cut.
#[must_use]
pub fn excerpt(bytes: &[u8], limit: usize) -> String {
    let cut = bytes.len() > limit;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(limit)]);
    let mut shown = visible(text.trim_end_matches('\u{fffd}')).into_owned();
    if cut {
        shown.push('…');
    }
    shown
}

/// The candidate nearest to a mistyped `word`, if any is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_every_script_stay_as_they_are() {
        for text in ["plain", "Grüße", "日本語", "שלום", "مرحبا", "Việt", "🎉"] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        let cases = [
            ("a\x1b[31mb", "a␛[31mb"),
            ("tab\tline\n", "tab␉line␊"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("abc\u{202e}def", "abc\\u{202e}def"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
            ("\u{7f}", "␡"),
            ("❤\u{fe0f}", "❤"),
            ("a\u{fe0f}\u{fe0f}", "a\\u{fe0f}\\u{fe0f}"),
        ];
        for (text, shown) in cases {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn a_flood_of_combining_marks_ends_at_four() {
        let flood = format!("a{}", "\u{301}".repeat(6));
        assert_eq!(visible(&flood), format!("a{}\\u{{301}}\\u{{301}}", "\u{301}".repeat(4)));
    }

    #[test]
    fn an_excerpt_says_that_it_was_cut() {
        assert_eq!(excerpt(b"<html>", 100), "<html>");
        assert_eq!(excerpt("日本語".as_bytes(), 4), "日…");
    }

    #[test]
    fn the_nearest_name_is_offered_only_when_it_is_near() {
        assert_eq!(nearest("ordres", ["orders", "payments"]), Some("orders"));
        assert_eq!(nearest("xyz", ["orders", "payments"]), None);
    }
}
