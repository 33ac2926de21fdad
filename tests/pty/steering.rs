//! What is typed, pasted and clicked.

use crate::gateway::{Gateway, message, received};
use crate::screen::Screen;

const SIZE: (u16, u16) = (120, 24);

/// Two endpoints by URL, each with ten messages: `…/orders` and `…/bills`.
fn watching() -> (Gateway, Screen) {
    let messages: Vec<_> = (0..10)
        .map(|number| message(&format!("m-{number}"), &format!(r#"{{"order":{number},"lines":[1,2,3]}}"#)))
        .collect();
    let gateway = Gateway::start(move |_| received(&messages));
    let screen = Screen::start(&[&gateway.url("orders"), &gateway.url("bills"), "--interval", "1h"], SIZE);
    screen.wait_for("messages", |view| view.received() == Some(20) && view.selected_order() == Some(9));
    (gateway, screen)
}

#[test]
fn a_parameter_out_of_range_is_explained_while_typed_and_not_applied() {
    let (_gateway, mut screen) = watching();
    screen.press("e");
    screen.wait_for_text("1 to 10 messages a poll");
    // The field holds 10: another digit makes it 107.
    screen.press("7");
    screen.wait_for("the error", |view| view.shows("✖ max_number") && view.shows("from 1 to 10"));
    // Enter leaves the form open: what is typed next is still typed into it.
    screen.press("\r8");
    screen.wait_for_text("1078");
    assert!(screen.look(|view| view.shows("✖ max_number")), "{}", screen.text());
    screen.press("\x7f\x7f\x7f\x7f4");
    screen.wait_for("no error", |view| !view.shows("✖") && view.shows("1 to 10 messages a poll"));
    screen.press("\t\t6\r");
    screen.wait_for("the form to close", |view| !view.shows("burst"));
    // Esc lets go of the notice, which stands where the parameters do.
    screen.press("\x1b");
    screen.wait_for("the new parameters", |view| {
        view.footer().contains("max 4") && view.footer().contains("wait 6 s")
    });
}

#[test]
fn what_is_applied_is_what_the_next_poll_asks_for() {
    let gateway = Gateway::start(|path| {
        let asked = path.split(['?', '&']).find(|pair| pair.starts_with("MaxNumberOfMessages="));
        received(&[message(&path.len().to_string(), asked.unwrap_or("nothing"))])
    });
    let mut screen = Screen::start(&[&gateway.url("q"), "--interval", "1h"], SIZE);
    screen.wait_for_text("MaxNumberOfMessages=10");
    screen.press("e\x7f\x7f3\r");
    screen.wait_for("the form to close", |view| !view.shows("burst"));
    screen.press("r");
    screen.wait_for_text("MaxNumberOfMessages=3");
}

#[test]
fn an_endpoint_is_added_by_its_url_typed_or_pasted() {
    let (gateway, mut screen) = watching();
    screen.press("a");
    screen.wait_for_text("Watch another endpoint");
    screen.press(&gateway.url("typed"));
    screen.press("\r");
    screen.wait_for("a third", |view| view.received() == Some(30) && view.header().contains("3 endpoints"));
    screen.press("a");
    // As copied from a page: with line ends around it, and an escape that must not do anything.
    screen.press(&format!("\x1b[200~{}\r\n\x1b[201~", gateway.url("pasted")));
    screen.wait_for_text("/pasted");
    assert!(screen.look(|view| view.shows("Watch another endpoint")), "a pasted line end is no Enter");
    screen.press("\r");
    screen.wait_for("a fourth", |view| view.received() == Some(40) && view.header().contains("4 endpoints"));
    screen.wait_for("it is selected", |view| view.shows_in_a_row(&["Messages · ", "/pasted"]));
}

#[test]
fn a_url_that_cannot_be_watched_is_explained_and_not_added() {
    let (_gateway, mut screen) = watching();
    for (typed, why) in [
        ("example.com/prod", "has no scheme"),
        ("ftp://example.com", "must be http or https"),
        ("https://", "has no host"),
        ("", "Nothing is written"),
    ] {
        screen.press("a");
        screen.wait_for_text("Watch another endpoint");
        screen.press(typed);
        screen.press("\r");
        screen.wait_for(why, |view| view.shows(why) && view.shows("Watch another endpoint"));
        screen.press("\x1b");
        screen.wait_for("the panes", |view| !view.shows("Watch another endpoint"));
    }
    assert!(screen.look(|view| view.header().contains("2 endpoints")), "{}", screen.text());
}

#[test]
fn removing_asks_first_and_forgets_only_what_was_asked() {
    let (_gateway, mut screen) = watching();
    screen.press("x");
    screen.wait_for_text("Stop watching");
    screen.press("n");
    screen.wait_for("both", |view| !view.shows("Stop watching") && view.header().contains("2 endpoints"));
    screen.press("x");
    screen.wait_for_text("Stop watching");
    screen.press("y");
    screen.wait_for("one", |view| {
        view.header().contains("1 endpoint ·") && view.shows_in_a_row(&["Messages · ", "/bills"])
    });
    screen.press("xy");
    screen.wait_for_text("No endpoint is watched: a adds one by its URL.");
}

#[test]
fn a_click_selects_an_endpoint_a_message_and_a_tab() {
    let (_gateway, mut screen) = watching();
    let place = |screen: &Screen, text: &str| screen.look(|view| view.place_of(text)).expect(text);
    let below = |(column, row): (u16, u16), rows: u16| (column + 2, row + rows);

    let endpoints = place(&screen, "Endpoints");
    screen.click(below(endpoints, 2));
    screen.wait_for("the second endpoint", |view| {
        view.shows_in_a_row(&["Messages · ", "/bills"]) && view.focus().as_deref() == Some("Endpoints")
    });
    let message = place(&screen, r#"{"order":6"#);
    screen.click(message);
    screen.wait_for("the message", |view| {
        view.selected_order() == Some(6)
            && view.shows(r#""order": 6"#)
            && view.focus().as_deref() == Some("Messages")
    });
    for tab in ["Timeline", "Raw", "Attributes", "Custom", "Body"] {
        let title = place(&screen, tab);
        screen.click(title);
        screen.wait_for(tab, |view| view.front_tab().as_deref() == Some(tab));
    }
}

#[test]
fn the_wheel_scrolls_messages_detail_and_help() {
    let (_gateway, mut screen) = watching();
    let messages = screen.look(|view| view.place_of(r#"{"order":9"#)).unwrap();
    screen.wheel(true, messages);
    screen.wait_for("three rows down", |view| view.selected_order() == Some(6));
    screen.wheel(false, messages);
    screen.wait_for("three rows up", |view| view.selected_order() == Some(9));
    screen.press("2");
    screen.press("?");
    screen.wait_for_text("up a row");
    for _ in 0..20 {
        screen.wheel(true, messages);
    }
    screen.wait_for("the help's end", |view| view.shows("quit") && !view.shows("up a row"));
    for _ in 0..20 {
        screen.wheel(false, messages);
    }
    screen.wait_for_text("up a row");
}

#[test]
fn the_wheel_scrolls_a_long_body() {
    let body = (0..200).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n");
    let gateway = Gateway::start(move |_| received(&[message("long", &body)]));
    let mut screen = Screen::start(&[&gateway.url("q"), "--interval", "1h"], SIZE);
    screen.wait_for_text("line 4");
    let detail = screen.look(|view| view.place_of("Body")).unwrap();
    screen.wheel(true, (detail.0, detail.1 + 3));
    screen.wait_for("the fourth line on top", |view| {
        view.shows_in_a_row(&["│line 3 "]) && !view.shows("│line 2 ")
    });
}
