//! When the screen is drawn: a flood at most every 33 ms, a key at once.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::io::{self, Write};
use std::num::NonZero;
use std::rc::Rc;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent};
use futures::stream::{BoxStream, StreamExt as _};
use qwatch::app::viewing::Program;
use qwatch::app::{App, Report};
use qwatch::config::{Look, Settings, endpoint_at};
use qwatch::observation::Observation;
use qwatch::source::{CHANNEL, Clock, Pace};
use qwatch::sqs::ReceiveParameters;
use qwatch::terminal::outside::Running;
use qwatch::terminal::{Ended, Loop, Outside};
use qwatch::ui::Styles;
use qwatch::watch::{Bounds, Prices};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use crate::observed::{answered, message};

const NAME: &str = "orders";
const WIDTH: NonZero<u16> = NonZero::new(120).unwrap();
const HEIGHT: NonZero<u16> = NonZero::new(36).unwrap();

/// What the screen showed, and since when.
#[derive(Clone)]
struct Drawn {
    frames: Rc<RefCell<Vec<(Instant, String)>>>,
    screen: Rc<RefCell<vt100::Parser>>,
}

impl Default for Drawn {
    fn default() -> Self {
        Self { frames: Rc::default(), screen: Rc::new(RefCell::new(vt100::Parser::new(HEIGHT, WIDTH, 0))) }
    }
}

impl Write for Drawn {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.screen.borrow_mut().process(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let shown = self.screen.borrow().screen().contents();
        let mut frames = self.frames.borrow_mut();
        // What hides the cursor is flushed by itself.
        if frames.last().is_none_or(|(_, before)| *before != shown) {
            frames.push((Instant::now(), shown));
        }
        Ok(())
    }
}

impl Drawn {
    /// The time between one frame and the next.
    fn intervals(&self) -> Vec<Duration> {
        self.frames.borrow().windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }

    /// When the screen first showed a text, from `since` on.
    fn shown(&self, text: &str, since: Instant) -> Option<Duration> {
        let frames = self.frames.borrow();
        frames.iter().find(|(at, frame)| *at >= since && frame.contains(text)).map(|(at, _)| *at - since)
    }
}

/// Keys at their times, and no programs.
struct Keys(Vec<(Instant, KeyCode)>);

impl Outside for Keys {
    type Input = BoxStream<'static, io::Result<Event>>;

    fn input(&mut self) -> Self::Input {
        let keys = futures::stream::iter(std::mem::take(&mut self.0)).then(|(at, code)| async move {
            sleep_until(at).await;
            Ok(Event::Key(KeyEvent::from(code)))
        });
        keys.chain(futures::stream::pending()).boxed()
    }

    fn open(&mut self, _: Program, _: &str, _: &str) -> Result<Running, String> {
        Err("there are no programs here".into())
    }

