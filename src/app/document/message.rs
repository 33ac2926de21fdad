//! What is known of a message beside its body: attributes, and every time we received it.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Document, Tone, Writer, body};
use crate::app::time::{LocalTime, age, brief};
use crate::observation::Moment;
use crate::sqs::attributes::{AttributeName, AttributeValue, MessageAttribute};
use crate::sqs::{Check, Integrity};
use crate::watch::Entry;

/// What times are measured against and shown in.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// Now.
    pub now: Moment,
    /// The user's time zone.
    pub local: LocalTime,
}

/// A warning where the body, or the attributes, are not as SQS stored them.
fn altered(writer: &mut Writer, entry: &Entry) {
    let Integrity { body, message_attributes } = entry.integrity;
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
pub fn body(entry: &Entry, width: u16) -> Document {
    let mut writer = Writer::new(width);
    altered(&mut writer, entry);
    body::read(&entry.message.body, writer)
}

/// System attributes; times as age, in UTC and in local time.
#[must_use]
pub fn attributes(entry: &Entry, clocks: Clocks, width: u16) -> Document {
    let mut writer = Writer::new(width);
    altered(&mut writer, entry);
    let message = &entry.message;
    field(&mut writer, "MessageId", &message.message_id);
    for (name, value) in message.attributes.iter() {
        field(&mut writer, name.as_str(), value);
        if name.is_time()
            && let Some(time) = message.attributes.time(name)
        {
            times(&mut writer, time, clocks);
        }
    }
    if message.attributes.is_empty() {
        writer
            .line("The gateway returned no system attributes: it may not forward AttributeName.", Tone::Dim);
    }
    if let Some(md5) = &message.md5_of_body {
        let says = if entry.integrity.body == Check::Differs { " (the body's is another)" } else { "" };
        field(&mut writer, "MD5OfBody", &format!("{md5}{says}"));
    }
    field(&mut writer, "Body", &format!("{} bytes", message.body.len()));
    writer.finish()
}

/// Custom attributes.
#[must_use]
pub fn custom(entry: &Entry, width: u16) -> Document {
    let mut writer = Writer::new(width);
    altered(&mut writer, entry);
    let message = &entry.message;
    for (name, attribute) in message.message_attributes.iter() {
        custom_field(&mut writer, name, attribute);
    }
    if message.message_attributes.is_empty() {
        let words = "No custom attributes: the sender set none, or the gateway does not forward MessageAttributeName.";
        writer.line(words, Tone::Dim);
    }
    if let Some(md5) = &message.md5_of_message_attributes {
        field(&mut writer, "MD5OfMessageAttributes", md5);
    }
    writer.finish()
}

/// Every time we received it, newest first.
#[must_use]
pub fn timeline(entry: &Entry, clocks: Clocks, width: u16) -> Document {
    let mut writer = Writer::new(width);
    let receives = entry.receives();
    let s = if receives == 1 { "" } else { "s" };
    writer.text(&format!("received {receives} time{s} by us"), Tone::Plain);
    if let Some(count) = entry.message.attributes.get(&AttributeName::ApproximateReceiveCount) {
        writer.text(&format!(", {count} by anyone (approximate)"), Tone::Dim);
    }
    writer.end_line();
    let mut later: Option<Duration> = None;
    let kept = entry.sightings().count();
    for (index, sighting) in entry.sightings().rev().enumerate() {
        if index + 1 == kept && entry.dropped_sightings() > 0 {
            writer.line(&format!("  … {} more, no longer held", entry.dropped_sightings()), Tone::Warning);
        }
        let gap = later.map(|later| later.saturating_sub(sighting.at.offset));
        later = Some(sighting.at.offset);
        writer.text(&sighting.at.wall.format("%H:%M:%S%.3fZ ").to_string(), Tone::Key);
        writer.text(
            &format!("{:>5} ago", brief(clocks.now.offset.saturating_sub(sighting.at.offset))),
            Tone::Plain,
        );
        let count = sighting.receive_count.map_or_else(|| "?".to_owned(), |count| count.to_string());
        writer.text(&format!("  receive {count:<4}"), Tone::Number);
        if let Some(gap) = gap {
            writer.text(&format!(" then {} later ", brief(gap)), Tone::Dim);
        }
        writer.text(&format!(" {}", tail(&sighting.receipt_handle)), Tone::Dim);
        writer.end_line();
    }
    writer.finish()
}

/// A receipt handle is a key to the message: its end tells one from another, and opens nothing.
fn tail(handle: &str) -> String {
    let count = handle.chars().count();
    match count {
        0 => "no receipt handle".to_owned(),
        1..=8 => format!("handle of {count} characters"),
        _ => format!("handle …{}", handle.chars().skip(count - 6).collect::<String>()),
    }
}

fn field(writer: &mut Writer, name: &str, value: &str) {
    writer.indent(2);
    writer.text(name, Tone::Key);
    writer.text("  ", Tone::Plain);
    writer.text(value, Tone::Plain);
    writer.end_line();
}

fn custom_field(writer: &mut Writer, name: &str, attribute: &MessageAttribute) {
    writer.indent(2);
    writer.text(name, Tone::Key);
    writer.text(&format!("  {}  ", attribute.data_type), Tone::Dim);
    match &attribute.value {
        AttributeValue::String(text) => writer.text(text, Tone::String),
        AttributeValue::Binary(bytes) => {
            writer
                .text(&format!("{} bytes, base64 {}", bytes.len(), attribute.value.to_text()), Tone::Number);
        }
    }
    writer.end_line();
}

fn times(writer: &mut Writer, time: DateTime<Utc>, clocks: Clocks) {
    let local = (clocks.local)(time);
    writer.line(&format!("    {} ago", age(clocks.now.wall, time)), Tone::Plain);
    writer.line(&format!("    {} UTC", time.to_rfc3339_opts(SecondsFormat::Millis, true)), Tone::Dim);
    writer.line(&format!("    {} local", local.to_rfc3339_opts(SecondsFormat::Millis, false)), Tone::Dim);
}
