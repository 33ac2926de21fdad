//! Outputs that end early or take no more, hang-ups, and files that cannot be written.

use std::io::{BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Answer, Gateway, Home, finish};

/// Files take no more than this many blocks of 512 bytes, as on a disk that is full: real writes that really fail, anywhere.
fn with_room_for(blocks: u32) -> String {
    format!("trap '' XFSZ; ulimit -f {blocks}; ")
}

#[test]
fn a_pipe_that_has_seen_enough_ends_everything_quietly() {
    let gateway = Gateway::answering(vec![Answer::ids(&["a", "b", "c"])]);
    let endpoint = gateway.url.as_str();
    let tail: &[&str] = &["tail", endpoint, "--interval", "10ms", "--no-guard"];
    let cases: [(&[&str], &str); 10] = [
        (tail, "head -n 1"),
        (tail, "true"),
        (&["man"], "head -n 1"),
        (&["man"], "true"),
        (&["completions", "bash"], "head -n 1"),
        (&["completions", "zsh"], "true"),
        (&["config", "path"], "true"),
        (&["--help"], "head -n 1"),
        (&["tail", "--help"], "true"),
        (&["--version"], "true"),
    ];
    for (words, reader) in cases {
        let script = format!(r#"{{ "$0" "$@"; echo "ended with $?" >&2; }} | {reader}"#);
        let ended = finish(Home::new().script(&script, words).spawn().unwrap());
        assert_eq!(ended.err, "ended with 0\n", "{words:?} | {reader}");
        assert_eq!(ended.out.lines().count(), usize::from(reader != "true"), "{words:?} | {reader}");
    }
}

/// Polling on for nobody would use up receives.
#[test]
fn tail_ends_when_its_reader_has_gone_even_if_nothing_more_is_printed() {
    let gateway = Gateway::answering(vec![Answer::ids(&["only"]), Answer::empty()]);
    let home = Home::new();
    let mut child = home.command(&["tail", &gateway.url, "--interval", "10ms"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.contains("only"), "{line}");
    // It is still polling, and nothing of it is seen.
    for _ in 0..3 {
        gateway.asked();
    }
    drop(out);
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}

/// Each of its answers is more than a pipe or a socket takes.
fn wordy() -> Gateway {
    let ids: Vec<String> = ('a'..='j').map(|letter| letter.to_string().repeat(20_000)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    Gateway::answering(vec![Answer::ids(&ids)])
}

/// As behind `| less`: what SQS has handed out is hidden or counted, and would be lost in an answer that nobody reads.
#[test]
fn polls_go_on_while_nobody_reads_what_is_printed() {
    let gateway = wordy();
    let words = ["tail", &gateway.url, "--interval", "10ms", "--count", "60", "--no-guard"];
    let child = Home::new().command(&words).spawn().unwrap();
    for _ in 0..6 {
        gateway.asked();
    }
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str(), ended.out.lines().count()), (Some(0), "", 60));
}

/// Whoever asks for an end need not read first what is printed.
#[test]
fn a_second_signal_ends_it_while_nobody_reads() {
    let gateway = wordy();
    let mut child =
        Home::new().command(&["tail", &gateway.url, "--interval", "10ms", "--no-guard"]).spawn().unwrap();
    let unread = child.stdout.take();
    for _ in 0..4 {
        gateway.asked();
    }
    let id = child.id().to_string();
    // Two of one kind may arrive as one.
    for signal in ["-INT", "-TERM"] {
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str()), (Some(130), ""));
    drop(unread);
}

/// As behind a parent that reads without waiting, and has told the stream so.
#[test]
fn an_output_that_says_try_again_is_tried_again() {
    let gateway = wordy();
    let (ours, its) = UnixStream::pair().unwrap();
    its.set_nonblocking(true).unwrap();
    let words = ["tail", &gateway.url, "--interval", "10ms", "--count", "60", "--no-guard"];
    let child = Home::new().command(&words).stdout(OwnedFd::from(its)).spawn().unwrap();
    for _ in 0..6 {
        gateway.asked();
    }
    let lines = BufReader::new(ours).lines().map(Result::unwrap);
    assert_eq!(lines.filter(|line| line.starts_with("{\"endpoint\":") && line.ends_with('}')).count(), 60);
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}

#[test]
fn output_that_cannot_be_written_is_an_error_that_says_so() {
    let gateway = Gateway::answering(vec![Answer::ids(&["a"])]);
    let cases: [&[&str]; 6] = [
        &["tail", &gateway.url, "--count", "1"],
        &["man"],
        &["completions", "fish"],
        &["config", "path"],
        &["--help"],
        &["--version"],
    ];
    for words in cases {
        let home = Home::new();
        let script = with_room_for(0) + r#""$0" "$@" >out"#;
        let ended = finish(home.script(&script, words).spawn().unwrap());
        assert_eq!(ended.code, Some(1), "{words:?}: {ended:?}");
        assert!(
            ended.err.starts_with("qwatch: cannot write to stdout: File too large"),
            "{words:?}: {}",
            ended.err
        );
        assert_eq!(ended.err.lines().count(), 1, "{words:?}: {}", ended.err);
    }
}

