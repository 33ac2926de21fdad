//! qwatch's binary: parse, run, exit code.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use qwatch::cli::{self, Cli};
use qwatch::commands::{self, Failure};
use qwatch::jq;

/// What still runs when everything is done is waited for no longer than this.
const GRACE: Duration = Duration::from_millis(100);

/// As Rust's own of a panic in `main`.
const PANICKED: i32 = 101;

fn main() -> ExitCode {
    end_on_panic();
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(jq::WORKER) {
        return jq::work(&arguments.next().unwrap_or_default());
    }
    cli::parse().map_or_else(|failure| ended(Err(failure)), start)
}

fn start(cli: Cli) -> ExitCode {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if !cli.serves() {
        // Beside the thread that draws one is enough for a thousand endpoints: more of them spend their time in waking each
        // other for a poll that is shorter than that.
        runtime.worker_threads(1);
    }
    let runtime = match runtime.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return ended(Err(Failure::Run(format!("cannot start a thread: {error}")))),
    };
    let code = ended(runtime.block_on(commands::run(cli)));
    // Programs that were started end with it; a name that is still looked up is not waited for.
    runtime.shutdown_timeout(GRACE);
    code
}

/// Whichever thread panics, the program ends: what polls, draws or prints would be missing, and nobody would know. It ends from
/// here, so that nothing has to be unwound, for which code would be kept of every function.
fn end_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        std::process::exit(PANICKED);
    }));
}

/// Says why, before anything else is waited for.
fn ended(result: Result<(), Failure>) -> ExitCode {
    let Err(failure) = result else { return ExitCode::SUCCESS };
    if !matches!(failure, Failure::Interrupted) {
        // Nobody may be listening any more, which is no reason to panic.
        let _ = writeln!(std::io::stderr(), "qwatch: {failure}");
    }
    failure.exit_code()
}
