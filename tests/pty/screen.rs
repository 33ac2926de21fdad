//! The real program in a real pseudo-terminal, and what a user of it sees.

use std::fmt::Debug;
use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use tempfile::TempDir;

use crate::view::View;

/// Far longer than anything takes: reached only when what is waited for never comes.
const DEADLINE: Duration = Duration::from_secs(20);

const PROGRAM: &str = env!("CARGO_BIN_EXE_qwatch");

/// Columns and rows.
pub type Size = (u16, u16);

/// The program on its terminal.
pub struct Screen {
    output: Arc<Output>,
    reader: Option<JoinHandle<()>>,
    master: Option<Box<dyn MasterPty + Send>>,
    slave: Option<Box<dyn SlavePty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    modes_before: String,
    _home: TempDir,
}

/// What the program left behind when it ended.
pub struct Left {
    /// Its exit code.
    pub code: u32,
    /// Everything it ever wrote to the terminal.
    pub raw: Vec<u8>,
    /// The terminal's modes (termios) before it began, and after it ended.
    pub modes: [String; 2],
    /// Whether the terminal is still on the alternate screen, hides its cursor, reports the mouse, or brackets pastes.
    pub still: Vec<&'static str>,
    /// What stands on the screen now.
    pub text: String,
}

struct Output {
    seen: Mutex<Seen>,
    news: Condvar,
    /// Whether the terminal is to go away.
    closing: AtomicBool,
}

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// How much of `raw` is on the screen: an update that has begun is shown when it is whole.
    shown: usize,
    ended: bool,
}

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        const BEGIN: &[u8] = b"\x1b[?2026h";
        const END: &[u8] = b"\x1b[?2026l";
        self.raw.extend_from_slice(bytes);
        let news = &self.raw[self.shown..];
        let last = |marker: &[u8]| news.windows(marker.len()).rposition(|window| window == marker);
        let whole = match (last(BEGIN), last(END)) {
            (Some(begin), end) if end.is_none_or(|end| end < begin) => begin,
            // What may become a marker waits for its rest.
            _ => {
                news.len() - (1..BEGIN.len()).rev().find(|&part| news.ends_with(&BEGIN[..part])).unwrap_or(0)
            }
        };
        self.parser.process(&news[..whole]);
        self.shown += whole;
    }

    fn end(&mut self) {
        self.parser.process(&self.raw[self.shown..]);
        self.shown = self.raw.len();
        self.ended = true;
    }
}

impl Screen {
    /// Starts `qwatch` with these arguments in a home of its own.
    pub fn start(args: &[&str], size: Size) -> Self {
        Self::start_with(args, size, &[])
    }

    /// Starts `qwatch` with these variables in its environment too, which holds no others of this machine.
    pub fn start_with(args: &[&str], size: Size, variables: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(args);
        Self::start_command(command, size, variables)
    }

    /// Starts a shell on the terminal with a script, for which `"$0" "$@"` is `qwatch` with these arguments.
    pub fn start_in_shell(script: &str, args: &[&str], size: Size, variables: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", script, PROGRAM]);
        command.args(args);
        Self::start_command(command, size, &[variables, &[("PATH", "/usr/bin:/bin")]].concat())
    }

