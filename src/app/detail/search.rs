//! A text looked for in a document, with smart case: a capital letter in it makes case matter.

use regex::{Regex, RegexBuilder};

use crate::app::document::Document;

/// Places found at most.
const FOUND: usize = 10_000;

/// A place where the text was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The line in the document.
    pub line: usize,
    /// The row in which it begins.
    pub row: usize,
    /// Its first byte in the line.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// A text, and where it was found.
#[derive(Clone, Debug, Default)]
pub struct Search {
    text: String,
    pattern: Option<Regex>,
    found: Vec<Found>,
}

impl Search {
    pub(super) fn new(text: &str) -> Self {
        let ignores_case = !text.chars().any(char::is_uppercase);
        let pattern = RegexBuilder::new(&regex::escape(text)).case_insensitive(ignores_case).build();
        let pattern = pattern.ok().filter(|_| !text.is_empty());
        Self { text: text.to_owned(), pattern, found: Vec::new() }
    }

    /// What is looked for; empty when nothing is.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it was found, from the top.
    #[must_use]
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    pub(super) fn look_in(&mut self, document: &Document) {
        self.found.clear();
        let Some(pattern) = &self.pattern else { return };
        for (first, text) in document.lines() {
            let line = document.rows()[first].line;
            for place in pattern.find_iter(&text) {
                let rows = &document.rows()[first..];
                let of_line = rows.partition_point(|row| row.line == line && row.offset <= place.start());
                let row = first + of_line.saturating_sub(1);
                self.found.push(Found { line, row, start: place.start(), end: place.end() });
                if self.found.len() == FOUND {
                    return;
                }
            }
        }
    }

    /// The row of the first place at or after a row, of the next one, or of the one before; around the end.
    pub(super) fn next(&self, row: usize, forward: Option<bool>) -> Option<usize> {
        let rows = || self.found.iter().map(|found| found.row);
        match forward {
            None => rows().find(|found| *found >= row),
            Some(true) => rows().find(|found| *found > row),
            Some(false) => rows().rev().find(|found| *found < row),
        }
        .or_else(|| if forward == Some(false) { rows().next_back() } else { rows().next() })
    }
}
