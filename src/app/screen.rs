//! Where things were drawn last: what a click hits, and how many rows a page has.

use ratatui::layout::{Position, Rect};

use super::detail::Tab;

/// The panes that can have the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The endpoints.
    Endpoints,
    /// The messages.
    #[default]
    Messages,
    /// The selected message.
    Detail,
    /// The charts.
    Charts,
}

/// The areas inside the borders, as drawn last; empty where nothing was drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// The rows of endpoints, and the first one shown.
    pub endpoints: Rect,
    /// The endpoint in the first of those rows.
    pub first_endpoint: usize,
    /// The rows of messages.
    pub messages: Rect,
    /// The rows of the detail.
    pub detail: Rect,
    /// The chart in front.
    pub charts: Rect,
    /// The titles of the tabs.
    pub tabs: Vec<(Rect, Tab)>,
    /// The rows of what lies over the panes, if anything does.
    pub overlay: Rect,
}

impl Screen {
    /// The pane under the pointer.
    #[must_use]
    pub fn pane(&self, at: Position) -> Option<Pane> {
        let tab = self.tab(at).map(|_| Pane::Detail);
        [
            (self.endpoints, Pane::Endpoints),
            (self.messages, Pane::Messages),
            (self.detail, Pane::Detail),
            (self.charts, Pane::Charts),
        ]
        .into_iter()
        .find(|(area, _)| area.contains(at))
        .map_or(tab, |(_, pane)| Some(pane))
    }

    /// The tab under the pointer.
    #[must_use]
    pub fn tab(&self, at: Position) -> Option<Tab> {
        self.tabs.iter().find(|(area, _)| area.contains(at)).map(|(_, tab)| *tab)
    }
}
