//! Secrets do not come onto the screen, into the log or into a panic's report; request ids go to the clipboard when asked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::gateway::{Gateway, response};
use crate::screen::Screen;

const PLANTED: &str = "hunter2";
const WORDS: &str = "not good enough: header-hunter2-value, code=url-hunter2-and-more, ";

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(PLANTED.len()).any(|part| part == PLANTED.as_bytes())
}

#[test]
fn no_secret_is_on_the_screen_in_the_log_or_in_a_panics_report() {
    let (bearer, signed) = (&["--bearer-env", "TOKEN"][..], &["--sigv4", "--region", "eu-west-1"][..]);
    for (door, panics) in [(bearer, ""), (signed, ""), (bearer, "loop"), (bearer, "task")] {
        let state = tempfile::tempdir().unwrap();
        let sent = if door == bearer { "Bearer env-hunter2-bearer" } else { "session-hunter2-token" };
        let words = serde_json::json!({ "message": format!("{WORDS}{sent}") }).to_string();
        let gateway = Gateway::start(move |_| response("403 Forbidden", "application/json", &words));
        let url = gateway.url("prod?code=url-hunter2-and-more");
        let variables = [
            ("TOKEN", "env-hunter2-bearer"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "aws-hunter2-secret"),
            ("AWS_SESSION_TOKEN", "session-hunter2-token"),
            ("QWATCH_HEADER", "x-extra: header-hunter2-value"),
            ("QWATCH_LOG", "trace"),
            ("XDG_STATE_HOME", state.path().to_str().unwrap()),
            ("QWATCH_TEST_PANIC", panics),
        ];
        let mut screen = Screen::start_with(&[door, &[url.as_str()]].concat(), (120, 36), &variables);
        if panics.is_empty() {
            screen.wait_for_text("not good enough");
            for keys in ["!", "!", "i", "i", "?"] {
                screen.press(keys);
            }
            screen.wait_for_text("Moving");
            screen.press("\x03");
        }
        let left = screen.left();
        assert!(!holds(&left.raw), "{door:?} {panics} {}", String::from_utf8_lossy(&left.raw));
        let log = std::fs::read(state.path().join("qwatch/qwatch.log")).unwrap();
        assert!(!log.is_empty(), "there is a log to look into");
        assert!(!holds(&log), "{}", String::from_utf8_lossy(&log));
    }
}

#[test]
fn request_ids_are_copied_to_the_terminals_clipboard() {
    let gateway = Gateway::start(|_| {
        let mut answer = response("403 Forbidden", "application/json", r#"{"message":"Forbidden"}"#);
        let at = answer.windows(2).position(|pair| pair == b"\r\n").unwrap() + 2;
        answer.splice(at..at, *b"x-amzn-RequestId: req-42\r\nx-amz-apigw-id: gw-42\r\n");
        answer
    });
    let mut screen = Screen::start(&[&gateway.url("prod")], (120, 36));
    screen.wait_for_text("Forbidden");
    screen.press("!");
    screen.wait_for_text("req-42");
    screen.press("y");
    screen.wait_for_text("copied 1 request id");
    let raw = screen.raw_output();
    let raw = String::from_utf8_lossy(&raw);
    let copied = raw.split("\x1b]52;c;").nth(1).unwrap().split("\x1b\\").next().unwrap();
    let copied = String::from_utf8(STANDARD.decode(copied).unwrap()).unwrap();
    assert!(copied.starts_with("api_key 403: Forbidden"), "{copied}");
    assert!(copied.contains("x-amzn-RequestId req-42 x-amz-apigw-id gw-42"), "{copied}");
    screen.press("\x03");
    screen.left();
}
