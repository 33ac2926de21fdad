//! The cursor in a list of messages, newest first.
//!
//! The cursor holds a message's ordinal and the view holds the ordinal of its first row, so messages that arrive
//! never move the row under the cursor: they pile up above the view. While following, both stay at the newest.

use std::ops::Range;

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

    /// The ordinal under the cursor; none when nothing is held.
    #[must_use]
    pub fn cursor(&self, held: &Range<u64>) -> Option<u64> {
        clamp(if self.following { u64::MAX } else { self.cursor }, held)
    }

    /// The ordinal in the first row of the view; none when nothing is held.
    #[must_use]
    pub fn top(&self, held: &Range<u64>) -> Option<u64> {
        clamp(if self.following { u64::MAX } else { self.top }, held)
    }

    /// Messages that arrived above the view.
    #[must_use]
    pub fn newer_than_view(&self, held: &Range<u64>) -> u64 {
        self.top(held).map_or(0, |top| held.end - 1 - top)
    }

    /// Follows, or stops where it is.
    pub fn toggle_following(&mut self, held: &Range<u64>) {
        if self.following {
            self.stop_following(held);
        } else {
            self.following = true;
        }
    }

    /// Moves the cursor `rows` down (up when negative) in a view of `height` rows.
    pub fn move_by(&mut self, rows: i64, held: &Range<u64>, height: u64) {
        let Some(cursor) = self.cursor(held) else { return };
        // Down is towards older messages, whose ordinals are lower.
        self.move_to(cursor.saturating_add_signed(rows.saturating_neg()), held, height);
    }

    /// Moves the cursor to an ordinal, or the nearest that is held. Leaving the newest ends following; coming
    /// back to it by hand does not begin it again, or a list that grows would run away under the hand.
    pub fn move_to(&mut self, ordinal: u64, held: &Range<u64>, height: u64) {
        let Some(to) = clamp(ordinal, held) else { return };
        if self.following && Some(to) == self.cursor(held) {
            return;
        }
        self.stop_following(held);
        self.cursor = to;
        let lowest_in_view = self.top.saturating_sub(height.saturating_sub(1));
        if to > self.top {
            self.top = to;
        } else if to < lowest_in_view {
            self.top = to + height.saturating_sub(1);
        }
    }

    /// Moves the cursor to a row of the view.
    pub fn select_row(&mut self, row: u64, held: &Range<u64>, height: u64) {
        if let Some(ordinal) = self.top(held).and_then(|top| top.checked_sub(row))
            && held.contains(&ordinal)
        {
            self.move_to(ordinal, held, height);
        }
    }

    fn stop_following(&mut self, held: &Range<u64>) {
        if let (Some(cursor), Some(top)) = (self.cursor(held), self.top(held)) {
            *self = Self { cursor, top, following: false };
        }
    }
}

fn clamp(ordinal: u64, held: &Range<u64>) -> Option<u64> {
    (!held.is_empty()).then(|| ordinal.clamp(held.start, held.end - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_follows_the_newest_until_it_leaves_the_top() {
        let mut selection = Selection::default();
        assert_eq!(selection.cursor(&(0..3)), Some(2));
        selection.move_by(1, &(0..3), 10);
        assert!(!selection.is_following());
        assert_eq!((selection.cursor(&(0..9)), selection.top(&(0..9))), (Some(1), Some(2)));
        assert_eq!(selection.newer_than_view(&(0..9)), 6);
        selection.toggle_following(&(0..9));
        assert_eq!(selection.cursor(&(0..9)), Some(8));
    }

    #[test]
    fn the_view_moves_only_as_far_as_the_cursor_needs() {
        let mut selection = Selection::default();
        selection.move_by(4, &(0..100), 5);
        assert_eq!(selection.top(&(0..100)), Some(99));
        selection.move_by(1, &(0..100), 5);
        assert_eq!((selection.cursor(&(0..100)), selection.top(&(0..100))), (Some(94), Some(98)));
        selection.move_to(u64::MAX, &(0..100), 5);
        assert_eq!((selection.cursor(&(0..100)), selection.top(&(0..100))), (Some(99), Some(99)));
    }

    #[test]
    fn a_cursor_on_a_message_that_was_dropped_goes_to_the_oldest_held() {
        let mut selection = Selection::default();
        selection.move_to(0, &(0..10), 5);
        assert_eq!(selection.cursor(&(4..20)), Some(4));
        assert_eq!(selection.cursor(&(0..0)), None);
    }
}
