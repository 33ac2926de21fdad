//! The line above the panes and the line below them.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::styles::Styles;
use super::text::{AtLeft, cut, grouped, joined, rate, wrap};
use crate::app::App;
use crate::app::mode::Mode;
use crate::app::notice::Level;
use crate::app::time::brief;
use crate::config::file::Interval;
use crate::keys::{Action, Binding};
use crate::source::Endpoint;
use crate::watch::State;

const SEPARATOR: &str = " · ";
/// Rows of a screen from which on a problem may take more than one of them.
const ROOMY: u16 = 14;

/// ` qwatch  3 endpoints · 42.1 msg/s · 2 faults/min        impact 1,204 receives   12:04:07Z`
pub(super) fn header(app: &App, styles: Styles, frame: &mut Frame<'_>, area: Rect) {
    let clock = format!(" {} ", app.now().wall.format("%H:%M:%SZ"));
    let impact = impact(app, area.width);
    let name = " qwatch  ";
    let (departures, measures) = summary(app, styles);
    let without = usize::from(area.width).saturating_sub(name.width() + impact.width() + 1);
    let with = without.saturating_sub(clock.width());
    let needed: usize = departures.iter().map(|part| part.width() + SEPARATOR.width()).sum();
    let has_clock = needed <= with + SEPARATOR.width();
    let room = if has_clock { with } else { without };
    let mut left = vec![Span::styled(name, styles.strong())];
    left.extend(joined(&[departures, measures].concat(), SEPARATOR, styles.dim(), room));
    let mut right = Line::from(Span::raw(impact));
    if has_clock {
        right.push_span(Span::styled(clock, styles.dim()));
    }
    split(frame, area, left.into(), right);
}

/// What watching does to the queues, as much as there is room for: what is hidden now is always said.
fn impact(app: &App, width: u16) -> String {
    let totals = app.impact();
    let hidden = match totals.hidden {
        0 if width < 100 => String::new(),
        0 => " · 0 hidden".to_owned(),
        hidden => format!(" · {} hidden, back in {}", grouped(hidden), brief(totals.back_in)),
    };
    let cost = if width < 100 { String::new() } else { format!(" · ~${:.2}/day", totals.cost_per_day) };
    format!("impact {} receives{hidden}{cost} ", grouped(totals.receives))
}

/// How the screen departs from what one expects of it, which the clock makes room for; and what it measures.
fn summary(app: &App, styles: Styles) -> (Vec<Span<'static>>, Vec<Span<'static>>) {
    let (per_second, faults) = app.totals();
    let count = app.endpoints().len();
    let s = if count == 1 { "" } else { "s" };
    let mut parts = vec![Span::raw(format!("{count} endpoint{s}"))];
    let guarded =
        app.endpoints().iter().filter(|watched| matches!(app.state(watched), State::Guarded { .. })).count();
    if guarded > 0 {
        parts.push(Span::styled(format!("{guarded} guarded"), styles.warning()));
    }
    let unguarded = app.endpoints().iter().filter(|watched| !watched.endpoint.guard.on).count();
    if unguarded > 0 {
        parts.push(Span::styled(format!("{unguarded} not guarded"), styles.warning()));
    }
    if app.is_masked() {
        parts.push(Span::styled("masked", styles.warning()));
    }
    let departures = std::mem::take(&mut parts);
    let said = format!("{faults} fault{}/min", if faults == 1 { "" } else { "s" });
    if faults > 0 {
        parts.push(Span::styled(said.clone(), styles.problem()));
    }
    for (state, word) in [(State::Paused, "paused"), (State::Stopped, "stopped")] {
        let in_state = app.endpoints().iter().filter(|watched| app.state(watched) == state).count();
        if in_state > 0 {
            parts.push(Span::styled(format!("{in_state} {word}"), styles.state(&state)));
        }
    }
    parts.push(Span::raw(format!("{} msg/s", rate(per_second).trim_end_matches("/s"))));
    if faults == 0 {
        parts.push(Span::raw(said));
    }
    (departures, parts)
}

/// Rows of the footer: one, and more while a problem is said that has no room in it. What went wrong and what to do about it
/// is mostly its end.
pub(super) fn footer_rows(app: &App, area: Rect) -> u16 {
    let most = if area.height < ROOMY { 1 } else { 3 };
    u16::try_from(problem(app, area.width).len()).map_or(most, |rows| rows.clamp(1, most))
}

/// A problem that was said just now, in lines.
fn problem(app: &App, width: u16) -> Vec<String> {
    let problem = app.notices().current().filter(|notice| notice.level == Level::Problem);
    problem.map_or_else(Vec::new, |notice| wrap(&notice.text, usize::from(width).saturating_sub(2)))
}

