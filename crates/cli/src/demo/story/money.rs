//! How orders are paid and paid back.

use serde_json::{Value, json};

use super::{
    super::{
        Stage,
        client::{Answer, Call},
        differs::same,
        random_name,
    },
    orders::Order,
    people::Person,
    shelf::PRINT_PRICE,
    usd,
};
use crate::error::Failure;

impl Order<'_> {
    /// It is paid, and nothing happens.
    pub async fn is_paid(&self, stage: &mut Stage<'_>, words: &str) -> Result<(), Failure> {
        let call = self.pay(&random_name::<8>()?, "tok_ok");
        let paid = |answer: &Answer| self.has_status(answer, "paid");
        stage.step(words, call, paid).await
    }

    /// A card is declined, for good under its key; the next one pays.
    pub async fn is_declined_then_paid(&self, stage: &mut Stage<'_>) -> Result<(), Failure> {
        let name = self.buyer.name;
        let declined = |answer: &Answer| answer.problem(402, "payment-declined").map(drop);
        let call = self.pay(&random_name::<8>()?, "tok_declined");
        let words = format!("{name}'s card is declined");
        stage.step(&words, call.clone(), declined).await?;
        stage
            .step("the same request again: still declined", call, declined)
            .await?;
        let call = self.pay(&random_name::<8>()?, "tok_ok");
        let words = format!("{name} pays with another card");
        let paid = |answer: &Answer| self.has_status(answer, "paid");
        let ((), first) = stage.step_and_answer(&words, call.clone(), paid).await?;
        let again = "the same request again charges nothing more";
        stage
            .step(again, call, |answer| answer.repeats(&first))
            .await
    }

    /// The money is taken and the provider's answer is lost: the shop finds out, at the latest when it is asked again.
    pub async fn is_paid_though_the_answer_is_lost(
        &self,
        stage: &mut Stage<'_>,
    ) -> Result<(), Failure> {
        let call = self.pay(&random_name::<8>()?, "tok_timeout");
        let words = format!("{} pays, and the bank's answer gets lost", self.buyer.name);
        let paid = |answer: &Answer| {
            self.has_status(answer, "paid")?;
            same(
                "the amount paid",
                &answer.json()["payment"]["amount"],
                usd(PRINT_PRICE),
            )
        };
        stage.step(&words, call, paid).await
    }

    /// The staff pay a delivered order back and put its pieces on the shelf again, once, though the request comes twice.
    pub async fn is_paid_back_and_restocked(
        &self,
        stage: &mut Stage<'_>,
        staff: &Person,
    ) -> Result<(), Failure> {
        let body = json!({"restock": true, "reason": "one mug too few for the table"});
        let call = self.refund(staff, body);
        let words = "Ann sends the mugs back, the staff pay her back and restock them";
        let refunded = |answer: &Answer| self.has_status(answer, "refunded");
        stage.step(words, call.clone(), refunded).await?;
        let words = "the same request again gives nothing more";
        stage.step(words, call, refunded).await?;
        let call = self.refund(staff, json!({"restock": false}));
        let refused = |answer: &Answer| {
            let problem = answer.problem(409, "invalid-transition")?;
            same("order_status", &problem["order_status"], "refunded")
        };
        let words = "and another refund of it is refused";
        stage.step(words, call, refused).await
    }

    /// The staff pay a delivered order back whose pieces nobody can buy any more. Ann sees it.
    pub async fn is_paid_back(&self, stage: &mut Stage<'_>, staff: &Person) -> Result<(), Failure> {
        let body = json!({"restock": false, "reason": "broken on the way"});
        let call = self.refund(staff, body);
        let refunded = |answer: &Answer| self.has_status(answer, "refunded");
        let words = "the bowls came in pieces: paid back, and not restocked";
        stage.step(words, call, refunded).await?;
        let call = Call::get("/orders/{order_id}")
            .of(&self.id)
            .by(&self.buyer.token);
        let seen = |answer: &Answer| {
            let order = answer.is(200)?;
            same(
                "the amount paid",
                &order["payment"]["amount"],
                order["total"].clone(),
            )?;
            let last = order["history"].as_array().and_then(|steps| steps.last());
            let last = last.map_or(Value::Null, |step| step["status"].clone());
            same("the last of the history", &last, "refunded")
        };
        stage
            .step("Ann sees what she paid and got back", call, seen)
            .await
    }

    fn pay(&self, key: &str, token: &str) -> Call {
        let call = Call::post("/orders/{order_id}/payment").of(&self.id);
        call.by(&self.buyer.token)
            .key(key)
            .json(json!({"payment_token": token}))
    }

    fn refund(&self, staff: &Person, body: Value) -> Call {
        let call = Call::post("/orders/{order_id}/refund").of(&self.id);
        call.by(&staff.token).json(body)
    }
}
