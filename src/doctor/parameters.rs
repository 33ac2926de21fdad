//! Which receive parameters a gateway honours, each told by its effect.

use std::time::Duration;

use super::probe::{Answers, Asked, WAIT};
use super::{About, Check, template};
use crate::source::Endpoint;

/// An answer within this did not wait for the [`WAIT`] seconds that were asked for.
const AT_ONCE: Duration = Duration::from_millis(1_200);

pub(super) fn judge(endpoint: &Endpoint, answers: &Answers) -> Vec<Check> {
    if answers.fatal().is_some() {
        return Vec::new();
    }
    vec![
        max_number_of_messages(endpoint, answers),
        visibility_timeout(endpoint, answers),
        wait_time_seconds(endpoint, answers),
        attribute_name(endpoint, answers),
        message_attribute_name(endpoint, answers),
    ]
}

fn max_number_of_messages(endpoint: &Endpoint, answers: &Answers) -> Check {
    let about = About::MaxNumberOfMessages;
    let change =
        || template::forwards(endpoint, &endpoint.query.max_number_of_messages, "MaxNumberOfMessages");
    let why = "without it every poll brings one message, or as many as the mapping says, and costs as much as one that brings ten";
    let one = answers.single().map_or(0, Asked::count);
    if one > 1 {
        return Check::finding(about, format!("asked for 1 message, got {one}"), why, change());
    }
    let most = [&answers.ten, &answers.again].into_iter().flatten().map(Asked::count).max().unwrap_or(0);
    if most > 1 {
        return Check::ok(about, format!("asked for 1 and got {one}, asked for 10 and got {most}"));
    }
    match &answers.refused_max {
        Some(asked) if asked.is_refused() => {
            let seen = format!("asked for 10 and got {most}; it reaches SQS, which refuses 11");
            Check::ok(about, seen)
        }
        Some(asked) if asked.fault().is_none() => {
            let seen = format!(
                "asked for 10 and got {most}; asked for 11, which SQS refuses, and got an ordinary answer"
            );
            Check::finding(about, seen, why, change())
        }
        Some(_) => Check::unknown(about, format!("asked for 10 and got {most}; 11 failed otherwise")),
        None => Check::unknown(about, format!("asked for 10 and got {most}; 11 was {}", answers.not_asked())),
    }
}

fn visibility_timeout(endpoint: &Endpoint, answers: &Answers) -> Check {
    let about = About::VisibilityTimeout;
    if answers.some_came_twice() {
        return Check::ok(about, "asked for 0, and a message that came was there again in the next answer");
    }
    let came: usize = answers.receives().map(Asked::count).sum();
    let change = template::forwards(endpoint, &endpoint.query.visibility_timeout, "VisibilityTimeout");
    let why = "every look hides what it saw from the consumers for the queue's own timeout, 30 s unless set";
    let vanished = if came > 0 { "no message came a second time" } else { "no message came" };
    match &answers.refused_visibility {
        Some(asked) if asked.is_refused() => {
            Check::ok(about, format!("{vanished}; it reaches SQS, which refuses a timeout that is no number"))
        }
        Some(asked) if asked.fault().is_none() => {
            let seen =
                format!("{vanished}; asked for a timeout that is no number, and got an ordinary answer");
            Check::finding(about, seen, why, change)
        }
        Some(_) => Check::unknown(about, format!("{vanished}; a timeout that is no number failed otherwise")),
        None => {
            Check::unknown(about, format!("{vanished}; one that is no number was {}", answers.not_asked()))
        }
    }
}

