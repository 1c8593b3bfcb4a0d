//! Who takes part.

use serde_json::{Value, json};

use super::super::{
    Scene, Stage,
    client::{Answer, Call},
    differs::{Checked, Differs, same, text},
    random_name,
};
use crate::error::Failure;

/// Somebody with a session.
pub struct Person {
    /// What the story calls them.
    pub name: &'static str,
    /// Their access token.
    pub token: String,
    /// With which their session goes on; a guest has none.
    pub refresh_token: Option<String>,
}

/// A session as an account gets it.
pub struct Session {
    access_token: String,
    /// With which it goes on.
    pub refresh_token: String,
}

impl Session {
    /// The session that the shop answered with.
    pub fn of(body: &Value) -> Checked<Self> {
        Ok(Self {
            access_token: text(body, "access_token")?,
            refresh_token: text(body, "refresh_token")?,
        })
    }

    /// Whoever has it.
    pub fn of_person(self, name: &'static str) -> Person {
        Person {
            name,
            token: self.access_token,
            refresh_token: Some(self.refresh_token),
        }
    }
}

/// One of the shop's staff signs in.
pub async fn staff(stage: &mut Stage<'_>, scene: &Scene) -> Result<Person, Failure> {
    let signed_in = |answer: &Answer| session(answer).map_err(advise);
    let call = log_in(&scene.staff_email, &scene.staff_password);
    let session = stage.step("the staff log in", call, signed_in).await?;
    let staff = session.of_person("the staff");
    let is_staff =
        |answer: &Answer| same("role", &answer.is(200)?["role"], "staff").map_err(advise);
    let call = Call::get("/users/me").by(&staff.token);
    stage.step("and are staff", call, is_staff).await?;
    Ok(staff)
}

/// Ann looks in, without an account.
pub async fn guest(stage: &mut Stage<'_>) -> Result<Person, Failure> {
    let begun = |answer: &Answer| {
        let session = answer.is(201)?;
        same("refresh_token", &session["refresh_token"], Value::Null)?;
        text(&session, "access_token")
    };
    let call = Call::post("/guests");
    let token = stage.step("Ann looks in, as a guest", call, begun).await?;
    Ok(Person {
        name: "Ann",
        token,
        refresh_token: None,
    })
}

/// A customer makes an account and signs in.
pub async fn customer(
    stage: &mut Stage<'_>,
    name: &'static str,
    email: &str,
) -> Result<Person, Failure> {
    // Nobody needs the account again, so nobody is told its password.
    let password = random_name::<12>()?;
    let account = json!({"email": email, "password": password, "name": name});
    let call = Call::post("/users").json(account);
    let registered = |answer: &Answer| {
        let user = answer.is(201)?;
        same("email", &user["email"], email)?;
        same("role", &user["role"], "customer")?;
        Ok(user)
    };
    let words = format!("{name} registers");
    let user = stage.step(&words, call, registered).await?;
    let words = format!("{name} logs in");
    let call = log_in(email, &password);
    let person = stage.step(&words, call, session).await?.of_person(name);
    let call = Call::get("/users/me").by(&person.token);
    let words = format!("and is known as {name}");
    stage
        .step(&words, call, |answer| {
            same("the user", &answer.is(200)?, user)
        })
        .await?;
    Ok(person)
}

fn log_in(email: &str, password: &str) -> Call {
    Call::post("/sessions").json(json!({"email": email, "password": password}))
}

fn session(answer: &Answer) -> Checked<Session> {
    Session::of(&answer.is(201)?)
}

fn advise(differs: Differs) -> Differs {
    Differs(format!(
        "{differs}; name a staff account with --staff-email and --staff-password (`cargo shop grant-staff` makes one)"
    ))
}
