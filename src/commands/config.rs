//! `qwatch config`: write, find or check the config file.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::cli::ConfigCommand;
use crate::config::{self, Loaded, Overrides};

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

fn init(path: &PathBuf) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        let shown = path.display();
        Failure::Run(match error.kind() {
            std::io::ErrorKind::AlreadyExists => format!("{shown} exists already and is left as it is"),
            _ => format!("cannot write {shown}: {error}"),
        })
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // Headers may end up in it, so it is the user's own.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(config::EXAMPLE.as_bytes()).map_err(failed)?;
    super::print(format!("wrote {}\n", path.display()).as_bytes())
}

fn check(path: &Path) -> Result<(), Failure> {
    let loaded = Loaded::read(Some(path))?;
    let count = loaded.file.endpoint.len();
    if count > 0 {
        config::resolve(&[], &Overrides::default(), &loaded, &super::environment)?;
    }
    let s = if count == 1 { "" } else { "s" };
    super::print(format!("{} is good: {count} endpoint{s}\n", path.display()).as_bytes())
}
