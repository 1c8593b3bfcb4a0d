//! What happens, chapter by chapter. Every run has accounts and products of its own, so it can be told any number of
//! times.
//!
//! - [`people`]: who takes part, and how they sign in; [`sessions`]: how their sessions go on and end.
//! - [`shelf`]: what staff do with products and stock.
//! - [`cart`]: how a cart is filled, taken along and ordered.
//! - [`orders`]: how orders are placed and called off; [`money`]: paid and paid back; [`parcels`]: sent.
//! - [`leaving`]: how an account is deleted.

mod cart;
mod leaving;
mod money;
mod orders;
mod parcels;
mod people;
mod sessions;
mod shelf;

use serde_json::{Value, json};

use self::{orders::Order, shelf::Shelf};
use super::{Scene, Stage, random_name};
use crate::error::Failure;

/// The story.
pub async fn story(stage: &mut Stage<'_>, scene: &Scene) -> Result<(), Failure> {
    let run = random_name::<4>()?;

    stage.teller.chapter("The staff fill the shelf");
    let staff = people::staff(stage, scene).await?;
    let shelf = Shelf::fill(stage, &staff, &run).await?;

    stage.teller.chapter("Ann looks around and fills a cart");
    let guest = people::guest(stage).await?;
    shelf.is_seen(stage, &guest).await?;
    cart::is_filled_by_a_guest(stage, &guest, &shelf).await?;

    stage
        .teller
        .chapter("She makes an account, and her cart comes along");
    let ann = people::customer(stage, "Ann", &format!("ann-{run}@example.com")).await?;
    cart::comes_along(stage, &guest, &ann, &shelf).await?;

    stage.teller.chapter("A price changes while the cart waits");
    shelf.makes_bowls_dearer(stage, &staff).await?;
    let version = cart::accepts_the_new_price(stage, &ann, &shelf).await?;
    let bowls = cart::is_ordered(stage, &ann, version).await?;
    shelf
        .bowls_are(stage, &staff, "three bowls were taken, once", 5, 3)
        .await?;

    stage.teller.chapter("Ann orders without a cart");
    let mugs = Order::of_two_mugs(stage, &ann, &shelf).await?;
    shelf
        .mugs_are(
            stage,
            &staff,
            "two mugs were taken, once, beside the one of the cart",
            9,
            3,
        )
        .await?;

    stage
        .teller
        .chapter("Ann and Ben want the last print at the same time");
    let ben = people::customer(stage, "Ben", &format!("ben-{run}@example.com")).await?;
    let print = Order::race_for_the_print(stage, &ann, &ben, &shelf).await?;
    shelf.print_is_gone(stage, &staff).await?;

    stage.teller.chapter("Money");
    mugs.is_declined_then_paid(stage).await?;
    print.is_paid_though_the_answer_is_lost(stage).await?;
    bowls
        .is_paid(stage, "Ann pays for what was in her cart")
        .await?;

    stage.teller.chapter("Ann's session goes on");
    let ann = &sessions::goes_on(stage, &ann).await?;

    stage.teller.chapter("On its way");
    mugs.is_shipped_and_delivered(stage, &staff).await?;
    bowls.arrives(stage, &staff, "the bowls").await?;
    print.arrives(stage, &staff, "the print").await?;

    stage.teller.chapter("Some of it comes back");
    mugs.is_paid_back_and_restocked(stage, &staff).await?;
    shelf
        .mugs_are(stage, &staff, "the two mugs can be sold again", 11, 1)
        .await?;
    bowls.is_paid_back(stage, &staff).await?;
    shelf
        .bowls_are(stage, &staff, "the three bowls can't", 5, 3)
        .await?;

    stage.teller.chapter("Ann changes her mind");
    let called_off = Order::of_three_mugs(stage, ann, &shelf).await?;
    shelf
        .mugs_are(stage, &staff, "three more mugs are taken", 8, 4)
        .await?;
    called_off.is_cancelled(stage, &staff).await?;
    shelf
        .mugs_are(stage, &staff, "the three are back", 11, 1)
        .await?;

    stage.teller.chapter("Ben leaves, and Ann goes home");
    leaving::leaves(stage, &ben, &staff, &shelf).await?;
    shelf
        .bowls_are(stage, &staff, "one bowl is his, the other is back", 4, 4)
        .await?;
    sessions::ends(stage, ann).await?;

    stage.teller.chapter("The staff count");
    shelf.loses_a_mug(stage, &staff).await?;
    shelf.accounts_for_every_piece(stage, &staff).await?;
    shelf.is_cleared(stage, &staff).await
}

/// An amount of cents.
fn usd(cents: i64) -> Value {
    json!({"amount": cents, "currency": "USD"})
}
