//! Requests signed with AWS credentials: whose, for which region, and when they are found anew.

use std::path::Path;

use crate::support::{Answer, Gateway, Home};

const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    ("AWS_SESSION_TOKEN", "session+token/of=ours"),
];

fn gateway() -> Gateway {
    Gateway::answering(vec![Answer::ids(&["a"])])
}

#[test]
fn a_request_is_signed_for_execute_api_with_the_environment_s_credentials() {
    let gateway = gateway();
    let words = ["tail", "--count", "1", "--sigv4", "--region", "eu-west-1", &gateway.url];
    let ended = Home::new().run_with(&words, &KEYS);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let headers = gateway.asked().headers;
    let authorization = &headers["authorization"];
    let date = &headers["x-amz-date"];
    let scope = format!("Credential=AKIDEXAMPLE/{}/eu-west-1/execute-api/aws4_request", &date[..8]);
    assert!(
        authorization.starts_with("AWS4-HMAC-SHA256 ") && authorization.contains(&scope),
        "{authorization}"
    );
    let signed = authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
    for name in ["host", "x-amz-date", "x-amz-security-token"] {
        assert!(signed.split(';').any(|header| header == name), "{authorization}");
    }
    assert_eq!(headers["x-amz-security-token"], KEYS[2].1);
    assert!(
        !ended.out.contains(KEYS[1].1) && !format!("{headers:?}").contains(KEYS[1].1),
        "never the secret key"
    );
}

#[test]
fn without_credentials_or_a_region_nothing_is_asked_and_it_is_said_where_they_are_looked_for() {
    let nowhere = ("AWS_EC2_METADATA_DISABLED", "true");
    for (words, variables, said) in [
        (&["--region", "eu-west-1"][..], &[nowhere][..], "AWS_PROFILE"),
        (&[], &[KEYS[0], KEYS[1], nowhere], "no AWS region: give --region"),
        (&["--region", "eu-west-1", "--profile", "absent"], &[KEYS[0], KEYS[1], nowhere], "absent"),
    ] {
        let gateway = gateway();
        let words = [&["tail", "--count", "1", "--sigv4", gateway.url.as_str()][..], words].concat();
        let ended = Home::new().run_with(&words, variables);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains("credentials NoCredentials") && ended.err.contains(said), "{ended:?}");
        assert!(!gateway.was_asked(), "{said}");
    }
}

