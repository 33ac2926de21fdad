//! The templates under `assets/gateway`, deployed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{messages, python, qwatch, send, tail, unique, variable};

/// A stack, deleted at the end.
pub struct Stack {
    pub endpoint: String,
    name: String,
    deployed: Deployed,
}

#[derive(Deserialize)]
struct Deployed {
    status: String,
    outputs: BTreeMap<String, String>,
    api_key: Option<String>,
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    reason: String,
}

impl Stack {
    pub fn deploy(template: &str, parameters: &[&str]) -> Self {
        let (endpoint, name) = (variable("QWATCH_LOCALSTACK"), unique("gateway"));
        let template = template_path(template);
        let words = [&[endpoint.as_str(), "create", &name, &template], parameters].concat();
        let deployed = serde_json::from_value(python("deploy.py", &words, "")).unwrap();
        Self { endpoint, name, deployed }
    }

    pub fn queue(&self) -> &str {
        self.deployed.outputs["QueueArn"].rsplit(':').next().unwrap()
    }

    pub fn dead_letter_queue(&self) -> &str {
        self.deployed.outputs["DeadLetterQueueArn"].rsplit(':').next().unwrap()
    }

    /// The printed host does not resolve; this path does.
    pub fn url(&self) -> String {
        format!("{}/_aws/execute-api/{}/prod", self.endpoint, self.deployed.outputs["ApiId"])
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        python("deploy.py", &[&self.endpoint, "delete", &self.name], "");
    }
}

fn template_path(template: &str) -> String {
    format!("{}/assets/gateway/{template}", env!("CARGO_MANIFEST_DIR"))
}

/// The names that stand two columns in below `Parameters:`.
fn parameters(template: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(template_path(template)).unwrap();
    let lines = text.lines().skip_while(|line| *line != "Parameters:").skip(1);
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with(' '));
    let names = lines
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':').filter(|name| !name.starts_with(' ')));
    names.map(str::to_owned).collect()
}

#[test]
fn the_readme_explains_every_parameter_and_no_other() {
    let readme = std::fs::read_to_string(template_path("README.md")).unwrap();
    let table = readme.split("## Parameters").nth(1).unwrap().split("##").next().unwrap();
    let firsts =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" |")).map(|(cell, _)| cell);
    let explained: BTreeSet<String> =
        firsts.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`').to_owned()).collect();
    let taken: BTreeSet<String> =
        ["rest-api.yaml", "http-api.yaml"].into_iter().flat_map(parameters).collect();
    assert!(taken.len() > 10, "{taken:?}");
    assert_eq!(explained, taken);
}

#[test]
#[ignore = "needs cfn-lint: .ci/run installs it beside boto3, and sets QWATCH_BOTO3"]
fn cfn_lint_finds_nothing_in_the_templates() {
    let templates = ["rest-api.yaml", "http-api.yaml"].map(template_path);
    let cfn_lint = PathBuf::from(variable("QWATCH_BOTO3")).with_file_name("cfn-lint");
    let linted = Command::new(cfn_lint).args(templates).output().unwrap();
    assert!(linted.status.success(), "{}", String::from_utf8_lossy(&linted.stdout));
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn a_new_queue_s_messages_come_through_the_rest_api_with_all_their_attributes() {
    let stack = Stack::deploy("rest-api.yaml", &["Authorization=None"]);
    assert_eq!(stack.deployed.status, "CREATE_COMPLETE");
    assert!(stack.deployed.outputs.contains_key("DeadLetterQueueArn"));
    // Where it answers in JSON, LocalStack trims every value and makes an empty one null.
    let messages: Vec<Value> =
        messages().into_iter().map(trimmed).filter(|message| message["body"] != "").collect();
    let sent = send(&stack.endpoint, stack.queue(), &messages);
    sent.assert_printed_by(&tail(&stack.url(), messages.len(), &[]));
}

fn trimmed(message: Value) -> Value {
    match message {
        Value::String(text) => text.trim().into(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, trimmed(value))).collect(),
        other => other,
    }
}

/// Several names go as `AttributeName.1`, `.2`: what the plain mapping of a query string cannot do.
#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn an_existing_queue_gives_the_attributes_of_a_list_and_no_other() {
    let endpoint = variable("QWATCH_LOCALSTACK");
    let queue = unique("existing");
    let attribute = |value: &str| json!({ "data_type": "String", "value": value });
    let attributes =
        json!({ "kind": attribute("order"), "region": attribute("eu"), "secret": attribute("x") });
    send(&endpoint, &queue, &[json!({ "body": "x", "attributes": attributes })]);
    let arn = format!("QueueArn=arn:aws:sqs:us-east-1:000000000000:{queue}");
    let stack = Stack::deploy("rest-api.yaml", &["Authorization=None", &arn]);
    assert!(!stack.deployed.resources.contains_key("Queue"), "none is made");

    let names = ["--attribute-name=SentTimestamp,SenderId", "--message-attribute-name=kind,region"];
    let printed = tail(&stack.url(), 1, &names);

    let line: Value = serde_json::from_slice(&printed.stdout).unwrap_or_else(|_| panic!("{printed:?}"));
    let keys = |member: &str| line[member].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys("attributes"), ["SenderId", "SentTimestamp"]);
    assert_eq!(keys("message_attributes"), ["kind", "region"]);
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn unless_asked_otherwise_the_rest_api_demands_its_key() {
    let stack = Stack::deploy("rest-api.yaml", &["AccessLogs=true"]);
    assert_eq!(stack.deployed.status, "CREATE_COMPLETE");
    send(&stack.endpoint, stack.queue(), &[json!({ "body": "x", "attributes": {} })]);
    let refused = tail(&stack.url(), 1, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("Forbidden"), "{refused:?}");
    let words = ["tail", &stack.url(), "--count=1", "--api-key-env=KEY"];
    let taken = qwatch(&words).env("KEY", stack.deployed.api_key.as_ref().unwrap()).output().unwrap();
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn an_error_of_sqs_is_an_error_of_the_rest_api() {
    let endpoint = variable("QWATCH_LOCALSTACK");
    let arn = "QueueArn=arn:aws:sqs:us-east-1:000000000000:never-created";
    let stack = Stack::deploy("rest-api.yaml", &["Authorization=None", arn]);
    assert_eq!(stack.endpoint, endpoint);
    let refused = tail(&stack.url(), 1, &[]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("NonExistentQueue") && said.contains("400"), "{said}");
}

/// `LocalStack`'s community edition has no HTTP APIs: it takes their resources and makes nothing of them, so that no message
/// can be read here. What it does make is real: the queues, the role, the log group.
#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn the_http_api_deploys_as_far_as_localstack_knows_http_apis() {
    let jwt = ["Authorization=JWT", "JwtIssuer=https://example.com", "JwtAudience=qwatch"];
    for (authorization, expected) in [(&["Authorization=NONE"][..], 8), (&jwt, 9)] {
        let stack = Stack::deploy("http-api.yaml", authorization);
        assert_eq!(stack.deployed.status, "CREATE_COMPLETE");
        assert_eq!(stack.deployed.resources.len(), expected);
        for resource in stack.deployed.resources.values() {
            let Resource { kind, status, reason } = resource;
            assert_eq!(status, "CREATE_COMPLETE", "{kind}");
            assert_eq!(
                reason.contains("not supported"),
                kind.starts_with("AWS::ApiGatewayV2::"),
                "{kind}: {reason}"
            );
        }
        send(&stack.endpoint, stack.queue(), &[json!({ "body": "x", "attributes": {} })]);
    }
}
