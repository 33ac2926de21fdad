//! The selected message: tabs in the border, the document below them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::overlay::pane;
use super::styles::Styles;
use crate::app::App;
use crate::app::detail::Tab;
use crate::app::screen::{Pane, Screen};

pub(super) fn draw(app: &App, styles: Styles, frame: &mut Frame<'_>, area: Rect, screen: &mut Screen) {
    let focused = app.is_zoomed() || app.pane() == Pane::Detail;
    let tab = app.detail().tab();
    let inner = pane(frame, area, tabs(tab, area, styles, screen), focused, styles);
    screen.detail = inner;
    if app.selected_entry().is_none() {
        frame.render_widget(Line::styled("No message is selected.", styles.dim()), inner);
        return;
    }
    let (document, scroll) = app.detail().view(inner.height);
    for (pieces, row) in document.rows().iter().skip(scroll).zip(inner.rows()) {
        let spans = pieces.iter().map(|piece| Span::styled(piece.text.as_str(), styles.tone(piece.tone)));
        frame.render_widget(spans.collect::<Line<'_>>(), row);
    }
    more(document.rows().len(), scroll, area, inner, styles, frame);
}

/// `Body │ Attributes │ …`; short of room only the initial letters of the others.
fn tabs(front: Tab, area: Rect, styles: Styles, screen: &mut Screen) -> Line<'static> {
    let full: usize = Tab::ALL.iter().map(|tab| tab.title().len() + 3).sum();
    let short = full + 2 > usize::from(area.width);
    let mut spans = Vec::new();
    let mut x = area.x + 1;
    for tab in Tab::ALL {
        if !spans.is_empty() {
            spans.push(Span::styled("│", styles.dim()));
            x += 1;
        }
        let title = if short && tab != front { &tab.title()[..1] } else { tab.title() };
        let text = format!(" {title} ");
        let width = u16::try_from(text.len()).unwrap_or_default();
        screen.tabs.push((Rect::new(x, area.y, width, 1), tab));
        x += width;
        spans.push(Span::styled(text, if tab == front { styles.selected(true) } else { styles.dim() }));
    }
    spans.into()
}

/// Rows above and below the view, in the border.
fn more(rows: usize, scroll: usize, area: Rect, inner: Rect, styles: Styles, frame: &mut Frame<'_>) {
    let below = rows.saturating_sub(scroll + usize::from(inner.height));
    if below == 0 && scroll == 0 || area.width < 24 {
        return;
    }
    let text = format!(" ↑ {scroll} ↓ {below} rows ");
    let width = u16::try_from(text.chars().count()).unwrap_or_default();
    let place = Rect::new(area.right().saturating_sub(width + 1), area.bottom() - 1, width, 1);
    frame.render_widget(Line::styled(text, styles.dim()), place.intersection(area));
}
