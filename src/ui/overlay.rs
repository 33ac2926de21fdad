//! Borders, and the boxes that lie over the panes.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph, Wrap};
use tui_input::Input;

use super::styles::Styles;
use super::text::{cut, grouped, wrap};
use crate::app::App;
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
    let border = if focused { BorderType::Thick } else { BorderType::Plain };
    let block = Block::bordered().border_type(border).border_style(styles.border(focused)).title(title);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
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
    pane(frame, area, title, true, styles)
}

/// A box nearly as large as the body, for what is read and scrolled; what is inside it.
fn page(frame: &mut Frame<'_>, body: Rect, title: String, styles: Styles, screen: &mut Screen) -> Rect {
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

/// The selected endpoint's faults, newest first: what happened, how often and when, and what to do.
pub(super) fn faults(
    app: &App,
    scroll: usize,
    styles: Styles,
    frame: &mut Frame<'_>,
    body: Rect,
    screen: &mut Screen,
) {
    let Some((_, watched)) = app.selected() else { return };
    let log = app.selected_watch().map(|watch| &watch.faults);
    let total = log.map_or(0, crate::watch::FaultLog::total);
    let title = format!(" Faults · {} · {} in all ", watched.endpoint.name, grouped(total));
    let inner = page(frame, body, title, styles, screen);
    let width = usize::from(inner.width);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for line in log.into_iter().flat_map(crate::watch::FaultLog::newest_first) {
        let when = line.last.wall.format("%H:%M:%SZ");
        let times = if line.times == 1 {
            String::new()
        } else {
            format!("×{} since {} ", line.times, line.first.wall.format("%H:%M:%SZ"))
        };
        let words = format!("{times}{}", line.fault);
        lines.push(Line::from(vec![
            Span::styled(format!("{when} "), styles.dim()),
            Span::styled(cut(&words, width.saturating_sub(10)), styles.problem()),
        ]));
        lines.push(Line::styled(
            format!("          {}", cut(line.fault.advice(), width.saturating_sub(10))),
            styles.dim(),
        ));
    }
    lines.push(match log.map_or(0, crate::watch::FaultLog::dropped) {
        0 if lines.is_empty() => Line::styled("Nothing has failed.", styles.dim()),
        0 => Line::default(),
        dropped => Line::styled(format!("{} older lines dropped", grouped(dropped)), styles.warning()),
    });
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(inner.height)));
    for (line, row) in lines.into_iter().skip(scroll).zip(inner.rows()) {
        frame.render_widget(line, row);
    }
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
    lines.extend(Choice::ALL.into_iter().map(|choice| {
        let what = cut(choice.what(), usize::from(inner.width).saturating_sub(3));
        Line::from(vec![Span::styled(format!("{}  ", choice.key()), styles.strong()), Span::raw(what)])
    }));
    for (line, row) in lines.into_iter().zip(inner.rows()) {
        frame.render_widget(line, row);
    }
}
