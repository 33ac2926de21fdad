//! Flag over variable over the endpoint's own setting over `[defaults]` over the default: as the gateway sees it.

use crate::support::{Answer, Gateway, Home, Request, Variables};

/// What `qwatch tail orders --count 1` asks its gateway, with this config file, flags and variables.
fn asked(config: &str, words: &[&str], variables: Variables<'_>) -> Request {
    let gateway = Gateway::answering(vec![Answer::ids(&["a"])]);
    let home = Home::configured(&config.replace("GATEWAY", &gateway.url));
    let mut line = vec!["tail", "orders", "--count", "1"];
    line.extend(words);
    let ended = home.run_with(&line, variables);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    gateway.asked()
}

/// A config file, flags, variables, and the headers that arrive or do not.
type Case<'a> = (&'a str, &'a [&'a str], Variables<'a>, &'a [(&'a str, Option<&'a str>)]);
/// A config file, flags, variables, and the query string in short.
type Layered<'a> = (&'a str, &'a [&'a str], Variables<'a>, &'a str);

const ENDPOINT: &str = "[[endpoint]]\nname = 'orders'\nurl = 'GATEWAY'\n";

#[test]
fn a_flag_wins_over_a_variable_over_the_endpoint_over_the_defaults() {
    let defaults = "[defaults]\nmax_number_of_messages = 6\nvisibility_timeout = 6\nwait_time_seconds = 6
attribute_name = ['SenderId']\nmessage_attribute_name = ['d']\n";
    let endpoint = "max_number_of_messages = 7\nvisibility_timeout = 7\nwait_time_seconds = 7
attribute_name = ['SentTimestamp', 'MessageGroupId']\nmessage_attribute_name = ['e.*']\n";
    let variables = [
        ("QWATCH_MAX_NUMBER_OF_MESSAGES", "8"),
        ("QWATCH_VISIBILITY_TIMEOUT", "8"),
        ("QWATCH_WAIT_TIME_SECONDS", "8"),
        ("QWATCH_ATTRIBUTE_NAME", "SequenceNumber,SenderId"),
        ("QWATCH_MESSAGE_ATTRIBUTE_NAME", "v"),
    ];
    let flags = [
        "--max-number-of-messages=9",
        "--visibility-timeout=9",
        "--wait-time-seconds=9",
        "--attribute-name=AWSTraceHeader",
        "--message-attribute-name=f",
        "--message-attribute-name=g",
    ];
    let with_endpoint = format!("{defaults}{ENDPOINT}{endpoint}");
    let with_defaults = format!("{defaults}{ENDPOINT}");
    let cases: [Layered<'_>; 5] = [
        (ENDPOINT, &[], &[], "10 0 0 AttributeName=All&MessageAttributeName=All"),
        (&with_defaults, &[], &[], "6 6 6 AttributeName=SenderId&MessageAttributeName=d"),
        (
            &with_endpoint,
            &[],
            &[],
            "7 7 7 AttributeName.1=SentTimestamp&AttributeName.2=MessageGroupId&MessageAttributeName=e.%2A",
        ),
        (
            &with_endpoint,
            &[],
            &variables,
            "8 8 8 AttributeName.1=SequenceNumber&AttributeName.2=SenderId&MessageAttributeName=v",
        ),
        (
            &with_endpoint,
            &flags,
            &variables,
            "9 9 9 AttributeName=AWSTraceHeader&MessageAttributeName.1=f&MessageAttributeName.2=g",
        ),
    ];
    for (config, flags, variables, expected) in cases {
        let query = asked(config, flags, variables).query;
        let [max, visibility, wait, names] = expected.splitn(4, ' ').collect::<Vec<_>>().try_into().unwrap();
        let expected = format!(
            "MaxNumberOfMessages={max}&VisibilityTimeout={visibility}&WaitTimeSeconds={wait}&{names}"
        );
        assert_eq!(query, expected);
    }
}

#[test]
fn one_layer_does_not_hide_what_another_says_of_other_settings() {
    let config = format!("[defaults]\nvisibility_timeout = 6\n{ENDPOINT}wait_time_seconds = 7\n");
    let query = asked(&config, &["--attribute-name", "All"], &[("QWATCH_MAX_NUMBER_OF_MESSAGES", "8")]).query;
    assert!(query.starts_with("MaxNumberOfMessages=8&VisibilityTimeout=6&WaitTimeSeconds=7&"), "{query}");
}

#[test]
fn query_strings_go_by_the_names_that_their_owner_gave_them() {
    let config = format!(
        "{ENDPOINT}attribute_name = ['SenderId', 'SentTimestamp']\n[endpoint.query]
max_number_of_messages = 'limit'\nvisibility_timeout = 'hide for'\nattribute_name = 'attr.1'\n"
    );
    assert_eq!(
        asked(&config, &[], &[]).query,
        "limit=10&hide%20for=0&WaitTimeSeconds=0&attr.1=SenderId&attr.2=SentTimestamp&MessageAttributeName=All"
    );
}

