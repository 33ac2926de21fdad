//! A stream that may have to wait for whoever reads it, written to on the thread that polls.
//!
//! A receive that was made is read to its end, whether or not what was received before it is read: where writing may wait,
//! tokio moves whatever else runs on this thread to another meanwhile.

use std::io::{self, Write};

#[cfg(unix)]
use std::{
    fs::File,
    os::{fd::AsFd, unix::fs::FileTypeExt as _},
};

use tokio::task::block_in_place;

/// A standard stream.
#[derive(Debug)]
pub(super) struct Outlet<S> {
    stream: S,
    reader: Reader,
}

/// What takes what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    /// A file, or `/dev/null`: it takes all of it at once.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there it is not asked"))]
    Nobody,
    /// A pipe's other end: it takes this much at once where it takes anything.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there it is not asked"))]
    Pipe { at_once: usize },
    /// A terminal, a socket, or who knows.
    Somebody,
}

#[cfg(unix)]
impl<S: AsFd> Outlet<S> {
    pub fn of(stream: S) -> Self {
        /// POSIX has no pipe that takes less: `_POSIX_PIPE_BUF`. Linux takes a page.
        const PIPE_BUF: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };
        let kind = stream.as_fd().try_clone_to_owned().and_then(|stream| File::from(stream).metadata());
        let reader = match kind.map(|metadata| metadata.file_type()) {
            Ok(kind) if kind.is_file() => Reader::Nobody,
            Ok(kind) if kind.is_fifo() => Reader::Pipe { at_once: PIPE_BUF },
            Ok(kind) if kind.is_char_device() && !rustix::termios::isatty(&stream) => Reader::Nobody,
            _ => Reader::Somebody,
        };
        Self { stream, reader }
    }

    fn may_wait(&self, bytes: usize) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        match self.reader {
            Reader::Nobody => false,
            Reader::Pipe { at_once } if bytes <= at_once => {
                let mut asked = [PollFd::new(&self.stream, PollFlags::OUT)];
                poll(&mut asked, Some(&Timespec::default())) != Ok(1)
            }
            Reader::Pipe { .. } | Reader::Somebody => true,
        }
    }
}

#[cfg(not(unix))]
trait AsFd {}

#[cfg(not(unix))]
impl<S> AsFd for S {}

#[cfg(not(unix))]
impl<S: AsFd> Outlet<S> {
    pub fn of(stream: S) -> Self {
        Self { stream, reader: Reader::Somebody }
    }

    fn may_wait(&self, _bytes: usize) -> bool {
        self.reader == Reader::Somebody
    }
}

impl<S: Write + AsFd> Write for Outlet<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.may_wait(bytes.len()) {
            return block_in_place(|| self.stream.write(bytes));
        }
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