/// What the selected endpoint is polled with, or what just happened; and the keys.
pub(super) fn footer(app: &App, styles: Styles, frame: &mut Frame<'_>, area: Rect) {
    if area.height > 1 {
        for (line, row) in problem(app, area.width).iter().zip(area.rows()) {
            frame.render_widget(Line::styled(format!(" {line}"), styles.notice(Level::Problem)), row);
        }
        return;
    }
    let mut keys = keys(app, styles, usize::from(area.width));
    // What just happened is said whole: the keys can wait.
    let said = app.notices().current().map_or(0, |notice| notice.text.width() + 2);
    if said + keys.width() + 2 > usize::from(area.width) {
        keys = Line::default();
    }
    let room = usize::from(area.width).saturating_sub(keys.width() + 2);
    let left = if let Some(notice) = app.notices().current() {
        Line::styled(cut(&format!(" {}", notice.text), room), styles.notice(notice.level))
    } else {
        let asked = app
            .selected()
            .map_or_else(Vec::new, |(_, watched)| asked(&watched.endpoint, app.stretched(watched)));
        let mut spans = vec![Span::raw(" ")];
        spans.extend(joined(&asked, SEPARATOR, styles.dim(), room.saturating_sub(1)));
        spans.into()
    };
    split(frame, area, left, keys);
}

/// ` max 10 · visibility 0 s · wait 0 s · All · every 2s`
fn asked(endpoint: &Endpoint, stretched: Option<Duration>) -> Vec<Span<'static>> {
    let parameters = &endpoint.parameters;
    let names: Vec<&str> = parameters.attribute_name.iter().map(crate::sqs::AttributeName::as_str).collect();
    let mut parts = vec![
        format!("max {}", parameters.max_number_of_messages),
        format!("visibility {} s", parameters.visibility_timeout),
        format!("wait {} s", parameters.wait_time_seconds),
        if names.is_empty() { "no attributes".to_owned() } else { names.join(",") },
        format!("every {}", Interval(endpoint.pace.interval)),
    ];
    if let Some(wait) = stretched {
        parts.push(format!("{} while nothing new comes", brief(wait)));
    }
    if endpoint.pace.burst.get() > 1 {
        parts.push(format!("burst {}", endpoint.pace.burst));
    }
    parts.into_iter().map(Span::raw).collect()
}

/// The keys worth knowing now; help and quit stay when there is little room.
fn keys(app: &App, styles: Styles, width: usize) -> Line<'static> {
    let hint = |key: String, word: &str| {
        [Span::styled(key, styles.strong()), Span::styled(format!(" {word}  "), styles.dim())]
    };
    match app.mode() {
        Mode::Watching => {}
        Mode::Help(_) | Mode::Faults(_) | Mode::Impact(_) | Mode::Diff(_) | Mode::Copying => {
            return Line::from(hint("Esc".into(), "close").to_vec());
        }
        Mode::Patterns(_) => {
            return Line::from([hint("← →".into(), "page"), hint("Esc".into(), "close")].concat());
        }
        Mode::Columns(_) => {
            let hints = [("Space", "show"), ("← →", "move"), ("s", "sort"), ("Esc", "close")];
            return Line::from(hints.map(|(key, word)| hint(key.into(), word)).concat());
        }
        Mode::Editing(_)
        | Mode::Adding(_)
        | Mode::Filtering(_)
        | Mode::Searching(_)
        | Mode::Jq(_)
        | Mode::Exporting(_)
        | Mode::Palette(_) => {
            return Line::from([hint("Enter".into(), "apply"), hint("Esc".into(), "cancel")].concat());
        }
        Mode::Guarding(_) => return Line::from(hint("Esc".into(), "stay").to_vec()),
        Mode::Removing => return Line::from([hint("y".into(), "remove"), hint("n".into(), "keep")].concat()),
    }
    let word = |binding: &&Binding| {
        let key = app.keys().of(binding.action).first()?;
        Some(hint(key.to_string(), binding.footer?))
    };
    let always = [Action::Help, Action::Quit];
    let (last, first): (Vec<&Binding>, Vec<&Binding>) = Action::ALL
        .iter()
        .filter(|binding| binding.footer.is_some())
        .partition(|row| always.contains(&row.action));
    let mut spans: Vec<Span<'static>> = last.iter().filter_map(word).flatten().collect();
    let mut used: usize = spans.iter().map(Span::width).sum();
    // The other half of the line says what is asked of the endpoint.
    for pair in first.iter().filter_map(word).collect::<Vec<_>>().into_iter().rev() {
        used += pair.iter().map(Span::width).sum::<usize>();
        if used > width / 2 {
            break;
        }
        spans.splice(0..0, pair);
    }
    spans.into()
}

fn split(frame: &mut Frame<'_>, area: Rect, left: Line<'static>, right: Line<'static>) {
    let width = u16::try_from(right.width()).unwrap_or(area.width);
    let [left_area, right_area] =
        Layout::horizontal([Constraint::Min(0), Constraint::Length(width)]).areas(area);
    frame.render_widget(AtLeft(left), left_area);
    frame.render_widget(AtLeft(right), right_area);
}
