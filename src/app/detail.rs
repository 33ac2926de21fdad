//! The detail pane's state: which tab, where its cursor is, and the document that is shown.

mod search;
mod tab;

use std::time::Duration;

use super::document::message::{self, Showing};
use super::document::tree::Folds;
use super::document::{Document, Tree};
use crate::envelope::{Content, Layer, peel, peel_further, within_string};
use crate::filter::{Path, Step};
use crate::observation::EndpointName;
use crate::watch::Entry;
pub use search::{Found, Search};
pub use tab::Tab;

/// What the document was made from: made again only when one of these changes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    endpoint: EndpointName,
    ordinal: u64,
    tab: Tab,
    width: Option<u16>,
    masked: bool,
    /// Folds and layers, as often as they were changed.
    changes: u64,
    /// Receives and the second, on tabs that show them.
    aged: Option<(u32, u64)>,
}

/// What the detail pane shows.
#[derive(Debug, Default)]
pub struct Detail {
    tab: Tab,
    cursor: usize,
    scroll: usize,
    /// Cells to the left of the view, where lines are not wrapped.
    column: usize,
    unwrapped: bool,
    folds: Folds,
    layers: Vec<Layer>,
    /// Layers that are taken off, if not all.
    depth: Option<usize>,
    search: Search,
    changes: u64,
    made: Option<Made>,
    document: Document,
}

impl Detail {
    /// The tab in front.
    #[must_use]
    pub fn tab(&self) -> Tab {
        self.tab
    }

    /// Brings a tab to the front, from its top.
    pub fn show(&mut self, tab: Tab) {
        if self.tab != tab {
            self.tab = tab;
            self.go_to_top();
        }
    }

    fn go_to_top(&mut self) {
        (self.cursor, self.scroll, self.column) = (0, 0, 0);
    }

    /// The document, and the row it is scrolled to in a view of `height` rows.
    #[must_use]
    pub fn view(&self, height: u16) -> (&Document, usize) {
        (&self.document, self.scroll.min(self.furthest(height)))
    }

