//! The terminal program: whatever is pressed, pasted and received, in any order, and what is drawn then.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use crossterm::event::{
    Event as TerminalEvent, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use qwatch::app::{App, Event};
use qwatch::config::{Look, Settings, endpoint_at};
use qwatch::filter::Saved;
use qwatch::observation::{Moment, Next, Observation, Outcome, Timing};
use qwatch::source::Pace;
use qwatch::sqs::{
    AttributeName, AttributeValue, Message, MessageAttribute, PackedMessage, ReceiveParameters,
};
use qwatch::text::visible;
use qwatch::ui::{Styles, draw};
use qwatch::watch::{Bounds, Prices};
use qwatch::wire::{Answer, Shape, decode};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

/// More than this says nothing new, and each is drawn.
const MOST_EVENTS: usize = 64;

/// Up to a zero the events, one or two bytes each; from there on what is received.
pub fn holds(input: &[u8]) {
    let (events, received) = input.split_at(input.iter().position(|byte| *byte == 0).unwrap_or(input.len()));
    let mut world = World::new(received.get(1..).unwrap_or_default());
    let mut events = events.iter().copied().take(MOST_EVENTS);
    world.happens(b'\x10', &mut [].into_iter());
    while let Some(event) = events.next() {
        world.happens(event, &mut events);
    }
}

struct World {
    app: App,
    terminal: Terminal<TestBackend>,
    received: String,
    seconds: u64,
}

impl World {
    fn new(received: &[u8]) -> Self {
        let endpoint =
            |url| endpoint_at(url, ReceiveParameters::default(), Pace::default()).expect("an endpoint");
        let settings = Settings {
            endpoints: ["https://host.example/orders", "https://host.example/payments"].map(endpoint).into(),
            parameters: ReceiveParameters::default(),
            pace: Pace::default(),
            bounds: Bounds { messages: 8, ..Bounds::default() },
            prices: Prices::default(),
            look: Look::default(),
            filters: Saved::new(),
        };
        let utc = |time: DateTime<Utc>| time.with_timezone(&FixedOffset::east_opt(0).expect("no offset"));
        Self {
            app: App::new(settings, moment(0), utc),
            terminal: Terminal::new(TestBackend::new(100, 30)).expect("a terminal"),
            received: String::from_utf8_lossy(received).into_owned(),
            seconds: 0,
        }
    }

    /// One event, and what is drawn after it. What it asks for outside is not done.
    fn happens(&mut self, event: u8, more: &mut dyn Iterator<Item = u8>) {
        let event = match event {
            0x10 => self.observed(Outcome::Received {
                messages: messages(&self.received).into_iter().map(PackedMessage::from).collect(),
                shape: Shape::QueryJson,
                request_id: Some(self.received.clone()),
            }),
            0x11 => {
                let body = self.received.as_bytes();
                let answer =
                    Answer { status: 500, error_type: Some(&self.received), body, ..Answer::default() };
                match decode(&answer) {
                    Ok(received) => self.observed(Outcome::Received {
                        messages: received.messages,
                        shape: received.shape,
                        request_id: received.request_id,
                    }),
                    Err(fault) => self.observed(Outcome::Faulted(fault)),
                }
            }
            0x12 => {
                self.seconds += 1;
                Event::Tick(moment(self.seconds))
            }
            0x13 => Event::Idle,
            0x14 => Event::Terminal(TerminalEvent::Paste(self.received.clone())),
            0x15 => {
                let (width, height) = (more.next().unwrap_or(80), more.next().unwrap_or(24));
                self.terminal.backend_mut().resize(width.into(), height.into());
                Event::Terminal(TerminalEvent::Resize(width.into(), height.into()))
            }
            0x16..=0x19 => Event::Terminal(TerminalEvent::Mouse(MouseEvent {
                kind: match event {
                    0x16 => MouseEventKind::Down(MouseButton::Left),
                    0x17 => MouseEventKind::Drag(MouseButton::Left),
                    0x18 => MouseEventKind::ScrollDown,
                    _ => MouseEventKind::ScrollUp,
                },
                column: more.next().unwrap_or_default().into(),
                row: more.next().unwrap_or_default().into(),
                modifiers: KeyModifiers::NONE,
            })),
            key => Event::Terminal(TerminalEvent::Key(pressed(key))),
        };
        self.app.update(event);
        self.draws();
    }

    fn observed(&self, outcome: Outcome) -> Event {
        Event::Observed(Box::new(Observation {
            endpoint: self.app.endpoints().first().map_or("gone".into(), |first| first.endpoint.name.clone()),
            asked: ReceiveParameters::default(),
            started: moment(self.seconds),
            timing: Timing { total: Duration::from_millis(10), ..Timing::default() },
            outcome,
            next: Next::Poll { at: Duration::from_secs(self.seconds + 1) },
        }))
    }

    fn draws(&mut self) {
        let mut screen = None;
        self.terminal
            .draw(|frame| screen = Some(draw(&self.app, Styles::default(), frame)))
            .expect("it draws");
        if let Some(screen) = screen {
            self.app.update(Event::Drawn(screen));
        }
        nothing_to_obey(self.terminal.backend().buffer());
    }
}

fn nothing_to_obey(buffer: &Buffer) {
    for cell in buffer.content() {
        let symbol = cell.symbol();
        assert_eq!(visible(symbol), symbol);
    }
}

fn moment(seconds: u64) -> Moment {
    let start = DateTime::from_timestamp(1_772_366_400, 0).expect("a time");
    Moment { wall: start, offset: Duration::ZERO }.plus(Duration::from_secs(seconds))
}

/// The text as a body, and wherever else a sender or a gateway may put it.
fn messages(text: &str) -> Vec<Message> {
    let mut named = Message { message_id: text.into(), body: "{\"a\":[1,{}]}".into(), ..Message::default() };
    for name in [AttributeName::MessageGroupId, AttributeName::SentTimestamp, AttributeName::from(text)] {
        named.attributes.push(name, text);
    }
    let value = AttributeValue::String(text.into());
    named.message_attributes.push(text, MessageAttribute { data_type: text.into(), value });
    let bodied = Message { message_id: "bodied".into(), body: text.into(), ..Message::default() };
    let key = serde_json::json!({ text: text, "Type": "Notification", "TopicArn": "arn", "Message": text, "Subject": text });
    let wrapped = Message { message_id: "wrapped".into(), body: key.to_string(), ..Message::default() };
    vec![bodied, wrapped, named]
}

fn pressed(byte: u8) -> KeyEvent {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    match byte {
        b'\n' => plain(KeyCode::Enter),
        b'\t' => plain(KeyCode::Tab),
        0x1b => plain(KeyCode::Esc),
        0x7f => plain(KeyCode::Backspace),
        0x80 => plain(KeyCode::Up),
        0x81 => plain(KeyCode::Down),
        0x82 => plain(KeyCode::Left),
        0x83 => plain(KeyCode::Right),
        0x84 => plain(KeyCode::PageUp),
        0x85 => plain(KeyCode::PageDown),
        0x86 => plain(KeyCode::Home),
        0x87 => plain(KeyCode::End),
        0x88 => plain(KeyCode::BackTab),
        0x89 => plain(KeyCode::Delete),
        0x01..=0x1a => KeyEvent::new(KeyCode::Char(char::from(byte + b'a' - 1)), KeyModifiers::CONTROL),
        _ => plain(KeyCode::Char(char::from(byte))),
    }
}
