//! What is written about an endpoint never shows what it must keep.

use http::HeaderName;
use qwatch::source::{Auth, Clock, Endpoint, Header, Http, Pollers};
use tokio::sync::mpsc;

use super::servers::{endpoint, nobody};

#[tokio::test]
async fn nothing_that_holds_a_secret_shows_it_in_debug() {
    let header = Header::new(HeaderName::from_static("x-tenant"), "SECRET-header").unwrap();
    let token = Auth::Token { header: HeaderName::from_static("x-token"), token: "SECRET-token".into() };
    let (observer, _observations) = mpsc::channel(1);
    let mut pollers = Pollers::new(Http::new().unwrap(), Clock::start(), observer);
    let mut said = vec![format!("{header:?} {header:#?}")];
    for auth in [Auth::ApiKey("SECRET-key".into()), Auth::Bearer("SECRET-bearer".into()), token] {
        let endpoint = Endpoint {
            url: format!("{}/prod?code=SECRET-query#SECRET-fragment", nobody().await).parse().unwrap(),
            headers: vec![header.clone()],
            auth: auth.clone(),
            ..endpoint("https://gateway.example")
        };
        pollers.start(&endpoint);
        said.push(format!("{:?} {auth:?} {auth:#?}", auth.header(&"SECRET-held".into())));
        said.push(format!("{endpoint:?} {endpoint:#?} {:?}", Http::new().unwrap().of(endpoint.clone())));
    }
    said.push(format!("{pollers:?} {pollers:#?}"));
    let said = said.join("\n");
    assert!(!said.contains("SECRET"), "{said}");
    assert!(said.contains("/prod") && said.contains("x-tenant"), "it is still of use: {said}");
}

#[test]
fn a_secret_that_no_header_can_carry_is_refused_without_showing_it() {
    for secret in ["SECRET\n", "SEC\0RET"] {
        let refused = Auth::Bearer(secret.into()).header(&secret.into()).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("SEC"), "{refused}");
    }
}