#[test]
fn outputs_that_are_closed_end_nothing_and_raise_no_panic() {
    let gateway = Gateway::answering(vec![Answer::ids(&["a"])]);
    let tail = ["tail", gateway.url.as_str(), "--count", "1"];
    for (script, words) in [
        (r#""$0" "$@" >&-"#, &tail[..]),
        (r#""$0" "$@" 2>&-"#, &tail),
        (r#""$0" "$@" <&- >&- 2>&-"#, &tail),
        (r#""$0" "$@" >&-"#, &["config", "path"]),
        (r#""$0" "$@" >&- 2>&-"#, &["man"]),
    ] {
        let ended = finish(Home::new().script(script, words).spawn().unwrap());
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{script}");
    }
}

/// `nohup qwatch tail … &`, and logging out.
#[test]
#[cfg(target_os = "linux")]
fn a_hangup_that_it_was_told_to_ignore_ends_nothing() {
    for (trap, signal, code) in [("", "HUP", 130), ("trap '' HUP; ", "HUP", 0), ("trap '' INT; ", "INT", 0)] {
        let gateway = Gateway::answering(vec![Answer::empty()]);
        let words = ["tail", gateway.url.as_str(), "--interval", "10ms", "--for", "2s"];
        let script = format!(r#"{trap}exec "$0" "$@""#);
        let home = Home::new();
        let child = home.script(&script, &words).spawn().unwrap();
        // It polls, so its handlers stand.
        gateway.asked();
        let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let ended = finish(child);
        assert_eq!((ended.code, ended.err.as_str()), (Some(code), ""), "{trap}{signal}");
    }
}

fn assert_empty(folder: &Path) {
    let left: Vec<_> =
        std::fs::read_dir(folder).map_or_else(|_| Vec::new(), |entries| entries.flatten().collect());
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_config_file_that_cannot_be_written_whole_is_not_left_half_and_can_be_written_later() {
    let home = Home::new();
    let script = with_room_for(1) + r#""$0" "$@""#;
    let ended = finish(home.script(&script, &["config", "init"]).spawn().unwrap());
    let place = home.path("xdg/qwatch/config.toml");
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
    let said = format!("qwatch: cannot write {}: File too large", place.display());
    assert!(ended.err.starts_with(&said), "{}", ended.err);
    assert!(
        ended.err.contains("nothing is left of it: make room, or choose another place, with --config FILE"),
        "{}",
        ended.err
    );
    assert_empty(place.parent().unwrap());
    assert_eq!(home.run(&["config", "init"]).code, Some(0));
    assert_eq!(home.run(&["config", "check"]).code, Some(0));
}

#[test]
fn a_place_where_no_config_file_can_be_says_what_to_do() {
    let home = Home::new();
    std::fs::write(home.path("file"), "").unwrap();
    let nowhere = if cfg!(target_os = "linux") { "/proc/qwatch.toml" } else { "/dev/fd/qwatch.toml" };
    let (below, folder) = (home.path("file/c.toml"), home.path("."));
    for (place, advice) in [
        (below.to_str().unwrap(), "a file stands where its folder should be"),
        (nowhere, "with --config FILE"),
        (folder.to_str().unwrap(), "exists already and is left as it is"),
    ] {
        let ended = home.run(&["config", "init", "--config", place]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{place}: {ended:?}");
        assert!(ended.err.contains(place) && ended.err.contains(advice), "{place}: {}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    }
}

#[test]
fn the_config_file_and_its_folder_are_the_owners_own_whatever_the_umask() {
    let home = Home::new();
    let script = r#"umask 0; "$0" "$@""#;
    let ended = finish(home.script(script, &["config", "init"]).spawn().unwrap());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mode = |name: &str| home.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("xdg/qwatch/config.toml"), mode("xdg/qwatch")), (0o600, 0o700));
}

#[test]
fn the_demo_and_a_watch_without_a_terminal_name_the_command_that_needs_none() {
    for words in [&["demo"][..], &["http://127.0.0.1:1/"]] {
        let ended = finish(Home::new().command(words).stdin(Stdio::null()).spawn().unwrap());
        assert_eq!(ended.code, Some(2), "{words:?}");
        assert!(ended.err.contains("`qwatch tail` prints messages to a pipe"), "{}", ended.err);
    }
}
