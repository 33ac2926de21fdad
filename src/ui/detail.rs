//! The selected message: tabs in the border, the document below them, and where the cursor is in the border's foot.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use tui_input::Input;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::overlay::{input, pane};
use super::styles::Styles;
use super::text::{AtLeft, cut, grouped};
use crate::app::App;
use crate::app::detail::{Detail, Found, Tab};
use crate::app::document::Row;
use crate::app::mode::Mode;
use crate::app::screen::{Pane, Screen};

pub(super) fn draw(app: &App, styles: Styles, frame: &mut Frame<'_>, area: Rect, screen: &mut Screen) {
    let focused = app.is_zoomed() || app.pane() == Pane::Detail;
    let detail = app.detail();
    let inner = pane(frame, area, tabs(detail.tab(), area, styles, screen), focused, styles);
    let (inner, prompt) = match app.mode() {
        Mode::Searching(typed) => (above(inner), Some(("/ ", typed))),
        Mode::Jq(typed) => (above(inner), Some(("jq ", typed))),
        _ => (inner, None),
    };
    screen.detail = inner;
    if let Some((mark, typed)) = prompt {
        ask(mark, typed, styles, frame, Rect { y: inner.bottom(), height: 1, ..inner });
    }
    if app.selected_entry().is_none() {
        frame.render_widget(Line::styled("No message is selected.", styles.dim()), inner);
        return;
    }
    let (document, scroll) = detail.view(inner.height);
    let cursor = focused.then(|| detail.cursor());
    for ((row, place), index) in document.rows().iter().skip(scroll).zip(inner.rows()).zip(scroll..) {
        let line = line_of(row, detail, usize::from(inner.width), styles);
        let style = if cursor == Some(index) { styles.selected(true) } else { Style::new() };
        frame.render_widget(AtLeft(line), place);
        if cursor == Some(index) {
            frame.buffer_mut().set_style(Rect { width: 1, ..place }, style);
            frame.buffer_mut().set_style(place, styles.at_cursor());
        }
    }
    foot(detail, document.rows().len(), scroll, focused, area, inner, styles, frame);
}

fn above(area: Rect) -> Rect {
    Rect { height: area.height.saturating_sub(1), ..area }
}

fn ask(mark: &'static str, typed: &Input, styles: Styles, frame: &mut Frame<'_>, row: Rect) {
    let width = u16::try_from(mark.len()).unwrap_or_default();
    let [front, rest] = Layout::horizontal([Constraint::Length(width), Constraint::Min(0)]).areas(row);
    frame.render_widget(Line::styled(mark, styles.strong()), front);
    input(frame, rest, typed, true);
}

/// A row from the column on that is in view, with what a search found in it marked.
fn line_of<'a>(row: &'a Row, detail: &Detail, width: usize, styles: Styles) -> Line<'a> {
    let found = detail.search().found();
    let of_line = found.partition_point(|found| found.line < row.line);
    let found: Vec<Found> =
        found[of_line..].iter().copied().take_while(|found| found.line == row.line).collect();
    let mut spans: Vec<Span<'a>> = Vec::new();
    let (mut skip, mut room) = (detail.column(), width);
    // What a row is indented by because its line goes on is not the line's: its bytes come before the line's.
    let mut next = signed(row.offset) - signed(row.hang);
    for piece in &row.pieces {
        let (mut text, mut first) = (piece.text.as_str(), next);
        next += signed(text.len());
        if room == 0 {
            break;
        }
        if skip > 0 {
            let cells = text.width();
            if cells <= skip {
                skip -= cells;
                continue;
            }
            let bytes = bytes_of(text, skip);
            (text, skip) = (&text[bytes..], 0);
            first += signed(bytes);
        }
        let shown = &text[..bytes_of(text, room)];
        room = room.saturating_sub(shown.width());
        let style = styles.tone(piece.tone);
        if found.is_empty() {
            spans.push(Span::styled(shown, style));
        } else {
            marked(shown, first, &found, (style, styles.found()), &mut spans);
        }
    }
    spans.into()
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Bytes of the text that fill so many cells, or all of them.
fn bytes_of(text: &str, cells: usize) -> usize {
    if text.is_ascii() {
        return cells.min(text.len());
    }
    let mut used = 0;
    text.grapheme_indices(true)
        .find(|(_, grapheme)| {
            used += grapheme.width();
            used > cells
        })
        .map_or(text.len(), |(at, _)| at)
}

