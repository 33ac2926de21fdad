//! The form for receive parameters.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::overlay::{boxed, input, out_of_view};
use super::styles::Styles;
use crate::app::App;
use crate::app::form::{Field, Form};

const LABEL: u16 = 25;

pub(super) fn form(app: &App, form: &Form, styles: Styles, frame: &mut Frame<'_>, body: Rect) {
    let Some((_, watched)) = app.selected() else { return };
    let title = format!(" What {} is asked for, from the next poll on ", watched.endpoint.name);
    let rows = u16::try_from(Field::ALL.len()).unwrap_or_default();
    let inner = boxed(frame, body, (72, rows + 2), title.into(), styles);
    // What is said of the field with the focus has its lines also where the fields have not all of theirs.
    let room = rows.min(inner.height.saturating_sub(2)).max(1);
    let [fields, words] = Layout::vertical([Constraint::Length(room), Constraint::Min(0)]).areas(inner);
    let room = usize::from(room);
    let from = (form.focus() as usize + 1).saturating_sub(room);
    out_of_view(frame, inner, (from, Field::ALL.len().saturating_sub(from + room)), styles);
    for (field, row) in Field::ALL.into_iter().skip(from).zip(fields.rows()) {
        let focused = field == form.focus();
        let [label, typed] = Layout::horizontal([Constraint::Length(LABEL), Constraint::Min(1)]).areas(row);
        let wrong = form.problem(field).is_some();
        let mark = if wrong {
            "✖"
        } else if focused {
            "▸"
        } else {
            " "
        };
        let style = if wrong {
            styles.problem()
        } else if focused {
            styles.strong()
        } else {
            styles.dim()
        };
        frame.render_widget(Line::styled(format!("{mark} {}", field.name()), style), label);
        input(frame, typed, form.input(field), focused);
    }
    let (text, style) = match form.problem(form.focus()) {
        Some(problem) => (problem, styles.problem()),
        None => (form.focus().what().to_owned(), styles.dim()),
    };
    frame.render_widget(Paragraph::new(text).style(style).wrap(Wrap { trim: true }), words);
}
