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
    NextPane,
    PreviousPane,
    NextEndpoint,
    PreviousEndpoint,
    Filter,
    Pin,
    Zoom,
    Close,
    Follow,
    NextTab,
    PreviousTab,
    ShowBody,
    ShowAttributes,
    ShowCustom,
    ShowTimeline,
    ShowRaw,
    PollNow,
    Pause,
    PauseAll,
    EditParameters,
    AddEndpoint,
    RemoveEndpoint,
    Guard,
    SwapCharts,
    Span,
    Faults,
    Impact,
    Help,
    Quit,
}

/// Where the help lists an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Getting around.
    Moving,
    /// The selected message.
    Message,
    /// What is asked of gateways.
    Polling,
    /// The rest of the screen.
    Screen,
}

impl Group {
    /// In the order of the help.
    pub const ALL: [Self; 4] = [Self::Moving, Self::Message, Self::Polling, Self::Screen];
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Moving => "Moving",
            Self::Message => "Message",
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
            row(A::NextPane, G::Moving, &[key(KeyCode::Tab)], "next pane", Some("pane")),
            row(A::PreviousPane, G::Moving, &[key(KeyCode::BackTab)], "previous pane", None),
            row(A::NextEndpoint, G::Moving, &[char('n')], "next endpoint", None),
            row(A::PreviousEndpoint, G::Moving, &[char('N')], "previous endpoint", None),
            row(A::Follow, G::Message, &[char('f')], "follow the newest message, or stop following", Some("follow")),
            row(A::Filter, G::Message, &[char('/')], "filter the messages; Esc shows all again", Some("filter")),
            row(A::Pin, G::Message, &[char(' ')], "pin the selected message, or unpin it", None),
            row(A::Zoom, G::Message, &[key(KeyCode::Enter)], "detail on the full screen, and back", Some("zoom")),
            row(A::NextTab, G::Message, &[char(']'), char('l'), key(KeyCode::Right)], "next tab of the detail", None),
            row(A::PreviousTab, G::Message, &[char('['), char('h'), key(KeyCode::Left)], "previous tab of the detail", None),
            row(A::ShowBody, G::Message, &[char('1')], "body", None),
            row(A::ShowAttributes, G::Message, &[char('2')], "system attributes", None),
            row(A::ShowCustom, G::Message, &[char('3')], "custom attributes", None),
            row(A::ShowTimeline, G::Message, &[char('4')], "timeline: every time we received it", None),
            row(A::ShowRaw, G::Message, &[char('5')], "raw: the body as it came", None),
            row(A::PollNow, G::Polling, &[char('r')], "poll the selected endpoint now", Some("poll")),
            row(A::Pause, G::Polling, &[char('p')], "pause the selected endpoint, or resume it", Some("pause")),
            row(A::PauseAll, G::Polling, &[char('P')], "pause all endpoints, or resume them", None),
            row(A::EditParameters, G::Polling, &[char('e')], "edit what the next polls ask for", Some("edit")),
            row(A::AddEndpoint, G::Polling, &[char('a')], "add an endpoint by its URL", None),
            row(A::RemoveEndpoint, G::Polling, &[char('x')], "remove the selected endpoint", None),
            row(A::Guard, G::Polling, &[char('o')], "what can be done about a guarded endpoint", None),
            row(A::SwapCharts, G::Screen, &[char('c')], "throughput or latency chart", None),
            row(A::Span, G::Screen, &[char('s')], "chart the last 1, 5, 15 or 60 minutes", None),
            row(A::Faults, G::Screen, &[char('!')], "the selected endpoint's faults", None),
            row(A::Impact, G::Screen, &[char('i')], "impact: what watching does to the queue", Some("impact")),
            row(A::Close, G::Screen, &[key(KeyCode::Esc)], "close what is open", None),
            row(A::Help, G::Screen, &[char('?'), key(KeyCode::F(1))], "this help", Some("help")),
            row(A::Quit, G::Screen, &[char('q'), ctrl('c')], "quit", Some("quit")),
        ]
    };

    /// The action's row in the table.
    #[must_use]
    pub fn binding(self) -> Option<&'static Binding> {
        Self::ALL.iter().find(|binding| binding.action == self)
    }
}
