//! The language in which messages are looked for: what each filter takes, and where a wrong one is wrong.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use qwatch::filter::{Filter, Once, Path, Saved, Step, Subject};
use qwatch::sqs::{AttributeName, AttributeValue, Message, MessageAttribute};

const BODY: &str = r#"{"orderId":"A-1029","status":"failed","total":12.50,"big":12345678901234567890,"paid":false,
"note":null,"customer":{"name":"Ada Lovelace","tags":["vip","eu"]},"items":[{"sku":"x-1","n":1},{"sku":"y-2","n":3}],
"at":"2026-03-01T03:12:00Z","a key":"spaced"}"#;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_366_400, 0).unwrap()
}

fn message() -> Message {
    let mut message = Message { message_id: "60e827c3-0000".into(), body: BODY.into(), ..Message::default() };
    let sent = now() - TimeDelta::minutes(7);
    message.attributes.push(AttributeName::SentTimestamp, sent.timestamp_millis().to_string());
    message.attributes.push(AttributeName::ApproximateReceiveCount, "4");
    message.attributes.push(AttributeName::MessageGroupId, "eu-west");
    let text = |value: &str| MessageAttribute {
        data_type: "String".into(),
        value: AttributeValue::String(value.into()),
    };
    message.message_attributes.push("kind", text("order"));
    message.message_attributes.push("Trace", text("t-99"));
    message
}

