//! The command line read, and what is wrong with a value said in one sentence that names the flag or the variable.
//!
//! clap would print a value that came from `QWATCH_INTERVAL` as one of `--interval`, and three paragraphs of it. Its
//! answers to names that it does not know are good, and stay.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use super::Cli;
use crate::commands::Failure;
use crate::text::visible;

/// Reads the command line of this process. Help, version and unknown names are answered by clap, which ends it.
///
/// # Errors
/// [`Failure::Usage`] with a sentence that names the flag, or the variable, and what is wrong with it.
pub fn parse() -> Result<Cli, Failure> {
    let words: Vec<OsString> = std::env::args_os().collect();
    let refused = |error: &clap::Error| {
        if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
            return shown(error);
        }
        Failure::Usage(refusal(error, &words))
    };
    let read = Cli::command().try_get_matches_from(&words).map_err(|error| refused(&error))?;
    in_place(&read).map_err(Failure::Usage)?;
    Cli::from_arg_matches(&read).map_err(|error| refused(&error))
}

/// Help and version are the end of it, unless they cannot be written: clap would end well all the same.
fn shown(error: &clap::Error) -> Failure {
    match error.print().and_then(|()| std::io::stdout().flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Failure::Run(format!("cannot write to stdout: {error}"))
        }
        _ => std::process::exit(0),
    }
}

fn refusal(error: &clap::Error, words: &[OsString]) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    let argument = said_by(&text(ContextKind::InvalidArg).unwrap_or_default(), words);
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    match (error.kind(), std::error::Error::source(error)) {
        (ErrorKind::ValueValidation, Some(why)) => format!("{argument}: {why}"),
        (ErrorKind::InvalidValue, _) => match text(ContextKind::ValidValue) {
            _ if value.is_empty() => format!("{argument}: needs a value"),
            Some(known) if !known.is_empty() => {
                format!("{argument}: must be one of {known}, not {}", visible(&value))
            }
            _ => error.exit(),
        },
        (ErrorKind::ArgumentConflict, _) => match text(ContextKind::PriorArg) {
            Some(prior) if said_by(&prior, words) == argument => {
                format!("{argument}: given twice; give it once")
            }
            Some(prior) => format!("{argument} and {} exclude each other; give one", said_by(&prior, words)),
            None => error.exit(),
        },
        _ => error.exit(),
    }
}

/// `--interval <DURATION>` as what the user wrote: the flag, or the variable that stands for it.
fn said_by(argument: &str, words: &[OsString]) -> String {
    let flag = argument.split([' ', '=']).next().unwrap_or_default();
    let Some(name) = flag.strip_prefix("--") else { return argument.to_owned() };
    let variable = format!("QWATCH_{}", name.replace('-', "_").to_uppercase());
    let typed = |word: &OsString| {
        let rest = word.to_str().and_then(|word| word.strip_prefix(flag));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    let set = std::env::var_os(&variable).is_some();
    if set && !words.iter().any(typed) { variable } else { flag.to_owned() }
}

/// What stands before a command would be read and not used, so it is refused; `--config` may stand anywhere.
fn in_place(read: &ArgMatches) -> Result<(), String> {
    let Some(command) = read.subcommand_name() else { return Ok(()) };
    let given = |id: &str| matches!(read.value_source(id), Some(ValueSource::CommandLine));
    let cli = Cli::command();
    let stray = cli.get_arguments().find(|argument| {
        argument.get_id() != "config"
            && read.try_contains_id(argument.get_id().as_str()).is_ok()
            && given(argument.get_id().as_str())
    });
    match stray {
        None => Ok(()),
        Some(argument) if argument.is_positional() => {
            let first = read.get_raw(argument.get_id().as_str()).and_then(|mut raw| raw.next());
            let first = first.map(OsStr::to_string_lossy).unwrap_or_default();
            Err(format!("{} stands before the command {command}; write it after", visible(&first)))
        }
        Some(argument) => {
            let flag = argument.get_long().unwrap_or_default();
            Err(format!("--{flag} stands before the command {command}; write it after"))
        }
    }
}
