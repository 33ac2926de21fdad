//! What can be done about a guarded endpoint: the choices, and what each comes to.

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use super::mode::Mode;
use super::{App, Effect};
use crate::guard::{Allow, Limit};
use crate::source::Control;
use crate::sqs::{MaxReceiveCount, VisibilityTimeout};

/// For how long "hide" hides: SQS's own default visibility timeout.
pub const HIDE_SECONDS: u32 = 30;

/// Something to do about it, in the order in which it is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Choice::what says it, and the box shows it")]
pub enum Choice {
    Once,
    UntilTold,
    Hide,
    SetLimit,
    NoLimit,
    Guard,
    Stay,
}

impl Choice {
    /// Every choice.
    pub const ALL: [Self; 7] =
        [Self::Once, Self::UntilTold, Self::Hide, Self::SetLimit, Self::NoLimit, Self::Guard, Self::Stay];

    /// Its key.
    #[must_use]
    pub fn key(self) -> char {
        match self {
            Self::Once => 'c',
            Self::UntilTold => 'u',
            Self::Hide => 'h',
            Self::SetLimit => 'l',
            Self::NoLimit => 'd',
            Self::Guard => 'g',
            Self::Stay => 's',
        }
    }

    /// The same in a word or two, where there is no room for more.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::UntilTold => "until I say",
            Self::Hide => "hide",
            Self::SetLimit => "limit",
            Self::NoLimit => "no limit",
            Self::Guard => "guard",
            Self::Stay => "stay",
        }
    }

    /// What it does to the queue.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::Once => "continue once: one poll, one receive more on each message it returns",
            Self::UntilTold => "continue until I say (g): messages may go to the dead-letter queue",
            Self::Hide => "hide instead: polls hide for 30 s what they return, from consumers too",
            Self::SetLimit => "set the limit: the queue's maxReceiveCount",
            Self::NoLimit => "there is no dead-letter queue: nothing to guard",
            Self::Guard => "guard again",
            Self::Stay => "stay: nothing is polled, what is held stays on the screen",
        }
    }
}

/// The open box: the choices, or the limit being typed.
#[derive(Clone, Debug, Default)]
pub struct Guarding {
    limit: Option<Input>,
}

impl Guarding {
    /// The limit as far as it is typed; none while the choices are shown.
    #[must_use]
    pub fn limit(&self) -> Option<&Input> {
        self.limit.as_ref()
    }

    /// What is wrong with it; nothing while it is empty.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let text = self.limit.as_ref()?.value().trim();
        if text.is_empty() {
            None
        } else {
            text.parse::<MaxReceiveCount>().err().map(|error| error.to_string())
        }
    }

    /// Pastes a text into the limit.
    pub fn paste(&mut self, text: &str) {
        if let Some(input) = &mut self.limit {
            super::prompt::insert(input, text);
        }
    }
}

impl App {
    pub(super) fn guarding_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Mode::Guarding(guarding) = &mut self.mode else { return Vec::new() };
        match (&mut guarding.limit, key.code) {
            (_, KeyCode::Esc) => self.close(),
            (Some(input), KeyCode::Enter) => match input.value().trim().parse::<MaxReceiveCount>() {
                Ok(count) => self.choose_limit(Limit::Known(count.get())),
                // What is wrong is said under the number.
                Err(_) => Vec::new(),
            },
            (Some(input), _) => {
                input.handle_event(&Event::Key(key));
                Vec::new()
            }
            (None, KeyCode::Char(character)) => {
                let chosen = Choice::ALL.into_iter().find(|choice| choice.key() == character);
                chosen.map_or_else(Vec::new, |choice| self.choose(choice))
            }
            (None, _) => Vec::new(),
        }
    }

    fn choose(&mut self, choice: Choice) -> Vec<Effect> {
        match choice {
            Choice::Once => self.tell("one poll", |_| vec![Control::Allow(Allow::Once)]),
            Choice::UntilTold => {
                self.set_guard(false);
                self.tell("not guarded until you say so (o, g)", |_| vec![Control::Allow(Allow::UntilTold)])
            }
            Choice::Hide => self.hide(),
            Choice::SetLimit => {
                self.mode = Mode::Guarding(Guarding { limit: Some(Input::default()) });
                Vec::new()
            }
            Choice::NoLimit => self.choose_limit(Limit::Nowhere),
            Choice::Guard => {
                self.set_guard(true);
                self.tell("guarded", |_| vec![Control::Guard])
            }
            Choice::Stay => self.close(),
        }
    }

    fn hide(&mut self) -> Vec<Effect> {
        if let Some(watched) = self.endpoints.get_mut(self.selected) {
            let timeout = VisibilityTimeout::try_from(HIDE_SECONDS).unwrap_or(VisibilityTimeout::MIN);
            watched.endpoint.parameters.visibility_timeout = timeout;
        }
        self.tell("polls hide for 30 s what they return (e changes it)", |endpoint| {
            vec![Control::Hide(endpoint.parameters.clone())]
        })
    }

    fn choose_limit(&mut self, limit: Limit) -> Vec<Effect> {
        if let Some(watched) = self.endpoints.get_mut(self.selected) {
            watched.endpoint.guard.limit = limit;
        }
        self.tell(&format!("the limit is {limit}"), |_| vec![Control::Limit(limit)])
    }

    fn set_guard(&mut self, on: bool) {
        if let Some(watched) = self.endpoints.get_mut(self.selected) {
            watched.endpoint.guard.on = on;
        }
    }

    /// Closes the box, says what was chosen and tells the poller.
    fn tell(
        &mut self,
        said: &str,
        controls: impl Fn(&crate::source::Endpoint) -> Vec<Control>,
    ) -> Vec<Effect> {
        self.mode = Mode::Watching;
        let Some((_, watched)) = self.selected() else { return Vec::new() };
        let (name, controls) = (watched.endpoint.name.clone(), controls(&watched.endpoint));
        self.say(&format!("{name}: {said}"));
        controls.into_iter().map(|control| Effect::Control(name.clone(), control)).collect()
    }
}
