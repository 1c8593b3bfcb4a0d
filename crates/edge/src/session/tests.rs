use data_encoding::BASE64URL_NOPAD;
use domain::UserId;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use super::{
    keys::{Jwk, JwkSet},
    *,
};
use crate::testing::event;

mod attacks;

const NOW: i64 = 1_795_388_221;
const SHOP: &str = "oxcart-test";

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn kid(seed: u8) -> String {
    Jwk::public(pair(seed).public_key().as_ref()).kid
}

fn settings() -> Settings {
    let public = Jwk::public(pair(1).public_key().as_ref());
    let private = Jwk {
        d: Some(BASE64URL_NOPAD.encode(&[1; 32])),
        ..public.clone()
    };
    let set = JwkSet { keys: vec![public] };
    Settings::from_map([
        (PUBLIC_KEYS, &serde_json::to_string(&set).unwrap()),
        (
            "TOKEN_SIGNING_KEY",
            &serde_json::to_string(&private).unwrap(),
        ),
        (AUDIENCE, SHOP),
    ])
}

fn sessions_at(seconds: i64) -> Sessions {
    let clock = move || Timestamp::from_millis(seconds * 1000);
    Sessions::with_clock(&settings(), Arc::new(clock)).unwrap()
}

fn caller(role: Role) -> Caller {
    let id = match role {
        Role::Guest => UserId::guest([9; 16]),
        Role::Customer | Role::Staff => UserId::from_random([9; 16]),
    };
    Caller { id, role }
}

fn signed(role: Role) -> String {
    let key = SigningKey::from_settings(&settings()).unwrap();
    let token = key.sign(&caller(role), Timestamp::from_millis(NOW * 1000));
    token.unwrap().token
}

fn good_header() -> Value {
    json!({"typ": "at+jwt", "alg": "EdDSA", "kid": kid(1)})
}

fn good_claims() -> Value {
    json!({"iss": "oxcart", "aud": SHOP, "sub": caller(Role::Staff).id, "role": "staff",
        "iat": NOW, "exp": NOW + 600})
}

fn message(header: &Value, claims: &str) -> String {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    format!("{}.{}", part(&header.to_string()), part(claims))
}

fn token_with(header: &Value, claims: &str, seed: u8) -> String {
    let message = message(header, claims);
    let signature = pair(seed).sign(message.as_bytes());
    format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
}

#[test]
fn a_signed_token_tells_the_caller_until_it_is_over() {
    for role in [Role::Customer, Role::Staff] {
        let request = event().bearer(&signed(role)).request();
        for at in [NOW, NOW + 599] {
            assert_eq!(
                sessions_at(at).session(&request).unwrap().caller,
                caller(role)
            );
        }
        for at in [NOW + 600, NOW + 601, i64::MAX / 1000] {
            assert!(sessions_at(at).session(&request).is_err());
        }
    }
    // The same by hand, so that the attacks below fail for their own reason.
    let by_hand = token_with(&good_header(), &good_claims().to_string(), 1);
    assert_eq!(by_hand.split('.').count(), 3);
    let request = event().header("Authorization", &format!("bEARER {by_hand}"));
    assert!(sessions_at(NOW).session(&request.request()).is_ok());
}

#[test]
fn a_guest_s_token_is_good_for_thirty_days() {
    let request = event().bearer(&signed(Role::Guest)).request();
    for days in [0, 29] {
        let sessions = sessions_at(NOW + days * 86_400);
        assert_eq!(sessions.shopper(&request).unwrap(), caller(Role::Guest));
    }
    assert!(sessions_at(NOW + 30 * 86_400).shopper(&request).is_err());
}

#[test]
fn a_session_knows_its_refresh_family() {
    let key = SigningKey::from_settings(&settings()).unwrap();
    let now = Timestamp::from_millis(NOW * 1000);
    let token = key.sign_of_family(&caller(Role::Customer), "family-1", now);
    let request = event().bearer(&token.unwrap().token).request();
    let session = sessions_at(NOW).session(&request).unwrap();
    assert_eq!(session.family.as_deref(), Some("family-1"));
}

#[test]
fn a_guest_s_id_goes_with_the_role_of_a_guest_and_no_other() {
    let (guest, user) = (UserId::guest([9; 16]), UserId::from_random([9; 16]));
    for (sub, role) in [(&guest, "customer"), (&guest, "staff"), (&user, "guest")] {
        let claims = json!({"iss": "oxcart", "aud": SHOP, "sub": sub, "role": role, "iat": NOW, "exp": NOW + 600});
        let token = token_with(&good_header(), &claims.to_string(), 1);
        let request = event().bearer(&token).request();
        assert!(sessions_at(NOW).session(&request).is_err(), "{sub} {role}");
    }
}

#[test]
fn public_keys_are_published_with_what_they_are_for() {
    let keys = PublicKeys::from_settings(&settings()).unwrap();
    let public = Jwk::public(pair(1).public_key().as_ref());
    let should = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": public.kid, "x": public.x, "alg": "EdDSA", "use": "sig"}]});
    assert_eq!(serde_json::to_value(&keys).unwrap(), should);
}

