//! How long answers take, as percentiles over the whole run.

use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest time told apart: a long poll of 20 s and the 10 s that a request may take beyond it, and some.
const LONGEST: Duration = Duration::from_secs(60);

/// Answer times from a request's start to its end, to two significant digits; a long poll's wait included.
#[derive(Debug)]
pub struct Latency {
    /// Microseconds. None only if the histogram's constant bounds were wrong.
    histogram: Option<Histogram<u32>>,
}

impl Default for Latency {
    fn default() -> Self {
        Self { histogram: Histogram::new_with_bounds(1, micros(LONGEST), 2).ok() }
    }
}

impl Latency {
    pub(super) fn record(&mut self, time: Duration) {
        if let Some(histogram) = &mut self.histogram {
            histogram.saturating_record(micros(time).max(1));
        }
    }

    /// The time that `percentile` (0 to 100) of the answers did not exceed; none before the first answer.
    #[must_use]
    pub fn percentile(&self, percentile: f64) -> Option<Duration> {
        let histogram = self.histogram.as_ref().filter(|histogram| !histogram.is_empty())?;
        Some(Duration::from_micros(histogram.value_at_percentile(percentile)))
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
