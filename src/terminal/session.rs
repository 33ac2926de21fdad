//! The terminal while the screen is on it: modes set, and put back whatever happens.

use std::io::{self, Stdout, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, ScrollUp, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// A row below that of any terminal: the cursor stops in the last one.
const BELOW: u16 = 9_998;
/// Whether the terminal is in our hands. The panic hook has no other way to know.
static OPEN: AtomicBool = AtomicBool::new(false);

/// The terminal, in raw mode on its alternate screen. Dropping it puts everything back.
#[derive(Debug)]
pub struct Session {
    /// Where to draw.
    pub terminal: Terminal<CrosstermBackend<Frames>>,
}

impl Session {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When a mode cannot be set; those that were set are put back.
    pub fn open() -> io::Result<Self> {
        restore_on_panic();
        OPEN.store(true, Ordering::SeqCst);
        Self::take().inspect_err(|_| restore())
    }

    fn take() -> io::Result<Self> {
        set_modes()?;
        let terminal = Terminal::new(CrosstermBackend::new(Frames::default()))?;
        Ok(Self { terminal })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        restore();
    }
}

fn set_modes() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        // Where there is no alternate screen the shell's lines would stand between ours.
        Clear(ClearType::All),
        EnableMouseCapture,
        EnableBracketedPaste,
        EnableFocusChange
    )
}

/// Gives the terminal away for a while, every mode put back.
pub(super) fn leave() {
    restore();
}

/// Takes the terminal again, whether it was given away or taken from us.
pub(super) fn enter() -> io::Result<()> {
    if OPEN.swap(true, Ordering::SeqCst) {
        // A shell sets its own modes when it stops us, of which crossterm knows nothing: it takes raw mode for set.
        disable_raw_mode()?;
    }
    set_modes().inspect_err(|_| restore())
}

/// Puts text on the clipboard of the terminal's own machine (OSC 52), over ssh too. Not every terminal allows it, and
/// none says whether it did.
pub fn copy(text: &str) {
    let copied = execute!(io::stdout().lock(), CopyToClipboard::to_clipboard_from(text));
    if let Err(error) = copied {
        tracing::warn!(%error, "cannot write to the terminal's clipboard");
    }
}

/// Puts every mode back, each step whether or not the one before it worked. Does nothing a second time.
fn restore() {
    // Locked until the end: a frame of another thread is wholly before this, or not drawn at all.
    let mut out = io::stdout().lock();
    if !OPEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let steps = [
        execute!(out, EndSynchronizedUpdate),
        // Where there is no alternate screen to leave, what comes after us begins below our last frame.
        execute!(out, cursor::MoveTo(0, BELOW), ScrollUp(1)),
        execute!(out, DisableFocusChange),
        execute!(out, DisableBracketedPaste),
        execute!(out, DisableMouseCapture),
        execute!(out, LeaveAlternateScreen),
        execute!(out, cursor::Show),
        disable_raw_mode(),
    ];
    for step in steps {
        if let Err(error) = step {
            tracing::error!(%error, "a terminal mode could not be put back");
        }
    }
}

/// A panic is logged, the terminal is put back, and only then is the panic reported, so that the report can be read.
fn restore_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            tracing::error!(%panic, "panicked");
            restore();
            report(panic);
        }));
    });
}

/// Standard output, written a frame at a time and marked as one, so that a terminal shows no half-drawn screen.
#[derive(Debug)]
pub struct Frames {
    out: Stdout,
    frame: Vec<u8>,
}

impl Default for Frames {
    fn default() -> Self {
        Self { out: io::stdout(), frame: Vec::with_capacity(16 * 1024) }
    }
}

impl Write for Frames {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        let mut whole = Vec::with_capacity(self.frame.len() + 16);
        queue!(whole, BeginSynchronizedUpdate)?;
        whole.append(&mut self.frame);
        queue!(whole, EndSynchronizedUpdate)?;
        let mut out = self.out.lock();
        // After a panic the screen is the shell's again.
        if OPEN.load(Ordering::SeqCst) {
            out.write_all(&whole)?;
            out.flush()?;
        }
        Ok(())
    }
}
