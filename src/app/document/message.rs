//! What is known of a message beside its body: attributes, and every time we received it.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};

use super::tree::Folds;
use super::{Document, Tone, Writer, body};
use crate::app::time::{LocalTime, age, brief};
use crate::envelope::{Content, Layer};
use crate::mask::Mask;
use crate::observation::Moment;
use crate::sqs::attributes::{AttributeName, base64_text};
use crate::sqs::{Check, Integrity, PackedAttribute};
use crate::watch::{Entry, Sighting};

/// How a document is made.
#[derive(Clone, Copy, Debug)]
pub struct Showing<'a> {
    /// What times are measured against.
    pub clocks: Clocks,
    /// The width to wrap at; none where lines are not wrapped.
    pub width: Option<u16>,
    /// What hides values, where something does.
    pub mask: Option<&'a Mask>,
}

impl Showing<'_> {
    /// A writer of such a document.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.width.map_or_else(Writer::unwrapped, Writer::new)
    }

    fn value<'v>(&self, name: &str, value: &'v str) -> Cow<'v, str> {
        self.mask.map_or(Cow::Borrowed(value), |mask| mask.value(name, value))
    }
}

/// What times are measured against and shown in.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// Now.
    pub now: Moment,
    /// The user's time zone.
    pub local: LocalTime,
}

/// A warning where the body, or the attributes, are not as SQS stored them.
fn altered(writer: &mut Writer, entry: &Entry<'_>) {
    let Integrity { body, message_attributes } = entry.integrity();
    if body == Check::Differs {
        writer.sentence(
            "≠ This body is not as SQS stored it: its MD5 is not MD5OfBody. The gateway's mapping template changed it \
             on the way; white space trimmed or escapes undone are the usual causes.",
            Tone::Warning,
        );
    }
    if message_attributes == Check::Differs {
        writer.sentence(
            "≠ These attributes are not as they were sent: their MD5 is not MD5OfMessageAttributes. The gateway returned \
             only some of them, or changed one.",
            Tone::Warning,
        );
    }
}

/// The body laid out for reading, a warning before it where it was altered.
#[must_use]
pub fn body(entry: &Entry<'_>, layers: &[Layer], folds: &Folds, showing: Showing<'_>) -> Document {
    let mut writer = showing.writer();
    altered(&mut writer, entry);
    if layers.len() > 1 {
        let names: Vec<String> = layers.iter().map(ToString::to_string).collect();
        let crumbs = showing.value("", &names.join(" › ")).into_owned();
        writer.sentence(&crumbs, Tone::Dim);
    }
    let Some(layer) = layers.last() else { return writer.finish() };
    match (showing.mask, &layer.content) {
        (Some(mask), _) if mask.hides(layers) => {
            writer.line(mask.hidden(), Tone::Warning);
            writer.finish()
        }
        (Some(mask), Content::Text(text)) => {
            body::read(&Content::Text(mask.body(text).into_owned()), folds, writer)
        }
        (Some(mask), Content::Bytes(_)) => {
            writer.line(mask.hidden(), Tone::Warning);
            writer.finish()
        }
        (None, content) => body::read(content, folds, writer),
    }
}

/// The body as it came.
#[must_use]
pub fn raw(entry: &Entry<'_>, showing: Showing<'_>) -> Document {
    let body = entry.message().body();
    let shown = showing.mask.map_or(Cow::Borrowed(body), |mask| mask.body(body));
    body::raw(&shown, showing.writer())
}

/// System attributes; times as age, in UTC and in local time.
#[must_use]
pub fn attributes(entry: &Entry<'_>, showing: Showing<'_>) -> Document {
    let (mut writer, clocks) = (showing.writer(), showing.clocks);
    altered(&mut writer, entry);
    let message = entry.message();
    field(&mut writer, "MessageId", message.message_id());
    for (name, value) in message.attributes() {
        field(&mut writer, name, &showing.value(name, value));
        let known = AttributeName::from(name);
        if known.is_time()
            && let Some(time) = message.time(&known)
        {
            times(&mut writer, time, clocks);
        }
    }
    if message.attributes().next().is_none() {
        writer
            .line("The gateway returned no system attributes: it may not forward AttributeName.", Tone::Dim);
    }
    if let Some(md5) = message.md5_of_body() {
        let says = if entry.integrity().body == Check::Differs { " (the body's is another)" } else { "" };
        field(&mut writer, "MD5OfBody", &format!("{md5}{says}"));
    }
    field(&mut writer, "Body", &format!("{} bytes", message.body().len()));
    writer.finish()
}

/// Custom attributes.
#[must_use]
pub fn custom(entry: &Entry<'_>, showing: Showing<'_>) -> Document {
    let mut writer = showing.writer();
    altered(&mut writer, entry);
    let message = entry.message();
    for (name, attribute) in message.message_attributes() {
        custom_field(&mut writer, name, attribute, showing);
    }
    if message.message_attributes().next().is_none() {
        let words = "No custom attributes: the sender set none, or the gateway does not forward MessageAttributeName.";
        writer.line(words, Tone::Dim);
    }
    if let Some(md5) = message.md5_of_message_attributes() {
        field(&mut writer, "MD5OfMessageAttributes", md5);
    }
    writer.finish()
}

