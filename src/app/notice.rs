//! What just happened, said for a while at the bottom of the screen.

use std::collections::VecDeque;
use std::time::Duration;

use crate::text::visible;

/// Notices waiting for their turn; more than these at once and the oldest goes.
const WAITING: usize = 8;

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something was done.
    Done,
    /// Something could not be done, or went wrong.
    Problem,
}

/// One sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Made visible.
    pub text: String,
    /// How serious.
    pub level: Level,
    until: Duration,
}

/// The notices of late, the newest shown.
#[derive(Debug, Default)]
pub struct Notices(VecDeque<Notice>);

impl Notices {
    /// Logs and shows a sentence; `now` is an offset.
    pub fn say(&mut self, level: Level, text: &str, now: Duration) {
        match level {
            Level::Done => tracing::info!("{}", visible(text)),
            Level::Problem => tracing::warn!("{}", visible(text)),
        }
        self.show(level, text, now);
    }

    /// Shows a sentence that may quote a message, which belongs into no log.
    pub fn show(&mut self, level: Level, text: &str, now: Duration) {
        let text = visible(text).into_owned();
        let shown_for = match level {
            Level::Done => Duration::from_secs(4),
            Level::Problem => Duration::from_secs(10),
        };
        if self.0.len() == WAITING {
            self.0.pop_front();
        }
        self.0.push_back(Notice { text, level, until: now + shown_for });
    }

    /// Lets go of all of them: they may quote what is hidden now.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// The newest that is not over.
    #[must_use]
    pub fn current(&self) -> Option<&Notice> {
        self.0.back()
    }

    /// Lets go of those that are over.
    pub fn expire(&mut self, now: Duration) {
        self.0.retain(|notice| notice.until > now);
    }

    /// Lets go of the one that is shown.
    pub fn dismiss(&mut self) {
        self.0.pop_back();
    }
}
