//! `qwatch`: watch in the terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Local, Utc};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Failure;
use crate::app::exporting::Writing;
use crate::app::jq::{Answer, Question};
use crate::app::{App, Effect, Report};
use crate::config::Settings;
use crate::files;
use crate::jq;
use crate::observation::Observation;
use crate::signals::{Asked, Signals};
use crate::sink::export;
use crate::source::{CHANNEL, Clock, Http, Pollers};
use crate::terminal::clipboard;
use crate::terminal::outside::Loan;
use crate::terminal::session::copy;
use crate::terminal::{Console, Ended, Loop, Session, log};
use crate::text::visible;
use crate::ui::Styles;

/// Kinds of terminals that would print a screen's sequences as text. What else there is passes over those that it does not
/// know: the mouse, the alternate screen, colours.
const UNFIT: [&str; 2] = ["dumb", "vt52"];
/// Leaving takes no longer than this before it is explained.
const PATIENCE: Duration = Duration::from_millis(400);
/// For receives in flight no longer than this is waited.
const LAST_RECEIVES: Duration = Duration::from_secs(60);

/// Files that are being written, and what came of it: that there is one, or why not.
type Writes = JoinSet<Result<String, String>>;

pub(super) async fn run(settings: Settings) -> Result<(), Failure> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        let words =
            "the screen needs a terminal for its input and output; `qwatch tail` prints messages to a pipe";
        return Err(Failure::Usage(words.into()));
    }
    if let Some(name) = std::env::var("TERM").ok().filter(|name| UNFIT.contains(&name.as_str())) {
        let words = format!(
            "the screen cannot be drawn on a terminal of the kind TERM={name}, which knows no ANSI sequences; `qwatch tail` prints messages line by line"
        );
        return Err(Failure::Usage(words));
    }
    let failed = |what: &str, error: &dyn std::fmt::Display| Failure::Run(format!("{what}: {error}"));
    let http = Http::new().map_err(|error| Failure::Run(error.to_string()))?;
    let mut signals = Signals::new().map_err(|error| failed("cannot listen for signals", &error))?;
    let console = Console::new().map_err(|error| failed("cannot listen for signals", &error))?;
    let loan = console.loan();
    let clock = Clock::start();
    let (sender, mut observations) = mpsc::channel(CHANNEL);
    let mut pollers = Pollers::new(http, clock, sender);
    for endpoint in &settings.endpoints {
        pollers.start(endpoint);
    }
    let theme = settings.look.theme;
    let mut app = App::new(settings, clock.now(), local);
    let (reporter, mut reports) = mpsc::channel(16);
    let mut writes = Writes::new();
    let of_the_log = reporter.clone();
    // That it cannot be said at once is no reason to wait: entries are written from everywhere.
    let tell = move |problem| drop(of_the_log.try_send(Report::Failed(problem)));
    if let Err(problem) = log::start(tell) {
        app.problem(&problem);
    }
    let ended = {
        let mut session = Session::open().map_err(|error| failed("cannot take the terminal", &error))?;
        let mut turns = Loop {
            terminal: &mut session.terminal,
            outside: console,
            observations: &mut observations,
            reports: &mut reports,
            clock,
            styles: Styles::from_environment(theme),
        };
        let stop = async {
            interrupted(&mut signals, &loan).await;
            Ended::Interrupted
        };
        turns.run(&mut app, |effect| carry_out(&mut pollers, &reporter, &mut writes, effect), stop).await
    };
    drop(reports);
    let left = leave(pollers, observations, writes, signals).await;
    match ended.map_err(|error| Failure::Run(error.to_string()))? {
        Ended::Quit => left,
        Ended::Interrupted => left.and(Err(Failure::Interrupted)),
    }
}

/// Completes when a signal is meant for us: Ctrl-C in a pager is the pager's.
async fn interrupted(signals: &mut Signals, loan: &Loan) {
    while signals.next().await == Asked::Interrupt && loan.is_meant() {}
}

