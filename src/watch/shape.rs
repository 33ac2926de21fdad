//! Which keys an endpoint's JSON bodies have, and since when: a producer that changed shows here first.

use std::collections::BTreeMap;

use crate::json::tokens;
use crate::observation::Moment;

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

fn names(types: u8) -> String {
    TYPES.iter().filter(|(bit, _)| types & bit != 0).map(|(_, name)| *name).collect::<Vec<_>>().join("|")
}

/// The shape of an endpoint's bodies.
#[derive(Debug, Default)]
pub struct Shape {
    keys: BTreeMap<Box<str>, Key>,
    bodies: u64,
    others: u64,
    changes: Vec<(Moment, String)>,
    dropped: u64,
}

impl Shape {
    /// The keys, each by its path: `items[].sku`.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &Key)> {
        self.keys.iter().map(|(path, key)| (&**path, key))
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
        self.walk(body, at);
        // Looking for what is missing costs a look at every key: now and then is soon enough.
        if self.bodies.is_multiple_of(MISSED) {
            self.miss(at);
        }
    }

    fn walk(&mut self, body: &str, at: Moment) {
        let mut path = String::with_capacity(64);
        // For each level, how long the path is there, and whether it is a list.
        let mut levels: Vec<(usize, bool)> = Vec::with_capacity(LEVELS);
        let mut tokens = tokens(body);
        let mut depth = 0_usize;
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
                    let mut value = first;
                    if in_object {
                        path.truncate(levels.last().map_or(0, |(length, _)| *length));
                        if !path.is_empty() {
                            path.push('.');
                        }
                        path.push_str(token.text.trim_matches('"'));
                        let Some(after) = tokens.nth(1) else { return };
                        value = after.first();
                        self.see(&path, value, at);
                    }
                    if matches!(value, b'{' | b'[') {
                        depth += 1;
                        if depth <= LEVELS {
                            if value == b'[' {
                                path.push_str("[]");
                            }
                            levels.push((path.len(), value == b'['));
                        }
                    } else if !in_object {
                        path.truncate(levels.last().map_or(0, |(length, _)| *length));
                    }
                }
            }
        }
    }

    fn see(&mut self, path: &str, value: u8, at: Moment) {
        let kind = match value {
            b'"' => 1,
            b't' | b'f' => 4,
            b'n' => 8,
            b'{' => 16,
            b'[' => 32,
            _ => 2,
        };
        let (bodies, known) = (self.bodies, self.bodies > KNOWN);
        if let Some(key) = self.keys.get_mut(path) {
            if key.last_body != bodies {
                key.bodies += 1;
            }
            (key.last_seen, key.last_body) = (at, bodies);
            let back = std::mem::take(&mut key.gone);
            let other = key.types & kind == 0;
            let before = key.types;
            key.types |= kind;
            if back {
                self.changed(at, format!("{path} is back"));
            }
            // That a value can be null is said once like any other type.
            if other {
                self.changed(at, format!("{path} is {} where it was {}", names(kind), names(before)));
            }
        } else if self.keys.len() < KEYS {
            let key =
                Key { first_seen: at, last_seen: at, bodies: 1, types: kind, last_body: bodies, gone: false };
            self.keys.insert(path.into(), key);
            if known {
                self.changed(at, format!("{path} is new ({})", names(kind)));
            }
        }
    }

    fn miss(&mut self, at: Moment) {
        let bodies = self.bodies;
        let always = |key: &Key| key.last_body >= MISSED && key.bodies == key.last_body;
        let gone: Vec<String> = self
            .keys
            .iter_mut()
            .filter(|(_, key)| !key.gone && bodies - key.last_body >= MISSED && bodies > KNOWN && always(key))
            .map(|(path, key)| {
                key.gone = true;
                path.to_string()
            })
            .collect();
        for path in gone {
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
