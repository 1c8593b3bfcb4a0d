//! How orders are placed and called off.

use serde_json::{Value, json};

use super::{
    super::{
        Stage,
        client::{Answer, Call},
        differs::{Checked, Differs, items, same, text},
        random_name,
    },
    people::Person,
    shelf::{MUG_PRICE, PRINT_PRICE, Shelf},
    usd,
};
use crate::error::Failure;

/// An order and whose it is.
pub struct Order<'p> {
    /// Its id.
    pub id: String,
    /// Who placed it.
    pub buyer: &'p Person,
}

impl<'p> Order<'p> {
    /// Ann orders two mugs, and sends the request again.
    pub async fn of_two_mugs(
        stage: &mut Stage<'_>,
        ann: &'p Person,
        shelf: &Shelf,
    ) -> Result<Self, Failure> {
        let key = random_name::<8>()?;
        let call = place(ann, &key, mugs(shelf, 2));
        let check = |answer: &Answer| placed(answer, 2 * MUG_PRICE);
        let (id, first) = stage
            .step_and_answer("Ann orders two mugs", call.clone(), check)
            .await?;
        let again = "the same request again: the same order, byte for byte";
        stage
            .step(again, call, |answer| answer.repeats(&first))
            .await?;
        let call = place(ann, &key, mugs(shelf, 3));
        let reused = |answer: &Answer| answer.problem(422, "idempotency-key-reused").map(drop);
        stage
            .step("the same key for another order is refused", call, reused)
            .await?;
        Ok(Self { id, buyer: ann })
    }

    /// Ann orders three mugs.
    pub async fn of_three_mugs(
        stage: &mut Stage<'_>,
        ann: &'p Person,
        shelf: &Shelf,
    ) -> Result<Self, Failure> {
        let call = place(ann, &random_name::<8>()?, mugs(shelf, 3));
        let check = |answer: &Answer| placed(answer, 3 * MUG_PRICE);
        let id = stage
            .step("Ann orders three more mugs", call, check)
            .await?;
        Ok(Self { id, buyer: ann })
    }

    /// Ann and Ben buy the one print at the same moment. One gets it, and the other is told that it is sold out.
    pub async fn race_for_the_print(
        stage: &mut Stage<'_>,
        ann: &'p Person,
        ben: &'p Person,
        shelf: &Shelf,
    ) -> Result<Self, Failure> {
        let buy = |buyer: &Person, key: &str| {
            let call = Call::post("/products/{product_id}/purchases").of(&shelf.print);
            let body = json!({"quantity": 1, "unit_price": usd(PRINT_PRICE)});
            call.by(&buyer.token).key(key).json(body)
        };
        let calls = [
            (ann, buy(ann, &random_name::<8>()?)),
            (ben, buy(ben, &random_name::<8>()?)),
        ];
        let [(_, anns), (_, bens)] = &calls;
        let (anns, bens) = tokio::join!(stage.client.send(anns), stage.client.send(bens));
        let mut won: Option<Self> = None;
        // Whoever comes first in the story, both answers are told.
        for ((buyer, call), answer) in calls.into_iter().zip([anns?, bens?]) {
            let wins = answer.status == 201 && won.is_none();
            let words = match wins {
                true => format!("{} gets it", buyer.name),
                false => format!("{} is told that it is sold out", buyer.name),
            };
            let checked = match wins {
                true => placed(&answer, PRINT_PRICE).map(Some),
                false => sold_out(&answer, &shelf.print).map(|()| None),
            };
            if let Some(id) = stage.tell(&words, &call, &answer, checked)? {
                won = Some(Self { id, buyer });
            }
        }
        let won = won.ok_or_else(|| Failure::Differs {
            call: "POST /products/{product_id}/purchases".into(),
            differs: "one piece was there, and nobody got it".into(),
        })?;
        let other = if won.buyer.name == ann.name { ben } else { ann };
        let call = Call::get("/orders/{order_id}").of(&won.id).by(&other.token);
        let words = format!("{} can't even see {}'s order", other.name, won.buyer.name);
        let hidden = |answer: &Answer| answer.problem(404, "order-not-found").map(drop);
        stage.step(&words, call, hidden).await?;
        Ok(won)
    }

    /// Ann calls it off, and it can't be shipped after that.
    pub async fn is_cancelled(&self, stage: &mut Stage<'_>, staff: &Person) -> Result<(), Failure> {
        let call = Call::post("/orders/{order_id}/cancellation")
            .of(&self.id)
            .by(&self.buyer.token);
        let cancelled = |answer: &Answer| self.has_status(answer, "cancelled");
        stage.step("Ann cancels the order", call, cancelled).await?;
        let ship = Call::post("/orders/{order_id}/shipment")
            .of(&self.id)
            .by(&staff.token);
        let refused = |answer: &Answer| {
            let problem = answer.problem(409, "invalid-transition")?;
            same("order_status", &problem["order_status"], "cancelled")
        };
        let ship = ship.json(json!({"carrier": "Ox Express"}));
        stage.step("so it can't be shipped", ship, refused).await?;
        let call = Call::get("/orders").by(&self.buyer.token);
        let listed = |answer: &Answer| {
            let body = answer.is(200)?;
            let newest = items(&body)?.first().map(|order| &order["id"]);
            match newest.is_some_and(|id| *id == self.id) {
                true => Ok(()),
                false => Err(Differs(format!("{} is not the first of the list", self.id))),
            }
        };
        stage
            .lagging_step("it stays in her list, newest first", call, listed)
            .await
    }

    /// The answer must be this order with this status.
    pub fn has_status(&self, answer: &Answer, status: &str) -> Checked<()> {
        let order = answer.is(200)?;
        same("id", &order["id"], self.id.as_str())?;
        same("status", &order["status"], status)
    }
}

/// A call that places an order.
pub fn place(buyer: &Person, key: &str, body: Value) -> Call {
    Call::post("/orders").by(&buyer.token).key(key).json(body)
}

/// The id of an order that was placed.
pub fn placed(answer: &Answer, total: i64) -> Checked<String> {
    let order = answer.is(201)?;
    same("status", &order["status"], "placed")?;
    same("total", &order["total"], usd(total))?;
    text(&order, "id")
}

fn mugs(shelf: &Shelf, quantity: i64) -> Value {
    let price = usd(MUG_PRICE);
    json!({"items": [{"product_id": shelf.mug, "quantity": quantity, "unit_price": price}]})
}

fn sold_out(answer: &Answer, product: &str) -> Checked<()> {
    let problem = answer.problem(409, "out-of-stock")?;
    let items = json!([{"product_id": product, "requested": 1, "available": 0}]);
    same("items", &problem["items"], items)
}
