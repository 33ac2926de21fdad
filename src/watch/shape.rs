//! Which keys an endpoint's JSON bodies have, and since when: a producer that changed shows here first.

mod outline;

use std::collections::{BTreeMap, VecDeque};

use crate::json::tokens;
use crate::observation::Moment;
use outline::Outline;

/// Keys kept, and levels looked into.
const KEYS: usize = 1_000;
const LEVELS: usize = 8;
/// A body beyond this is looked at no further: folding must not wait for it.
const BYTES: usize = 32 << 10;
/// Bodies after which a shape is known well enough that a change is worth a word.
const KNOWN: u64 = 50;
/// A key that was in all bodies is gone when it is missing from so many in a row.
const MISSED: u64 = 20;
/// Changes kept.
const CHANGES: usize = 100;
/// Outlines kept: a queue has messages of a few kinds.
const OUTLINES: usize = 4;

/// The JSON types, as bits.
const TYPES: [(u8, &str); 6] =
    [(1, "string"), (2, "number"), (4, "boolean"), (8, "null"), (16, "object"), (32, "list")];

/// A key, as all bodies so far have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// When it was first seen.
    pub first_seen: Moment,
    /// When it was last seen.
    pub last_seen: Moment,
    /// Bodies that have it.
    pub bodies: u64,
    types: u8,
    /// The number of the last body that had it.
    last_body: u64,
    gone: bool,
}

impl Key {
    /// The types of its values.
    #[must_use]
    pub fn types(&self) -> String {
        names(self.types)
    }

    /// Whether it was in every body, and is no longer.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.gone
    }
}

/// The type of a value by its first byte, as a bit; none for what is no value.
fn kind(first: u8) -> u8 {
    match first {
        b'"' => 1,
        b't' | b'f' => 4,
        b'n' => 8,
        b'{' => 16,
        b'[' => 32,
        b'}' | b']' | b',' | b':' => 0,
        _ => 2,
    }
}

fn names(types: u8) -> String {
    TYPES.iter().filter(|(bit, _)| types & bit != 0).map(|(_, name)| *name).collect::<Vec<_>>().join("|")
}

/// The shape of an endpoint's bodies.
#[derive(Debug, Default)]
pub struct Shape {
    /// In the order in which they were first seen.
    keys: Vec<Key>,
    places: BTreeMap<Box<str>, usize>,
    /// Of bodies of late, that of the newest last.
    outlines: VecDeque<Outline>,
    /// Of the next.
    room: Outline,
    bodies: u64,
    others: u64,
    changes: Vec<(Moment, String)>,
    dropped: u64,
}

