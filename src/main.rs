//! qwatch's binary: parse, run, exit code.

use std::io::Write as _;
use std::process::ExitCode;

use qwatch::cli;
use qwatch::commands::{self, Failure};
use qwatch::jq;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(jq::WORKER) {
        return jq::work(&arguments.next().unwrap_or_default());
    }
    watch()
}

#[tokio::main]
async fn watch() -> ExitCode {
    let ended = match cli::parse() {
        Ok(cli) => Box::pin(commands::run(cli)).await,
        Err(failure) => Err(failure),
    };
    match ended {
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