/// The text, which begins at byte `first` of its line, split where something was found.
fn marked<'a>(
    text: &'a str,
    first: i64,
    found: &[Found],
    (style, found_style): (Style, Style),
    spans: &mut Vec<Span<'a>>,
) {
    let within = |byte: usize| usize::try_from(signed(byte) - first).unwrap_or_default().min(text.len());
    let mut from = 0;
    for place in found {
        let (start, end) = (within(place.start).max(from), within(place.end));
        if start < end && text.is_char_boundary(start) && text.is_char_boundary(end) {
            spans.push(Span::styled(&text[from..start], style));
            spans.push(Span::styled(&text[start..end], found_style));
            from = end;
        }
    }
    spans.push(Span::styled(&text[from..], style));
}

/// `Body │ Attributes │ …`; short of room only the initial letters of the others.
fn tabs(front: Tab, area: Rect, styles: Styles, screen: &mut Screen) -> Line<'static> {
    let full: usize = Tab::ALL.iter().map(|tab| tab.title().len() + 3).sum();
    let short = full + 2 > usize::from(area.width);
    let mut spans = Vec::new();
    let mut x = area.x + 1;
    for tab in Tab::ALL {
        if !spans.is_empty() {
            spans.push(Span::styled("│", styles.dim()));
            x += 1;
        }
        let title = if short && tab != front { &tab.title()[..1] } else { tab.title() };
        let text = format!(" {title} ");
        let width = u16::try_from(text.len()).unwrap_or_default();
        screen.tabs.push((Rect::new(x, area.y, width, 1), tab));
        x += width;
        spans.push(Span::styled(text, if tab == front { styles.selected(true) } else { styles.dim() }));
    }
    spans.into()
}

/// In the border: the path under the cursor, envelopes that are not open, and the rows above and below the view.
#[expect(clippy::too_many_arguments, reason = "what is said, and where")]
fn foot(
    detail: &Detail,
    rows: usize,
    scroll: usize,
    focused: bool,
    area: Rect,
    inner: Rect,
    styles: Styles,
    frame: &mut Frame<'_>,
) {
    let mut said = Vec::new();
    let (_, further_in) = detail.layers();
    if further_in > 0 && detail.tab() == Tab::Body {
        said.push(format!("}} {further_in} further in"));
    }
    let found = detail.search().found();
    if !detail.search().text().is_empty() {
        let cursor = detail.cursor();
        let current =
            found.iter().position(|found| found.row >= cursor).map_or(found.len(), |place| place + 1);
        said.push(format!("{current} of {} found", grouped(found.len() as u64)));
    }
    if detail.column() > 0 {
        said.push(format!("← {}", detail.column()));
    }
    let below = rows.saturating_sub(scroll + usize::from(inner.height));
    if below > 0 || scroll > 0 {
        said.push(format!("↑ {scroll} ↓ {below} rows"));
    }
    let right =
        if said.is_empty() || area.width < 24 { String::new() } else { format!(" {} ", said.join(" · ")) };
    let width = u16::try_from(right.width()).unwrap_or_default().min(area.width);
    let place = Rect::new(area.right().saturating_sub(width + 1), area.bottom().saturating_sub(1), width, 1);
    frame.render_widget(Line::styled(right, styles.dim()), place.intersection(area));
    let room = usize::from(area.width.saturating_sub(width + 4));
    if let Some(path) = detail.path().filter(|_| focused && room > 8) {
        let text = format!(" {} ", cut(&path, room - 2));
        let width = u16::try_from(text.width()).unwrap_or_default();
        let place = Rect::new(area.x + 1, area.bottom().saturating_sub(1), width, 1);
        frame.render_widget(Line::styled(text, styles.strong()), place.intersection(area));
    }
}