    fn take_back(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn suspend(&mut self) -> Result<(), String> {
        Err("there is no shell here".into())
    }

    fn continued(&mut self) -> impl Future<Output = ()> {
        pending()
    }
}

/// A run: what was drawn, what came of it, and how many messages were sent.
struct Ran {
    drawn: Drawn,
    app: App,
    sent: usize,
}

/// Runs the program's loop on these for that long.
async fn run(keys: Vec<(Instant, KeyCode)>, flood: Option<Duration>, lasts: Duration) -> Ran {
    let clock = Clock::start();
    let endpoint = endpoint_at("https://host.example/orders", ReceiveParameters::default(), Pace::default());
    let settings = Settings {
        endpoints: vec![qwatch::source::Endpoint { name: NAME.into(), ..endpoint.unwrap() }],
        parameters: ReceiveParameters::default(),
        pace: Pace::default(),
        bounds: Bounds::default(),
        prices: Prices::default(),
        look: Look::default(),
        filters: qwatch::filter::Saved::new(),
    };
    let mut app = App::new(settings, clock.now(), |time| time.fixed_offset());
    let drawn = Drawn::default();
    let viewport = Viewport::Fixed(Rect::new(0, 0, WIDTH.get(), HEIGHT.get()));
    let options = TerminalOptions { viewport };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(drawn.clone()), options).unwrap();
    let (sender, mut observations) = mpsc::channel::<Observation>(CHANNEL);
    let (_reporter, mut reports) = mpsc::channel::<Report>(1);
    let sent = Cell::new(0);
    let flooding = async {
        let Some(interval) = flood else { return pending().await };
        for number in 0.. {
            let at = clock.now().offset.as_secs_f64();
            let of_it = message(&format!("m-{number}"), &format!("order {number}"));
            sender.send(answered(NAME, at, 1.0, vec![of_it])).await.unwrap();
            sent.set(number + 1);
            sleep(interval).await;
        }
    };
    let mut turns = Loop {
        terminal: &mut terminal,
        outside: Keys(keys),
        observations: &mut observations,
        reports: &mut reports,
        clock,
        styles: Styles::default(),
    };
    let stop = async {
        sleep(lasts).await;
        Ended::Quit
    };
    tokio::select! {
        biased;
        ended = turns.run(&mut app, drop, stop) => assert_eq!(ended.unwrap(), Ended::Quit),
        () = flooding => {}
    }
    drop(terminal);
    Ran { drawn, app, sent: sent.get() }
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_drawn_every_33_ms_and_nothing_of_it_is_lost() {
    let Ran { drawn, app, sent } = run(Vec::new(), Some(millis(1)), millis(3_000)).await;
    let intervals = drawn.intervals();
    assert!(intervals.iter().all(|interval| *interval >= millis(33)), "{intervals:?}");
    assert!(intervals.len() >= 80, "{} frames in three seconds", intervals.len());
    let received = app.watch().endpoint(&NAME.into()).unwrap().ledger.len();
    // What came after the last frame waits for the next.
    assert!(sent > 2_500 && (sent - 34..=sent).contains(&received), "{received} of {sent}");
}

#[tokio::test(start_paused = true)]
async fn what_arrives_after_a_quiet_time_is_drawn_at_once() {
    let Ran { drawn, .. } = run(Vec::new(), Some(millis(400)), millis(2_000)).await;
    let began = drawn.frames.borrow()[0].0;
    let late: Vec<_> = (1..=4_u64)
        .map(|number| drawn.shown(&format!("order {number}"), began + millis(400 * number)).unwrap())
        .collect();
    // The clock's second may have been drawn just before one of them.
    assert!(late.iter().all(|late| *late <= millis(35)), "{late:?}");
    assert!(late.iter().filter(|late| **late <= millis(2)).count() >= 3, "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn a_key_in_a_flood_is_drawn_within_8_ms() {
    let began = Instant::now();
    // At every place within a frame: help opens, and closes.
    let keys: Vec<_> = (0..40)
        .flat_map(|number| {
            let at = began + millis(500 + 101 * number);
            [(at, KeyCode::Char('?')), (at + millis(50), KeyCode::Esc)]
        })
        .collect();
    let pressed: Vec<_> = keys.iter().step_by(2).map(|(at, _)| *at).collect();
    let Ran { drawn, .. } = run(keys, Some(millis(1)), millis(5_000)).await;
    for at in pressed {
        let late = drawn.shown("Help", at);
        assert!(late.is_some_and(|late| late <= millis(10)), "{late:?} after it was pressed");
    }
}

#[tokio::test(start_paused = true)]
async fn a_held_key_is_drawn_every_8_ms_at_most() {
    let began = Instant::now();
    // Typed into the filter, so that each changes what is shown.
    let letters = ('a'..='z').cycle().take(500);
    let typed = std::iter::once('/').chain(letters).map(KeyCode::Char);
    let keys = (100..).map(|at| began + millis(at)).zip(typed).collect();
    let Ran { drawn, .. } = run(keys, None, millis(1_000)).await;
    let intervals = drawn.intervals();
    assert!(intervals.iter().all(|interval| *interval >= millis(8)), "{intervals:?}");
    assert!(intervals.iter().filter(|interval| **interval <= millis(10)).count() >= 40, "{intervals:?}");
}

#[tokio::test(start_paused = true)]
async fn what_arrives_while_a_key_is_held_is_shown_all_the_same() {
    let began = Instant::now();
    let keys = (100..).map(|at| began + millis(at)).zip(['j', 'k'].into_iter().cycle().take(2_000));
    let keys = keys.map(|(at, key)| (at, KeyCode::Char(key))).collect();
    let Ran { app, sent, .. } = run(keys, Some(millis(100)), millis(950)).await;
    assert_eq!(app.watch().endpoint(&NAME.into()).unwrap().ledger.len(), sent);
    assert!(sent >= 9, "{sent}");
}
