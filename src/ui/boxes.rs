//! Boxes over the panes that choose, compare and count: copy, export, palette, columns, diff, patterns.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::overlay::{boxed, choices, input, out_of_view, page};
use super::styles::Styles;
use super::text::{cut, fit, grouped};
use crate::app::App;
use crate::app::columns::Choosing;
use crate::app::copying::Copied;
use crate::app::diffing::Diff;
use crate::app::exporting::{Export, Which};
use crate::app::palette::{Offer, Palette};
use crate::app::patterns::{Page, Patterns};
use crate::app::screen::Screen;
use crate::sink::export::Format;
use crate::text::visible;

/// Rows of the palette's list.
const OFFERS: u16 = 14;

pub(super) fn copying(app: &App, styles: Styles, frame: &mut Frame<'_>, body: Rect) {
    let title = if app.is_masked() { " Copy · masked " } else { " Copy " };
    let height = u16::try_from(Copied::ALL.len()).unwrap_or_default();
    let inner = boxed(frame, body, (62, height), title.into(), styles);
    let offered = Copied::ALL.map(|copied| (copied.key(), copied.name(), copied.what()));
    let lines = choices(&offered, (inner.width, inner.height), styles);
    out_of_view(frame, inner, (0, lines.len().saturating_sub(usize::from(inner.height))), styles);
    for (line, row) in lines.into_iter().zip(inner.rows()) {
        frame.render_widget(line, row);
    }
}

pub(super) fn exporting(app: &App, export: &Export, styles: Styles, frame: &mut Frame<'_>, body: Rect) {
    let title = if app.is_masked() { " Write to a file · masked " } else { " Write to a file " };
    let inner = boxed(frame, body, (72, 5), title.into(), styles);
    let count = |which| grouped(app.export_count(which));
    let which = match export.which {
        Which::Selected => format!("selected: {}", count(Which::Selected)),
        Which::Filtered => format!("filtered: {}", count(Which::Filtered)),
        Which::All => format!("all held: {}", count(Which::All)),
    };
    let format = match export.format {
        Format::Ndjson => "NDJSON: a line a message, as tail prints them",
        Format::Csv => "CSV: a table with a column an attribute",
    };
    let mut rows = inner.rows();
    for (field, (name, value)) in [("messages", which.as_str()), ("format", format)].into_iter().enumerate() {
        let Some(row) = rows.next() else { return };
        let mark = if export.field == field { "▸ " } else { "  " };
        let style = if export.field == field { styles.strong() } else { Style::new() };
        let line = vec![
            Span::raw(mark),
            Span::styled(fit(name, 10), styles.dim()),
            Span::styled(format!("← {value} →"), style),
        ];
        frame.render_widget(Line::from(line), row);
    }
    let Some(row) = rows.next() else { return };
    let focused = export.field == 2;
    let front = format!("{}{}", if focused { "▸ " } else { "  " }, fit("file", 10));
    frame.render_widget(Line::styled(front, styles.dim()), row);
    input(frame, Rect { x: row.x + 12, width: row.width.saturating_sub(12), ..row }, export.input(), focused);
    let said = export.problem.as_deref().map_or_else(
        || Line::styled("A file that is there already is not overwritten.", styles.dim()),
        |problem| Line::styled(problem.to_owned(), styles.problem()),
    );
    rows.next();
    if let Some(row) = rows.next() {
        frame.render_widget(said, row);
    }
}

pub(super) fn palette(app: &App, palette: &Palette, styles: Styles, frame: &mut Frame<'_>, body: Rect) {
    let inner = boxed(frame, body, (76, OFFERS + 1), " Commands and endpoints ".into(), styles);
    let [typed, list] = [
        Rect { height: 1.min(inner.height), ..inner },
        Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner },
    ];
    input(frame, typed, palette.input(), true);
    let offers = app.offers(palette.input().value());
    if offers.is_empty() {
        frame.render_widget(Line::styled("nothing is called so", styles.dim()), list);
    }
    let from = (palette.chosen() + 1).saturating_sub(usize::from(list.height));
    out_of_view(frame, list, (from, offers.len().saturating_sub(from + usize::from(list.height))), styles);
    for ((offer, row), place) in offers.iter().skip(from).zip(list.rows()).zip(from..) {
        let keys = match offer {
            Offer::Act(binding) => app.keys().of(binding.action).first().map(ToString::to_string),
            Offer::Watch(..) | Offer::Filter(_) => None,
        };
        let what = format!("{}{}", fit(&keys.unwrap_or_default(), 11), offer.what());
        let chosen = place == palette.chosen();
        let style = if chosen { styles.selected(true) } else { Style::new() };
        frame.render_widget(Line::styled(fit(&what, usize::from(row.width)), style), row);
    }
}