fn wait_time_seconds(endpoint: &Endpoint, answers: &Answers) -> Check {
    let about = About::WaitTimeSeconds;
    let change = || template::forwards(endpoint, &endpoint.query.wait_time_seconds, "WaitTimeSeconds");
    let why = "a poll that cannot wait asks only some of SQS's servers, comes back empty though there are messages, and is billed all the same";
    let seconds = |took: Duration| format!("{:.2} s", took.as_secs_f64());
    if let Some(asked) = answers.waited.as_ref().filter(|asked| asked.fault().is_none() && asked.count() == 0)
    {
        let seen =
            format!("asked to wait {WAIT} s with nothing there, answered after {}", seconds(asked.took));
        if asked.took < AT_ONCE {
            return Check::finding(about, seen, why, change());
        }
        return Check::ok(about, seen);
    }
    match &answers.refused_wait {
        Some(asked) if asked.is_refused() => {
            let seen = "it reaches SQS, which refuses 21 s; not timed, since the queue was never seen empty";
            Check::ok(about, seen)
        }
        Some(asked) => {
            let seen = format!(
                "asked to wait 21 s, which SQS refuses, and got an ordinary answer after {}",
                seconds(asked.took)
            );
            Check::finding(about, seen, why, change())
        }
        None => Check::unknown(about, answers.not_asked()),
    }
}

/// What asked for all attributes and was answered with messages.
fn with_attributes_asked(answers: &Answers) -> Vec<&Asked> {
    let asked = [&answers.ten, &answers.again].into_iter().flatten();
    asked.filter(|asked| asked.count() > 0).collect()
}

fn failed(answers: &Answers) -> Option<String> {
    let fault = answers.ten.as_ref()?.fault()?;
    Some(format!("asked for All of both, and it failed, as it did not without: {fault}"))
}

fn attribute_name(endpoint: &Endpoint, answers: &Answers) -> Check {
    let about = About::AttributeName;
    let change = || template::forwards(endpoint, &endpoint.query.attribute_name, "AttributeName");
    let why = "without ApproximateReceiveCount and SentTimestamp nobody sees how old a message is or how close to the dead-letter queue, and the guard knows only our own receives";
    if let Some(seen) = failed(answers) {
        return Check::finding(about, seen, why, change());
    }
    let asked = with_attributes_asked(answers);
    let messages = || asked.iter().flat_map(|asked| asked.messages());
    let with = messages().filter(|message| message.attributes().next().is_some()).count();
    match messages().count() {
        0 if answers.ten.is_none() => Check::unknown(about, answers.not_asked()),
        0 => Check::unknown(about, "asked for All; no message came to show any"),
        count if with > 0 => {
            let unasked =
                answers.single().is_some_and(|one| one.messages().any(|m| m.attributes().next().is_some()));
            let also = if unasked { "; they come unasked too, so the mapping may be fixed" } else { "" };
            Check::ok(
                about,
                format!("asked for All; {with} of {count} messages came with system attributes{also}"),
            )
        }
        count => {
            let seen = format!("asked for All; none of {count} messages came with a system attribute");
            Check::finding(about, seen, why, change())
        }
    }
}

fn message_attribute_name(endpoint: &Endpoint, answers: &Answers) -> Check {
    let about = About::MessageAttributeName;
    let change =
        || template::forwards(endpoint, &endpoint.query.message_attribute_name, "MessageAttributeName");
    if failed(answers).is_some() {
        return Check::unknown(about, "asked for All together with AttributeName, and that failed");
    }
    let asked = with_attributes_asked(answers);
    let messages = || asked.iter().flat_map(|asked| asked.messages());
    let with = messages().filter(|message| message.message_attributes().next().is_some()).count();
    let lost = messages()
        .filter(|message| {
            message.message_attributes().next().is_none() && message.md5_of_message_attributes().is_some()
        })
        .count();
    match messages().count() {
        0 if answers.ten.is_none() => Check::unknown(about, answers.not_asked()),
        0 => Check::unknown(about, "asked for All; no message came to show any"),
        count if with > 0 => {
            Check::ok(about, format!("asked for All; {with} of {count} messages came with custom attributes"))
        }
        count if lost > 0 => Check::finding(
            about,
            format!(
                "asked for All; {lost} of {count} messages have MD5OfMessageAttributes and came without the attributes"
            ),
            "what the senders set beside the body does not arrive",
            change(),
        ),
        count => Check::unknown(
            about,
            format!(
                "asked for All; none of {count} messages came with a custom attribute: either no sender set one, or the \
                 gateway does not forward it. Send one that has one to tell. The line would be {}",
                change()
            ),
        ),
    }
}
