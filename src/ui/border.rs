//! A pane's border.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget};

use super::text::AtLeft;

/// What `Block::bordered` draws, but that it leaves alone what lies within. A block sets the style of each cell there to what it
/// is, which is a fifth of what a screen costs on which nothing happens.
pub(super) struct Border<'a> {
    pub lines: BorderType,
    pub style: Style,
    pub title: Line<'a>,
}

impl Border<'_> {
    /// What is left of an area within its border.
    pub fn inner(area: Rect) -> Rect {
        Block::bordered().inner(area)
    }
}

impl Widget for Border<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let Self { lines, style, title } = self;
        let area = area.intersection(buffer.area);
        if area.width < 2 || area.height < 2 {
            return Block::bordered()
                .border_type(lines)
                .border_style(style)
                .title(title)
                .render(area, buffer);
        }
        let set = lines.to_border_set();
        let (left, right, top, bottom) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
        let mut put = |x, y, symbol| {
            buffer[(x, y)].set_symbol(symbol).set_style(style);
        };
        for x in left + 1..right {
            put(x, top, set.horizontal_top);
            put(x, bottom, set.horizontal_bottom);
        }
        for y in top + 1..bottom {
            put(left, y, set.vertical_left);
            put(right, y, set.vertical_right);
        }
        put(left, top, set.top_left);
        put(right, top, set.top_right);
        put(left, bottom, set.bottom_left);
        put(right, bottom, set.bottom_right);
        let width = u16::try_from(title.width()).unwrap_or(u16::MAX).min(area.width - 2);
        AtLeft(title).render(Rect { x: left + 1, y: top, width, height: 1 }, buffer);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::Stylize as _;
    use ratatui::text::Span;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_ratatui_draws(
            title in "[ -~日é…]{0,14}", warning in "[ -~]{0,4}", thick in any::<bool>(),
            (x, y, width, height) in (0_u16..14, 0_u16..8, 0_u16..16, 0_u16..10),
        ) {
            let area = Rect { x, y, width, height };
            let lines = if thick { BorderType::Thick } else { BorderType::Plain };
            let style = Style::new().dim();
            let title = Line::from(vec![Span::raw(title), warning.bold()]);
            let mut buffer = Buffer::filled(Rect::new(0, 0, 14, 8), ratatui::buffer::Cell::new("x"));
            let mut expected = buffer.clone();
            let block = Block::bordered().border_type(lines).border_style(style).title(title.clone());
            prop_assert_eq!(Border::inner(area), block.inner(area));
            block.render(area, &mut expected);
            Border { lines, style, title }.render(area, &mut buffer);
            prop_assert_eq!(buffer, expected);
        }
    }
}
