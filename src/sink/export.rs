//! Messages that are held, written to a file: as `tail` prints them, or as a table.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::ndjson::{Line, time};
use crate::mask::Mask;
use crate::observation::EndpointName;
use crate::sqs::{AttributeName, Message};
use crate::watch::Entry;

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
    message: Arc<Message>,
}

impl Record {
    /// As it was received last.
    #[must_use]
    pub fn of(endpoint: EndpointName, entry: &Entry) -> Self {
        Self { endpoint, received_at: entry.last_seen().wall, message: Arc::clone(&entry.message) }
    }

    /// Without what is hidden, where something is.
    #[must_use]
    pub fn masked(self, mask: Option<&Mask>) -> Self {
        match mask {
            Some(mask) => Self { message: Arc::new(mask.message(&self.message)), ..self },
            None => self,
        }
    }

    fn line(&self) -> Line<'_> {
        Line::new(self.endpoint.as_str(), self.received_at, true, &self.message, false)
    }
}

/// A record as `tail` would print it, without the line's end.
///
/// # Errors
/// None that a message can cause.
pub fn ndjson_line(record: &Record) -> io::Result<String> {
    let mut line = Vec::new();
    record.line().write(&mut line)?;
    String::from_utf8(line).map_err(io::Error::other)
}

/// Writes records to a file that is not there yet, readable by its owner only: messages may hold secrets. What cannot be
/// written whole is not left half.
///
/// # Errors
/// When the file is there, or cannot be written.
pub fn write(path: &Path, format: Format, mask: Option<&Mask>, records: &[Record]) -> io::Result<()> {
    let file = create(path)?;
    let written = (|| {
        let mut out = BufWriter::new(&file);
        match format {
            Format::Ndjson => ndjson(&mut out, mask, records)?,
            Format::Csv => csv(&mut out, mask, records)?,
        }
        out.flush()?;
        drop(out);
        file.sync_all()
    })();
    if written.is_err() {
        // Its beginning alone would be taken for the whole.
        let _ = std::fs::remove_file(path);
    }
    written
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn ndjson(out: &mut impl Write, mask: Option<&Mask>, records: &[Record]) -> io::Result<()> {
    for record in records {
        record.clone().masked(mask).line().write(&mut *out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn csv(out: &mut impl Write, mask: Option<&Mask>, records: &[Record]) -> io::Result<()> {
    let messages = || records.iter().map(|record| &record.message);
    let system: BTreeSet<&str> =
        messages().flat_map(|message| message.attributes.iter().map(|(name, _)| name.as_str())).collect();
    let custom: BTreeSet<&str> =
        messages().flat_map(|message| message.message_attributes.iter().map(|(name, _)| name)).collect();
    let mut table = ::csv::Writer::from_writer(out);
    let fixed = ["endpoint", "received_at", "message_id", "body", "md5_of_body"];
    let titles = fixed.into_iter().map(str::to_owned);
    let titles = titles.chain(system.iter().map(|name| format!("attributes.{name}")));
    table.write_record(titles.chain(custom.iter().map(|name| format!("message_attributes.{name}"))))?;
    for record in records {
        let record = record.clone().masked(mask);
        let message = &record.message;
        let mut row = vec![
            record.endpoint.as_str().to_owned(),
            time(record.received_at),
            message.message_id.clone(),
            message.body.clone(),
            message.md5_of_body.clone().unwrap_or_default(),
        ];
        let attribute = |name: &&str| message.attributes.get(&AttributeName::from(*name));
        row.extend(system.iter().map(|name| attribute(name).unwrap_or_default().to_owned()));
        let value = |name: &&str| Some(message.message_attributes.get(name)?.value.to_text().into_owned());
        row.extend(custom.iter().map(|name| value(name).unwrap_or_default()));
        table.write_record(row)?;
    }
    table.flush()
}
