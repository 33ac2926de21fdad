//! `qwatch`: watch in the terminal.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Local, Utc};
use crossterm::event::EventStream;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::{sleep, timeout};

use super::Failure;
use crate::app::{App, Effect};
use crate::config::Settings;
use crate::observation::Observation;
use crate::signals::Signals;
use crate::source::{CHANNEL, Clock, Http, Pollers};
use crate::terminal::session::copy;
use crate::terminal::{Ended, Loop, Session, log};
use crate::ui::Styles;

/// Leaving takes no longer than this before it is explained.
const PATIENCE: Duration = Duration::from_millis(400);

pub(super) async fn run(settings: Settings) -> Result<(), Failure> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        let words =
            "the screen needs a terminal for its input and output; `qwatch tail` prints messages to a pipe";
        return Err(Failure::Usage(words.into()));
    }
    let failed = |what: &str, error: &dyn std::fmt::Display| Failure::Run(format!("{what}: {error}"));
    let http = Http::new().map_err(|error| Failure::Run(error.to_string()))?;
    let mut signals = Signals::new().map_err(|error| failed("cannot listen for signals", &error))?;
    let clock = Clock::start();
    let (sender, mut observations) = mpsc::channel(CHANNEL);
    let mut pollers = Pollers::new(http, clock, sender);
    for endpoint in &settings.endpoints {
        pollers.start(endpoint);
    }
    let mut app = App::new(settings, clock.now(), local);
    if let Err(problem) = log::start() {
        app.problem(&problem);
    }
    let ended = {
        let mut session = Session::open().map_err(|error| failed("cannot take the terminal", &error))?;
        let mut turns = Loop {
            terminal: &mut session.terminal,
            input: EventStream::new(),
            observations: &mut observations,
            clock,
            styles: Styles::from_environment(),
        };
        let stop = async {
            tokio::select! {
                () = signals.next() => Ended::Interrupted,
                () = Session::panicked() => Ended::Panicked,
            }
        };
        turns.run(&mut app, |effect| carry_out(&mut pollers, effect), stop).await
    };
    match ended.map_err(|error| Failure::Run(error.to_string()))? {
        Ended::Panicked => Err(Failure::Run("a part of qwatch panicked; the report stands above".into())),
        Ended::Quit => leave(pollers, observations, signals).await,
        Ended::Interrupted => leave(pollers, observations, signals).await.and(Err(Failure::Interrupted)),
    }
}

fn carry_out(pollers: &mut Pollers, effect: Effect) {
    match effect {
        Effect::Control(endpoint, control) => pollers.control(&endpoint, control),
        Effect::Start(endpoint) => pollers.start(&endpoint),
        Effect::Remove(endpoint) => pollers.remove(&endpoint),
        Effect::Copy(text) => copy(&text),
        Effect::Quit | Effect::Interrupt => {}
    }
}

/// Polling stops at once; receives in flight are read to their end, since SQS has counted them already.
async fn leave(
    pollers: Pollers,
    mut observations: Receiver<Observation>,
    mut signals: Signals,
) -> Result<(), Failure> {
    let _in_flight = pollers.stop();
    let mut ending = std::pin::pin!(async { while observations.recv().await.is_some() {} });
    if timeout(PATIENCE, &mut ending).await.is_ok() {
        return Ok(());
    }
    eprintln!("qwatch: reading the last receives to their end; Ctrl-C leaves now");
    tokio::select! {
        () = &mut ending => Ok(()),
        () = signals.next() => Err(Failure::Interrupted),
        () = sleep(Duration::from_secs(60)) => Ok(()),
    }
}

/// The user's zone, as of that time of year.
fn local(time: DateTime<Utc>) -> DateTime<FixedOffset> {
    time.with_timezone(&Local).fixed_offset()
}
