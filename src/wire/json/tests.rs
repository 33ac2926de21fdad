use std::collections::BTreeMap;
use std::fmt;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

use super::*;

/// What is wanted of a text: all of it, some of it, nothing.
trait Wanted: DeserializeOwned + PartialEq + fmt::Debug {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem>;
}

impl Wanted for Value {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        match reader.peek() {
            Some(b'"') => Ok(reader.text()?.into()),
            Some(b'-' | b'0'..=b'9') => number(reader),
            Some(b'[') => Vec::read(reader).map(Self::Array),
            Some(b'{') => {
                let mut members = Map::new();
                each_member(reader, |reader, name| {
                    members.insert(name, Self::read(reader)?);
                    Ok(())
                })?;
                Ok(members.into())
            }
            _ => reader.word().map(Self::from),
        }
    }
}

impl<T: Wanted> Wanted for Vec<T> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let mut elements = Self::new();
        reader.list(|reader| {
            elements.push(T::read(reader)?);
            Ok(())
        })?;
        Ok(elements)
    }
}

impl Wanted for BTreeMap<String, f64> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let mut members = Self::new();
        each_member(reader, |reader, name| {
            if !matches!(reader.peek(), Some(b'-' | b'0'..=b'9')) {
                return Err(reader.unexpected("a number"));
            }
            members.insert(name, number(reader)?);
            Ok(())
        })?;
        Ok(members)
    }
}

