//! What cannot be meant is refused with exit code 2 and one sentence, before anything is sent.

use crate::support::{Answer, Gateway, Home, Variables};

const SECRET: &str = "hunter2";

/// Flags, variables, and what is said of them.
type Case<'a> = (&'a [&'a str], Variables<'a>, String);

/// Runs `qwatch tail`, which would poll; `GATEWAY` in the words is a gateway's URL.
fn refused(words: &[&str], variables: Variables<'_>) -> String {
    let gateway = Gateway::answering(vec![Answer::empty()]);
    let home = Home::new();
    let mut line = vec!["tail"];
    line.extend(words.iter().map(|word| if *word == "GATEWAY" { gateway.url.as_str() } else { *word }));
    let ended = home.run_with(&line, variables);
    assert_eq!(ended.code, Some(2), "{words:?}: {ended:?}");
    assert_eq!(ended.out, "", "{words:?}");
    assert!(!ended.err.contains(SECRET), "{words:?}: {}", ended.err);
    assert!(!gateway.was_asked(), "{words:?}: something was sent");
    let place = home.path("xdg/qwatch/config.toml").display().to_string();
    ended.err.replace(&place, "config.toml").replace(&gateway.url, "GATEWAY")
}

/// Likewise; the sentence alone.
fn sentence(words: &[&str], variables: Variables<'_>) -> String {
    let said = refused(words, variables);
    let sentence = said.strip_prefix("qwatch: ").and_then(|said| said.strip_suffix('\n'));
    let sentence = sentence.unwrap_or_else(|| panic!("{words:?}: {said}"));
    assert!(!sentence.contains('\n'), "{words:?}: {said}");
    sentence.to_owned()
}

#[test]
fn what_is_no_gateways_url_is_refused_without_repeating_a_password() {
    let user = "the URL holds a user name or password, which would show on the screen; \
                put it into an environment variable and name that with --token-env";
    let cases = [
        ("example.com/prod", "example.com/prod is no URL: it has no scheme; write https://example.com/prod"),
        (
            "https:host/prod",
            "https:host/prod is no URL: two slashes follow the scheme; write https://host/prod",
        ),
        ("https://", "https:// has no host; write it as https://HOST/PATH"),
        ("https:///prod", "https:///prod has no host; write it as https://HOST/PATH"),
        ("https://:443/", "https://:443/ has no host; write it as https://HOST/PATH"),
        ("https://host:99999/", "https://host:99999/ is no URL: invalid port number"),
        ("ftp://host/x", "ftp://host/x cannot be polled: the scheme must be http or https"),
        ("https://me:hunter2@host/x", user),
        ("https://hunter2@host/x", user),
        ("me:hunter2@host/x", user),
        ("https://me:hunter2@host:99999/", "https://…@host:99999/ is no URL: invalid port number"),
        ("ftp://me:hunter2@host/", "ftp://…@host/ cannot be polled: the scheme must be http or https"),
        ("ftp://host/?key=hunter2", "ftp://host/?… cannot be polled: the scheme must be http or https"),
        ("", "an endpoint's name or URL must not be empty"),
        (
            "\x1b[31m",
            "no endpoint is called ␛[31m, and config.toml names none; give a URL, or try `qwatch demo`",
        ),
        (
            "orders",
            "no endpoint is called orders, and config.toml names none; give a URL, or try `qwatch demo`",
        ),
    ];
    for (word, expected) in cases {
        assert_eq!(sentence(&[word], &[]), expected);
    }
}

