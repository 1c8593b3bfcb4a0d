//! How orders are sent and arrive.

use serde_json::{Value, json};

use super::{
    super::{
        Stage,
        client::{Answer, Call},
        differs::same,
    },
    orders::Order,
    people::Person,
};
use crate::error::Failure;

impl Order<'_> {
    /// The staff send it, and it arrives.
    pub async fn is_shipped_and_delivered(
        &self,
        stage: &mut Stage<'_>,
        staff: &Person,
    ) -> Result<(), Failure> {
        let shipment = json!({"carrier": "Ox Express", "tracking_number": "OX-1"});
        let ship = Call::post("/orders/{order_id}/shipment")
            .of(&self.id)
            .json(shipment.clone());
        let by_ann = ship.clone().by(&self.buyer.token);
        let forbidden = |answer: &Answer| answer.problem(403, "forbidden").map(drop);
        stage
            .step("Ann may not ship it herself", by_ann, forbidden)
            .await?;
        let shipped = |answer: &Answer| {
            self.has_status(answer, "shipped")?;
            same("shipment", &answer.json()["shipment"], shipment)
        };
        stage
            .step("the staff ship it", ship.by(&staff.token), shipped)
            .await?;
        self.is_delivered(stage, staff).await?;
        let look = Call::get("/orders/{order_id}")
            .of(&self.id)
            .by(&self.buyer.token);
        let whole = |answer: &Answer| {
            let order = answer.is(200)?;
            let steps = order["history"].as_array().into_iter().flatten();
            let steps: Vec<Value> = steps.map(|step| step["status"].clone()).collect();
            let should = json!(["placed", "paid", "shipped", "delivered"]);
            same("the history", &steps.into(), should)
        };
        stage.step("Ann sees its whole way", look, whole).await
    }

    /// As [`Self::is_shipped_and_delivered`], in fewer words.
    pub async fn arrives(
        &self,
        stage: &mut Stage<'_>,
        staff: &Person,
        what: &str,
    ) -> Result<(), Failure> {
        let call = Call::post("/orders/{order_id}/shipment")
            .of(&self.id)
            .by(&staff.token);
        let call = call.json(json!({"carrier": "Ox Express"}));
        let shipped = |answer: &Answer| self.has_status(answer, "shipped");
        let words = format!("the staff ship {what}");
        stage.step(&words, call, shipped).await?;
        self.is_delivered(stage, staff).await
    }

    async fn is_delivered(&self, stage: &mut Stage<'_>, staff: &Person) -> Result<(), Failure> {
        let call = Call::post("/orders/{order_id}/delivery")
            .of(&self.id)
            .by(&staff.token);
        let delivered = |answer: &Answer| self.has_status(answer, "delivered");
        stage.step("it is delivered", call, delivered).await
    }
}
