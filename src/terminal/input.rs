//! Keys, mouse, pastes and resizes, as crossterm reads them; and what it leaves unread.
//!
//! crossterm 0.29 asks the kernel to be told when bytes come, once for each time that some do, and then reads a kilobyte. What
//! came beyond that stays where it is until more comes: the key after a burst would do nothing until the next one. And when
//! the terminal has gone away it reads for ever. Both are seen from here by asking how many bytes wait.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crossterm::event::{Event, EventStream};
use futures::Stream;
use futures::task::AtomicWaker;

/// crossterm's events, to the last byte. It is asked only when it has something to say, or has not been asked since it had:
/// asking takes a lock that it holds while it waits.
#[derive(Debug, Default)]
pub struct Input {
    events: EventStream,
    bell: Arc<Bell>,
}

/// Remembers whether crossterm has rung, and wakes whoever waits.
#[derive(Debug)]
struct Bell {
    rang: AtomicBool,
    waits: AtomicWaker,
}

impl Default for Bell {
    fn default() -> Self {
        Self { rang: AtomicBool::new(true), waits: AtomicWaker::new() }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rang.store(true, Ordering::Release);
        self.waits.wake();
    }
}

impl Stream for Input {
    type Item = io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { events, bell } = &mut *self;
        bell.waits.register(context.waker());
        // Before crossterm would: it does not come back from a terminal that has gone away, nor does it tell then.
        if let Err(gone) = waiting() {
            return Poll::Ready(Some(Err(gone)));
        }
        if !bell.rang.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = Waker::from(Arc::clone(bell));
        let event = Pin::new(events).poll_next(&mut Context::from_waker(&waker));
        if event.is_ready() {
            // There may be another.
            bell.rang.store(true, Ordering::Release);
        } else if waiting().is_ok_and(|bytes| bytes > 0) {
            announce_again();
        }
        event
    }
}

/// Bytes that the terminal holds for us.
#[cfg(unix)]
fn waiting() -> io::Result<u64> {
    Ok(rustix::io::ioctl_fionread(io::stdin())?)
}

#[cfg(not(unix))]
fn waiting() -> io::Result<u64> {
    Ok(0)
}

/// Setting the modes that are set already changes nothing, and has the kernel tell whoever waits for bytes about those there
/// are. That they are being read just now does no harm.
#[cfg(unix)]
fn announce_again() {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    let again = tcgetattr(io::stdin()).and_then(|modes| tcsetattr(io::stdin(), OptionalActions::Now, &modes));
    if let Err(error) = again {
        tracing::info!(%error, "what the terminal holds cannot be announced again");
    }
}

#[cfg(not(unix))]
fn announce_again() {}
