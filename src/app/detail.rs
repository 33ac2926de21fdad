//! The detail pane's state: which tab, how far scrolled, and the document that is shown.

use std::time::Duration;

use super::document::message::Clocks;
use super::document::{Document, body, message};
use crate::observation::EndpointName;
use crate::watch::Entry;

/// The tabs, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// JSON, else text, else hex.
    #[default]
    Body,
    /// System attributes.
    Attributes,
    /// Custom attributes.
    Custom,
    /// Every time we received it.
    Timeline,
    /// The body as it came.
    Raw,
}

impl Tab {
    /// From left to right.
    pub const ALL: [Self; 5] = [Self::Body, Self::Attributes, Self::Custom, Self::Timeline, Self::Raw];

    /// What the tab is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Body => "Body",
            Self::Attributes => "Attributes",
            Self::Custom => "Custom",
            Self::Timeline => "Timeline",
            Self::Raw => "Raw",
        }
    }

    /// The tab `steps` to the right, around the end.
    #[must_use]
    pub fn step(self, steps: usize) -> Self {
        let place = Self::ALL.iter().position(|tab| *tab == self).unwrap_or_default();
        Self::ALL[(place + steps) % Self::ALL.len()]
    }

    /// Whether what it shows grows older by itself, or with every receive.
    fn changes(self) -> bool {
        matches!(self, Self::Attributes | Self::Timeline)
    }
}

/// What the document was made from: made again only when one of these changes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    endpoint: EndpointName,
    ordinal: u64,
    tab: Tab,
    width: u16,
    /// Receives and the second, on tabs that show them.
    aged: Option<(u32, u64)>,
}

/// What the detail pane shows.
#[derive(Debug, Default)]
pub struct Detail {
    tab: Tab,
    scroll: usize,
    made: Option<Made>,
    document: Document,
}

impl Detail {
    /// The tab in front.
    #[must_use]
    pub fn tab(&self) -> Tab {
        self.tab
    }

    /// Brings a tab to the front, from its top.
    pub fn show(&mut self, tab: Tab) {
        if self.tab != tab {
            self.tab = tab;
            self.scroll = 0;
        }
    }

    /// The document, and the row it is scrolled to in a view of `height` rows.
    #[must_use]
    pub fn view(&self, height: u16) -> (&Document, usize) {
        (&self.document, self.scroll.min(self.furthest(height)))
    }

    /// Scrolls down, or up when negative.
    pub fn scroll_by(&mut self, rows: i64, height: u16) {
        let furthest = self.furthest(height);
        let rows = isize::try_from(rows).unwrap_or(if rows < 0 { isize::MIN } else { isize::MAX });
        self.scroll = self.scroll.min(furthest).saturating_add_signed(rows).min(furthest);
    }

    /// Makes the document anew if what is selected, or how it is shown, has changed.
    pub fn refresh(&mut self, selected: Option<(&EndpointName, u64, &Entry)>, clocks: Clocks, width: u16) {
        let Some((endpoint, ordinal, entry)) = selected else {
            *self = Self { tab: self.tab, ..Self::default() };
            return;
        };
        let second = |offset: Duration| offset.as_secs();
        let aged = self.tab.changes().then(|| (entry.receives(), second(clocks.now.offset)));
        let made = Made { endpoint: endpoint.clone(), ordinal, tab: self.tab, width, aged };
        if self.made.as_ref() == Some(&made) {
            return;
        }
        let same_message = |old: &Made| old.ordinal == made.ordinal && old.endpoint == made.endpoint;
        if !self.made.as_ref().is_some_and(same_message) {
            self.scroll = 0;
        }
        self.document = match self.tab {
            Tab::Body => message::body(entry, width),
            Tab::Raw => body::raw(&entry.message.body, width),
            Tab::Attributes => message::attributes(entry, clocks, width),
            Tab::Custom => message::custom(entry, width),
            Tab::Timeline => message::timeline(entry, clocks, width),
        };
        self.made = Some(made);
    }

    fn furthest(&self, height: u16) -> usize {
        self.document.rows().len().saturating_sub(usize::from(height))
    }
}
