//! A redirect is followed only where it changes nothing that matters: within the origin, so that no credential leaves
//! it, and with the same query, since without it SQS's defaults hold and hide what is received from its consumers.

use reqwest::redirect::{Action, Attempt};

use crate::source::bare;

/// Redirects within one origin before they count as a circle.
const MOST: usize = 5;

/// Why a redirect within the origin is not followed.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("it redirects within itself more than {MOST} times, to {0} at last")]
    Circle(String),
    #[error(
        "it redirects to {0} and leaves the query out, which says how to receive; watch that URL instead"
    )]
    Forgets(String),
}

/// One that leaves the origin is an answer like any other: it is read, and ends as a fault that says where it leads.
pub(super) fn policy(attempt: Attempt<'_>) -> Action {
    let Some(from) = attempt.previous().last() else { return attempt.stop() };
    if from.origin() != attempt.url().origin() {
        return attempt.stop();
    }
    let to = bare(attempt.url()).to_string();
    if from.query() != attempt.url().query() {
        return attempt.error(Refused::Forgets(crate::text::visible(&to).into_owned()));
    }
    if attempt.previous().len() > MOST {
        return attempt.error(Refused::Circle(crate::text::visible(&to).into_owned()));
    }
    attempt.follow()
}
