//! Draws a `&App`, and changes nothing.
//!
//! ```text
//!  ┌─────────────────────────────────────────────────┐  wide enough (70×18):
//!  │ header                                          │  bars::header
//!  ├───────────┬─────────────────────────────────────┤
//!  │ endpoints │ messages                            │  endpoints, messages
//!  ├───────────┴──────────┬──────────────────────────┤
//!  │ charts               │ detail                   │  charts, detail
//!  ├──────────────────────┴──────────────────────────┤
//!  │ footer                                          │  bars::footer
//!  └─────────────────────────────────────────────────┘
//!  smaller: header, the pane with the focus and what fits below it, footer; below 40×10 only a request for room;
//!  zoomed: header, detail, footer; over all of it: help, faults, parameters, prompts
//! ```
//!
//! What it returns says where things are, so that a click finds them.

mod bars;
mod border;
mod boxes;
mod charts;
mod detail;
mod endpoints;
mod help;
mod messages;
mod overlay;
mod parameters;
pub mod styles;
mod table;
mod text;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Line;

use crate::app::App;
use crate::app::mode::Mode;
use crate::app::screen::{Pane, Screen};
pub use styles::Styles;

/// Below this nothing useful fits.
const SMALLEST: (u16, u16) = (40, 10);
/// From this on all panes fit.
const ALL_PANES: (u16, u16) = (70, 18);

/// Draws the whole screen.
pub fn draw(app: &App, styles: Styles, frame: &mut Frame<'_>) -> Screen {
    let area = frame.area();
    let mut screen = Screen::default();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(frame, area);
        return screen;
    }
    let rows = [Constraint::Length(1), Constraint::Min(1), Constraint::Length(bars::footer_rows(app, area))];
    let [header, body, footer] = Layout::vertical(rows).areas(area);
    // Most themes leave texts as the terminal has them, and thousands of cells need not be told so every second.
    if styles.text() != Style::new() {
        frame.buffer_mut().set_style(area, styles.text());
    }
    bars::header(app, styles, frame, header);
    bars::footer(app, styles, frame, footer);
    if app.is_zoomed() {
        detail::draw(app, styles, frame, body, &mut screen);
    } else if area.width >= ALL_PANES.0 && area.height >= ALL_PANES.1 {
        all_panes(app, styles, frame, body, &mut screen);
    } else {
        few_panes(app, styles, frame, body, &mut screen);
    }
    over(app, styles, frame, body, &mut screen);
    screen
}

fn too_small(frame: &mut Frame<'_>, area: Rect) {
    let (width, height) = SMALLEST;
    let lines = [
        Line::from("qwatch needs more room:"),
        Line::from(format!("{width}×{height}, and this is {}×{}", area.width, area.height)),
    ];
    for (line, row) in lines.into_iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

fn all_panes(app: &App, styles: Styles, frame: &mut Frame<'_>, body: Rect, screen: &mut Screen) {
    let [above, below] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(body);
    let list = (above.width / 5).clamp(30, 46);
    let [list, messages] = Layout::horizontal([Constraint::Length(list), Constraint::Min(1)]).areas(above);
    let [charts, detail] = Layout::horizontal([Constraint::Percentage(45), Constraint::Min(1)]).areas(below);
    endpoints::draw(app, styles, frame, list, screen);
    messages::draw(app, styles, frame, messages, screen);
    charts::draw(app, styles, frame, charts, screen);
    detail::draw(app, styles, frame, detail, screen);
}

fn few_panes(app: &App, styles: Styles, frame: &mut Frame<'_>, body: Rect, screen: &mut Screen) {
    let shown = |area, screen: &mut Screen, frame: &mut Frame<'_>| match app.pane() {
        Pane::Endpoints => endpoints::draw(app, styles, frame, area, screen),
        Pane::Messages => messages::draw(app, styles, frame, area, screen),
        Pane::Detail => detail::draw(app, styles, frame, area, screen),
        Pane::Charts => charts::draw(app, styles, frame, area, screen),
    };
    if body.height < 14 {
        shown(body, screen, frame);
        return;
    }
    let [above, below] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(body);
    if app.pane() == Pane::Detail {
        messages::draw(app, styles, frame, above, screen);
        detail::draw(app, styles, frame, below, screen);
    } else {
        shown(above, screen, frame);
        detail::draw(app, styles, frame, below, screen);
    }
}

fn over(app: &App, styles: Styles, frame: &mut Frame<'_>, body: Rect, screen: &mut Screen) {
    match app.mode() {
        // The filter is typed in the pane that it is about.
        Mode::Watching | Mode::Filtering(_) | Mode::Searching(_) | Mode::Jq(_) => {}
        Mode::Copying => boxes::copying(app, styles, frame, body),
        Mode::Exporting(export) => boxes::exporting(app, export, styles, frame, body),
        Mode::Palette(palette) => boxes::palette(app, palette, styles, frame, body),
        Mode::Columns(choosing) => boxes::columns(app, choosing, styles, frame, body),
        Mode::Diff(diff) => boxes::diff(diff, styles, frame, body, screen),
        Mode::Patterns(patterns) => boxes::patterns(app, *patterns, styles, frame, body, screen),
        Mode::Help(scroll) => help::draw(app, *scroll, styles, frame, body, screen),
        Mode::Faults(_) => overlay::faults(app, styles, frame, body, screen),
        Mode::Impact(scroll) => overlay::impact(app, *scroll, styles, frame, body, screen),
        Mode::Guarding(guarding) => overlay::guarding(app, guarding, styles, frame, body),
        Mode::Editing(form) => parameters::form(app, form, styles, frame, body),
        Mode::Adding(prompt) => overlay::add(prompt, styles, frame, body),
        Mode::Removing => overlay::remove(app, styles, frame, body),
    }
}
