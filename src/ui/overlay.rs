//! Borders, and the boxes that lie over the panes.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{BorderType, Clear, Paragraph, Wrap};
use tui_input::Input;
use unicode_width::UnicodeWidthStr as _;

use super::border::Border;
use super::styles::Styles;
use super::text::{cut, grouped, wrap};
use crate::app::App;
use crate::app::faults::Weight;
use crate::app::guarding::{Choice, Guarding};
use crate::app::impact::POISON;
use crate::app::prompt::Prompt;
use crate::app::screen::Screen;
use crate::watch::State;

/// A pane's border and title; what is inside it.
pub(super) fn pane(
    frame: &mut Frame<'_>,
    area: Rect,
    title: Line<'_>,
    focused: bool,
    styles: Styles,
) -> Rect {
    let lines = if focused { BorderType::Thick } else { BorderType::Plain };
    frame.render_widget(Border { lines, style: styles.border(focused), title }, area);
    Border::inner(area)
}

/// A box in the middle, as large as asked or as fits; what is inside it.
pub(super) fn boxed(
    frame: &mut Frame<'_>,
    body: Rect,
    (width, height): (u16, u16),
    title: Line<'_>,
    styles: Styles,
) -> Rect {
    let [row] =
        Layout::vertical([Constraint::Length(height.saturating_add(2))]).flex(Flex::Center).areas(body);
    let [area] =
        Layout::horizontal([Constraint::Length(width.saturating_add(2))]).flex(Flex::Center).areas(row);
    frame.render_widget(Clear, area);
    frame.buffer_mut().set_style(area, styles.text());
    let room = usize::from(area.width.saturating_sub(2));
    let title = match &title.spans[..] {
        [all] if all.width() > room => Line::raw(cut(&all.content, room)),
        _ => title,
    };
    pane(frame, area, title, true, styles)
}

/// How many lines of a box are out of view, on its border.
pub(super) fn out_of_view(
    frame: &mut Frame<'_>,
    inner: Rect,
    (above, below): (usize, usize),
    styles: Styles,
) {
    let sign = match (above, below) {
        (0, 0) => return,
        (above, 0) => format!(" ↑ {above} more "),
        (0, below) => format!(" ↓ {below} more "),
        (above, below) => format!(" ↑ {above}  ↓ {below} more "),
    };
    let place = Rect::new(inner.x, inner.bottom(), inner.width, 1);
    frame.render_widget(Line::styled(sign, styles.warning()).right_aligned(), place);
}

/// Keys, what they choose in a word, and in many: one a line, or all of them in a few where there is no room for that.
pub(super) fn choices(
    offered: &[(char, &'static str, &'static str)],
    (width, height): (u16, u16),
    styles: Styles,
) -> Vec<Line<'static>> {
    let (width, is_short) = (usize::from(width), usize::from(height) < offered.len());
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (key, name, what) in offered {
        let text = if is_short { format!("{name}  ") } else { cut(what, width.saturating_sub(3)) };
        let key = Span::styled(format!("{key}{}", if is_short { " " } else { "  " }), styles.strong());
        let beside = lines
            .last_mut()
            .filter(|line| is_short && line.width() + key.width() + text.trim_end().width() <= width);
        match beside {
            Some(line) => line.extend([key, Span::raw(text)]),
            None => lines.push(Line::from(vec![key, Span::raw(text)])),
        }
    }
    lines
}

/// A box nearly as large as the body, for what is read and scrolled; what is inside it.
pub(super) fn page(
    frame: &mut Frame<'_>,
    body: Rect,
    title: String,
    styles: Styles,
    screen: &mut Screen,
) -> Rect {
    let size = (body.width.saturating_sub(6), body.height.saturating_sub(4));
    screen.overlay = boxed(frame, body, size, title.into(), styles);
    screen.overlay
}

/// One line of typed text with its cursor, scrolled so that the cursor is in view.
pub(super) fn input(frame: &mut Frame<'_>, area: Rect, input: &Input, focused: bool) {
    let width = usize::from(area.width).saturating_sub(1);
    let scroll = input.visual_scroll(width);
    let text: String = input.value().chars().skip(scroll).collect();
    frame.render_widget(Line::raw(cut(&text, usize::from(area.width))), area);
    if focused {
        let cursor = u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or_default();
        frame.set_cursor_position(Position::new(area.x + cursor.min(area.width.saturating_sub(1)), area.y));
    }
}

/// The URL of an endpoint to add, checked as it is typed.
pub(super) fn add(prompt: &Prompt, styles: Styles, frame: &mut Frame<'_>, body: Rect) {
    let inner = boxed(frame, body, (72, 4), " Watch another endpoint ".into(), styles);
    let [label, typed, problem] =
        Layout::vertical([Constraint::Length(1), Constraint::Length(1), Constraint::Length(2)]).areas(inner);
    frame.render_widget(Line::styled("The gateway's URL, as in https://host/stage", styles.dim()), label);
    input(frame, typed, prompt.input(), true);
    if let Some(words) = prompt.problem() {
        frame.render_widget(Paragraph::new(words).style(styles.problem()).wrap(Wrap { trim: true }), problem);
    }
}

/// Whether to remove the selected endpoint.
pub(super) fn remove(app: &App, styles: Styles, frame: &mut Frame<'_>, body: Rect) {
    let Some((_, watched)) = app.selected() else { return };
    let held = app.selected_watch().map_or(0, |watch| watch.ledger.len());
    let inner = boxed(frame, body, (60, 3), " Remove ".into(), styles);
    let words = format!(
        "Stop watching {}, and forget the {} messages held of it? Nothing changes in the queue.",
        watched.endpoint.name,
        grouped(held as u64)
    );
    frame.render_widget(Paragraph::new(words).wrap(Wrap { trim: true }), inner);
}

