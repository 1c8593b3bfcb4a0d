//! What the staff do with products and stock.

use serde_json::{Value, json};

use super::{
    super::{
        Stage,
        client::{Answer, Call},
        differs::{Checked, Differs, items, same},
    },
    people::Person,
    usd,
};
use crate::error::Failure;

/// What a mug costs, in cents.
pub const MUG_PRICE: i64 = 1450;
/// What the print costs, in cents.
pub const PRINT_PRICE: i64 = 9000;

/// The products of this run.
pub struct Shelf {
    /// There are twelve of it at first.
    pub mug: String,
    /// There is one of it.
    pub print: String,
}

impl Shelf {
    /// Twelve mugs and one print are put on sale.
    pub async fn fill(stage: &mut Stage<'_>, staff: &Person, run: &str) -> Result<Self, Failure> {
        let shelf = Self {
            mug: format!("demo-{run}-mug"),
            print: format!("demo-{run}-print"),
        };
        let mug = json!({"title": "Demo mug", "category": "demo", "price": usd(MUG_PRICE)});
        put(stage, staff, "a mug is new", &shelf.mug, mug).await?;
        receive(stage, staff, "twelve come in", &shelf.mug, 12).await?;
        let print = json!({"title": "Demo print", "category": "demo", "price": usd(PRINT_PRICE)});
        put(stage, staff, "a print is new", &shelf.print, print).await?;
        receive(stage, staff, "a single one comes in", &shelf.print, 1).await?;
        Ok(shelf)
    }

    /// Everybody sees the catalogue and, soon, how many mugs there are.
    pub async fn is_seen(&self, stage: &mut Stage<'_>, buyer: &Person) -> Result<(), Failure> {
        let few = |answer: &Answer| match items(&answer.is(200)?)?.len() {
            0..=5 => Ok(()),
            more => Err(Differs(format!("{more} items instead of at most 5"))),
        };
        let call = Call::get("/products").query("limit=5");
        stage.step("the first products of all", call, few).await?;
        let call = Call::get("/products").query("category=demo&query=mug&limit=100");
        let listed = |answer: &Answer| {
            let body = answer.is(200)?;
            let mut ids = items(&body)?.iter().map(|product| &product["id"]);
            // A shop with very many demo products lists this run's on a later page.
            match ids.any(|id| *id == self.mug) || body["next_cursor"].is_string() {
                true => Ok(()),
                false => Err(Differs(format!("{} is not listed", self.mug))),
            }
        };
        stage
            .lagging_step("mugs can be searched for", call, listed)
            .await?;
        let call = Call::get("/products/{product_id}")
            .of(&self.mug)
            .by(&buyer.token);
        let complete = |answer: &Answer| {
            let product = answer.is(200)?;
            same("price", &product["price"], usd(MUG_PRICE))?;
            same("available", &product["available"], 12)
        };
        stage
            .lagging_step("this one costs 14.50, twelve are there", call, complete)
            .await
    }

    /// The mugs' stock is exactly this.
    pub async fn mugs_are(
        &self,
        stage: &mut Stage<'_>,
        staff: &Person,
        words: &str,
        available: i64,
        taken: i64,
    ) -> Result<(), Failure> {
        stock_is(stage, staff, words, &self.mug, [available, taken]).await
    }

    /// The print's stock is taken.
    pub async fn print_is_gone(
        &self,
        stage: &mut Stage<'_>,
        staff: &Person,
    ) -> Result<(), Failure> {
        stock_is(
            stage,
            staff,
            "one print was sold, not two",
            &self.print,
            [0, 1],
        )
        .await
    }

    /// A broken mug is written off, once, though the request comes twice.
    pub async fn loses_a_mug(&self, stage: &mut Stage<'_>, staff: &Person) -> Result<(), Failure> {
        let body = json!({"delta": -1, "reason": "damaged", "note": "fell off the shelf"});
        let call = adjust(staff, &self.mug, "broken", body);
        let written_off = |answer: &Answer| {
            let adjustment = answer.is(201)?;
            same("delta", &adjustment["delta"], -1)?;
            same("available", &adjustment["available"], 9)
        };
        let ((), first) = stage
            .step_and_answer("a broken mug is written off", call.clone(), written_off)
            .await?;
        let again = "the same request again changes nothing";
        stage
            .step(again, call, |answer| answer.repeats(&first))
            .await?;
        let all = json!({"delta": -10, "reason": "lost"});
        let call = adjust(staff, &self.mug, "too-many", all);
        let refused = |answer: &Answer| answer.problem(409, "insufficient-stock").map(drop);
        stage
            .step("ten can't be lost where nine are", call, refused)
            .await
    }