fn saved() -> Saved {
    [
        ("bad", "body.status = failed"),
        ("old", "@bad and age > 5m"),
        ("round", "@round"),
        ("broken", "size > x"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

fn takes(text: &str) -> bool {
    let filter = Filter::parse(text, &saved()).unwrap_or_else(|problem| panic!("{text}: {problem}"));
    let message = message().into();
    filter.matches(&Subject {
        receives: 4,
        is_new: false,
        is_poison: true,
        is_pinned: true,
        received: &Once { message: &message, at: now() - TimeDelta::seconds(30), all_asked: true },
        now: now(),
    })
}

/// What each takes of [`message`].
const TAKES: &[(&str, bool)] = &[
    ("", true),
    ("   ", true),
    // Text, anywhere, smart case.
    ("failed", true),
    ("FAILED", false),
    ("ada", true),
    ("Ada", true),
    ("aDa", false),
    ("60e8", true),
    ("eu-west", true),
    ("t-99", true),
    ("messagegroupid", true),
    ("kind", true),
    ("nowhere", false),
    (r#""Ada Lovelace""#, true),
    (r#""ada lovelace""#, true),
    (r#""Lovelace Ada""#, false),
    (r#""\"status\"""#, true),
    ("/fail(ed|ure)/", true),
    ("/FAIL/", false),
    ("/FAIL/i", true),
    (r"/03:12:\d\d/", true),
    (r"/a\/b/", false),
    ("https://x", false),
    ("12:30", false),
    ("03:12", true),
    // Values in the body.
    ("body.status = failed", true),
    ("body.status=failed", true),
    (r#"body.status = "failed""#, true),
    ("body.status = fail", false),
    ("body.status:fail", true),
    ("body.status != failed", false),
    ("body.status != open", true),
    ("body.absent != open", false),
    ("body.total = 12.5", true),
    ("body.total > 12", true),
    ("body.total >= 12.50", true),
    ("body.total < 12", false),
    ("body.total <= 13", true),
    ("body.total > abc", false),
    ("body.big > 1e19", true),
    ("body.paid = false", true),
    ("body.note = null", true),
    ("body.note", false),
    ("body.total", true),
    ("body.absent", false),
    ("body.customer.name:ada", true),
    ("body.customer.name ~ /^Ada/", true),
    ("body.customer.name:/^ada/i", true),
    ("body.customer.tags[0] = vip", true),
    ("body.customer.tags[1] = vip", false),
    ("body.customer.tags[] = eu", true),
    ("body.items[1].sku = y-2", true),
    ("body.items[].sku = y-2", true),
    ("body.items[*].n > 2", true),
    ("body.items[].n > 3", false),
    ("body.items[7].sku", false),
    (r#"body["a key"] = spaced"#, true),
    (r#"body["a key"] = "spaced""#, true),
    (r#"body["a\u0020key"] = spaced"#, true),
    (r#"body["a\"]=key"] = spaced"#, false),
    ("body.at > 2026-03-01T03:11", true),
    ("body.at < 2026-03-01T03:11", false),
    ("body:vip", true),
    ("body:VIP", false),
    // Attributes, size, age, id, group.
    ("attr.ApproximateReceiveCount > 3", true),
    ("attr.ApproximateReceiveCount > 4", false),
    ("attr.ApproximateReceiveCount = 4.0", true),
    ("attr.SenderId", false),
    ("attr:eu-", true),
    ("custom.kind = order", true),
    ("custom.kind:ORD", false),
    ("custom.Trace = t-99", true),
    ("custom.trace", false),
    ("custom:t-9", true),
    ("size > 200", true),
    ("size>0.2kB", true),
    ("size > 1MiB", false),
    ("age > 5m", true),
    ("age > 1h", false),
    ("age < 7m30s", true),
    ("id:60e8", true),
    ("id:61", false),
    ("group:eu", true),
    ("group = eu-west", true),
    ("group = eu", false),
    // A year of six digits is one as well, the last that there is among them.
    ("sent < +262142-12-31", true),
    ("sent > +262142-12-31", false),
    ("received = +262142-12-31..2020-01-01", false),
    ("sent > -262143-01-01", true),
    // Flags.
    ("is:poison", true),
    ("is:redelivered", true),
    ("is:new", false),
    ("is:pinned", true),
    ("is:altered", false),
    // Together: not binds more than and, and more than or.
    ("failed vip", true),
    ("failed nowhere", false),
    ("failed and vip", true),
    ("failed AND nowhere", false),
    ("nowhere or vip", true),
    ("not nowhere", true),
    ("not not vip", true),
    ("not nowhere and vip", true),
    ("not (nowhere or vip)", false),
    ("vip or nowhere and nowhere", true),
    ("(vip or nowhere) and nowhere", false),
    ("(vip or nowhere)(failed)", true),
    ("is:poison and body.total > 10 or id:0", true),
    // Words that only look like something else.
    ("android", false),
    ("order", true),
    ("nothing", false),
    (r#""and""#, false),
    ("size", false),
    ("id", true),
    // Saved ones.
    ("@bad", true),
    ("not @bad", false),
    ("@old", true),
    ("@old and size > 1MB", false),
];

#[test]
fn each_filter_takes_what_it_says() {
    for (text, expected) in TAKES {
        assert_eq!(takes(text), *expected, "{text}");
    }
}

#[test]
fn a_wrong_filter_points_at_the_character() {
    let cases = [
        ("(failed", 0, "not closed"),
        ("failed)", 6, "no ( to close"),
        ("()", 1, "missing before )"),
        ("failed and", 10, "missing here"),
        ("and failed", 0, "missing before this"),
        ("a or or b", 5, "missing before this"),
        ("not", 3, "missing here"),
        (r#"a "b c"#, 2, "quote is not closed"),
        ("a /b", 2, "/ is not closed"),
        ("/(/", 0, "no regular expression"),
        ("body..x = 1", 5, "a key is missing"),
        ("body.x[a] = 1", 7, "whole number"),
        ("body.x[1 = 1", 7, "] is missing"),
        ("body.x =", 8, "a value is missing"),
        ("body.x ~ y", 9, "between slashes"),
        ("bdy.x = 1", 0, "did you mean body?"),
        ("size > tall", 7, "a size is"),
        ("age > 5", 6, "a duration"),
        ("size.x > 3", 4, "size has no parts"),
        ("is:pois", 3, "did you mean poison?"),
        ("is:happy", 3, "a message can be poison"),
        ("is > 3", 3, "takes a colon"),
        ("山田 and (x", 7, "not closed"),
        ("@broke", 0, "did you mean @broken?"),
        ("@nowhere-at-all", 0, "no filter is saved"),
        ("@round", 0, "names itself"),
        ("x and @broken", 6, "in @broken: a size is"),
    ];
    for (text, column, words) in cases {
        let problem = Filter::parse(text, &saved()).map(|filter| format!("{filter:?}")).unwrap_err();
        assert_eq!(problem.column, column, "{text}: {problem}");
        assert!(problem.what.contains(words), "{text}: {problem}");
    }
}

#[test]
fn what_is_nested_without_end_is_refused_and_does_not_overflow() {
    for text in ["(".repeat(10_000), "not ".repeat(10_000), "((((a".repeat(3_000)] {
        assert!(Filter::parse(&text, &saved()).is_err());
    }
}

#[test]
fn saved_filters_that_name_one_another_without_end_are_refused_and_do_not_take_forever() {
    let next = |n: u32, text: &str| (format!("f{n}"), text.replace('N', &format!("f{}", n + 1)));
    let long: Saved = (0..50_000).map(|n| next(n, "@N")).collect();
    let problem = Filter::parse("@f0", &long).unwrap_err();
    assert!(problem.what.ends_with("nested too deeply"), "{problem}");
    // Written out, these would be a billion words.
    let doubled: Saved = (0..30).map(|n| next(n, "@N or @N")).chain([next(30, "a")]).collect();
    let problem = Filter::parse("@f0", &doubled).unwrap_err();
    assert!(problem.what.ends_with("too many saved filters are named in all"), "{problem}");
}

#[test]
fn a_path_is_written_as_it_is_read_and_as_jq_takes_it() {
    for (keys, written) in [
        (&["items", "a_1"][..], ".items.a_1"),
        (&["a key"], r#"["a key"]"#),
        (&["say \"]\""], r#"["say \"]\""]"#),
        (&["C:\\dir", "1st"], r#"["C:\\dir"]["1st"]"#),
        (&["größe", ""], r#"["größe"][""]"#),
        (&["\u{1b}[2J"], r#"["\u001b[2J"]"#),
    ] {
        let path = Path(keys.iter().map(|key| Step::Key((*key).to_owned())).collect());
        assert_eq!(path.to_string(), written);
        assert_eq!(written.parse(), Ok(path));
    }
    // By hand a backslash needs no other before it where it cannot be meant otherwise.
    assert_eq!(r#"["C:\dir"]"#.parse(), Ok(Path(vec![Step::Key(r"C:\dir".into())])));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic_and_a_problem_is_within_it(
        text in "[ ()\"/@:=<>!~.\\[\\]a-z0-9\\\\山]{0,24}|(body|is|not|and|or|size|\\(|\\)| |:|=|\"|/){0,12}",
    ) {
        match Filter::parse(&text, &saved()) {
            Ok(filter) => {
                let message = message().into();
                let subject = Subject {
                    receives: 1, is_new: true, is_poison: false, is_pinned: false, received: &Once { message: &message, at: now(), all_asked: true }, now: now(),
                };
                let taken = filter.matches(&subject);
                prop_assert_eq!(taken, filter.matches(&subject));
            }
            Err(problem) => prop_assert!(problem.column <= text.chars().count(), "{problem}"),
        }
    }

    /// Whatever two filters take, their combinations take by the rules of logic.
    #[test]
    fn and_or_and_not_are_those_of_logic(a in any_filter(), b in any_filter()) {
        let (left, right) = (takes(&a), takes(&b));
        prop_assert_eq!(takes(&format!("({a}) and ({b})")), left && right);
        prop_assert_eq!(takes(&format!("({a}) ({b})")), left && right);
        prop_assert_eq!(takes(&format!("({a}) or ({b})")), left || right);
        prop_assert_eq!(takes(&format!("not ({a})")), !left);
    }
}

fn any_filter() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "failed",
        "nowhere",
        "body.total > 3",
        "is:new",
        "/vip|eu/",
        "custom.kind = order",
        "size > 1MB",
        "@bad",
        "age > 5m",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 2, |inner| {
        (inner.clone(), inner, 0..3_u8).prop_map(|(a, b, kind)| match kind {
            0 => format!("({a} and {b})"),
            1 => format!("({a} or {b})"),
            _ => format!("not {a}"),
        })
    })
}
