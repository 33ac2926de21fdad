//! Throughput, answers, sizes and ages over time, in braille, with gaps where nothing was watched.

mod axis;

use std::fmt::Write as _;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart, Dataset, GraphType};
use unicode_width::UnicodeWidthStr as _;

use super::overlay::pane;
use super::styles::Styles;
use super::text::{cut, size};
use crate::app::App;
use crate::app::charting::Kind;
use crate::app::screen::{Pane, Screen};
use crate::app::time::brief;
use crate::observation::Moment;
use crate::watch::ages::percentile_of;
use crate::watch::series::Bucket;
use crate::watch::{EndpointWatch, Series};
use axis::{fitting, number, round_up, seconds, times};

/// From this height on two charts are drawn.
const BOTH: u16 = 20;
/// Endpoints on one axis: more lines than this nobody tells apart.
const TOGETHER: usize = 6;

pub(super) fn draw(app: &App, styles: Styles, frame: &mut Frame<'_>, area: Rect, screen: &mut Screen) {
    let front = app.charting().kind;
    let focused = app.pane() == Pane::Charts && !app.is_zoomed();
    if area.height < BOTH {
        screen.charts = one(app, front, styles, frame, area, focused);
        return;
    }
    let [above, below]: [Rect; 2] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(area);
    screen.charts = one(app, front, styles, frame, above, focused);
    one(app, front.next(), styles, frame, below, false);
}

/// One line of a chart: what it is called, its style, and its value in each bucket, if it has one there.
struct Curve {
    name: String,
    style: Style,
    points: Vec<Option<(f64, f64)>>,
}

/// What is charted of an endpoint, and when.
struct View<'a> {
    app: &'a App,
    watch: &'a EndpointWatch,
    end: Moment,
    step: u64,
    styles: Styles,
}

fn one(app: &App, kind: Kind, styles: Styles, frame: &mut Frame<'_>, area: Rect, focused: bool) -> Rect {
    let charting = app.charting();
    let (end, step) = (charting.end(app.now()), app.chart_step(area.width));
    let view = |watch| View { app, watch, end, step, styles };
    let all = charting.all && app.endpoints().len() > 1;
    let curves = if all {
        together(app, kind, &view, styles)
    } else {
        app.selected_watch().map_or_else(Vec::new, |watch| view(watch).curves(kind))
    };
    let name = match kind {
        Kind::Throughput if charting.by_sent => "Sent",
        Kind::Throughput => "Throughput",
        Kind::Answers => "Answer time",
        Kind::Sizes => "Body size",
        Kind::Age => "Age at receive",
    };
    let when = when(app);
    let percentiles = match kind {
        _ if all => String::new(),
        Kind::Answers => app.selected_watch().map_or_else(String::new, |watch| {
            percentiles(|percentile| watch.latency.percentile(percentile).map(seconds))
        }),
        Kind::Age => app.selected_watch().map_or_else(String::new, |watch| {
            percentiles(|percentile| watch.ages.percentile(percentile).map(brief))
        }),
        Kind::Throughput | Kind::Sizes => String::new(),
    };
    let short = name.split(' ').next().unwrap_or(name);
    let titles = [
        format!(" {name} · {when}{percentiles} "),
        format!(" {name} · {when} "),
        format!(" {short} · {when} "),
        format!(" {when} "),
    ];
    let label: &dyn Fn(f64) -> String = match kind {
        Kind::Throughput => &|value| format!("{}/s", number(value)),
        Kind::Answers => &|value| seconds(Duration::from_secs_f64(value)),
        Kind::Age => &|value| brief(Duration::from_secs_f64(value)),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in bytes")]
        Kind::Sizes => &|value| size(value as usize),
    };
    chart(app, &titles, &curves, label, styles, frame, area, focused)
}

/// `5 min`, and whether that is now.
fn when(app: &App) -> String {
    let charting = app.charting();
    let minutes = charting.span.minutes();
    let mut when = format!("{minutes} min");
    if let Some(frozen) = charting.frozen {
        when.push_str(&frozen.wall.format(" · frozen at %H:%M:%SZ").to_string());
    }
    if charting.back > 0 {
        let _ = write!(when, " · up to {} before", brief(Duration::from_secs(charting.back)));
    }
    if let Some(cursor) = charting.cursor.and_then(|second| chrono::DateTime::from_timestamp(second, 0)) {
        when.push_str(&cursor.format(" · ▏%H:%M:%SZ").to_string());
    }
    when
}

fn percentiles(at: impl Fn(f64) -> Option<String>) -> String {
    match (at(50.0), at(95.0), at(99.0)) {
        (Some(half), Some(most), Some(nearly_all)) => format!(" · p50 {half} p95 {most} p99 {nearly_all}"),
        _ => String::new(),
    }
}