impl Wanted for IgnoredAny {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        reader.skip().map(|()| Self)
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Part {
    a: Option<String>,
    #[serde(default)]
    b: Vec<BTreeMap<String, f64>>,
}

impl Wanted for Part {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let mut some = Self { a: None, b: Vec::new() };
        // Also those that are not written in this order are found.
        reader.object(&[(Some('b'), &["b"]), (None, &["c"]), (Some('a'), &["a"])], |reader, field| {
            match field {
                Field::Known('a') if reader.null()? => some.a = None,
                Field::Known('a') => some.a = Some(reader.with_text(str::to_owned)?),
                Field::Known(_) => some.b = Vec::read(reader)?,
                Field::Other(_) => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(some)
    }
}

fn each_member(
    reader: &mut Reader<'_>,
    mut member: impl FnMut(&mut Reader<'_>, String) -> Result<(), Problem>,
) -> Result<(), Problem> {
    reader.object::<()>(&[], |reader, field| match field {
        Field::Known(()) => unreachable!("none is known"),
        Field::Other(name) => member(reader, name.into_owned()),
    })
}

fn number<T: DeserializeOwned>(reader: &mut Reader<'_>) -> Result<T, Problem> {
    serde_json::from_str(reader.number()?).map_err(|_| Problem::new("number out of range"))
}

/// Whether both take a text, and for the same.
fn alike<T: Wanted>(text: &str) {
    let (ours, theirs) = (read(text, T::read), serde_json::from_str::<T>(text));
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs, "{text}"),
        // Of a number cut short serde_json says that it is invalid, where it does not want it.
        (Err(ours), Err(theirs)) => {
            let cut = ours.why.starts_with("it ends") && text.ends_with(['-', '.', 'e', 'E', '+']);
            assert_eq!(ours.truncated && !cut, theirs.is_eof() && !cut, "{text}: {ours:?}, {theirs}");
        }
        _ => panic!("{text}: {ours:?}, {theirs:?}"),
    }
}

fn alike_in_every_way(text: &str) {
    alike::<Value>(text);
    alike::<IgnoredAny>(text);
    // serde takes a list for an object: the one value after the other.
    if !text.trim_start().starts_with('[') {
        alike::<Part>(text);
    }
}

#[test]
fn what_is_json_is_json_and_nothing_else_is() {
    let known = [
        r#"{"a":"\"\\\/\b\f\n\r\t","b":[{"x":1.5e3},{}]}"#,
        r#"["\u00e9\u65e5","\ud83d\ude00","\ud83d","\ude00","\ud83d\n","\ud83d\ud83d","\u12"]"#,
        r#"["\ud83d\ude00é日😀", 0, -0, -0.0, 10.25E-2, 1e400, 01, 1., .5, -, 1e, 18446744073709551616]"#,
        r#"{"b":[{"y":2}],"a":"x"}"#,
        r#"{"a":"x","c":[],"b":[],"a":"y"}"#,
        r#"{"\u0061":"x","aa":"y","":"z"}"#,
        "[1,]",
        "{,}",
        r#"{"a":1,}"#,
        r#"{"a" 1}"#,
        "[1 2]",
        "[true,false,null,tru",
        "nul",
        "nope",
        "\"a\u{1}\"",
        "\"0123456\u{1f}\"",
        "\"\u{7f}\u{80}\"",
        r#""0123456\"#,
        r#""0123456\x""#,
        r#"{"a":null}{"#,
        "",
        " ",
        "[[[[]]],{\"a\":[{}]}]",
        "[}",
    ];
    for text in known {
        alike_in_every_way(text);
        // Each part of it by itself, as long as that is text.
        for end in 0..text.len() {
            if let Some(cut) = text.get(..end) {
                alike_in_every_way(cut);
            }
        }
    }
    for number in
        ["0", "-0", "-0.0", "10.25E-2", "1e400", "01", "1.", ".5", "-", "1e", "18446744073709551616"]
    {
        alike_in_every_way(number);
    }
    for escape in
        [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\n""#, r#""\ud83d\ud83d""#, r#""\u12""#, r#""\uD83Dx""#]
    {
        alike_in_every_way(escape);
    }
}

#[test]
fn what_is_not_wanted_may_be_nested_as_deep_as_it_likes() {
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    assert!(read(&deep, Reader::skip).is_ok());
    assert!(read(&deep[1..], Reader::skip).is_err());
}

#[test]
fn it_says_what_is_wrong_and_where() {
    let said = |text| read(text, Part::read).unwrap_err().why;
    assert_eq!(said("{\n \"a\": 7}"), "invalid type: expected a string at line 2 column 8");
    assert_eq!(said("{\"b\": []"), "it ends too early at line 1 column 9");
    assert_eq!(said("{\"b\": null}"), "invalid type: null, expected a list at line 1 column 11");
    assert_eq!(said("{\"b\": [] x"), "expected `,` or `}` at line 1 column 10");
}

fn values() -> impl Strategy<Value = Value> {
    let text = || "[a-c\"\\\\/é日😀\n\u{1}]{0,12}";
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 4, move |inner| {
        let members = prop::collection::vec((prop_oneof![Just("a".to_owned()), text()], inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_what_it_is_to_serde_json(text in r#"[\[\]{}",:\\u/nd8-9cab01e+.\-tflrs é😀\n\x00-\x1f]{0,40}"#) {
        alike_in_every_way(&text);
        alike_in_every_way(&format!("\"{text}\""));
        alike_in_every_way(&format!("{{\"a\":\"{text}\",\"b\":[{{\"{text}\":{text}}}]}}"));
    }

    /// Nearly JSON: any value as it is written, with one character changed, put in or taken away.
    #[test]
    fn what_is_nearly_json_is_what_it_is_to_serde_json(
        value in values(), pretty in any::<bool>(), at in any::<prop::sample::Index>(),
        other in prop::sample::select("[]{}\",:\\/nud8-9c0e+. tf\u{1}é😀".chars().collect::<Vec<_>>()), change in 0..3,
    ) {
        let written = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let mut characters: Vec<char> = written.unwrap().chars().collect();
        alike_in_every_way(&String::from_iter(&characters));
        let at = at.index(characters.len());
        match change {
            0 => characters[at] = other,
            1 => characters.insert(at, other),
            _ => drop(characters.remove(at)),
        }
        alike_in_every_way(&String::from_iter(&characters));
        alike_in_every_way(&String::from_iter(&characters[..at]));
    }

    #[test]
    fn what_was_written_is_read_back(text in "(?s).{0,300}") {
        let written = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(read(&written, Reader::text).unwrap(), text);
    }
}
