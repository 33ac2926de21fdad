//! `qwatch tail`: the lines that scripts read, the faults that people read, and the exit codes.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use qwatch::local::{Scenario, demo};
use serde_json::{Value, json};

use crate::support::{Answer, Ended, Gateway, Home, finish};

const KEYS: [&str; 8] = [
    "endpoint",
    "received_at",
    "first_seen",
    "message_id",
    "body",
    "md5_of_body",
    "attributes",
    "message_attributes",
];

fn tail(gateway: &Gateway, words: &[&str]) -> Ended {
    let mut line = vec!["tail", gateway.url.as_str(), "--interval=10ms"];
    line.extend(words);
    Home::new().run(&line)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The outermost keys as they stand in the raw line, which a parsed object might reorder.
fn assert_keys_in_order(line: &str, keys: &[&str]) {
    let object: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
    assert_eq!(object.len(), keys.len(), "{line}");
    let places: Vec<_> = keys.iter().map(|key| line.find(&format!("\"{key}\":"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{line}");
}

#[test]
fn a_line_has_the_keys_of_the_contract_in_its_order_and_every_value_as_it_came() {
    let url = |gateway: &Gateway| gateway.url["http://".len()..].to_owned();
    for shape in ["query-json.json", "aws-json.json", "query.xml"] {
        let body =
            std::fs::read_to_string(format!("{}/tests/fixtures/wire/{shape}", env!("CARGO_MANIFEST_DIR")));
        let gateway = Gateway::answering(vec![Answer::ok(&body.unwrap())]);
        let ended = tail(&gateway, &["--count", "2"]);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{shape}");
        ended.out.lines().for_each(|line| assert_keys_in_order(line, &KEYS));
        let mut lines = lines(&ended.out);
        for line in &mut lines {
            let at = line["received_at"].take();
            assert_is_a_time(at.as_str().unwrap());
        }
        let first = json!({
            "endpoint": url(&gateway), "received_at": null, "first_seen": true,
            "message_id": "60e827c3-0000-0000-0000-000000000000",
            "body": "hello", "md5_of_body": "5d41402abc4b2a76b9719d911017c592",
            "attributes": {"SentTimestamp": "1677112427387", "ApproximateReceiveCount": "1", "SomethingNew": "kept"},
            "message_attributes": {
                "order_id": {"data_type": "String", "value": "123A"},
                "trace": {"data_type": "Binary", "value": "AAEC"},
            },
        });
        assert_eq!(lines[0], first, "{shape}");
        assert_eq!(lines[1]["body"], "{\"quoted\":\"日本\\n\"}", "{shape}");
        assert_eq!(
            (&lines[1]["attributes"], &lines[1]["message_attributes"]),
            (&json!({}), &json!({})),
            "{shape}"
        );
    }
}

/// RFC 3339 in UTC with milliseconds, such as `2026-01-31T12:04:07.250Z`, and about now.
fn assert_is_a_time(text: &str) {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000Z", "{text}");
    let age = chrono::Utc::now() - text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert!(age.abs() < chrono::TimeDelta::minutes(1), "{text}");
}

fn with_bodies(bodies: &[&str]) -> Answer {
    let messages: Vec<_> = bodies
        .iter()
        .enumerate()
        .map(|(number, body)| {
            serde_json::json!({"MessageId": format!("m{number}"), "ReceiptHandle": "h", "Body": body,
                "Attributes": {"ApproximateReceiveCount": number.to_string()}})
        })
        .collect();
    Answer::ok(&serde_json::json!({ "Messages": messages }).to_string())
}

#[test]
fn a_filter_prints_only_what_it_takes_and_counts_only_that() {
    let bodies = [r#"{"status":"failed"}"#, r#"{"status":"open"}"#, r#"{"status":"failed","n":7}"#];
    for (filter, variables, expected) in [
        ("body.status = failed", &[][..], vec!["m0", "m2"]),
        ("@seven or attr.ApproximateReceiveCount = 1", &[], vec!["m1", "m2"]),
        ("is:redelivered", &[], vec!["m2"]),
        ("", &[("QWATCH_FILTER", "not failed")], vec!["m1", "m1"]),
    ] {
        let gateway = Gateway::answering(vec![with_bodies(&bodies)]);
        let config =
            format!("[filters]\nseven = 'body.n = 7'\n[[endpoint]]\nname = 'a'\nurl = '{}'\n", gateway.url);
        let home = Home::configured(&config);
        let count = expected.len().to_string();
        let mut words = vec!["tail", "a", "--dead-letter", "--interval", "20ms", "--count", &count];
        if !filter.is_empty() {
            words.extend(["--filter", filter]);
        }
        let ended = home.run_with(&words, variables);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
        let ids: Vec<String> = ended
            .out
            .lines()
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).unwrap()["message_id"]
                    .as_str()
                    .unwrap()
                    .into()
            })
            .collect();
        assert_eq!(ids, expected, "{filter}");
    }
}

#[test]
fn a_filter_that_cannot_be_read_is_shown_with_a_mark_under_the_character() {
    let ended = Home::new().run(&["tail", "http://127.0.0.1:1", "--filter", "数量 and size > tall"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let lines: Vec<&str> = ended.err.lines().collect();
    assert!(lines[0].starts_with("qwatch: --filter: a size is a number of bytes"), "{ended:?}");
    assert_eq!(lines[1..], ["  数量 and size > tall", "                  ^"], "{ended:?}");
}

#[test]
fn the_receipt_handle_is_a_key_and_printed_only_when_asked_for() {
    let gateway = Gateway::answering(vec![Answer::ids(&["a"])]);
    assert!(!tail(&gateway, &["--count=1"]).out.contains("key-a"));
    let line = tail(&gateway, &["--count=1", "--receipt-handle"]).out;
    assert_keys_in_order(&line, &[KEYS.as_slice(), &["receipt_handle"]].concat());
    assert_eq!(lines(&line)[0]["receipt_handle"], "key-a");
}

#[test]
fn a_message_that_was_printed_before_says_so_or_with_distinct_is_left_out() {
    let answers = || vec![Answer::ids(&["a", "b"]), Answer::ids(&["b", "c"]), Answer::ids(&["a", "d"])];
    let seen = |words: &[&str]| -> Vec<(String, bool)> {
        let ended = tail(&Gateway::answering(answers()), &[words, &["--no-guard"]].concat());
        assert_eq!(ended.code, Some(0));
        let pick = |line: Value| {
            (line["message_id"].as_str().unwrap().into(), line["first_seen"].as_bool().unwrap())
        };
        lines(&ended.out).into_iter().map(pick).collect()
    };
    let pairs =
        |pairs: &[(&str, bool)]| pairs.iter().map(|(id, first)| ((*id).into(), *first)).collect::<Vec<_>>();
    assert_eq!(
        seen(&["--count=6"]),
        pairs(&[("a", true), ("b", true), ("b", false), ("c", true), ("a", false), ("d", true)])
    );
    assert_eq!(
        seen(&["--count=4", "--distinct"]),
        pairs(&[("a", true), ("b", true), ("c", true), ("d", true)])
    );
}

#[test]
fn an_id_that_two_endpoints_bring_is_printed_once_under_distinct() {
    let main = Gateway::answering(vec![Answer::ids(&["a", "c"])]);
    let dead = Gateway::answering(vec![Answer::ids(&["a", "b"])]);
    let ended = Home::new().run(&["tail", &main.url, &dead.url, "--count=3", "--distinct"]);
    let mut ids: Vec<_> = lines(&ended.out).iter().map(|line| line["message_id"].to_string()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [r#""a""#, r#""b""#, r#""c""#]);
}

#[test]
fn count_stops_within_an_answer_and_for_stops_in_time() {
    let gateway = Gateway::answering(vec![Answer::ids(&["a", "b", "c"])]);
    assert_eq!(tail(&gateway, &["--count=2"]).out.lines().count(), 2);
    assert_eq!(tail(&gateway, &["--count=4"]).out.lines().count(), 4);
    let quiet = Gateway::answering(vec![Answer::empty()]);
    let began = std::time::Instant::now();
    let ended = tail(&quiet, &["--for=200ms"]);
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (Some(0), "", ""));
    assert!(began.elapsed() >= std::time::Duration::from_millis(200));
}

#[test]
fn a_fault_is_one_line_with_kind_status_code_and_request_id_and_the_last_endpoint_ends_it_with_1() {
    let answer = |status, headers, body: &str| Answer { status, headers, body: body.to_owned() };
    let stopped = "qwatch: every endpoint has stopped; the faults above say why";
    let ids = "x-amzn-RequestId: 7d5c-1\r\nx-amzn-ErrorType: ForbiddenException\r\n";
    let cases = [
        (
            answer(403, ids, r#"{"message":"Forbidden"}"#),
            "api_key 403 ForbiddenException: Forbidden (request 7d5c-1)",
        ),
        (
            answer(
                200,
                "",
                r#"{"Error":{"Code":"AWS.SimpleQueueService.NonExistentQueue","Message":"gone\u001b[31m","Type":"Sender"},"RequestId":"r-2"}"#,
            ),
            "sqs 200 AWS.SimpleQueueService.NonExistentQueue: gone␛[31m (request r-2)",
        ),
        (answer(200, "", "{\"rows\":\n []}"), "unrecognised 200: "),
    ];
    for (answer, expected) in cases {
        let gateway = Gateway::answering(vec![answer]);
        let ended = tail(&gateway, &[]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
        let [fault, last] = ended.err.lines().collect::<Vec<_>>().try_into().unwrap();
        let begins = format!("qwatch: {}: {expected}", &gateway.url["http://".len()..]);
        assert!(fault.starts_with(&begins) && fault.contains("; stopped. "), "{fault}");
        assert_eq!(last, stopped);
    }
}

#[test]
fn a_fault_that_may_pass_is_said_and_polling_goes_on() {
    let throttled = Answer { status: 429, headers: "", body: r#"{"message":"Too Many Requests"}"#.into() };
    let gateway = Gateway::answering(vec![throttled, Answer::ids(&["a"])]);
    let ended = tail(&gateway, &["--count=1"]);
    assert_eq!((ended.code, ended.out.lines().count()), (Some(0), 1));
    assert!(ended.err.contains("throttled 429: Too Many Requests; trying again in "), "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
}

/// Two receives of the three that are assumed: the last is the consumer's.
#[test]
fn a_guarded_stop_says_why_and_what_to_do_and_exits_with_3() {
    let cases: [(&[&str], Option<i32>, usize); 5] = [
        (&["--count=9"], Some(3), 2),
        (&["--count=9", "--max-receive-count=6"], Some(3), 5),
        (&["--count=9", "--max-receive-count=10"], Some(0), 9),
        (&["--count=9", "--dead-letter"], Some(0), 9),
        (&["--count=9", "--no-guard"], Some(0), 9),
    ];
    for (words, code, printed) in cases {
        let gateway = Gateway::answering(vec![Answer::ids(&["a"])]);
        let ended = tail(&gateway, &[words, &["--max-interval=10ms"]].concat());
        assert_eq!((ended.code, ended.out.lines().count()), (code, printed), "{words:?}: {}", ended.err);
        assert_eq!(
            ended.err.contains("--max-receive-count N says the queue's limit"),
            code == Some(3),
            "{}",
            ended.err
        );
    }
    let gateway = Gateway::answering(vec![Answer::ids(&["0e827c3f-0000-4abc-9000-000000000001"])]);
    let ended = tail(&gateway, &["--count=9"]);
    let said = "guarded: message 0e827c3f-0000-4abc-9000-000000000001 has 2 receives, 2 by us, 0 by others; the limit is 3 (assumed";
    assert!(ended.err.contains(said), "{}", ended.err);
}

#[test]
fn one_endpoint_that_stops_does_not_end_the_others() {
    let gone = Gateway::answering(vec![Answer { status: 404, headers: "", body: String::new() }]);
    let alive = Gateway::answering(vec![Answer::ids(&["a"])]);
    let ended = Home::new().run(&[
        "tail",
        &gone.url,
        &alive.url,
        "--interval=10ms",
        "--max-interval=10ms",
        "--count=30",
        "--no-guard",
    ]);
    assert_eq!((ended.code, ended.out.lines().count()), (Some(0), 30));
    assert!(ended.err.contains(" address 404"), "{}", ended.err);
}

#[test]
fn no_failing_run_shows_a_secret() {
    let cases = [
        Answer {
            status: 403,
            headers: "x-amzn-ErrorType: ForbiddenException\r\n",
            body: r#"{"message":"Forbidden"}"#.into(),
        },
        Answer { status: 302, headers: "Location: http://127.0.0.1:1/elsewhere\r\n", body: String::new() },
        Answer::ok("{"),
        Answer::ok("no queue here"),
    ];
    let flags = ["--api-key-env", "--bearer-env", "--token-env"];
    for (answer, flag) in cases.into_iter().zip(flags.into_iter().cycle()) {
        let gateway = Gateway::answering(vec![answer, Answer::ids(&["a"])]);
        let words = ["tail", gateway.url.as_str(), flag, "KEY", "--header", "x-own: hunter2", "--count=1"];
        let variables = [("KEY", "hunter2"), ("RUST_LOG", "trace"), ("RUST_BACKTRACE", "1")];
        let ended = Home::new().run_with(&words, &variables);
        assert!(!ended.err.is_empty() && !(ended.out + &ended.err).contains("hunter2"), "{flag}");
        let sent = gateway.asked().headers.into_values().filter(|value| value.contains("hunter2")).count();
        assert_eq!(sent, 2, "{flag}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_with_130_after_what_was_received_has_been_printed() {
    for signal in ["-INT", "-TERM"] {
        let gateway = Gateway::answering(vec![Answer::ids(&["a"]), Answer::empty()]);
        let mut child = Home::new().command(&["tail", &gateway.url]).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        assert!(line.contains(r#""message_id":"a""#), "{line}");
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let ended = finish(child);
        assert_eq!((ended.code, ended.err.as_str()), (Some(130), ""), "{signal}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let gateway = Gateway::answering(vec![Answer::ids(&["a", "b"])]);
    let mut child = Home::new().command(&["tail", &gateway.url, "--interval=10ms"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_keys_in_order(&line, &KEYS);
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}

#[test]
fn a_closed_standard_error_is_no_reason_to_panic() {
    let gateway = Gateway::answering(vec![Answer { status: 404, headers: "", body: String::new() }]);
    let mut child = Home::new().command(&["tail", &gateway.url]).stdout(Stdio::null()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(finish(child).code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_gateway_is_tailed_like_any_other() {
    let demo = demo(Scenario::Steady, 50.0, 7, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let (_, url) = demo.endpoints().swap_remove(0);
    let ended = tokio::task::spawn_blocking(move || {
        Home::new().run(&[
            "tail",
            &url,
            "--interval=50ms",
            "--count=25",
            "--distinct",
            "--max-receive-count=1000",
        ])
    });
    let ended = ended.await.unwrap();
    demo.stop().await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    ended.out.lines().for_each(|line| assert_keys_in_order(line, &KEYS));
    let lines = lines(&ended.out);
    let ids: std::collections::BTreeSet<_> =
        lines.iter().map(|line| line["message_id"].to_string()).collect();
    assert_eq!((lines.len(), ids.len()), (25, 25));
    assert!(lines.iter().all(|line| line["attributes"]["SentTimestamp"].is_string()));
}
