//! Proxies come from the environment, so these tests run the program itself, in an environment of their own.

use std::process::{Output, Stdio};

use axum::Router;
use tokio::process::Command;

use super::servers::{nobody, one_message, recorded, serve};

/// Prints one message of `url`, every plain request by way of `proxy`.
async fn tail(url: &str, proxy: &str) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_qwatch"))
        .args(["tail", "--count", "1", "--for", "5s", url])
        .env_clear()
        .env("HOME", home.path())
        .env("http_proxy", proxy)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_proxy_named_in_the_environment_is_asked() {
    let (app, requests) = recorded(Router::new().fallback(|| async { one_message() }));
    let output = tail("http://gateway.invalid/prod", &serve(app).await).await;
    assert!(String::from_utf8_lossy(&output.stdout).contains("hello"), "{output:?}");
    let requests = requests.lock().unwrap();
    let (uri, _) = &requests[0];
    assert_eq!((uri.host(), uri.path()), (Some("gateway.invalid"), "/prod"), "the proxy hears the whole URL");
}

/// `qwatch demo` watches its own gateway, which no proxy can reach.
#[tokio::test]
async fn loopback_is_reached_without_a_proxy() {
    let origin = serve(Router::new().fallback(|| async { one_message() })).await;
    for url in [origin.clone(), origin.replace("127.0.0.1", "localhost")] {
        let output = tail(&url, &nobody().await).await;
        assert!(String::from_utf8_lossy(&output.stdout).contains("hello"), "{url}: {output:?}");
    }
}
