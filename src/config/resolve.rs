//! From what was written and asked to endpoints that can be polled.

use std::collections::BTreeSet;
use std::path::Path;

use http::{HeaderName, Method};

use super::address::{USER_INFORMATION, gateway_url, no_scheme, shown_url};
use super::connection::{PemFiles, connect, connect_as_written};
use super::credentials::{AuthChoice, choice, credentials};
use super::file::{self, Polling};
use super::{ConfigError, Loaded, Look};
use crate::filter::{Filter, Saved};
use crate::guard::{Limit, Policy};
use crate::observation::EndpointName;
use crate::source::{Auth, Endpoint, Header, Pace, Proxy, QueryNames};
use crate::sqs::ReceiveParameters;
use crate::text::{nearest, visible};
use crate::watch::{Bounds, Prices};

/// What the command line, or a `QWATCH_*` variable, says over the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Receive parameters and pace.
    pub polling: Polling,
    /// Credentials.
    pub auth: Option<AuthChoice>,
    /// Sent with every request.
    pub headers: Vec<Header>,
    /// The HTTP method.
    pub method: Option<Method>,
    /// By way of whom.
    pub proxy: Option<Proxy>,
    /// Whom to trust, and who we are over TLS.
    pub pem_files: PemFiles,
    /// The queue's redrive limit.
    pub limit: Option<Limit>,
    /// Nothing is guarded.
    pub no_guard: bool,
}

/// Everything resolved.
#[derive(Debug)]
pub struct Settings {
    /// What to watch, in order; at least one.
    pub endpoints: Vec<Endpoint>,
    /// What an endpoint added while the program runs starts with.
    pub parameters: ReceiveParameters,
    /// And its pace.
    pub pace: Pace,
    /// How much is held.
    pub bounds: Bounds,
    /// What requests cost.
    pub prices: Prices,
    /// How the screen looks and behaves.
    pub look: Look,
    /// Filters that have a name.
    pub filters: Saved,
}

/// A value that may stand in the environment.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Finds the endpoints asked for (`NAME` or `URL`; all of the file's when none is) and settles what each is polled with.
///
/// # Errors
/// [`ConfigError`], a sentence that names the field and the file's line, when anything cannot be used.
pub fn resolve(
    asked: &[String],
    overrides: &Overrides,
    loaded: &Loaded,
    environment: Environment<'_>,
) -> Result<Settings, ConfigError> {
    let file = &loaded.file;
    check_names(loaded)?;
    let endpoints: Vec<Endpoint> = if asked.is_empty() {
        file.endpoint
            .iter()
            .map(|raw| from_file(raw, overrides, loaded, environment))
            .collect::<Result<_, _>>()?
    } else {
        asked.iter().map(|word| from_word(word, overrides, loaded, environment)).collect::<Result<_, _>>()?
    };
    if endpoints.is_empty() {
        return Err(ConfigError::Asked(nothing_to_watch(loaded)));
    }
    check_twice(&endpoints)?;
    let (parameters, pace) = settle(&[&overrides.polling, &file.defaults]);
    let plain = Bounds::default();
    let bounds = Bounds {
        bytes: file.history.max_bytes.map_or(plain.bytes, |bytes| bytes.get() as usize),
        messages: file.history.max_messages.map_or(plain.messages, |messages| messages.get() as usize),
    };
    let (prices, look) = (prices(file.prices), Look::settle(loaded)?);
    let filters = saved_filters(loaded)?;
    Ok(Settings { endpoints, parameters, pace, bounds, prices, look, filters })
}

fn saved_filters(loaded: &Loaded) -> Result<Saved, ConfigError> {
    let raw = &loaded.file.filters;
    let saved: Saved = raw.iter().map(|(name, text)| (name.clone(), text.get_ref().clone())).collect();
    for (name, text) in raw {
        let wrong =
            |what: &str| loaded.error_at(text.span().start, format!("filters.{}: {what}", visible(name)));
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || matches!(c, '(' | ')')) {
            return Err(wrong("a filter's name is one word, without brackets"));
        }
        Filter::parse(text.get_ref(), &saved).map_err(|problem| wrong(&problem.to_string()))?;
    }
    Ok(saved)
}

fn prices(raw: file::Prices) -> Prices {
    let plain = Prices::default();
    Prices {
        rest_api: raw.rest_api.unwrap_or(plain.rest_api),
        http_api: raw.http_api.unwrap_or(plain.http_api),
        standard_queue: raw.standard_queue.unwrap_or(plain.standard_queue),
        fifo_queue: raw.fifo_queue.unwrap_or(plain.fifo_queue),
    }
}

/// Two endpoints of one name could not be told apart.
fn check_twice(endpoints: &[Endpoint]) -> Result<(), ConfigError> {
    for (index, endpoint) in endpoints.iter().enumerate() {
        let Some(first) = endpoints[..index].iter().find(|first| first.name == endpoint.name) else {
            continue;
        };
        let name = &endpoint.name;
        return Err(ConfigError::Asked(if first.url == endpoint.url {
            format!("{name} is asked for twice; name each endpoint once")
        } else {
            format!(
                "{name} would be the name of two endpoints, whose URLs differ elsewhere; \
                 give each a name in the config file"
            )
        }));
    }
    Ok(())
}

