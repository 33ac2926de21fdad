//! Files that the screen writes: whole or not at all, the user's own, and no reason to end where they cannot be written.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::TempDir;

use crate::gateway::{Gateway, message, received};
use crate::screen::Screen;

/// The smallest that qwatch likes: what is said must be readable there.
const SIZE: (u16, u16) = (80, 24);
/// Ten of these are more than a full disk takes, one is not.
const BODY: usize = 1_000;

struct Desk {
    _gateway: Gateway,
    screen: Screen,
    folder: TempDir,
}

impl Desk {
    /// Ten messages, polled once, by a program that a shell prepared something for.
    fn prepared(prepare: &str, variables: &[(&str, &str)], set_up: impl FnOnce(&Path)) -> Self {
        Self::with_bodies(BODY, prepare, variables, set_up)
    }

    fn with_bodies(
        bytes: usize,
        prepare: &str,
        variables: &[(&str, &str)],
        set_up: impl FnOnce(&Path),
    ) -> Self {
        let body = |n| format!(r#"{{"order":{n},"text":"{}"}}"#, "x".repeat(bytes));
        let messages: Vec<_> = (0..10).map(|n| message(&format!("m{n}"), &body(n))).collect();
        let gateway = Gateway::start(move |_| received(&messages));
        let folder = tempfile::tempdir().unwrap();
        set_up(folder.path());
        let script = format!(r#"{prepare}; exec "$0" "$@""#);
        let state = folder.path().join("state").to_str().unwrap().to_owned();
        let variables = [variables, &[("XDG_STATE_HOME", state.as_str())]].concat();
        let url = gateway.url("orders");
        let screen = Screen::start_in_shell(&script, &[&url, "--interval", "1h"], SIZE, &variables);
        screen.wait_for("messages", |view| view.selected_order() == Some(9));
        Self { _gateway: gateway, screen, folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes what the form offers, to this place.
    fn export(&mut self, place: &str) {
        self.screen.press("w");
        self.screen.wait_for_text("Write to a file");
        self.screen.press(&format!("\x15{place}\r"));
    }

    fn says(&self, texts: &[&str]) {
        // A sentence may be broken into lines, the words are together.
        self.screen.wait_for(&format!("{texts:?}"), |view| {
            let said = view
                .rows()
                .iter()
                .rev()
                .take(3)
                .rev()
                .map(|row| row.trim().to_owned())
                .collect::<Vec<_>>()
                .join(" ");
            texts.iter().all(|text| said.contains(text))
        });
    }

    fn goes_on(&mut self) {
        self.screen.press("gj");
        self.screen.wait_for("keys", |view| view.selected_order() == Some(8));
    }

    fn quit(mut self) -> TempDir {
        self.screen.press("q");
        assert_eq!(self.screen.left().code, 0);
        self.folder
    }
}

fn mode(path: impl AsRef<Path>) -> u32 {
    path.as_ref().metadata().unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn whatever_the_umask_what_is_written_is_the_owners_own() {
    let editor = r#"sh -c 'ls -l "$0"; echo editing; read line'"#;
    let mut desk = Desk::prepared("umask 0", &[("EDITOR", editor), ("PAGER", editor)], |_| {});
    let place = desk.path("all.ndjson");
    desk.export(&place);
    desk.says(&["wrote 10 messages"]);
    for (before, key) in ["E", "V"].into_iter().enumerate() {
        desk.screen.press(key);
        // What the one before said stands there again at once, while this one has still to begin.
        desk.screen.wait_for(key, |view| {
            let shown = view.text();
            shown.matches("editing").count() > before && shown.matches("-rw------- ").count() > before
        });
        desk.screen.press("\r");
        desk.screen.wait_for("the panes", |view| view.shows("Endpoints") && !view.shows("editing"));
    }
    let folder = desk.quit();
    let log = folder.path().join("state/qwatch/qwatch.log");
    assert!(std::fs::read_to_string(&log).unwrap().contains("wrote 10 messages"));
    assert_eq!((mode(&place), mode(&log), mode(log.parent().unwrap())), (0o600, 0o600, 0o700));
}

#[test]
fn who_leaves_while_a_file_is_written_finds_it_whole() {
    for (leaves, code) in [("q", 0), ("TERM", 130), ("HUP", 130)] {
        let mut desk = Desk::with_bodies(1_400_000, "true", &[], |_| {});
        let place = desk.path("all.ndjson");
        desk.export(&place);
        if leaves == "q" {
            desk.screen.press("q");
        } else {
            desk.says(&["10 messages to "]);
            desk.screen.signal(leaves);
        }
        assert_eq!(desk.screen.left().code, code);
        assert_eq!(names(desk.folder.path()), ["all.ndjson", "state"]);
        let written = std::fs::read_to_string(&place).unwrap();
        assert_eq!(written.lines().count(), 10);
        assert!(written.len() > 14_000_000);
    }
}

/// Also when the screen that would say it is gone.
#[test]
fn who_leaves_while_a_file_is_written_is_told_that_it_cannot_be() {
    // Most of the file fits on the disk.
    let mut desk = Desk::with_bodies(1_400_000, "trap '' XFSZ; ulimit -f 20000", &[], |_| {});
    let place = desk.path("all.ndjson");
    desk.export(&place);
    desk.screen.press("q");
    let left = desk.screen.left();
    assert!(left.code == 1 && left.text.contains("qwatch: cannot write "), "{}: {}", left.code, left.text);
    assert_eq!(names(desk.folder.path()), ["state"]);
}

#[test]
fn the_log_has_as_much_as_is_asked_for() {
    for (asked, is_said) in
        [("warn", false), ("gateway=info", false), ("qwatch=info", true), ("no=level", true)]
    {
        let mut desk = Desk::prepared("true", &[("QWATCH_LOG", asked)], |_| {});
        let place = desk.path("all.ndjson");
        desk.export(&place);
        desk.says(&["wrote 10 messages"]);
        let folder = desk.quit();
        let log = std::fs::read_to_string(folder.path().join("state/qwatch/qwatch.log")).unwrap();
        assert_eq!(log.contains("wrote 10 messages"), is_said, "{asked}: {log}");
    }
}

#[test]
fn an_export_that_fails_half_way_leaves_nothing_destroys_nothing_and_can_be_tried_again() {
    // Files take 4 KiB, as on a disk that is full.
    let mut desk = Desk::prepared("trap '' XFSZ; ulimit -f 8", &[], |folder| {
        std::fs::create_dir(folder.join("exports")).unwrap();
        std::fs::write(folder.join("exports/kept.ndjson"), "kept").unwrap();
    });
    let exports = desk.folder.path().join("exports");
    for name in ["all.ndjson", "all.csv"] {
        let place = desk.path(&format!("exports/{name}"));
        desk.export(&place);
        desk.says(&[
            "cannot write ",
            name,
            "File too large",
            "nothing is left of it: make room, or choose another place, with w",
        ]);
        assert_eq!(names(&exports), ["kept.ndjson"]);
    }
    let place = desk.path("exports/kept.ndjson");
    desk.export(&place);
    desk.says(&["kept.ndjson is there already, and is left as it is"]);
    assert_eq!(std::fs::read_to_string(&place).unwrap(), "kept");
    desk.goes_on();
    // Less of it has room, and is whole.
    desk.screen.press("v");
    let place = desk.path("exports/one.ndjson");
    desk.export(&place);
    desk.says(&["wrote 1 messages"]);
    assert_eq!(std::fs::read_to_string(&place).unwrap().lines().count(), 1);
    assert_eq!(names(&exports), ["kept.ndjson", "one.ndjson"]);
    desk.quit();
}

#[test]
fn a_place_where_nothing_can_be_written_is_said_with_what_to_do() {
    let mut desk = Desk::prepared(":", &[], |folder| std::fs::write(folder.join("file"), "").unwrap());
    let (missing, below) = (desk.path("missing/a.ndjson"), desk.path("file/a.ndjson"));
    let folder = desk.path("");
    let nowhere = if cfg!(target_os = "linux") { "/proc/a.ndjson" } else { "/dev/fd/a.ndjson" };
    for (place, texts) in [
        (missing.as_str(), &["No such file or directory", "its folder must be there first, with w"][..]),
        (&below, &["Not a directory", "a file stands where its folder should be, with w"]),
        (nowhere, &["nothing is left of it: ", ", with w"]),
        (&folder, &["is there already, and is left as it is"]),
    ] {
        desk.export(place);
        desk.says(texts);
    }
    desk.goes_on();
    let folder = desk.quit();
    assert_eq!(names(folder.path()), ["file", "state"]);
}

#[test]
fn a_log_that_cannot_be_begun_is_said_and_the_watch_goes_on() {
    let mut desk = Desk::prepared(":", &[], |folder| std::fs::write(folder.join("state"), "").unwrap());
    desk.says(&["no log: cannot write ", "a file stands where its folder should be", "XDG_STATE_HOME"]);
    desk.goes_on();
    desk.quit();
}

#[test]
fn a_log_whose_disk_is_full_is_said_once_and_the_watch_goes_on() {
    let log = "state/qwatch/qwatch.log";
    let before = "what was logged before\n".repeat(200);
    let mut desk = Desk::prepared("trap '' XFSZ; ulimit -f 8", &[], |folder| {
        std::fs::create_dir_all(folder.join("state/qwatch")).unwrap();
        std::fs::write(folder.join(log), &before).unwrap();
    });
    // A notice, which is logged as well.
    desk.screen.press("p");
    desk.says(&["cannot write to the log", "File too large", "watching goes on without"]);
    desk.screen.wait_for("paused all the same", |view| view.shows("‖ paused"));
    desk.screen.press("p");
    desk.screen.wait_for("going on", |view| !view.shows("‖ paused"));
    desk.goes_on();
    let raw = String::from_utf8_lossy(&desk.screen.raw_output()).into_owned();
    assert!(!raw.contains("tracing"), "nothing is written over the screen");
    let folder = desk.quit();
    assert!(
        std::fs::read_to_string(folder.path().join(log)).unwrap().starts_with(&before),
        "nothing is lost of it"
    );
}

#[test]
fn a_log_that_is_full_is_kept_as_the_older_part_and_another_begins() {
    let (log, older) = ("state/qwatch/qwatch.log", "state/qwatch/qwatch.log.1");
    let line = "what was logged before\n";
    let before = line.repeat((2 << 20) / line.len());
    let mut desk = Desk::prepared("umask 0", &[], |folder| {
        std::fs::create_dir_all(folder.join("state/qwatch")).unwrap();
        std::fs::write(folder.join(log), &before).unwrap();
        std::fs::write(folder.join(older), "long ago\n").unwrap();
    });
    desk.screen.press("p");
    desk.says(&["paused "]);
    let folder = desk.quit();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read(older), before, "the older part, whole");
    assert!(read(log).contains("paused "), "{}", read(log));
    assert_eq!(mode(folder.path().join(log)), 0o600);
    assert_eq!(names(&folder.path().join("state/qwatch")), ["qwatch.log", "qwatch.log.1"]);
}
