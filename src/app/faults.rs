//! The faults pane: kind by kind, a cursor on one fault, and its request ids to be copied.

use crossterm::event::{KeyCode, KeyEvent};

use super::mode::Mode;
use super::{App, Effect};
use crate::observation::Timing;
use crate::text::visible;
use crate::watch::faults::{FaultLine, Request};
use crate::watch::{FaultLog, State};

/// A row of the pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRow {
    /// What it says.
    pub text: String,
    /// What it is.
    pub weight: Weight,
    /// The fault that it belongs to, counted over all kinds from the top; none for a heading.
    pub fault: Option<usize>,
}

/// What a row of the pane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Who failed.
    Heading,
    /// What happened, how often and when.
    Fault,
    /// More of it.
    Detail,
}

impl App {
    /// The pane's rows, for the selected endpoint.
    #[must_use]
    pub fn fault_rows(&self) -> Vec<FaultRow> {
        let mut rows = Vec::new();
        let Some(log) = self.selected_watch().map(|watch| &watch.faults) else { return rows };
        rows.extend(self.timing_rows());
        let mut index = 0;
        for (kind, lines) in log.by_kind() {
            let times: u64 = lines.iter().map(|line| line.times).sum();
            rows.push(row(format!("{kind} · {times} in all"), Weight::Heading, None));
            for line in lines {
                rows.push(row(self.quoted(what_happened(line)), Weight::Fault, Some(index)));
                let details = details(line).into_iter().map(|text| self.quoted(text));
                rows.extend(details.map(|text| row(text, Weight::Detail, Some(index))));
                index += 1;
            }
        }
        if log.dropped() > 0 {
            rows.push(row(format!("{} older faults dropped", log.dropped()), Weight::Detail, None));
        }
        rows
    }

    /// Where the time went: a slow network, a slow handshake and a slow gateway are three different nights.
    fn timing_rows(&self) -> Vec<FaultRow> {
        let Some((last, opened)) = self.selected_watch().map(|watch| watch.timings) else {
            return Vec::new();
        };
        let said = [("last poll      ", last.map(parts)), ("last connection", opened.map(parts))];
        let said = said.into_iter().filter_map(|(what, parts)| Some(format!("{what}  {}", parts?)));
        said.map(|text| row(text, Weight::Detail, None)).collect()
    }

    /// When the next try is, for the pane's title.
    #[must_use]
    pub fn next_try(&self) -> Option<String> {
        let (_, watched) = self.selected()?;
        match self.state(watched) {
            State::BackingOff { until } => {
                let wait = until.saturating_sub(self.now.offset);
                Some(format!("next try in {}", super::time::brief(wait)))
            }
            State::Stopped => Some("stopped: r tries again".into()),
            State::Paused => Some("paused".into()),
            State::Live | State::Waiting | State::Guarded { .. } => None,
        }
    }

    /// The cursor, on a fault that is there.
    #[must_use]
    pub fn fault_cursor(&self) -> usize {
        let Mode::Faults(cursor) = self.mode else { return 0 };
        cursor.min(self.fault_count().saturating_sub(1))
    }

    pub(super) fn fault_count(&self) -> usize {
        let lines = |log: &FaultLog| log.by_kind().iter().map(|(_, lines)| lines.len()).sum();
        self.selected_watch().map_or(0, |watch| lines(&watch.faults))
    }

    pub(super) fn faults_key(&mut self, key: KeyEvent) -> Vec<Effect> {
        if key.code == KeyCode::Char('y') {
            return self.copy_requests();
        }
        self.read_key(key);
        Vec::new()
    }

    fn copy_requests(&mut self) -> Vec<Effect> {
        let cursor = self.fault_cursor();
        let Some(watch) = self.selected_watch() else { return Vec::new() };
        let kinds = watch.faults.by_kind();
        let Some(line) = kinds.iter().flat_map(|(_, lines)| lines).nth(cursor) else { return Vec::new() };
        let ids: Vec<String> = line.requests().map(in_full).collect();
        let fault = self.quoted(line.fault.to_string());
        if ids.is_empty() {
            self.say("this fault came without request ids");
            return Vec::new();
        }
        let s = if ids.len() == 1 { "" } else { "s" };
        self.say(&format!("copied {} request id{s} of the newest such faults", ids.len()));
        vec![Effect::Copy(format!("{fault}\n{}\n", ids.join("\n")))]
    }
}

/// `dns 1.2 ms · connect 8.0 ms · tls 21.3 ms · first byte 64.0 ms · total 64.9 ms`, as far as each is known.
fn parts(timing: Timing) -> String {
    let Timing { dns, connect, tls, first_byte, total } = timing;
    let parts = [
        ("dns", dns),
        ("connect", connect),
        ("tls", tls),
        ("first byte", first_byte),
        ("total", Some(total)),
    ];
    let said = parts.into_iter().filter_map(|(name, time)| Some((name, time?)));
    said.map(|(name, time)| format!("{name} {:.1} ms", time.as_secs_f64() * 1e3))
        .collect::<Vec<_>>()
        .join(" · ")
}

fn row(text: String, weight: Weight, fault: Option<usize>) -> FaultRow {
    FaultRow { text, weight, fault }
}

fn what_happened(line: &FaultLine) -> String {
    let when = line.last.wall.format("%H:%M:%SZ");
    let often = match line.times {
        1 => String::new(),
        times => format!("×{times} since {} ", line.first.wall.format("%H:%M:%SZ")),
    };
    let status = line.fault.status.map_or_else(String::new, |status| format!("{status} "));
    let code = line.fault.code.as_deref().map_or_else(String::new, |code| format!("{code}: "));
    format!("{when} {often}{status}{code}{}", line.fault.message)
}

fn details(line: &FaultLine) -> Vec<String> {
    let mut rows = vec![line.fault.advice().to_owned()];
    rows.extend(line.fault.excerpt.as_ref().map(|excerpt| format!("body: {excerpt}")));
    let ids: Vec<&str> = line.requests().filter_map(|request| request.request_id.as_deref()).collect();
    if !ids.is_empty() {
        rows.push(format!("requests: {}", visible(&ids.join(", "))));
    }
    rows
}

fn in_full(request: &Request) -> String {
    let id = |name: &str, id: &Option<String>| id.as_ref().map(|id| format!("{name} {id}"));
    let ids = [id("x-amzn-RequestId", &request.request_id), id("x-amz-apigw-id", &request.gateway_id)];
    let ids: Vec<String> = ids.into_iter().flatten().collect();
    format!("{} {}", request.at.wall.format("%Y-%m-%dT%H:%M:%SZ"), ids.join(" "))
}
