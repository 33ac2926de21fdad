//! The one place that awaits: keys, observations, signals and the clock; and what puts the terminal back.
//!
//! ```text
//!   input ──┐                      ┌─▶ effects ─▶ pollers
//!   polls ──┼─▶ select ─▶ App ─────┤
//!   tick ───┘                      └─▶ draw, at most every 33 ms (8 ms after a key), and only when something changed
//! ```

pub mod clipboard;
pub mod input;
pub mod log;
pub mod outside;
pub mod session;

use std::fmt::Display;
use std::io;
use std::time::Duration;

use futures::StreamExt as _;
use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use crate::app::{App, Effect, Event, Report};
use crate::observation::Observation;
use crate::source::{CHANNEL, Clock};
use crate::ui::{self, Styles};
use outside::Running;
pub use outside::{Console, Outside};
pub use session::Session;

/// The shortest time from one draw to the next: what arrives within it is folded and drawn together.
const FRAME: Duration = Duration::from_millis(33);
/// The shortest time from one draw to the next where a key was pressed: somebody waits for what it does, and with a whole
/// frame before it and the draw behind it that would be more than a frame. A held key, or the mouse, is bounded still.
const KEY_FRAME: Duration = Duration::from_millis(8);
/// Observations folded before the keys are looked at again: all that wait.
const BATCH: usize = CHANNEL;

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The user quit.
    Quit,
    /// Ctrl-C, or a signal.
    Interrupted,
}

/// The terminal could not be drawn on, or read from.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Drawing failed.
    #[error("cannot draw on the terminal: {0}")]
    Draw(String),
    /// Reading keys failed, or the terminal went away.
    #[error("cannot read keys from the terminal: {0}")]
    Input(#[from] io::Error),
}

/// What the loop reads from, and where it draws.
#[derive(Debug)]
pub struct Loop<'a, B: Backend, O> {
    /// Where to draw.
    pub terminal: &'a mut Terminal<B>,
    /// Keys, and programs that have the terminal for a while.
    pub outside: O,
    /// What the pollers bring.
    pub observations: &'a mut Receiver<Observation>,
    /// How effects ended that take their time.
    pub reports: &'a mut Receiver<Report>,
    /// Both clocks.
    pub clock: Clock,
    /// Colours or none.
    pub styles: Styles,
}