#[test]
fn a_value_that_cannot_be_used_is_refused_in_the_name_of_the_flag_or_the_variable_that_gave_it() {
    let interval = |given| format!("must be a duration from 10ms to 1day, such as 2s or 500ms, not {given}");
    let whole = |least, most, given| format!("must be a whole number from {least} to {most}, not {given}");
    let cases = [
        ("max-number-of-messages", "0", whole(1, 10, "0")),
        ("max-number-of-messages", "11", whole(1, 10, "11")),
        ("max-number-of-messages", "ten", whole(1, 10, "ten")),
        ("visibility-timeout", "-1", whole(0, 43_200, "-1")),
        ("visibility-timeout", "43201", whole(0, 43_200, "43201")),
        ("visibility-timeout", "1.5", whole(0, 43_200, "1.5")),
        ("wait-time-seconds", "21", whole(0, 20, "21")),
        ("wait-time-seconds", "", whole(0, 20, "nothing")),
        ("burst", "0", whole(1, 100, "0")),
        ("burst", "101", whole(1, 100, "101")),
        ("interval", "2", interval("2")),
        ("interval", "0s", interval("0s")),
        ("interval", "2days", interval("2days")),
        ("interval", "soon", interval("soon")),
        ("interval", "", interval("nothing")),
        (
            "attribute-name",
            "sentTimestamp",
            "sentTimestamp is unknown to SQS; did you mean SentTimestamp?".into(),
        ),
        (
            "attribute-name",
            "Sent Timestamp",
            "\"Sent Timestamp\" is no attribute name: letters and digits only, as in SentTimestamp".into(),
        ),
        (
            "message-attribute-name",
            "a b",
            "\"a b\" is no attribute name: letters, digits, _ - and . only, or prefix.*".into(),
        ),
        ("count", "0", "must be a whole number from 1, not 0".into()),
        ("count", "many", "must be a whole number from 1, not many".into()),
        ("for", "5", "must be a duration such as 30s or 5m, not 5".into()),
    ];
    for (name, value, expected) in cases {
        let flag = format!("--{name}");
        assert_eq!(sentence(&["GATEWAY", &format!("{flag}={value}")], &[]), format!("{flag}: {expected}"));
        let variable = format!("QWATCH_{}", name.replace('-', "_").to_uppercase());
        assert_eq!(sentence(&["GATEWAY"], &[(&variable, value)]), format!("{variable}: {expected}"));
    }
}

#[test]
fn credentials_that_cannot_be_used_are_refused_and_never_shown() {
    let unset = "the environment variable KEY is not set; set it to the secret";
    let line = "must be written as 'Name: value'";
    let name = "what stands before the colon is no header name";
    let unsendable = "it holds a character that a header cannot carry, perhaps a line feed at its end";
    let held = format!("what the environment variable KEY holds cannot be sent: {unsendable}");
    let no_variable = "credentials come from an environment variable, whose name has letters, digits and _ only; \
                       what was given instead is not repeated here";
    let key = ("KEY", "hunter2");
    let cases: &[Case<'_>] = &[
        (&["--api-key-env", "KEY"], &[], unset.into()),
        (&["--bearer-env", "KEY"], &[], unset.into()),
        (&["--token-env", "KEY"], &[], unset.into()),
        (&[], &[("QWATCH_API_KEY_ENV", "KEY")], unset.into()),
        (&[], &[("QWATCH_BEARER_ENV", "KEY")], unset.into()),
        (&[], &[("QWATCH_TOKEN_ENV", "KEY")], unset.into()),
        (
            &["--api-key-env", "KEY"],
            &[("KEY", "")],
            "the environment variable KEY is empty; set it to the secret".into(),
        ),
        (&["--api-key-env", "KEY"], &[("KEY", "hunter2\n")], held.clone()),
        (&["--bearer-env", "KEY"], &[("KEY", "hunter2\r\nx: y")], held),
        (&["--api-key-env", "hunter2=="], &[], no_variable.into()),
        (
            &["--api-key-env", "KEY", "--bearer-env", "KEY"],
            &[key],
            "--api-key-env and --bearer-env exclude each other; give one".into(),
        ),
        (
            &[],
            &[key, ("QWATCH_API_KEY_ENV", "KEY"), ("QWATCH_TOKEN_ENV", "KEY")],
            "QWATCH_API_KEY_ENV and QWATCH_TOKEN_ENV exclude each other; set one".into(),
        ),
        (
            &["--token-header", "x-token"],
            &[],
            "--token-header: x-token needs --token-env, --token-file or --token-command beside it".into(),
        ),
        (
            &["--token-env", "KEY", "--token-header", "x token"],
            &[key],
            "--token-header: x token is no header name".into(),
        ),
        (&["--header", "hunter2"], &[], format!("--header: {line}")),
        (&["--header", "a hunter2: b"], &[], format!("--header: {name}")),
        (&["--header", ": hunter2"], &[], format!("--header: {name}")),
        (&["--header", "x-a: hunter2\u{1}"], &[], format!("--header: the value of x-a: {unsendable}")),
        (&[], &[("QWATCH_HEADER", "hunter2")], format!("QWATCH_HEADER: {line}")),
        (&[], &[("QWATCH_HEADER", "x-a: b\nhunter2")], format!("QWATCH_HEADER: {line}")),
    ];
    for (words, variables, expected) in cases {
        let words: Vec<&str> = ["GATEWAY"].iter().chain(*words).copied().collect();
        assert_eq!(sentence(&words, variables), *expected, "{words:?} {variables:?}");
    }
}

