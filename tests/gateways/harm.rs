//! What two minutes of looking do to a queue whose messages may be received three times.

use std::io::Read as _;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::{Value, json};

use crate::templates::Stack;
use crate::{python, send};

const LOOKING: Duration = Duration::from_secs(120);
const MESSAGES: usize = 5;

/// A watch left alone leaves every message to its consumer; curl in a loop leaves none.
#[test]
#[ignore = "needs LocalStack and boto3, and two minutes: .ci/run starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn a_watch_left_alone_leaves_every_message_to_its_consumer_and_curl_in_a_loop_leaves_none() {
    let parameters = ["Authorization=None", "MaxReceiveCount=3", "RequestsPerSecond=100", "Burst=100"];
    let [watched, curled] = [(), ()].map(|()| Stack::deploy("rest-api.yaml", &parameters));
    let messages: Vec<Value> =
        (0..MESSAGES).map(|n| json!({ "body": format!("m{n}"), "attributes": {} })).collect();
    for stack in [&watched, &curled] {
        send(&stack.endpoint, stack.queue(), &messages);
    }

    let shown = std::thread::scope(|scope| {
        let watch = scope.spawn(|| leave_alone(&watched.url()));
        curl_in_a_loop(&curled.url());
        watch.join().unwrap()
    });

    assert!(shown.contains("Guarded"), "the screen says why it stopped: {shown}");
    assert_eq!(
        consumed(&watched),
        [MESSAGES, 0],
        "every message reaches the consumer, none the dead-letter queue"
    );
    assert_eq!(consumed(&curled), [0, MESSAGES], "that is what looking did");
}

/// The screen, at an interval of a second, with nobody at the keys; what it showed in all.
fn leave_alone(url: &str) -> String {
    let size = PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_qwatch"));
    command.args([url, "--interval", "1s"]);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("HOME", env!("CARGO_TARGET_TMPDIR"));
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut output = pair.master.try_clone_reader().unwrap();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // The other end of a terminal that is gone is an error on Linux.
        let _ = output.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    // Two minutes are what is asked about; there is no condition to wait for.
    std::thread::sleep(LOOKING);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

/// What people do at 3 a.m. today, for as long.
fn curl_in_a_loop(url: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        while began.elapsed() < LOOKING {
            let url = format!("{url}?MaxNumberOfMessages=10&VisibilityTimeout=0");
            client.get(url).send().await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
}

/// How many messages a consumer finds in the queue, and in its dead-letter queue.
fn consumed(stack: &Stack) -> [usize; 2] {
    let queues = [stack.queue(), stack.dead_letter_queue()];
    let counts = python("consume.py", &[stack.endpoint.as_str(), queues[0], queues[1]], "");
    serde_json::from_value(counts).unwrap()
}
