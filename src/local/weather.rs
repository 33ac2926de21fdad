//! What the gateway itself is going through, whatever the queues hold.

use std::time::Duration;

/// How the gateway treats requests for the time being.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weather {
    /// Every request is served.
    #[default]
    Clear,
    /// Requests beyond this many a second are refused with 429, as a stage's throttling does.
    Throttled {
        /// The bucket refills at this rate and holds as much as one second brings.
        per_second: u32,
    },
    /// Every request fails: 503, 504 and 502 in turn.
    Outage,
}

/// Why the gateway refused a request without asking the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    TooManyRequests,
    ServiceUnavailable,
    EndpointTimedOut,
    BadGateway,
}

/// The weather and what it has done so far.
#[derive(Debug, Default)]
pub(super) struct Sky {
    pub weather: Weather,
    /// Requests the bucket would let through at once.
    tokens: f64,
    refilled: Duration,
    refused: usize,
}

impl Sky {
    /// A bucket is full when its throttling begins.
    pub fn turn(&mut self, weather: Weather) {
        if let Weather::Throttled { per_second } = weather
            && weather != self.weather
        {
            self.tokens = f64::from(per_second);
        }
        self.weather = weather;
    }

    pub fn admit(&mut self, now: Duration) -> Result<(), Refusal> {
        match self.weather {
            Weather::Clear => Ok(()),
            Weather::Throttled { per_second } => self.take_token(per_second, now),
            Weather::Outage => Err(self.next_failure()),
        }
    }

    fn take_token(&mut self, per_second: u32, now: Duration) -> Result<(), Refusal> {
        let rate = f64::from(per_second);
        let earned = now.saturating_sub(self.refilled).as_secs_f64() * rate;
        self.tokens = (self.tokens + earned).min(rate);
        self.refilled = self.refilled.max(now);
        if self.tokens < 1.0 {
            return Err(Refusal::TooManyRequests);
        }
        self.tokens -= 1.0;
        Ok(())
    }

    fn next_failure(&mut self) -> Refusal {
        const FAILURES: [Refusal; 3] =
            [Refusal::ServiceUnavailable, Refusal::EndpointTimedOut, Refusal::BadGateway];
        self.refused += 1;
        FAILURES[(self.refused - 1) % FAILURES.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttled_gateway_serves_so_many_requests_a_second_and_no_more() {
        let mut sky = Sky::default();
        sky.turn(Weather::Throttled { per_second: 5 });
        let admitted = |sky: &mut Sky, from: u64, to: u64| {
            (from..to).step_by(10).filter(|at| sky.admit(Duration::from_millis(*at)).is_ok()).count()
        };
        assert_eq!(admitted(&mut sky, 1_000, 2_000), 9, "the bucket's five, and four earned meanwhile");
        assert_eq!(admitted(&mut sky, 2_000, 12_000), 50);
    }

    #[test]
    fn an_outage_fails_every_request_in_each_way_a_gateway_fails() {
        let mut sky = Sky::default();
        sky.turn(Weather::Outage);
        let refusals: Vec<_> = (0..4).map(|_| sky.admit(Duration::ZERO).unwrap_err()).collect();
        assert_eq!(
            refusals,
            [
                Refusal::ServiceUnavailable,
                Refusal::EndpointTimedOut,
                Refusal::BadGateway,
                Refusal::ServiceUnavailable
            ]
        );
        sky.turn(Weather::Clear);
        assert_eq!(sky.admit(Duration::ZERO), Ok(()));
    }
}
