//! The embedded gateway as an HTTP client sees it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use qwatch::local::{Scenario, demo};
use qwatch::wire::{self, Answer};

fn client() -> reqwest::Client {
    // Only the first test of a run installs it; for plain HTTP any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn get(client: &reqwest::Client, url: &str) -> (u16, Vec<u8>) {
    let response = client.get(url).send().await.unwrap();
    (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_demo_has_messages_for_the_very_first_receive_of_every_scenario() {
    let client = client();
    for scenario in Scenario::ALL {
        let demo = demo(scenario, 10.0, 1, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let (_, url) = &demo.endpoints()[0];
        let url = format!("{url}?MaxNumberOfMessages=10&VisibilityTimeout=0&AttributeName=All");
        let (status, body) = get(&client, &url).await;
        let received = wire::decode(&Answer { status, body: &body, ..Answer::default() }).unwrap();
        let expected = if scenario == Scenario::FifoStall { 1 } else { 10 };
        assert!(received.messages.len() >= expected, "{scenario}: {}", received.messages.len());
        demo.stop().await;
    }
}
