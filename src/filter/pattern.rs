//! What a text is searched for: another text, in either case or as it is written, or a regular expression.

use memchr::memmem::Finder;
use memchr::{memchr_iter, memchr2_iter};
use regex::{Regex, RegexBuilder};

/// Something to be found in a text.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// A text as it is written.
    Exact(Box<Finder<'static>>),
    /// An ASCII text in either case.
    EitherCase(EitherCase),
    /// A regular expression, which a text beyond ASCII in either case is as well.
    Regex(Regex),
}

/// An ASCII text in lower case, sought by its rarest byte: most bodies do not have it where it would fit, and the search
/// for one byte is the fastest there is.
#[derive(Clone, Debug)]
pub(super) struct EitherCase {
    text: Vec<u8>,
    rarest: usize,
}

/// The bytes of JSON and of words, from the most to the least common; all others are rarer.
const COMMON: &[u8] = b" \"eatoinsrlhdc0u1m,:p2fgyb_3w4v5k6897.-/x}{][qjz";

impl Pattern {
    /// A text; one without capitals is found in either case.
    pub(super) fn text(text: &str) -> Self {
        if text.is_empty() || text.chars().any(char::is_uppercase) {
            return Self::Exact(Box::new(Finder::new(text).into_owned()));
        }
        if text.is_ascii() {
            let text = text.as_bytes().to_vec();
            let rarity = |byte: u8| COMMON.iter().position(|common| *common == byte).unwrap_or(COMMON.len());
            let rarest = (0..text.len()).max_by_key(|place| rarity(text[*place])).unwrap_or_default();
            return Self::EitherCase(EitherCase { text, rarest });
        }
        match RegexBuilder::new(&regex::escape(text)).case_insensitive(true).size_limit(usize::MAX).build() {
            Ok(regex) => Self::Regex(regex),
            // An escaped text is always a regular expression.
            Err(_) => Self::Exact(Box::new(Finder::new(text).into_owned())),
        }
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Exact(finder) => finder.find(text.as_bytes()).is_some(),
            Self::EitherCase(either) => either.is_in(text.as_bytes()),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

impl EitherCase {
    fn is_in(&self, text: &[u8]) -> bool {
        // The rarest byte can only stand where the whole fits around it.
        let after = self.text.len() - self.rarest - 1;
        let Some(end) = text.len().checked_sub(after).filter(|end| *end > self.rarest) else { return false };
        let within = &text[self.rarest..end];
        let fits = |at: usize| text[at..at + self.text.len()].eq_ignore_ascii_case(&self.text);
        let (lower, upper) = (self.text[self.rarest], self.text[self.rarest].to_ascii_uppercase());
        if lower == upper {
            memchr_iter(lower, within).any(fits)
        } else {
            memchr2_iter(lower, upper, within).any(fits)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What the fast way finds is what a regular expression finds.
        #[test]
        fn a_text_is_found_where_it_stands_in_either_case(
            hay in "[abAB\\-xX \"é]{0,40}", needle in "[abx\\-\" ]{1,4}", exact in "[abA\\-]{0,3}",
        ) {
            let slow = RegexBuilder::new(&regex::escape(&needle)).case_insensitive(true).build().unwrap();
            prop_assert_eq!(Pattern::text(&needle).is_in(&hay), slow.is_match(&hay), "{} in {}", needle, hay);
            if exact.chars().any(char::is_uppercase) {
                prop_assert_eq!(Pattern::text(&exact).is_in(&hay), hay.contains(&exact));
            }
        }
    }

    #[test]
    fn beyond_ascii_either_case_is_found_too() {
        assert!(Pattern::text("überfällig").is_in("Rechnung ÜBERFÄLLIG"));
        assert!(!Pattern::text("Überfällig").is_in("Rechnung überfällig"));
        assert!(
            Pattern::text("").is_in("") && Pattern::text("a").is_in("A") && !Pattern::text("ab").is_in("b")
        );
    }
}
