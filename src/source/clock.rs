//! The two clocks every observation carries.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::observation::Moment;

/// Reads the wall clock and the monotonic one together.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
    wall: fn() -> DateTime<Utc>,
}

impl Clock {
    /// A clock whose offsets count from now.
    #[must_use]
    pub fn start() -> Self {
        Self::with_wall(Utc::now)
    }

    /// The same with another clock on the wall, for tests: tokio's own time can be paused, the wall's cannot.
    #[must_use]
    pub fn with_wall(wall: fn() -> DateTime<Utc>) -> Self {
        Self { origin: Instant::now(), wall }
    }

    /// Now, on both clocks.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment { wall: (self.wall)(), offset: self.origin.elapsed() }
    }

    /// The instant at an offset.
    #[must_use]
    pub fn instant(&self, offset: Duration) -> Instant {
        self.origin + offset
    }
}
