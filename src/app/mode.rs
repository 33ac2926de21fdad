//! What lies over the panes, and takes the keys while it does.

use super::columns::Choosing;
use super::diffing::Diff;
use super::exporting::Export;
use super::filtering::Typing;
use super::form::Form;
use super::guarding::Guarding;
use super::palette::Palette;
use super::patterns::Patterns;
use super::prompt::Prompt;
use crate::keys::{Action, Binding, Group};
use tui_input::Input;

/// What the keys go to.
#[derive(Clone, Debug, Default)]
pub enum Mode {
    /// The panes.
    #[default]
    Watching,
    /// The help, scrolled down by some rows.
    Help(usize),
    /// The selected endpoint's faults, with the cursor on one of them.
    Faults(usize),
    /// A filter being typed.
    Filtering(Box<Typing>),
    /// A text being typed to be looked for in the detail.
    Searching(Input),
    /// A jq expression being typed.
    Jq(Input),
    /// The question what to copy.
    Copying,
    /// Messages about to be written to a file.
    Exporting(Box<Export>),
    /// Commands and endpoints by their names.
    Palette(Box<Palette>),
    /// Two messages compared.
    Diff(Box<Diff>),
    /// Patterns over all messages.
    Patterns(Patterns),
    /// The list's columns, with the cursor on one.
    Columns(Box<Choosing>),
    /// Receive parameters being edited.
    Editing(Box<Form>),
    /// A URL being typed.
    Adding(Prompt),
    /// What can be done about a guarded endpoint.
    Guarding(Guarding),
    /// What watching does to the queue, scrolled down by some rows.
    Impact(usize),
    /// The question whether to remove the selected endpoint.
    Removing,
}

/// One line of the help: a heading, or an action with its keys.
#[derive(Clone, Copy, Debug)]
pub enum HelpLine {
    /// A group's name.
    Heading(Group),
    /// An action's row of the table.
    Action(&'static Binding),
    /// Between groups.
    Space,
}

/// The help, made from the table of actions.
#[must_use]
pub fn help_lines() -> Vec<HelpLine> {
    let mut lines = Vec::new();
    for group in Group::ALL {
        if !lines.is_empty() {
            lines.push(HelpLine::Space);
        }
        lines.push(HelpLine::Heading(group));
        lines.extend(Action::ALL.iter().filter(|binding| binding.group == group).map(HelpLine::Action));
    }
    lines
}
