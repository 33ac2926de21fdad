//! What each action does.

use crossterm::event::{KeyCode, KeyEvent};

use super::detail::Tab;
use super::form::Form;
use super::guarding::Guarding;
use super::listing::Rows;
use super::mode::Mode;
use super::patterns::Patterns;
use super::prompt::Prompt;
use super::screen::Pane;
use super::selection::Selection;
use super::viewing::Program;
use super::{App, Effect, Watched};
use crate::keys::Action;
use crate::source::Control;
use crate::watch::EndpointWatch;

/// Further than any list is long.
const TO_THE_END: i64 = i64::MAX / 2;

impl App {
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Quit => return vec![Effect::Quit],
            Action::Suspend => return vec![Effect::Suspend],
            Action::PollNow => return self.poll_now(),
            Action::Pause => return self.pause(),
            Action::PauseAll => return self.pause_all(),
            Action::Up => self.move_by(-1),
            Action::Down => self.move_by(1),
            Action::PageUp => self.move_by(-self.page_rows()),
            Action::PageDown => self.move_by(self.page_rows()),
            Action::First => self.move_by(-TO_THE_END),
            Action::Last => self.move_by(TO_THE_END),
            Action::NextPane => self.step_pane(1),
            Action::PreviousPane => self.step_pane(3),
            Action::Left => self.sideways(false),
            Action::Right => self.sideways(true),
            Action::ShiftLeft => self.shift(false),
            Action::ShiftRight => self.shift(true),
            Action::NextEndpoint => self.next(true),
            Action::PreviousEndpoint => self.next(false),
            Action::NextNew => self.go_to_next_new(),
            Action::Filter if self.focus() == Pane::Detail => self.open_search(),
            Action::Filter => self.open_filter(),
            Action::Pin => self.pin(),
            Action::Mark => self.mark(),
            Action::Diff => self.open_diff(),
            Action::Copy => self.open_copy(),
            Action::Export => self.open_export(),
            Action::Editor => return self.open_in(Program::Editor),
            Action::Pager => return self.open_in(Program::Pager),
            Action::Fold => self.fold(),
            Action::FoldAll => self.detail.fold_all(),
            Action::Peel => self.peel(),
            Action::Unpeel => self.unpeel(),
            Action::Jq => self.open_jq(),
            Action::Wrap => self.toggle_wrap(),
            Action::Columns => self.open_columns(),
            Action::Sort => self.sort_by_next(),
            Action::Mask => self.toggle_mask(),
            Action::Patterns => self.mode = Mode::Patterns(Patterns::default()),
            Action::ZoomIn => self.zoom_charts(true),
            Action::ZoomOut => self.zoom_charts(false),
            Action::ChartSent => self.toggle_sent(),
            Action::ChartAll => self.charting.all = !self.charting.all,
            Action::Freeze => self.freeze(),
            Action::Palette => self.mode = Mode::Palette(Box::default()),
            Action::Zoom => self.zoom(),
            Action::Close => return self.close(),
            Action::Follow => self.follow(),
            Action::NextTab => self.detail.show(self.detail.tab().step(1)),
            Action::PreviousTab => self.detail.show(self.detail.tab().step(Tab::ALL.len() - 1)),
            Action::ShowBody => self.detail.show(Tab::Body),
            Action::ShowAttributes => self.detail.show(Tab::Attributes),
            Action::ShowCustom => self.detail.show(Tab::Custom),
            Action::ShowTimeline => self.detail.show(Tab::Timeline),
            Action::ShowRaw => self.detail.show(Tab::Raw),
            Action::EditParameters => self.edit(),
            Action::AddEndpoint => self.mode = Mode::Adding(Prompt::default()),
            Action::RemoveEndpoint => self.ask_to_remove(),
            Action::Guard => self.mode = Mode::Guarding(Guarding::default()),
            Action::Impact => self.mode = Mode::Impact(0),
            Action::SwapCharts => self.next_chart(),
            Action::Span => self.charting.span = self.charting.span.next(),
            Action::Faults => self.mode = Mode::Faults(0),
            Action::Help => self.mode = Mode::Help(0),
        }
        Vec::new()
    }

    /// Keys while the help or the faults are open: they scroll, and anything that opened or quits closes.
    pub(super) fn read_key(&mut self, key: KeyEvent) {
        let page = i64::from(self.screen.overlay.height.max(2)) - 1;
        match self.look.keys.action(key) {
            Some(Action::Up) => self.scroll_overlay(-1),
            Some(Action::Down) => self.scroll_overlay(1),
            Some(Action::PageUp) => self.scroll_overlay(-page),
            Some(Action::PageDown) => self.scroll_overlay(page),
            Some(Action::First) => self.scroll_overlay(-TO_THE_END),
            Some(Action::Last) => self.scroll_overlay(TO_THE_END),
            Some(
                Action::Close
                | Action::Help
                | Action::Faults
                | Action::Impact
                | Action::Diff
                | Action::Quit
                | Action::Zoom,
            ) => {
                self.mode = Mode::Watching;
            }
            _ => {}
        }
    }

    pub(super) fn scroll_overlay(&mut self, rows: i64) {
        let length = self.overlay_rows();
        let furthest = match self.mode {
            // Its cursor moves from fault to fault, and the rows follow.
            Mode::Faults(_) => self.fault_count().saturating_sub(1),
            _ => length.saturating_sub(usize::from(self.screen.overlay.height)),
        };
        let scroll = match &mut self.mode {
            Mode::Help(scroll) | Mode::Faults(scroll) | Mode::Impact(scroll) => scroll,
            Mode::Diff(diff) => &mut diff.scroll,
            _ => return,
        };
        let rows = isize::try_from(rows).unwrap_or_default();
        *scroll = (*scroll).min(furthest).saturating_add_signed(rows).min(furthest);
    }

    /// How many rows the open overlay has to show: the help's come from the table of actions.
    #[must_use]
    pub fn overlay_rows(&self) -> usize {
        match &self.mode {
            Mode::Help(_) => super::mode::help_lines().len(),
            Mode::Faults(_) => self.fault_rows().len(),
            Mode::Impact(_) => self.impact_lines().len(),
            Mode::Diff(diff) => diff.document.rows().len(),
            _ => 0,
        }
    }

    pub(super) fn close(&mut self) -> Vec<Effect> {
        if !matches!(self.mode, Mode::Watching) {
            self.mode = Mode::Watching;
        } else if !self.detail.search().text().is_empty() {
            self.detail.look_for("");
        } else if self.zoomed {
            self.zoomed = false;
        } else if self.filter.is_some() {
            self.put_filter(None);
        } else {
            self.notices.dismiss();
        }
        Vec::new()
    }

    pub(super) fn move_by(&mut self, rows: i64) {
        match self.focus() {
            Pane::Endpoints => self.move_endpoint(rows),
            Pane::Messages => self.move_cursor(rows),
            Pane::Detail => self.detail.move_by(rows, self.screen.detail.height),
            Pane::Charts => {}
        }
    }

    pub(super) fn move_cursor(&mut self, rows: i64) {
        let page = self.page();
        self.select(|selection, listed| selection.move_by(rows, listed, page));
    }

    pub(super) fn select_endpoint(&mut self, place: usize) {
        if place < self.endpoints.len() {
            self.selected = place;
            self.list();
        }
    }

    /// The pane that movement goes to: the detail while it fills the screen.
    pub(super) fn focus(&self) -> Pane {
        if self.zoomed { Pane::Detail } else { self.pane }
    }

    fn page_rows(&self) -> i64 {
        let height = match self.focus() {
            Pane::Endpoints => self.screen.endpoints.height,
            Pane::Messages => self.screen.messages.height,
            Pane::Detail => self.screen.detail.height,
            Pane::Charts => 0,
        };
        // A row of the last page stays in view.
        i64::from(height.max(2)) - 1
    }

    fn step_pane(&mut self, steps: usize) {
        const ORDER: [Pane; 4] = [Pane::Endpoints, Pane::Messages, Pane::Detail, Pane::Charts];
        let place = ORDER.iter().position(|pane| *pane == self.pane).unwrap_or_default();
        self.pane = ORDER[(place + steps) % ORDER.len()];
    }

    pub(super) fn move_endpoint(&mut self, rows: i64) {
        let last = self.endpoints.len().saturating_sub(1);
        let rows = isize::try_from(rows).unwrap_or_default();
        self.selected = self.selected.saturating_add_signed(rows).min(last);
        self.list();
    }

    fn zoom(&mut self) {
        if self.zoomed {
            self.zoomed = false;
        } else if self.pane == Pane::Endpoints {
            self.pane = Pane::Messages;
        } else if self.selected_entry().is_some() {
            self.zoomed = true;
        }
    }

    fn follow(&mut self) {
        self.select(Selection::toggle_following);
    }

    /// Moves the cursor in the list as it stands.
    pub(super) fn select(&mut self, change: impl FnOnce(&mut Selection, &Rows<'_>)) {
        let Some((_, watched)) = self.selected() else { return };
        let mut selection = watched.selection;
        match self.selected_watch() {
            Some(watch) => change(&mut selection, &self.rows(watched, &watch.ledger)),
            None => change(&mut selection, &Rows::All(0..0)),
        }
        if let Some(watched) = self.endpoints.get_mut(self.selected) {
            watched.selection = selection;
        }
    }

    fn poll_now(&mut self) -> Vec<Effect> {
        let Some((_, watched)) = self.selected() else { return Vec::new() };
        let name = watched.endpoint.name.clone();
        self.say(&format!("polling {name} now"));
        vec![Effect::Control(name, Control::PollNow)]
    }

    fn pause(&mut self) -> Vec<Effect> {
        let Some(watched) = self.endpoints.get_mut(self.selected) else { return Vec::new() };
        let effect = set_paused(watched, !watched.paused);
        let said = if watched.paused { "paused" } else { "resumed" };
        let text = format!("{said} {}", watched.endpoint.name);
        self.say(&text);
        vec![effect]
    }

    /// Pauses those that run; resumes all when none does.
    fn pause_all(&mut self) -> Vec<Effect> {
        let pause = self.endpoints.iter().any(|watched| !watched.paused);
        let effects = self
            .endpoints
            .iter_mut()
            .filter(|watched| watched.paused != pause)
            .map(|watched| set_paused(watched, pause))
            .collect();
        self.say(if pause { "paused all endpoints" } else { "resumed all endpoints" });
        effects
    }

    fn edit(&mut self) {
        if let Some((_, watched)) = self.selected() {
            self.mode = Mode::Editing(Box::new(Form::of(&watched.endpoint)));
        }
    }

    pub(super) fn apply_form(&mut self) -> Vec<Effect> {
        let Mode::Editing(form) = &mut self.mode else { return Vec::new() };
        let Ok(asked) = form.submit() else { return Vec::new() };
        let Some(watched) = self.endpoints.get_mut(self.selected) else { return self.close() };
        watched.endpoint.parameters = asked.parameters.clone();
        watched.endpoint.pace = asked.pace;
        let name = watched.endpoint.name.clone();
        self.mode = Mode::Watching;
        self.say(&format!("{name}: the next poll asks for this"));
        vec![
            Effect::Control(name.clone(), Control::Pace(asked.pace)),
            Effect::Control(name, Control::Parameters(asked.parameters)),
        ]
    }

    pub(super) fn add(&mut self) -> Vec<Effect> {
        let Mode::Adding(prompt) = &mut self.mode else { return Vec::new() };
        let (parameters, pace) = self.defaults.clone();
        let Ok(endpoint) = prompt.endpoint(parameters, pace) else {
            // What is wrong is said under the prompt.
            prompt.refuse();
            return Vec::new();
        };
        self.mode = Mode::Watching;
        if let Some(place) = self.endpoints.iter().position(|watched| watched.endpoint.name == endpoint.name)
        {
            self.select_endpoint(place);
            self.say(&format!("{} is watched already", endpoint.name));
            return Vec::new();
        }
        self.say(&format!("watching {}", endpoint.name));
        self.endpoints.push(Watched::new(endpoint.clone()));
        self.select_endpoint(self.endpoints.len() - 1);
        vec![Effect::Start(Box::new(endpoint))]
    }

    fn ask_to_remove(&mut self) {
        if self.selected().is_some() {
            self.mode = Mode::Removing;
        }
    }

    pub(super) fn removing_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        match key.code {
            KeyCode::Char('y' | 'Y') | KeyCode::Enter => {
                self.mode = Mode::Watching;
                self.remove()
            }
            KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => self.close(),
            _ => Vec::new(),
        }
    }

    fn remove(&mut self) -> Vec<Effect> {
        if self.selected >= self.endpoints.len() {
            return Vec::new();
        }
        let name = self.endpoints.remove(self.selected).endpoint.name;
        self.selected = self.selected.min(self.endpoints.len().saturating_sub(1));
        let held = self.watch.endpoint(&name).map_or(0, |watch: &EndpointWatch| watch.ledger.len());
        self.watch.forget(&name);
        self.list();
        self.say(&format!("removed {name}, and {held} messages held of it"));
        vec![Effect::Remove(name)]
    }
}

pub(super) fn set_paused(watched: &mut Watched, paused: bool) -> Effect {
    watched.paused = paused;
    let control = if paused { Control::Pause } else { Control::Resume };
    Effect::Control(watched.endpoint.name.clone(), control)
}
