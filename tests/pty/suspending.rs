//! Ctrl-Z, `fg`, and what else a shell's job control does to a program that has the terminal.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::gateway::{Gateway, message, received};
use crate::screen::Screen;
use crate::view::View;

const SIZE: (u16, u16) = (100, 30);

/// A shell with job control: the program in the foreground, a word when it is stopped, `fg` at the next line.
const SHELL: &str = r#"
set -m
"$0" "$@"
printf 'stopped with %s\n' $?
stty -a | grep -o -e '-*icanon' -e '-*echo '
read line
fg >/dev/null
printf 'ended with %s\n' $?
"#;

/// Ten messages, polled once.
fn in_a_shell(script: &str, variables: &[(&str, &str)]) -> (Gateway, Screen) {
    let messages: Vec<_> =
        (0..10).map(|n| message(&format!("m{n}"), &format!(r#"{{"order":{n}}}"#))).collect();
    let gateway = Gateway::start(move |_| received(&messages));
    let url = gateway.url("orders");
    let screen = Screen::start_in_shell(script, &[&url, "--interval", "1h"], SIZE, variables);
    screen.wait_for("the messages", |view| watching(view, 9));
    (gateway, screen)
}

fn watching(view: &View, order: u32) -> bool {
    view.shows("Endpoints") && view.selected_order() == Some(order) && view.footer().contains("quit")
}

/// How often a mode was set so far.
fn set(screen: &Screen, mode: &str) -> usize {
    let raw = screen.raw_output();
    String::from_utf8_lossy(&raw).matches(&format!("\x1b[?{mode}h")).count()
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_all_back() {
    let (_gateway, mut screen) = in_a_shell(SHELL, &[]);
    let ours = screen.modes();
    screen.press("j");
    screen.wait_for("a row further", |view| watching(view, 8));
    screen.press("\x1a");
    // 128 and SIGTSTP: it is the kernel that stopped it. The shell's lines stand on the shell's own screen.
    screen.wait_for("the shell", |view| {
        view.shows("stopped with 14")
            && view.shows("icanon")
            && view.shows("echo")
            && !view.shows("Endpoints")
    });
    assert!(screen.look(|view| !view.shows("-icanon") && !view.shows("-echo")), "{}", screen.text());
    // What is typed is the shell's. The window has another size by the time we are back.
    screen.press("q");
    screen.wait_for("an echo", |view| view.rows().iter().any(|row| row.trim() == "q"));
    screen.resize((90, 28));
    screen.press("\r");
    screen.wait_for("the panes again", |view| watching(view, 8) && view.rows().len() == 28);
    assert_eq!(screen.modes(), ours);
    for mode in ["1049", "1000", "1006", "2004", "1004"] {
        assert!(set(&screen, mode) >= 2, "{mode} was not set again");
    }
    screen.press("j");
    screen.wait_for("keys", |view| watching(view, 7));
    screen.click(screen.look(|view| view.place_of(r#"{"order":9"#)).unwrap());
    screen.wait_for("the mouse", |view| watching(view, 9));
    screen.press("q");
    let left = screen.left();
    assert!(left.text.contains("ended with 0"), "{}", left.text);
    assert!(left.still.is_empty(), "{:?}", left.still);
}

#[test]
fn ctrl_z_works_while_something_is_typed_and_loses_none_of_it() {
    let (_gateway, mut screen) = in_a_shell(SHELL, &[]);
    screen.press("/order");
    screen.wait_for_text("/ order");
    screen.press("\x1a");
    screen.wait_for_text("stopped with 14");
    screen.press("\r");
    screen.wait_for("the prompt again", |view| view.shows("/ order") && view.shows("Tab completes"));
    screen.press("\x03");
    let left = screen.left();
    assert!(left.text.contains("ended with 130"), "{}", left.text);
}

#[test]
fn stopped_by_somebody_else_it_takes_the_terminal_as_it_needs_it_when_continued() {
    let folder = tempfile::tempdir().unwrap();
    let process = folder.path().join("process");
    let script = r#"
set -m
sh -c 'echo $$ >"$PROCESS"; exec "$0" "$@"' "$0" "$@"
code=$?
stty sane
printf 'stopped with %s\n' $code
read line
fg >/dev/null
"#;
    let (_gateway, mut screen) = in_a_shell(script, &[("PROCESS", process.to_str().unwrap())]);
    let ours = screen.modes();
    let process = std::fs::read_to_string(process).unwrap();
    let kill = |signal: &str| {
        assert!(Command::new("kill").args(["-s", signal, process.trim()]).status().unwrap().success());
    };
    kill("STOP");
    // Nobody could put the screen back: the shell writes on it.
    screen.wait_for_text("stopped with 14");
    screen.press("\r");
    screen.wait_for("the panes, and nothing of the shell's", |view| {
        watching(view, 9) && !view.shows("stopped with")
    });
    assert_eq!(screen.modes(), ours, "raw mode again, whatever the shell set");
    screen.press("j");
    screen.wait_for("keys", |view| watching(view, 8));
    // Being continued without having been stopped changes nothing.
    kill("CONT");
    screen.press("j");
    screen.wait_for("keys", |view| watching(view, 7));
    screen.press("q");
    assert_eq!(screen.left().code, 0);
}

#[test]
fn ctrl_z_in_an_editor_stops_the_whole_job_and_the_editor_goes_on_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let process = folder.path().join("process");
    let editor =
        "sh -c 'echo $$ >\"$PROCESS\"; clear; echo editing; read line; echo edited $line; read line'";
    let variables = [("EDITOR", editor), ("PROCESS", process.to_str().unwrap())];
    let (_gateway, mut screen) = in_a_shell(SHELL, &variables);
    screen.press("E");
    screen.wait_for_text("editing");
    screen.press("\x1a");
    screen.wait_for_text("stopped with 14");
    // The shell waits for its own child only: on a busy machine the editor may be about to stop, and read what is typed.
    let process = std::fs::read_to_string(process).unwrap();
    let state = || Command::new("ps").args(["-o", "state=", "-p", process.trim()]).output().unwrap().stdout;
    let patience = Instant::now() + Duration::from_secs(10);
    while !state().starts_with(b"T") {
        assert!(Instant::now() < patience, "the editor was not stopped\n{}", screen.text());
    }
    screen.press("\r");
    // Nothing is drawn over the editor, and its keys are its own.
    screen.press("quietly\r");
    screen.wait_for("the editor", |view| view.shows("edited quietly") && !view.shows("Endpoints"));
    screen.press("\r");
    screen.wait_for("the panes again", |view| watching(view, 9));
    screen.press("q");
    let left = screen.left();
    assert!(left.text.contains("ended with 0"), "{}", left.text);
}

#[test]
fn where_no_shell_could_continue_it_ctrl_z_stops_nothing() {
    // The first program of a terminal, as in a window that a multiplexer opened for it.
    let (_gateway, mut screen) = in_a_shell(r#"exec "$0" "$@""#, &[]);
    let ours = screen.modes();
    screen.press("\x1a");
    screen.press("j");
    screen.wait_for("keys", |view| watching(view, 8));
    assert_eq!(screen.modes(), ours);
    screen.press("q");
    assert_eq!(screen.left().code, 0);
}

#[test]
fn an_interrupt_is_the_programs_that_has_the_terminal_even_if_it_ends_by_it_at_once() {
    let gateway = Gateway::start(|_| received(&[message("m0", r#"{"order":0}"#)]));
    let url = gateway.url("orders");
    let editor = "sh -c 'echo edits \"$0\"; read line'";
    let mut screen = Screen::start_with(&[&url, "--interval", "1h"], SIZE, &[("VISUAL", editor)]);
    screen.wait_for("the message", |view| watching(view, 0));
    // What was edited before still stands on the shell's screen, under another name.
    let edits = |view: &View| view.rows().into_iter().rev().find(|row| row.contains("edits /"));
    let mut before = None;
    // The terminal sends it to both at once; which of the two is heard of first is a matter of luck.
    for _ in 0..40 {
        screen.press("E");
        screen.wait_for("the editor", |view| edits(view).is_some_and(|row| Some(row) != before));
        before = screen.look(edits);
        screen.press("\x03");
        screen.wait_for("how it ended", |view| view.shows("Endpoints") && view.shows("ended with signal: 2"));
        screen.press("\x1b");
        screen.wait_for("no notice", |view| watching(view, 0));
    }
    // Afterwards it is meant for us again.
    screen.signal("INT");
    assert_eq!(screen.ends(), 130);
}