    /// The row of the cursor.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor.min(self.document.rows().len().saturating_sub(1))
    }

    /// Cells to the left of the view.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// Whether lines are wrapped.
    #[must_use]
    pub fn is_wrapped(&self) -> bool {
        !self.unwrapped
    }

    /// The search within the document.
    #[must_use]
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// The layers of the body, from the body itself to the one that is shown, and how many lie further in.
    #[must_use]
    pub fn layers(&self) -> (&[Layer], usize) {
        let shown = self.shown();
        (&self.layers[..shown], self.layers.len() - shown)
    }

    /// The layer that jq is asked of: what is shown, or what the answer that is shown was made of.
    #[must_use]
    pub fn asked_of(&self) -> Option<(&[Layer], &Layer)> {
        let (layers, _) = self.layers();
        let place = layers.iter().rposition(|layer| !layer.is_answer)?;
        Some((&layers[..=place], &layers[place]))
    }

    /// Answers of jq were made of what was shown then; what is hidden now could stand in them.
    pub fn forget_answers(&mut self) {
        if let Some(first) = self.layers.iter().position(|layer| layer.is_answer) {
            self.layers.truncate(first);
            self.changes += 1;
        }
    }

    /// All layers that were peeled: the last is the payload.
    #[must_use]
    pub fn peeled(&self) -> &[Layer] {
        &self.layers
    }

    fn shown(&self) -> usize {
        self.depth.map_or(self.layers.len(), |depth| (depth + 1).min(self.layers.len()))
    }

    /// Scrolls down, or up when negative, and takes the cursor along.
    pub fn scroll_by(&mut self, rows: i64, height: u16) {
        let furthest = self.furthest(height);
        self.scroll = stepped(self.scroll.min(furthest), rows, furthest);
        let last = self.scroll + usize::from(height.max(1)) - 1;
        self.cursor = self.cursor().clamp(self.scroll, last);
    }

    /// Moves the cursor down, or up when negative.
    pub fn move_by(&mut self, rows: i64, height: u16) {
        let last = self.document.rows().len().saturating_sub(1);
        self.put_cursor(stepped(self.cursor(), rows, last), height);
    }

    /// Moves the cursor to a row of the view.
    pub fn select_row(&mut self, row: u16, height: u16) {
        let (_, scroll) = self.view(height);
        self.put_cursor(scroll + usize::from(row), height);
    }

    fn put_cursor(&mut self, row: usize, height: u16) {
        self.cursor = row.min(self.document.rows().len().saturating_sub(1));
        let height = usize::from(height.max(1));
        self.scroll = self.scroll.clamp((self.cursor + 1).saturating_sub(height), self.cursor);
    }

    /// Wraps lines, or shows them in a row each.
    pub fn toggle_wrap(&mut self) {
        self.unwrapped = !self.unwrapped;
        (self.column, self.scroll) = (0, 0);
    }

    /// Moves the view sideways, where lines are not wrapped.
    pub fn shift(&mut self, cells: i64) {
        if self.unwrapped {
            self.column = stepped(self.column, cells, usize::MAX / 2);
        }
    }

    fn node(&self) -> Option<usize> {
        let row = self.document.rows().get(self.cursor())?;
        self.document.tree().at(row.line)
    }

    /// The way to the value under the cursor, as a filter takes it if it stands in the body as it came, else as jq does.
    #[must_use]
    pub fn path(&self) -> Option<String> {
        let node = self.node().filter(|_| self.tab == Tab::Body)?;
        let (layers, _) = self.layers();
        let way = self.document.tree().path(node);
        let keys = |layer: &Layer| {
            let step = |key: &String| key.parse().map_or_else(|_| Step::Key(key.clone()), Step::Index);
            Some(layer.path.as_ref()?.iter().map(step).collect::<Vec<_>>())
        };
        let direct: Option<Vec<Vec<Step>>> = layers.iter().skip(1).map(keys).collect();
        if let Some(steps) = direct {
            let steps = steps.into_iter().flatten().chain(way.0).collect();
            return Some(format!("body{}", Path(steps)));
        }
        let jq: Option<Vec<&str>> = layers.iter().skip(1).map(|layer| layer.jq.as_deref()).collect();
        // Where jq cannot follow, the way within the layer is all that can be said.
        let mut steps: Vec<String> = jq.unwrap_or_default().into_iter().map(str::to_owned).collect();
        match way.to_string() {
            root if root.is_empty() => {}
            way if way.starts_with('.') => steps.push(way),
            way => steps.push(format!(".{way}")),
        }
        Some(if steps.is_empty() { ".".to_owned() } else { steps.join(" | ") })
    }

    /// The value under the cursor, and what it is called: a value in JSON, an attribute, or a line.
    #[must_use]
    pub fn value(&self) -> Option<(String, String)> {
        if let Some(node) = self.node() {
            let value = self.document.tree().value(node)?;
            let text = crate::json::unquoted(value).map_or_else(|| value.to_owned(), Into::into);
            return Some((self.path().unwrap_or_default(), text));
        }
        let row = self.document.rows().get(self.cursor())?;
        if let Some(field) = self.document.field_at(row.line) {
            return Some((field.name.clone(), field.value.clone()));
        }
        let line = row.line;
        let (_, text) = self.document.lines().nth(line)?;
        Some((format!("line {}", line + 1), text))
    }

    /// Folds what the cursor is on or in, or unfolds it; whether there was anything to fold.
    pub fn fold(&mut self, wanted: Option<bool>) -> bool {
        let tree = self.document.tree();
        let Some(mut node) = self.node() else { return false };
        let folded = tree.is_folded(node);
        let fold = wanted.unwrap_or(folded == Some(false) || folded.is_none());
        if fold && folded != Some(false) {
            // Of a scalar, or of what is folded already, what it is in.
            match tree.parent(node) {
                Some(parent) => node = parent,
                None => return false,
            }
        } else if !fold && folded != Some(true) {
            return false;
        }
        let path = tree.path(node);
        if fold {
            self.folds.insert(path)
        } else {
            self.folds.remove(&path)
        };
        if let Some(line) = tree.line_of(node) {
            // The line of what was folded stays where it is: only what comes after it changes.
            self.cursor = self.document.row_of(line);
        }
        self.changes += 1;
        true
    }

    /// Folds everything below the root, or unfolds all.
    pub fn fold_all(&mut self) {
        if self.folds.is_empty() {
            self.folds = self.document.tree().foldable().collect();
        } else {
            self.folds.clear();
        }
        self.changes += 1;
        self.go_to_top();
    }

    /// Goes one layer in, into the string under the cursor if that is an envelope; whether there was one.
    pub fn peel(&mut self) -> bool {
        let shown = self.shown();
        let tree = self.document.tree();
        let value = self.node().and_then(|node| Some((node, within_string(tree.value(node)?)?)));
        if let Some((node, inner)) = value {
            let path = tree.path(node);
            let keys = path.names(tree.value(0).unwrap_or_default()).into_iter().map(String::from).collect();
            let way = path.to_string();
            let jq = inner.jq.as_deref().map(|jq| format!("{way} | {jq}"));
            let name = format!("{} in {way}", inner.name);
            self.layers.truncate(shown);
            self.layers.push(Layer { name, jq, keys, ..inner });
            peel_further(&mut self.layers);
            self.depth = None;
        } else if shown < self.layers.len() {
            self.depth = Some(shown).filter(|depth| depth + 1 < self.layers.len());
        } else {
            return false;
        }
        self.changes += 1;
        self.go_to_top();
        true
    }

    /// What jq made of the layer that is shown, as a layer further in.
    pub fn put_answer(&mut self, expression: &str, text: &str) {
        let shown = self.shown();
        self.layers.truncate(shown);
        // Who asks again asks of the same.
        while self.layers.last().is_some_and(|layer| layer.is_answer) {
            self.layers.pop();
        }
        let text = text.trim_end().to_owned();
        let jq = Some(expression.to_owned());
        let name = format!("jq {expression}");
        self.layers.push(Layer { jq, is_answer: true, ..Layer::new(name, Content::Text(text)) });
        self.depth = None;
        self.changes += 1;
        self.go_to_top();
    }

    /// Goes one layer out; whether there was one.
    pub fn unpeel(&mut self) -> bool {
        let Some(depth) = self.shown().checked_sub(2) else { return false };
        self.depth = Some(depth);
        self.changes += 1;
        self.go_to_top();
        true
    }

    /// Looks for a text from here on; nothing is folded while something is looked for.
    pub fn look_for(&mut self, text: &str) {
        if !text.is_empty() && !self.folds.is_empty() {
            self.folds.clear();
            self.changes += 1;
        }
        self.search = Search::new(text);
        self.search.look_in(&self.document);
    }

    /// Moves the cursor to the first place from here that was found, or to the next or the one before.
    pub fn to_found(&mut self, forward: Option<bool>, height: u16) {
        if let Some(row) = self.search.next(self.cursor(), forward) {
            self.put_cursor(row, height);
        }
    }

    /// Makes the document anew if what is selected, or how it is shown, has changed.
    pub fn refresh(&mut self, selected: Option<(&EndpointName, u64, &Entry<'_>)>, showing: Showing<'_>) {
        let Some((endpoint, ordinal, entry)) = selected else {
            (self.made, self.document) = (None, Document::default());
            self.layers.clear();
            self.go_to_top();
            return;
        };
        let showing = Showing { width: showing.width.filter(|_| !self.unwrapped), ..showing };
        let second = |offset: Duration| offset.as_secs();
        let aged = self.tab.changes().then(|| (entry.receives(), second(showing.clocks.now.offset)));
        let made = Made {
            endpoint: endpoint.clone(),
            ordinal,
            tab: self.tab,
            width: showing.width,
            masked: showing.mask.is_some(),
            changes: self.changes,
            aged,
        };
        if self.made.as_ref() == Some(&made) {
            return;
        }
        let same_message = |old: &Made| old.ordinal == made.ordinal && old.endpoint == made.endpoint;
        if !self.made.as_ref().is_some_and(same_message) {
            self.layers = peel(entry.message().body());
            self.go_to_top();
        }
        let shown = self.shown();
        self.document = match self.tab {
            Tab::Body => message::body(entry, &self.layers[..shown], &self.folds, showing),
            Tab::Raw => message::raw(entry, showing),
            Tab::Attributes => message::attributes(entry, showing),
            Tab::Custom => message::custom(entry, showing),
            Tab::Timeline => message::timeline(entry, showing),
        };
        self.search.look_in(&self.document);
        self.made = Some(made);
    }

    /// The values of the document, where it is JSON.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        self.document.tree()
    }

    fn furthest(&self, height: u16) -> usize {
        self.document.rows().len().saturating_sub(usize::from(height))
    }
}

fn stepped(from: usize, by: i64, last: usize) -> usize {
    let by = isize::try_from(by).unwrap_or(if by < 0 { isize::MIN } else { isize::MAX });
    from.saturating_add_signed(by).min(last)
}
