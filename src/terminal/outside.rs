//! What the loop needs beside a place to draw: keys, and programs of the user's that have the terminal for a while.

use std::future::Future;
use std::io::{self, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::Event;
use futures::Stream;
use tempfile::{NamedTempFile, TempPath};
use tokio::process::{Child, Command};

use super::input::Input;
use super::session;
use crate::app::viewing::Program;
use crate::signals::{Interrupts, Jobs};

/// A program that has the terminal; when it has ended, in a sentence if it did not end well.
pub type Running = Pin<Box<dyn Future<Output = Result<(), String>>>>;

/// The terminal, beside what is drawn on it.
pub trait Outside {
    /// Keys, mouse, paste and resize.
    type Input: Stream<Item = io::Result<Event>> + Unpin;

    /// Keys from now on. They are read ahead of need, so they must not be read while a program has the terminal.
    fn input(&mut self) -> Self::Input;

    /// Gives the terminal to a program.
    ///
    /// # Errors
    /// A sentence when it cannot be started.
    fn open(&mut self, program: Program, text: &str, extension: &str) -> Result<Running, String>;

    /// Takes the terminal back after a program has ended.
    ///
    /// # Errors
    /// When a mode cannot be set.
    fn take_back(&mut self) -> io::Result<()>;

    /// Gives the terminal to the shell and stops until the shell continues us; the terminal is to be taken back then.
    ///
    /// # Errors
    /// A sentence when there is no such thing here.
    fn suspend(&mut self) -> Result<(), String>;

    /// Completes when we were stopped and have been continued, whoever did it: the terminal is in nobody knows what modes.
    fn continued(&mut self) -> impl Future<Output = ()>;
}

/// The real terminal.
#[derive(Debug)]
pub struct Console {
    jobs: Jobs,
    loan: Loan,
}

impl Console {
    /// From now on it is heard when the process is continued.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn new() -> io::Result<Self> {
        Ok(Self { jobs: Jobs::new()?, loan: Loan::new()? })
    }

    /// Whether a program of the user's has the terminal, from now on too.
    #[must_use]
    pub fn loan(&self) -> Loan {
        self.loan.clone()
    }
}

/// Whether a program of the user's has the terminal: its Ctrl-C reaches us too, and is not meant for us.
#[derive(Clone, Debug)]
pub struct Loan {
    state: Arc<State>,
    interrupts: Interrupts,
}

#[derive(Debug, Default)]
struct State {
    is_lent: AtomicBool,
    /// One that came meanwhile and is told of only now, for instance because the program ended by it at once.
    is_owed: AtomicBool,
}

impl Loan {
    fn new() -> io::Result<Self> {
        Ok(Self { state: Arc::default(), interrupts: Interrupts::new()? })
    }

    fn begin(&self) {
        let _ = self.interrupts.came();
        self.state.is_owed.store(false, Ordering::SeqCst);
        self.state.is_lent.store(true, Ordering::SeqCst);
    }

    fn end(&self) {
        if self.state.is_lent.swap(false, Ordering::SeqCst) {
            self.state.is_owed.store(self.interrupts.came(), Ordering::SeqCst);
        }
    }

    /// Whether an interrupt, of which we are told now, was that program's.
    #[must_use]
    pub fn is_meant(&self) -> bool {
        if self.state.is_lent.load(Ordering::SeqCst) {
            let _ = self.interrupts.came();
            return true;
        }
        self.state.is_owed.swap(false, Ordering::SeqCst)
    }
}

impl Outside for Console {
    type Input = Input;

    fn input(&mut self) -> Input {
        Input::default()
    }

    fn open(&mut self, program: Program, text: &str, extension: &str) -> Result<Running, String> {
        let (words, named_by) = words(program);
        let failed = |what: &str, error: &io::Error| format!("cannot {what}: {error}");
        let file = written(text, extension).map_err(|error| failed("write a file for it", &error))?;
        self.loan.begin();
        session::leave();
        let started = start(&words, &file);
        let child = started.map_err(|error| {
            self.loan.end();
            let back = session::enter().err().map_or_else(String::new, |error| format!("; {error}"));
            format!("cannot start {}: {error}; {named_by} names the program{back}", words.join(" "))
        })?;
        Ok(Box::pin(ended(child, file, words.join(" "))))
    }

    fn take_back(&mut self) -> io::Result<()> {
        self.loan.end();
        session::enter()
    }

    fn suspend(&mut self) -> Result<(), String> {
        session::leave();
        Jobs::stop().map_err(|error| format!("cannot stop for a while: {error}"))
    }

    fn continued(&mut self) -> impl Future<Output = ()> {
        self.jobs.continued()
    }
}

/// The file goes when the program has ended.
async fn ended(mut child: Child, file: TempPath, name: String) -> Result<(), String> {
    let status = child.wait().await.map_err(|error| format!("{name}: {error}"))?;
    drop(file);
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}

/// Readable by its owner only, as `tempfile` makes them: a message may hold secrets.
fn written(text: &str, extension: &str) -> io::Result<TempPath> {
    let suffix = format!(".{extension}");
    let mut file: NamedTempFile = tempfile::Builder::new().prefix("qwatch-").suffix(&suffix).tempfile()?;
    file.write_all(text.as_bytes())?;
    file.flush()?;
    Ok(file.into_temp_path())
}

fn start(words: &[String], file: &Path) -> io::Result<Child> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(io::Error::from(io::ErrorKind::NotFound));
    };
    Command::new(program).args(arguments).arg(file).spawn()
}

/// The program and its arguments, as a shell would split them, and the variable that says so.
fn words(program: Program) -> (Vec<String>, &'static str) {
    let (variables, usual): (&[&str], _) = match program {
        Program::Editor => (&["VISUAL", "EDITOR"], if cfg!(windows) { "notepad" } else { "vi" }),
        Program::Pager => (&["PAGER"], if cfg!(windows) { "more" } else { "less" }),
    };
    let named = variables.iter().filter_map(|variable| std::env::var(variable).ok());
    let mut split = named.filter_map(|value| shlex::split(&value)).filter(|words| !words.is_empty());
    (split.next().unwrap_or_else(|| vec![usual.to_owned()]), variables[variables.len() - 1])
}