#[test]
fn roles_are_kept_apart() {
    let sessions = sessions_at(NOW);
    let customer = event().bearer(&signed(Role::Customer)).request();
    let staff = event().bearer(&signed(Role::Staff)).request();
    assert!(sessions.customer(&customer).is_ok());
    assert!(sessions.staff(&staff).is_ok());
    let guest = event().bearer(&signed(Role::Guest)).request();
    assert!(sessions.account(&customer).is_ok() && sessions.account(&staff).is_ok());
    assert!(sessions.shopper(&customer).is_ok() && sessions.shopper(&guest).is_ok());
    let slug = |result: Result<Caller, Problem>| result.unwrap_err().slug();
    assert_eq!(slug(sessions.customer(&staff)), Slug::Forbidden);
    assert_eq!(slug(sessions.staff(&customer)), Slug::Forbidden);
    assert_eq!(slug(sessions.shopper(&staff)), Slug::Forbidden);
    for of_accounts in [Sessions::account, Sessions::customer, Sessions::staff] {
        assert_eq!(slug(of_accounts(&sessions, &guest)), Slug::Forbidden);
    }
    let good = signed(Role::Guest);
    assert_eq!(sessions.guest(&good), Some(caller(Role::Guest).id));
    assert_eq!(sessions.guest(&signed(Role::Customer)), None);
    assert_eq!(sessions.guest("x"), None);
    assert_eq!(
        slug(sessions.staff(&event().request())),
        Slug::Unauthenticated
    );
}

#[test]
fn an_optional_session_may_be_absent_but_not_bad() {
    let sessions = sessions_at(NOW);
    assert_eq!(sessions.optional(&event().request()).unwrap(), None);
    let good = event().bearer(&signed(Role::Customer)).request();
    assert_eq!(
        sessions.optional(&good).unwrap(),
        Some(caller(Role::Customer))
    );
    for bad in ["", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "a\u{1}b"] {
        let request = event().header("authorization", bad).request();
        let problem = sessions.optional(&request).unwrap_err();
        assert_eq!(problem.slug(), Slug::Unauthenticated, "{bad:?}");
    }
}

#[test]
fn generated_keys_fit_their_settings() {
    let keys = SigningKey::generate().unwrap();
    let settings = Settings::from_map([
        (PUBLIC_KEYS, &keys.public_keys),
        ("TOKEN_SIGNING_KEY", &keys.signing_key),
        (AUDIENCE, SHOP),
    ]);
    assert!(!keys.public_keys.contains("\"d\""));
    let token = SigningKey::from_settings(&settings)
        .unwrap()
        .sign(&caller(Role::Customer), system_time())
        .unwrap();
    assert_eq!(token.expires_in, 600);
    let sessions = Sessions::from_settings(&settings).unwrap();
    let request = event().bearer(&token.token).request();
    assert_eq!(
        sessions.session(&request).unwrap().caller,
        caller(Role::Customer)
    );
    // Another shop's functions hold another key.
    assert!(sessions_at(NOW).session(&request).is_err());
}

#[test]
fn unfit_keys_are_refused_at_the_start_without_being_told() {
    let good = settings();
    let private = good.text("TOKEN_SIGNING_KEY").unwrap();
    let public = serde_json::to_string(&Jwk::public(pair(1).public_key().as_ref())).unwrap();
    let secret = BASE64URL_NOPAD.encode(&[1; 32]);
    let sets = [
        "hunter2".to_owned(),
        public.clone(),
        r#"{"keys":[]}"#.to_owned(),
        format!(r#"{{"keys":[{private}]}}"#),
        format!(r#"{{"keys":[{public},{public}]}}"#),
        format!(r#"{{"keys":[{}]}}"#, public.replace("Ed25519", "X25519")),
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"AAAA"}]}"#.to_owned(),
    ];
    for set in &sets {
        let settings = Settings::from_map([(PUBLIC_KEYS, set), (AUDIENCE, SHOP)]);
        let error = Sessions::from_settings(&settings)
            .err()
            .expect(set)
            .to_string();
        assert!(
            error.starts_with("the setting TOKEN_PUBLIC_KEYS must"),
            "{error}"
        );
        assert!(
            !error.contains("hunter2") && !error.contains(&secret),
            "{error}"
        );
    }
    let other = Jwk::public(pair(2).public_key().as_ref()).x;
    let own = Jwk::public(pair(1).public_key().as_ref()).x;
    for key in [
        public.clone(),
        "{}".to_owned(),
        private.replace(&own, &other),
    ] {
        let settings = Settings::from_map([("TOKEN_SIGNING_KEY", &key), (AUDIENCE, SHOP)]);
        let error = SigningKey::from_settings(&settings)
            .err()
            .expect(&key)
            .to_string();
        assert!(
            error.starts_with("the setting TOKEN_SIGNING_KEY must"),
            "{error}"
        );
        assert!(!error.contains(&secret), "{error}");
    }
    let without = Settings::from_map([(PUBLIC_KEYS, good.text(PUBLIC_KEYS).unwrap())]);
    let error = Sessions::from_settings(&without).err().unwrap();
    assert_eq!(error.name, AUDIENCE);
}
