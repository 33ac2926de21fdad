//! From "something is wrong with orders" to "this message, this field, and here it is in the ticket", by the keyboard of the
//! real program: filter, fold, peel, compare, copy, export, edit, hide.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::gateway::{Gateway, message, received};
use crate::screen::Screen;
use crate::view::View;

const SIZE: (u16, u16) = (140, 44);
const ONE_POLL: [&str; 2] = ["--interval", "1h"];

/// Orders that differ in a field, an SNS notification of an event, and a gzipped order in base64.
fn messages() -> Vec<Value> {
    let order = |number: u32, status: &str| {
        format!(
            r#"{{"orderId":"A-{number}","status":"{status}","customer":{{"email":"ada@example.com","card":"4111 1111 1111 1111"}},"token":"s3cr3t-v4lue","items":[{{"sku":"x-1","n":1}},{{"sku":"y-2","n":3}}]}}"#
        )
    };
    let event = json!({
        "version": "0", "id": "6a7e8feb", "detail-type": "order placed", "source": "shop", "account": "111122223333",
        "time": "2026-03-01T03:12:00Z", "region": "eu-west-1", "resources": [], "detail": {"orderId": "A-77"},
    });
    let notification = json!({
        "Type": "Notification", "MessageId": "22b80b92", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:orders",
        "Message": event.to_string(),
    });
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(order(88, "packed").as_bytes()).unwrap();
    let mut messages = vec![
        message("packed", &STANDARD.encode(packed.finish().unwrap())),
        message("wrapped", &notification.to_string()),
        message("paid-1", &order(1, "paid")),
        message("failed-2", &order(2, "failed")),
        message("paid-3", &order(3, "paid")),
    ];
    for (place, message) in messages.iter_mut().enumerate() {
        message["Attributes"] =
            json!([{"Name": "SentTimestamp", "Value": (1_677_112_427_387_u64 + place as u64).to_string()}]);
        message["MessageAttributes"] =
            json!([{"Name": "kind", "Value": {"DataType": "String", "StringValue": "order"}}]);
    }
    messages
}

struct Desk {
    _gateway: Gateway,
    screen: Screen,
}

impl Desk {
    fn new(variables: &[(&str, &str)]) -> Self {
        Self::with(variables, &[])
    }

    fn with(variables: &[(&str, &str)], more: &[&str]) -> Self {
        let messages = messages();
        let gateway = Gateway::start(move |_| received(&messages));
        let url = gateway.url("orders");
        let args = [&[url.as_str()], &ONE_POLL[..], more].concat();
        let screen = Screen::start_with(&args, SIZE, variables);
        screen.wait_for("all messages", |view| {
            view.received() == Some(5) && view.shows("\"orderId\": \"A-3\"")
        });
        Self { _gateway: gateway, screen }
    }

    fn press(&mut self, keys: &str) {
        self.screen.press(keys);
    }

    fn waits_for(&self, texts: &[&str]) {
        self.screen.wait_for(&format!("{texts:?}"), |view| texts.iter().all(|text| view.shows(text)));
    }

    /// What was put on the clipboard last, by the bytes of OSC 52.
    fn copied(&self) -> String {
        let raw = String::from_utf8_lossy(&self.screen.raw_output()).into_owned();
        let (_, last) = raw
            .rsplit_once("\x1b]52;c;")
            .unwrap_or_else(|| panic!("nothing was copied\n{}", self.screen.text()));
        let end = last.find(['\x07', '\x1b']).unwrap();
        String::from_utf8(STANDARD.decode(&last[..end]).unwrap()).unwrap()
    }

    fn copies(&mut self, key: &str) -> String {
        self.press("y");
        self.waits_for(&[" Copy "]);
        self.press(key);
        self.waits_for(&["copied "]);
        let copied = self.copied();
        // The notice goes, so that the next one is waited for.
        self.press("\x1b");
        self.screen.wait_for("no notice", |view| !view.shows("copied "));
        copied
    }
}

