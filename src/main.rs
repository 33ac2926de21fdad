//! qwatch's binary: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use qwatch::cli::Cli;
use qwatch::commands::{self, Failure};

#[tokio::main]
async fn main() -> ExitCode {
    match commands::run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !matches!(failure, Failure::Interrupted) {
                eprintln!("qwatch: {failure}");
            }
            failure.exit_code()
        }
    }
}
