//! What a receive asks for, as a query string. Everything but letters, digits and `-._~` is escaped, which is how
//! Signature Version 4 writes it, so that what is sent and what is signed are the same bytes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::source::QueryNames;
use crate::sqs::{AttributeName, ReceiveParameters};

/// All that Signature Version 4 escapes.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A query string's name and value.
pub type Pair = (String, String);

/// What these parameters are by the owner's names.
#[must_use]
pub fn pairs(names: &QueryNames, parameters: &ReceiveParameters) -> Vec<Pair> {
    let mut pairs = vec![
        (names.max_number_of_messages.clone(), parameters.max_number_of_messages.to_string()),
        (names.visibility_timeout.clone(), parameters.visibility_timeout.to_string()),
        (names.wait_time_seconds.clone(), parameters.wait_time_seconds.to_string()),
    ];
    let owned = |(name, value): (String, &str)| (name, value.to_owned());
    let system: Vec<&str> = parameters.attribute_name.iter().map(AttributeName::as_str).collect();
    pairs.extend(numbered(&names.attribute_name, &system).map(owned));
    let custom: Vec<&str> = parameters.message_attribute_name.iter().map(String::as_str).collect();
    pairs.extend(numbered(&names.message_attribute_name, &custom).map(owned));
    pairs
}

/// The URL with these pairs after what its own query says.
#[must_use]
pub fn with_pairs(base: &Url, pairs: &[Pair]) -> Url {
    let mut url = base.clone();
    let own = base.query().filter(|own| !own.is_empty()).map(str::to_owned);
    let query: Vec<String> = own.into_iter().chain(pairs.iter().map(escaped)).collect();
    url.set_query(Some(&query.join("&")).filter(|query| !query.is_empty()).map(String::as_str));
    url
}

/// The URL with its own query escaped as Signature Version 4 has it, meaning the same.
pub(super) fn canonical(base: &Url) -> Url {
    let own: Vec<Pair> =
        base.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let mut url = base.clone();
    url.set_query(None);
    with_pairs(&url, &own)
}

fn escaped((name, value): &Pair) -> String {
    format!("{}={}", utf8_percent_encode(name, ESCAPED), utf8_percent_encode(value, ESCAPED))
}

/// One value goes under the plain name, which is what the public sample maps; several are numbered from 1, which
/// is how the Query protocol writes a list.
fn numbered<'a>(name: &str, values: &[&'a str]) -> impl Iterator<Item = (String, &'a str)> {
    let single = values.len() == 1;
    let stem = name.strip_suffix(".1").unwrap_or(name);
    values.iter().enumerate().map(move |(index, value)| {
        (if single { name.to_owned() } else { format!("{stem}.{}", index + 1) }, *value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(base: &str, names: &QueryNames, parameters: &ReceiveParameters) -> String {
        with_pairs(&Url::parse(base).unwrap(), &pairs(names, parameters)).query().unwrap().to_owned()
    }

    #[test]
    fn receive_parameters_carry_sqs_names_and_lists_are_numbered() {
        let base = "https://host/prod?queue=a";
        let mut parameters = ReceiveParameters::default();
        assert_eq!(
            url(base, &QueryNames::default(), &parameters),
            "queue=a&MaxNumberOfMessages=10&VisibilityTimeout=0&WaitTimeSeconds=0&AttributeName=All&MessageAttributeName=All"
        );
        parameters.attribute_name = vec![AttributeName::SenderId, AttributeName::SentTimestamp];
        parameters.message_attribute_name = Vec::new();
        let names = QueryNames { max_number_of_messages: "n".into(), ..QueryNames::default() };
        assert_eq!(
            url(base, &names, &parameters),
            "queue=a&n=10&VisibilityTimeout=0&WaitTimeSeconds=0&AttributeName.1=SenderId&AttributeName.2=SentTimestamp"
        );
    }

    #[test]
    fn escapes_are_those_that_are_signed() {
        let names = QueryNames { max_number_of_messages: "how many*~'é".into(), ..QueryNames::default() };
        let parameters = ReceiveParameters {
            message_attribute_name: vec!["a+b/c*".into()],
            ..ReceiveParameters::default()
        };
        let query = url("https://host/prod", &names, &parameters);
        assert!(query.starts_with("how%20many%2A~%27%C3%A9=10&"), "{query}");
        assert!(query.ends_with("&MessageAttributeName=a%2Bb%2Fc%2A"), "{query}");
        let own = Url::parse("https://host/prod?a+b=%7e*&flag&x=1=2").unwrap();
        assert_eq!(canonical(&own).query(), Some("a%20b=~%2A&flag=&x=1%3D2"));
        assert_eq!(with_pairs(&Url::parse("https://host/prod").unwrap(), &[]).as_str(), "https://host/prod");
    }
}
