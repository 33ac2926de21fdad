//! Throughput and latency over time, in braille, with gaps where nothing was watched.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart, Dataset, GraphType};

use super::overlay::pane;
use super::styles::Styles;
use crate::app::App;
use crate::watch::series::Bucket;
use crate::watch::{EndpointWatch, Series};

/// From this height on both charts are drawn.
const BOTH: u16 = 20;
/// Cells that the labels of the vertical axis take.
const LABELS: u16 = 8;

pub(super) fn draw(app: &App, styles: Styles, frame: &mut Frame<'_>, area: Rect) {
    let kinds = if app.is_latency_first() { [latency, throughput] } else { [throughput, latency] };
    if area.height < BOTH {
        kinds[0](app, styles, frame, area);
        return;
    }
    let halves: [Rect; 2] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
    for (draw, area) in kinds.into_iter().zip(halves) {
        draw(app, styles, frame, area);
    }
}

/// One line of a chart: what it is called, its style, and its value in each bucket, if it has one there.
struct Curve {
    name: &'static str,
    style: Style,
    points: Vec<Option<(f64, f64)>>,
}

fn throughput(app: &App, styles: Styles, frame: &mut Frame<'_>, area: Rect) {
    let buckets = buckets(app, area);
    let per_second = |count: fn(&Bucket) -> u32| {
        buckets
            .iter()
            .map(|bucket| (!bucket.cell.is_gap()).then(|| (x(bucket), bucket.per_second(count(bucket)))))
            .collect::<Vec<_>>()
    };
    let faults = buckets
        .iter()
        .map(|bucket| (bucket.cell.faults > 0).then(|| (x(bucket), bucket.per_second(bucket.cell.faults))))
        .collect();
    let curves = [
        Curve {
            name: "received",
            style: styles.received(),
            points: per_second(|bucket| bucket.cell.received),
        },
        Curve {
            name: "distinct",
            style: styles.distinct(),
            points: per_second(|bucket| bucket.cell.distinct),
        },
        Curve { name: "faults", style: styles.faults(), points: faults },
    ];
    let titles =
        [format!(" Throughput · {} min ", app.span().minutes()), format!(" {} min ", app.span().minutes())];
    chart(app, &titles, &curves, &|value| format!("{}/s", number(value)), styles, frame, area);
}

fn latency(app: &App, styles: Styles, frame: &mut Frame<'_>, area: Rect) {
    let buckets = buckets(app, area);
    let answered = |value: fn(&Bucket) -> f64| {
        buckets
            .iter()
            .map(|bucket| (bucket.cell.answered() > 0).then(|| (x(bucket), value(bucket))))
            .collect::<Vec<_>>()
    };
    let curves = [
        Curve {
            name: "slowest",
            style: styles.faults(),
            points: answered(|bucket| f64::from(bucket.cell.slowest) / 1e6),
        },
        Curve { name: "mean", style: styles.received(), points: answered(mean) },
    ];
    let percentiles = app.selected_watch().map_or_else(String::new, percentiles);
    let minutes = app.span().minutes();
    let titles = [
        format!(" Answer time · {minutes} min{percentiles} "),
        format!(" Answer time · {minutes} min "),
        format!(" Answers · {minutes} min "),
    ];
    chart(app, &titles, &curves, &|value| seconds(Duration::from_secs_f64(value)), styles, frame, area);
}

/// Per-bucket mean, in seconds.
#[expect(clippy::cast_precision_loss, reason = "microseconds in an hour fit")]
fn mean(bucket: &Bucket) -> f64 {
    bucket.cell.answering as f64 / f64::from(bucket.cell.answered()) / 1e6
}

fn percentiles(watch: &EndpointWatch) -> String {
    let at = |percentile| watch.latency.percentile(percentile).map(seconds);
    match (at(50.0), at(95.0), at(99.0)) {
        (Some(half), Some(most), Some(nearly_all)) => format!(" · p50 {half} p95 {most} p99 {nearly_all}"),
        _ => String::new(),
    }
}

