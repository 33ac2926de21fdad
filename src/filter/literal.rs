//! Values as they are written: words, quoted text, regular expressions, sizes and ages.

use std::time::Duration;

use regex::RegexBuilder;

use super::parse::Parser;
use super::pattern::Pattern;
use super::{Field, Problem, Value};
use crate::text::visible;

/// A regular expression may compile to no more than this.
const LARGEST: usize = 1 << 20;

impl Parser<'_> {
    pub(super) fn literal(&mut self) -> Result<Literal, Problem> {
        match self.peek() {
            None => Err(self.problem("a value is missing here")),
            Some('"') => self.quoted(),
            Some(')') => Err(self.problem("a value is missing before )")),
            Some(_) => Ok(Literal { text: self.plain(), quoted: false }),
        }
    }

    pub(super) fn quoted(&mut self) -> Result<Literal, Problem> {
        let open = self.at;
        let mut text = String::new();
        let mut rest = self.text[open + 1..].iter().enumerate();
        while let Some((index, &c)) = rest.next() {
            match c {
                '"' => {
                    self.at = open + index + 2;
                    return Ok(Literal { text, quoted: true });
                }
                '\\' => match rest.next() {
                    Some((_, &c @ ('"' | '\\'))) => text.push(c),
                    Some((_, &c)) => text.extend(['\\', c]),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err(Problem { column: open, what: "this quote is not closed".into() })
    }

    /// `/…/`, and `i` after it for either case; a slash in it is written `\/`.
    pub(super) fn pattern(&mut self) -> Result<Pattern, Problem> {
        let open = self.at;
        let mut text = String::new();
        let mut at = open + 1;
        loop {
            match self.text[at.min(self.text.len())..] {
                ['\\', '/', ..] => {
                    text.push('/');
                    at += 2;
                }
                ['\\', c, ..] => {
                    text.extend(['\\', c]);
                    at += 2;
                }
                ['/', ..] => break,
                [c, ..] => {
                    text.push(c);
                    at += 1;
                }
                [] => return Err(Problem { column: open, what: "this / is not closed".into() }),
            }
        }
        self.at = at + 1;
        let either_case = self.text.get(self.at) == Some(&'i');
        self.at += usize::from(either_case);
        let built = RegexBuilder::new(&text).case_insensitive(either_case).size_limit(LARGEST).build();
        built.map(Pattern::Regex).map_err(|error| {
            let what = error.to_string();
            let what = what.lines().last().unwrap_or_default().trim_start_matches("error: ");
            Problem { column: open, what: format!("no regular expression: {}", visible(what)) }
        })
    }

    /// Up to the next space or bracket.
    pub(super) fn plain(&mut self) -> String {
        let start = self.at;
        let end = (start..self.text.len())
            .find(|at| self.text[*at].is_whitespace() || matches!(self.text[*at], '(' | ')'));
        // What stands at the very start is taken, whatever it is, so that nothing stands still.
        self.at = end.unwrap_or(self.text.len()).max((start + 1).min(self.text.len()));
        self.text[start..self.at].iter().collect()
    }
}

/// A value as written.
pub(super) struct Literal {
    pub(super) text: String,
    pub(super) quoted: bool,
}

impl Literal {
    /// Finds the text; where it is all in lower case, either case is found.
    pub(super) fn text_pattern(&self) -> Pattern {
        Pattern::text(&self.text)
    }
}

/// What to compare a field with.
pub(super) fn value(field: &Field, literal: Literal) -> Result<Value, String> {
    let Literal { text, quoted } = literal;
    let number =
        match field {
            Field::Size => Some(bytes(&text).ok_or_else(|| {
                format!("a size is a number of bytes, kB, MB, KiB or MiB, as in 10kB, not {}", visible(&text))
            })?),
            Field::Age => {
                let age = humantime::parse_duration(&text);
                Some(age.as_ref().map(Duration::as_secs_f64).map_err(|_| {
                    format!("an age is a duration, as in 5m or 1h30m, not {}", visible(&text))
                })?)
            }
            _ if quoted => None,
            _ => text.parse().ok().filter(|number: &f64| number.is_finite()),
        };
    Ok(Value { text, number })
}

fn bytes(text: &str) -> Option<f64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let scale = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        _ => return None,
    };
    Some(number * scale)
}
