//! The same receive for a shell: what goes into a ticket, or to a colleague. Secrets stay out of it.

use std::fmt::Write as _;

use super::http::query::{pairs, with_pairs};
use super::{Auth, Endpoint};

/// A `curl` command that asks as the endpoint's polls do. A secret stands in it as a variable to be set.
#[must_use]
pub fn curl(endpoint: &Endpoint) -> String {
    let url = with_pairs(&endpoint.address(), &pairs(&endpoint.query, &endpoint.parameters));
    let mut command = format!("curl -sS -X {} {}", endpoint.method, quoted(url.as_str()));
    let mut notes = vec!["a receive, not a read: it raises the receive count of what it returns".to_owned()];
    if endpoint.url.query().is_some() {
        notes.push("the URL's own query is left out: it may hold a key".into());
    }
    match &endpoint.auth {
        Auth::None => {}
        Auth::ApiKey(_) => command.push_str(" -H \"x-api-key: $API_KEY\""),
        Auth::Bearer(_) => command.push_str(" -H \"Authorization: Bearer $TOKEN\""),
        Auth::Token { header, .. } => {
            let _ = write!(command, " -H \"{header}: $TOKEN\"");
        }
        Auth::SigV4(asked) => {
            let region = asked.region.as_deref().unwrap_or("$AWS_REGION");
            let _ = write!(
                command,
                " --aws-sigv4 \"aws:amz:{region}:execute-api\" --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" \
                 -H \"x-amz-security-token: $AWS_SESSION_TOKEN\""
            );
        }
    }
    for header in &endpoint.headers {
        let variable = header.name.as_str().replace('-', "_").to_uppercase();
        let _ = write!(command, " -H \"{}: ${variable}\"", header.name);
    }
    for note in notes {
        let _ = write!(command, "  # {note}");
    }
    command
}

/// As a POSIX shell takes it: within single quotes nothing has a meaning but these themselves.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
