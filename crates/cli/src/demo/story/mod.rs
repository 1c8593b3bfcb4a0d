//! What happens, chapter by chapter. Every run has accounts and products of its own, so it can be told any number of
//! times.
//!
//! - [`people`]: who takes part, and how they sign in.
//! - [`shelf`]: what staff do with products and stock.
//! - [`orders`]: how orders are placed, paid, sent and called off.

mod orders;
mod people;
mod shelf;

use serde_json::{Value, json};

use self::{orders::Order, people::People, shelf::Shelf};
use super::{Scene, Stage, random_name};
use crate::error::Failure;

/// The story.
pub async fn story(stage: &mut Stage<'_>, scene: &Scene) -> Result<(), Failure> {
    let run = random_name::<4>()?;

    stage.teller.chapter("Ann and Ben come in, and the staff");
    let People { ann, ben, staff } = People::come(stage, scene, &run).await?;

    stage.teller.chapter("The staff fill the shelf");
    let shelf = Shelf::fill(stage, &staff, &run).await?;

    stage.teller.chapter("Ann looks around and orders");
    shelf.is_seen(stage, &ann).await?;
    let mugs = Order::of_two_mugs(stage, &ann, &shelf).await?;
    shelf
        .mugs_are(stage, &staff, "two mugs were taken, once", 10, 2)
        .await?;

    stage
        .teller
        .chapter("Ann and Ben want the last print at the same time");
    let print = Order::race_for_the_print(stage, &ann, &ben, &shelf).await?;
    shelf.print_is_gone(stage, &staff).await?;

    stage.teller.chapter("Money");
    mugs.is_declined_then_paid(stage).await?;
    print.is_paid_though_the_answer_is_lost(stage).await?;

    stage.teller.chapter("On its way");
    mugs.is_shipped_and_delivered(stage, &staff).await?;

    stage.teller.chapter("Ann changes her mind");
    let called_off = Order::of_three_mugs(stage, &ann, &shelf).await?;
    shelf
        .mugs_are(stage, &staff, "three more mugs are taken", 7, 5)
        .await?;
    called_off.is_cancelled(stage, &staff).await?;
    shelf
        .mugs_are(stage, &staff, "the three are back", 10, 2)
        .await?;

    stage.teller.chapter("The staff count");
    shelf.loses_a_mug(stage, &staff).await?;
    shelf.accounts_for_every_piece(stage, &staff).await?;
    shelf.is_cleared(stage, &staff).await
}

/// An amount of cents.
fn usd(cents: i64) -> Value {
    json!({"amount": cents, "currency": "USD"})
}
