//! Pins, marks, and the way to what has not been seen yet.

use super::App;

impl App {
    pub(super) fn pin(&mut self) {
        let Some((ordinal, _)) = self.selected_entry() else { return };
        let Some(watched) = self.endpoints.get_mut(self.selected) else { return };
        let pinned = watched.pinned.insert(ordinal);
        if !pinned {
            watched.pinned.remove(&ordinal);
        }
        self.say(if pinned { "pinned: d compares two, is:pinned finds them" } else { "unpinned" });
        self.judge_one_again(ordinal);
    }

    /// Marks the message and goes on to the next older one, so that several are marked by one key.
    pub(super) fn mark(&mut self) {
        let Some((ordinal, _)) = self.selected_entry() else { return };
        let Some(watched) = self.endpoints.get_mut(self.selected) else { return };
        if !watched.marked.insert(ordinal) {
            watched.marked.remove(&ordinal);
        }
        let count = watched.marked.len();
        self.say(&format!("{count} marked: w writes them to a file"));
        self.move_cursor(1);
    }

    /// To the oldest message that arrived since the list was last looked at here.
    pub(super) fn go_to_next_new(&mut self) {
        let Some((_, watched)) = self.selected() else { return };
        let Some(watch) = self.selected_watch() else { return };
        let seen = watched.seen;
        let rows = self.rows(watched, &watch.ledger);
        let unseen = rows.oldest_after(seen);
        match unseen {
            Some(ordinal) => {
                let page = self.page();
                self.select(|selection, listed| {
                    selection.hold(listed);
                    selection.move_to(ordinal, listed, page);
                });
            }
            None => self.say("nothing new above"),
        }
    }

    /// What is in view has been seen.
    pub(super) fn see(&mut self) {
        let Some(watched) = self.endpoints.get(self.selected) else { return };
        let Some(watch) = self.watch.endpoint(&watched.endpoint.name) else { return };
        let rows = self.rows(watched, &watch.ledger);
        let Some(top) = watched.selection.top(&rows) else { return };
        if let Some(watched) = self.endpoints.get_mut(self.selected) {
            watched.seen = Some(watched.seen.map_or(top, |seen| seen.max(top)));
        }
    }
}