#[test]
fn credentials_and_headers_arrive_and_the_nearer_layer_wins() {
    let key = format!(
        "{ENDPOINT}auth = {{ api_key_env = 'FILE' }}\nheaders = {{ 'x-team' = 'file', 'x-only' = 'file' }}\n"
    );
    let bearer = format!("{ENDPOINT}auth = {{ bearer_env = 'FILE' }}\n");
    let token = format!("{ENDPOINT}auth = {{ token_env = 'FILE', header = 'x-token' }}\n");
    let file = ("FILE", "from-file");
    let flag = ("FLAG", "from-flag");
    let cases: &[Case<'_>] = &[
        (ENDPOINT, &[], &[], &[("x-api-key", None), ("authorization", None)]),
        (
            &key,
            &[],
            &[file],
            &[("x-api-key", Some("from-file")), ("authorization", None), ("x-team", Some("file"))],
        ),
        (&bearer, &[], &[file], &[("authorization", Some("Bearer from-file")), ("x-api-key", None)]),
        (&token, &[], &[file], &[("x-token", Some("from-file")), ("authorization", None)]),
        (ENDPOINT, &["--api-key-env", "FLAG"], &[flag], &[("x-api-key", Some("from-flag"))]),
        (ENDPOINT, &["--bearer-env", "FLAG"], &[flag], &[("authorization", Some("Bearer from-flag"))]),
        (ENDPOINT, &["--token-env", "FLAG"], &[flag], &[("authorization", Some("from-flag"))]),
        (
            ENDPOINT,
            &["--token-env", "FLAG", "--token-header", "X-Token"],
            &[flag],
            &[("x-token", Some("from-flag")), ("authorization", None)],
        ),
        (
            &key,
            &[],
            &[("QWATCH_BEARER_ENV", "FLAG"), flag],
            &[("authorization", Some("Bearer from-flag")), ("x-api-key", None)],
        ),
        (
            &key,
            &["--token-env", "FLAG"],
            &[("QWATCH_BEARER_ENV", "ELSE"), ("QWATCH_TOKEN_HEADER", "x-token"), ("ELSE", "no"), flag],
            &[("x-token", Some("from-flag")), ("authorization", None), ("x-api-key", None)],
        ),
        (
            &key,
            &["--header", "x-team: flag", "--header", "x-more:a:b"],
            &[file, ("QWATCH_HEADER", "x-team: variable")],
            &[("x-team", Some("flag")), ("x-only", Some("file")), ("x-more", Some("a:b"))],
        ),
        (
            &key,
            &[],
            &[file, ("QWATCH_HEADER", "x-team: variable, really\nx-more: b\n")],
            &[("x-team", Some("variable, really")), ("x-more", Some("b"))],
        ),
    ];
    for (config, flags, variables, expected) in cases {
        let headers = asked(config, flags, variables).headers;
        for (name, value) in *expected {
            assert_eq!(headers.get(*name).map(String::as_str), *value, "{name} with {flags:?} {variables:?}");
        }
    }
}

#[test]
fn an_endpoint_is_found_by_its_name_and_a_mistyped_one_gets_the_nearest() {
    let config = "[[endpoint]]\nname = 'orders'\nurl = 'http://127.0.0.1:1'\n[[endpoint]]\nname = 'payments'
url = 'http://127.0.0.1:2'\n";
    let home = Home::configured(config);
    let place = home.path("xdg/qwatch/config.toml").display().to_string();
    let cases = [
        ("ordres", "no endpoint is called ordres; did you mean orders?".to_owned()),
        ("zzz", format!("no endpoint is called zzz; {place} names orders, payments")),
    ];
    for (word, expected) in cases {
        let ended = home.run(&["tail", word]);
        assert_eq!((ended.code, ended.err), (Some(2), format!("qwatch: {expected}\n")));
    }
}

#[test]
fn the_config_file_may_be_named_before_the_command_after_it_or_in_a_variable() {
    let gateway = Gateway::answering(vec![Answer::ids(&["a"])]);
    let home = Home::configured("[[endpoint]]\nname = 'other'\nurl = 'http://127.0.0.1:1'\n");
    let text = ENDPOINT.replace("GATEWAY", &gateway.url);
    std::fs::write(home.path("mine.toml"), text).unwrap();
    let cases: [(&[&str], Variables<'_>); 4] = [
        (&["--config", "mine.toml", "tail", "--count=1"], &[]),
        (&["tail", "--count=1", "--config", "mine.toml"], &[]),
        (&["tail", "--count=1"], &[("QWATCH_CONFIG", "mine.toml")]),
        (&["tail", "--count=1", "--config", "mine.toml"], &[("QWATCH_CONFIG", "none.toml")]),
    ];
    for (words, variables) in cases {
        let ended = home.run_with(words, variables);
        assert_eq!(ended.code, Some(0), "{words:?}: {ended:?}");
        assert!(ended.out.starts_with(r#"{"endpoint":"orders","#), "{}", ended.out);
    }
}
