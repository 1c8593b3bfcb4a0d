//! How a session goes on and ends.

use serde_json::json;

use super::{
    super::{
        Stage,
        client::{Answer, Call},
        differs::same,
    },
    people::{Person, Session},
};
use crate::error::Failure;

/// Ann's session goes on with new tokens. When the answer got lost on its way to her, she gets the same ones again.
pub async fn goes_on(stage: &mut Stage<'_>, ann: &Person) -> Result<Person, Failure> {
    let call = refresh(ann);
    let refreshed = |answer: &Answer| Session::of(&answer.is(200)?);
    let words = "Ann refreshes her session";
    let session = stage.step(words, call.clone(), refreshed).await?;
    let token = session.refresh_token.as_str();
    let same_again =
        |answer: &Answer| same("refresh_token", &answer.is(200)?["refresh_token"], token);
    let words = "the old token, at once again: the same new one";
    stage.step(words, call, same_again).await?;
    let person = session.of_person(ann.name);
    let call = Call::get("/users/me").by(&person.token);
    let known = |answer: &Answer| same("name", &answer.is(200)?["name"], ann.name);
    stage.step("she is still Ann", call, known).await?;
    Ok(person)
}

/// Ann logs out, and nobody goes on with her session.
pub async fn ends(stage: &mut Stage<'_>, ann: &Person) -> Result<(), Failure> {
    let call = Call::delete("/sessions/current").by(&ann.token);
    let ended = |answer: &Answer| answer.is(204).map(drop);
    stage.step("Ann logs out", call, ended).await?;
    let refused = |answer: &Answer| answer.problem(401, "invalid-refresh-token").map(drop);
    let words = "her session can't be refreshed any more";
    stage.step(words, refresh(ann), refused).await
}

fn refresh(person: &Person) -> Call {
    let token = person.refresh_token.as_deref();
    Call::post("/sessions/refresh").json(json!({"refresh_token": token}))
}