fn rows_of(view: &View, id: &str) -> usize {
    view.rows().iter().filter(|row| row.contains(" B  ") && row.contains(id)).count()
}

#[test]
fn a_filter_leaves_the_message_that_matters_and_says_where_it_is_wrong() {
    let mut desk = Desk::new(&[]);
    desk.press("/body.status = ");
    desk.waits_for(&["a value is missing here"]);
    desk.press("failed");
    desk.screen.wait_for("one message", |view| {
        rows_of(view, "A-2") == 1
            && rows_of(view, "A-1") == 0
            && view.shows("filter: body.status = failed · 1")
    });
    desk.press("\r\x1b");
    desk.screen.wait_for("all again", |view| rows_of(view, "A-1") == 1 && !view.shows("filter: "));
    // A value that stands in no body finds nothing, and says so.
    desk.press("/received > 2020-01-01 and sent < 2020-01-01\r");
    desk.waits_for(&["None of the 5 messages held is taken by the filter."]);
}

#[test]
fn the_body_folds_shows_the_path_and_is_searched() {
    let mut desk = Desk::new(&[]);
    // Down to `"customer": {`, which is the fourth line.
    desk.press("\tjjj");
    desk.waits_for(&[" body.customer "]);
    desk.press("h");
    desk.waits_for(&["\"customer\": {▸ 2 members},"]);
    desk.press("j");
    desk.waits_for(&[" body.token "]);
    // The fold is kept from message to message, and l opens it again.
    desk.press("\x1b[Z");
    desk.press("j");
    desk.waits_for(&["\"orderId\": \"A-2\"", "\"customer\": {▸ 2 members},"]);
    desk.press("\tjjjl");
    desk.waits_for(&["\"card\": \"4111"]);
    desk.press("/SKU");
    desk.waits_for(&["0 of 0 found"]);
    desk.press("\x7f\x7f\x7fsku");
    desk.waits_for(&["1 of 2 found", " body.items[0].sku "]);
    desk.press("\rn");
    desk.waits_for(&["2 of 2 found", " body.items[1].sku "]);
    desk.press("\x1b");
    desk.screen.wait_for("no search", |view| !view.shows(" found"));
}

