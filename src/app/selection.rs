//! The cursor in a list of messages, newest first.
//!
//! The cursor holds a message's ordinal and the view holds the ordinal of its first row, so messages that arrive
//! never move the row under the cursor: they pile up above the view. While following, both stay at the newest.

use super::columns::Order;
use super::listing::Rows;

/// Where the cursor is, and what part of the list is in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    cursor: u64,
    top: u64,
    following: bool,
}

impl Default for Selection {
    fn default() -> Self {
        Self { cursor: 0, top: 0, following: true }
    }
}

impl Selection {
    /// Whether the cursor stays at the newest message.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.following
    }

    /// The ordinal under the cursor; none when nothing is listed.
    #[must_use]
    pub fn cursor(&self, rows: &Rows<'_>) -> Option<u64> {
        rows.nearest(if self.following { u64::MAX } else { self.cursor })
    }

    /// The ordinal in the first row of the view; none when nothing is listed.
    #[must_use]
    pub fn top(&self, rows: &Rows<'_>) -> Option<u64> {
        rows.nearest(if self.following { u64::MAX } else { self.top })
    }

    /// Messages that arrived above the view.
    #[must_use]
    pub fn newer_than_view(&self, rows: &Rows<'_>) -> u64 {
        self.top(rows).map_or(0, |top| rows.row(top))
    }

    /// Follows, or stops where it is.
    pub fn toggle_following(&mut self, rows: &Rows<'_>) {
        if self.following {
            self.stop_following(rows);
        } else {
            self.following = true;
        }
    }

    /// Moves the cursor `by` rows down (up when negative) in a view of `height` rows.
    pub fn move_by(&mut self, by: i64, rows: &Rows<'_>, height: u64) {
        let Some(cursor) = self.cursor(rows) else { return };
        let row = rows.row(cursor).saturating_add_signed(by).min(rows.len().saturating_sub(1));
        if let Some(to) = rows.at(row) {
            self.move_to(to, rows, height);
        }
    }

    /// Moves the cursor to an ordinal, or the nearest that is listed. Leaving the newest ends following; coming
    /// back to it by hand does not begin it again, or a list that grows would run away under the hand.
    pub fn move_to(&mut self, ordinal: u64, rows: &Rows<'_>, height: u64) {
        let Some(to) = rows.nearest(ordinal) else { return };
        if self.following && Some(to) == self.cursor(rows) {
            return;
        }
        self.stop_following(rows);
        self.cursor = to;
        let (top, row) = (rows.row(self.top), rows.row(to));
        if row < top {
            self.top = to;
        } else if row >= top + height.max(1) {
            self.top = rows.at(row - (height.max(1) - 1)).unwrap_or(to);
        }
    }

    /// Moves the cursor to a row of the view.
    pub fn select_row(&mut self, row: u64, rows: &Rows<'_>, height: u64) {
        if let Some(ordinal) = self.top(rows).and_then(|top| rows.at(rows.row(top) + row)) {
            self.move_to(ordinal, rows, height);
        }
    }

    /// Stays where it is from now on.
    pub fn hold(&mut self, rows: &Rows<'_>) {
        if self.following {
            self.stop_following(rows);
        }
    }

    /// The same cursor, in the same row of the view, after the list was sorted anew.
    pub(super) fn moved(self, before: &Order, after: &Order) -> Self {
        if self.following {
            return self;
        }
        let depth = before
            .row(self.cursor)
            .zip(before.row(self.top))
            .map_or(0, |(cursor, top)| cursor.saturating_sub(top));
        let top = after.row(self.cursor).map(|row| row.saturating_sub(depth));
        let top = top.and_then(|row| after.rows().get(usize::try_from(row).ok()?).copied());
        Self { top: top.unwrap_or(self.top), ..self }
    }

    fn stop_following(&mut self, rows: &Rows<'_>) {
        if let (Some(cursor), Some(top)) = (self.cursor(rows), self.top(rows)) {
            *self = Self { cursor, top, following: false };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_follows_the_newest_until_it_leaves_the_top() {
        let mut selection = Selection::default();
        assert_eq!(selection.cursor(&Rows::All(0..3)), Some(2));
        selection.move_by(1, &Rows::All(0..3), 10);
        assert!(!selection.is_following());
        assert_eq!((selection.cursor(&Rows::All(0..9)), selection.top(&Rows::All(0..9))), (Some(1), Some(2)));
        assert_eq!(selection.newer_than_view(&Rows::All(0..9)), 6);
        selection.toggle_following(&Rows::All(0..9));
        assert_eq!(selection.cursor(&Rows::All(0..9)), Some(8));
    }

    #[test]
    fn the_view_moves_only_as_far_as_the_cursor_needs() {
        let mut selection = Selection::default();
        selection.move_by(4, &Rows::All(0..100), 5);
        assert_eq!(selection.top(&Rows::All(0..100)), Some(99));
        selection.move_by(1, &Rows::All(0..100), 5);
        assert_eq!(
            (selection.cursor(&Rows::All(0..100)), selection.top(&Rows::All(0..100))),
            (Some(94), Some(98))
        );
        selection.move_to(u64::MAX, &Rows::All(0..100), 5);
        assert_eq!(
            (selection.cursor(&Rows::All(0..100)), selection.top(&Rows::All(0..100))),
            (Some(99), Some(99))
        );
    }

    #[test]
    fn a_cursor_on_a_message_that_was_dropped_goes_to_the_oldest_held() {
        let mut selection = Selection::default();
        selection.move_to(0, &Rows::All(0..10), 5);
        assert_eq!(selection.cursor(&Rows::All(4..20)), Some(4));
        assert_eq!(selection.cursor(&Rows::All(0..0)), None);
    }

    #[test]
    fn in_a_list_of_some_the_cursor_steps_over_what_is_left_out() {
        let some = std::collections::VecDeque::from([2, 5, 9, 30]);
        let some = Rows::Some(&some);
        let mut selection = Selection::default();
        assert_eq!(selection.cursor(&some), Some(30));
        selection.move_by(1, &some, 2);
        selection.move_by(1, &some, 2);
        assert_eq!((selection.cursor(&some), selection.top(&some)), (Some(5), Some(9)));
        assert_eq!(selection.newer_than_view(&some), 1);
        // The same message in the whole list, and back from one that is left out to the next older.
        assert_eq!(selection.cursor(&Rows::All(0..40)), Some(5));
        selection.move_to(8, &Rows::All(0..40), 10);
        assert_eq!(selection.cursor(&some), Some(5));
        selection.move_to(0, &Rows::All(0..40), 10);
        assert_eq!(selection.cursor(&some), Some(2));
    }
}
