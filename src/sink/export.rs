//! Messages that are held, written to a file: as `tail` prints them, or as a table.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};
use std::path::Path;

use chrono::{DateTime, Utc};

use super::line::Line;
use super::ndjson::time;
use crate::files;
use crate::mask::Mask;
use crate::observation::EndpointName;
use crate::sqs::PackedMessage;
use crate::watch::{Entry, Held, HeldReader};

/// How messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, as `tail` prints them.
    #[default]
    Ndjson,
    /// A table with a column for each attribute (RFC 4180).
    Csv,
}

/// A message that is held, and what is known of its receives.
#[derive(Clone, Debug)]
pub struct Record {
    endpoint: EndpointName,
    received_at: DateTime<Utc>,
    held: Held,
}

impl Record {
    /// As it was received last.
    #[must_use]
    pub fn of(endpoint: EndpointName, entry: &Entry<'_>) -> Self {
        Self { endpoint, received_at: entry.last_seen().wall, held: entry.held() }
    }

    /// The message, without what is hidden where something is.
    fn shown(&self, reader: &mut HeldReader, mask: Option<&Mask>) -> PackedMessage {
        let message = reader.read(&self.held);
        mask.map_or_else(|| message.clone(), |mask| mask.message(&message))
    }

    fn write_line(&self, reader: &mut HeldReader, mask: Option<&Mask>, out: &mut Vec<u8>) {
        let (shown, received_at) = (self.shown(reader, mask), time(self.received_at));
        let endpoint = self.endpoint.as_str();
        let line = Line {
            endpoint,
            received_at: &received_at,
            first_seen: true,
            message: &shown,
            receipt_handle: false,
        };
        line.write(out);
    }
}

/// A record as `tail` would print it, without the line's end.
#[must_use]
pub fn ndjson_line(record: &Record, mask: Option<&Mask>) -> String {
    let mut line = Vec::new();
    record.write_line(&mut HeldReader::default(), mask, &mut line);
    String::from_utf8_lossy(&line).into_owned()
}

/// Writes records to a file that is not there yet, readable by its owner only: messages may hold secrets. What cannot be
/// written whole is not left half.
///
/// # Errors
/// When the file is there, or cannot be written.
pub fn write(path: &Path, format: Format, mask: Option<&Mask>, records: &[Record]) -> io::Result<()> {
    files::write_new(path, |out| match format {
        Format::Ndjson => ndjson(out, mask, records),
        Format::Csv => csv(out, mask, records),
    })
}

fn ndjson(out: &mut impl Write, mask: Option<&Mask>, records: &[Record]) -> io::Result<()> {
    let (mut reader, mut line) = (HeldReader::default(), Vec::new());
    for record in records {
        line.clear();
        record.write_line(&mut reader, mask, &mut line);
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(())
}

fn csv(out: &mut impl Write, mask: Option<&Mask>, records: &[Record]) -> io::Result<()> {
    let mut reader = HeldReader::default();
    let (mut system, mut custom) = (BTreeSet::new(), BTreeSet::new());
    for record in records {
        let message = reader.read(&record.held);
        gather(&mut system, message.attributes().map(|(name, _)| name));
        gather(&mut custom, message.message_attributes().map(|(name, _)| name));
    }
    let mut table = ::csv::Writer::from_writer(out);
    let fixed = ["endpoint", "received_at", "message_id", "body", "md5_of_body"];
    let titles = fixed.into_iter().map(str::to_owned);
    let titles = titles.chain(system.iter().map(|name| format!("attributes.{name}")));
    table.write_record(titles.chain(custom.iter().map(|name| format!("message_attributes.{name}"))))?;
    for record in records {
        let message = record.shown(&mut reader, mask);
        let mut row = vec![
            record.endpoint.as_str().to_owned(),
            time(record.received_at),
            message.message_id().to_owned(),
            message.body().to_owned(),
            message.md5_of_body().unwrap_or_default().to_owned(),
        ];
        let attributes = first_of_each(message.attributes());
        row.extend(
            system.iter().map(|name| attributes.get(name.as_str()).copied().unwrap_or_default().to_owned()),
        );
        let texts = message.message_attributes().map(|(name, attribute)| (name, attribute.text));
        let attributes = first_of_each(texts);
        row.extend(
            custom.iter().map(|name| attributes.get(name.as_str()).copied().unwrap_or_default().to_owned()),
        );
        table.write_record(row)?;
    }
    table.flush()
}

fn gather<'a>(known: &mut BTreeSet<String>, names: impl Iterator<Item = &'a str>) {
    for name in names {
        if !known.contains(name) {
            known.insert(name.to_owned());
        }
    }
}

/// Values by their names; of two under one name the first.
fn first_of_each<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> HashMap<&'a str, &'a str> {
    let mut first = HashMap::new();
    for (name, value) in pairs {
        first.entry(name).or_insert(value);
    }
    first
}