#[test]
fn envelopes_are_peeled_layer_by_layer_and_raw_is_one_key_away() {
    let mut desk = Desk::new(&[]);
    desk.press("jjj");
    desk.waits_for(&["body › SNS notification › EventBridge order placed", "\"orderId\": \"A-77\""]);
    desk.press("{");
    desk.waits_for(&["\"detail-type\": \"order placed\",", "} 1 further in"]);
    desk.press("{");
    desk.waits_for(&["\"Type\": \"Notification\"", "} 2 further in"]);
    desk.press("}}");
    desk.screen
        .wait_for("the payload", |view| view.shows("\"orderId\": \"A-77\"") && !view.shows("further in"));
    desk.press("5");
    desk.waits_for(&[r#"{"Message":"{\"account\":"#]);
    desk.press("1j");
    desk.waits_for(&["body › base64 › gzip", "\"status\": \"packed\""]);
}

#[test]
fn two_pinned_messages_are_compared() {
    let mut desk = Desk::new(&[]);
    desk.press("d");
    desk.waits_for(&["pin two messages (Space) to compare them; 0 pinned"]);
    desk.press(" j d");
    desk.waits_for(&[
        "Diff · − failed-2   + paid-3",
        "−   \"status\": \"failed\",",
        "+   \"status\": \"paid\",",
        "lines are alike",
    ]);
    desk.screen.wait_for("what is alike far off is left out", |view| {
        !view.shows("▸ Diff") && !view.shows("  \"sku\": \"y-2\"\n")
    });
    desk.press("\x1b");
    desk.screen.wait_for("the panes", |view| !view.shows("Diff · "));
}

#[test]
fn what_is_copied_reaches_the_terminals_clipboard_byte_by_byte() {
    let mut desk = Desk::new(&[]);
    let body = messages()[4]["Body"].as_str().unwrap().to_owned();
    assert_eq!(desk.copies("b"), body);
    assert_eq!(desk.copies("i"), "paid-3");
    let line: Value = serde_json::from_str(&desk.copies("m")).unwrap();
    assert_eq!((&line["message_id"], &line["body"]), (&json!("paid-3"), &json!(body)));
    assert!(!line.to_string().contains("handle"), "{line}");
    let attributes: Value = serde_json::from_str(&desk.copies("a")).unwrap();
    assert_eq!(attributes["message_attributes"]["kind"]["value"], "order");
    let curl = desk.copies("c");
    assert!(
        curl.starts_with("curl -sS -X GET 'http://127.0.0.1:") && curl.contains("AttributeName=All"),
        "{curl}"
    );
    // The value under the cursor, and its path as a filter takes it.
    desk.press("\tjjj");
    desk.waits_for(&[" body.customer "]);
    desk.press("jj");
    desk.waits_for(&[" body.customer.card "]);
    assert_eq!(desk.copies("v"), "4111 1111 1111 1111");
    assert_eq!(desk.copies("k"), "body.customer.card");
    desk.press("3");
    desk.waits_for(&["kind  String  order"]);
    assert_eq!(desk.copies("v"), "order");
    // Out of its envelopes, with the way there for jq.
    desk.press("1\x1b[Z");
    desk.press("jjj");
    desk.waits_for(&["EventBridge order placed"]);
    assert_eq!(desk.copies("p"), r#"{"orderId":"A-77"}"#);
    desk.press("\tjj");
    desk.waits_for(&[".Message | fromjson | .detail | .orderId"]);
    assert_eq!(desk.copies("k"), ".Message | fromjson | .detail | .orderId");
}

#[test]
fn messages_are_written_to_files_that_only_their_owner_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut desk = Desk::new(&[]);
    // The name that is offered goes: Ctrl-U empties the line.
    desk.press("w");
    desk.waits_for(&["Write to a file", "all held: 5"]);
    desk.press(&format!("\x15{}\r", path("all.ndjson")));
    desk.waits_for(&["wrote 5 messages"]);
    let written = std::fs::read_to_string(path("all.ndjson")).unwrap();
    let ids: Vec<Value> = written
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["message_id"].clone())
        .collect();
    assert_eq!(ids, ["packed", "wrapped", "paid-1", "failed-2", "paid-3"]);
    let mode = std::fs::metadata(path("all.ndjson")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // What is there already stays as it is.
    desk.press("w");
    desk.waits_for(&["Write to a file"]);
    desk.press(&format!("\x15{}\r", path("all.ndjson")));
    desk.waits_for(&["is there already, and is left as it is"]);
    assert_eq!(std::fs::read_to_string(path("all.ndjson")).unwrap(), written);
    // Those that a filter takes, as a table.
    desk.press("/status\":\"paid\r");
    desk.waits_for(&["filter: status\":\"paid · 2"]);
    desk.press("w");
    desk.waits_for(&["filtered: 2"]);
    desk.press("\x1b[A ");
    desk.waits_for(&["CSV: a table"]);
    desk.press(&format!("\t\x15{}\r", path("paid.csv")));
    desk.waits_for(&["wrote 2 messages"]);
    let mut table = csv::Reader::from_path(path("paid.csv")).unwrap();
    let titles: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(titles[..3], ["endpoint", "received_at", "message_id"]);
    assert!(titles.contains(&"attributes.SentTimestamp".to_owned()), "{titles:?}");
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| row[2].to_owned()).collect::<Vec<_>>(), ["paid-1", "paid-3"]);
    assert_eq!(rows[0][3], messages()[2]["Body"]);
    // Those that are marked; and where nothing can be written it is said.
    desk.press("\x1b");
    desk.screen.wait_for("all again", |view| !view.shows("filter: "));
    desk.press("gv");
    desk.waits_for(&["1 marked", "✓"]);
    desk.press("w");
    desk.waits_for(&["selected: 1"]);
    desk.press(&format!("\x15{}\r", path("nowhere/one.ndjson")));
    desk.waits_for(&["cannot write", "No such file or directory"]);
}