#[test]
fn the_same_endpoint_is_not_asked_for_twice() {
    let two = "would be the name of two endpoints, whose URLs differ elsewhere; give each a name in the config file";
    let cases = [
        (
            ["http://host/prod", "http://host/prod"],
            "host/prod is asked for twice; name each endpoint once".into(),
        ),
        (["http://host", "http://host/"], "host is asked for twice; name each endpoint once".into()),
        (["http://host/?queue=a", "http://host/?queue=b"], format!("host {two}")),
    ];
    for (words, expected) in cases {
        assert_eq!(sentence(&words, &[]), expected);
    }
}

#[test]
fn with_nothing_to_watch_the_demo_is_named_first() {
    let expected = "nothing to watch: try `qwatch demo` first, give a gateway's URL (`qwatch https://…`), \
                    or name endpoints in config.toml (`qwatch config init` writes a sample)";
    assert_eq!(sentence(&[], &[]), expected);
    let home = Home::new();
    let ended = home.run(&[]);
    assert_eq!(ended.code, Some(2));
    let place = home.path("xdg/qwatch/config.toml").display().to_string();
    assert_eq!(ended.err.replace(&place, "config.toml"), format!("qwatch: {expected}\n"));
}

#[test]
fn a_config_file_that_was_asked_for_must_be_there() {
    let expected = "cannot read none.toml: there is no such file; `qwatch config init` writes a sample";
    assert_eq!(sentence(&["GATEWAY", "--config", "none.toml"], &[]), expected);
    assert_eq!(sentence(&["GATEWAY"], &[("QWATCH_CONFIG", "none.toml")]), expected);
}

#[test]
fn a_flag_before_a_command_is_refused_instead_of_passed_over() {
    let cases: [(&[&str], &str); 3] = [
        (
            &["--interval", "5s", "tail", "http://host"],
            "--interval stands before the command tail; write it after",
        ),
        (&["--header", "x-a: hunter2", "tail"], "--header stands before the command tail; write it after"),
        (
            &["--visibility-timeout=30", "demo"],
            "--visibility-timeout stands before the command demo; write it after",
        ),
    ];
    for (words, expected) in cases {
        let ended = Home::new().run(words);
        assert_eq!((ended.code, ended.err.as_str()), (Some(2), format!("qwatch: {expected}\n").as_str()));
    }
}

#[test]
fn a_misspelt_flag_or_command_gets_the_nearest() {
    let cases: [(&[&str], &str); 4] = [
        (&["tail", "--vsibility-timeout", "3"], "'--visibility-timeout'"),
        (&["tail", "--api-key=hunter2"], "'--api-key-env'"),
        (&["config", "chek"], "'check'"),
        (&["completions", "zhs"], "zsh"),
    ];
    for (words, near) in cases {
        let ended = Home::new().run(words);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.err.contains(near) && !ended.err.contains(SECRET), "{words:?}: {}", ended.err);
    }
}

#[test]
fn the_screen_needs_a_terminal_and_says_what_does_not() {
    let ended = Home::new().run(&["http://127.0.0.1:1/"]);
    assert_eq!(ended.code, Some(2));
    assert_eq!(
        ended.err,
        "qwatch: the screen needs a terminal for its input and output; `qwatch tail` prints messages to a pipe\n"
    );
}
