//! Secrets planted everywhere that one can stand, and looked for in everything that is written.

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Answer, Ended, Gateway, Home, finish};

/// Every planted secret holds this word.
const PLANTED: &str = "hunter2";

/// An answer that quotes back all that was sent: the worst that a gateway may do.
fn quoting(sent: &str) -> Answer {
    let words = format!(
        "not good enough: {sent}, \"Authorization=Bearer {sent}\", header-hunter2-value, code=url-hunter2-and-more"
    );
    Answer { status: 403, headers: "", body: serde_json::json!({ "message": words }).to_string() }
}

fn check(what: &str, ended: &Ended) {
    let said = format!("{}\n{}", ended.out, ended.err);
    assert!(!said.contains(PLANTED), "{what}: {said}");
}

/// Everything that was written into the home folder, the planted files left out.
fn check_files(what: &str, home: &Home) {
    let mut folders = vec![home.path("")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !name.starts_with("planted") {
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                assert!(!text.contains(PLANTED), "{what}: {} holds {text}", path.display());
            }
        }
    }
}

const VARIABLES: [(&str, &str); 9] = [
    ("KEY", "key-hunter2-value"),
    ("TOKEN", "env-hunter2-bearer"),
    ("QWATCH_HEADER", "x-extra: header-hunter2-value"),
    ("QWATCH_PROXY", "none"),
    ("QWATCH_LOG", "trace"),
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "aws-hunter2-secret"),
    ("AWS_SESSION_TOKEN", "session-hunter2-token"),
    ("RUST_LOG", "trace"),
];

#[test]
fn no_secret_is_written_anywhere() {
    let home = Home::new();
    let token = home.path("planted-token");
    std::fs::write(&token, "file-hunter2-token\n").unwrap();
    let token = token.display().to_string();
    let doors: [(&[&str], &str); 6] = [
        (&["--api-key-env", "KEY"], "key-hunter2-value"),
        (&["--bearer-env", "TOKEN"], "env-hunter2-bearer"),
        (&["--token-file", &token], "file-hunter2-token"),
        (&["--bearer-command", "echo command-hunter2-token"], "command-hunter2-token"),
        (&["--sigv4", "--region", "eu-west-1"], "session-hunter2-token"),
        (&["--bearer-command", "echo command-hunter2-token; false"], ""),
    ];
    for (door, sent) in doors {
        for answer in [quoting(sent), Answer::empty(), Answer::ok("no answer at all: url-hunter2-and-more")] {
            let gateway = Gateway::answering(vec![answer]);
            let url = format!("{}?code=url-hunter2-and-more", gateway.url);
            for command in [&["tail", "--for", "300ms"][..], &["doctor"], &["doctor", "--json"]] {
                let words = [command, &[url.as_str()], door].concat();
                let ended = home.run_with(&words, &VARIABLES);
                check(&format!("{words:?}"), &ended);
                check_files(&format!("{words:?}"), &home);
            }
        }
    }
}

#[test]
fn what_is_refused_does_not_repeat_a_secret_in_the_wrong_place() {
    let home = Home::new();
    for (words, variables) in [
        (&["tail", "http://host", "--api-key-env", "hunter2-key!"][..], &[][..]),
        (&["tail", "http://user:hunter2@host"], &[]),
        (&["tail", "http://host", "--proxy", "http://user:hunter2@proxy"], &[]),
        (&["tail", "http://host", "--proxy", "hunter2"], &[]),
        (&["tail", "http://host"], &[("QWATCH_PROXY", "ftp://user:hunter2@proxy")]),
        (&["tail", "http://host", "--header", "hunter2"], &[]),
        (&["tail", "http://host"], &[("QWATCH_HEADER", "hunter2")]),
        (&["tail", "http://host", "--bearer-env", "TOKEN"], &[("TOKEN", "hunter2\nhunter2")]),
    ] {
        let ended = home.run_with(words, variables);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        check(&format!("{words:?}"), &ended);
    }
}

/// A proxy that cannot be reached is spoken of without its password.
#[test]
fn a_proxys_password_is_not_in_a_fault() {
    let variables = [("QWATCH_PROXY", "http://user:hunter2@127.0.0.1:1")];
    for command in [&["tail", "--for", "300ms"][..], &["doctor"]] {
        let ended = Home::new().run_with(&[command, &["http://127.0.0.1:2/prod"]].concat(), &variables);
        check("an absent proxy", &ended);
        assert!(ended.err.contains("refused") || ended.out.contains("refused"), "{ended:?}");
    }
}

#[test]
fn a_secret_in_a_pipe_is_waited_for_by_nobody_but_its_endpoint() {
    let (open, locked) =
        (Gateway::answering(vec![Answer::empty()]), Gateway::answering(vec![Answer::empty()]));
    let home = Home::new();
    let made = home.script("mkfifo pipe", &[]).status().unwrap();
    assert!(made.success());
    let config = format!(
        "[[endpoint]]\nname = \"locked\"\nurl = \"{}\"\nauth = {{ token_file = \"{}\" }}\n\n[[endpoint]]\nname = \"open\"\nurl = \"{}\"\n",
        locked.url,
        home.path("pipe").display(),
        open.url
    );
    std::fs::write(home.path("config.toml"), config).unwrap();
    let words = ["tail", "--config", "config.toml", "--interval", "200ms", "--no-guard"];
    let running = home.command(&words).spawn().unwrap();
    for _ in 0..4 {
        open.asked();
    }
    assert!(!locked.was_asked());
    std::fs::write(home.path("pipe"), "late-token\n").unwrap();
    assert_eq!(locked.asked().headers["authorization"], "late-token");
    kill_process(Pid::from_child(&running), Signal::INT).unwrap();
    assert_eq!(finish(running).code, Some(130));
}