fn nothing_to_watch(loaded: &Loaded) -> String {
    let place = loaded.path.as_ref().map_or_else(String::new, |path| format!(" in {}", path.display()));
    format!(
        "nothing to watch: try `qwatch demo` first, give a gateway's URL (`qwatch https://…`), \
         or name endpoints{place} (`qwatch config init` writes a sample)"
    )
}

fn check_names(loaded: &Loaded) -> Result<(), ConfigError> {
    let mut names = BTreeSet::new();
    for raw in &loaded.file.endpoint {
        let at = raw.name.span().start;
        if raw.name.get_ref().trim().is_empty() {
            return Err(loaded.error_at(at, "endpoint.name: must not be empty".into()));
        }
        if !names.insert(raw.name.get_ref()) {
            return Err(loaded.error_at(
                at,
                format!("endpoint.name: a second endpoint called {}", visible(raw.name.get_ref())),
            ));
        }
    }
    Ok(())
}

fn from_word(
    word: &str,
    overrides: &Overrides,
    loaded: &Loaded,
    environment: Environment<'_>,
) -> Result<Endpoint, ConfigError> {
    if let Some(raw) = loaded.file.endpoint.iter().find(|raw| raw.name.get_ref() == word) {
        return from_file(raw, overrides, loaded, environment);
    }
    if word.contains("://") {
        let (parameters, pace) = settle(&[&overrides.polling, &loaded.file.defaults]);
        let mut endpoint = endpoint_at(word, parameters, pace).map_err(ConfigError::Asked)?;
        endpoint.headers.clone_from(&overrides.headers);
        endpoint.auth = asked_auth(overrides, environment)?.unwrap_or_default();
        asked_guard(overrides, &mut endpoint.guard);
        connect(&mut endpoint, overrides, &PemFiles::default()).map_err(ConfigError::Asked)?;
        return Ok(endpoint);
    }
    Err(ConfigError::Asked(unknown_word(word, loaded)))
}

fn unknown_word(word: &str, loaded: &Loaded) -> String {
    if word.trim().is_empty() {
        return "an endpoint's name or URL must not be empty".into();
    }
    let shown = shown_url(word);
    let names = || loaded.file.endpoint.iter().map(|raw| raw.name.get_ref().as_str());
    if let Some(near) = nearest(word, names()) {
        return format!("no endpoint is called {shown}; did you mean {}?", visible(near));
    }
    if word.contains('@') {
        return USER_INFORMATION.into();
    }
    if word.contains(['.', ':', '/']) {
        return no_scheme(&shown);
    }
    let place = loaded.path.as_ref().map_or("the config file".into(), |path| path.display().to_string());
    match names().collect::<Vec<_>>() {
        known if known.is_empty() => {
            format!("no endpoint is called {shown}, and {place} names none; give a URL, or try `qwatch demo`")
        }
        known => {
            let known: Vec<_> = known.into_iter().map(visible).collect();
            format!("no endpoint is called {shown}; {place} names {}", known.join(", "))
        }
    }
}

/// An endpoint at a URL, called by the URL without its scheme and query.
///
/// # Errors
/// A sentence that says what is wrong with the URL.
pub fn endpoint_at(url: &str, parameters: ReceiveParameters, pace: Pace) -> Result<Endpoint, String> {
    let url = gateway_url(url)?;
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let name = format!("{}{port}{}", url.host_str().unwrap_or_default(), url.path());
    Ok(Endpoint { parameters, pace, ..Endpoint::new(name.trim_end_matches('/').into(), url) })
}

fn from_file(
    raw: &file::Endpoint,
    overrides: &Overrides,
    loaded: &Loaded,
    environment: Environment<'_>,
) -> Result<Endpoint, ConfigError> {
    let (parameters, pace) = settle(&[&overrides.polling, &raw.polling(), &loaded.file.defaults]);
    let at_url = |what| loaded.error_at(raw.url.span().start, format!("endpoint.url: {what}"));
    let mut endpoint = endpoint_at(raw.url.get_ref(), parameters, pace).map_err(at_url)?;
    endpoint.name = EndpointName::from(raw.name.get_ref().as_str());
    endpoint.http_api = raw.gateway == Some(file::Gateway::Http);
    endpoint.guard = guard(raw, loaded)?;
    asked_guard(overrides, &mut endpoint.guard);
    endpoint.query = query_names(raw.query.as_ref());
    if let Some(headers) = &raw.headers {
        let wrong = |what| loaded.error_at(headers.span().start, format!("endpoint.headers: {what}"));
        for (name, value) in headers.get_ref() {
            endpoint.headers.push(header(name, value).map_err(wrong)?);
        }
    }
    endpoint.headers.extend(overrides.headers.iter().cloned());
    endpoint.auth = match (asked_auth(overrides, environment)?, &raw.auth) {
        (Some(asked), _) => asked,
        (None, None) => Auth::None,
        (None, Some(auth)) => {
            let wrong = |what| loaded.error_at(auth.span().start, format!("endpoint.auth: {what}"));
            let folder = loaded.path.as_deref().and_then(Path::parent);
            let choice = choice(auth.get_ref(), folder).map_err(wrong)?;
            credentials(&choice, environment).map_err(wrong)?
        }
    };
    let files = connect_as_written(&mut endpoint, raw, loaded, environment)?;
    // What is said on the command line has no line in the file; what the file says of PEM files stands with its URL.
    connect(&mut endpoint, overrides, &files).map_err(|what| {
        if files == PemFiles::default() {
            return ConfigError::Asked(what);
        }
        loaded.error_at(raw.url.span().start, format!("endpoint.{what}"))
    })?;
    Ok(endpoint)
}

