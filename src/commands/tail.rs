//! `qwatch tail`: messages as NDJSON, faults as lines on stderr.

mod outlet;

use std::borrow::Cow;
use std::collections::HashSet;
use std::future::pending;
use std::io::{self, ErrorKind, Write};

use tokio::sync::mpsc;
use tokio::time::sleep;
use unicode_width::UnicodeWidthStr as _;

use super::Failure;
use crate::cli::TailArgs;
use crate::config::Settings;
use crate::filter::Filter;
use crate::mask::Mask;
use crate::observation::{EndpointName, Next, Observation};
use crate::signals::Signals;
use crate::sink::Ndjson;
use crate::sink::ndjson::{Options, Wanted};
use crate::source::{CHANNEL, Clock, Http, Pollers};
use crate::text::visible;
use crate::wire::Fault;
use outlet::outlet;

/// How a run ends by itself.
enum End {
    /// As many messages as were asked for, or nobody reads them any more.
    Done,
    /// No endpoint polls any more, each because of a fault.
    AllStopped,
    /// No endpoint polls any more, at least one because of the guard.
    Guarded,
}

pub(super) async fn run(args: TailArgs, settings: Settings) -> Result<(), Failure> {
    let wanted = args.filter.as_deref().map(|text| wanted(text, &settings)).transpose()?;
    let http = Http::new().map_err(|error| Failure::Run(error.to_string()))?;
    let mut signals = Signals::unless_ignored()
        .map_err(|error| Failure::Run(format!("cannot listen for signals: {error}")))?;
    let mask = (args.mask || settings.look.masked).then(|| settings.look.mask.clone());
    let options = Options { distinct: args.distinct, receipt_handle: args.receipt_handle, count: args.count };
    let tail = Tail {
        out: Ndjson::new(outlet(&io::stdout()).map_err(cannot_print)?, options)
            .wanting(wanted)
            .masked(mask.clone()),
        mask,
        polling: settings.endpoints.iter().map(|endpoint| endpoint.name.clone()).collect(),
        guarded: false,
        notes: Box::new(outlet(&io::stderr()).map_err(cannot_print)?),
    };
    let (sender, observations) = mpsc::channel(CHANNEL);
    let mut pollers = Pollers::new(http, Clock::start(), sender);
    for endpoint in &settings.endpoints {
        pollers.start(endpoint);
    }
    // Beside the polls, on their thread: one that did nothing but print would have to be woken for every answer. This one
    // waits for whoever asks for an end, whether or not anybody reads what is printed.
    let mut printing = tokio::spawn(tail.print_until_the_end(observations));
    let over = async {
        match args.duration {
            Some(duration) => sleep(duration).await,
            None => pending().await,
        }
    };
    let interrupted = tokio::select! {
        biased;
        _ = signals.next() => true,
        ended = &mut printing => return match ended.map_err(io::Error::from).map_err(cannot_print)?? {
            Some(End::AllStopped) => Err(Failure::Run("every endpoint has stopped; the faults above say why".into())),
            Some(End::Guarded) => Err(Failure::Guarded),
            Some(End::Done) | None => Ok(()),
        },
        () = over => false,
    };
    // What a receive in flight brings has been received, so it is printed; a second signal leaves it.
    let _in_flight = pollers.stop();
    tokio::select! {
        biased;
        _ = signals.next() => return Err(Failure::Interrupted),
        ended = printing => {
            ended.map_err(io::Error::from).map_err(cannot_print)??;
        }
    }
    if interrupted { Err(Failure::Interrupted) } else { Ok(()) }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn cannot_print(error: io::Error) -> Failure {
    Failure::Run(format!("cannot write to stdout: {error}"))
}

/// A filter that cannot be read is shown with a mark under the character.
fn wanted(text: &str, settings: &Settings) -> Result<Wanted, Failure> {
    let filter = Filter::parse(text, &settings.filters).map_err(|problem| {
        let before: String = text.chars().take(problem.column).collect();
        let under = " ".repeat(visible(&before).width());
        Failure::Usage(format!("--filter: {}\n  {}\n  {under}^", problem.what, visible(text)))
    })?;
    let endpoints = settings.endpoints.iter();
    let thresholds =
        endpoints.filter_map(|endpoint| Some((endpoint.name.clone(), endpoint.guard.threshold()?)));
    Ok(Wanted { filter, thresholds: thresholds.collect() })
}

struct Tail<W> {
    out: Ndjson<W>,
    /// A fault may quote a body.
    mask: Option<Mask>,
    polling: HashSet<EndpointName>,
    /// Whether a poll was withheld.
    guarded: bool,
    /// Where faults are said.
    notes: Box<dyn Write + Send>,
}

impl<W: Write> Tail<W> {
    /// Until there is nothing more to print, or nothing more will come.
    async fn print_until_the_end(
        mut self,
        mut observations: mpsc::Receiver<Observation>,
    ) -> Result<Option<End>, Failure> {
        let mut batch = Vec::with_capacity(CHANNEL);
        while observations.recv_many(&mut batch, CHANNEL).await > 0 {
            let end = self.take(batch.drain(..))?;
            if end.is_some() {
                return Ok(end);
            }
        }
        Ok(None)
    }

    /// Prints what has come since the last time, and hands it on at once: whoever reads it waits for it.
    fn take(&mut self, observations: impl Iterator<Item = Observation>) -> Result<Option<End>, Failure> {
        let before = self.out.printed();
        match self.print_all(observations) {
            // Without anything to print, nobody would notice: and polling on for nobody uses up receives.
            Ok(None) if self.out.printed() == before && reader_has_gone() => Ok(Some(End::Done)),
            Ok(end) => Ok(end),
            // `qwatch tail | head` has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Some(End::Done)),
            Err(error) => Err(cannot_print(error)),
        }
    }

    fn print_all(&mut self, observations: impl Iterator<Item = Observation>) -> io::Result<Option<End>> {
        let mut end = None;
        for observation in observations {
            end = self.print(&observation)?;
            // Whatever else ends it, what came beside it has been received, and is printed.
            if matches!(end, Some(End::Done)) {
                break;
            }
        }
        self.out.flush()?;
        Ok(end)
    }

    fn print(&mut self, observation: &Observation) -> io::Result<Option<End>> {
        if observation.fault().is_some() || observation.withheld().is_some() {
            // On a terminal both streams are one: what came before stands before.
            self.out.flush()?;
        }
        if let Some(fault) = observation.fault() {
            let next = what_next(observation);
            // `qwatch tail 2>&1 | head`: that nobody listens is no reason to panic.
            let fault = fault.to_string();
            let said = self.mask.as_ref().map_or(Cow::Borrowed(&*fault), |mask| mask.words(&fault));
            let line = format!("qwatch: {}: {said}; {next}\n", observation.endpoint);
            let _ = self.notes.write_all(line.as_bytes());
        }
        if self.out.write(observation)? {
            return Ok(Some(End::Done));
        }
        if let Some(why) = observation.withheld() {
            let advice = "--max-receive-count N says the queue's limit, --dead-letter that there is none, --no-guard polls on";
            let line = format!("qwatch: {}: guarded: {why}; {advice}\n", observation.endpoint);
            let _ = self.notes.write_all(line.as_bytes());
            self.guarded = true;
        }
        if matches!(observation.next, Next::Stop | Next::Guard) {
            self.polling.remove(&observation.endpoint);
        }
        Ok(self.polling.is_empty().then_some(if self.guarded { End::Guarded } else { End::AllStopped }))
    }
}

/// Whether stdout is a pipe that nobody reads any more.
#[cfg(unix)]
fn reader_has_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let out = io::stdout();
    let mut asked = [PollFd::new(&out, PollFlags::empty())];
    // Errors are told without being asked for. A terminal that hangs up, or a file, is a matter for writing.
    poll(&mut asked, Some(&Timespec::default())).is_ok_and(|_| asked[0].revents().contains(PollFlags::ERR))
}

#[cfg(not(unix))]
fn reader_has_gone() -> bool {
    false
}

fn what_next(observation: &Observation) -> String {
    match observation.next {
        Next::BackOff { until } => {
            let wait = until.saturating_sub(observation.finished().offset);
            let advice = observation.fault().map_or("", Fault::advice);
            format!("trying again in {:.1} s. {advice}", wait.as_secs_f64())
        }
        Next::Poll { .. } => "polling on".to_owned(),
        Next::Guard => "guarded".to_owned(),
        Next::Stop => {
            let advice = observation.fault().map_or("", Fault::advice);
            format!("stopped. {advice}")
        }
    }
}
