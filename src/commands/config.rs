//! `qwatch config`: write, find or check the config file.

use std::io::Write as _;
use std::path::Path;

use super::Failure;
use crate::cli::ConfigCommand;
use crate::config::{self, Loaded, Overrides};
use crate::files;

pub(super) fn run(command: &ConfigCommand, asked: Option<&Path>) -> Result<(), Failure> {
    let path = asked.map(Path::to_owned).or_else(config::platform_path).ok_or_else(|| {
        Failure::Usage(
            "this machine has no place for config files (is HOME set?); give one with --config FILE".into(),
        )
    })?;
    match command {
        ConfigCommand::Init => init(&path),
        ConfigCommand::Path => super::print(format!("{}\n", path.display()).as_bytes()),
        ConfigCommand::Check => check(&path),
    }
}

/// Headers may end up in it, so it is the user's own.
fn init(path: &Path) -> Result<(), Failure> {
    let written = files::folder_of(path)
        .and_then(|()| files::write_new(path, |out| out.write_all(config::EXAMPLE.as_bytes())));
    written.map_err(|error| {
        let shown = path.display();
        Failure::Run(match error.kind() {
            std::io::ErrorKind::AlreadyExists => format!("{shown} exists already and is left as it is"),
            _ => format!(
                "cannot write {shown}: {error}; nothing is left of it: {}, with --config FILE",
                files::advice(&error)
            ),
        })
    })?;
    super::print(format!("wrote {}\n", path.display()).as_bytes())
}

/// It is never asked.
const SOME_ENDPOINT: &str = "http://127.0.0.1/";

fn check(path: &Path) -> Result<(), Failure> {
    let loaded = Loaded::read(Some(path))?;
    let count = loaded.file.endpoint.len();
    // All but endpoints holds without any: the file says the same for those that are given on the command line.
    let some = if count > 0 { Vec::new() } else { vec![SOME_ENDPOINT.to_owned()] };
    config::resolve(&some, &Overrides::default(), &loaded, &super::environment)?;
    let s = if count == 1 { "" } else { "s" };
    super::print(format!("{} is good: {count} endpoint{s}\n", path.display()).as_bytes())
}