/// One curve for each endpoint, those that brought most first.
fn together<'a>(
    app: &'a App,
    kind: Kind,
    view: &dyn Fn(&'a EndpointWatch) -> View<'a>,
    styles: Styles,
) -> Vec<Curve> {
    let mut watched: Vec<(&str, &EndpointWatch)> = app
        .endpoints()
        .iter()
        .filter_map(|watched| {
            Some((watched.endpoint.name.as_str(), app.watch().endpoint(&watched.endpoint.name)?))
        })
        .collect();
    watched.sort_by_key(|(_, watch)| std::cmp::Reverse(watch.impact.receives));
    let chosen = watched.into_iter().take(TOGETHER).enumerate();
    chosen
        .filter_map(|(place, (name, watch))| {
            let curve = view(watch).curves(kind).into_iter().next()?;
            Some(Curve { name: cut(name, 14), style: styles.series(place), ..curve })
        })
        .collect()
}

impl View<'_> {
    fn curves(&self, kind: Kind) -> Vec<Curve> {
        match kind {
            Kind::Throughput if self.app.charting().by_sent => vec![self.sent()],
            Kind::Throughput => self.throughput(),
            Kind::Answers => self.answers(),
            Kind::Sizes => self.sizes(),
            Kind::Age => self.ages(),
        }
    }

    fn buckets(&self) -> Vec<Bucket> {
        let span = self.app.charting().span.seconds();
        Series::buckets(&self.watch.series, self.end.offset, span, self.step).collect()
    }

    fn curve(&self, name: &str, style: Style, value: impl Fn(&Bucket) -> Option<f64>) -> Curve {
        let points =
            self.buckets().iter().map(|bucket| value(bucket).map(|value| (x(bucket), value))).collect();
        Curve { name: name.to_owned(), style, points }
    }

    fn throughput(&self) -> Vec<Curve> {
        let rate = |count: fn(&Bucket) -> u32| {
            move |bucket: &Bucket| (!bucket.cell.is_gap()).then(|| bucket.per_second(count(bucket)))
        };
        let faults =
            |bucket: &Bucket| (bucket.cell.faults > 0).then(|| bucket.per_second(bucket.cell.faults));
        vec![
            self.curve("received", self.styles.received(), rate(|bucket| bucket.cell.received)),
            self.curve("distinct", self.styles.distinct(), rate(|bucket| bucket.cell.distinct)),
            self.curve("faults", self.styles.faults(), faults),
        ]
    }

    /// Messages by when they were sent, as far as we have received them.
    #[expect(clippy::cast_precision_loss, reason = "an hour of seconds fits")]
    fn sent(&self) -> Curve {
        let step = i64::try_from(self.step).unwrap_or(1);
        let span = i64::try_from(self.app.charting().span.seconds()).unwrap_or(0);
        let end = self.end.wall.timestamp();
        let first = (end - span).div_euclid(step) * step;
        let points = (first..=end).step_by(usize::try_from(step).unwrap_or(1)).map(|second| {
            // What is sent after the end is not charted: of frozen charts it would go on rising.
            let count = self.watch.sent.between(second, (second + step).min(end + 1));
            let middle = (second - end) as f64 + step as f64 / 2.0;
            Some((middle.min(0.0), f64::from(count) / step as f64))
        });
        Curve { name: "sent".into(), style: self.styles.distinct(), points: points.collect() }
    }

    fn answers(&self) -> Vec<Curve> {
        let answered = |value: fn(&Bucket) -> f64| {
            move |bucket: &Bucket| (bucket.cell.answered() > 0).then(|| value(bucket))
        };
        vec![
            self.curve("mean", self.styles.received(), answered(mean)),
            self.curve(
                "slowest",
                self.styles.faults(),
                answered(|bucket| f64::from(bucket.cell.slowest) / 1e6),
            ),
        ]
    }

    #[expect(clippy::cast_precision_loss, reason = "bytes in an hour fit")]
    fn sizes(&self) -> Vec<Curve> {
        let sized = |value: fn(&Bucket) -> f64| {
            move |bucket: &Bucket| (bucket.cell.received > 0).then(|| value(bucket))
        };
        let mean = sized(|bucket| bucket.cell.bytes as f64 / f64::from(bucket.cell.received));
        let largest = sized(|bucket| f64::from(bucket.cell.largest));
        vec![
            self.curve("mean", self.styles.received(), mean),
            self.curve("largest", self.styles.faults(), largest),
        ]
    }

    /// Ages are kept by ten seconds, and told apart by factors of two.
    fn ages(&self) -> Vec<Curve> {
        let percentile = |percent: u32| {
            move |bucket: &Bucket| {
                let from = self.end.offset.as_secs().saturating_sub(bucket.age);
                let to = from + u64::from(bucket.seconds);
                let counts = self.watch.ages.between(Duration::from_secs(from), Duration::from_secs(to));
                percentile_of(&counts, percent).map(|age| age.as_secs_f64())
            }
        };
        vec![
            self.curve("p50", self.styles.distinct(), percentile(50)),
            self.curve("p95", self.styles.received(), percentile(95)),
            self.curve("p99", self.styles.faults(), percentile(99)),
        ]
    }
}

