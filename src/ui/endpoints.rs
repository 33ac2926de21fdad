//! The endpoints: name, state, rate and the last minute as a sparkline.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::overlay::pane;
use super::styles::Styles;
use super::text::{AtLeft, fit, fit_end, rate};
use crate::app::screen::{Pane, Screen};
use crate::app::time::brief;
use crate::app::{App, Watched};
use crate::watch::{EndpointWatch, State};

/// Cells of the sparkline.
const SPARK: usize = 5;
/// How far back it looks.
const SPARK_SECONDS: u64 = 60;
/// Cells for the state in words, or the rate.
const STATUS: usize = 7;

pub(super) fn draw(app: &App, styles: Styles, frame: &mut Frame<'_>, area: Rect, screen: &mut Screen) {
    let focused = app.pane() == Pane::Endpoints;
    let count = app.endpoints().len();
    let title = if count > usize::from(area.height) {
        format!(" Endpoints · {count} ")
    } else {
        " Endpoints ".into()
    };
    let inner = pane(frame, area, title.into(), focused, styles);
    let selected = app.selected().map_or(0, |(place, _)| place);
    // The selected one is in view, and the list does not move before it has to.
    let first = (selected + 1).saturating_sub(usize::from(inner.height));
    screen.endpoints = inner;
    screen.first_endpoint = first;
    for ((place, watched), row) in app.endpoints().iter().enumerate().skip(first).zip(inner.rows()) {
        let line = row_of(app, watched, place == selected, styles, usize::from(inner.width));
        let style = if place == selected { styles.selected(focused) } else { Style::new() };
        frame.render_widget(AtLeft(line.style(style)), row);
    }
    if count == 0 {
        frame.render_widget(Line::styled("none: a adds one", styles.dim()), inner);
    }
}

fn row_of(app: &App, watched: &Watched, selected: bool, styles: Styles, width: usize) -> Line<'static> {
    let watch = app.watch().endpoint(&watched.endpoint.name);
    let state = app.state(watched);
    let now = app.now().offset;
    // URLs are long and alike at their beginning: a name that needs the sparkline's room gets it, and what does
    // not fit even then is cut at the left.
    let with_spark = width.saturating_sub(2 + 2 + STATUS + 1 + SPARK);
    let sparks = watched.endpoint.name.as_str().width() < with_spark;
    let name = if sparks { with_spark } else { width.saturating_sub(2 + 2 + STATUS) };
    let status = format!("{} {}", glyph(&state), fit(&status(&state, watch, now), STATUS));
    let spark = watch.filter(|_| sparks).map_or_else(String::new, |watch| sparkline(watch, now));
    Line::from(vec![
        Span::raw(if selected { "▸ " } else { "  " }),
        Span::raw(fit_end(watched.endpoint.name.as_str(), name.saturating_sub(1)) + " "),
        Span::styled(status, styles.state(&state)),
        Span::raw(" "),
        Span::styled(spark, styles.received()),
    ])
}

/// A shape for each state, so that it can be told without colour.
fn glyph(state: &State) -> char {
    match state {
        State::Waiting => '○',
        State::Live => '●',
        State::BackingOff { .. } => '◐',
        State::Paused => '‖',
        State::Stopped => '✖',
        State::Guarded { .. } => '▲',
    }
}

fn status(state: &State, watch: Option<&EndpointWatch>, now: Duration) -> String {
    match state {
        State::Waiting => "waiting".into(),
        State::Live => rate(watch.map_or(0.0, |watch| watch.rate(now))),
        State::BackingOff { until } => format!("in {}", brief(until.saturating_sub(now))),
        State::Paused => "paused".into(),
        State::Stopped => "stopped".into(),
        State::Guarded { .. } => "guarded".into(),
    }
}

/// The last minute, scaled to its highest; a space where nothing was watched, the lowest bar where nothing came.
fn sparkline(watch: &EndpointWatch, now: Duration) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let buckets: Vec<_> = watch.series.buckets(now, SPARK_SECONDS, SPARK_SECONDS / SPARK as u64).collect();
    let shown = &buckets[buckets.len().saturating_sub(SPARK)..];
    let rates: Vec<_> = shown.iter().map(|bucket| bucket.per_second(bucket.cell.received)).collect();
    let highest = rates.iter().copied().fold(0.0, f64::max);
    let bar = |rate: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 7")]
        let height = if highest > 0.0 { (rate / highest * 7.0).ceil() as usize } else { 0 };
        BARS[height.min(7)]
    };
    shown
        .iter()
        .zip(&rates)
        .map(|(bucket, rate)| if bucket.cell.is_gap() { ' ' } else { bar(*rate) })
        .collect()
}
