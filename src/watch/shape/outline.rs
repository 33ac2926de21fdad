//! How a body is laid out. A producer writes one body like the other, and what was found in one is found in the next without
//! a look for each of its keys.

use crate::json::tokens;

/// Scalars and keys that are kept, and bytes between them: what is larger is a list, mostly, and lists differ in length.
const SCALARS: usize = 256;
const BETWEEN: usize = 2 << 10;

/// A body without its scalars.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// What stands before each scalar, one after the other, and what stands after the last.
    between: String,
    /// How much of that is before each, and the scalar's type.
    scalars: Vec<(u16, u8)>,
    /// The keys' places among all.
    pub keys: Vec<usize>,
}

impl Outline {
    /// Whether a body is laid out like this: it has the same keys, and under each a value of the same type.
    pub fn is_of(&self, body: &str) -> bool {
        let (mut between, mut tokens) = (self.between.as_bytes(), tokens(body));
        let mut rest = body.as_bytes();
        for (before, kind) in &self.scalars {
            let Some((before, after)) = between.split_at_checked(usize::from(*before)) else { return false };
            if !rest.starts_with(before) {
                return false;
            }
            tokens.go_to(body.len() - rest.len() + before.len());
            let Some(scalar) = tokens.next().filter(|token| super::kind(token.first()) == *kind) else {
                return false;
            };
            (rest, between) = (&body.as_bytes()[scalar.end()..], after);
        }
        rest == between
    }

    /// Empty again, for another body.
    pub fn clear(&mut self) {
        self.between.clear();
        // One that was not small may have been here.
        self.between.shrink_to(BETWEEN);
        self.scalars.clear();
        self.keys.clear();
    }

    /// Adds a scalar and what stands before it.
    pub fn scalar(&mut self, before: &str, kind: u8) {
        if self.is_small() {
            self.between.push_str(before);
            self.scalars.push((u16::try_from(before.len()).unwrap_or(u16::MAX), kind));
        }
    }

    /// Adds a key.
    pub fn key(&mut self, place: Option<usize>) {
        if self.is_small() {
            self.keys.extend(place);
        }
    }

    /// Adds what stands after the last scalar; whether the whole is small enough to be kept.
    pub fn end(&mut self, after: &str) -> bool {
        self.between.push_str(after);
        self.is_small()
    }

    fn is_small(&self) -> bool {
        self.scalars.len().max(self.keys.len()) <= SCALARS && self.between.len() <= BETWEEN
    }
}
