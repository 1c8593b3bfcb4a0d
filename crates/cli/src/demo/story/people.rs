//! Who takes part.

use serde_json::json;

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
}

/// Everybody.
pub struct People {
    /// A customer.
    pub ann: Person,
    /// Another one.
    pub ben: Person,
    /// One of the shop's staff.
    pub staff: Person,
}

impl People {
    /// Ann and Ben make accounts, and all sign in.
    pub async fn come(stage: &mut Stage<'_>, scene: &Scene, run: &str) -> Result<Self, Failure> {
        let ann = customer(stage, "Ann", &format!("ann-{run}@example.com")).await?;
        let ben = customer(stage, "Ben", &format!("ben-{run}@example.com")).await?;
        let signed_in = |answer: &Answer| token(answer).map_err(advise);
        let call = log_in(&scene.staff_email, &scene.staff_password);
        let token = stage.step("the staff log in", call, signed_in).await?;
        let is_staff =
            |answer: &Answer| same("role", &answer.is(200)?["role"], "staff").map_err(advise);
        let call = Call::get("/users/me").by(&token);
        stage.step("and are staff", call, is_staff).await?;
        let name = "the staff";
        let staff = Person { name, token };
        Ok(Self { ann, ben, staff })
    }
}

async fn customer(
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
    let token = stage.step(&words, log_in(email, &password), token).await?;
    let call = Call::get("/users/me").by(&token);
    let words = format!("and is known as {name}");
    stage
        .step(&words, call, |answer| {
            same("the user", &answer.is(200)?, user)
        })
        .await?;
    Ok(Person { name, token })
}

fn log_in(email: &str, password: &str) -> Call {
    Call::post("/sessions").json(json!({"email": email, "password": password}))
}

fn token(answer: &Answer) -> Checked<String> {
    text(&answer.is(201)?, "access_token")
}

fn advise(differs: Differs) -> Differs {
    Differs(format!(
        "{differs}; name a staff account with --staff-email and --staff-password (`cargo shop grant-staff` makes one)"
    ))
}
