//! The tabs of the detail pane.

/// The tabs, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// JSON, else text, else hex, out of its envelopes.
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
    pub(super) fn changes(self) -> bool {
        matches!(self, Self::Attributes | Self::Timeline)
    }
}
