//! Nobody is let in but by a token that was signed, and as nobody but whom it names.

use std::sync::{Arc, LazyLock};

use data_encoding::BASE64URL_NOPAD;
use domain::{Caller, Role, Secret, Timestamp, UserId};
use edge::{LinkKey, Problem, RefreshKey, Session, Sessions, Settings, SigningKey, Slug};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use store::links::Purpose;

use crate::{gateway::with_authorization, input::Input};

/// What a fuzzer hardly finds by itself.
pub const WORDS: &[&str] = &[
    "Bearer <customer>",
    "Bearer <staff>",
    "Bearer <guest>",
    "<refresh>",
    "<device>",
    "<link>",
    r#"{"typ":"at+jwt","alg":"EdDSA","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}"#,
    r#""alg":"none""#,
    r#""alg":"HS256""#,
    r#""crit":["exp"]"#,
    r#""jku":"https://a""#,
    r#""jwk":{}"#,
    r#","a":"b""#,
    r#","a":[{}]"#,
    ":null",
    ":-1",
    ":1e9",
    r#"{"iss":"oxcart","aud":"oxcart-fuzz","#,
    r#""sub":"usr_aaaaaaaaaaaaaaaaaaaaaaaaaa""#,
    r#""sub":"gst_aaaaaaaaaaaaaaaaaaaaaaaaaa""#,
    r#""role":"guest""#,
    r#""role":"staff""#,
    r#""sid":"f""#,
    r#""iat":1795388221"#,
    r#""exp":1795388821"#,
];

/// The time in this world, in seconds.
const NOW: i64 = 1_795_388_221;
const SHOP: &str = "oxcart-fuzz";

/// The pair of keys in RFC 8037, appendix A, with its thumbprint: nobody's secret.
const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const PRIVATE: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const KID: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

