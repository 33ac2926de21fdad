//! Drawing costs what is in view: with 100,000 messages held as much as with 1,000, a filter on or not.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

mod common;

use criterion::{Criterion, criterion_group, criterion_main};
use crossterm::event::{Event as TerminalEvent, KeyCode};
use qwatch::app::{App, Event};
use qwatch::config::{Look, Settings, endpoint_at};
use qwatch::observation::Moment;
use qwatch::source::Pace;
use qwatch::sqs::ReceiveParameters;
use qwatch::ui::{Styles, draw};
use qwatch::watch::Bounds;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn app(messages: usize) -> App {
    let mut endpoint = endpoint_at("https://host/orders", ReceiveParameters::default(), Pace::default())
        .expect("an endpoint");
    endpoint.name = "orders".into();
    let settings = Settings {
        endpoints: vec![endpoint],
        parameters: ReceiveParameters::default(),
        pace: Pace::default(),
        bounds: Bounds::default(),
        prices: qwatch::watch::Prices::default(),
        look: Look::default(),
        filters: qwatch::filter::Saved::new(),
    };
    let start = common::observation(0, 0..0).started;
    let mut app = App::new(settings, start, |time| time.fixed_offset());
    for n in 0..messages / 10 {
        let observation = common::observation(300 * n as u64 * 10 / messages as u64, n * 10..n * 10 + 10);
        app.update(Event::Observed(Box::new(observation)));
    }
    let now: Moment = start.plus(std::time::Duration::from_secs(301));
    app.update(Event::Tick(now));
    app
}

/// Types a filter, and lets it look at all that is held.
fn filter(app: &mut App, text: &str) {
    let typed = text.chars().map(KeyCode::Char);
    for key in [KeyCode::Char('/')].into_iter().chain(typed).chain([KeyCode::Enter]) {
        app.update(Event::Terminal(TerminalEvent::Key(key.into())));
    }
    while app.has_work() {
        app.update(Event::Idle);
    }
}

fn drawing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draw 160x48");
    for held in [1_000, 100_000] {
        let mut app = app(held);
        let mut terminal = Terminal::new(TestBackend::new(160, 48)).expect("a terminal");
        let mut frame = |app: &mut App| {
            let mut screen = None;
            terminal
                .draw(|frame| screen = Some(draw(app, Styles { colours: true, ..Styles::default() }, frame)))
                .expect("a test backend never fails");
            app.update(Event::Drawn(screen.expect("drawn")));
        };
        frame(&mut app);
        group.bench_function(format!("{held} held"), |bencher| bencher.iter(|| frame(&mut app)));
        filter(&mut app, "body.status = failed and lorem");
        assert!(app.filter().is_some() && !app.has_work());
        frame(&mut app);
        group.bench_function(format!("{held} held, filtered"), |bencher| bencher.iter(|| frame(&mut app)));
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(std::time::Duration::from_secs(2)).sample_size(50);
    targets = drawing
}
criterion_main!(benches);