    fn start_command(mut command: CommandBuilder, size: Size, variables: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let pty = native_pty_system().openpty(pty_size(size)).unwrap();
        command.env_clear();
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in variables {
            command.env(name, value);
        }
        let modes_before = modes(&*pty.master);
        let child = pty.slave.spawn_command(command).unwrap();
        let output = Arc::new(Output {
            seen: Mutex::new(Seen { parser: parser(size), raw: Vec::new(), shown: 0, ended: false }),
            news: Condvar::new(),
            closing: AtomicBool::new(false),
        });
        let mut from = pty.master.try_clone_reader().unwrap();
        let to = Arc::clone(&output);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            // Linux ends a terminal without programs by an error, others by an end of file.
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                to.seen().take(&buffer[..count]);
                to.news.notify_all();
                if to.closing.load(Ordering::SeqCst) {
                    break;
                }
            }
            to.seen().end();
            to.news.notify_all();
        });
        Self {
            output,
            reader: Some(reader),
            keyboard: Some(pty.master.take_writer().unwrap()),
            master: Some(pty.master),
            slave: Some(pty.slave),
            child,
            modes_before,
            _home: home,
        }
    }

    /// Waits until the screen shows what is waited for; fails with the screen as it stands when it never does.
    pub fn wait_for(&self, what: &str, shown: impl Fn(&View) -> bool) {
        self.wait(what, DEADLINE, |seen| shown(&View(seen.parser.screen())));
    }

    /// Waits until a text is anywhere on the screen.
    pub fn wait_for_text(&self, text: &str) {
        self.wait_for(text, |view| view.shows(text));
    }

    /// Whether the screen shows something within a time that is part of a promise.
    pub fn shows_within(&self, time: Duration, shown: impl Fn(&View) -> bool) -> bool {
        self.watch(time, |seen| shown(&View(seen.parser.screen())))
    }

    /// Looks at the screen as it is now.
    pub fn look<T>(&self, look: impl FnOnce(&View) -> T) -> T {
        look(&View(self.output.seen().parser.screen()))
    }

    /// All that stands on the screen now.
    pub fn text(&self) -> String {
        self.look(|view| view.text())
    }

    /// Types, or sends what the terminal would send for a key or the mouse.
    pub fn press(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Presses the left button on a cell, both counted from 0.
    pub fn click(&mut self, (column, row): (u16, u16)) {
        let (column, row) = (column + 1, row + 1);
        self.press(&format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"));
    }

    /// Turns the wheel one notch over a cell.
    pub fn wheel(&mut self, down: bool, (column, row): (u16, u16)) {
        let button = if down { 65 } else { 64 };
        self.press(&format!("\x1b[<{button};{};{}M", column + 1, row + 1));
    }

    /// Gives the terminal another size.
    pub fn resize(&self, size: Size) {
        // Under the lock: what is drawn for the new size must not be read into a screen of the old one.
        let mut seen = self.output.seen();
        let PtySize { rows, cols, .. } = pty_size(size);
        seen.parser.screen_mut().set_size(at_least_one(rows), at_least_one(cols));
        self.master.as_ref().unwrap().resize(pty_size(size)).unwrap();
    }

    /// Everything the program has written so far.
    pub fn raw_output(&self) -> Vec<u8> {
        self.output.seen().raw.clone()
    }

    /// The terminal's modes (termios) as they are now.
    pub fn modes(&self) -> String {
        modes(&**self.master.as_ref().unwrap())
    }

    /// The terminal goes away, as when its window is closed or a connection is cut.
    pub fn hang_up(&mut self) {
        self.output.closing.store(true, Ordering::SeqCst);
        (self.slave, self.keyboard, self.master) = (None, None, None);
        // The reader holds it too, and lets go when the program writes next.
        self.reader.take().unwrap().join().unwrap();
    }

    /// Waits until the program has ended; its exit code.
    pub fn ends(&mut self) -> u32 {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "it does not end:\n{}", self.text());
            // There is no condition to wait on for a process; this looks again soon.
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let process = self.child.process_id().unwrap().to_string();
        let sent = Command::new("kill").args(["-s", name, &process]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until the program has ended, and says what it left.
    pub fn left(mut self) -> Left {
        let code = self.ends();
        let modes = [self.modes_before.clone(), self.modes()];
        // Now nobody holds the terminal, so the reader comes to its end with all there was to read.
        drop(self.slave.take());
        self.reader.take().unwrap().join().unwrap();
        let seen = self.output.seen();
        let screen = seen.parser.screen();
        let still = [
            (screen.alternate_screen(), "on the alternate screen"),
            (screen.hide_cursor(), "without a cursor"),
            (screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None, "reporting the mouse"),
            (screen.bracketed_paste(), "bracketing pastes"),
        ];
        Left {
            code,
            raw: seen.raw.clone(),
            modes,
            still: still.into_iter().filter_map(|(is, what)| is.then_some(what)).collect(),
            text: View(screen).text(),
        }
    }

    fn wait(&self, what: &str, time: Duration, come: impl Fn(&Seen) -> bool) {
        assert!(self.watch(time, come), "never came: {what}\n{}", self.text());
    }

    fn watch(&self, time: Duration, come: impl Fn(&Seen) -> bool) -> bool {
        let waiting = |seen: &mut Seen| !come(seen) && !seen.ended;
        let seen = self.output.seen();
        let (seen, _) = self.output.news.wait_timeout_while(seen, time, waiting).unwrap();
        come(&seen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }
}

fn modes(terminal: &dyn MasterPty) -> String {
    fn shown(modes: impl Debug) -> String {
        format!("{modes:?}")
    }
    shown(terminal.get_termios().expect("a terminal has modes"))
}

fn parser((columns, rows): Size) -> vt100::Parser {
    vt100::Parser::new(at_least_one(rows), at_least_one(columns), 0)
}

fn at_least_one(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap_or(NonZeroU16::MIN)
}

fn pty_size((cols, rows): Size) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}
