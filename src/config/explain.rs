//! The TOML parser's errors as sentences for the person who wrote the file.
//!
//! A value is never repeated unless its own check did so: what stands in the wrong place may be a secret.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::text::{nearest, visible};

/// What is wrong at `span`, with the field's full name; for an unknown key the nearest that is known.
pub(super) fn explain(message: &str, text: &str, span: &Range<usize>) -> String {
    let message = message.lines().next().unwrap_or_default();
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") {
        let unknown = quoted.next().unwrap_or_default();
        return unknown_key(unknown, &quoted.collect::<Vec<_>>());
    }
    if message == "duplicate key" {
        return format!("{}: given twice", visible(text.get(span.clone()).unwrap_or_default()));
    }
    let field = field_at(text, span);
    let what = if message.starts_with("missing field") {
        format!("{} is missing", quoted.next().unwrap_or_default())
    } else {
        wrong_type(message, field.as_deref()).unwrap_or_else(|| visible(message).into_owned())
    };
    match field {
        Some(field) => format!("{}: {what}", visible(&field)),
        None => what,
    }
}

fn unknown_key(unknown: &str, known: &[&str]) -> String {
    let shown = visible(unknown);
    match nearest(unknown, known.iter().copied()) {
        Some(near) => format!("unknown key {shown}; did you mean {near}?"),
        None => format!("unknown key {shown}; known here are {}", known.join(", ")),
    }
}

/// `invalid type: string "…", expected a sequence`, in TOML's words and without the value.
fn wrong_type(message: &str, field: Option<&str>) -> Option<String> {
    let said = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    let (found, wanted) = said.rsplit_once(", expected ")?;
    let found = match found.split([' ', '`']).next()? {
        "string" => "text",
        "integer" => "a number",
        "floating" => "a fraction",
        "boolean" => "true or false",
        "map" => "a table",
        "sequence" => "a list",
        other => other,
    };
    let wanted = match wanted {
        "a sequence" if field == Some("endpoint") => "written as [[endpoint]], in double brackets",
        "a sequence" => "a list",
        "a string" => "text in quotes",
        "a map" => "a table",
        wanted if wanted.starts_with("struct ") => "a table",
        wanted => wanted,
    };
    Some(format!("must be {wanted}, not {found}"))
}

/// The field on whose value the bytes lie, such as `endpoint.auth.api_key_env`.
fn field_at(text: &str, span: &Range<usize>) -> Option<String> {
    // What the parser makes of a broken file will do: the field is a help, and the line says the same.
    let (table, _) = DeTable::parse_recoverable(text);
    let mut path = Vec::new();
    descend(table.get_ref(), span, &mut path).then(|| path.join("."))
}

fn descend<'a>(table: &'a DeTable<'_>, span: &Range<usize>, path: &mut Vec<&'a str>) -> bool {
    for (key, value) in table {
        path.push(key.get_ref());
        let deeper = match value.get_ref() {
            DeValue::Table(table) => descend(table, span, path),
            DeValue::Array(values) => values.iter().any(|value| match value.get_ref() {
                DeValue::Table(table) => descend(table, span, path) || covers(value, span),
                _ => false,
            }),
            _ => false,
        };
        if deeper || covers(value, span) {
            return true;
        }
        path.pop();
    }
    false
}

fn covers(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    let covered = value.span();
    covered.start <= span.start && span.end <= covered.end
}