pub(super) fn columns(app: &App, choosing: &Choosing, styles: Styles, frame: &mut Frame<'_>, body: Rect) {
    let columns = app.possible_columns(choosing);
    let height = u16::try_from(columns.len()).unwrap_or(u16::MAX).min(body.height.saturating_sub(4));
    let inner = boxed(frame, body, (46, height), " Columns ".into(), styles);
    let place = choosing.place.min(columns.len().saturating_sub(1));
    let from = (place + 1).saturating_sub(usize::from(inner.height));
    out_of_view(frame, inner, (from, columns.len().saturating_sub(from + usize::from(inner.height))), styles);
    let shown = app.columns().len();
    for ((column, row), index) in columns.iter().skip(from).zip(inner.rows()).zip(from..) {
        let mark = if index < shown { "✓ " } else { "  " };
        let sorted = match app.sort() {
            Some(sort) if sort.column == *column && sort.descending => "  sorted ↓",
            Some(sort) if sort.column == *column => "  sorted ↑",
            _ => "",
        };
        // A name may be longer than the box: what is said of it stays in view.
        let width = usize::from(row.width);
        let name = cut(&format!("{mark}{column}"), width.saturating_sub(sorted.chars().count()));
        let style = if index == place { styles.selected(true) } else { Style::new() };
        frame.render_widget(Line::styled(fit(&format!("{name}{sorted}"), width), style), row);
    }
}

pub(super) fn diff(diff: &Diff, styles: Styles, frame: &mut Frame<'_>, body: Rect, screen: &mut Screen) {
    // The border, a space at either end and the corners.
    let room = usize::from(body.width).saturating_sub(10);
    let title = format!(" {} ", cut(&format!("Diff · {}", visible(&diff.title)), room));
    let inner = page(frame, body, title, styles, screen);
    let rows = diff.document.rows();
    let scroll = diff.scroll.min(rows.len().saturating_sub(usize::from(inner.height)));
    out_of_view(
        frame,
        inner,
        (scroll, rows.len().saturating_sub(scroll + usize::from(inner.height))),
        styles,
    );
    for (row, place) in rows.iter().skip(scroll).zip(inner.rows()) {
        let spans = row.pieces.iter().map(|piece| Span::styled(piece.text.as_str(), styles.tone(piece.tone)));
        frame.render_widget(spans.collect::<Line<'_>>(), place);
    }
}

pub(super) fn patterns(
    app: &App,
    patterns: Patterns,
    styles: Styles,
    frame: &mut Frame<'_>,
    body: Rect,
    screen: &mut Screen,
) {
    let Some((_, watched)) = app.selected() else { return };
    let inner = page(frame, body, String::new(), styles, screen);
    let mut title = vec![Span::raw(format!(" Patterns · {} · ", watched.endpoint.name))];
    for each in Page::ALL {
        let style = if each == patterns.page { styles.selected(true) } else { styles.dim() };
        title.push(Span::styled(format!(" {} ", each.title()), style));
        title.push(Span::raw(" "));
    }
    let border = Rect { x: inner.x, y: inner.y.saturating_sub(1), width: inner.width, height: 1 };
    frame.render_widget(Line::from(title), border);
    let (heading, rows) = app.pattern_rows(patterns.page, usize::from(inner.width));
    let width = usize::from(inner.width);
    frame.render_widget(Line::styled(cut(&heading, width), styles.dim()), inner);
    let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    screen.overlay = list;
    if rows.is_empty() && patterns.page == Page::Poison {
        let words = "Nothing was received more than once.";
        frame.render_widget(Line::styled(words, styles.dim()), list);
    }
    let cursor = patterns.cursor.min(rows.len().saturating_sub(1));
    let from = (cursor + 1).saturating_sub(usize::from(list.height));
    out_of_view(frame, list, (from, rows.len().saturating_sub(from + usize::from(list.height))), styles);
    for ((row, place), index) in rows.iter().skip(from).zip(list.rows()).zip(from..) {
        let style = if row.is_warning { styles.warning() } else { Style::new() };
        let chosen = index == cursor && patterns.page != Page::Age;
        let style = if chosen { style.patch(styles.selected(true)) } else { style };
        frame.render_widget(Line::styled(cut(&row.text, width), style), place);
    }
}
