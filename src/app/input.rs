//! Which key goes where: to the panes, or to what lies over them.

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyEventKind};

use super::mode::Mode;
use super::{App, Effect, prompt};
use crate::keys;

impl App {
    pub(super) fn terminal(&mut self, event: TerminalEvent) -> Vec<Effect> {
        match event {
            TerminalEvent::Key(key) if key.kind == KeyEventKind::Release => return Vec::new(),
            TerminalEvent::Key(key) if keys::interrupts(key) => return vec![Effect::Interrupt],
            TerminalEvent::Key(key) if self.look.keys.suspends(key) => return vec![Effect::Suspend],
            TerminalEvent::Key(key) => {
                self.dirty = true;
                let mut effects = self.attend();
                effects.extend(self.key(key));
                return effects;
            }
            TerminalEvent::Mouse(mouse) => self.mouse(mouse),
            TerminalEvent::Paste(text) => self.paste(&text),
            TerminalEvent::Resize(..) => self.dirty = true,
            TerminalEvent::FocusLost => return self.blur(),
            TerminalEvent::FocusGained => return self.focus_again(),
        }
        Vec::new()
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        match &mut self.mode {
            Mode::Watching => self.look.keys.action(key).map_or_else(Vec::new, |action| self.act(action)),
            Mode::Help(_) | Mode::Impact(_) | Mode::Diff(_) => {
                self.read_key(key);
                Vec::new()
            }
            Mode::Faults(_) => self.faults_key(key),
            Mode::Filtering(_) => self.filtering_key(key),
            Mode::Searching(_) => self.searching_key(key),
            Mode::Jq(_) => self.jq_key(key),
            Mode::Copying => self.copying_key(key),
            Mode::Exporting(_) => self.exporting_key(key),
            Mode::Palette(_) => self.palette_key(key),
            Mode::Patterns(_) => self.patterns_key(key),
            Mode::Columns(_) => self.columns_key(key),
            Mode::Guarding(_) => self.guarding_key(key),
            Mode::Removing => self.removing_key(key),
            Mode::Adding(prompt) => match key.code {
                KeyCode::Esc => self.close(),
                KeyCode::Enter => self.add(),
                _ => {
                    prompt.type_in(&TerminalEvent::Key(key));
                    Vec::new()
                }
            },
            Mode::Editing(form) => match key.code {
                KeyCode::Esc => self.close(),
                KeyCode::Enter => self.apply_form(),
                KeyCode::Tab | KeyCode::Down => {
                    form.next();
                    Vec::new()
                }
                KeyCode::BackTab | KeyCode::Up => {
                    form.previous();
                    Vec::new()
                }
                _ => {
                    form.type_in(&TerminalEvent::Key(key));
                    Vec::new()
                }
            },
        }
    }

    fn paste(&mut self, text: &str) {
        match &mut self.mode {
            Mode::Filtering(_) => self.paste_into_filter(text),
            Mode::Searching(_) => self.paste_into_search(text),
            Mode::Jq(_) => self.paste_into_jq(text),
            Mode::Exporting(_) => self.paste_into_export(text),
            Mode::Palette(_) => self.paste_into_palette(text),
            Mode::Adding(prompt) => prompt.paste(text),
            Mode::Editing(form) => form.paste(text),
            Mode::Guarding(guarding) => guarding.paste(text),
            _ => return,
        }
        let (count, most) = (prompt::pasted(text).count(), prompt::LONGEST);
        if count > most {
            self.problem(&format!("pasted {most} of {count} characters: a line takes no more"));
        }
        self.dirty = true;
    }
}
