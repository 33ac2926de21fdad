//! The selected endpoint's messages, newest first; and below them what is wrong with the endpoint, if anything is.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::overlay::{input, pane};
use super::styles::Styles;
use super::table::Table;
use super::text::{AtLeft, cut, grouped, wrap};
use crate::app::filtering::Typing;
use crate::app::mode::Mode;
use crate::app::screen::{Pane, Screen};
use crate::app::time::brief;
use crate::app::{App, Watched};
use crate::config::file::Interval;
use crate::text::visible;
use crate::watch::{EndpointWatch, Entry, State};

/// Stands before a message that the user pinned.
const PINNED: &str = "◆";
/// Stands before a message that the user marked.
const MARKED: &str = "✓";

pub(super) fn draw(app: &App, styles: Styles, frame: &mut Frame<'_>, area: Rect, screen: &mut Screen) {
    let focused = app.pane() == Pane::Messages;
    let Some((_, watched)) = app.selected() else {
        let inner = pane(frame, area, " Messages ".into(), focused, styles);
        frame.render_widget(
            Line::styled("No endpoint is watched: a adds one by its URL.", styles.dim()),
            inner,
        );
        return;
    };
    let watch = app.selected_watch();
    let room = usize::from(area.width).saturating_sub(2);
    let inner = pane(frame, area, title(app, watched, watch, styles, room), focused, styles);
    let inner = match app.mode() {
        Mode::Filtering(typing) => filter(typing, styles, frame, inner),
        _ => inner,
    };
    let trouble = trouble(app, watched, watch).map_or_else(Vec::new, |text| wrap(&text, inner.width.into()));
    // Where no message is held there is nothing else to read.
    let is_empty = watch.is_none_or(|watch| watch.ledger.is_empty());
    let most = if is_empty { inner.height.saturating_sub(1) } else { inner.height / 2 };
    let wanted = u16::try_from(trouble.len()).unwrap_or(u16::MAX).min(most);
    let [heading, rows, below] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(wanted)])
            .areas(inner);
    screen.messages = rows;
    match watch.filter(|watch| !watch.ledger.is_empty()) {
        Some(watch) if !app.rows(watched, &watch.ledger).is_empty() => {
            list(app, watched, watch, styles, frame, [heading, rows], focused);
        }
        Some(watch) => lines(wrap(&nothing_taken(app, watch), rows.width.into()), styles.dim(), frame, rows),
        None => lines(wrap(&nothing_yet(app, watched, watch), rows.width.into()), styles.dim(), frame, rows),
    }
    lines(cut_off(trouble, below), styles.state(&app.state(watched)), frame, below);
}

/// As many as find room, the last of them with a sign where there are more.
fn cut_off(mut lines: Vec<String>, area: Rect) -> Vec<String> {
    let room = usize::from(area.height);
    if lines.len() > room {
        lines.truncate(room);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} …"), usize::from(area.width));
        }
    }
    lines
}

fn lines(lines: Vec<String>, style: Style, frame: &mut Frame<'_>, area: Rect) {
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(Line::styled(line, style), row);
    }
}

/// ` Messages · orders · 318 distinct of 1,204 received · 82 dropped · following `
///
/// Short of room the counts are shortened first and the name is cut next: what was dropped, and whether the list
/// follows, is always there.
fn title(
    app: &App,
    watched: &Watched,
    watch: Option<&EndpointWatch>,
    styles: Styles,
    room: usize,
) -> Line<'static> {
    let name = watched.endpoint.name.as_str();
    let Some(watch) = watch else {
        return Line::raw(format!(" Messages · {} ", cut(name, room.saturating_sub(13))));
    };
    let ledger = &watch.ledger;
    let mut said = Vec::new();
    if ledger.dropped() > 0 {
        said.push(Span::styled(format!("· {} dropped ", grouped(ledger.dropped())), styles.warning()));
    }
    let selection = watched.selection;
    let rows = app.rows(watched, ledger);
    if let Some(filter) = app.filter() {
        let left = app.unjudged();
        let so_far = if left > 0 { format!(", {} to go", grouped(left)) } else { String::new() };
        let text = cut(&filter.to_string(), (room / 3).max(8));
        said.push(Span::styled(
            format!("· filter: {text} · {}{so_far} ", grouped(rows.len())),
            styles.warning(),
        ));
    }
    if let Some(sort) = app.sort() {
        let arrow = if sort.descending { "↓" } else { "↑" };
        said.push(Span::styled(
            format!("· by {} {arrow} ", cut(&sort.column.to_string(), 16)),
            styles.warning(),
        ));
    }
    said.push(match selection.newer_than_view(&rows) {
        above if app.sort().is_some() && above > 0 => Span::raw(format!("· ↑ {} above ", grouped(above))),
        _ if app.sort().is_some() => Span::raw("· top "),
        _ if selection.is_following() => Span::raw("· following "),
        0 => Span::styled("· not following ", styles.warning()),
        newer => Span::styled(format!("· ↑ {} newer ", grouped(newer)), styles.warning()),
    });
    let (distinct, received) = (grouped(ledger.distinct()), grouped(watch.impact.receives));
    let left = room.saturating_sub(said.iter().map(Span::width).sum());
    let fits = |text: &str| text.width() <= left;
    let front = [
        format!(" Messages · {name} · {distinct} distinct of {received} received "),
        format!(" Messages · {name} · {distinct} of {received} "),
        format!(" {name} · {distinct} of {received} "),
    ]
    .into_iter()
    .map(|text| visible(&text).into_owned())
    .find(|text| fits(text))
    .unwrap_or_else(|| format!(" {} ", cut(name, left.saturating_sub(2))));
    std::iter::once(Span::raw(front)).chain(said).collect()
}

