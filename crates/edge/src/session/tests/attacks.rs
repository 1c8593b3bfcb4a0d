//! The attacks of RFC 8725 and others of their kind.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::*;
use crate::testing::text;

/// `value` with `member` set, or taken away.
fn with(mut value: Value, member: &str, new: Option<Value>) -> Value {
    let object = value.as_object_mut().unwrap();
    match new {
        Some(new) => object.insert(member.to_owned(), new),
        None => object.remove(member),
    };
    value
}

#[test]
fn every_attack_gets_the_same_401() {
    let (header, claims) = (good_header(), good_claims());
    let good = token_with(&header, &claims.to_string(), 1);
    let mut attacks = vec![
        ("empty", String::new()),
        ("two parts", "a.b".to_owned()),
        ("four parts", format!("{good}.x")),
        (
            "no signature",
            format!("{}.", message(&header, &claims.to_string())),
        ),
        (
            "another key's signature",
            token_with(&header, &claims.to_string(), 2),
        ),
        ("1 MB", format!("{good}{}", "A".repeat(1_000_000))),
        ("over 4 KiB", {
            let claims = with(claims.clone(), "pad", Some(json!("x".repeat(4000))));
            token_with(&header, &claims.to_string(), 1)
        }),
        ("leading space", format!(" {good}")),
        ("trailing space", format!("{good} ")),
        ("inner line break", good.replacen('.', ".\n", 1)),
        ("padding", format!("{good}=")),
        ("two tokens", format!("{good},Bearer {good}")),
        ("not ASCII", format!("{good}ü")),
        ("claims no object", token_with(&header, "[1]", 1)),
        ("claims no JSON", token_with(&header, "{", 1)),
        ("a claim twice", {
            let twice = claims
                .to_string()
                .replacen('{', r#"{"role":"customer","#, 1);
            token_with(&header, &twice, 1)
        }),
    ];
    for alg in [
        "none", "None", "", "HS256", "RS256", "ES256", "Ed25519", "eddsa",
    ] {
        let header = with(header.clone(), "alg", Some(json!(alg)));
        attacks.push((
            "another algorithm, signed",
            token_with(&header, &claims.to_string(), 1),
        ));
        attacks.push((
            "another algorithm, unsigned",
            format!("{}.", message(&header, &claims.to_string())),
        ));
    }
    let hs256 = message(
        &with(header.clone(), "alg", Some(json!("HS256"))),
        &claims.to_string(),
    );
    let public = pair(1).public_key().as_ref().to_vec();
    for secret in [public.clone(), BASE64URL_NOPAD.encode(&public).into_bytes()] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
        mac.update(hs256.as_bytes());
        let tag = BASE64URL_NOPAD.encode(&mac.finalize().into_bytes());
        attacks.push(("HMAC with the public key", format!("{hs256}.{tag}")));
    }
    let jwk = serde_json::to_value(Jwk::public(pair(2).public_key().as_ref())).unwrap();
    for (member, value) in [
        ("kid", None),
        ("kid", Some(json!(""))),
        ("kid", Some(json!(kid(2)))),
        ("kid", Some(json!("../../dev/null"))),
        ("kid", Some(json!([kid(1)]))),
        ("typ", None),
        ("typ", Some(json!("JWT"))),
        ("jku", Some(json!("https://evil.example/keys"))),
        ("jwk", Some(jwk.clone())),
        ("x5u", Some(json!("https://evil.example/cert"))),
        ("x5c", Some(json!(["AAAA"]))),
        ("crit", Some(json!(["exp"]))),
        ("crit", Some(json!([]))),
        ("b64", Some(json!(false))),
        ("zip", Some(json!("DEF"))),
        ("cty", Some(json!("JWT"))),
    ] {
        let header = with(header.clone(), member, value);
        attacks.push(("header", token_with(&header, &claims.to_string(), 1)));
    }
    let theirs = with(
        with(header.clone(), "jwk", Some(jwk)),
        "kid",
        Some(json!(kid(2))),
    );
    attacks.push((
        "their own key in the header",
        token_with(&theirs, &claims.to_string(), 2),
    ));
    for (member, value) in [
        ("iss", None),
        ("iss", Some(json!("evil"))),
        ("iss", Some(json!(["oxcart"]))),
        ("aud", None),
        ("aud", Some(json!("oxcart-prod"))),
        ("aud", Some(json!([SHOP]))),
        ("aud", Some(json!([SHOP, "other"]))),
        ("sub", None),
        ("sub", Some(json!("usr_1"))),
        ("sub", Some(json!(7))),
        ("role", None),
        ("role", Some(json!("root"))),
        ("role", Some(json!(["staff"]))),
        ("iat", None),
        ("iat", Some(json!(NOW + 600))),
        ("exp", None),
        ("exp", Some(json!(NOW))),
        ("exp", Some(json!(NOW - 1))),
        ("exp", Some(json!(-1))),
        ("exp", Some(json!("never"))),
        ("exp", Some(json!(1e300))),
        ("exp", Some(json!(null))),
    ] {
        let claims = with(claims.clone(), member, value).to_string();
        attacks.push(("claims", token_with(&header, &claims, 1)));
    }

    let sessions = sessions_at(NOW);
    let expected = Problem::new(Slug::Unauthenticated).into_response("r");
    for (attack, token) in &attacks {
        for request in [
            event().bearer(token).request(),
            event().header("authorization", token).request(),
        ] {
            let problem = sessions.session(&request).expect_err(attack);
            let answer = problem.into_response("r");
            assert_eq!(text(&answer), text(&expected), "{attack}: {token:.200}");
            assert_eq!(answer.headers(), expected.headers());
        }
    }
    let twice = event()
        .header("Authorization", &format!("Bearer {good}"))
        .header("authorization", &format!("Bearer {good}"));
    assert!(sessions.session(&twice.request()).is_err());
    assert!(sessions.session(&event().bearer(&good).request()).is_ok());
}

#[test]
fn a_changed_token_is_refused_wherever_it_was_changed() {
    let good = token_with(&good_header(), &good_claims().to_string(), 1);
    let sessions = sessions_at(NOW);
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        let request = event().bearer(&changed).request();
        assert!(sessions.session(&request).is_err(), "character {at}");
    }
}
