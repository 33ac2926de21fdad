//! Text cut to cells, and numbers as people read them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::text::{is_plain, visible};

/// `text`, made visible, in exactly `width` cells: cut with `…`, or padded.
pub(super) fn fit(text: &str, width: usize) -> String {
    let mut out = cut(text, width);
    let missing = width.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// The same, cut at the left: of a URL the end tells more than the beginning.
pub(super) fn fit_end(text: &str, width: usize) -> String {
    let shown = visible(text);
    let (total, mut used) = (shown.width(), 0);
    if total <= width {
        return fit(text, width);
    }
    let kept: Vec<&str> = shown
        .graphemes(true)
        .rev()
        .take_while(|grapheme| {
            used += grapheme.width();
            used < width
        })
        .collect();
    let end: String = kept.into_iter().rev().collect();
    fit(&format!("…{end}"), width)
}

/// `text`, made visible, in at most `width` cells.
pub(super) fn cut(text: &str, width: usize) -> String {
    if is_plain(text) {
        return match text.get(..width.saturating_sub(1)) {
            Some(front) if text.len() > width => format!("{front}{}", if width > 0 { "…" } else { "" }),
            _ => text.to_owned(),
        };
    }
    let shown = visible(text);
    if shown.width() <= width {
        return shown.into_owned();
    }
    let (mut out, mut used) = (String::new(), 0);
    for grapheme in shown.graphemes(true) {
        let cells = grapheme.width();
        if used + cells + 1 > width {
            break;
        }
        out.push_str(grapheme);
        used += cells;
    }
    if width > 0 {
        out.push('…');
    }
    out
}

/// `text`, made visible, in rows of at most `width` cells, broken between words where it can be. ratatui's own
/// wrapping lets a wide character stand half outside.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut rows = Vec::new();
    for line in text.split('\n') {
        let (mut row, mut used) = (String::new(), 0);
        for word in visible(line).split(' ') {
            let cells: usize = word.graphemes(true).map(unicode_width::UnicodeWidthStr::width).sum();
            if used > 0 && used + 1 + cells <= width {
                row.push(' ');
                used += 1;
            } else if used > 0 {
                rows.push(std::mem::take(&mut row));
                used = 0;
            }
            for grapheme in word.graphemes(true) {
                if used + grapheme.width() > width {
                    rows.push(std::mem::take(&mut row));
                    used = 0;
                }
                row.push_str(grapheme);
                used += grapheme.width();
            }
        }
        rows.push(row);
    }
    rows
}

/// The beginning of a body in one line of at most `width` cells: runs of white space are one space. Looks no further
/// into the body than could be shown.
pub(super) fn one_line(body: &str, width: usize) -> String {
    // A character takes at most four bytes, and a row of white space is not worth a longer look.
    let mut enough = body.len().min(width.saturating_mul(8) + 64);
    while !body.is_char_boundary(enough) {
        enough -= 1;
    }
    let mut line = String::with_capacity(width * 2);
    let mut plain = true;
    for word in body[..enough].split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        plain = plain && is_plain(word);
        if plain && line.len() > width {
            return cut(&line, width);
        }
    }
    if enough < body.len() {
        line.push('…');
    }
    cut(&line, width)
}

/// A line at the left of a row, as ratatui draws it. A screen is nearly everywhere of characters that are a cell each, which
/// needs no search for what belongs together in one, and ratatui searches three times.
pub(super) struct AtLeft<'a>(pub Line<'a>);

/// Whether a character is a cell by itself, whatever stands around it. Beside ASCII these are marks that are often drawn.
fn is_cell(character: char) -> bool {
    let is_sign = matches!(character, '·' | '…' | '‖' | '–' | '←'..='↓' | '≠' | '✓' | '✖');
    let is_shape = matches!(character, '─' | '│' | '▁'..='█' | '▲' | '▸' | '◆' | '◈' | '○' | '●' | '◐');
    matches!(character, ' '..='~') || is_sign || is_shape
}

impl Widget for AtLeft<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let Self(line) = self;
        let area = area.intersection(buffer.area);
        let cells = line.spans.iter().all(|span| span.content.chars().all(is_cell));
        let empty = line.spans.iter().all(|span| span.content.is_empty());
        if !cells || empty || line.alignment.is_some() || area.is_empty() {
            return line.render(area, buffer);
        }
        buffer.set_style(Rect { height: 1, ..area }, line.style);
        let first = buffer.index_of(area.x, area.y);
        let mut cells = buffer.content[first..first + usize::from(area.width)].iter_mut();
        for span in &line.spans {
            for (character, cell) in span.content.chars().zip(cells.by_ref()) {
                cell.set_char(character).set_style(span.style);
            }
        }
    }
}

