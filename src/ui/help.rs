//! The help: every action with its keys, made from the one table.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::overlay::{boxed, out_of_view};
use super::styles::Styles;
use super::text::cut;
use crate::app::App;
use crate::app::mode::{HelpLine, help_lines};
use crate::app::screen::Screen;
use crate::keys::{Binding, Keys};

const WIDTH: u16 = 76;
const KEYS: usize = 20;

pub(super) fn draw(
    app: &App,
    scroll: usize,
    styles: Styles,
    frame: &mut Frame<'_>,
    body: Rect,
    screen: &mut Screen,
) {
    let lines = help_lines();
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let inner = boxed(frame, body, (WIDTH, height), " Help ".into(), styles);
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(inner.height)));
    screen.overlay = inner;
    for (line, row) in lines.iter().skip(scroll).zip(inner.rows()) {
        frame.render_widget(line_of(line, app.keys(), styles, usize::from(row.width)), row);
    }
    let below = lines.len().saturating_sub(scroll + usize::from(inner.height));
    out_of_view(frame, inner, (scroll, below), styles);
}

fn line_of(line: &HelpLine, keys: &Keys, styles: Styles, width: usize) -> Line<'static> {
    match line {
        HelpLine::Space => Line::default(),
        HelpLine::Heading(group) => Line::styled(group.to_string(), styles.strong()),
        HelpLine::Action(Binding { action, what, .. }) => {
            let keys: Vec<String> = keys.of(*action).iter().map(ToString::to_string).collect();
            // What has no key is found in the palette.
            let keys = if keys.is_empty() { vec!["–".to_owned()] } else { keys };
            Line::from(vec![
                Span::styled(
                    format!("  {:<KEYS$}", keys.join(" ")),
                    styles.tone(crate::app::document::Tone::Key),
                ),
                Span::raw(cut(what, width.saturating_sub(KEYS + 2))),
            ])
        }
    }
}
