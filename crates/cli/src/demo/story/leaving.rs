//! How a customer leaves the shop.

use serde_json::{Value, json};

use super::{
    super::{
        Stage,
        client::{Answer, Call},
        differs::same,
        random_name,
    },
    orders::{Order, place, placed},
    people::Person,
    shelf::{DEARER_BOWL_PRICE, Shelf},
};
use crate::error::Failure;

/// Ben deletes his account, which waits for what he has paid for, and calls off what he has not.
pub async fn leaves(
    stage: &mut Stage<'_>,
    ben: &Person,
    staff: &Person,
    shelf: &Shelf,
) -> Result<(), Failure> {
    let paid = orders_a_bowl(stage, ben, shelf, "Ben orders a bowl").await?;
    paid.is_paid(stage, "and pays for it").await?;
    let unpaid = orders_a_bowl(stage, ben, shelf, "Ben orders another one").await?;

    let delete = Call::delete("/users/me").by(&ben.token);
    let open = |answer: &Answer| {
        let problem = answer.problem(409, "open-orders")?;
        same("order_ids", &problem["order_ids"], json!([paid.id]))
    };
    let words = "he can't delete his account while a bowl he paid for is due";
    stage.step(words, delete.clone(), open).await?;
    paid.arrives(stage, staff, "it").await?;
    let gone = |answer: &Answer| answer.is(204).map(drop);
    let words = "now he can delete his account";
    stage.lagging_step(words, delete, gone).await?;

    let call = place(ben, &random_name::<8>()?, a_bowl(shelf));
    let unknown = |answer: &Answer| answer.problem(401, "unauthenticated").map(drop);
    let words = "his token orders nothing any more";
    stage.step(words, call, unknown).await?;
    let call = look_at(&unpaid, staff);
    let cancelled = |answer: &Answer| unpaid.has_status(answer, "cancelled");
    let words = "the bowl he had not paid for is called off";
    stage.lagging_step(words, call, cancelled).await?;
    let call = look_at(&paid, staff);
    let kept = |answer: &Answer| {
        paid.has_status(answer, "delivered")?;
        same(
            "shipping_address",
            &answer.json()["shipping_address"],
            Value::Null,
        )
    };
    let words = "the one he got stays in the books, without his address";
    stage.lagging_step(words, call, kept).await
}

async fn orders_a_bowl<'p>(
    stage: &mut Stage<'_>,
    ben: &'p Person,
    shelf: &Shelf,
    words: &str,
) -> Result<Order<'p>, Failure> {
    let call = place(ben, &random_name::<8>()?, a_bowl(shelf));
    let check = |answer: &Answer| {
        let id = placed(answer, DEARER_BOWL_PRICE)?;
        same(
            "shipping_address",
            &answer.json()["shipping_address"],
            address(),
        )?;
        Ok(id)
    };
    let id = stage.step(words, call, check).await?;
    Ok(Order { id, buyer: ben })
}

fn a_bowl(shelf: &Shelf) -> Value {
    let item = json!({"product_id": shelf.bowl, "quantity": 1});
    json!({"items": [item], "shipping_address": address()})
}

fn address() -> Value {
    json!({"name": "Ben", "line1": "1 Demo Street", "city": "Oxford", "postal_code": "OX1 1AA", "country": "GB"})
}

fn look_at(order: &Order<'_>, staff: &Person) -> Call {
    let call = Call::get("/orders/{order_id}").of(&order.id);
    call.by(&staff.token)
}