fn carry_out(pollers: &mut Pollers, reporter: &Sender<Report>, writes: &mut Writes, effect: Effect) {
    match effect {
        Effect::Control(endpoint, control) => pollers.control(&endpoint, control),
        Effect::Start(endpoint) => pollers.start(&endpoint),
        Effect::Remove(endpoint) => pollers.remove(&endpoint),
        Effect::Copy(text) => {
            copy(&text);
            // Beside OSC 52, which not every terminal obeys. It may ask a server, and wait.
            drop(std::thread::Builder::new().spawn(move || clipboard::copy(&text)));
        }
        Effect::Write(writing) => {
            let reporter = reporter.clone();
            while writes.try_join_next().is_some() {}
            writes.spawn_blocking(move || {
                let written = write(&writing);
                let report = written.clone().map_or_else(Report::Failed, Report::Done);
                // Nobody listens any more when the program is about to end.
                let _ = reporter.blocking_send(report);
                written
            });
        }
        Effect::Ask(Question { expression, input, of, masked }) => report(reporter, async move {
            let text = jq::evaluate(&expression, input).await;
            Report::Answered(Answer { expression, of, masked, text })
        }),
        // The loop itself does these.
        Effect::Open { .. } | Effect::Suspend | Effect::Quit | Effect::Interrupt => {}
    }
}

/// Does something beside the loop, and tells it how it ended.
fn report(reporter: &Sender<Report>, work: impl Future<Output = Report> + Send + 'static) {
    let reporter = reporter.clone();
    tokio::spawn(async move {
        // Nobody listens any more when the program is about to end.
        let _ = reporter.send(work.await).await;
    });
}

fn write(writing: &Writing) -> Result<String, String> {
    let Writing { path, format, mask, records } = writing;
    let shown = visible(&path.display().to_string()).into_owned();
    match export::write(path, *format, mask.as_ref(), records) {
        Ok(()) => Ok(format!("wrote {} messages to {shown}", records.len())),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{shown} is there already, and is left as it is: w takes another name"))
        }
        Err(error) => {
            let advice = files::advice(&error);
            Err(format!("cannot write {shown}: {error}; nothing is left of it: {advice}, with w"))
        }
    }
}

/// Polling stops at once; receives in flight are read to their end, since SQS has counted them already, and files are written.
async fn leave(
    pollers: Pollers,
    mut observations: Receiver<Observation>,
    mut writes: Writes,
    mut signals: Signals,
) -> Result<(), Failure> {
    let _in_flight = pollers.stop();
    // What came of those that have ended stood on the screen.
    while writes.try_join_next().is_some() {}
    let received = timeout(LAST_RECEIVES, async move { while observations.recv().await.is_some() {} });
    let written = async {
        while let Some(written) = writes.join_next().await {
            written.map_err(|error| Failure::Run(error.to_string()))?.map_err(Failure::Run)?;
        }
        Ok(())
    };
    let mut ending = std::pin::pin!(async { tokio::join!(received, written).1 });
    if let Ok(ended) = timeout(PATIENCE, &mut ending).await {
        return ended;
    }
    // The terminal may have gone away, which is no reason to panic.
    let _ = writeln!(
        io::stderr(),
        "qwatch: reading the last receives to their end, and writing what is not written yet; Ctrl-C leaves now"
    );
    tokio::select! {
        ended = &mut ending => ended,
        () = asked_again(&mut signals) => Err(Failure::Interrupted),
    }
}

/// Completes when somebody cannot wait. A terminal that closes hangs up twice: its shell does, and the kernel.
async fn asked_again(signals: &mut Signals) {
    while signals.next().await == Asked::HangUp {}
}

/// The user's zone, as of that time of year.
fn local(time: DateTime<Utc>) -> DateTime<FixedOffset> {
    time.with_timezone(&Local).fixed_offset()
}
