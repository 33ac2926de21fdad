//! What each command does: one file each.

mod config;
mod demo;
mod doctor;
mod gateway;
mod tail;
mod watch;

use std::io::Write as _;
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::cli::{Cli, Command, DoctorArgs, WatchArgs};
use crate::config::{ConfigError, Loaded, Settings, resolve};

/// Why a command ended otherwise than well.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line, the environment or the config file cannot be used.
    #[error("{0}")]
    Usage(String),
    /// Something failed at run time.
    #[error("{0}")]
    Run(String),
    /// Another poll could have done harm.
    #[error("guarded: nothing more is received; the lines above say why")]
    Guarded,
    /// `doctor` found something.
    #[error("{} to change: each finding above says what was seen, why it matters and what to change", findings(*.0))]
    Findings(usize),
    /// The user, or the system, asked it to end.
    #[error("interrupted")]
    Interrupted,
}

impl Failure {
    /// 1 at run time, 2 for usage or configuration, 3 guarded, 130 interrupted.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Run(_) | Self::Findings(_) => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
            Self::Guarded => ExitCode::from(3),
            Self::Interrupted => ExitCode::from(130),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

/// Does what the command line asks for.
///
/// # Errors
/// [`Failure`], with its exit code.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    let config = cli.config.as_deref();
    match cli.command {
        None => watch::run(settings(&cli.watch, &Loaded::read(config)?)?).await,
        Some(Command::Demo(args)) => demo::run(&args, Loaded::read(config)?.look()?).await,
        Some(Command::Tail(args)) => {
            let settings = settings(&args.watch, &Loaded::read(config)?)?;
            tail::run(*args, settings).await
        }
        Some(Command::Doctor(args)) => {
            Box::pin(doctor::run(&args, doctor_settings(&args, &Loaded::read(config)?)?)).await
        }
        Some(Command::Gateway(args)) => gateway::run(*args).await,
        Some(Command::Config(command)) => config::run(&command, config),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "qwatch", &mut script);
            print(&script)
        }
        Some(Command::Man) => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command())
                .render(&mut page)
                .map_err(|error| Failure::Run(format!("cannot make the manual page: {error}")))?;
            print(&page)
        }
    }
}

fn settings(args: &WatchArgs, loaded: &Loaded) -> Result<Settings, Failure> {
    let overrides = args.overrides(&environment).map_err(Failure::Usage)?;
    Ok(resolve(&args.endpoints, &overrides, loaded, &environment)?)
}

fn doctor_settings(args: &DoctorArgs, loaded: &Loaded) -> Result<Settings, Failure> {
    let overrides = args.overrides(&environment).map_err(Failure::Usage)?;
    Ok(resolve(&args.endpoints, &overrides, loaded, &environment)?)
}

fn findings(count: usize) -> String {
    if count == 1 { "1 thing".to_owned() } else { format!("{count} things") }
}

/// Prints on stdout; that nobody reads it to its end is no failure.
fn print(bytes: &[u8]) -> Result<(), Failure> {
    // Flushed here: what is still buffered at the end of the process is lost without a word.
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Run(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

fn environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}
