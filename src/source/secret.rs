//! A secret, and where it comes from: known already, in a file, or printed by a command. None of it can be printed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::process::Command;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::text::visible;

/// A command that has not printed a secret by now waits for somebody to type, and a file that has not been read is a pipe that
/// nobody writes to, or lies on a disk that is out of reach.
const PATIENCE: Duration = Duration::from_secs(30);
/// Characters of a command's complaint that are repeated.
const COMPLAINT: usize = 200;

/// A secret, or where to get it.
#[derive(Clone)]
pub enum Secret {
    /// The secret itself.
    Known(SecretString),
    /// What this file holds, without the line feed at its end; read again when it is refused.
    File(PathBuf),
    /// What this command prints, run by the shell; run again when it is refused.
    Command(String),
}

// A command's words may hold another secret.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(_) => f.write_str("Known(..)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Command(_) => f.write_str("Command(..)"),
        }
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self::Known(secret.into())
    }
}

/// A secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum NoSecret {
    /// The file could not be read.
    #[error("cannot read the secret in {path}: {why}")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system said.
        why: String,
    },
    /// The file, or what the command printed, is empty.
    #[error("{0} holds no secret: it is empty")]
    Empty(String),
    /// The command could not be run, or failed.
    #[error("the command for the secret {0}")]
    Failed(String),
}

impl Secret {
    /// Whether asking again may bring another.
    #[must_use]
    pub fn can_change(&self) -> bool {
        !matches!(self, Self::Known(_))
    }

    /// The secret, as it is now.
    ///
    /// # Errors
    /// [`NoSecret`], which shows what a command said on its standard error and never what it printed.
    pub async fn read(&self) -> Result<SecretString, NoSecret> {
        match self {
            Self::Known(secret) => Ok(secret.clone()),
            Self::File(path) => {
                let shown = visible(&path.display().to_string()).into_owned();
                let text =
                    contents(path).await.map_err(|why| NoSecret::Unreadable { path: shown.clone(), why })?;
                first_line(&text, shown)
            }
            Self::Command(command) => run(command).await,
        }
    }
}

/// Read beside everything else, which goes on however long it takes; and by nothing that is waited for at the end.
async fn contents(path: &Path) -> Result<String, String> {
    let (path, (sender, contents)) = (path.to_owned(), oneshot::channel());
    let read = move || sender.send(std::fs::read_to_string(path));
    thread::Builder::new().spawn(read).map_err(|error| format!("cannot start a thread: {error}"))?;
    match timeout(PATIENCE, contents).await {
        Ok(Ok(contents)) => contents.map_err(|error| error.to_string()),
        Ok(Err(_)) => Err("reading it failed".into()),
        Err(_) => Err(format!("it was not read within {} s", PATIENCE.as_secs())),
    }
}

async fn run(command: &str) -> Result<SecretString, NoSecret> {
    let failed = |what: String| NoSecret::Failed(what);
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let output = Command::new(shell).arg(flag).arg(command).stdin(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(PATIENCE, output)
        .await
        .map_err(|_| {
            failed(format!("did not end within {} s; does it ask for something?", PATIENCE.as_secs()))
        })?
        .map_err(|error| failed(format!("could not be run: {error}")))?;
    if !output.status.success() {
        return Err(failed(complaint(output.status, &output.stderr)));
    }
    let text =
        String::from_utf8(output.stdout).map_err(|_| failed("printed something that is no text".into()))?;
    first_line(&text, "what the command printed".into())
}

fn complaint(status: ExitStatus, said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let line = said.lines().map(str::trim).find(|line| !line.is_empty());
    let line = line.map(|line| format!(": {}", visible(&line.chars().take(COMPLAINT).collect::<String>())));
    format!("failed with {status}{}", line.unwrap_or_default())
}

/// Without the line feed that editors and commands put at the end.
fn first_line(text: &str, place: String) -> Result<SecretString, NoSecret> {
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(NoSecret::Empty(place)),
        secret => Ok(SecretString::from(secret)),
    }
}

/// Whether two secrets are one.
pub(super) fn is_same(a: &SecretString, b: &SecretString) -> bool {
    a.expose_secret() == b.expose_secret()
}
