//! The log: notices, faults that changed an endpoint's state, and panics, in two files of bounded size, since the
//! screen has no room for yesterday.

mod rotating;

use std::path::PathBuf;
use std::sync::Mutex;

use tracing::{Level, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, FilterFn, Targets};
use tracing_subscriber::layer::{Filter, Layer as _, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::files;
use rotating::Rotating;

/// Bytes of the log and of the part before it, together.
const LARGEST: u64 = 4 << 20;

/// Where the log is; none where there is no home.
#[must_use]
pub fn path() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "qwatch")?;
    Some(dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).join("qwatch.log"))
}

/// Begins logging; `QWATCH_LOG` takes a level, or levels of targets, such as `warn`. That the log can no longer be written is told to
/// `tell`, in a sentence, and ends nothing.
///
/// # Errors
/// A sentence when it cannot be written from the start; the program goes on without.
pub fn start(tell: impl Fn(String) + Send + 'static) -> Result<(), String> {
    let Some(path) = path() else { return Ok(()) };
    let shown = path.display().to_string();
    let log = Rotating::open(path, LARGEST, Box::new(tell)).map_err(|error| {
        let advice = files::advice(&error);
        format!("no log: cannot write {shown}: {error}; watching goes on without ({advice}: XDG_STATE_HOME)")
    })?;
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(log));
    // A second start in one process keeps the first one's log.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter(&["qwatch"]))).try_init();
    Ok(())
}

/// What `QWATCH_LOG` says, or else what `ours` tell; but of others than `ours` warnings at most: what crates tell of a request
/// may hold its query and headers, and with them a secret.
pub(crate) fn filter<S>(ours: &'static [&'static str]) -> impl Filter<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let asked = std::env::var("QWATCH_LOG").ok().and_then(|asked| asked.parse::<Targets>().ok());
    let usual = || Targets::new().with_targets(ours.iter().map(|target| (*target, Level::INFO)));
    asked.unwrap_or_else(usual).and(FilterFn::new(move |event| {
        let root = event.target().split("::").next().unwrap_or_default();
        ours.contains(&root) || *event.level() <= Level::WARN
    }))
}
