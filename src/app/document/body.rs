//! A body as JSON, else as text, else as hex.

use std::fmt::Write as _;

use super::tree::Folds;
use super::{Document, Tone, Writer, json};
use crate::envelope::Content;

/// Columns between tab stops.
const TAB: usize = 4;
/// Bytes to a row of hex.
const HEX_ROW: usize = 16;
/// Bytes shown as hex; more of them tells nobody more.
const HEX_BYTES: usize = 64 * 1024;

/// A layer laid out for reading, after what the writer has written already.
pub(in crate::app) fn read(content: &Content, folds: &Folds, mut writer: Writer) -> Document {
    match content {
        Content::Bytes(bytes) => hex(bytes, &mut writer),
        Content::Text(body) if body.is_empty() => writer.line("(empty body)", Tone::Dim),
        Content::Text(body) if is_binary(body) => hex(body.as_bytes(), &mut writer),
        Content::Text(body) => {
            if !json::write(body, folds, &mut writer) {
                text(body, &mut writer);
            }
        }
    }
    writer.finish()
}

/// The body as it came, only what a terminal would obey made visible.
#[must_use]
pub fn raw(body: &str, mut writer: Writer) -> Document {
    text(body, &mut writer);
    writer.finish()
}

fn text(body: &str, writer: &mut Writer) {
    for line in body.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.contains('\t') {
            writer.line(&line.replace('\t', &" ".repeat(TAB)), Tone::Plain);
        } else {
            writer.line(line, Tone::Plain);
        }
    }
}

/// Whether the text is a vessel for something else: it holds a NUL, or more than a tenth of it are controls.
fn is_binary(body: &str) -> bool {
    let controls =
        body.bytes().filter(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b)).count();
    body.contains('\0') || controls * 10 > body.len()
}

fn hex(bytes: &[u8], writer: &mut Writer) {
    for (row, chunk) in bytes[..bytes.len().min(HEX_BYTES)].chunks(HEX_ROW).enumerate() {
        writer.text(&format!("{:06x}  ", row * HEX_ROW), Tone::Dim);
        let mut digits = String::with_capacity(HEX_ROW * 3 + 1);
        for byte in chunk {
            let _ = write!(digits, "{byte:02x} ");
        }
        writer.text(&format!("{digits:<width$} ", width = HEX_ROW * 3), Tone::Number);
        let letters: String =
            chunk.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' }).collect();
        writer.text(&letters, Tone::Plain);
        writer.end_line();
    }
    if bytes.len() > HEX_BYTES {
        writer.line(&format!("… {} bytes more", bytes.len() - HEX_BYTES), Tone::Warning);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(document: &Document) -> Vec<String> {
        let line = |row: &super::super::Row| row.pieces.iter().map(|piece| piece.text.as_str()).collect();
        document.rows().iter().map(line).collect()
    }

    fn read(body: &str, writer: Writer) -> Document {
        super::read(&Content::Text(body.to_owned()), &Folds::default(), writer)
    }

    #[test]
    fn json_is_laid_out_and_every_token_stays_as_written() {
        let body = r#" {"n":1.0e+400,"n":0123456789012345678901234567890,"#;
        assert_eq!(shown(&read(body, Writer::new(60))), [body], "not JSON, so text");
        let body =
            r#"{"big":12345678901234567890.10,"e":{},"a":[1,[],{"k":"v\u00e9,]\"}"}],"t":true,"z":null}"#;
        let lines = [
            "{",
            "  \"big\": 12345678901234567890.10,",
            "  \"e\": {},",
            "  \"a\": [",
            "    1,",
            "    [],",
            "    {",
            "      \"k\": \"v\\u00e9,]\\\"}\"",
            "    }",
            "  ],",
            "  \"t\": true,",
            "  \"z\": null",
            "}",
        ];
        assert_eq!(shown(&read(body, Writer::new(60))), lines);
    }

    #[test]
    fn text_keeps_its_lines_and_cannot_steer_the_terminal() {
        assert_eq!(shown(&read("a\tb\r\nc\x1b[2J", Writer::new(60))), ["a    b", "c␛[2J"]);
    }

    #[test]
    fn a_body_full_of_controls_is_shown_as_hex() {
        let lines = shown(&read("\0\u{1}ab", Writer::new(80)));
        assert_eq!(lines, [format!("000000  {:<48} ..ab", "00 01 61 62")]);
    }

    #[test]
    fn long_lines_wrap_at_the_width_in_cells() {
        assert_eq!(shown(&read("日本語日本語", Writer::new(9))), ["日本語日", "本語"]);
    }
}
