//! Proxies come from the environment, so these tests run the program itself, in an environment of their own.

use std::path::Path;
use std::process::{Output, Stdio};

use axum::Router;
#[cfg(target_os = "linux")]
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::servers::{nobody, one_message, recorded, serve};
#[cfg(target_os = "linux")]
use super::tls::{Authority, Kind};

/// Prints one message of `url`, every plain request by way of `proxy`.
async fn tail(url: &str, proxy: &str) -> Output {
    let home = tempfile::tempdir().unwrap();
    qwatch(home.path()).args(["--for", "5s", url]).env("http_proxy", proxy).output().await.unwrap()
}

/// `qwatch tail` for one message.
fn qwatch(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qwatch"));
    command.args(["tail", "--count", "1"]).env_clear().env("HOME", home);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
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

/// Nobody is asked for a trust store that is not needed: plain HTTP needs none, and with `--ca` no other authority.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_machine_without_a_trust_store_is_told_what_needs_one() {
    let answers = || Router::new().fallback(|| async { one_message() });
    let authority = Authority::new();
    let (plain, secure) = (serve(answers()).await, authority.serve(answers(), Kind::Good, None).await);
    let home = tempfile::tempdir().unwrap();
    let (none, ca) = (home.path().join("none.pem"), home.path().join("ca.pem"));
    std::fs::write(&none, "").unwrap();
    std::fs::write(&ca, authority.pem()).unwrap();
    let qwatch = |words: &[&str]| {
        let mut command = qwatch(home.path());
        command.args(words).env("SSL_CERT_FILE", &none).env("SSL_CERT_DIR", home.path().join("none"));
        command
    };
    for words in [&[plain.as_str()][..], &["--ca", ca.to_str().unwrap(), &secure]] {
        let output = qwatch(words).args(["--for", "5s"]).output().await.unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains("hello"), "{words:?}: {output:?}");
    }
    // It goes on trying: what it says first is enough.
    let mut failing = qwatch(&[&secure]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(failing.stderr.take().unwrap()).read_line(&mut said).await.unwrap();
    for words in ["TlsFailure", "this machine's trust store cannot be used", "--ca FILE"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
