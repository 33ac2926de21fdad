//! Messages to be written to a file: which, how and where.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::mode::Mode;
use super::{App, Effect, prompt};
use crate::mask::Mask;
use crate::sink::export::{Format, Record};

/// Which messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that are marked, or else the one under the cursor.
    Selected,
    /// Those that the filter takes.
    Filtered,
    /// All that are held of the endpoint.
    All,
}

impl Which {
    const ALL: [Self; 3] = [Self::Selected, Self::Filtered, Self::All];
}

/// The open form.
#[derive(Clone, Debug)]
pub struct Export {
    /// Which messages, and how many each choice would write.
    pub which: Which,
    /// How they are written.
    pub format: Format,
    input: Input,
    /// Where the keys go: to the messages, the format or the path.
    pub field: usize,
    /// Whether the path was written by hand, and stays as it is when the format changes.
    named: bool,
    /// Why Enter did not do it.
    pub problem: Option<String>,
}

/// What is to be written, where.
#[derive(Debug)]
pub struct Writing {
    /// The file.
    pub path: PathBuf,
    /// How.
    pub format: Format,
    /// What hides values, where something does.
    pub mask: Option<Mask>,
    /// What.
    pub records: Vec<Record>,
}

impl Export {
    /// The path being written.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    fn choose(&mut self, step: usize, filtered: bool) {
        if self.field == 0 {
            let choices: Vec<Which> =
                Which::ALL.into_iter().filter(|which| filtered || *which != Which::Filtered).collect();
            let place = choices.iter().position(|which| *which == self.which).unwrap_or_default();
            self.which = choices[(place + step) % choices.len()];
        } else {
            self.format = match self.format {
                Format::Ndjson => Format::Csv,
                Format::Csv => Format::Ndjson,
            };
            if !self.named {
                let name = self.input.value();
                let bare = name.rsplit_once('.').map_or(name, |(before, _)| before).to_owned();
                self.input = Input::new(format!("{bare}.{}", extension(self.format)));
            }
        }
    }
}

fn extension(format: Format) -> &'static str {
    match format {
        Format::Ndjson => "ndjson",
        Format::Csv => "csv",
    }
}

impl App {
    pub(super) fn open_export(&mut self) {
        let Some((_, watched)) = self.selected() else { return };
        let which = match (self.filter.is_some(), watched.marked.is_empty()) {
            (_, false) => Which::Selected,
            (true, true) => Which::Filtered,
            (false, true) => Which::All,
        };
        let word = |character: char| if character.is_alphanumeric() { character } else { '-' };
        let name: String = watched.endpoint.name.as_str().chars().map(word).collect();
        let path = format!("qwatch-{name}-{}.ndjson", self.now.wall.format("%Y%m%dT%H%M%SZ"));
        self.mode = Mode::Exporting(Box::new(Export {
            which,
            format: Format::Ndjson,
            input: Input::new(path),
            field: 2,
            named: false,
            problem: None,
        }));
    }

    /// How many messages a choice writes.
    #[must_use]
    pub fn export_count(&self, which: Which) -> u64 {
        let Some((watched, watch)) = self.selected().map(|(_, watched)| watched).zip(self.selected_watch())
        else {
            return 0;
        };
        match which {
            Which::Selected if watched.marked.is_empty() => u64::from(self.selected_entry().is_some()),
            Which::Selected => {
                watched.marked.iter().filter(|ordinal| watch.ledger.get(**ordinal).is_some()).count() as u64
            }
            Which::Filtered => self.rows(watched, &watch.ledger).len(),
            Which::All => watch.ledger.len() as u64,
        }
    }

    pub(super) fn exporting_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let filtered = self.filter.is_some();
        let Mode::Exporting(export) = &mut self.mode else { return Vec::new() };
        match key.code {
            KeyCode::Esc => return self.close(),
            KeyCode::Enter => return self.write(),
            KeyCode::Tab | KeyCode::Down => export.field = (export.field + 1) % 3,
            KeyCode::BackTab | KeyCode::Up => export.field = (export.field + 2) % 3,
            KeyCode::Left if export.field < 2 => export.choose(2, filtered),
            KeyCode::Right | KeyCode::Char(' ') if export.field < 2 => export.choose(1, filtered),
            _ if export.field == 2 => {
                let before = export.input.value().to_owned();
                export.input.handle_event(&TerminalEvent::Key(key));
                export.named |= before != export.input.value();
                export.problem = None;
            }
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn paste_into_export(&mut self, text: &str) {
        if let Mode::Exporting(export) = &mut self.mode {
            (export.field, export.named, export.problem) = (2, true, None);
            prompt::insert(&mut export.input, text);
        }
    }

    fn write(&mut self) -> Vec<Effect> {
        let Mode::Exporting(export) = &self.mode else { return Vec::new() };
        let (which, format) = (export.which, export.format);
        let path = export.input.value().trim().to_owned();
        let refused = if path.is_empty() {
            Some("A file's name is missing.")
        } else if self.export_count(which) == 0 {
            Some("There is no message to write.")
        } else if which == Which::Filtered && self.unjudged() > 0 {
            Some("The filter is still at work: try again in a moment.")
        } else {
            None
        };
        if let Some(why) = refused {
            if let Mode::Exporting(export) = &mut self.mode {
                export.problem = Some(why.into());
            }
            return Vec::new();
        }
        let records = self.records(which);
        self.mode = Mode::Watching;
        self.say(&format!("writing {} messages to {path}", records.len()));
        let mask = self.mask().cloned();
        vec![Effect::Write(Arc::new(Writing { path: expanded(&path), format, mask, records }))]
    }

    /// The oldest first, as they came.
    fn records(&self, which: Which) -> Vec<Record> {
        let Some((watched, watch)) = self.selected().map(|(_, watched)| watched).zip(self.selected_watch())
        else {
            return Vec::new();
        };
        let ordinals: Vec<u64> = match which {
            Which::Selected if watched.marked.is_empty() => {
                self.selected_entry().map(|(ordinal, _)| ordinal).into_iter().collect()
            }
            Which::Selected => watched.marked.iter().copied().collect(),
            Which::Filtered => self.rows(watched, &watch.ledger).ascending(),
            Which::All => watch.ledger.ordinals().collect(),
        };
        let name = &watched.endpoint.name;
        let record = |ordinal| Some(Record::of(name.clone(), &watch.ledger.get(ordinal)?));
        ordinals.into_iter().filter_map(record).collect()
    }
}

fn expanded(path: &str) -> PathBuf {
    let home = path.strip_prefix("~/").zip(directories::BaseDirs::new());
    home.map_or_else(|| path.into(), |(rest, base)| base.home_dir().join(rest))
}