#[test]
fn an_editor_shows_the_body_and_the_screen_comes_back_clean() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let script = folder.path().join("editor");
    let mut text = String::from("#!/bin/sh\n");
    let _ = writeln!(
        text,
        "clear; cat \"$1\" > {0}; echo \"$1\" > {0}.name; cat \"$1\"; echo \"editing $1\"; read line",
        kept.display()
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut desk = Desk::new(&[("EDITOR", script.to_str().unwrap())]);
    desk.press("E");
    desk.screen.wait_for("the editor", |view| view.shows("editing /") && !view.shows("Endpoints"));
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), messages()[4]["Body"]);
    // Keys are the editor's while it runs: this one ends it, and quits nothing. Nor does an interrupt.
    desk.screen.signal("INT");
    desk.press("q\r");
    desk.screen.wait_for("the panes again", |view| {
        view.shows("Endpoints") && view.shows("\"orderId\": \"A-3\"") && !view.shows("editing /")
    });
    let name = std::fs::read_to_string(folder.path().join("kept.name")).unwrap();
    assert!(!std::path::Path::new(name.trim()).exists(), "the file with the body is gone");
    desk.press("j");
    desk.waits_for(&["\"orderId\": \"A-2\""]);
    desk.press("q");
    let left = desk.screen.left();
    assert_eq!((left.code, left.still.as_slice()), (0, &[][..]));
    assert_eq!(left.modes[0], left.modes[1]);
}

#[test]
fn an_editor_that_is_not_there_is_named_and_nothing_is_lost() {
    let mut desk = Desk::new(&[("EDITOR", "/nowhere/ed --wait")]);
    desk.press("E");
    desk.waits_for(&["cannot start /nowhere/ed --wait", "Endpoints"]);
    desk.press("j");
    desk.waits_for(&["\"orderId\": \"A-2\""]);
}

#[test]
fn on_a_shared_screen_secrets_are_hidden_everywhere_at_once_and_found_all_the_same() {
    const SECRETS: [&str; 3] = ["ada@example.com", "4111 1111", "s3cr3t-v4lue"];
    let folder = tempfile::tempdir().unwrap();
    let script = "sh -c 'cat \"$0\"; echo the pager has it; read line'";
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "[mask]\non = true\n").unwrap();
    let mut desk = Desk::with(&[("PAGER", script)], &["--config", config.to_str().unwrap()]);
    let hides = |desk: &Desk| {
        desk.screen
            .wait_for("hidden", |view| view.shows("\"email\": \"•••\"") && view.header().contains("masked"));
    };
    hides(&desk);
    // The list, the detail, every tab, a copy, a file, a pager, and a comparison.
    for tab in ["5", "2", "3", "4", "1"] {
        desk.press(tab);
    }
    hides(&desk);
    let path = folder.path().join("masked.ndjson").to_str().unwrap().to_owned();
    let mut out = desk.copies("b") + &desk.copies("m") + &desk.copies("p");
    desk.press("V");
    desk.waits_for(&["the pager has it"]);
    desk.press("\r");
    hides(&desk);
    desk.press("w");
    desk.waits_for(&["masked", "Write to a file"]);
    desk.press(&format!("\x15{path}\r"));
    desk.waits_for(&["wrote 5 messages"]);
    out += &std::fs::read_to_string(&path).unwrap();
    assert!(out.contains("•••") && out.contains("A-3"), "{out}");
    // What is encoded is hidden whole: whoever sees it could decode it.
    assert!(!out.contains(messages()[0]["Body"].as_str().unwrap()), "{out}");
    desk.press(" j d");
    desk.waits_for(&["Diff · ", "−   \"status\": \"failed\","]);
    desk.press("\x1b");
    desk.screen.wait_for("the panes", |view| !view.shows("Diff · "));
    // Its owner still finds it.
    desk.press("/ada@example.com and A-2\r");
    desk.screen.wait_for("found", |view| view.shows("\"orderId\": \"A-2\"") && view.shows("· 1 "));
    desk.press("\x1b");
    desk.screen.wait_for("all again", |view| !view.shows("filter: "));
    let raw = String::from_utf8_lossy(&desk.screen.raw_output()).into_owned();
    let typed = raw.matches("ada@example.com").count();
    for secret in SECRETS {
        assert!(!out.contains(secret), "{secret}\n{out}");
        // The filter that was typed is on the screen, and nothing else is.
        assert!(secret == "ada@example.com" || !raw.contains(secret), "{secret} was on the screen");
    }
    assert!(typed <= 4, "only as it was typed: {typed}");
    desk.press("m");
    desk.waits_for(&["\"email\": \"ada@example.com\""]);
}

