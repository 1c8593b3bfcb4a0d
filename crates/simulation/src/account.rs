//! Accounts and sessions, made as the shop's functions make them but without the time it takes to hash a password.

use std::sync::OnceLock;

use domain::{Email, Password, PasswordHash, Secret};
use edge::{LinkKey, RefreshKey, Settings};
use store::{
    Db, Users,
    db::Applied,
    keys,
    links::Purpose,
    write::{Is, Write},
};

use crate::{
    Person, Shop,
    shop::{NAME, blueprint},
};

/// The password of every account that [`Shop::register`] makes.
pub const PASSWORD: &str = "correct horse battery";

/// The process that makes accounts and sessions at once.
const ACCOUNTS: &str = "accounts";

/// The tokens of a session.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Says who makes a request.
    pub access: String,
    /// Is taken for the next.
    pub refresh: String,
}

/// The address of somebody's account.
pub fn email(person: &Person) -> String {
    address_of(person.caller.id.as_str())
}

/// The address of the account with this id.
pub fn address_of(id: &str) -> String {
    format!("{id}@example.com")
}

/// Of [`PASSWORD`]; hashed once, since that is slow on purpose.
fn password_hash() -> &'static PasswordHash {
    static HASH: OnceLock<PasswordHash> = OnceLock::new();
    HASH.get_or_init(|| {
        let password = Password::attempt(Secret::new(PASSWORD.to_owned()));
        PasswordHash::derive(&password, [7; 16]).unwrap_or_else(|error| panic!("{error}"))
    })
}

impl Shop {
    /// Makes an account for a customer.
    pub async fn register(&self, person: &Person) {
        let address = Email::parse(&email(person)).unwrap_or_else(|error| panic!("{error}"));
        let id = person.caller.id.clone();
        let users = self.users(ACCOUNTS);
        let made = users
            .register(id, &address, None, password_hash(), None)
            .await;
        made.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Makes an account for a customer who has shown that its address is theirs.
    pub async fn register_verified(&self, person: &Person) {
        self.register(person).await;
        let verify = Write::update(&format!("{NAME}-users"), keys::user(&person.caller.id))
            .set("email_verified", true)
            .only_if("pk", Is::Present);
        let verified = self.db(ACCOUNTS).write(verify).await.applied();
        let verified = verified.unwrap_or_else(|error| panic!("{error}"));
        assert!(verified, "{} has no account", person.caller.id);
        self.verified.set(true);
    }

    /// Whether somebody was made known to have an address of their own.
    pub(crate) fn can_write_to_somebody(&self) -> bool {
        self.verified.get()
    }

    /// Begins a session for whoever has an account. Its family bears this name.
    pub async fn begin_session(&self, person: &Person, family: &str) -> Tokens {
        let users = self.users(ACCOUNTS);
        let account = users.account_of(&person.caller.id).await;
        let account = account.unwrap_or_else(|error| panic!("{error}"));
        let account = account.unwrap_or_else(|| panic!("{} has no account", person.caller.id));
        let begun = users.begin_session(family, &account).await;
        begun.unwrap_or_else(|error| panic!("{error}"));
        let key = blueprint().keys.refresh_token_key.as_str();
        let key = RefreshKey::from_settings(&Settings::from_map([("REFRESH_TOKEN_KEY", key)]));
        let key = key.unwrap_or_else(|error| panic!("{error}"));
        let now = self.now();
        let signed = self.signing_key.sign_of_family(&person.caller, family, now);
        Tokens {
            access: signed.unwrap_or_else(|problem| panic!("{problem}")).token,
            refresh: key.token(family, 1),
        }
    }

    /// The token of a new link for whoever has an account. Its id is its purpose.
    pub async fn link(&self, person: &Person, purpose: Purpose) -> String {
        let (users, id) = (self.users(ACCOUNTS), purpose.as_str());
        let written = match purpose {
            Purpose::ResetPassword => {
                let address = Email::parse(&email(person));
                let address = address.unwrap_or_else(|error| panic!("{error}"));
                users.send_reset(id, &address).await
            }
            Purpose::VerifyEmail => {
                let account = users.account_of(&person.caller.id).await;
                let account = account.ok().flatten();
                let account =
                    account.unwrap_or_else(|| panic!("{} has no account", person.caller.id));
                users.send_verification(id, &account).await
            }
        };
        written.unwrap_or_else(|error| panic!("{error}"));
        let key = blueprint().keys.link_key.as_str();
        let key = LinkKey::from_settings(&Settings::from_map([("LINK_KEY", key)]));
        let key = key.unwrap_or_else(|error| panic!("{error}"));
        key.token(purpose, id).expose().clone()
    }

    /// The table of accounts, as a process of this name reaches it.
    pub fn users(&self, process: &str) -> Users {
        Users::new(self.db(process).into(), format!("{NAME}-users"))
    }

    /// A connection for whoever looks after the shop.
    pub(crate) fn db(&self, process: &str) -> Db {
        let world = self.world();
        let config = store::Connection::local("http://dynamodb.invalid").config();
        let config = world.configure(process, config);
        let client = aws_sdk_dynamodb::Client::from_conf(config.build());
        Db::new(client, world.clock())
    }
}
