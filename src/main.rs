//! qwatch's binary: parse, run, exit code.

use std::io::Write as _;
use std::process::ExitCode;

use qwatch::cli::{self, Cli};
use qwatch::commands::{self, Failure};
use qwatch::jq;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(jq::WORKER) {
        return jq::work(&arguments.next().unwrap_or_default());
    }
    match cli::parse().and_then(start) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !matches!(failure, Failure::Interrupted) {
                // Nobody may be listening any more, which is no reason to panic.
                let _ = writeln!(std::io::stderr(), "qwatch: {failure}");
            }
            failure.exit_code()
        }
    }
}

fn start(cli: Cli) -> Result<(), Failure> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if !cli.serves() {
        // Beside the thread that draws or prints one is enough for a thousand endpoints: more of them spend their time in
        // waking each other for a poll that is shorter than that.
        runtime.worker_threads(1);
    }
    let runtime = runtime.enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Run(format!("cannot start a thread: {error}")))?;
    runtime.block_on(commands::run(cli))
}
