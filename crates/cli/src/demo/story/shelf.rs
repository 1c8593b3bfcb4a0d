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

/// What a bowl costs at first, in cents.
pub const BOWL_PRICE: i64 = 1900;
/// What it costs later.
pub const DEARER_BOWL_PRICE: i64 = 2100;

/// The products of this run.
pub struct Shelf {
    /// There are twelve of it at first.
    pub mug: String,
    /// There are eight of it.
    pub bowl: String,
    /// There is one of it.
    pub print: String,
}

impl Shelf {
    /// Twelve mugs, eight bowls and one print are put on sale.
    pub async fn fill(stage: &mut Stage<'_>, staff: &Person, run: &str) -> Result<Self, Failure> {
        let shelf = Self {
            mug: format!("demo-{run}-mug"),
            bowl: format!("demo-{run}-bowl"),
            print: format!("demo-{run}-print"),
        };
        let mug = product("mug", MUG_PRICE);
        put(stage, staff, "a mug is new", &shelf.mug, mug, 201).await?;
        receive(stage, staff, "twelve come in", &shelf.mug, 12).await?;
        let bowl = product("bowl", BOWL_PRICE);
        put(stage, staff, "a bowl is new", &shelf.bowl, bowl, 201).await?;
        receive(stage, staff, "eight come in", &shelf.bowl, 8).await?;
        let print = product("print", PRINT_PRICE);
        put(stage, staff, "a print is new", &shelf.print, print, 201).await?;
        receive(stage, staff, "a single one comes in", &shelf.print, 1).await?;
        Ok(shelf)
    }

    /// Bowls cost more from now on.
    pub async fn makes_bowls_dearer(
        &self,
        stage: &mut Stage<'_>,
        staff: &Person,
    ) -> Result<(), Failure> {
        let body = product("bowl", DEARER_BOWL_PRICE);
        let words = "the staff raise the bowl's price";
        put(stage, staff, words, &self.bowl, body, 200).await
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

    /// The bowls' stock is exactly this.
    pub async fn bowls_are(
        &self,
        stage: &mut Stage<'_>,
        staff: &Person,
        words: &str,
        available: i64,
        taken: i64,
    ) -> Result<(), Failure> {
        stock_is(stage, staff, words, &self.bowl, [available, taken]).await
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
            same("available", &adjustment["available"], 10)
        };
        let ((), first) = stage
            .step_and_answer("a broken mug is written off", call.clone(), written_off)
            .await?;
        let again = "the same request again changes nothing";
        stage
            .step(again, call, |answer| answer.repeats(&first))
            .await?;
        let all = json!({"delta": -11, "reason": "lost"});
        let call = adjust(staff, &self.mug, "too-many", all);
        let refused = |answer: &Answer| answer.problem(409, "insufficient-stock").map(drop);
        stage
            .step("eleven can't be lost where ten are", call, refused)
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
            ["adjustment", -1, 10],
            ["cancellation", 3, 11],
            ["order", -3, 8],
            ["refund", 2, 11],
            ["order", -2, 9],
            ["order", -1, 11],
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
        self.mugs_are(stage, staff, "and the count agrees", 10, 1)
            .await
    }

    /// The products leave the shop window.
    pub async fn is_cleared(&self, stage: &mut Stage<'_>, staff: &Person) -> Result<(), Failure> {
        let products = [
            (&self.mug, "mug", MUG_PRICE),
            (&self.bowl, "bowl", DEARER_BOWL_PRICE),
            (&self.print, "print", PRINT_PRICE),
        ];
        for (id, what, price) in products {
            let mut body = product(what, price);
            body["active"] = false.into();
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

fn product(what: &str, price: i64) -> Value {
    json!({"title": format!("Demo {what}"), "category": "demo", "price": usd(price)})
}

async fn put(
    stage: &mut Stage<'_>,
    staff: &Person,
    words: &str,
    id: &str,
    body: Value,
    status: u16,
) -> Result<(), Failure> {
    let call = Call::put("/products/{product_id}")
        .of(id)
        .by(&staff.token)
        .json(body);
    stage
        .step(words, call, |answer| {
            same("id", &answer.is(status)?["id"], id)
        })
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
