//! Text that a terminal may see.

use qwatch::text::{boundary, excerpt, nearest, visible};
use unicode_width::UnicodeWidthStr as _;

/// Longer than `…` by itself.
const LIMIT: usize = 16;

/// The input is the text.
pub fn holds(input: &[u8]) {
    is_harmless(&excerpt(input, LIMIT));
    let text = String::from_utf8_lossy(input);
    let shown = visible(&text);
    is_harmless(&shown);
    assert_eq!(visible(&shown), shown, "what was made visible stays as it is");
    for byte in 0..text.len().min(64) {
        let at = boundary(&text, byte);
        assert!(
            text.is_char_boundary(at) && at > 0 && (at <= byte || !text.is_char_boundary(byte) || byte == 0)
        );
    }
    let _ = nearest(&text, ["orders", "payments"]);
}

fn is_harmless(shown: &str) {
    assert_eq!(shown.chars().find(|character| character.is_control()), None);
    // A mark may stand on the character before it, four at most, and nothing else is without a width.
    let marks = shown.chars().map(|character| character.to_string().width() == 0);
    let flood =
        marks.fold((0, 0), |(run, most), mark| if mark { (run + 1, most.max(run + 1)) } else { (0, most) });
    assert!(flood.1 <= 4, "{shown:?}");
}
