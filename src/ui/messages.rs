//! The selected endpoint's messages, newest first; and below them what is wrong with the endpoint, if anything is.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::overlay::{input, pane};
use super::styles::Styles;
use super::text::{cut, fit, grouped, one_line, size, wrap};
use crate::app::filtering::Typing;
use crate::app::mode::Mode;
use crate::app::screen::{Pane, Screen};
use crate::app::time::{age, brief};
use crate::app::{App, Watched};
use crate::config::file::Interval;
use crate::guard::Limit;
use crate::text::visible;
use crate::watch::{EndpointWatch, Entry, State};

const AGE: usize = 6;
const RECEIVES: usize = 5;
const SIZE: usize = 8;
/// Cells between the size and the body, where a message that is not as SQS stored it is marked.
const GAP: usize = 2;
const ALTERED: &str = "≠ ";
/// Stands before a message that the user pinned.
const PINNED: &str = "◆";
/// The widest that the group's column becomes.
const GROUP: usize = 12;

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
    let wanted = u16::try_from(trouble.len()).unwrap_or(u16::MAX).min(inner.height / 2);
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
    lines(trouble, styles.state(&app.state(watched)), frame, below);
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
    said.push(match selection.newer_than_view(&rows) {
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
    let group = shown
        .iter()
        .filter_map(|(_, entry)| entry.message.message_group_id())
        .map(|group| group.chars().count().clamp(5, GROUP))
        .max();
    frame.render_widget(
        Line::styled(
            columns("age", "recv", group.map(|width| ("group", width)), "size", "body"),
            styles.dim(),
        ),
        heading,
    );
    for ((ordinal, entry), row) in shown.into_iter().zip(rows.rows()) {
        let selected = cursor == Some(ordinal);
        let pinned = watched.pinned.contains(&ordinal);
        let line = row_of(app, watched, entry, group, (selected, pinned), styles, usize::from(row.width));
        let style = if selected { styles.selected(focused) } else { Style::new() };
        frame.render_widget(line.style(style), row);
    }
}

/// A whole row as text; what is marked in it gets its style by its place.
fn row_of(
    app: &App,
    watched: &Watched,
    entry: &Entry,
    group: Option<usize>,
    (selected, pinned): (bool, bool),
    styles: Styles,
    width: usize,
) -> Line<'static> {
    let message = &entry.message;
    let now = app.now();
    let age = match message.sent_at() {
        Some(sent) => age(now.wall, sent),
        None => brief(now.offset.saturating_sub(entry.first_seen().offset)),
    };
    let count = message.approximate_receive_count().unwrap_or(0).max(entry.receives());
    // SQS moves a message once its receives exceed the limit, so at the limit this was its last.
    let near_limit = matches!(watched.endpoint.guard.limit, Limit::Known(limit) if count + 1 >= limit);
    let receives = format!("{count}{}", if near_limit { "!" } else { " " });
    let group = group.map(|width| (message.message_group_id().unwrap_or("–"), width));
    let front = columns(&age, &receives, group, &size(message.body.len()), "");
    let body = one_line(&message.body, width.saturating_sub(front.chars().count() + 1));
    let marker = if selected { "▸" } else { " " };
    let style = if near_limit { styles.warning() } else { Style::new() };
    let mut front = front;
    front.replace_range(0..1, "");
    if pinned {
        // An age takes fewer cells than it is given.
        front.replace_range(0..1, PINNED);
    }
    let altered =
        if entry.integrity.is_altered() { front.split_off(front.len() - GAP) } else { String::new() };
    let altered = altered.replacen("  ", ALTERED, 1);
    Line::from(vec![
        Span::raw(marker),
        Span::styled(front, style),
        Span::styled(altered, styles.warning()),
        Span::raw(body),
    ])
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

fn columns(age: &str, receives: &str, group: Option<(&str, usize)>, size: &str, body: &str) -> String {
    let group = group.map_or_else(String::new, |(name, width)| format!("{} ", fit(name, width)));
    format!(" {age:>AGE$} {receives:>RECEIVES$} {group}{size:>SIZE$}  {body}")
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
    Some(format!("✖ {fault}\n{next} {}", fault.advice()))
}

/// An empty list explains itself: an empty short poll is not an empty queue.
fn nothing_yet(app: &App, watched: &Watched, watch: Option<&EndpointWatch>) -> String {
    let every = Interval(watched.endpoint.pace.interval);
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
