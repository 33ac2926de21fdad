//! Settings, in layers: flag, then environment, then file, then default.
//!
//! ```text
//!   flags, QWATCH_*  ──▶ Overrides ─┐
//!   config.toml ──▶ file::File ─────┴─ resolve ──▶ Settings { endpoints, … }   or one sentence of what is wrong
//! ```
//!
//! Everything is checked here, before a screen opens or a request is sent.

mod address;
pub mod columns;
pub mod connection;
pub mod credentials;
mod explain;
pub mod file;
mod look;
pub mod resolve;
pub mod theme;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use columns::Column;
pub use file::File;
pub use look::Look;
pub use resolve::{Overrides, Settings, endpoint_at, resolve};
pub use theme::Theme;

/// The sample file, which is also what `qwatch config init` writes.
pub const EXAMPLE: &str = include_str!("../config.example.toml");

/// Something in the configuration, the command line or the environment cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system said.
        why: String,
    },
    /// Something in the file is wrong.
    #[error("{path}, line {line}: {what}")]
    InFile {
        /// Which file.
        path: String,
        /// Counted from 1.
        line: usize,
        /// The field, and what is wrong with it.
        what: String,
    },
    /// Something on the command line, or what it asks for, is wrong.
    #[error("{0}")]
    Asked(String),
}

/// A config file as found on disk, or the absence of one.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What it says; nothing when there is none.
    pub file: File,
    /// Where it is, or would be.
    pub path: Option<PathBuf>,
    text: String,
}

impl Loaded {
    /// Reads `--config FILE`, which must exist, or else the platform's, which need not.
    ///
    /// # Errors
    /// [`ConfigError`] when the file cannot be read, or something in it is wrong.
    pub fn read(asked: Option<&Path>) -> Result<Self, ConfigError> {
        let path = asked.map(Path::to_owned).or_else(platform_path);
        let Some(path) = path else { return Ok(Self::default()) };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if asked.is_none() && error.kind() == ErrorKind::NotFound => {
                return Ok(Self { path: Some(path), ..Self::default() });
            }
            Err(error) => {
                let why = match error.kind() {
                    ErrorKind::NotFound => {
                        "there is no such file; `qwatch config init` writes a sample".into()
                    }
                    ErrorKind::InvalidData => "it is not UTF-8 text".into(),
                    _ => error.to_string(),
                };
                return Err(ConfigError::Unreadable { path: path.display().to_string(), why });
            }
        };
        Self::from_text(text, path)
    }

    /// A file that is read already, and where it is.
    ///
    /// # Errors
    /// [`ConfigError`] when something in it is wrong.
    pub fn from_text(text: String, path: PathBuf) -> Result<Self, ConfigError> {
        let file = File::parse(&text).map_err(|wrong| in_file(&path, &text, wrong.at, wrong.what))?;
        Ok(Self { file, path: Some(path), text })
    }

    /// How the screen looks and behaves by it.
    ///
    /// # Errors
    /// [`ConfigError`] when a theme, a column or a key in it cannot be used.
    pub fn look(&self) -> Result<Look, ConfigError> {
        Look::settle(self)
    }

    /// An error at a byte of this file.
    pub(crate) fn error_at(&self, byte: usize, what: String) -> ConfigError {
        in_file(self.path.as_deref().unwrap_or(Path::new("the config file")), &self.text, byte, what)
    }
}

/// Where the platform keeps qwatch's config file; none where there is no home.
#[must_use]
pub fn platform_path() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "qwatch").map(|dirs| dirs.config_dir().join("config.toml"))
}

fn in_file(path: &Path, text: &str, byte: usize, what: String) -> ConfigError {
    let line = text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count() + 1;
    ConfigError::InFile { path: path.display().to_string(), line, what }
}
