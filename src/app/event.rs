//! What happens to the program, and what it asks for outside: data both ways.

use std::sync::Arc;

use crossterm::event::Event as TerminalEvent;

use super::exporting::Writing;
use super::jq::{Answer, Question};
use super::screen::Screen;
use super::viewing::Program;
use crate::observation::{EndpointName, Moment, Observation};
use crate::source::{Control, Endpoint};

/// Something happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key, the mouse, a paste or a new size.
    Terminal(TerminalEvent),
    /// A poll is over.
    Observed(Box<Observation>),
    /// A second has passed.
    Tick(Moment),
    /// Nothing happens, and there is work left.
    Idle,
    /// Something that an effect asked for was done, or could not be.
    Reported(Report),
    /// The screen was drawn, and things are where this says.
    Drawn(Screen),
}

/// How something ended that was done outside.
#[derive(Clone, Debug)]
pub enum Report {
    /// It was done: in a sentence.
    Done(String),
    /// It could not be done: in a sentence.
    Failed(String),
    /// What a jq expression made of the body.
    Answered(Answer),
}

/// Something to be done outside.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Tell a poller.
    Control(EndpointName, Control),
    /// Start polling.
    Start(Box<Endpoint>),
    /// Stop polling.
    Remove(EndpointName),
    /// Put this on the clipboard.
    Copy(String),
    /// Write messages to a file.
    Write(Arc<Writing>),
    /// Show a text in a program of the user's, and come back.
    Open {
        /// Which program.
        program: Program,
        /// What to show.
        text: String,
        /// What a file with it would end in.
        extension: &'static str,
    },
    /// Ask jq.
    Ask(Question),
    /// Stop for a while: the terminal is the shell's until it continues us.
    Suspend,
    /// Leave.
    Quit,
    /// Leave, since Ctrl-C was pressed.
    Interrupt,
}
