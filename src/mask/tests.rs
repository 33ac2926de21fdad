use super::*;

#[test]
fn what_is_assigned_is_hidden_to_its_end_also_where_json_is_cut_or_is_a_part() {
    let mask = Mask::default();
    let cases = [
        (r#"LOG {"a":"{\"password\":\"deep\"}"}"#, r#"LOG {"a":"{\"password\":•••}"}"#),
        (r#"LOG {"password":["one","two"],"b":1}"#, r#"LOG {"password":•••,"b":1}"#),
        ("{\"token\":{\"value\":\"tk\"}}\n{\"token\":[\"tk\"]}", "{\"token\":•••}\n{\"token\":•••}"),
        (r#"password="with \" a quote" b=1"#, "password=••• b=1"),
        ("password='quoted thing', b", "password=•••, b"),
        (" api-key=abc; next", " api-key=•••; next"),
        ("Authorization: Digest a=\"b\", c=\"d\"\nnext", "Authorization: •••\nnext"),
        ("password: correct horse, battery\nuser: bob", "password: •••\nuser: bob"),
        ("a:\n  password: |\n    one\n\n    two\n  user: bob", "a:\n  password: •••\n  user: bob"),
        ("password:\n  - one\n  - two\nuser: bob", "password:\n  •••\nuser: bob"),
        ("password => 'one two' b", "password => ••• b"),
        ("TOKEN=\nPASSWORD=\"hunter two\"", "TOKEN=\nPASSWORD=•••"),
        (r#""db.user"="bob" "password"="hunter2""#, r#""db.user"="bob" "password"=•••"#),
        (
            "<password><![CDATA[one]]></password><token type='a'/>b<c/>",
            "<password>•••</password><token type='a'/>b<c/>",
        ),
        ("<token>\n  <value>one</value>\n</token> b", "<token>•••</token> b"),
        ("x authorization=APPROVED order=12", "x authorization=••• order=12"),
        ("x Authorization=Token one two", "x Authorization=•••"),
        (r#"LOG {"password":null,"b":1}"#, r#"LOG {"password":•••,"b":1}"#),
        (r#"{"averageResponseTimeInTheLast24Hours":5}"#, r#"{"averageResponseTimeInTheLast24Hours":5}"#),
        (r#"{"a@x.com":1,"b@x.com":2}"#, r#"{"•••":1,"•••2":2}"#),
        (
            "<a><ns:password kind='x'>one</ns:password><b>c</b></a>",
            "<a><ns:password kind='x'>•••</ns:password><b>c</b></a>",
        ),
        (r#""{\u0022password\u0022:\u0022hunter2\u0022}""#, r#""{\"password\":\"•••\"}""#),
        (
            r#"LOG {"a":"{\u0022password\u0022:\u0022hunter2\u0022}"}"#,
            r#"LOG {"a":"{\u0022password\u0022:•••}"}"#,
        ),
        (r#"LOG {"a":"{\"password\":\"pa\\\"ss\"}"}"#, r#"LOG {"a":"{\"password\":•••}"}"#),
        (r"password=\'hunter2\' x", "password=••• x"),
        (r"{'password': 'it\'s one'}", "{'password': •••}"),
        (r#"{"ada@example.com":1,"b":"c"}"#, r#"{"•••":1,"b":"c"}"#),
        ("the token: ", "the token: "),
        ("password: 'it''s one'\nuser: bob", "password: •••\nuser: bob"),
        ("{'password': 'it''s one', 'b': ''}", "{'password': •••, 'b': ''}"),
        ("password='' b='c'", "password=••• b='c'"),
        ("/in?next=%2Fa%3Ftoken%3Dabc%26b%3Dc&d=e", "/in?next=%2Fa%3Ftoken%3D•••%26b%3Dc&d=e"),
    ];
    for (text, hidden) in cases {
        assert_eq!(mask.body(text), hidden);
    }
    let long = "x".repeat(5_000);
    let cut = format!(
        r#"{{"password":["p1","p2"],"token":{{"value":"tk"}},"note":"ada@example.com password=p3 {long}"}}"#
    );
    let shown = mask.beginning(&cut);
    for secret in ["p1", "p2", "tk", "p3", "ada@"] {
        assert!(!shown.contains(secret), "{secret}: {}", &shown[..200]);
    }
    // System.Text.Json writes quotes in a string so.
    let within = format!(
        r#"{{"payload":"{{\u0022password\u0022:\u0022hunter2\u0022,\u0022to\u0022:\u0022ada\u0040example.com\u0022,{long}"#
    );
    for secret in ["hunter2", "ada"] {
        assert!(!mask.beginning(&within).contains(secret), "{}", &mask.beginning(&within)[..200]);
    }
    let prose = format!("mail ada@example.com {long}");
    assert!(mask.beginning(&prose).starts_with("mail ••• x"));
    let ended = format!(r#"{{"note":"{long}","client_secret":["cs"#);
    assert!(
        mask.beginning(&ended[4_000..]).contains(HIDDEN) && !mask.beginning(&ended[4_000..]).contains("cs")
    );
}

#[test]
fn a_value_apart_from_its_name_is_hidden_in_json_and_in_what_is_nearly_that() {
    let mask = Mask::default();
    let cases = [
        // As environments, tags and headers name their values, in either order.
        (
            r#"[{"name":"PASSWORD","value":"one"},{"name":"HOME","value":"/root"}]"#,
            r#"[{"name":"PASSWORD","value":"•••"},{"name":"HOME","value":"/root"}]"#,
        ),
        (
            r#"{"Tags":[{"Value":["one",{"a":"bob@example.com"}],"of":1, "Key":"api-key"},{"Value":2}]}"#,
            r#"{"Tags":[{"Value":"•••","of":1, "Key":"api-key"},{"Value":2}]}"#,
        ),
        (r#"{"value":{"name":"token","a":1},"b":2}"#, r#"{"value":{"name":"token","a":1},"b":2}"#),
        // Both of two, whichever a reader takes.
        (
            r#"{"value":"x","Value":"y","name":"PASSWORD"}"#,
            r#"{"value":"•••","Value":"•••","name":"PASSWORD"}"#,
        ),
        (r#"{"a":"{\"value\":\"x\" \"name\":\"token\"} \ud83d"}"#, r#"{"a":"•••"}"#),
        // Half of a surrogate pair, as text that was cut within one: no string, and not cut.
        (r#"{"a":"password=one \ud83d","b":1}"#, r#"{"a":"•••","b":1}"#),
        (r#"{"a":"bob@example.com\ud83d","b":1}"#, r#"{"a":"•••","b":1}"#),
        (r#"{"a":"fine \ud83d","b":1}"#, r#"{"a":"fine \ud83d","b":1}"#),
        // More than one document, or less.
        (
            "{\"name\":\"PASSWORD\",\"value\":\"one\"}\n{\"name\":\"A\",\"value\":\"b\"}",
            "{\"name\":\"PASSWORD\",\"value\":\"•••\"}\n{\"name\":\"A\",\"value\":\"b\"}",
        ),
        (r#"{"name":"PASSWORD","value":"on"#, r#"{"name":"PASSWORD","value":"•••""#),
        (r#"[{"value":"one","name":"PASSW"#, r#"[{"value":"•••","name":"PASSW"#),
        ("[INFO] mail ada@example.com", "[INFO] mail •••"),
        (
            r#"{"name":"token","kind":"refresh","value": {"a":1}}"#,
            r#"{"name":"token","kind":"refresh","value": "•••"}"#,
        ),
    ];
    for (text, hidden) in cases {
        assert_eq!(mask.body(text), hidden);
    }
    let long = "x".repeat(5_000);
    let apart = [
        format!(r#"{{"value":"apart" "name":"PASSWORD","pad":"{long}"#),
        format!(r#"{{"value":"apart","pad":"{long}","name":"PASSWORD"}}"#),
        format!(r#"{{"value":"apart{long}","name":"PASSWORD"}}"#),
    ];
    for apart in apart {
        assert!(!mask.beginning(&apart).contains("apart"), "{:.99}", mask.beginning(&apart));
    }
}

/// Elements that are never closed, and each of the other kinds, a hundred thousand times: a frame or `tail` waits for it.
#[test]
fn what_is_assigned_again_and_again_is_found_in_one_go() {
    for text in [
        "<password>x",
        "password=x ",
        "password: x ",
        "token=[",
        "token='",
        r#"token=\""#,
        "a password: \n",
        "token%3Dx%26",
    ] {
        let body = text.repeat((1 << 20) / text.len());
        assert!(Mask::default().body(&body).contains(HIDDEN), "{text}");
    }
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
    for text in [nested(r#"{"value":"#, r#","name":"token"}"#), nested(r#"[{"name":"token","value":"#, "}]")]
    {
        assert!(Mask::default().cut(&text, &mut Room::of(ROOM)).contains(HIDDEN), "{text:.60}");
    }
}

/// A few bytes can hold hours of work. What there is no room to look into is hidden.
#[test]
fn what_is_too_large_to_look_into_is_hidden_unseen() {
    use std::io::Write as _;
    let zip = |bytes: &[u8]| {
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        zip.write_all(bytes).expect("a vector");
        zip.finish().expect("a vector")
    };
    let in_base64 = |bytes: &[u8]| crate::sqs::attributes::base64_text::encode(bytes);
    let bomb = in_base64(&zip(&zip(&vec![b' '; 15 << 20])));
    let body = in_base64(&zip(&zip(serde_json::to_string(&vec![&bomb; 50_000]).expect("JSON").as_bytes())));
    let list = serde_json::to_string(&vec![&bomb; 3]).expect("JSON");
    // What has not ended well has cost as much; what is no stream costs nothing, and stays.
    let mut broken = zip(&vec![b' '; 3 << 20]);
    *broken.last_mut().expect("a checksum") ^= 1;
    let broken = in_base64(&broken);
    let many = serde_json::json!({"a": vec![&broken; 300], "status": "test", "name": "Mary"}).to_string();
    let shown = Mask::default().body(&many).into_owned();
    assert!(shown.contains(r#""name":"Mary""#) && shown.contains(r#""status":"test""#), "{shown:.200}");
    for text in [&body, &bomb, &list] {
        for shown in [Mask::default().body(text), Mask::default().beginning(text)] {
            assert!(shown.contains(HIDDEN) && !shown.contains(&bomb[..20]), "{shown:.200}");
        }
    }
}

#[test]
fn each_kind_is_hidden_also_beside_what_is_none() {
    let cases = [
        ("mail ada@example.com now", "mail ••• now"),
        ("Bearer abcdefgh.ijkl", "•••"),
        ("id AKIAIOSFODNN7EXAMPLE", "id •••"),
        ("eyJhbGciOi.eyJzdWIi.c2ln", "•••"),
        ("card 4111 1111 1111 1111", "card •••"),
        ("key wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLE4KEY", "key •••"),
        // A long word that is no key has room for things that are.
        ("/home/of/somebody/with/a/long/name/ada@example.com", "/home/of/somebody/with/a/long/name/•••"),
        ("/mnt/somewhere/below/a/long/path/AKIAIOSFODNNEXAMPLEX", "/mnt/somewhere/below/a/long/path/•••"),
        ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
    ];
    for (text, hidden) in cases {
        assert_eq!(Mask::text(text), hidden);
    }
}
