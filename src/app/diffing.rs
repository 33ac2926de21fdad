//! Two pinned messages compared: attributes, then payloads, line by line as they are laid out.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use super::App;
use super::document::tree::Folds;
use super::document::{Document, Tone, Writer, body, json};
use super::mode::Mode;
use crate::envelope::{Content, peel};
use crate::observation::EndpointName;
use crate::sqs::PackedMessage;

/// Lines that are alike around those that differ.
const AROUND: usize = 3;
/// A comparison that takes longer is finished roughly: two unlike megabytes have no good answer.
const PATIENCE: Duration = Duration::from_millis(100);

/// The open comparison.
#[derive(Clone, Debug)]
pub struct Diff {
    /// What is compared, for the title.
    pub title: String,
    /// How they differ.
    pub document: Document,
    /// Rows above the view.
    pub scroll: usize,
}

impl App {
    /// Compares the two pinned messages, or the pinned one with the selected.
    pub(super) fn open_diff(&mut self) {
        let mut pinned: Vec<(EndpointName, u64)> = Vec::new();
        for watched in &self.endpoints {
            let Some(watch) = self.watch.endpoint(&watched.endpoint.name) else { continue };
            let held = watched.pinned.iter().filter(|ordinal| watch.ledger.get(**ordinal).is_some());
            pinned.extend(held.map(|ordinal| (watched.endpoint.name.clone(), *ordinal)));
        }
        if let ([_], Some((ordinal, _)), Some((_, watched))) =
            (pinned.as_slice(), self.selected_entry(), self.selected())
        {
            let selected = (watched.endpoint.name.clone(), ordinal);
            if !pinned.contains(&selected) {
                pinned.push(selected);
            }
        }
        let [first, second] = pinned.as_slice() else {
            let count = pinned.len();
            self.say(&format!("pin two messages (Space) to compare them; {count} pinned"));
            return;
        };
        let message = |(name, ordinal): &(EndpointName, u64)| {
            let entry = self.watch.endpoint(name)?.ledger.get(*ordinal)?;
            Some(self.shown_message(entry.message()))
        };
        let Some((first, second)) = message(first).zip(message(second)) else { return };
        let width = self.screen.messages.width.max(self.screen.detail.width).max(60);
        let title = format!("− {}   + {}", first.message_id(), second.message_id());
        let document = compared(&first, &second, width);
        self.mode = Mode::Diff(Box::new(Diff { title, document, scroll: 0 }));
    }
}

/// How two messages differ.
#[must_use]
pub fn compared(first: &PackedMessage, second: &PackedMessage, width: u16) -> Document {
    let (before, after) = (lines(first), lines(second));
    let mut writer = Writer::new(width);
    writer.indent(2);
    let (from, to): (Vec<&str>, Vec<&str>) =
        (before.iter().map(String::as_str).collect(), after.iter().map(String::as_str).collect());
    let diff = TextDiff::configure().timeout(PATIENCE).diff_slices(&from, &to);
    let groups = diff.grouped_ops(AROUND);
    if groups.is_empty() {
        writer.line("They do not differ: bodies and attributes are alike.", Tone::Plain);
    }
    let mut shown_up_to = 0;
    for group in groups {
        let begins = group.first().map_or(0, |op| op.old_range().start);
        alike(&mut writer, begins.saturating_sub(shown_up_to));
        shown_up_to = group.last().map_or(begins, |op| op.old_range().end);
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, tone) = match change.tag() {
                ChangeTag::Equal => ("  ", Tone::Dim),
                ChangeTag::Delete => ("− ", Tone::Removed),
                ChangeTag::Insert => ("+ ", Tone::Added),
            };
            // The sign is not crossed out with what it stands before.
            let sign_tone = if tone == Tone::Removed { Tone::Warning } else { tone };
            writer.text(sign, sign_tone);
            writer.line(change.value(), tone);
        }
    }
    alike(&mut writer, from.len().saturating_sub(shown_up_to));
    writer.finish()
}

fn alike(writer: &mut Writer, count: usize) {
    if count > 0 {
        let s = if count == 1 { " is" } else { "s are" };
        writer.line(&format!("  … {count} line{s} alike"), Tone::Dim);
    }
}

/// A message as lines: what is known of it beside the body, and its payload as it is laid out.
fn lines(message: &PackedMessage) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, value) in message.attributes() {
        lines.push(format!("attr.{name}: {value}"));
    }
    for (name, attribute) in message.message_attributes() {
        lines.push(format!("custom.{name}: {}", attribute.text));
    }
    lines.sort();
    if let Some(layer) = peel(message.body()).last() {
        let mut writer = Writer::unwrapped();
        let document = match &layer.content {
            Content::Text(text) if json::write(text, &Folds::default(), &mut writer) => writer.finish(),
            Content::Text(text) => body::raw(text, writer),
            Content::Bytes(_) => body::read(&layer.content, &Folds::default(), writer),
        };
        lines.extend(document.lines().map(|(_, line)| line));
    }
    lines
}