/// What the shop has, and what it gave away.
struct Door {
    pair: Ed25519KeyPair,
    sessions: Sessions,
    refresh: RefreshKey,
    links: LinkKey,
    /// By the word that stands for it in an input.
    tokens: Vec<(&'static str, Caller, String)>,
    others: Vec<(&'static str, String)>,
}

static DOOR: LazyLock<Door> = LazyLock::new(|| Door::open().expect("the keys are good"));

impl Door {
    fn open() -> Result<Self, Box<dyn std::error::Error>> {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": KID, "x": PUBLIC});
        let mut private = jwk.clone();
        private["d"] = json!(PRIVATE);
        let settings = Settings::from_map([
            ("TOKEN_PUBLIC_KEYS", &json!({"keys": [jwk]}).to_string()),
            ("TOKEN_SIGNING_KEY", &private.to_string()),
            ("TOKEN_AUDIENCE", SHOP),
            ("REFRESH_TOKEN_KEY", PRIVATE),
            ("LINK_KEY", PUBLIC),
        ]);
        let signing = SigningKey::from_settings(&settings)?;
        let refresh = RefreshKey::from_settings(&settings)?;
        let links = LinkKey::from_settings(&settings)?;
        let mut tokens = Vec::new();
        for (word, id, role) in [
            ("<customer>", UserId::from_random([1; 16]), Role::Customer),
            ("<staff>", UserId::from_random([2; 16]), Role::Staff),
            ("<guest>", UserId::guest([3; 16]), Role::Guest),
        ] {
            let caller = Caller { id, role };
            let token = signing.sign(&caller, now())?.token;
            tokens.push((word, caller, token));
        }
        let link = links.token(Purpose::ResetPassword, "an-id");
        let others = vec![
            ("<refresh>", refresh.token("a-family", 7)),
            ("<device>", refresh.device_token("a-device", OWNER, now())),
            ("<link>", link.expose().clone()),
        ];
        Ok(Self {
            pair: Ed25519KeyPair::from_seed_unchecked(&BASE64URL_NOPAD.decode(PRIVATE.as_bytes())?)
                .map_err(|_| "the private key can be none")?,
            sessions: Sessions::with_clock(&settings, Arc::new(now))?,
            refresh,
            links,
            tokens,
            others,
        })
    }
}

/// The account of the device.
const OWNER: &str = "usr_owner";

fn now() -> Timestamp {
    Timestamp::from_millis(NOW * 1000)
}

/// A change of four bytes, then a line that somebody sends as a token, and two of which one is signed: its header and
/// its claims.
pub fn token(bytes: &[u8]) -> bool {
    let mut input = Input::new(bytes);
    let change = input.change();
    let text = input.text();
    let mut lines = text.splitn(3, '\n').map(str::to_owned);
    let [mut sent, header, claims] = [(); 3].map(|()| lines.next().unwrap_or_default());
    let words = DOOR.tokens.iter().map(|(word, _, token)| (word, token));
    for (word, token) in words.chain(DOOR.others.iter().map(|(word, token)| (word, token))) {
        sent = sent.replace(word, token);
    }
    let sent = change.of(&sent);
    let taken = [
        authorized(&sent),
        refreshed(&sent),
        recognised(&sent),
        linked(&sent),
        signed(&header, &claims),
    ];
    taken.contains(&true)
}

/// Only what the shop signed is a token, and it is its bearer's.
fn authorized(value: &str) -> bool {
    let request = with_authorization(value);
    let Ok(Session { caller, family }) = DOOR.sessions.session(&request) else {
        let slugs = [
            slug(DOOR.sessions.account(&request)),
            slug(DOOR.sessions.shopper(&request)),
            slug(DOOR.sessions.optional(&request)),
        ];
        assert_eq!(slugs, [Some(Slug::Unauthenticated); 3]);
        return false;
    };
    let (scheme, token) = value.split_once(' ').expect("a scheme and a token");
    assert!(scheme.eq_ignore_ascii_case("bearer"));
    let known = DOOR.tokens.iter().find(|(_, _, known)| known == token);
    let (_, bearer, _) = known.unwrap_or_else(|| panic!("nobody signed {token}"));
    assert_eq!((&caller, family), (bearer, None));
    let let_in = [
        DOOR.sessions.customer(&request).is_ok(),
        DOOR.sessions.staff(&request).is_ok(),
        DOOR.sessions.guest(token).is_some(),
    ];
    let roles = [Role::Customer, Role::Staff, Role::Guest];
    assert_eq!(let_in, roles.map(|role| role == caller.role));
    true
}

fn slug<T>(result: Result<T, Problem>) -> Option<Slug> {
    result.err().map(|problem| problem.slug())
}

/// A refresh token is written in one way only.
fn refreshed(token: &str) -> bool {
    let opened = DOOR.refresh.open(token);
    if let Some((family, generation)) = opened {
        assert_eq!(DOOR.refresh.token(family, generation), token);
    }
    opened.is_some()
}

/// A device's token is the one that the device was given, and nobody else's.
fn recognised(token: &str) -> bool {
    let opened = DOOR.refresh.open_device(token, OWNER, now());
    if let Some(device) = opened {
        assert_eq!(DOOR.refresh.device_token(device, OWNER, now()), token);
        assert_eq!(DOOR.refresh.open_device(token, "usr_other", now()), None);
    }
    opened.is_some()
}

/// A link's token is good for what it was made for.
fn linked(token: &str) -> bool {
    let token = Secret::new(token.to_owned());
    let opened = DOOR.links.open(Purpose::ResetPassword, &token);
    if let Some(id) = opened {
        let made = DOOR.links.token(Purpose::ResetPassword, id);
        assert_eq!(made.expose(), token.expose());
        assert_eq!(DOOR.links.open(Purpose::VerifyEmail, &token), None);
    }
    opened.is_some()
}

/// Even of what the shop's key signed only the shop's own claims are good, under its own header, in their time.
fn signed(header: &str, claims: &str) -> bool {
    let part = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let message = format!("{}.{}", part(header.as_bytes()), part(claims.as_bytes()));
    let signature = DOOR.pair.sign(message.as_bytes());
    let token = format!("{message}.{}", part(signature.as_ref()));
    let request = with_authorization(&format!("Bearer {token}"));
    let Ok(session) = DOOR.sessions.session(&request) else {
        return false;
    };

    let mut header: Value = serde_json::from_str(header).expect("the header is JSON");
    // Null is how JSON may say that something is not there.
    if let Some(members) = header.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    assert_eq!(header, json!({"typ": "at+jwt", "alg": "EdDSA", "kid": KID}));

    // Serde skips over numbers and texts that can't be values, in claims that nobody reads.
    let Ok(claims) = serde_json::from_str::<Value>(claims) else {
        return true;
    };
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!("oxcart"), &json!(SHOP))
    );
    let time = |name: &str| claims[name].as_i64().expect("whole seconds");
    assert!(NOW < time("exp") && time("iat") < time("exp"), "{claims}");
    let Session { caller, family } = session;
    assert_eq!(claims["sub"], caller.id.as_str());
    assert_eq!(claims["role"], caller.role.as_str());
    assert_eq!(UserId::parse(caller.id.as_str()).as_ref(), Some(&caller.id));
    assert_eq!(caller.id.is_guest(), caller.role == Role::Guest);
    assert_eq!(claims["sid"].as_str(), family.as_deref());
    let guest = (caller.role == Role::Guest).then_some(caller.id);
    assert_eq!(DOOR.sessions.guest(&token), guest);
    true
}