fn asked_auth(overrides: &Overrides, environment: Environment<'_>) -> Result<Option<Auth>, ConfigError> {
    overrides
        .auth
        .as_ref()
        .map(|choice| credentials(choice, environment))
        .transpose()
        .map_err(ConfigError::Asked)
}

/// A header from its name and value.
///
/// # Errors
/// A sentence that names the header, never the value.
pub fn header(name: &str, value: &str) -> Result<Header, String> {
    Header::new(header_name(name)?, value.trim())
        .map_err(|error| format!("the value of {}: {error}", visible(name)))
}

/// A header's name.
///
/// # Errors
/// A sentence when HTTP does not allow it.
pub fn header_name(name: &str) -> Result<HeaderName, String> {
    HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| format!("{} is no header name", visible(name)))
}

fn guard(raw: &file::Endpoint, loaded: &Loaded) -> Result<Policy, ConfigError> {
    let reserve = raw.reserve.map_or(Policy::RESERVE, crate::sqs::Ranged::get);
    let dead_letter = raw.dead_letter.as_ref().filter(|dead_letter| *dead_letter.get_ref());
    let limit = match (dead_letter, raw.max_receive_count) {
        (Some(dead_letter), Some(_)) => {
            let what = "endpoint.dead_letter: messages that have nowhere to fall have no max_receive_count; keep one of the two";
            return Err(loaded.error_at(dead_letter.span().start, what.into()));
        }
        (Some(_), None) => Limit::Nowhere,
        (None, Some(count)) => Limit::Known(count.get()),
        (None, None) => Limit::Assumed,
    };
    Ok(Policy { limit, reserve, on: true })
}

fn asked_guard(overrides: &Overrides, policy: &mut Policy) {
    policy.limit = overrides.limit.unwrap_or(policy.limit);
    policy.on = policy.on && !overrides.no_guard;
}

fn query_names(raw: Option<&file::Query>) -> QueryNames {
    let plain = QueryNames::default();
    let Some(raw) = raw else { return plain };
    let named = |name: &Option<file::QueryName>, plain: String| {
        name.as_ref().map_or(plain, |file::QueryName(name)| name.clone())
    };
    QueryNames {
        max_number_of_messages: named(&raw.max_number_of_messages, plain.max_number_of_messages),
        visibility_timeout: named(&raw.visibility_timeout, plain.visibility_timeout),
        wait_time_seconds: named(&raw.wait_time_seconds, plain.wait_time_seconds),
        attribute_name: named(&raw.attribute_name, plain.attribute_name),
        message_attribute_name: named(&raw.message_attribute_name, plain.message_attribute_name),
    }
}

/// The first layer that says something wins.
fn settle(layers: &[&Polling]) -> (ReceiveParameters, Pace) {
    fn first<T: Clone>(layers: &[&Polling], get: impl Fn(&Polling) -> Option<T>, default: T) -> T {
        layers.iter().find_map(|layer| get(layer)).unwrap_or(default)
    }
    let plain = ReceiveParameters::default();
    let parameters = ReceiveParameters {
        max_number_of_messages: first(
            layers,
            |layer| layer.max_number_of_messages,
            plain.max_number_of_messages,
        ),
        visibility_timeout: first(layers, |layer| layer.visibility_timeout, plain.visibility_timeout),
        wait_time_seconds: first(layers, |layer| layer.wait_time_seconds, plain.wait_time_seconds),
        attribute_name: first(layers, |layer| layer.attribute_name.clone(), plain.attribute_name),
        message_attribute_name: first(
            layers,
            |layer| layer.message_attribute_name.clone(),
            plain.message_attribute_name,
        ),
    };
    let pace = Pace {
        interval: first(layers, |layer| layer.interval.map(|interval| interval.0), Pace::default().interval),
        burst: first(layers, |layer| layer.burst, Pace::default().burst),
        max_interval: first(
            layers,
            |layer| layer.max_interval.map(|interval| interval.0),
            Pace::default().max_interval,
        ),
    };
    (parameters, pace)
}
