//! What a gateway answers with: whether it answers at all, in which shape, and whether it is what SQS said.

use std::collections::BTreeSet;

use super::probe::{Answers, Asked};
use super::{About, Check, template};
use crate::source::{Auth, Endpoint};
use crate::sqs::{self, AttributeName, Integrity};
use crate::text::visible;
use crate::wire::{Fault, FaultKind, Shape};

/// Clocks that differ by less are as good as one: `Date` has whole seconds.
const SAME: i64 = 2;
/// Clocks that differ by more make ages wrong, and signatures before long.
const APART: i64 = 60;

pub(super) fn judge(endpoint: &Endpoint, answers: &Answers) -> Vec<Check> {
    let mut checks: Vec<Check> = vec![self::answers(answers)];
    checks.extend(clock(endpoint, answers));
    if answers.all().any(|asked| asked.exchange.head.is_some()) {
        checks.push(errors(answers));
        checks.push(throttling(answers));
    }
    if answers.fatal().is_none() {
        checks.extend(shape(answers));
        checks.push(queue(endpoint, answers));
        checks.push(caching(answers));
        checks.push(body(answers));
        checks.push(message_attributes(answers));
    }
    checks
}

fn answers(answers: &Answers) -> Check {
    let about = About::Answers;
    if let Some(fault) = answers.fatal() {
        let why = "nothing is received, so nothing more can be told";
        return Check::finding(about, fault.to_string(), why, line_for(fault));
    }
    if answers.all().next().is_none() {
        return Check::unknown(about, answers.not_asked());
    }
    let receives = answers.receives().count();
    if receives == 0 {
        return Check::unknown(about, "SQS answers, but no receive was made");
    }
    let most = answers.receives().map(Asked::count).max().unwrap_or(0);
    let version =
        answers.all().filter_map(|asked| asked.exchange.head.as_ref()).map(|head| head.version).next();
    let version = version.map_or_else(String::new, |version| format!(" over {version:?}"));
    let s = |count: usize| if count == 1 { "" } else { "s" };
    let seen =
        format!("{receives} receive{}{version}, at most {most} message{} in one", s(receives), s(most));
    Check::ok(about, seen)
}

/// What to change when nothing is received.
fn line_for(fault: &Fault) -> String {
    let code = fault.code.as_deref().unwrap_or_default();
    match fault.kind {
        FaultKind::Sqs if code.contains("NonExistentQueue") || code.contains("QueueDoesNotExist") => {
            template::QUEUE.to_owned()
        }
        FaultKind::Sqs if code.contains("AccessDenied") => template::ROLE.to_owned(),
        FaultKind::Mapping => template::ACTION.to_owned(),
        FaultKind::Unrecognised => template::AS_IT_IS.to_owned(),
        _ => fault.advice().to_owned(),
    }
}

fn clock(endpoint: &Endpoint, answers: &Answers) -> Option<Check> {
    let about = About::Clock;
    // The smallest difference has the least of the network in it.
    let skew = answers.all().filter_map(|asked| asked.skew).min_by_key(|skew| skew.abs())?;
    let how = if skew > 0 { "ahead of" } else { "behind" };
    let seen = format!("the gateway's clock is {} s {how} ours, by its Date", skew.abs());
    if skew.abs() <= SAME {
        return Some(Check::ok(about, "the gateway's clock and ours agree, by its Date"));
    }
    if skew.abs() < APART {
        return Some(Check::ok(about, seen));
    }
    let why = if matches!(endpoint.auth, Auth::SigV4(_)) {
        "a signature is refused once the clocks are 5 minutes apart, and ages are wrong by as much"
    } else {
        "the ages of messages are wrong by as much"
    };
    Some(Check::finding(
        about,
        seen,
        why,
        "set this machine's clock (NTP), or find what answers in the gateway's stead",
    ))
}

fn shape(answers: &Answers) -> Option<Check> {
    let about = About::Shape;
    let shapes: Vec<Shape> = answers.receives().filter_map(Asked::shape).collect();
    let name = match shapes.first()? {
        Shape::QueryJson => "the Query protocol as JSON, as API Gateway writes it",
        Shape::QueryJsonOneOrMany => "the Query protocol as JSON, as LocalStack writes it",
        Shape::QueryXml => "the Query protocol as XML",
        Shape::AwsJson => "AWS JSON 1.0",
    };
    Some(Check::ok(about, name))
}

fn queue(endpoint: &Endpoint, answers: &Answers) -> Check {
    let about = About::Queue;
    let messages = || answers.receives().flat_map(Asked::messages);
    let grouped = messages().any(|message| {
        message.message_group_id().is_some() || message.attribute(&AttributeName::SequenceNumber).is_some()
    });
    if grouped || endpoint.is_fifo() {
        let seen =
            "a FIFO queue: with a visibility timeout above 0 every message received blocks its whole group";
        return Check::ok(about, seen);
    }
    if messages().any(|message| message.attributes().next().is_some()) {
        return Check::ok(about, "a standard queue: messages have no group");
    }
    Check::unknown(about, "FIFO or not shows in a message's system attributes, and none came")
}

fn errors(answers: &Answers) -> Check {
    let about = About::Errors;
    let of_sqs: Vec<&Fault> =
        answers.all().filter_map(Asked::fault).filter(|fault| fault.kind == FaultKind::Sqs).collect();
    let statuses: BTreeSet<u16> = of_sqs.iter().filter_map(|fault| fault.status).collect();
    let listed = || statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    if statuses.is_empty() {
        return Check::unknown(about, "SQS refused nothing, so how its errors come is not seen");
    }
    if statuses.iter().any(|status| *status < 300) {
        let code = of_sqs.iter().find_map(|fault| fault.code.as_deref()).unwrap_or("an error");
        return Check::finding(
            about,
            format!("SQS's {code} comes as HTTP {}", listed()),
            "whatever looks at the status alone, an alarm or a consumer, takes an error for an answer",
            template::ERRORS,
        );
    }
    Check::ok(about, format!("SQS's errors come as HTTP {}", listed()))
}

