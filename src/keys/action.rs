//! Everything that a key can do. Help, footer and key lookup all read this one table.

use std::fmt;

use crossterm::event::{KeyCode, KeyModifiers};

/// Something the user can do on the main screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "Action::what says it, and the help shows it")]
pub enum Action {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Left,
    Right,
    ShiftLeft,
    ShiftRight,
    NextPane,
    PreviousPane,
    NextEndpoint,
    PreviousEndpoint,
    NextNew,
    Follow,
    Filter,
    Pin,
    Mark,
    Diff,
    Copy,
    Export,
    Editor,
    Pager,
    Zoom,
    NextTab,
    PreviousTab,
    ShowBody,
    ShowAttributes,
    ShowCustom,
    ShowTimeline,
    ShowRaw,
    Fold,
    FoldAll,
    Peel,
    Unpeel,
    Jq,
    Wrap,
    PollNow,
    Pause,
    PauseAll,
    EditParameters,
    AddEndpoint,
    RemoveEndpoint,
    Guard,
    Columns,
    Sort,
    Mask,
    Patterns,
    SwapCharts,
    Span,
    ZoomIn,
    ZoomOut,
    ChartSent,
    ChartAll,
    Freeze,
    Faults,
    Impact,
    Palette,
    Close,
    Help,
    Suspend,
    Quit,
}

/// Where the help lists an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Getting around.
    Moving,
    /// The selected message.
    Message,
    /// What the detail shows of it.
    Detail,
    /// What is asked of gateways.
    Polling,
    /// The rest of the screen.
    Screen,
}

impl Group {
    /// In the order of the help.
    pub const ALL: [Self; 5] = [Self::Moving, Self::Message, Self::Detail, Self::Polling, Self::Screen];
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Moving => "Moving",
            Self::Message => "Message",
            Self::Detail => "Detail",
            Self::Polling => "Polling",
            Self::Screen => "Screen",
        })
    }
}