/// Per-bucket mean, in seconds.
#[expect(clippy::cast_precision_loss, reason = "microseconds in an hour fit")]
fn mean(bucket: &Bucket) -> f64 {
    bucket.cell.answering as f64 / f64::from(bucket.cell.answered()) / 1e6
}

#[expect(clippy::too_many_arguments, reason = "what is drawn, how and where")]
fn chart(
    app: &App,
    titles: &[String],
    curves: &[Curve],
    label: &dyn Fn(f64) -> String,
    styles: Styles,
    frame: &mut Frame<'_>,
    area: Rect,
    focused: bool,
) -> Rect {
    let names: Vec<Span<'_>> =
        curves.iter().map(|curve| Span::styled(format!("─{} ", curve.name), curve.style)).collect();
    // The longest title beside which the curves' names still fit; of the shortest its beginning, where it does not.
    let inside = usize::from(area.width).saturating_sub(2);
    let all = names.iter().map(Span::width).sum::<usize>();
    let title = titles.iter().find(|title| title.width() + all <= inside).or(titles.last());
    let mut legend = Line::raw(title.map_or("", String::as_str));
    if legend.width() < inside {
        let room = inside - legend.width();
        legend.extend(fitting_names(names, room));
    } else {
        legend = Line::raw(cut(&format!("{legend}…"), inside));
    }
    let inner = pane(frame, area, legend, focused, styles);
    let highest = curves
        .iter()
        .flat_map(|curve| curve.points.iter().flatten())
        .map(|point| point.1)
        .fold(0.0, f64::max);
    let top = round_up(highest);
    let charting = app.charting();
    #[expect(clippy::cast_precision_loss, reason = "an hour of seconds fits")]
    let span = charting.span.seconds() as f64;
    let mut runs: Vec<(Style, Vec<(f64, f64)>)> = curves
        .iter()
        .flat_map(|curve| runs(&curve.points).into_iter().map(|run| (curve.style, run)))
        .collect();
    let is_empty = runs.is_empty();
    if let Some(cursor) = charting.cursor {
        let step = i64::try_from(app.chart_step(area.width)).unwrap_or(1);
        #[expect(clippy::cast_precision_loss, reason = "an hour of seconds fits")]
        let (at, step) = ((cursor - charting.end(app.now()).wall.timestamp()) as f64, step as f64);
        let x = at + step / 2.0;
        // The newest second ends behind the axis, and is still on it; what was panned away is not.
        if at <= 0.0 {
            runs.push((styles.found(), vec![(x.min(0.0), 0.0), (x.min(0.0), top)]));
        }
    }
    let datasets = runs
        .iter()
        .map(|(style, run)| {
            Dataset::default().data(run).style(*style).marker(Marker::Braille).graph_type(GraphType::Line)
        })
        .collect();
    let ticks = |texts: &[String]| -> Vec<Span<'_>> {
        texts.iter().map(|text| Span::styled(text.clone(), styles.dim())).collect()
    };
    let heights = [0.0, top / 2.0, top].map(label);
    let chart = Chart::new(datasets)
        .legend_position(None)
        .x_axis(Axis::default().bounds([-span, 0.0]).style(styles.dim()).labels(ticks(&fitting(
            times(app),
            &heights,
            inner.width,
        ))))
        .y_axis(Axis::default().bounds([0.0, top]).style(styles.dim()).labels(ticks(&heights)));
    frame.render_widget(chart, inner);
    if highest == 0.0 && is_empty {
        let words = Line::styled("nothing observed yet", styles.dim()).centered();
        frame.render_widget(words, Rect { height: inner.height.min(1), ..inner });
    }
    inner
}

/// The names as far as there is room, and a sign where there is more of them.
fn fitting_names(names: Vec<Span<'_>>, mut room: usize) -> Vec<Span<'_>> {
    let (mut fitting, count) = (Vec::new(), names.len());
    for (name, following) in names.into_iter().zip((0..count).rev()) {
        let text = name.content.trim_end();
        let needed = if following > 0 { name.width() + 1 } else { text.width() };
        if needed > room {
            fitting.push(Span::styled(cut(&format!("{text}…"), room), name.style));
            break;
        }
        room = room.saturating_sub(name.width());
        fitting.push(name);
    }
    fitting
}

/// Runs of points without a gap: a line is drawn within each, and none between them.
fn runs(points: &[Option<(f64, f64)>]) -> Vec<Vec<(f64, f64)>> {
    points
        .split(Option::is_none)
        .filter(|run| !run.is_empty())
        .map(|run| run.iter().flatten().copied().collect())
        .collect()
}

/// The middle of a bucket, in seconds before the end.
#[expect(clippy::cast_precision_loss, reason = "an hour of seconds fits")]
fn x(bucket: &Bucket) -> f64 {
    (f64::from(bucket.seconds) / 2.0 - bucket.age as f64).min(0.0)
}
