//! What the program says about itself.

use std::process::Stdio;

use crate::support::{Home, finish};

const COMMANDS: [&str; 7] = ["demo", "tail", "doctor", "gateway", "config", "completions", "man"];

/// Help is wrapped to the terminal; without one, to a width of its own.
#[test]
fn help_reads_as_it_was_last_reviewed() {
    let cases: [&[&str]; 11] = [
        &[],
        &["demo"],
        &["tail"],
        &["doctor"],
        &["gateway"],
        &["config"],
        &["config", "init"],
        &["config", "path"],
        &["config", "check"],
        &["completions"],
        &["man"],
    ];
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for command in cases {
        let words = [command, &["--help"]].concat();
        let ended = Home::new().run(&words);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{words:?}");
        let name = ["help"].iter().chain(command).copied().collect::<Vec<_>>().join("-");
        settings.bind(|| insta::assert_snapshot!(name, ended.out));
    }
}

#[test]
fn completions_and_manual_name_every_command() {
    let cases: [&[&str]; 4] =
        [&["completions", "bash"], &["completions", "zsh"], &["completions", "fish"], &["man"]];
    for words in cases {
        let ended = Home::new().run(words);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{words:?}");
        for command in COMMANDS {
            assert!(ended.out.contains(command), "{words:?} without {command}");
        }
    }
}

#[test]
fn what_is_printed_for_a_reader_that_has_gone_is_no_failure() {
    let cases: [&[&str]; 4] = [&["completions", "bash"], &["man"], &["config", "path"], &["--help"]];
    for words in cases {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = Home::new().command(words).stdout(Stdio::from(writer)).spawn().unwrap();
        let ended = finish(child);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(Home::new().run(&["--version"]).out, format!("qwatch {}\n", env!("CARGO_PKG_VERSION")));
}
