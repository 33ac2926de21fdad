//! A standard stream that may have to wait for whoever reads it, written to on the thread that polls.
//!
//! A receive that was made is read to its end, whether or not what was received before it is read: where writing may wait,
//! tokio moves whatever else runs on this thread to another meanwhile.

use std::io::{self, Write};

use tokio::task::block_in_place;

#[cfg(unix)]
pub(super) use unix::outlet;

/// Without a buffer: what is written has left the program.
#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt as _;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::{Write, block_in_place, io};

    #[derive(Debug)]
    pub struct Outlet {
        stream: File,
        reader: Reader,
    }

    /// What takes what is written.
    #[derive(Clone, Copy, Debug)]
    enum Reader {
        /// A file, or `/dev/null`: it takes all of it at once.
        Nobody,
        /// A pipe's other end.
        Pipe,
        /// A terminal, a socket, or who knows.
        Somebody,
    }

    /// What a pipe takes at once where it takes anything: POSIX knows of none that takes less, and Linux's take a page.
    const PIPE_BUF: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

    /// A standard stream by itself: the standard library's own handle keeps back what does not end a line.
    pub fn outlet(stream: &impl AsFd) -> io::Result<Outlet> {
        let stream = File::from(stream.as_fd().try_clone_to_owned()?);
        let kind = stream.metadata()?.file_type();
        let reader = if kind.is_fifo() {
            Reader::Pipe
        } else if kind.is_file() || kind.is_char_device() && !rustix::termios::isatty(&stream) {
            Reader::Nobody
        } else {
            Reader::Somebody
        };
        Ok(Outlet { stream, reader })
    }

    impl Outlet {
        fn may_wait(&self, bytes: usize) -> bool {
            match self.reader {
                Reader::Nobody => false,
                Reader::Pipe => bytes > PIPE_BUF || !matches!(self.takes(Some(&Timespec::default())), Ok(1)),
                Reader::Somebody => true,
            }
        }

        fn takes(&self, within: Option<&Timespec>) -> rustix::io::Result<usize> {
            poll(&mut [PollFd::new(&self.stream, PollFlags::OUT)], within)
        }

        /// Also where whoever started us told the stream not to wait.
        fn patiently(&mut self, bytes: &[u8]) -> io::Result<usize> {
            loop {
                match self.stream.write(bytes) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.takes(None)?,
                    written => return written,
                };
            }
        }
    }

    impl Write for Outlet {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.may_wait(bytes.len()) {
                return block_in_place(|| self.patiently(bytes));
            }
            self.patiently(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}

/// Where nobody can be asked what takes it.
#[cfg(not(unix))]
pub(super) fn outlet<S: Write + Send>(stream: S) -> io::Result<impl Write + Send> {
    struct Outlet<S>(S);
    impl<S: Write> Write for Outlet<S> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            block_in_place(|| self.0.write(bytes))
        }
        fn flush(&mut self) -> io::Result<()> {
            block_in_place(|| self.0.flush())
        }
    }
    Ok(Outlet(stream))
}
