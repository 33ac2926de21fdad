//! The mouse: what a click selects and what the wheel scrolls. Everything it does, a key does too.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::App;
use super::mode::Mode;
use super::screen::Pane;

/// Rows that one notch of the wheel scrolls.
const NOTCH: i64 = 3;

impl App {
    pub(super) fn mouse(&mut self, event: MouseEvent) {
        let at = Position::new(event.column, event.row);
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => self.click(at),
            MouseEventKind::ScrollUp => self.wheel(at, -NOTCH),
            MouseEventKind::ScrollDown => self.wheel(at, NOTCH),
            // Movement changes nothing, and comes in floods.
            _ => return,
        }
        self.dirty = true;
    }

    fn click(&mut self, at: Position) {
        if !matches!(self.mode, Mode::Watching) {
            return;
        }
        if let Some(tab) = self.screen.tab(at) {
            self.detail.show(tab);
        }
        let Some(pane) = self.screen.pane(at) else { return };
        self.pane = pane;
        match pane {
            Pane::Endpoints => {
                let row = usize::from(at.y - self.screen.endpoints.y);
                self.select_endpoint(self.screen.first_endpoint + row);
            }
            Pane::Messages => self.select_row(u64::from(at.y - self.screen.messages.y)),
            Pane::Detail => {
                let row = at.y.saturating_sub(self.screen.detail.y);
                self.detail.select_row(row, self.screen.detail.height);
            }
            Pane::Charts => {}
        }
    }

    fn wheel(&mut self, at: Position, rows: i64) {
        match (&self.mode, self.screen.pane(at)) {
            (Mode::Help(_) | Mode::Faults(_) | Mode::Impact(_) | Mode::Diff(_), _) => {
                self.scroll_overlay(rows);
            }
            (Mode::Watching, Some(Pane::Detail)) => self.detail.scroll_by(rows, self.screen.detail.height),
            (Mode::Watching, Some(Pane::Messages)) => self.move_cursor(rows),
            (Mode::Watching, Some(Pane::Endpoints)) => self.move_endpoint(rows.signum()),
            _ => {}
        }
    }

    fn select_row(&mut self, row: u64) {
        let page = self.page();
        self.select(|selection, listed| selection.select_row(row, listed, page));
    }
}
