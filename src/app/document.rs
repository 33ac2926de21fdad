//! Text to be read in the detail pane: lines of pieces, each with a tone, wrapped to a width.
//!
//! A document is made once for what is selected and kept, so that drawing takes from it only the rows in view.

pub mod body;
pub mod json;
pub mod message;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::text::visible;

/// Rows kept of one document; a body of 1 MiB in a pane 40 wide stays below it.
const ROWS: usize = 40_000;

/// What a piece of text is; the screen gives each a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Text.
    Plain,
    /// Of lesser weight.
    Dim,
    /// A name before a value.
    Key,
    /// A string in JSON.
    String,
    /// A number in JSON.
    Number,
    /// `true`, `false` or `null`.
    Literal,
    /// Brackets, commas and colons.
    Punctuation,
    /// Something to look at.
    Warning,
}

/// A run of text in one tone, safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Made visible.
    pub text: String,
    /// What it is.
    pub tone: Tone,
}

/// Wrapped rows of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    rows: Vec<Vec<Piece>>,
    cut: bool,
}

impl Document {
    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Piece>] {
        &self.rows
    }
}

/// Writes a document row by row.
#[derive(Debug)]
pub struct Writer {
    width: usize,
    column: usize,
    indent: usize,
    document: Document,
    row: Vec<Piece>,
}

impl Writer {
    /// Wraps at `width` cells.
    #[must_use]
    pub fn new(width: u16) -> Self {
        let width = usize::from(width).max(8);
        Self { width, column: 0, indent: 0, document: Document::default(), row: Vec::new() }
    }

    /// Rows that a line wraps into begin with so many spaces, at most a third of the width.
    pub fn indent(&mut self, cells: usize) {
        self.indent = cells.min(self.width / 3);
    }

    /// Adds text to the line; what a terminal would obey is made visible.
    pub fn text(&mut self, text: &str, tone: Tone) {
        if self.document.cut {
            return;
        }
        let shown = visible(text);
        // Nearly every piece is ASCII and fits: no need to look at its graphemes.
        let width = if shown.is_ascii() { shown.len() } else { shown.width() };
        if self.column + width <= self.width {
            self.column += width;
            self.push(&shown, tone);
        } else {
            self.wrapped(&shown, tone);
        }
    }

    /// Ends the line.
    pub fn end_line(&mut self) {
        self.end_row();
        self.column = 0;
    }

    /// A whole line of one tone.
    pub fn line(&mut self, text: &str, tone: Tone) {
        self.text(text, tone);
        self.end_line();
    }

    /// A line of words, none of which is broken unless it is longer than the width.
    pub fn sentence(&mut self, words: &str, tone: Tone) {
        for word in words.split(' ') {
            if self.column > 0 && self.column + 1 + word.width() > self.width {
                self.end_line();
            } else if self.column > 0 {
                self.text(" ", tone);
            }
            self.text(word, tone);
        }
        self.end_line();
    }

    /// The document.
    #[must_use]
    pub fn finish(mut self) -> Document {
        if !self.row.is_empty() {
            self.end_row();
        }
        self.document
    }

    fn wrapped(&mut self, shown: &str, tone: Tone) {
        let mut run = String::new();
        for grapheme in shown.graphemes(true) {
            let width = grapheme.width().max(1);
            if self.column + width > self.width {
                self.push(&run, tone);
                run.clear();
                self.end_row();
                self.column = self.indent;
                if self.indent > 0 {
                    self.push(&" ".repeat(self.indent), Tone::Plain);
                }
                if self.document.cut {
                    return;
                }
            }
            run.push_str(grapheme);
            self.column += width;
        }
        self.push(&run, tone);
    }

    fn push(&mut self, text: &str, tone: Tone) {
        match self.row.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.tone == tone => last.text.push_str(text),
            _ => self.row.push(Piece { text: text.to_owned(), tone }),
        }
    }

    fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        if self.document.rows.len() < ROWS {
            self.document.rows.push(row);
        } else if !self.document.cut {
            self.document.cut = true;
            let text = format!("… cut here after {ROWS} rows");
            self.document.rows.push(vec![Piece { text, tone: Tone::Warning }]);
        }
    }
}
