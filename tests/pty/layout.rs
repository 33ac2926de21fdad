//! Whether what is drawn holds together, and whether the terminal was told nothing but what qwatch itself says.

use crate::screen::Screen;
use crate::view::View;

const SIDES: [&str; 2] = ["│", "┃"];

/// Fails unless every box on the screen is whole: both sides in their columns on every row, the corners at their ends.
pub fn assert_panes_hold(screen: &Screen, after: &str) {
    screen.look(|view| {
        let corners: Vec<_> = corners(view).collect();
        assert!(!corners.is_empty(), "{after}: no pane\n{}", view.text());
        for corner in corners {
            assert_whole(view, corner, after);
        }
    });
}

/// The same for a box that lies over the others, by its title.
pub fn assert_box_holds(screen: &Screen, title: &str) {
    screen.look(|view| {
        let titled = |(row, column): &(u16, u16)| view.from(*row, *column).contains(title);
        // Where a pane's corner is left of the box's, the box's is the nearer one.
        let corner = corners(view).filter(titled).last();
        let corner = corner.unwrap_or_else(|| panic!("no box called {title}\n{}", view.text()));
        assert_whole(view, corner, title);
    });
}

fn corners<'a>(view: &'a View<'_>) -> impl Iterator<Item = (u16, u16)> + 'a {
    let (rows, columns) = view.0.size();
    let cells = (0..rows.get()).flat_map(move |row| (0..columns.get()).map(move |column| (row, column)));
    cells.filter(|(row, column)| ["┌", "┏"].contains(&view.cell(*row, *column)))
}

fn assert_whole(view: &View<'_>, (top, left): (u16, u16), after: &str) {
    let (rows, columns) = view.0.size();
    let is_side = |row: &u16, column| SIDES.contains(&view.cell(*row, column));
    let broken = |row, column, what: &str| -> ! {
        let cell = view.cell(row, column);
        panic!("{after}: {what} in column {column}, row {row} is {cell:?}\n{}", view.text())
    };
    let bottom = (top + 1..rows.get()).find(|row| !is_side(row, left)).unwrap_or(rows.get() - 1);
    if !["└", "┗"].contains(&view.cell(bottom, left)) {
        broken(bottom, left, "a left side or corner");
    }
    let right = (left + 1..columns.get()).find(|column| ["┘", "┛"].contains(&view.cell(bottom, *column)));
    let Some(right) = right else { broken(bottom, left, "a bottom without an end") };
    if let Some(row) = (top + 1..bottom).find(|row| !is_side(row, right)) {
        broken(row, right, "a right side");
    }
    if !["┐", "┓"].contains(&view.cell(top, right)) {
        broken(top, right, "an upper right corner");
    }
}

/// Fails when the terminal was sent anything but text and the sequences that qwatch itself uses.
pub fn assert_only_our_own_sequences(raw: &[u8]) {
    let text = String::from_utf8(raw.to_vec()).expect("what is drawn is UTF-8");
    let mut rest = text.as_str();
    while let Some(at) = rest.find(char::is_control) {
        let from = &rest[at..];
        let Some(length) = ours(from) else {
            panic!("sent to the terminal: {:?}", from.chars().take(20).collect::<String>())
        };
        rest = &from[length..];
    }
    let invisible = |c: &char| {
        matches!(u32::from(*c), 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x061c | 0xfeff | 0xad
            | 0xe0000..=0xe0fff)
    };
    assert_eq!(text.chars().find(invisible), None, "sent to the terminal");
    for planted in ["\x1b[2J\x1b[H\x1b[31m", "\x1b[31mred", "\x1b[?1049lleft", "[31m\u{202e}"] {
        assert!(!text.contains(planted), "{planted:?}");
    }
}

/// The length of a sequence of ours.
fn ours(from: &str) -> Option<usize> {
    if let Some(clipboard) = from.strip_prefix("\x1b]52;c;") {
        let end = clipboard.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/' | '='))?;
        let terminator = ["\x1b\\", "\x07"].into_iter().find(|ends| clipboard[end..].starts_with(ends))?;
        return Some("\x1b]52;c;".len() + end + terminator.len());
    }
    // `ESC [`, parameters, and one of: colours and styles, cursor placement, clearing, modes.
    let sequence = from.strip_prefix("\x1b[")?;
    let end = sequence.find(|c: char| !matches!(c, '0'..='9' | ';' | '?'))?;
    matches!(sequence.as_bytes()[end], b'm' | b'H' | b'J' | b'h' | b'l' | b'S').then_some(end + 3)
}
