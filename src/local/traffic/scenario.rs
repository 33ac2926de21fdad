//! The stories that the traffic can tell.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::local::Weather;

/// What happens in a run of the demo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Scenario {
    /// Producers and consumers in balance, in waves.
    #[default]
    Steady,
    /// Twelve times the rate for 15 s in every minute.
    Surge,
    /// Some orders fail for every consumer and end in the dead-letter queue.
    Poison,
    /// The gateway throttles for 10 s in every 30.
    Throttle,
    /// A consumer stalls on one message and with it blocks a group of a FIFO queue.
    FifoStall,
    /// The gateway is down for 10 s in every 35.
    Outage,
}

/// A surge begins at this second of every minute.
const SURGE_AT: u64 = 10;
const SURGE_SECONDS: u64 = 15;
const SURGE_FACTOR: f64 = 12.0;
/// How long one wave of the steady traffic takes, in seconds.
const WAVE: f64 = 47.0;

impl Scenario {
    /// Every scenario, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Steady, Self::Surge, Self::Poison, Self::Throttle, Self::FifoStall, Self::Outage];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Surge => "surge",
            Self::Poison => "poison",
            Self::Throttle => "throttle",
            Self::FifoStall => "fifo-stall",
            Self::Outage => "outage",
        }
    }

    /// What happens, in one line.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Steady => "producers and consumers in balance, in waves",
            Self::Surge => "twelve times the rate for 15 s in every minute: the backlog grows, then drains",
            Self::Poison => "some orders fail for every consumer and end in the dead-letter queue",
            Self::Throttle => "the gateway throttles for 10 s in every 30",
            Self::FifoStall => "a consumer stalls on one message and blocks its group of a FIFO queue",
            Self::Outage => "the gateway is down for 10 s in every 35",
        }
    }

    /// By how much the rate is multiplied at this time of the story.
    pub(super) fn factor(self, at: Duration) -> f64 {
        let surging = (SURGE_AT..SURGE_AT + SURGE_SECONDS).contains(&(at.as_secs() % 60));
        if self == Self::Surge && surging {
            return SURGE_FACTOR;
        }
        1.0 + 0.3 * (at.as_secs_f64() / WAVE * std::f64::consts::TAU).sin()
    }

    /// How much faster than the rate the consumers work at most.
    pub(super) fn most_consumed(self) -> f64 {
        if self == Self::Surge { 6.0 } else { 2.0 }
    }

    /// The weather over the gateway at this time of the story.
    pub(super) fn weather(self, at: Duration) -> Weather {
        let second = at.as_secs();
        match self {
            Self::Throttle if (8..18).contains(&(second % 30)) => Weather::Throttled { per_second: 1 },
            Self::Outage if (12..22).contains(&(second % 35)) => Weather::Outage,
            _ => Weather::Clear,
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The name is none of the scenarios'.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no scenario is called {given}; there are steady, surge, poison, throttle, fifo-stall and outage")]
pub struct UnknownScenario {
    given: String,
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(name: &str) -> Result<Self, UnknownScenario> {
        let known = Self::ALL.into_iter().find(|scenario| scenario.name() == name);
        known.ok_or_else(|| UnknownScenario { given: crate::text::visible(name).into_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_goes_by_the_same_name_everywhere() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.to_string().parse(), Ok(scenario));
            let value = clap::ValueEnum::to_possible_value(&scenario);
            assert_eq!(value.map(|value| value.get_name().to_owned()).as_deref(), Some(scenario.name()));
        }
        assert_eq!(
            "stedy".parse::<Scenario>().unwrap_err().to_string(),
            "no scenario is called stedy; there are steady, surge, poison, throttle, fifo-stall and outage"
        );
    }
}
