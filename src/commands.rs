//! What each command does: one file each.

mod config;
mod demo;
mod tail;
mod watch;

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::cli::{Cli, Command, WatchArgs};
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
    /// The user, or the system, asked it to end.
    #[error("interrupted")]
    Interrupted,
}

impl Failure {
    /// 1 at run time, 2 for usage or configuration, 130 interrupted.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Run(_) => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
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
        Some(Command::Demo(args)) => demo::run(&args).await,
        Some(Command::Tail(args)) => tail::run(&args, settings(&args.watch, &Loaded::read(config)?)?).await,
        Some(Command::Config(command)) => config::run(&command, config),
        Some(Command::Completions { shell }) => {
            clap_complete::generate(shell, &mut Cli::command(), "qwatch", &mut std::io::stdout());
            Ok(())
        }
        Some(Command::Man) => clap_mangen::Man::new(Cli::command())
            .render(&mut std::io::stdout())
            .map_err(|error| Failure::Run(format!("cannot print the manual page: {error}"))),
    }
}

fn settings(args: &WatchArgs, loaded: &Loaded) -> Result<Settings, Failure> {
    let overrides = args.overrides().map_err(Failure::Usage)?;
    Ok(resolve(&args.endpoints, &overrides, loaded, &environment)?)
}

fn environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}
