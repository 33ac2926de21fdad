//! What the lines of a JSON document are: which value stands in each, and how one comes to it.

use std::collections::HashSet;

use crate::filter::{Path, Step};
use crate::json::end_of_value;

/// Values that are folded. A fold holds for every message whose body has that path.
pub type Folds = HashSet<Path>;

/// The values of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: Vec<Node>,
    /// The line on which each node begins or, for a bracket that closes, ends: in ascending order.
    lines: Vec<(usize, usize)>,
    /// What was laid out.
    text: String,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    parent: Option<usize>,
    step: Option<Step>,
    /// The first byte of its value.
    at: usize,
    /// Whether it can be folded, and is.
    fold: Option<bool>,
}

impl Tree {
    pub(super) fn begin(&mut self, text: &str) {
        text.clone_into(&mut self.text);
    }

    pub(super) fn add(
        &mut self,
        line: usize,
        parent: Option<usize>,
        step: Option<Step>,
        at: usize,
        fold: Option<bool>,
    ) -> usize {
        self.nodes.push(Node { parent, step, at, fold });
        let node = self.nodes.len() - 1;
        // Of several in one line, as a list of lists begins, the line is the first's.
        if self.lines.last().is_none_or(|(last, _)| *last != line) {
            self.lines.push((line, node));
        }
        node
    }

    pub(super) fn close(&mut self, line: usize, node: usize) {
        if self.lines.last().is_none_or(|(last, _)| *last != line) {
            self.lines.push((line, node));
        }
    }

    /// The value that stands in a line.
    #[must_use]
    pub fn at(&self, line: usize) -> Option<usize> {
        let found = self.lines.binary_search_by_key(&line, |(line, _)| *line).ok()?;
        self.lines.get(found).map(|(_, node)| *node)
    }

    /// The first line of a value.
    #[must_use]
    pub fn line_of(&self, node: usize) -> Option<usize> {
        self.lines.iter().find(|(_, of)| *of == node).map(|(line, _)| *line)
    }

    /// How one comes to a value.
    #[must_use]
    pub fn path(&self, node: usize) -> Path {
        let mut steps = Vec::new();
        let mut next = Some(node);
        while let Some(node) = next.and_then(|node| self.nodes.get(node)) {
            steps.extend(node.step.clone());
            next = node.parent;
        }
        steps.reverse();
        Path(steps)
    }

    /// The value as it is written.
    #[must_use]
    pub fn value(&self, node: usize) -> Option<&str> {
        let at = self.nodes.get(node)?.at;
        self.text.get(at..end_of_value(&self.text, at))
    }

    /// Whether the value is folded; none when it cannot be.
    #[must_use]
    pub fn is_folded(&self, node: usize) -> Option<bool> {
        self.nodes.get(node)?.fold
    }

    /// The value that this one is in.
    #[must_use]
    pub fn parent(&self, node: usize) -> Option<usize> {
        self.nodes.get(node)?.parent
    }

    /// Every value below the root that can be folded.
    pub fn foldable(&self) -> impl Iterator<Item = Path> {
        let foldable =
            self.nodes.iter().enumerate().filter(|(_, node)| node.fold.is_some() && node.parent.is_some());
        foldable.map(|(index, _)| self.path(index))
    }

    /// Whether there is nothing in it: the document is no JSON.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}