/// Every receive, newest first: ours with the time between them, and what SQS's count says of others' in between.
#[must_use]
pub fn timeline(entry: &Entry<'_>, showing: Showing<'_>) -> Document {
    let (mut writer, clocks) = (showing.writer(), showing.clocks);
    let receives = entry.receives();
    let s = if receives == 1 { "" } else { "s" };
    writer.text(&format!("received {receives} time{s} by us"), Tone::Plain);
    if let Some(count) = entry.message().attribute(&AttributeName::ApproximateReceiveCount) {
        writer.text(&format!(", {count} by anyone (approximate)"), Tone::Dim);
    }
    writer.end_line();
    let kept: Vec<Sighting> = entry.sightings().collect();
    for (index, sighting) in kept.iter().enumerate().rev() {
        let at = sighting.at;
        writer.text("● ", Tone::Key);
        writer.text(&at.wall.format("%H:%M:%S%.3fZ ").to_string(), Tone::Key);
        let ago = brief(clocks.now.offset.saturating_sub(at.offset));
        writer.text(&format!("{ago:>5} ago"), Tone::Plain);
        let count = sighting.receive_count.map_or_else(|| "?".to_owned(), |count| count.to_string());
        writer.text(&format!("  receive {count:<4}"), Tone::Number);
        writer.text(&format!(" {}", handle(&sighting.receipt_handle_end)), Tone::Dim);
        writer.end_line();
        let before = index.checked_sub(1).and_then(|before| kept.get(before));
        let dropped = if index == 1 { entry.dropped_sightings() } else { 0 };
        between(&mut writer, before, sighting, dropped);
    }
    writer.finish()
}

/// What lies between two receives of ours, or before the first.
fn between(writer: &mut Writer, before: Option<&Sighting>, after: &Sighting, dropped: u32) {
    let counted = before.map_or(Some(0), |before| before.receive_count);
    let others = counted.zip(after.receive_count).map_or(0, |(before, after)| {
        // Each receive raises the count by one: the rest of the rise is somebody else's.
        after.saturating_sub(before).saturating_sub(1).saturating_sub(dropped)
    });
    let times = |count: u32| format!("{count} time{}", if count == 1 { "" } else { "s" });
    if let Some(before) = before {
        let gap = after.at.offset.saturating_sub(before.at.offset);
        // A cell for each doubling of the time, from a tenth of a second on.
        let tenths = u64::try_from(gap.as_millis() / 100).unwrap_or(u64::MAX).max(1);
        let cells = usize::try_from(tenths.ilog2()).unwrap_or_default();
        writer.text(&format!("│ {:>5} {} ", brief(gap), "─".repeat(cells + 1)), Tone::Dim);
    } else if others > 0 {
        writer.text("│ before ", Tone::Dim);
    }
    if others > 0 {
        writer.text(&format!("others received it {}", times(others)), Tone::Warning);
    }
    if before.is_some() || others > 0 {
        writer.end_line();
    }
    if dropped > 0 {
        writer.line(&format!("│ … we {} more, no longer held", times(dropped)), Tone::Warning);
    }
}

fn handle(end: &str) -> String {
    if end.is_empty() {
        "no receipt handle".into()
    } else {
        format!("handle …{}", end.trim_start_matches('…'))
    }
}

fn field(writer: &mut Writer, name: &str, value: &str) {
    writer.field(name, value);
    writer.indent(2);
    writer.text(name, Tone::Key);
    writer.text("  ", Tone::Plain);
    writer.text(value, Tone::Plain);
    writer.end_line();
}

fn custom_field(writer: &mut Writer, name: &str, attribute: PackedAttribute<'_>, showing: Showing<'_>) {
    let value = showing.value(name, attribute.text);
    writer.field(name, &value);
    writer.indent(2);
    writer.text(name, Tone::Key);
    writer.text(&format!("  {}  ", attribute.data_type), Tone::Dim);
    if attribute.is_binary {
        let bytes = base64_text::decode(attribute.text).map_or(0, |bytes| bytes.len());
        writer.text(&format!("{bytes} bytes, base64 {value}"), Tone::Number);
    } else {
        writer.text(&value, Tone::String);
    }
    writer.end_line();
}

fn times(writer: &mut Writer, time: DateTime<Utc>, clocks: Clocks) {
    let local = (clocks.local)(time);
    writer.line(&format!("    {} ago", age(clocks.now.wall, time)), Tone::Plain);
    writer.line(&format!("    {} UTC", time.to_rfc3339_opts(SecondsFormat::Millis, true)), Tone::Dim);
    writer.line(&format!("    {} local", local.to_rfc3339_opts(SecondsFormat::Millis, false)), Tone::Dim);
}
