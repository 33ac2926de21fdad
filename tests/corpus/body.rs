//! Bodies: their tokens, their envelopes, and what is hidden in them.

use std::sync::LazyLock;

use qwatch::envelope::{Content, Layer, peel, within_string};
use qwatch::json::{is_container, member, members, tokens, unquoted};
use qwatch::mask::Mask;
use qwatch::text::visible;

/// Made once: its pattern takes longer than any body.
static MASK: LazyLock<Mask> = LazyLock::new(Mask::default);

/// The input is the body.
pub fn holds(input: &[u8]) {
    let body = String::from_utf8_lossy(input);
    is_read_by_token(&body);
    let layers = peel(&body);
    assert!(matches!(&layers[0].content, Content::Text(text) if *text == body));
    for layer in &layers {
        let shown = layer.to_string();
        assert_eq!(visible(&shown), shown);
        if let Layer { path: Some(_), content: Content::Text(text), .. } = layer {
            assert!(body.len() < text.len() || !text.is_empty());
        }
    }
    let masked = MASK.body(&body);
    assert!(!is_container(&body) || is_container(&masked) || layers.len() > 1, "{masked}");
    let _ = MASK.beginning(&body);
    let _ = MASK.value("Password", &body);
}

fn is_read_by_token(text: &str) {
    let mut end = 0;
    for token in tokens(text) {
        assert!(token.at >= end && !token.text.is_empty());
        end = token.end();
        let _ = within_string(token.text);
    }
    assert!(end <= text.len());
    if !is_container(text) {
        members(text).for_each(drop);
        return;
    }
    let parsed: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    for (key, value) in members(text) {
        let value: Option<serde_json::Value> = serde_json::from_str(value).ok();
        // What only fits an arbitrary precision is left to the text.
        if let (Some(value), Some(object)) = (value, parsed.as_object())
            && let Some(last) = member(text, &key)
        {
            let last: Option<serde_json::Value> = serde_json::from_str(last).ok();
            assert_eq!(object.get(&*key), last.as_ref());
            assert!(
                object.get(&*key) == Some(&value)
                    || members(text).filter(|(other, _)| *other == key).count() > 1
            );
        }
    }
    assert_eq!(unquoted(&serde_json::to_string(text).unwrap_or_default()).as_deref(), Some(text));
}
