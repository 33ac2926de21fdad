//! The signals that end a program politely, and those by which a shell stops it for a while and continues it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Waits for SIGINT, SIGTERM or SIGHUP; for Ctrl-C where there are no signals.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    streams: [Option<tokio::signal::unix::Signal>; 3],
}

/// By which signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// SIGINT, as Ctrl-C sends it.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
}

impl Signals {
    /// From now on the signals no longer end the process by themselves.
    ///
    /// # Errors
    /// When the system refuses a handler.
    #[cfg(unix)]
    pub fn new() -> io::Result<Self> {
        Self::except(0)
    }

    /// Likewise, but those that the process was started to ignore stay ignored: `nohup` means SIGHUP so, and a script's `&`
    /// SIGINT. For what needs no terminal; a screen has nothing to do once its terminal hangs up.
    ///
    /// # Errors
    /// When the system refuses a handler.
    #[cfg(unix)]
    pub fn unless_ignored() -> io::Result<Self> {
        Self::except(ignored())
    }

    #[cfg(unix)]
    fn except(ignored: u64) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let heard = |kind: SignalKind| {
            let is_ignored = ignored >> (kind.as_raw_value() - 1) & 1 == 1;
            (!is_ignored).then(|| signal(kind)).transpose()
        };
        let streams = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = streams.map(heard);
        Ok(Self { streams: [interrupt?, terminate?, hangup?] })
    }

    /// From now on Ctrl-C no longer ends the process by itself.
    ///
    /// # Errors
    /// Never.
    #[cfg(not(unix))]
    pub fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Likewise.
    ///
    /// # Errors
    /// Never.
    #[cfg(not(unix))]
    pub fn unless_ignored() -> io::Result<Self> {
        Self::new()
    }

    /// Completes when the next signal arrives.
    pub async fn next(&mut self) -> Asked {
        #[cfg(unix)]
        {
            let [interrupt, terminate, hangup] = &mut self.streams;
            tokio::select! {
                () = heard(interrupt) => Asked::Interrupt,
                () = heard(terminate) => Asked::Terminate,
                () = heard(hangup) => Asked::HangUp,
            }
        }
        #[cfg(not(unix))]
        {
            let _ = tokio::signal::ctrl_c().await;
            Asked::Interrupt
        }
    }
}

/// The next one; never where it is ignored.
#[cfg(unix)]
async fn heard(stream: &mut Option<tokio::signal::unix::Signal>) {
    match stream {
        Some(stream) => drop(stream.recv().await),
        None => std::future::pending().await,
    }
}

/// A bit for each signal that is ignored, SIGHUP (1) in the lowest. Only Linux tells without `sigaction`, which is not safe;
/// elsewhere none counts as ignored.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// SIGINT as its handler sees it, while it comes. [`Signals`] tells of one a moment later, and the program that it was meant for
/// may have ended by then.
#[derive(Clone, Debug, Default)]
pub struct Interrupts {
    came: Arc<AtomicBool>,
}

impl Interrupts {
    /// From now on they are seen.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn new() -> io::Result<Self> {
        let interrupts = Self::default();
        #[cfg(unix)]
        signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&interrupts.came))?;
        Ok(interrupts)
    }

    /// Whether one came since this was last asked.
    #[must_use]
    pub fn came(&self) -> bool {
        self.came.swap(false, Ordering::SeqCst)
    }
}

/// Being stopped by a shell's job control, and continued.
#[derive(Debug)]
pub struct Jobs {
    #[cfg(unix)]
    continued: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Jobs {
    /// From now on it is heard when the process is continued.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let kind = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
        Ok(Self { continued: signal(kind)? })
    }

    /// Completes when the process was stopped and has been continued.
    pub async fn continued(&mut self) {
        self.continued.recv().await;
    }

    /// Stops this process and the rest of its job, which may be a `cargo run` that waits for it. Comes back when the shell
    /// continues it, or at once where no shell could: of that the kernel knows more than we, as long as the signal's action
    /// is left to it.
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn stop() -> io::Result<()> {
        Ok(rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?)
    }
}

#[cfg(not(unix))]
impl Jobs {
    /// There is nothing to listen for.
    ///
    /// # Errors
    /// Never.
    pub fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Never completes.
    pub async fn continued(&mut self) {
        std::future::pending().await
    }

    /// There is no job control.
    ///
    /// # Errors
    /// Always.
    pub fn stop() -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
