//! Times in as few characters as they can be understood in.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};

/// Turns a time into the user's zone, which differs from season to season.
pub type LocalTime = fn(DateTime<Utc>) -> DateTime<FixedOffset>;

/// A duration in at most five characters: `0.4s`, `12s`, `3m10s`, `2h05m`, `4d`.
#[must_use]
pub fn brief(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=9 => format!("{}.{}s", seconds, duration.subsec_millis() / 100),
        10..=59 => format!("{seconds}s"),
        60..=599 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        600..=3_599 => format!("{}m", seconds / 60),
        3_600..=35_999 => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        36_000..=172_799 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// How long ago a time was by the wall clock; a time that the clocks put into the future is 0 s ago.
#[must_use]
pub fn age(now: DateTime<Utc>, then: DateTime<Utc>) -> String {
    brief((now - then).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_at_most_five_characters() {
        let cases = [
            (0, "0.0s"),
            (9, "9.0s"),
            (12, "12s"),
            (190, "3m10s"),
            (3_599, "59m"),
            (7_500, "2h05m"),
            (86_400, "24h"),
            (400_000, "4d"),
        ];
        for (seconds, text) in cases {
            assert_eq!(brief(Duration::from_secs(seconds)), text);
        }
    }
}
