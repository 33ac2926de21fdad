//! The screen as a user reads it.

/// What stands on the terminal at one moment.
pub struct View<'a>(pub &'a vt100::Screen);

const VERTICAL: [char; 2] = ['│', '┃'];

impl View<'_> {
    /// All rows.
    pub fn rows(&self) -> Vec<String> {
        let (_, columns) = self.0.size();
        self.0.rows(0, columns.get()).collect()
    }

    /// All rows as one text.
    pub fn text(&self) -> String {
        self.rows().join("\n")
    }

    /// Whether a text stands in any row.
    pub fn shows(&self, text: &str) -> bool {
        self.rows().iter().any(|row| row.contains(text))
    }

    /// Whether all of the texts stand in one row.
    pub fn shows_in_a_row(&self, texts: &[&str]) -> bool {
        self.rows().iter().any(|row| texts.iter().all(|text| row.contains(text)))
    }

    /// The line above the panes.
    pub fn header(&self) -> String {
        self.rows().first().cloned().unwrap_or_default()
    }

    /// The line below the panes.
    pub fn footer(&self) -> String {
        self.rows().last().cloned().unwrap_or_default()
    }

    /// Where a text stands first: column and row.
    pub fn place_of(&self, text: &str) -> Option<(u16, u16)> {
        let (rows, columns) = self.0.size();
        (0..rows.get()).find_map(|row| {
            (0..columns.get())
                .find(|column| self.from(row, *column).starts_with(text))
                .map(|column| (column, row))
        })
    }

    /// The cell's text.
    pub fn cell(&self, row: u16, column: u16) -> &str {
        self.0.cell(row, column).map_or("", vt100::Cell::contents)
    }

    /// The message with the cursor, by the `order` in its body.
    pub fn selected_order(&self) -> Option<u32> {
        self.rows().iter().find_map(|row| {
            let (before, after) = row.split_once(r#""order":"#)?;
            let marked = before.rsplit(VERTICAL).next()?.contains('▸');
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            marked.then(|| digits.parse().ok()).flatten()
        })
    }

    /// The endpoint with the cursor.
    pub fn selected_endpoint(&self) -> Option<String> {
        self.rows().iter().find_map(|row| {
            let inside = row.strip_prefix(VERTICAL)?.strip_prefix('▸')?;
            inside.split_whitespace().next().map(str::to_owned)
        })
    }

    /// The title that begins in a thick corner: the pane where the keys go.
    pub fn focus(&self) -> Option<String> {
        self.rows().iter().find_map(|row| {
            let (_, title) = row.split_once('┏')?;
            title.split(['━', ' ', '│']).find(|word| !word.is_empty()).map(str::to_owned)
        })
    }

    /// The tab in front: the reversed one of the row with the tabs.
    pub fn front_tab(&self) -> Option<String> {
        let (rows, columns) = self.0.size();
        let tabs = ["Body", "Attributes", "Custom", "Timeline", "Raw"];
        (0..rows.get()).find_map(|row| {
            let reversed: String = (0..columns.get())
                .filter_map(|column| self.0.cell(row, column))
                .filter(|cell| cell.inverse())
                .map(vt100::Cell::contents)
                .collect();
            tabs.contains(&reversed.trim()).then(|| reversed.trim().to_owned())
        })
    }

    /// What the header says was received so far.
    pub fn received(&self) -> Option<u64> {
        let header = self.header();
        let (_, count) = header.split_once("impact ")?;
        count.split(' ').next()?.replace(',', "").parse().ok()
    }

    /// The rest of a row, from a column on.
    pub fn from(&self, row: u16, column: u16) -> String {
        let (_, columns) = self.0.size();
        (column..columns.get())
            .map(|column| self.cell(row, column))
            .map(|text| if text.is_empty() { " " } else { text })
            .collect()
    }
}
