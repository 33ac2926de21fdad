//! What stands beside and below the axes.

use std::time::Duration;

use crate::app::App;

/// Below the axis: how long ago, or when, if the end is not now.
pub(super) fn times(app: &App) -> [String; 3] {
    let charting = app.charting();
    let minutes = charting.span.minutes();
    if charting.frozen.is_some() || charting.back > 0 {
        let end = charting.end(app.now()).wall;
        let back = |seconds: u64| {
            let at = end - chrono::TimeDelta::seconds(i64::try_from(seconds).unwrap_or_default());
            at.format("%H:%M:%S").to_string()
        };
        return [back(minutes * 60), back(minutes * 30), back(0)];
    }
    let half = if minutes == 1 { "-30s".to_owned() } else { format!("-{}m", half_minutes(minutes)) };
    [format!("-{minutes}m"), half, "now".into()]
}

/// The times without the one in the middle where that would be cut: ratatui gives each a third of what is left beside the
/// heights, or beside the first time, and keeps a column between them.
pub(super) fn fitting(times: [String; 3], heights: &[String], width: u16) -> Vec<String> {
    let [first, middle, last] = times;
    let beside = heights.iter().map(String::len).max().unwrap_or_default().max(first.len());
    let third = usize::from(width).saturating_sub(beside + 1) / 3;
    if middle.len() < third { vec![first, middle, last] } else { vec![first, last] }
}

fn half_minutes(minutes: u64) -> String {
    if minutes.is_multiple_of(2) { (minutes / 2).to_string() } else { format!("{}.5", minutes / 2) }
}

/// The next of 1, 2 and 5 times a power of ten, so that the axis does not move with every poll.
pub(super) fn round_up(highest: f64) -> f64 {
    if highest <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(highest.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|top| *top >= highest).unwrap_or(highest)
}

pub(super) fn number(value: f64) -> String {
    // The ends of the axis are 1, 2 or 5 times a power of ten, and its middle half of that.
    let rounded = (value * 1_000.0).round() / 1_000.0;
    rounded.to_string()
}

pub(super) fn seconds(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        0 => "0".into(),
        1..=9_999 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        10_000..=999_999 => format!("{:.0} ms", time.as_secs_f64() * 1e3),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}
