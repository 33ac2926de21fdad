//! Faults by what failed: the same one again is one line that counts, and keeps the ids that support asks for.

use std::collections::VecDeque;

use crate::observation::Moment;
use crate::wire::{Fault, FaultKind};

/// Different faults kept; the one not seen for longest is dropped, and counted.
const KEPT: usize = 100;
/// Request ids kept of one fault, the newest.
const REQUESTS: usize = 10;

/// One fault, however often it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultLine {
    /// The newest of them.
    pub fault: Fault,
    /// When the first of them was over.
    pub first: Moment,
    /// When the newest was over.
    pub last: Moment,
    /// How many.
    pub times: u64,
    requests: VecDeque<Request>,
}

/// What support asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it was over.
    pub at: Moment,
    /// `x-amzn-RequestId`.
    pub request_id: Option<String>,
    /// `x-amz-apigw-id`.
    pub gateway_id: Option<String>,
}

impl FaultLine {
    fn record(&mut self, fault: &Fault, at: Moment) {
        self.fault = fault.clone();
        self.last = at;
        self.times += 1;
        self.keep_request(at);
    }

    fn keep_request(&mut self, at: Moment) {
        let Fault { request_id, gateway_id, .. } = &self.fault;
        if request_id.is_none() && gateway_id.is_none() {
            return;
        }
        if self.requests.len() == REQUESTS {
            self.requests.pop_front();
        }
        let (request_id, gateway_id) = (request_id.clone(), gateway_id.clone());
        self.requests.push_back(Request { at, request_id, gateway_id });
    }

    /// The requests that failed so and said who they were, newest first; only some of the newest are kept.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().rev()
    }

    fn is(&self, fault: &Fault) -> bool {
        let what = |fault: &Fault| (fault.kind, fault.status, fault.code.clone());
        what(&self.fault) == what(fault) && self.fault.message == fault.message
    }
}

/// The faults of one endpoint.
#[derive(Debug, Default)]
pub struct FaultLog {
    /// Seen last at the end.
    lines: Vec<FaultLine>,
    total: u64,
    dropped: u64,
}

impl FaultLog {
    pub(super) fn record(&mut self, fault: &Fault, at: Moment) {
        self.total += 1;
        if let Some(place) = self.lines.iter().rposition(|line| line.is(fault)) {
            let mut line = self.lines.remove(place);
            line.record(fault, at);
            self.lines.push(line);
            return;
        }
        if self.lines.len() == KEPT {
            self.dropped += self.lines.remove(0).times;
        }
        let mut line =
            FaultLine { fault: fault.clone(), first: at, last: at, times: 1, requests: VecDeque::new() };
        line.keep_request(at);
        self.lines.push(line);
    }

    /// Kind by kind, each with its lines; what was seen last stands first in both.
    #[must_use]
    pub fn by_kind(&self) -> Vec<(FaultKind, Vec<&FaultLine>)> {
        let mut kinds: Vec<(FaultKind, Vec<&FaultLine>)> = Vec::new();
        for line in self.lines.iter().rev() {
            match kinds.iter_mut().find(|(kind, _)| *kind == line.fault.kind) {
                Some((_, lines)) => lines.push(line),
                None => kinds.push((line.fault.kind, vec![line])),
            }
        }
        kinds
    }

    /// Faults in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Faults whose line had to make room.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}
