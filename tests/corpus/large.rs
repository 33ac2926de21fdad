//! Much of what is worst: none of it overflows the stack, and none takes as long as the square of its length would, which
//! is minutes.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::{body, config, filter, keys, text, wire};

/// As large as a message's body can be.
const MEBIBYTE: usize = 1 << 20;
/// Enough to tell a square from a line, also where nothing is optimised.
const LARGE: usize = 1 << 17;

/// As often as it fits into so many bytes.
fn many(part: &str, bytes: usize) -> String {
    part.repeat(bytes / part.len())
}

#[test]
fn an_answer_of_a_mebibyte_is_read_or_refused() {
    let message = |members: &str| format!(r#"0{{"Messages":[{{"MessageId":"i","Body":"b",{members}}}]}}"#);
    let pairs: Vec<String> = (0..10_000).map(|n| format!(r#"{{"Name":"n{n}","Value":"v"}}"#)).collect();
    let map: Vec<String> =
        (0..10_000).map(|n| format!(r#""n{n}":{{"DataType":"String","StringValue":"v"}}"#)).collect();
    let answers = [
        format!("0<ErrorResponse>{}", many("<Errors>", MEBIBYTE)),
        format!("0<Response>{}", many("<x>", MEBIBYTE)),
        format!("0<ReceiveMessageResponse><ReceiveMessageResult><Message>{}", many("<a>", MEBIBYTE)),
        format!("0<{}>", many("a", MEBIBYTE)),
        format!(
            "0<ErrorResponse><Error><Code>c</Code><Message>{}</Message></Error></ErrorResponse>",
            many("&amp;", MEBIBYTE)
        ),
        format!("0<a{}>", many(" a=\"\"", MEBIBYTE)),
        format!("0{{\"{}\":1}}", many("\u{202e}", MEBIBYTE)),
        format!("0{{\"message\":\"{}\"}}", many("\\u001b", MEBIBYTE)),
        format!("3{{\"message\":\"{}\"}}", many("\\u001b", MEBIBYTE)),
        format!("0{{\"__type\":\"{}\"}}", many("x", MEBIBYTE)),
        format!(
            "0{{\"Error\":{{\"Code\":\"{0}\",\"Message\":\"{0}\"}},\"RequestId\":\"{0}\"}}",
            "y".repeat(MEBIBYTE / 3)
        ),
        format!("0{{\"Messages\":{}", many("[", MEBIBYTE)),
        format!("0{{\"Messages\":{}", many("{\"Body\":", MEBIBYTE)),
        message(&format!(r#""Attributes":[{}]"#, pairs.join(","))),
        message(&format!(r#""MessageAttributes":{{{}}}"#, map.join(","))),
        message(&format!(r#""x":{}1{}"#, "[".repeat(100), "]".repeat(100))),
        message(&format!(r#""ReceiptHandle":"{}""#, many("\\ud83d\\ude00", MEBIBYTE))),
        message(&format!(r#""ReceiptHandle":"{}""#, many("\\ud800", MEBIBYTE))),
    ];
    for answer in &answers {
        wire::holds(answer.as_bytes());
    }
}

/// Each message is laid out otherwise than the one before it, or found to be so at its very end.
#[test]
fn messages_that_are_not_laid_out_alike_are_read_twice_at_most() {
    let either_way = many(r#"{"MessageId":"i","Body":"b"},{"Body":"b","MessageId":"i"},"#, LARGE);
    let body = many(r#"\""#, MEBIBYTE / 4);
    let ends = |end: &str| format!(r#"{{"MessageId":"i","Body":"{body}"{end}}},"#);
    let at_the_end = ends("") + &ends(r#","a":1"#) + &ends("");
    for messages in [either_way, at_the_end] {
        wire::holds(format!(r#"0{{"Messages":[{}]}}"#, messages.trim_end_matches(',')).as_bytes());
    }
}

#[test]
fn a_large_filter_is_read_or_refused() {
    for part in [
        "(", "not ", "a ", "a or ", "a.", "a. ", "body.a ", "body.a[", "\"", "\\", "/x", "@bad ", "@", "aa=",
        "\u{300}", "[0]",
    ] {
        filter::holds(many(part, LARGE).as_bytes());
    }
    filter::holds(format!("body{}", many(".a", LARGE)).as_bytes());
    filter::holds(format!("body{} = 1\n{{}}", many("[]", LARGE)).as_bytes());
    filter::holds(format!("body[].a = 1 or a\n[{}1]", many("{\"a\":2},", LARGE)).as_bytes());
    filter::holds(format!("body.a = 1\n{}", many("[", LARGE)).as_bytes());
}

#[test]
fn a_large_config_file_is_read_or_refused() {
    for part in ["[", "[[", "a.", "a=[", "a={", "#", "\"", "\\u202e", "\n", "[a]\n", "[[endpoint]]\n"] {
        config::holds(many(part, LARGE).as_bytes());
        config::holds(format!("[keys]\nquit = [\"{part}\"]\n{}", many(part, LARGE)).as_bytes());
    }
    config::holds(format!("x{} = 1", many(".x", LARGE)).as_bytes());
    let table: String = (0..5_000).fold(String::new(), |table, n| table + &format!("f{n} = 'a'\n"));
    config::holds(format!("[filters]\n{table}[[endpoint]]\nname='orders'\nurl='https://h/p'").as_bytes());
    // Each filter is twice the next: written out they would be a billion.
    let doubled: String =
        (0..30).fold(String::new(), |table, n| table + &format!("f{n} = '@f{0} @f{0}'\n", n + 1));
    config::holds(
        format!("[filters]\n{doubled}f30 = 'a'\n[[endpoint]]\nname='orders'\nurl='https://h/p'").as_bytes(),
    );
}

#[test]
fn a_large_key_is_refused() {
    for part in ["ctrl-", "alt-", "x", "é", "\u{202e}"] {
        keys::holds(format!("quit {}", many(part, LARGE)).as_bytes());
    }
}

#[test]
fn a_large_text_is_made_visible() {
    for part in ["x", "\u{301}", "\u{202e}", "\u{1b}", "全", "👩‍👩‍👧‍👦", "\u{fe0f}"] {
        text::holds(many(part, LARGE).as_bytes());
    }
}

#[test]
fn a_large_body_is_peeled_and_masked() {
    for part in [
        "[",
        "{\"a\":",
        "\\",
        "\"\\\"",
        "-----BEGIN PRIVATE KEY-----",
        "eyJa-",
        "eyJ-AKIAABCDEFGHIJKLMNOP-",
        "a@",
        "@a.",
        "AAAAaaaa1111AAAAaaaa1111AAAAaaaa1111.",
        "4111 1111 1111 1111 ",
        "token=\"",
        "token='a' ",
        "aé-eyJ",
        "H4sI",
    ] {
        body::holds(many(part, LARGE).as_bytes());
        body::holds(serde_json::json!([many(part, LARGE)]).to_string().as_bytes());
    }
    let mut wrapped = "[1]".to_owned();
    while wrapped.len() < LARGE {
        wrapped =
            serde_json::json!({"Type": "Notification", "TopicArn": "t", "Message": wrapped}).to_string();
    }
    body::holds(wrapped.as_bytes());
}

#[test]
fn what_was_packed_to_burst_stays_packed() {
    let packed = |bytes: &[u8]| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(bytes).unwrap();
        STANDARD.encode(packed.finish().unwrap())
    };
    let bomb = packed(&vec![b' '; 2 * MEBIBYTE]);
    body::holds(bomb.as_bytes());
    body::holds(packed(packed(&vec![b'x'; 17 * MEBIBYTE]).as_bytes()).as_bytes());
    let many: Vec<&str> = std::iter::repeat_n(&*bomb, 8).collect();
    body::holds(serde_json::json!(many).to_string().as_bytes());
}