impl<B, O> Loop<'_, B, O>
where
    B: Backend,
    B::Error: Display,
    O: Outside,
{
    /// Runs until the user quits, `stop` completes or the terminal goes away. `carry_out` takes the effects, and must
    /// not block.
    ///
    /// # Errors
    /// [`TerminalError`].
    pub async fn run(
        &mut self,
        app: &mut App,
        mut carry_out: impl FnMut(Effect),
        stop: impl Future<Output = Ended>,
    ) -> Result<Ended, TerminalError> {
        let mut stop = std::pin::pin!(stop);
        let mut tick = interval_at(self.next_second(), Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut drawn = Instant::now();
        let mut next_frame = drawn;
        let mut batch = Vec::with_capacity(BATCH);
        let mut asked_to_panic = std::env::var_os("QWATCH_TEST_PANIC");
        let mut input = Some(self.outside.input());
        // A program that has the terminal: nothing is drawn meanwhile and no key is read, and all else goes on.
        let mut running: Option<Running> = None;
        loop {
            let ours = running.is_none();
            let mut due = Instant::now() >= next_frame;
            // What came is folded once a frame, right before it is drawn, so that keys that change something at every frame hold
            // nothing up; and once a turn, so that a flood does not either.
            if due || !ours {
                batch.extend(std::iter::from_fn(|| self.observations.try_recv().ok()).take(BATCH));
            }
            if (due || !ours) && !batch.is_empty() {
                app.observe(batch.drain(..));
            }
            if ours && due && app.is_dirty() {
                self.draw(app)?;
                asked_to_panic.take().inspect(|by| panic_by(by));
                drawn = Instant::now();
                (next_frame, due) = (drawn + FRAME, false);
            }
            let effects = tokio::select! {
                // In this order a flood of observations delays neither a key nor the clock: those come first
                // whenever they are there. Drawing is not in the list, since every turn begins with it.
                biased;
                ended = &mut stop => return Ok(ended),
                event = next(&mut input) => match event {
                    Some(event) => {
                        next_frame = next_frame.min(drawn + KEY_FRAME);
                        app.update(Event::Terminal(event?))
                    }
                    None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                },
                ended = ended(&mut running) => {
                    (running, input) = (None, Some(self.take_back(app)?));
                    ended.err().map_or_else(Vec::new, |why| app.update(Event::Reported(Report::Failed(why))))
                }
                () = self.outside.continued() => {
                    // Whoever stopped us, the terminal was another's since. A program of the user's was stopped with us, and
                    // has it still.
                    if ours {
                        drop(input.take());
                        input = Some(self.take_back(app)?);
                    }
                    Vec::new()
                }
                Some(report) = self.reports.recv() => app.update(Event::Reported(report)),
                _ = tick.tick() => app.update(Event::Tick(self.clock.now())),
                // The first says that there is something to draw when a frame is due. The others wait in their channel, which
                // has room for what comes in one: a wake-up for each of them would cost more than folding them does.
                Some(observation) = self.observations.recv(), if batch.is_empty() => {
                    batch.push(observation);
                    Vec::new()
                }
                // A piece of work at a time, so that whatever else there is comes between.
                () = std::future::ready(()), if app.has_work() => app.update(Event::Idle),
                () = sleep_until(next_frame), if ours && !due && (app.is_dirty() || !batch.is_empty()) => Vec::new(),
            };
            for effect in effects {
                match effect {
                    Effect::Quit => return Ok(Ended::Quit),
                    Effect::Interrupt => return Ok(Ended::Interrupted),
                    Effect::Open { program, text, extension } => {
                        // The keys are the program's from here on.
                        input = None;
                        match self.outside.open(program, &text, extension) {
                            Ok(started) => running = Some(started),
                            Err(why) => {
                                app.update(Event::Reported(Report::Failed(why)));
                                self.terminal.swap_buffers();
                                input = Some(self.outside.input());
                            }
                        }
                    }
                    Effect::Suspend => {
                        // Keys that are typed meanwhile are the shell's.
                        drop(input.take());
                        let suspended = self.outside.suspend();
                        input = Some(self.take_back(app)?);
                        if let Err(why) = suspended {
                            app.update(Event::Reported(Report::Failed(why)));
                        }
                    }
                    effect => carry_out(effect),
                }
            }
        }
    }

    /// After a program or the shell: the screen is drawn from nothing, as of now, and keys are read again.
    fn take_back(&mut self, app: &mut App) -> Result<O::Input, TerminalError> {
        self.outside.take_back()?;
        app.update(Event::Tick(self.clock.now()));
        // Nothing of ours stands there any more, so all of the next frame is written. `Terminal::clear` would ask the
        // terminal where its cursor is, which not every one answers.
        self.terminal.swap_buffers();
        Ok(self.outside.input())
    }

    fn draw(&mut self, app: &mut App) -> Result<(), TerminalError> {
        let mut screen = None;
        self.terminal
            .draw(|frame| screen = Some(ui::draw(app, self.styles, frame)))
            .map_err(|error| TerminalError::Draw(error.to_string()))?;
        if let Some(screen) = screen {
            app.update(Event::Drawn(screen));
        }
        Ok(())
    }

    /// The clock in the header changes when the wall clock's second does.
    fn next_second(&self) -> Instant {
        let into_second = self.clock.now().wall.timestamp_subsec_millis().min(999);
        Instant::now() + Duration::from_millis(u64::from(1_000 - into_second))
    }
}

/// The next key; none ever while a program has the terminal.
async fn next<S: futures::Stream + Unpin>(input: &mut Option<S>) -> Option<S::Item> {
    match input {
        Some(input) => input.next().await,
        None => std::future::pending().await,
    }
}

/// When the program has ended; never while there is none.
async fn ended(running: &mut Option<Running>) -> Result<(), String> {
    match running {
        Some(running) => running.await,
        None => std::future::pending().await,
    }
}

/// A hook for tests, which have no other way to see what a panic leaves on the terminal: after the first draw
/// `QWATCH_TEST_PANIC=loop` panics in the loop itself, `QWATCH_TEST_PANIC=task` in a task beside it.
fn panic_by(who: &std::ffi::OsStr) {
    match who.to_str() {
        Some("loop") => panic!("a test asked the loop to panic"),
        Some("task") => drop(tokio::spawn(async { panic!("a test asked a task to panic") })),
        _ => {}
    }
}
