//! Keys, mouse, pastes and resizes, as crossterm reads them; and what it leaves unread.
//!
//! crossterm 0.29 asks the kernel to be told when bytes come, once for each time that some do, and then reads a kilobyte. What
//! came beyond that stays where it is until more comes: the key after a burst would do nothing until the next one. And when
//! the terminal has gone away it reads for ever. Both are seen from here by asking how many bytes wait.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crossterm::event::{Event, EventStream};
use futures::Stream;

/// crossterm's events, to the last byte.
#[derive(Debug, Default)]
pub struct Input(EventStream);

impl Stream for Input {
    type Item = io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Before crossterm would: it does not come back from a terminal that has gone away.
        if let Err(gone) = waiting() {
            return Poll::Ready(Some(Err(gone)));
        }
        let event = Pin::new(&mut self.0).poll_next(context);
        if event.is_pending() && waiting().is_ok_and(|bytes| bytes > 0) {
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
        tracing::debug!(%error, "what the terminal holds cannot be announced again");
    }
}

#[cfg(not(unix))]
fn announce_again() {}