fn list(
    app: &App,
    watched: &Watched,
    watch: &EndpointWatch,
    styles: Styles,
    frame: &mut Frame<'_>,
    [heading, rows]: [Rect; 2],
    focused: bool,
) {
    let listed = app.rows(watched, &watch.ledger);
    let (Some(top), cursor) = (watched.selection.top(&listed), watched.selection.cursor(&listed)) else {
        return;
    };
    let first = listed.row(top);
    let in_view = (first..first + u64::from(rows.height)).map_while(|row| listed.at(row));
    let shown: Vec<_> =
        in_view.filter_map(|ordinal| watch.ledger.get(ordinal).map(|entry| (ordinal, entry))).collect();
    let entries: Vec<&Entry<'_>> = shown.iter().map(|(_, entry)| entry).collect();
    let table = Table::new(app, watched, &entries, usize::from(rows.width));
    frame.render_widget(AtLeft(Line::styled(table.heading(app), styles.dim())), heading);
    for ((ordinal, entry), row) in shown.iter().zip(rows.rows()) {
        let selected = cursor == Some(*ordinal);
        let flag = match (watched.pinned.contains(ordinal), watched.marked.contains(ordinal)) {
            (true, true) => "◈",
            (true, false) => PINNED,
            (false, true) => MARKED,
            (false, false) => " ",
        };
        let line = table.row(entry, selected, flag, styles);
        let style = if selected { styles.selected(focused) } else { Style::new() };
        frame.render_widget(AtLeft(line.style(style)), row);
    }
}

/// The filter that is being typed, at the pane's foot, and what is wrong with it; what is left of the pane.
fn filter(typing: &Typing, styles: Styles, frame: &mut Frame<'_>, inner: Rect) -> Rect {
    let [rest, line, below] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(1), Constraint::Length(1)]).areas(inner);
    let [mark, typed] = Layout::horizontal([Constraint::Length(2), Constraint::Min(0)]).areas(line);
    frame.render_widget(Line::styled("/ ", styles.strong()), mark);
    input(frame, typed, typing.input(), true);
    let width = usize::from(below.width);
    let said = match (typing.problem(), typing.offered()) {
        (_, Some((words, chosen))) => {
            let from = chosen.saturating_sub(1);
            let shown: Vec<_> = words[from..].iter().map(|word| visible(word)).collect();
            Line::styled(
                cut(&format!("  {} of {}: {}", chosen + 1, words.len(), shown.join("  ")), width),
                styles.dim(),
            )
        }
        (Some(problem), None) => {
            // The character is pointed at where it is in view.
            let at = 2 + typing.input().value().chars().take(problem.column).collect::<String>().width();
            let at = if typing.input().visual_scroll(usize::from(typed.width).saturating_sub(1)) == 0 {
                at
            } else {
                0
            };
            let what = format!("{}^ {}", " ".repeat(at.min(width / 2)), problem.what);
            Line::styled(cut(&what, width), styles.problem())
        }
        (None, None) => Line::styled(
            cut(
                "  Tab completes · text  body.key = value  attr.Name > 3  age > 5m  is:redelivered  and or not ( )",
                width,
            ),
            styles.dim(),
        ),
    };
    frame.render_widget(said, below);
    rest
}

/// A list that a filter leaves empty says so.
fn nothing_taken(app: &App, watch: &EndpointWatch) -> String {
    let held = grouped(watch.ledger.len() as u64);
    match app.unjudged() {
        0 => format!(
            "None of the {held} messages held is taken by the filter. Esc takes it off, / changes it."
        ),
        left => format!("Looking: {} of {held} to go.", grouped(left)),
    }
}

/// Why the endpoint is not live, and what to do about it.
fn trouble(app: &App, watched: &Watched, watch: Option<&EndpointWatch>) -> Option<String> {
    if let State::Guarded { why } = app.state(watched) {
        return Some(format!("▲ Guarded: o opens what can be done.\n{why}."));
    }
    let fault = watch?.fault()?;
    let next = match app.state(watched) {
        State::BackingOff { until } => {
            format!("Trying again in {}.", brief(until.saturating_sub(app.now().offset)))
        }
        State::Stopped => "Stopped: r tries again.".into(),
        State::Paused => "Paused.".into(),
        State::Live | State::Waiting | State::Guarded { .. } => return None,
    };
    Some(format!("✖ {}\n{next} {}", app.quoted(fault.to_string()), fault.advice()))
}

/// An empty list explains itself: an empty short poll is not an empty queue.
fn nothing_yet(app: &App, watched: &Watched, watch: Option<&EndpointWatch>) -> String {
    let every = Interval(watched.endpoint.pace.interval);
    if let Some(dropped) = watch.map(|watch| watch.ledger.dropped()).filter(|dropped| *dropped > 0) {
        let s = if dropped == 1 { "" } else { "s" };
        return format!(
            "{} message{s} made room for others: [history] says how many are held.",
            grouped(dropped)
        );
    }
    match (app.state(watched), watch.map_or(0, |watch| watch.polls)) {
        (State::Paused, _) => "Paused: p resumes, r polls once.".into(),
        (_, 0) => {
            let address = watched.endpoint.address();
            format!("Asking {} every {every}; no answer yet.", visible(address.as_str()))
        }
        (State::Live, polls) => {
            let polls = if polls == 1 { "1 poll".to_owned() } else { format!("{} polls", grouped(polls)) };
            let short = watched.endpoint.parameters.wait_time_seconds.get() == 0;
            let why = if short {
                "A short poll samples some of SQS's servers, so an empty answer does not mean an empty queue."
            } else {
                "Messages that consumers have in flight are not shown to anyone else."
            };
            format!("No message in {polls}. {why}")
        }
        _ => String::new(),
    }
}
