//! `qwatch gateway --queue-url` in front of moto's SQS and of `LocalStack`'s.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::{messages, qwatch, send, tail, unique, variable};

#[test]
#[ignore = "needs moto and boto3: .ci/run installs and starts it, and sets QWATCH_MOTO and QWATCH_BOTO3"]
fn what_is_sent_to_moto_arrives_as_it_was_sent() {
    arrives_as_it_was_sent(&variable("QWATCH_MOTO"));
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts it, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn what_is_sent_to_localstack_arrives_as_it_was_sent() {
    arrives_as_it_was_sent(&variable("QWATCH_LOCALSTACK"));
}

#[test]
#[ignore = "needs moto: .ci/run installs and starts it, and sets QWATCH_MOTO"]
fn a_queue_that_moto_does_not_have_is_a_fault_with_the_code_of_sqs() {
    refuses_an_absent_queue(&variable("QWATCH_MOTO"));
}

#[test]
#[ignore = "needs LocalStack: .ci/run installs and starts it, and sets QWATCH_LOCALSTACK"]
fn a_queue_that_localstack_does_not_have_is_a_fault_with_the_code_of_sqs() {
    refuses_an_absent_queue(&variable("QWATCH_LOCALSTACK"));
}

fn arrives_as_it_was_sent(endpoint: &str) {
    let sent = send(endpoint, &unique("upstream"), &messages());
    let gateway = Gateway::before(&sent.queue_url);
    sent.assert_printed_by(&tail(&gateway.url, sent.messages.len(), &[]));
}

fn refuses_an_absent_queue(endpoint: &str) {
    let gateway = Gateway::before(&format!("{endpoint}/000000000000/{}", unique("never-created")));
    let tail = tail(&gateway.url, 1, &[]);
    let said = String::from_utf8(tail.stderr).unwrap();
    assert_eq!(tail.status.code(), Some(1), "{said}");
    assert!(said.contains("AWS.SimpleQueueService.NonExistentQueue"), "{said}");
}

struct Gateway {
    child: Child,
    url: String,
}

impl Gateway {
    fn before(queue_url: &str) -> Self {
        let mut child = qwatch(&["gateway", "--listen", "127.0.0.1:0", "--queue-url", queue_url])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim_end().to_owned() }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
