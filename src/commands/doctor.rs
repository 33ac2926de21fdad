//! `qwatch doctor`: what a gateway honours, and what is wrong with it.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use super::{Failure, print};
use crate::cli::DoctorArgs;
use crate::config::Settings;
use crate::doctor::{Check, Report, Verdict, announcement, examine};
use crate::signals::Signals;
use crate::source::Http;

pub(super) async fn run(args: &DoctorArgs, settings: Settings) -> Result<(), Failure> {
    let http = Http::new().map_err(|error| Failure::Run(error.to_string()))?;
    let mut signals = Signals::unless_ignored()
        .map_err(|error| Failure::Run(format!("cannot listen for signals: {error}")))?;
    let mut findings = 0;
    for endpoint in &settings.endpoints {
        let words = announcement(endpoint, args.dry_run);
        if args.json {
            let _ = writeln!(io::stderr(), "{words}");
        } else {
            print(format!("{words}\n\n").as_bytes())?;
        }
        let report = tokio::select! {
            report = examine(&http, endpoint, args.dry_run) => report,
            _ = signals.next() => return Err(Failure::Interrupted),
        };
        findings += report.findings;
        print(&if args.json { json(&report)? } else { text(&report).into_bytes() })?;
    }
    if findings == 0 { Ok(()) } else { Err(Failure::Findings(findings)) }
}

/// One object a line, for machines.
fn json(report: &Report) -> Result<Vec<u8>, Failure> {
    let mut line = serde_json::to_vec(report)
        .map_err(|error| Failure::Run(format!("cannot write the report as JSON: {error}")))?;
    line.push(b'\n');
    Ok(line)
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    for Check { check, verdict, seen, why, change } in &report.checks {
        let _ = writeln!(text, "{verdict:<7}  {check:<22}  {seen}");
        for (what, said) in [("why", why), ("change", change)] {
            if let Some(said) = said {
                let _ = writeln!(text, "{:<7}  {:<22}  {what}: {said}", "", "");
            }
        }
    }
    let count = |verdict| report.checks.iter().filter(|check| check.verdict == verdict).count();
    let s = |count: usize| if count == 1 { "" } else { "s" };
    let (findings, unknown) = (report.findings, count(Verdict::Unknown));
    let Report { url, requests, receives, .. } = report;
    let _ = writeln!(
        text,
        "\n{url}: {findings} finding{}, {unknown} unknown, after {requests} request{}, of which {receives} received\n",
        s(findings),
        s(*requests as usize)
    );
    text
}