fn caching(answers: &Answers) -> Check {
    let about = About::Caching;
    let receives: Vec<&Asked> = answers.receives().collect();
    let handles = |asked: &Asked| -> BTreeSet<String> {
        let handles = asked.messages().map(|message| message.receipt_handle().to_owned());
        handles.filter(|handle| !handle.is_empty()).collect()
    };
    let repeated = |pair: &[&Asked]| {
        let same_id = pair[0].body_request_id.is_some() && pair[0].body_request_id == pair[1].body_request_id;
        if same_id {
            Some("the same request id")
        } else if !handles(pair[0]).is_disjoint(&handles(pair[1])) {
            Some("the same receipt handles")
        } else {
            None
        }
    };
    if let Some(what) = receives.windows(2).find_map(repeated) {
        return Check::finding(
            about,
            format!("two answers have {what}: the second is a copy of the first"),
            "what is shown is as old as the cache, and receives that never reach SQS look like messages that stay",
            template::NO_CACHE,
        );
    }
    if receives.len() < 2 {
        return Check::unknown(about, "it takes two answers to tell, and there were fewer");
    }
    let told = receives.iter().any(|asked| asked.body_request_id.is_some() || asked.count() > 0);
    if !told {
        return Check::unknown(about, "answers had neither messages nor request ids that could be the same");
    }
    Check::ok(about, format!("{} answers, each with ids of its own", receives.len()))
}

/// How many messages were checked, and the ids of those that differ.
fn checked(answers: &Answers, of: fn(Integrity) -> sqs::Check) -> (usize, Vec<String>) {
    let mut checked = BTreeSet::new();
    let mut differ = BTreeSet::new();
    // A receive that asked for no attributes says nothing of them.
    let all_asked = [&answers.ten, &answers.again].into_iter().flatten().map(|asked| (asked, true));
    let others = answers.single().into_iter().map(|asked| (asked, false));
    for (asked, all_asked) in others.chain(all_asked) {
        for message in asked.messages() {
            match of(Integrity::of(message, all_asked)) {
                sqs::Check::Unknown => continue,
                sqs::Check::Same => {}
                sqs::Check::Differs => {
                    differ.insert(visible(message.message_id()).into_owned());
                }
            }
            checked.insert(message.message_id());
        }
    }
    (checked.len(), differ.into_iter().collect())
}

fn body(answers: &Answers) -> Check {
    let about = About::Body;
    let (checked, differ) = checked(answers, |integrity| integrity.body);
    match (checked, differ.first()) {
        (0, _) if answers.receives().all(|asked| asked.count() == 0) => {
            Check::unknown(about, "no message came whose body could be checked")
        }
        (0, _) => Check::unknown(about, "messages come without MD5OfBody, so nothing can be checked"),
        (_, None) => {
            Check::ok(about, format!("{checked} of {checked} bodies are as SQS stored them, by MD5OfBody"))
        }
        (_, Some(first)) => Check::finding(
            about,
            format!(
                "{} of {checked} bodies are not as SQS stored them, by MD5OfBody; {first} is one",
                differ.len()
            ),
            "what is shown is not what consumers get",
            template::AS_IT_IS,
        ),
    }
}

fn message_attributes(answers: &Answers) -> Check {
    let about = About::MessageAttributes;
    let (checked, differ) = checked(answers, |integrity| integrity.message_attributes);
    match (checked, differ.first()) {
        (0, _) => Check::unknown(about, "no message came with custom attributes and their MD5"),
        (_, None) => Check::ok(
            about,
            format!("those of {checked} messages are as they were sent, by MD5OfMessageAttributes"),
        ),
        (_, Some(first)) => Check::finding(
            about,
            format!(
                "those of {} of {checked} messages are not as they were sent, or not all came, by MD5OfMessageAttributes; {first} is one",
                differ.len()
            ),
            "what is shown is not what consumers get",
            template::AS_IT_IS,
        ),
    }
}

fn throttling(answers: &Answers) -> Check {
    let about = About::Throttling;
    let told =
        |name: &str| name.contains("ratelimit") || name.contains("rate-limit") || name == "retry-after";
    let mut said = BTreeSet::new();
    for head in answers.all().filter_map(|asked| asked.exchange.head.as_ref()) {
        for (name, value) in &head.headers {
            if told(name.as_str()) {
                let value = value.to_str().unwrap_or("(no text)");
                said.insert(format!("{name}: {}", visible(value)));
            }
        }
    }
    let throttled = answers.all().filter_map(Asked::fault).any(|fault| fault.kind == FaultKind::Throttled);
    if throttled {
        let seen: Vec<String> =
            std::iter::once("a request was refused with 429".to_owned()).chain(said).collect();
        return Check::finding(
            about,
            seen.join(", "),
            "polls at this rate are refused, and so are everybody else's behind the same limit",
            "poll less often, or raise ThrottlingRateLimit in the stage's MethodSettings or the usage plan",
        );
    }
    if said.is_empty() {
        return Check::ok(about, "no request was throttled, and no header speaks of a limit");
    }
    Check::ok(
        about,
        format!(
            "no request was throttled; the gateway says {}",
            said.into_iter().collect::<Vec<_>>().join(", ")
        ),
    )
}
