use serde::Deserialize;

use super::*;
use crate::testing::event;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    email: String,
    password: String,
    #[serde(default)]
    tries: u8,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    pair: Option<(u8, u8)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Plain,
    Other,
}

fn read(text: &str) -> Result<Login, Problem> {
    body(&Request::new(event().json_body(text).request()))
}

fn detail(text: &str) -> String {
    let problem = read(text).unwrap_err();
    assert_eq!(problem.slug(), Slug::InvalidBody);
    problem.to_string()
}

#[test]
fn json_of_any_spelling_of_its_type_is_read() {
    for kind in [
        "application/json",
        "APPLICATION/Json",
        "application/json; charset=utf-8",
        " application/json ;x",
    ] {
        let request = event()
            .header("content-type", kind)
            .body(r#"{"email":"a","password":"b"}"#)
            .request();
        let login: Login = body(&Request::new(request)).unwrap();
        assert_eq!((login.email.as_str(), login.password.as_str()), ("a", "b"));
        assert_eq!((login.tries, login.pair), (0, None));
        assert!(matches!(login.kind, Kind::Plain));
    }
}

#[test]
fn an_object_is_no_list_of_values_and_an_enum_no_object() {
    let kind = |kind: &str| format!(r#"{{"email":"a","password":"b","kind":{kind},"pair":[1,2]}}"#);
    let login = read(&kind(r#""other""#)).unwrap();
    assert!(matches!(
        (login.kind, login.pair),
        (Kind::Other, Some((1, 2)))
    ));
    for text in [
        r#"["a","b",0,"plain",null]"#,
        r#"["a","b"]"#,
        &kind(r#"{"other":null}"#),
        &kind("null"),
        &kind("1"),
    ] {
        assert_eq!(read(text).unwrap_err().slug(), Slug::InvalidBody, "{text}");
    }
}

#[test]
fn other_types_are_not() {
    let mut events = vec![event().body("{}")];
    for kind in [
        "",
        "text/json",
        "application/jsonx",
        "application/json,application/json",
        "ü",
    ] {
        events.push(event().header("content-type", kind).body("{}"));
    }
    for event in events {
        let problem = body::<Login>(&Request::new(event.request())).unwrap_err();
        assert_eq!(problem.slug(), Slug::UnsupportedMediaType);
    }
}

#[test]
fn sixty_four_kib_count_after_decoding() {
    let json = r#"{"email":"a","password":"b"}"#;
    let padded = |length: usize| json.to_owned() + &" ".repeat(length - json.len());
    assert!(read(&padded(MAX_BYTES)).is_ok());
    let encoded = data_encoding::BASE64.encode(padded(MAX_BYTES).as_bytes());
    let request = event()
        .header("content-type", "application/json")
        .base64_body(&encoded)
        .request();
    assert!(body::<Login>(&Request::new(request)).is_ok());
    let problem = read(&padded(MAX_BYTES + 1)).unwrap_err();
    assert_eq!(problem.slug(), Slug::BodyTooLarge);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for (body_text, says) in [("/w==", "not UTF-8"), ("%%%", "not valid base64")] {
        let request = event()
            .header("content-type", "application/json")
            .base64_body(body_text)
            .request();
        let problem = body::<Login>(&Request::new(request)).unwrap_err();
        assert!(problem.to_string().contains(says), "{problem}");
    }
}

#[test]
fn a_refusal_says_what_and_where() {
    assert_eq!(
        detail(r#"{"email":"a"}"#),
        "invalid-body: The body is not what this operation takes: missing member `password` (line 1, column 13)."
    );
    assert_eq!(
        detail(r#"{"email":"a","password":5}"#),
        "invalid-body: The body is not what this operation takes: a value of the wrong type, expected a string (line 1, column 25)."
    );
    assert!(detail(r#"{"email":"a","email":"b"}"#).contains("duplicate member `email`"));
    assert!(detail("{").contains("EOF while parsing"));
    assert_eq!(
        detail("[]"),
        "invalid-body: The body is not what this operation takes: a value of the wrong type, expected an object (line 1, column 0)."
    );
    assert_eq!(
        detail(""),
        "invalid-body: The request has no body; this operation takes one."
    );
}

#[test]
fn a_body_of_any_depth_is_refused_not_a_crash() {
    let request = event().json_body(&"[".repeat(60_000)).request();
    let problem = body::<serde_json::Value>(&Request::new(request)).unwrap_err();
    assert!(problem.to_string().contains("recursion limit"), "{problem}");
}

#[test]
fn a_refusal_never_repeats_what_was_sent() {
    const SECRET: &str = "hunter2";
    for text in [
        r#""hunter2""#,
        r#"{"email":{"hunter2":1},"password":""}"#,
        r#"{"hunter2":1}"#,
        r#"{"tries":"hunter2"}"#,
        r#"{"tries":", expected hunter2"}"#,
        r#"{"tries":"hunter2 at line 1 column 1"}"#,
        r#"{"kind":"hunter2"}"#,
        r#"{"kind":"x`, expected hunter2"}"#,
        r#"{"kind":{"hunter2":1}}"#,
        r#"{"x`, expected hunter2":1}"#,
        r#"{"pair":["hunter2"]}"#,
        r#"{"email":"a","password":"hunter2"} hunter2"#,
        r#"{"email":"hunter2\q"}"#,
        r#"{"email":hunter2}"#,
        "hunter2",
        "{hunter2}",
    ] {
        let detail = detail(text);
        assert!(!detail.contains(SECRET), "{text}: {detail}");
        assert!(detail.len() < 300, "{detail}");
    }
    for number in [
        r#"{"tries":4711}"#,
        r#"{"tries":-4711}"#,
        r#"{"tries":0.4711}"#,
    ] {
        assert!(!detail(number).contains("4711"), "{number}");
    }
}