/// As many buckets as the chart has points, but none shorter than the polling interval: a second without a poll
/// between two polls is not a quiet second.
fn buckets(app: &App, area: Rect) -> Vec<Bucket> {
    let (Some((_, watched)), Some(watch)) = (app.selected(), app.selected_watch()) else { return Vec::new() };
    let points = u64::from(area.width.saturating_sub(LABELS).max(8)) * 2;
    let span = app.span().seconds();
    let interval = watched.endpoint.pace.interval.as_millis().div_ceil(1_000);
    let width = span.div_ceil(points).max(u64::try_from(interval).unwrap_or(span)).min(span);
    Series::buckets(&watch.series, app.now().offset, span, width).collect()
}

fn chart(
    app: &App,
    titles: &[String],
    curves: &[Curve],
    label: &dyn Fn(f64) -> String,
    styles: Styles,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let names = curves.iter().map(|curve| Span::styled(format!("─{} ", curve.name), curve.style));
    // The longest title beside which the curves' names still fit.
    let room =
        usize::from(area.width).saturating_sub(2 + names.clone().map(|name| name.width()).sum::<usize>());
    let title = titles.iter().find(|title| title.chars().count() <= room).or(titles.last());
    let legend: Line<'_> = title.map(|title| Span::raw(title.as_str())).into_iter().chain(names).collect();
    let inner = pane(frame, area, legend, false, styles);
    let highest = curves
        .iter()
        .flat_map(|curve| curve.points.iter().flatten())
        .map(|point| point.1)
        .fold(0.0, f64::max);
    let top = round_up(highest);
    #[expect(clippy::cast_precision_loss, reason = "an hour of seconds fits")]
    let span = app.span().seconds() as f64;
    let runs: Vec<(Style, Vec<(f64, f64)>)> = curves
        .iter()
        .flat_map(|curve| runs(&curve.points).into_iter().map(|run| (curve.style, run)))
        .collect();
    let datasets = runs
        .iter()
        .map(|(style, run)| {
            Dataset::default().data(run).style(*style).marker(Marker::Braille).graph_type(GraphType::Line)
        })
        .collect();
    let minutes = app.span().minutes();
    let ticks = |texts: [String; 3]| texts.map(|text| Span::styled(text, styles.dim()));
    let half = if minutes == 1 { "-30s".to_owned() } else { format!("-{}m", half_minutes(minutes)) };
    let chart = Chart::new(datasets)
        .legend_position(None)
        .x_axis(Axis::default().bounds([-span, 0.0]).style(styles.dim()).labels(ticks([
            format!("-{minutes}m"),
            half,
            "now".into(),
        ])))
        .y_axis(Axis::default().bounds([0.0, top]).style(styles.dim()).labels(ticks([
            label(0.0),
            label(top / 2.0),
            label(top),
        ])));
    frame.render_widget(chart, inner);
    if highest == 0.0 && runs.is_empty() {
        let words = Line::styled("nothing observed yet", styles.dim()).centered();
        frame.render_widget(words, Rect { height: inner.height.min(1), ..inner });
    }
}

fn half_minutes(minutes: u64) -> String {
    if minutes.is_multiple_of(2) { (minutes / 2).to_string() } else { format!("{}.5", minutes / 2) }
}

/// Runs of points without a gap: a line is drawn within each, and none between them.
fn runs(points: &[Option<(f64, f64)>]) -> Vec<Vec<(f64, f64)>> {
    points
        .split(Option::is_none)
        .filter(|run| !run.is_empty())
        .map(|run| run.iter().flatten().copied().collect())
        .collect()
}

/// The middle of a bucket, in seconds before now.
#[expect(clippy::cast_precision_loss, reason = "an hour of seconds fits")]
fn x(bucket: &Bucket) -> f64 {
    (f64::from(bucket.seconds) / 2.0 - bucket.age as f64).min(0.0)
}

/// The next of 1, 2 and 5 times a power of ten, so that the axis does not move with every poll.
fn round_up(highest: f64) -> f64 {
    if highest <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(highest.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|top| *top >= highest).unwrap_or(highest)
}

fn number(value: f64) -> String {
    // The ends of the axis are 1, 2 or 5 times a power of ten, and its middle half of that.
    let rounded = (value * 1_000.0).round() / 1_000.0;
    rounded.to_string()
}

fn seconds(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0 => "0".into(),
        1..=9_999 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        10_000..=999_999 => format!("{:.0} ms", time.as_secs_f64() * 1e3),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}