#[test]
fn jq_answers_within_the_detail_and_cannot_hang_the_screen() {
    let mut desk = Desk::new(&[]);
    desk.press("|[.items[] | {sku, twice: (.n * 2)}]\r");
    desk.waits_for(&["body › jq [.items[]", "\"twice\": 6"]);
    desk.press("{");
    desk.waits_for(&["\"orderId\": \"A-3\""]);
    // What was asked last is offered again; Ctrl-U empties the line.
    desk.press("|\x15.items[\r");
    desk.waits_for(&["jq: a closing bracket is missing at the end"]);
    desk.press("|\x15last(range(1e18))\r");
    desk.press("\x1b[Z");
    // Meanwhile keys do what they do.
    desk.press("\t");
    desk.press("j");
    desk.waits_for(&["\"orderId\": \"A-2\""]);
    desk.waits_for(&["jq: stopped after 2 s without an end"]);
    desk.press("|\x15[limit(1e9; repeat(1))] | length\r");
    desk.screen.wait_for("the end of it", |view| {
        view.shows("jq: the evaluation took more memory than it may") || view.shows("jq: stopped after 2 s")
    });
}

#[test]
fn keys_columns_and_colours_come_from_the_config_file_and_the_palette_finds_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    std::fs::write(folder.path().join("mine.toml"), "key = '#010203'\n").unwrap();
    std::fs::write(
        &config,
        "[screen]\ntheme = 'mine.toml'\ncolumns = ['id', 'body.status', 'custom.kind', 'body']\n\
         [keys]\npause = ['ctrl-x']\nquit = ['Q']\n",
    )
    .unwrap();
    let mut desk = Desk::with(&[], &["--config", config.to_str().unwrap()]);
    desk.screen.wait_for("the columns", |view| {
        view.shows_in_a_row(&["id", "status", "kind", "body"])
            && view.shows_in_a_row(&["failed-2", "failed", "order"])
    });
    assert!(String::from_utf8_lossy(&desk.screen.raw_output()).contains("38;2;1;2;3"), "the theme's colour");
    desk.press("q");
    desk.press("\x18");
    desk.screen.wait_for("paused by its own key", |view| view.header().contains("1 paused"));
    desk.press(":sort list");
    desk.waits_for(&["Commands and endpoints", "sort the list by another column"]);
    desk.press("\r");
    desk.waits_for(&["· by id ↓", "id↓"]);
    // By hand: the columns are chosen, moved, and the list is sorted by one of them.
    desk.press("C");
    desk.waits_for(&[" Columns ", "✓ body.status", "  body.token"]);
    desk.press("js");
    desk.waits_for(&["body.status  sorted ↓"]);
    desk.press("\x1b");
    desk.screen.wait_for("the order", |view| {
        let rows = view.rows();
        let row = |id: &str| rows.iter().position(|row| row.contains(id) && row.contains("order"));
        // Esc and the key after it must not come together: that would be another key.
        row("failed-2") < row("paid-1") && row("failed-2").is_some() && !view.shows(" Columns ")
    });
    desk.press("Q");
    assert_eq!(desk.screen.left().code, 0);
}