/// `1,204`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size in at most seven cells: `412 B`, `1.2 kB`, `1.0 MB`.
pub(super) fn size(bytes: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let bytes_f = bytes as f64;
    match bytes {
        0..=999 => format!("{bytes} B"),
        1_000..=999_949 => format!("{:.1} kB", bytes_f / 1e3),
        _ => format!("{:.1} MB", bytes_f / 1e6),
    }
}

/// A rate in at most six cells: `0/s`, `12.1/s`, `1204/s`.
pub(super) fn rate(per_second: f64) -> String {
    if per_second < 0.05 {
        "0/s".to_owned()
    } else if per_second < 99.95 {
        format!("{per_second:.1}/s")
    } else {
        format!("{per_second:.0}/s")
    }
}

/// Parts joined by a dimmed separator, as many from the left as fit into `width` cells.
pub(super) fn joined(
    parts: &[Span<'static>],
    separator: &'static str,
    dim: Style,
    width: usize,
) -> Vec<Span<'static>> {
    let (mut out, mut used) = (Vec::new(), 0);
    for part in parts {
        let between = if out.is_empty() { 0 } else { separator.width() };
        if used + between + part.width() > width {
            break;
        }
        if between > 0 {
            out.push(Span::styled(separator, dim));
        }
        used += between + part.width();
        out.push(part.clone());
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_takes_exactly_the_cells_it_is_given() {
        for (text, width, shown) in [
            ("abc", 5, "abc  "),
            ("abcdef", 4, "abc…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日… "),
            ("x", 0, ""),
        ] {
            assert_eq!(fit(text, width), shown);
        }
    }

    #[test]
    fn rows_break_between_words_and_never_within_a_wide_character() {
        assert_eq!(wrap("one two three\nfour", 8), ["one two", "three", "four"]);
        assert_eq!(wrap("日本語abcdefgh", 5), ["日本", "語abc", "defgh"]);
    }

    #[test]
    fn of_a_long_name_the_end_is_kept() {
        for (text, width, shown) in
            [("orders", 8, "orders  "), ("host/prod", 6, "…/prod"), ("日本語", 4, "…語 ")]
        {
            assert_eq!(fit_end(text, width), shown);
        }
    }

    #[test]
    fn a_body_is_one_line_however_it_is_laid_out() {
        assert_eq!(one_line("{\n  \"a\": 1,\n\t\"b\": 2\n}", 40), "{ \"a\": 1, \"b\": 2 }");
        assert_eq!(one_line("\x1b[2Jhi", 40), "␛[2Jhi");
        assert_eq!(one_line(&"x".repeat(1 << 20), 10).chars().count(), 10);
    }

    /// Spans of any kind, and what a row is within its buffer.
    fn rows() -> impl Strategy<Value = (Vec<(String, bool)>, Rect)> {
        let text =
            prop_oneof![3 => "[ -~·…‖–←-↓≠─│▁-█▲▸◆◈○●◐✓✖]{0,12}", 1 => "[a…日é\u{301}\u{200d}👩🚀]{0,4}"];
        let area = (0_u16..12, 0_u16..3, 0_u16..14, 0_u16..3).prop_map(|(x, y, width, height)| Rect {
            x,
            y,
            width,
            height,
        });
        (prop::collection::vec((text, any::<bool>()), 0..4), area)
    }

    proptest! {
        #[test]
        fn a_row_is_what_ratatui_draws((spans, area) in rows(), styled in any::<bool>()) {
            let spans = spans.iter().map(|(text, bold)| {
                let style = if *bold { Style::new().bold() } else { Style::new() };
                Span::styled(text.as_str(), style)
            });
            let line = spans.collect::<Line<'_>>().style(if styled { Style::new().reversed() } else { Style::new() });
            let mut buffer = Buffer::filled(Rect::new(0, 0, 12, 3), ratatui::buffer::Cell::new("x"));
            let mut expected = buffer.clone();
            (&line).render(area, &mut expected);
            AtLeft(line).render(area, &mut buffer);
            prop_assert_eq!(buffer, expected);
        }

        #[test]
        fn plain_text_is_cut_like_any_other(text in "[ -~]{0,20}", width in 0_usize..24) {
            // What is not plain makes the whole be looked at.
            let other = cut(&format!("{text}é"), width);
            let cut = cut(&text, width);
            prop_assert!(cut.width() <= width);
            if text.len() > width {
                prop_assert_eq!(cut, other);
            } else {
                prop_assert_eq!(cut, text);
            }
        }
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!([grouped(7), grouped(1_204), grouped(1_234_567)], ["7", "1,204", "1,234,567"]);
        assert_eq!([size(412), size(1_234), size(1 << 20)], ["412 B", "1.2 kB", "1.0 MB"]);
        assert_eq!([rate(0.0), rate(12.06), rate(1_204.4)], ["0/s", "12.1/s", "1204/s"]);
    }
}
