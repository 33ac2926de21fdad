//! JSON laid out for reading, token by token, with what is folded left out.

use super::tree::Folds;
use super::{Tone, Writer};
use crate::filter::{Path, Step};
use crate::json::{Token, Tokens, end_of_value, is_container, members, tokens, unquoted};

/// Spaces a level.
const INDENT: usize = 2;

/// Writes `text` as indented JSON; false, and nothing written, when it is not an object or an array.
pub fn write(text: &str, folds: &Folds, writer: &mut Writer) -> bool {
    if !is_container(text) {
        return false;
    }
    writer.tree().0.begin(text);
    let mut layout =
        Layout { text, tokens: tokens(text), folds, writer, open: Vec::new(), path: Path::default() };
    layout.value();
    while !layout.writer.is_full() && layout.next() {}
    layout.writer.end_line();
    true
}

struct Layout<'a> {
    text: &'a str,
    tokens: Tokens<'a>,
    folds: &'a Folds,
    writer: &'a mut Writer,
    open: Vec<Open>,
    /// To the value that comes next; kept only where something is folded.
    path: Path,
}

/// An object or a list that is being written.
struct Open {
    node: usize,
    /// The index of the next element; none in an object.
    index: Option<usize>,
}

impl Layout<'_> {
    /// Writes what comes next within what is open; false at the end. The grammar was vouched for.
    fn next(&mut self) -> bool {
        let Some(token) = self.tokens.peek() else { return false };
        match token.first() {
            b'}' | b']' => {
                self.tokens.go_to(token.end());
                let Some(open) = self.open.pop() else { return false };
                self.new_line();
                let (tree, line) = self.writer.tree();
                tree.close(line, open.node);
                self.writer.text(token.text, Tone::Punctuation);
                self.leave();
            }
            b',' => {
                self.tokens.go_to(token.end());
                self.writer.text(",", Tone::Punctuation);
            }
            _ => {
                self.new_line();
                self.value();
            }
        }
        true
    }

    /// Writes a member, an element or the whole: a scalar at once, of a container what opens it.
    fn value(&mut self) {
        let Some(mut token) = self.tokens.next() else { return };
        let step = match self.open.last_mut() {
            None => None,
            Some(Open { index: Some(index), .. }) => {
                *index += 1;
                Some(Step::Index(*index - 1))
            }
            Some(Open { index: None, .. }) => {
                self.writer.text(token.text, Tone::Key);
                let key = unquoted(token.text).unwrap_or_default().into_owned();
                if let (Some(_colon), Some(value)) = (self.tokens.next(), self.tokens.next()) {
                    self.writer.text(": ", Tone::Punctuation);
                    token = value;
                }
                Some(Step::Key(key))
            }
        };
        self.path.0.extend(step.clone());
        self.begin(token, step.as_ref());
    }

    fn begin(&mut self, token: Token<'_>, step: Option<&Step>) {
        let parent = self.open.last().map(|open| open.node);
        let (tree, line) = self.writer.tree();
        let mut add = |fold| tree.add(line, parent, step.cloned(), token.at, fold);
        let is_list = match token.first() {
            b'{' => false,
            b'[' => true,
            _ => {
                add(None);
                self.writer.text(token.text, tone(token.text));
                return self.leave();
            }
        };
        if let Some(close) = self.tokens.peek().filter(|next| matches!(next.first(), b'}' | b']')) {
            // An empty one stays on its line.
            add(None);
            self.tokens.go_to(close.end());
            self.writer.text(token.text, Tone::Punctuation);
            self.writer.text(close.text, Tone::Punctuation);
            self.leave();
        } else if !self.folds.is_empty() && self.folds.contains(&self.path) {
            add(Some(true));
            let end = end_of_value(self.text, token.at);
            self.tokens.go_to(end);
            let count = members(&self.text[token.at..end]).count();
            let what = match (is_list, count) {
                (true, 1) => "element",
                (true, _) => "elements",
                (false, 1) => "member",
                (false, _) => "members",
            };
            let (open, close) = if is_list { ("[", "]") } else { ("{", "}") };
            self.writer.text(open, Tone::Punctuation);
            self.writer.text(&format!("▸ {count} {what}"), Tone::Dim);
            self.writer.text(close, Tone::Punctuation);
            self.leave();
        } else {
            let node = add(Some(false));
            self.writer.text(token.text, Tone::Punctuation);
            self.open.push(Open { node, index: is_list.then_some(0) });
        }
    }

    /// A value is written: the next is its neighbour.
    fn leave(&mut self) {
        self.path.0.truncate(self.open.len().saturating_sub(1));
    }

    fn new_line(&mut self) {
        self.writer.end_line();
        let indent = self.open.len() * INDENT;
        self.writer.indent(indent + INDENT);
        self.writer.text(&" ".repeat(indent), Tone::Plain);
    }
}

fn tone(token: &str) -> Tone {
    match token.as_bytes().first() {
        Some(b'"') => Tone::String,
        Some(b't' | b'f' | b'n') => Tone::Literal,
        _ => Tone::Number,
    }
}