/// A key as bound: no Shift with characters, since the character says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub KeyCode, pub KeyModifiers);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        if self.1.contains(KeyModifiers::ALT) {
            f.write_str("Alt-")?;
        }
        match self.0 {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(character) => write!(f, "{character}"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::F(number) => write!(f, "F{number}"),
            other => write!(f, "{other}"),
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// Under which keys, the first being the one that is shown.
    pub keys: &'static [Key],
    /// In words, for the help.
    pub what: &'static str,
    /// In a word, for the footer; most actions are not there.
    pub footer: Option<&'static str>,
    /// Where the help lists it.
    pub group: Group,
}

const fn key(code: KeyCode) -> Key {
    Key(code, KeyModifiers::NONE)
}

const fn char(character: char) -> Key {
    Key(KeyCode::Char(character), KeyModifiers::NONE)
}

const fn ctrl(character: char) -> Key {
    Key(KeyCode::Char(character), KeyModifiers::CONTROL)
}

const fn row(
    action: Action,
    group: Group,
    keys: &'static [Key],
    what: &'static str,
    footer: Option<&'static str>,
) -> Binding {
    Binding { action, keys, what, footer, group }
}

impl Action {
    /// Every action, in the order of the help.
    #[rustfmt::skip]
    pub const ALL: &[Binding] = {
        use Action as A;
        use Group as G;
        &[
            row(A::Up, G::Moving, &[char('k'), key(KeyCode::Up)], "up a row", None),
            row(A::Down, G::Moving, &[char('j'), key(KeyCode::Down)], "down a row", None),
            row(A::PageUp, G::Moving, &[key(KeyCode::PageUp), ctrl('b'), ctrl('u')], "up a page", None),
            row(A::PageDown, G::Moving, &[key(KeyCode::PageDown), ctrl('f'), ctrl('d')], "down a page", None),
            row(A::First, G::Moving, &[char('g'), key(KeyCode::Home)], "to the first row", None),
            row(A::Last, G::Moving, &[char('G'), key(KeyCode::End)], "to the last row", None),
            row(A::Left, G::Moving, &[char('h'), key(KeyCode::Left)], "detail: fold; charts: back in time; list: tab before", None),
            row(A::Right, G::Moving, &[char('l'), key(KeyCode::Right)], "detail: unfold; charts: on in time; list: next tab", None),
            row(A::ShiftLeft, G::Moving, &[char('<')], "unwrapped detail: to the left; charts: earlier", None),
            row(A::ShiftRight, G::Moving, &[char('>')], "unwrapped detail: to the right; charts: later", None),
            row(A::NextPane, G::Moving, &[key(KeyCode::Tab)], "next pane", Some("pane")),
            row(A::PreviousPane, G::Moving, &[key(KeyCode::BackTab)], "previous pane", None),
            row(A::NextEndpoint, G::Moving, &[char('n')], "next endpoint; in a searched detail, next place", None),
            row(A::PreviousEndpoint, G::Moving, &[char('N')], "previous endpoint, or place", None),
            row(A::NextNew, G::Moving, &[char('.')], "to the next message not seen yet", None),
            row(A::Follow, G::Message, &[char('f')], "follow the newest message, or stop following", Some("follow")),
            row(A::Filter, G::Message, &[char('/')], "filter the messages; in the detail, search", Some("filter")),
            row(A::Pin, G::Message, &[char(' ')], "pin the selected message, or unpin it", None),
            row(A::Mark, G::Message, &[char('v')], "mark the message for export, or unmark it", None),
            row(A::Diff, G::Message, &[char('d')], "compare the two pinned messages", None),
            row(A::Copy, G::Message, &[char('y')], "copy body, payload, id, path, attribute or curl", Some("copy")),
            row(A::Export, G::Message, &[char('w')], "write messages to a file", None),
            row(A::Editor, G::Message, &[char('E')], "open what the detail shows in $EDITOR", None),
            row(A::Pager, G::Message, &[char('V')], "open what the detail shows in $PAGER", None),
            row(A::Zoom, G::Detail, &[key(KeyCode::Enter)], "detail on the full screen, and back", Some("zoom")),
            row(A::NextTab, G::Detail, &[char(']')], "next tab of the detail", None),
            row(A::PreviousTab, G::Detail, &[char('[')], "previous tab of the detail", None),
            row(A::ShowBody, G::Detail, &[char('1')], "body, out of its envelopes", None),
            row(A::ShowAttributes, G::Detail, &[char('2')], "system attributes", None),
            row(A::ShowCustom, G::Detail, &[char('3')], "custom attributes", None),
            row(A::ShowTimeline, G::Detail, &[char('4')], "timeline: every receive, ours and others'", None),
            row(A::ShowRaw, G::Detail, &[char('5')], "raw: the body as it came", None),
            row(A::Fold, G::Detail, &[char('z')], "fold or unfold what the cursor is on", None),
            row(A::FoldAll, G::Detail, &[char('Z')], "fold all, or unfold all", None),
            row(A::Peel, G::Detail, &[char('}')], "one envelope further in, or into a string", None),
            row(A::Unpeel, G::Detail, &[char('{')], "one envelope further out", None),
            row(A::Jq, G::Detail, &[char('|')], "a jq expression on the body", None),
            row(A::Wrap, G::Detail, &[char('W')], "wrap long lines, or leave them to < and >", None),
            row(A::PollNow, G::Polling, &[char('r')], "poll the selected endpoint now", Some("poll")),
            row(A::Pause, G::Polling, &[char('p')], "pause the selected endpoint, or resume it", Some("pause")),
            row(A::PauseAll, G::Polling, &[char('P')], "pause all endpoints, or resume them", None),
            row(A::EditParameters, G::Polling, &[char('e')], "edit what the next polls ask for", Some("edit")),
            row(A::AddEndpoint, G::Polling, &[char('a')], "add an endpoint by its URL", None),
            row(A::RemoveEndpoint, G::Polling, &[char('x')], "remove the selected endpoint", None),
            row(A::Guard, G::Polling, &[char('o')], "what can be done about a guarded endpoint", None),
            row(A::Columns, G::Screen, &[char('C')], "choose the list's columns", None),
            row(A::Sort, G::Screen, &[char('S')], "sort the list by another column", None),
            row(A::Mask, G::Screen, &[char('m')], "hide secrets and personal data, or show them", None),
            row(A::Patterns, G::Screen, &[char('t')], "patterns: poison, groups, shape, age at receive", None),
            row(A::SwapCharts, G::Screen, &[char('c')], "next chart: throughput, answers, sizes, age", None),
            row(A::Span, G::Screen, &[char('s')], "chart the last 1, 5, 15 or 60 minutes", None),
            row(A::ZoomIn, G::Screen, &[char('+'), char('=')], "chart a shorter time", None),
            row(A::ZoomOut, G::Screen, &[char('-')], "chart a longer time", None),
            row(A::ChartSent, G::Screen, &[char('b')], "chart by when messages were sent, or received", None),
            row(A::ChartAll, G::Screen, &[char('A')], "chart all endpoints on one axis, or the selected", None),
            row(A::Freeze, G::Screen, &[char('F')], "hold the charts still while data arrives", None),
            row(A::Faults, G::Screen, &[char('!')], "the selected endpoint's faults", None),
            row(A::Impact, G::Screen, &[char('i')], "impact: what watching does to the queue", Some("impact")),
            row(A::Palette, G::Screen, &[char(':'), ctrl('p')], "find a command or an endpoint by its name", None),
            row(A::Close, G::Screen, &[key(KeyCode::Esc)], "close what is open", None),
            row(A::Help, G::Screen, &[char('?'), key(KeyCode::F(1))], "this help", Some("help")),
            row(A::Suspend, G::Screen, &[ctrl('z')], "back to the shell for a while; fg comes back", None),
            row(A::Quit, G::Screen, &[char('q'), ctrl('c')], "quit", Some("quit")),
        ]
    };

    /// What the config file calls it: `next_pane`.
    #[must_use]
    pub fn name(self) -> String {
        let mut name = String::new();
        for character in format!("{self:?}").chars() {
            if character.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(character.to_lowercase());
        }
        name
    }

    /// The action of a name in the config file.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().map(|binding| binding.action).find(|action| action.name() == name)
    }

    /// The action's row in the table.
    #[must_use]
    pub fn binding(self) -> Option<&'static Binding> {
        Self::ALL.iter().find(|binding| binding.action == self)
    }
}
