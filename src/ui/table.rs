//! The list of messages as a table: how wide each column is, and what stands in it.

use std::borrow::Cow;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::styles::Styles;
use super::text::{fit, one_line, size};
use crate::app::columns::{NONE, text};
use crate::app::{App, Watched};
use crate::config::Column;
use crate::guard::Limit;
use crate::watch::{Entry, Receives};

/// Cells between the column before the body and it, where a message that is not as SQS stored it is marked.
const ALTERED: &str = "≠ ";
/// The widest that a column becomes whose width follows from what stands in it.
const WIDEST: usize = 24;
/// The widest that the group's column becomes.
const GROUP: usize = 12;

/// The columns shown, each with its width.
pub(super) struct Table<'a> {
    app: &'a App,
    watched: &'a Watched,
    columns: Vec<(&'a Column, usize)>,
}

impl<'a> Table<'a> {
    /// Columns as wide as the rows in view need, the body taking what is left of `width`.
    pub(super) fn new(app: &'a App, watched: &'a Watched, entries: &[&Entry<'_>], width: usize) -> Self {
        let widest = |column: &Column| {
            let of_titles = column.title().width();
            let cells = entries.iter().map(|entry| text(column, entry, app.now()).width());
            cells.chain([of_titles]).max().unwrap_or_default()
        };
        let grouped = entries.iter().any(|entry| entry.message_group_id().is_some());
        let mut columns: Vec<(&Column, usize)> = app
            .columns()
            .iter()
            .filter(|column| grouped || **column != Column::Group)
            .map(|column| {
                let cells = match column {
                    Column::Age => 6,
                    Column::Receives => 5,
                    Column::Size => 8,
                    Column::Sent | Column::Received => 12,
                    Column::Group => widest(column).clamp(5, GROUP),
                    Column::Id => 36.min(width / 3).max(8),
                    Column::Body => 0,
                    _ => widest(column).clamp(3, WIDEST),
                };
                (column, cells)
            })
            .collect();
        let first = usize::from(!matches!(columns.first(), Some((Column::Age, _))));
        let gaps =
            columns.iter().map(|(column, _)| if **column == Column::Body { 2 } else { 1 }).sum::<usize>();
        let taken = 1 + first + columns.iter().map(|(_, cells)| cells).sum::<usize>() + gaps;
        for (column, cells) in &mut columns {
            if **column == Column::Body {
                *cells = (width + 1).saturating_sub(taken);
            }
        }
        Self { app, watched, columns }
    }

    /// Whether flags have a cell of their own: an age is never so wide that it needs all it is given.
    fn has_flag_cell(&self) -> bool {
        !matches!(self.columns.first(), Some((Column::Age, _)))
    }

    pub(super) fn heading(&self, app: &App) -> String {
        let mut line = String::from(if self.has_flag_cell() { "  " } else { " " });
        for (place, (column, cells)) in self.columns.iter().enumerate() {
            line.push_str(between(column, place));
            let arrow = match app.sort() {
                Some(sort) if sort.column == **column && sort.descending => "↓",
                Some(sort) if sort.column == **column => "↑",
                _ => "",
            };
            line.push_str(&aligned(column, &format!("{}{arrow}", column.title()), *cells));
        }
        line
    }

    /// A row; what is near its limit is marked in all but the body.
    pub(super) fn row(
        &self,
        entry: &Entry<'_>,
        selected: bool,
        flag: &'static str,
        styles: Styles,
    ) -> Line<'static> {
        let count = Receives::of(entry).total;
        // SQS moves a message once its receives exceed the limit, so at the limit this was its last.
        let near_limit =
            matches!(self.watched.endpoint.guard.limit, Limit::Known(limit) if count + 1 >= limit);
        let style = if near_limit { styles.warning() } else { Style::new() };
        let altered = entry.integrity().is_altered();
        let mut spans = vec![Span::raw(if selected { "▸" } else { " " })];
        let has_body = self.columns.iter().any(|(column, _)| **column == Column::Body);
        let flag = if flag == " " && altered && !has_body { "≠" } else { flag };
        if self.has_flag_cell() {
            spans.push(Span::raw(flag));
        }
        for (place, (column, cells)) in self.columns.iter().enumerate() {
            if **column == Column::Body {
                // On a selected row a colour would be a block: only a mark has one.
                spans.push(if altered { Span::styled(ALTERED, styles.warning()) } else { Span::raw("  ") });
                let body = entry.message().body();
                let body = self.app.mask().map_or(Cow::Borrowed(body), |mask| mask.beginning(body));
                let last = place + 1 == self.columns.len();
                let shown = one_line(&body, *cells);
                spans.push(Span::raw(if last { shown } else { fit(&shown, *cells) }));
                continue;
            }
            let mut cell = aligned(column, &self.cell(column, entry, near_limit), *cells);
            if place == 0 && !self.has_flag_cell() && flag != " " {
                cell.replace_range(0..1, flag);
            }
            spans.push(Span::styled(format!("{}{cell}", between(column, place)), style));
        }
        spans.into()
    }

    fn cell(&self, column: &Column, entry: &Entry<'_>, near_limit: bool) -> String {
        let text = text(column, entry, self.app.now());
        let name = match column {
            Column::Receives => return format!("{text}{}", if near_limit { "!" } else { " " }),
            Column::Size => return size(entry.body_bytes()),
            Column::Age | Column::Sent | Column::Received | Column::Body => return text.into_owned(),
            Column::Group | Column::Id => "",
            Column::Attribute(name) | Column::Custom(name) => name,
            Column::Value(path) => {
                // What lies within a value that is hidden is hidden with it.
                let mask = self.app.mask().filter(|_| text != NONE);
                let shown = mask.map_or(Cow::Borrowed(&*text), |mask| {
                    mask.value_at(&path.names(entry.message().body()), &text)
                });
                return one_line(&shown, WIDEST.max(40));
            }
        };
        // Where there is no value none is hidden.
        let mask = self.app.mask().filter(|_| text != NONE);
        let shown = mask.map_or(Cow::Borrowed(&*text), |mask| mask.value(name, &text));
        one_line(&shown, WIDEST.max(40))
    }
}

fn between(column: &Column, place: usize) -> &'static str {
    match (column, place) {
        (Column::Body, _) => "  ",
        (_, 0) => "",
        _ => " ",
    }
}

/// Numbers stand at the right, words at the left.
fn aligned(column: &Column, text: &str, cells: usize) -> String {
    match column {
        Column::Age | Column::Receives | Column::Size => {
            let missing = cells.saturating_sub(text.width());
            format!("{}{}", " ".repeat(missing), fit(text, cells - missing))
        }
        Column::Body => text.to_owned(),
        _ => fit(text, cells),
    }
}