    /// Every change of the stock has its cause, and together they lead to what is there.
    pub async fn accounts_for_every_piece(
        &self,
        stage: &mut Stage<'_>,
        staff: &Person,
    ) -> Result<(), Failure> {
        let route = "/products/{product_id}/stock-movements";
        let call = Call::get(route).of(&self.mug).by(&staff.token);
        let should = json!([
            ["adjustment", -1, 9],
            ["cancellation", 3, 10],
            ["order", -3, 7],
            ["order", -2, 10],
            ["adjustment", 12, 12],
        ]);
        let complete = |answer: &Answer| {
            let body = answer.is(200)?;
            let told = |movement: &Value| {
                json!([
                    movement["cause"]["kind"],
                    movement["change"],
                    movement["after"]
                ])
            };
            let movements: Vec<Value> = items(&body)?.iter().map(told).collect();
            same("the movements", &movements.into(), should.clone())
        };
        stage
            .lagging_step("every piece is accounted for", call, complete)
            .await?;
        self.mugs_are(stage, staff, "and the count agrees", 9, 2)
            .await
    }

    /// The products leave the shop window.
    pub async fn is_cleared(&self, stage: &mut Stage<'_>, staff: &Person) -> Result<(), Failure> {
        let products = [
            (&self.mug, "mug", MUG_PRICE),
            (&self.print, "print", PRINT_PRICE),
        ];
        for (id, what, price) in products {
            let body = json!({"title": format!("Demo {what}"), "category": "demo", "price": usd(price), "active": false});
            let call = Call::put("/products/{product_id}")
                .of(id)
                .by(&staff.token)
                .json(body);
            let off = |answer: &Answer| same("active", &answer.is(200)?["active"], false);
            stage
                .step(&format!("the {what} leaves the window"), call, off)
                .await?;
        }
        let call = Call::get("/products/{product_id}").of(&self.mug);
        let gone = |answer: &Answer| answer.problem(404, "product-not-found").map(drop);
        stage
            .lagging_step("and customers don't see it any more", call, gone)
            .await
    }
}

async fn put(
    stage: &mut Stage<'_>,
    staff: &Person,
    words: &str,
    id: &str,
    body: Value,
) -> Result<(), Failure> {
    let call = Call::put("/products/{product_id}")
        .of(id)
        .by(&staff.token)
        .json(body);
    stage
        .step(words, call, |answer| same("id", &answer.is(201)?["id"], id))
        .await
}

async fn receive(
    stage: &mut Stage<'_>,
    staff: &Person,
    words: &str,
    id: &str,
    pieces: i64,
) -> Result<(), Failure> {
    let call = adjust(
        staff,
        id,
        "delivery",
        json!({"delta": pieces, "reason": "received"}),
    );
    let received = |answer: &Answer| same("available", &answer.is(201)?["available"], pieces);
    stage.step(words, call, received).await
}

/// A key is the caller's and the product's own, and products are new in every run.
fn adjust(staff: &Person, id: &str, key: &str, body: Value) -> Call {
    let call = Call::post("/products/{product_id}/stock-adjustments").of(id);
    call.by(&staff.token).key(key).json(body)
}

async fn stock_is(
    stage: &mut Stage<'_>,
    staff: &Person,
    words: &str,
    id: &str,
    [available, taken]: [i64; 2],
) -> Result<(), Failure> {
    let call = Call::get("/products/{product_id}/stock")
        .of(id)
        .by(&staff.token);
    let exact = |answer: &Answer| -> Checked<()> {
        let stock = answer.is(200)?;
        same("available", &stock["available"], available)?;
        same("taken", &stock["taken"], taken)?;
        same("received", &stock["received"], available + taken)
    };
    stage.step(words, call, exact).await
}
