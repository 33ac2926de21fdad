//! The log: notices, faults that changed an endpoint's state, and panics, in a file of bounded size, since the
//! screen has no room for yesterday.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Mutex;

use tracing::{Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt as _, FilterFn};
use tracing_subscriber::layer::{Filter, Layer as _, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Bytes after which a log begins anew at the next start, and no more is written in this run.
const LARGEST: u64 = 4 << 20;

/// Where the log is; none where there is no home.
#[must_use]
pub fn path() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "qwatch")?;
    Some(dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).join("qwatch.log"))
}

/// Begins logging; `QWATCH_LOG` takes tracing's filters, such as `debug`.
///
/// # Errors
/// A sentence when the file cannot be written; the program goes on without.
pub fn start() -> Result<(), String> {
    let Some(path) = path() else { return Ok(()) };
    let file = open(&path).map_err(|error| format!("no log: cannot write {}: {error}", path.display()))?;
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(file));
    // A second start in one process keeps the first one's log.
    let _ =
        tracing_subscriber::registry().with(layer.with_filter(filter("qwatch=info", &["qwatch"]))).try_init();
    Ok(())
}

/// What `QWATCH_LOG` says, or else `default`; but of others than `ours` warnings at most: what crates tell of a request may hold
/// its query and headers, and with them a secret.
pub(crate) fn filter<S>(default: &str, ours: &'static [&'static str]) -> impl Filter<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let asked = EnvFilter::try_from_env("QWATCH_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    asked.and(FilterFn::new(move |event| {
        let root = event.target().split("::").next().unwrap_or_default();
        ours.contains(&root) || *event.level() <= Level::WARN
    }))
}

fn open(path: &PathBuf) -> io::Result<Bounded> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let full = std::fs::metadata(path).is_ok_and(|found| found.len() >= LARGEST);
    let mut options = OpenOptions::new();
    options.create(true).write(true).append(!full).truncate(full);
    // It names endpoints and may hold what faults said, so it is the user's own.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    let written = file.metadata()?.len();
    Ok(Bounded { file, written })
}

/// A file that takes no more than [`LARGEST`] bytes. What comes after is passed over: a full disk is worse than a
/// log that ends.
struct Bounded {
    file: File,
    written: u64,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written < LARGEST {
            self.file.write_all(bytes)?;
            self.written += bytes.len() as u64;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