/// A profile whose command counts how often it was run, and gives credentials that end in so many seconds.
fn profile(home: &Home, seconds: i64) -> [(&'static str, String); 2] {
    let (config, runs) = (home.path("aws-config"), home.path("runs"));
    let ends = chrono::Utc::now() + chrono::TimeDelta::seconds(seconds);
    let ends = ends.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let script = home.path("credentials.sh");
    let answer = format!(
        r#"{{"Version":1,"AccessKeyId":"AKIDPROCESS","SecretAccessKey":"process-secret","Expiration":"{ends}"}}"#
    );
    std::fs::write(&script, format!("echo run >> {}\necho '{answer}'\n", runs.display())).unwrap();
    let text =
        format!("[profile on-call]\nregion = eu-north-1\ncredential_process = sh {}\n", script.display());
    std::fs::write(&config, text).unwrap();
    [("AWS_CONFIG_FILE", config.display().to_string()), ("PATH", "/usr/bin:/bin".to_owned())]
}

fn runs(home: &Path) -> usize {
    std::fs::read_to_string(home).unwrap_or_default().lines().count()
}

#[test]
fn a_profile_s_credentials_are_kept_until_shortly_before_they_end_and_win_over_the_environment_s() {
    // One for each request; and one at first for the region, and one for the poll that is prepared while the last is printed.
    for (seconds, expected) in [(3_600, 1..=1), (60, 3..=5)] {
        let (home, gateway) = (Home::new(), gateway());
        let variables = profile(&home, seconds);
        let mut variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        variables.extend(KEYS);
        let words = [
            "tail",
            "--count",
            "3",
            "--interval",
            "10ms",
            "--sigv4",
            "--profile",
            "on-call",
            "--dead-letter",
            &gateway.url,
        ];
        let ended = home.run_with(&words, &variables);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
        let asked = gateway.asked();
        let authorization = &asked.headers["authorization"];
        assert!(authorization.contains("Credential=AKIDPROCESS/"), "{authorization}");
        assert!(authorization.contains("/eu-north-1/execute-api/"), "the profile's region: {authorization}");
        let runs = runs(&home.path("runs"));
        assert!(expected.contains(&runs), "{runs} runs for credentials that end in {seconds} s");
    }
}

/// Credentials may be revoked, or rotated, before they say they end.
#[test]
fn credentials_that_are_refused_as_expired_are_asked_for_again_once() {
    let expired = r#"{"message":"The security token included in the request is expired"}"#;
    let refused =
        Answer { status: 403, headers: "x-amzn-ErrorType: ExpiredTokenException\r\n", body: expired.into() };
    let (home, gateway) = (Home::new(), Gateway::answering(vec![refused, Answer::ids(&["a"])]));
    let script = home.path("credentials.sh");
    let runs = home.path("runs");
    let answer = r#"{"Version":1,"AccessKeyId":"AKID'$(wc -l < RUNS | tr -d " ")'","SecretAccessKey":"s"}"#;
    let answer = answer.replace("RUNS", &runs.display().to_string());
    std::fs::write(&script, format!("echo run >> {}\necho '{answer}'\n", runs.display())).unwrap();
    let config = home.path("aws-config");
    let text =
        format!("[profile on-call]\nregion = eu-north-1\ncredential_process = sh {}\n", script.display());
    std::fs::write(&config, text).unwrap();
    let config = config.display().to_string();
    let variables = [("AWS_CONFIG_FILE", config.as_str()), ("PATH", "/usr/bin:/bin")];
    let ended =
        home.run_with(&["tail", "--count", "1", "--sigv4", "--profile", "on-call", &gateway.url], &variables);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let by = || gateway.asked().headers["authorization"].split('/').next().unwrap().to_owned();
    assert_eq!([by(), by()], ["AWS4-HMAC-SHA256 Credential=AKID1", "AWS4-HMAC-SHA256 Credential=AKID2"]);
}

/// `aws` finds its services behind a company's proxy, so whoever has to go through one is let in as well.
#[test]
fn aws_services_are_asked_by_way_of_the_environment_s_proxy() {
    let assumed = concat!(
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">",
        "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKIDASSUMED</AccessKeyId>",
        "<SecretAccessKey>assumed-secret</SecretAccessKey><SessionToken>assumed</SessionToken>",
        "<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>",
        "</AssumeRoleWithWebIdentityResponse>",
    );
    let (home, gateway, proxy) = (Home::new(), gateway(), Gateway::answering(vec![Answer::ok(assumed)]));
    let token = home.path("token");
    std::fs::write(&token, "a-web-identity").unwrap();
    let token = token.display().to_string();
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/on-call"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL_STS", "http://sts.invalid/"),
        ("http_proxy", &proxy.url),
    ];
    let ended = home.run_with(&["tail", "--count", "1", "--sigv4", &gateway.url], &variables);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert_eq!(proxy.asked().headers["host"], "sts.invalid");
    let authorization = &gateway.asked().headers["authorization"];
    assert!(authorization.contains("Credential=AKIDASSUMED/"), "{authorization}");
}

/// A container's credentials are given out on its own machine, which no proxy reaches.
#[test]
fn what_gives_credentials_on_this_machine_is_asked_without_a_proxy() {
    let found = r#"{"AccessKeyId":"AKIDCONTAINER","SecretAccessKey":"s","Token":"t","Expiration":"2999-01-01T00:00:00Z"}"#;
    let (gateway, proxy) = (gateway(), gateway());
    let container = Gateway::answering(vec![Answer::ok(found)]);
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url.as_str()),
        ("AWS_REGION", "eu-west-1"),
        ("http_proxy", &proxy.url),
    ];
    let ended = Home::new().run_with(&["tail", "--count", "1", "--sigv4", &gateway.url], &variables);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert!(!proxy.was_asked());
    let authorization = &gateway.asked().headers["authorization"];
    assert!(authorization.contains("Credential=AKIDCONTAINER/"), "{authorization}");
}

#[test]
fn what_goes_with_a_signature_is_refused_without_one() {
    for (words, said) in [
        (&["--region", "eu-west-1"][..], "--region needs --sigv4 beside it"),
        (&["--profile", "on-call"], "--profile needs --sigv4 beside it"),
        (&["--sigv4", "--api-key-env", "KEY"], "--api-key-env"),
    ] {
        let ended = Home::new().run(&[&["tail", "http://127.0.0.1:1"][..], words].concat());
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains(said), "{ended:?}");
    }
}
