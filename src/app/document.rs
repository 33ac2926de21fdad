//! Text to be read in the detail pane: lines of pieces, each with a tone, wrapped to a width.
//!
//! A document is made once for what is selected and kept, so that drawing takes from it only the rows in view.

pub mod body;
pub mod json;
pub mod message;
pub mod tree;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::text::{boundary, visible};
pub use tree::Tree;

/// Rows kept of one document; a body of 1 MiB in a pane 40 wide stays below it.
const ROWS: usize = 40_000;
/// Bytes of a piece from which the next text begins another: a line that is not wrapped can be a megabyte, and what is
/// left of the view is skipped piece by piece.
const PIECE: usize = 512;

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
    /// What was added, where two texts are compared.
    Added,
    /// What is gone.
    Removed,
}

/// A run of text in one tone, safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Made visible.
    pub text: String,
    /// What it is.
    pub tone: Tone,
}

/// A row, and which part of which line it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What it says.
    pub pieces: Vec<Piece>,
    /// The line, counted from 0.
    pub line: usize,
    /// Bytes of the line that stand in rows before this one.
    pub offset: usize,
    /// Bytes of indent before the line goes on, which are not the line's.
    pub hang: usize,
}

/// A name with a value, which can be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The line in which it begins.
    pub line: usize,
    /// What it is called.
    pub name: String,
    /// As it came.
    pub value: String,
}

/// Wrapped rows of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    rows: Vec<Row>,
    tree: Tree,
    fields: Vec<Field>,
    cut: bool,
}

impl Document {
    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What its lines are, where they are JSON.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The field to which a line belongs.
    #[must_use]
    pub fn field_at(&self, line: usize) -> Option<&Field> {
        self.fields.iter().rev().find(|field| field.line <= line)
    }

    /// The first row of a line.
    #[must_use]
    pub fn row_of(&self, line: usize) -> usize {
        self.rows.partition_point(|row| row.line < line)
    }

    /// The lines as text, each with the number of its first row.
    pub fn lines(&self) -> impl Iterator<Item = (usize, String)> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let first = at;
            let line = self.rows.get(first)?.line;
            let mut text = String::new();
            while let Some(row) = self.rows.get(at).filter(|row| row.line == line) {
                let whole: String = row.pieces.iter().map(|piece| piece.text.as_str()).collect();
                text.push_str(whole.get(row.hang..).unwrap_or_default());
                at += 1;
            }
            Some((first, text))
        })
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
    line: usize,
    offset: usize,
    hang: usize,
}

impl Writer {
    /// Wraps at `width` cells.
    #[must_use]
    pub fn new(width: u16) -> Self {
        Self::of(usize::from(width).max(8))
    }

    /// Wraps nothing: every line is a row.
    #[must_use]
    pub fn unwrapped() -> Self {
        Self::of(usize::MAX / 2)
    }

    fn of(width: usize) -> Self {
        Self {
            width,
            column: 0,
            indent: 0,
            document: Document::default(),
            row: Vec::new(),
            line: 0,
            offset: 0,
            hang: 0,
        }
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
        } else if shown.is_ascii() {
            self.wrapped_ascii(&shown, tone);
        } else {
            self.wrapped(&shown, tone);
        }
    }

    /// Ends the line.
    pub fn end_line(&mut self) {
        self.end_row();
        self.column = 0;
        self.line += 1;
        (self.offset, self.hang) = (0, 0);
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

    /// Whether there is no room for more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.document.cut
    }

    /// A field begins in this line.
    pub(super) fn field(&mut self, name: &str, value: &str) {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.document.fields.push(Field { line: self.line, name, value });
    }

    /// What the lines are that come next.
    pub(super) fn tree(&mut self) -> (&mut Tree, usize) {
        (&mut self.document.tree, self.line)
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
                if !self.next_row() {
                    return;
                }
            }
            run.push_str(grapheme);
            self.column += width;
        }
        self.push(&run, tone);
    }

    /// The same where every byte is a cell, as in a megabyte of JSON in one line.
    fn wrapped_ascii(&mut self, mut shown: &str, tone: Tone) {
        while self.column + shown.len() > self.width {
            let (front, rest) = shown.split_at(self.width.saturating_sub(self.column));
            self.push(front, tone);
            if !self.next_row() {
                return;
            }
            shown = rest;
        }
        self.push(shown, tone);
        self.column += shown.len();
    }

    /// Goes on with the line in another row; false when there is no room for one.
    fn next_row(&mut self) -> bool {
        self.end_row();
        self.column = self.indent;
        self.hang = self.indent;
        if self.indent > 0 {
            self.push(&" ".repeat(self.indent), Tone::Plain);
        }
        !self.document.cut
    }

    fn push(&mut self, text: &str, tone: Tone) {
        match self.row.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.tone == tone && last.text.len() < PIECE => last.text.push_str(text),
            _ if text.len() > 2 * PIECE => {
                let mut rest = text;
                while !rest.is_empty() {
                    let end = boundary(rest, PIECE);
                    let (piece, after) = rest.split_at(end);
                    self.row.push(Piece { text: piece.to_owned(), tone });
                    rest = after;
                }
            }
            _ => self.row.push(Piece { text: text.to_owned(), tone }),
        }
    }

    fn end_row(&mut self) {
        let pieces = std::mem::take(&mut self.row);
        let (line, offset, hang) = (self.line, self.offset, self.hang);
        if self.document.rows.len() < ROWS {
            self.offset += pieces.iter().map(|piece| piece.text.len()).sum::<usize>() - hang;
            self.document.rows.push(Row { pieces, line, offset, hang });
        } else if !self.document.cut {
            self.document.cut = true;
            let text = format!("… cut here after {ROWS} rows");
            let pieces = vec![Piece { text, tone: Tone::Warning }];
            self.document.rows.push(Row { pieces, line: line + 1, offset: 0, hang: 0 });
        }
    }
}