/// The selected endpoint's faults, kind by kind: what happened, how often and when, what to do, and whom to quote.
pub(super) fn faults(app: &App, styles: Styles, frame: &mut Frame<'_>, body: Rect, screen: &mut Screen) {
    let Some((_, watched)) = app.selected() else { return };
    let total = app.selected_watch().map_or(0, |watch| watch.faults.total());
    let next = app.next_try().map_or_else(String::new, |next| format!("· {next} "));
    let title = format!(
        " Faults · {} · {} in all {next}· y copies request ids ",
        watched.endpoint.name,
        grouped(total)
    );
    let inner = page(frame, body, title, styles, screen);
    let rows = app.fault_rows();
    if total == 0 {
        frame.render_widget(Line::styled("Nothing has failed.", styles.dim()), inner);
    }
    let inner = if total == 0 { below(inner) } else { inner };
    let cursor = Some(app.fault_cursor());
    // The cursor's last row is in view, and its first if there is room for both.
    let height = usize::from(inner.height);
    let first = rows.iter().position(|row| row.fault == cursor).unwrap_or_default();
    let last = rows.iter().rposition(|row| row.fault == cursor).unwrap_or_default();
    let heading = usize::from(first > 0 && rows[first - 1].weight == Weight::Heading);
    let scroll = (last + 1).saturating_sub(height).min(first - heading);
    out_of_view(frame, inner, (scroll, rows.len().saturating_sub(scroll + height)), styles);
    for (row, area) in rows.into_iter().skip(scroll).zip(inner.rows()) {
        let (front, style) = match row.weight {
            Weight::Heading => ("", styles.strong()),
            Weight::Fault if row.fault == cursor => ("▸ ", styles.problem()),
            Weight::Fault => ("  ", styles.problem()),
            Weight::Detail => ("    ", styles.dim()),
        };
        let text = cut(&row.text, usize::from(inner.width).saturating_sub(front.len()));
        frame.render_widget(Line::from(vec![Span::raw(front), Span::styled(text, style)]), area);
    }
}

fn below(area: Rect) -> Rect {
    Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area }
}

/// What watching does to the queue.
pub(super) fn impact(
    app: &App,
    scroll: usize,
    styles: Styles,
    frame: &mut Frame<'_>,
    body: Rect,
    screen: &mut Screen,
) {
    let Some((_, watched)) = app.selected() else { return };
    let title = format!(" Impact · {} ", watched.endpoint.name);
    let inner = page(frame, body, title, styles, screen);
    let lines = app.impact_lines();
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(inner.height)));
    let below = lines.len().saturating_sub(scroll + usize::from(inner.height));
    out_of_view(frame, inner, (scroll, below), styles);
    for (line, row) in lines.into_iter().skip(scroll).zip(inner.rows()) {
        let style = if line.contains(POISON) { styles.warning() } else { ratatui::style::Style::new() };
        frame.render_widget(Line::styled(cut(&line, usize::from(inner.width)), style), row);
    }
}

/// What can be done about a guarded endpoint.
pub(super) fn guarding(app: &App, guarding: &Guarding, styles: Styles, frame: &mut Frame<'_>, body: Rect) {
    let Some((_, watched)) = app.selected() else { return };
    let why = match app.state(watched) {
        State::Guarded { why } => format!("{why}."),
        _ => format!(
            "Limit {}, {} left to the consumers.",
            watched.endpoint.guard.limit, watched.endpoint.guard.reserve
        ),
    };
    let width = body.width.saturating_sub(4).min(76);
    let why = wrap(&why, usize::from(width));
    let rows = u16::try_from(why.len() + Choice::ALL.len() + 1).unwrap_or(body.height);
    let title = format!(" Guard · {} ", watched.endpoint.name);
    let inner = boxed(frame, body, (width, rows), title.into(), styles);
    let mut lines: Vec<Line<'static>> =
        why.into_iter().map(|line| Line::styled(line, styles.warning())).collect();
    lines.push(Line::default());
    if let Some(limit) = guarding.limit() {
        let taken = u16::try_from(lines.len()).unwrap_or_default();
        lines.push(Line::styled("maxReceiveCount of the queue, 1 to 1000:", styles.dim()));
        for (line, row) in lines.into_iter().zip(inner.rows()) {
            frame.render_widget(line, row);
        }
        let row = Rect { y: inner.y + (taken + 1).min(inner.height.saturating_sub(1)), height: 1, ..inner };
        input(frame, row, limit, true);
        if let Some((words, row)) = guarding.problem().zip(inner.rows().nth(usize::from(taken) + 2)) {
            frame.render_widget(Line::styled(cut(&words, usize::from(inner.width)), styles.problem()), row);
        }
        return;
    }
    let left = inner.height.saturating_sub(u16::try_from(lines.len()).unwrap_or(u16::MAX));
    if usize::from(left) < Choice::ALL.len() {
        // The empty line that keeps them apart.
        lines.pop();
    }
    let offered = Choice::ALL.map(|choice| (choice.key(), choice.name(), choice.what()));
    lines.extend(choices(&offered, (inner.width, left), styles));
    out_of_view(frame, inner, (0, lines.len().saturating_sub(usize::from(inner.height))), styles);
    for (line, row) in lines.into_iter().zip(inner.rows()) {
        frame.render_widget(line, row);
    }
}