impl Shape {
    /// The keys, each by its path: `items[].sku`.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &Key)> {
        self.places.iter().map(|(path, place)| (&**path, &self.keys[*place]))
    }

    /// Bodies that are JSON objects or lists.
    #[must_use]
    pub fn bodies(&self) -> u64 {
        self.bodies
    }

    /// Bodies that are something else, or too long to be looked at.
    #[must_use]
    pub fn others(&self) -> u64 {
        self.others
    }

    /// What changed, and when, the newest last; and how many changes are no longer kept.
    #[must_use]
    pub fn changes(&self) -> (&[(Moment, String)], u64) {
        (&self.changes, self.dropped)
    }

    /// Looks at a body that was not seen before.
    pub(super) fn look_at(&mut self, body: &str, at: Moment) {
        let begins = body.trim_start().as_bytes().first();
        if body.len() > BYTES || !matches!(begins, Some(b'{' | b'[')) {
            self.others += 1;
            return;
        }
        self.bodies += 1;
        let known = self.outlines.iter().rposition(|outline| outline.is_of(body));
        if let Some(outline) = known.and_then(|place| self.outlines.remove(place)) {
            for key in &outline.keys {
                self.see_again(*key, at);
            }
            self.outlines.push_back(outline);
        } else {
            let mut outline = std::mem::take(&mut self.room);
            outline.clear();
            if self.walk(body, at, &mut outline) {
                self.outlines.push_back(outline);
                let full = self.outlines.len() > OUTLINES;
                self.room = if full { self.outlines.pop_front() } else { None }.unwrap_or_default();
            } else {
                self.room = outline;
            }
        }
        // Looking for what is missing costs a look at every key: now and then is soon enough.
        if self.bodies.is_multiple_of(MISSED) {
            self.miss(at);
        }
    }

    /// Goes through a body; whether all of it was seen, and its outline is worth keeping.
    fn walk(&mut self, body: &str, at: Moment, outline: &mut Outline) -> bool {
        let mut path = String::with_capacity(64);
        // For each level, how long the path is there, and whether it is a list.
        let mut levels: Vec<(usize, bool)> = Vec::with_capacity(LEVELS);
        let mut tokens = tokens(body);
        let (mut depth, mut outlined) = (0_usize, 0);
        while let Some(token) = tokens.next() {
            let first = token.first();
            match first {
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    levels.truncate(depth);
                    path.truncate(levels.last().map_or(0, |(length, _)| *length));
                }
                b',' | b':' => {}
                _ => {
                    let in_object =
                        depth > 0 && depth == levels.len() && levels.last().is_some_and(|(_, list)| !list);
                    let mut value = token;
                    if in_object {
                        path.truncate(levels.last().map_or(0, |(length, _)| *length));
                        if !path.is_empty() {
                            path.push('.');
                        }
                        path.push_str(token.text.trim_matches('"'));
                        let Some(after) = tokens.nth(1).filter(|after| kind(after.first()) != 0) else {
                            return false;
                        };
                        value = after;
                        outline.key(self.see(&path, kind(value.first()), at));
                    }
                    let (start, first) = (value.at, value.first());
                    if matches!(first, b'{' | b'[') {
                        depth += 1;
                        if depth <= LEVELS {
                            if first == b'[' {
                                path.push_str("[]");
                            }
                            levels.push((path.len(), first == b'['));
                        }
                    } else {
                        outline.scalar(&body[outlined..start], kind(first));
                        outlined = value.end();
                        if !in_object {
                            path.truncate(levels.last().map_or(0, |(length, _)| *length));
                        }
                    }
                }
            }
        }
        outline.end(&body[outlined..])
    }

    /// A body has a key, with a value of a type; the key's place, unless there are too many of them.
    fn see(&mut self, path: &str, kind: u8, at: Moment) -> Option<usize> {
        let (bodies, known) = (self.bodies, self.bodies > KNOWN);
        if let Some(place) = self.places.get(path).copied() {
            self.see_again(place, at);
            let key = &mut self.keys[place];
            let before = key.types;
            key.types |= kind;
            // That a value can be null is said once like any other type.
            if before & kind == 0 {
                self.changed(at, format!("{path} is {} where it was {}", names(kind), names(before)));
            }
            return Some(place);
        }
        let place = self.keys.len();
        if place == KEYS {
            return None;
        }
        self.keys.push(Key {
            first_seen: at,
            last_seen: at,
            bodies: 1,
            types: kind,
            last_body: bodies,
            gone: false,
        });
        self.places.insert(path.into(), place);
        if known {
            self.changed(at, format!("{path} is new ({})", names(kind)));
        }
        Some(place)
    }

    /// A body has a key that is known, with a value of a type that it had before.
    fn see_again(&mut self, place: usize, at: Moment) {
        let bodies = self.bodies;
        let key = &mut self.keys[place];
        if key.last_body != bodies {
            key.bodies += 1;
        }
        (key.last_seen, key.last_body) = (at, bodies);
        if std::mem::take(&mut key.gone) {
            let path = self.places.iter().find(|(_, known)| **known == place).map_or("", |(path, _)| &**path);
            self.changed(at, format!("{path} is back"));
        }
    }

    fn miss(&mut self, at: Moment) {
        let bodies = self.bodies;
        let always = |key: &Key| key.last_body >= MISSED && key.bodies == key.last_body;
        let Self { keys, places, .. } = self;
        let is_gone =
            |key: &Key| !key.gone && bodies - key.last_body >= MISSED && bodies > KNOWN && always(key);
        let gone: Vec<(String, usize)> = places
            .iter()
            .filter(|(_, place)| is_gone(&keys[**place]))
            .map(|(path, place)| (path.to_string(), *place))
            .collect();
        for (path, place) in gone {
            self.keys[place].gone = true;
            self.changed(at, format!("{path} is gone: it was in every body, and not in the last {MISSED}"));
        }
    }

    fn changed(&mut self, at: Moment, what: String) {
        if self.changes.len() == CHANGES {
            self.changes.remove(0);
            self.dropped += 1;
        }
        self.changes.push((at, what));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    use super::*;

    /// Few keys and few kinds of values, so that bodies are often laid out like one before; and now and then no JSON.
    fn bodies() -> impl Strategy<Value = Vec<String>> {
        let scalar = prop_oneof![
            "[0-9]{1,3}",
            r#""(\\"|[a-z]){0,12}""#,
            Just("null".to_owned()),
            Just("true".to_owned()),
        ];
        let value = scalar.prop_recursive(3, 12, 3, |inner| {
            let object = prop::collection::vec(("[ab]", inner.clone()), 0..3).prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", members.join(", "))
            });
            let list =
                prop::collection::vec(inner, 0..3).prop_map(|values| format!("[{}]", values.join(",")));
            prop_oneof![2 => object, 1 => list]
        });
        let body = prop_oneof![9 => value, 1 => r#"[\[{]["a1:,\[\]{} ]{0,9}"#];
        // Each comes several times, in any order.
        prop::collection::vec(body, 1..8)
            .prop_flat_map(|bodies| prop::collection::vec(prop::sample::select(bodies), 1..120))
    }

    proptest! {
        #[test]
        fn what_is_laid_out_like_one_before_counts_like_any_other(bodies in bodies()) {
            let (mut shape, mut expected) = (Shape::default(), Shape::default());
            for (body, second) in bodies.iter().zip(0..) {
                let at = Moment { wall: DateTime::<Utc>::UNIX_EPOCH, offset: Duration::from_secs(second) };
                shape.look_at(body, at);
                expected.outlines.clear();
                expected.look_at(body, at);
            }
            prop_assert!(shape.keys().eq(expected.keys()));
            prop_assert_eq!(shape.changes(), expected.changes());
            prop_assert_eq!((shape.bodies(), shape.others()), (expected.bodies(), expected.others()));
        }
    }
}
