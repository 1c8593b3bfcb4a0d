//! How a cart is filled, taken along and ordered.

use serde_json::{Value, json};

use super::{
    super::{
        Stage,
        client::{Answer, Call},
        differs::{Checked, Differs, items, same},
        random_name,
    },
    orders::{Order, place, placed},
    people::Person,
    shelf::{BOWL_PRICE, DEARER_BOWL_PRICE, MUG_PRICE, Shelf},
    usd,
};
use crate::error::Failure;

/// A guest fills a cart, in two tabs too, and can do no more than that.
pub async fn is_filled_by_a_guest(
    stage: &mut Stage<'_>,
    guest: &Person,
    shelf: &Shelf,
) -> Result<(), Failure> {
    let bowls = |answer: &Answer| {
        let cart = answer.is(200)?;
        same("total", &cart["total"], usd(2 * BOWL_PRICE))?;
        same("version", &cart["version"], 1)
    };
    let call = put(guest, &shelf.bowl, 2);
    stage
        .step("two bowls go into her cart", call, bowls)
        .await?;

    let tabs = [put(guest, &shelf.mug, 1), put(guest, &shelf.print, 1)];
    let [mug, print] = &tabs;
    let (mug, print) = tokio::join!(stage.client.send(mug), stage.client.send(print));
    let words = [
        "in one tab she adds a mug",
        "in another one a print, at the same time",
    ];
    for ((call, answer), words) in tabs.into_iter().zip([mug?, print?]).zip(words) {
        let put = answer.is(200).map(drop);
        stage.tell(words, &call, &answer, put)?;
    }
    let all = |answer: &Answer| {
        let should = [(&shelf.bowl, 2), (&shelf.mug, 1), (&shelf.print, 1)];
        holds(&answer.is(200)?, &should)
    };
    let call = Call::get("/cart").by(&guest.token);
    stage.step("nothing got lost", call, all).await?;
    let less = |answer: &Answer| holds(&answer.is(200)?, &[(&shelf.bowl, 2), (&shelf.mug, 1)]);
    let call = Call::delete("/cart/items/{product_id}")
        .of(&shelf.print)
        .by(&guest.token);
    stage
        .step("she takes the print out again", call, less)
        .await?;

    let call = place(guest, &random_name::<8>()?, json!({"cart_version": 4}));
    let forbidden = |answer: &Answer| answer.problem(403, "forbidden").map(drop);
    let words = "to order, she needs an account";
    stage.step(words, call, forbidden).await
}

/// What a guest put into a cart goes into an account's, once, and the guest's session is over.
pub async fn comes_along(
    stage: &mut Stage<'_>,
    guest: &Person,
    ann: &Person,
    shelf: &Shelf,
) -> Result<(), Failure> {
    let one = |answer: &Answer| holds(&answer.is(200)?, &[(&shelf.bowl, 1)]);
    let call = put(ann, &shelf.bowl, 1);
    let words = "she puts a bowl into her new cart";
    stage.step(words, call, one).await?;

    let call = Call::post("/cart/merge").by(&ann.token);
    let call = call.json(json!({"guest_token": guest.token}));
    let merged = |answer: &Answer| {
        let cart = answer.is(200)?;
        same("adjusted", &cart["adjusted"], json!([]))?;
        holds(&cart, &[(&shelf.bowl, 3), (&shelf.mug, 1)])
    };
    let words = "the cart she filled as a guest comes along: three bowls, a mug";
    let ((), first) = stage.step_and_answer(words, call.clone(), merged).await?;
    let unchanged = |answer: &Answer| same("the cart", &answer.is(200)?, first.json());
    let words = "the same request again changes nothing";
    stage.step(words, call, unchanged).await?;
    let call = Call::get("/cart").by(&guest.token);
    let over = |answer: &Answer| answer.problem(401, "unauthenticated").map(drop);
    let words = "her session as a guest is over";
    stage.step(words, call, over).await
}

/// A price that changed while the cart waited is refused, with what it is now. Putting the product again accepts it.
/// Gives the cart's version.
pub async fn accepts_the_new_price(
    stage: &mut Stage<'_>,
    ann: &Person,
    shelf: &Shelf,
) -> Result<u64, Failure> {
    let call = Call::get("/cart").by(&ann.token);
    let as_it_was = |answer: &Answer| {
        let cart = answer.is(200)?;
        same("total", &cart["total"], usd(3 * BOWL_PRICE + MUG_PRICE))?;
        version(&cart)
    };
    let words = "her cart still says what she saw";
    let seen = stage.step(words, call, as_it_was).await?;
    let call = place(ann, &random_name::<8>()?, json!({"cart_version": seen}));
    let changed = |answer: &Answer| {
        let problem = answer.problem(409, "price-changed")?;
        let (quoted, current) = (usd(BOWL_PRICE), usd(DEARER_BOWL_PRICE));
        let items = json!([{"product_id": shelf.bowl, "quoted": quoted, "current": current}]);
        same("items", &problem["items"], items)
    };
    let words = "her order is refused: she is told both prices";
    stage.step(words, call, changed).await?;
    let call = put(ann, &shelf.bowl, 3);
    let accepted = |answer: &Answer| {
        let cart = answer.is(200)?;
        let total = 3 * DEARER_BOWL_PRICE + MUG_PRICE;
        same("total", &cart["total"], usd(total))?;
        version(&cart)
    };
    let words = "she puts the bowls again, at the new price";
    stage.step(words, call, accepted).await
}

/// The cart is ordered, once, whatever a second tab sends.
pub async fn is_ordered<'p>(
    stage: &mut Stage<'_>,
    ann: &'p Person,
    version: u64,
) -> Result<Order<'p>, Failure> {
    let body = json!({"cart_version": version});
    let call = place(ann, &random_name::<8>()?, body.clone());
    let check = |answer: &Answer| placed(answer, 3 * DEARER_BOWL_PRICE + MUG_PRICE);
    let words = "Ann orders everything in her cart";
    let (id, first) = stage.step_and_answer(words, call.clone(), check).await?;
    let words = "the same request again: the same order, byte for byte";
    stage
        .step(words, call, |answer| answer.repeats(&first))
        .await?;
    let call = place(ann, &random_name::<8>()?, body);
    let told = |answer: &Answer| {
        let problem = answer.problem(409, "cart-changed")?;
        same("order_id", &problem["order_id"], id.as_str())
    };
    let words = "her other tab orders the cart again: it is told of this order";
    stage.step(words, call, told).await?;
    let call = Call::get("/cart").by(&ann.token);
    let empty = |answer: &Answer| {
        let cart = answer.is(200)?;
        same("total", &cart["total"], Value::Null)?;
        holds(&cart, &[])
    };
    stage.step("and her cart is empty", call, empty).await?;
    Ok(Order { id, buyer: ann })
}

fn put(shopper: &Person, product: &str, quantity: i64) -> Call {
    let call = Call::put("/cart/items/{product_id}").of(product);
    call.by(&shopper.token).json(json!({"quantity": quantity}))
}

/// A cart must hold these products, in any order.
fn holds(cart: &Value, should: &[(&String, i64)]) -> Checked<()> {
    let line = |item: &Value| json!([item["product_id"], item["quantity"]]);
    let mut lines: Vec<Value> = items(cart)?.iter().map(line).collect();
    lines.sort_by_key(Value::to_string);
    let mut should: Vec<Value> = should.iter().map(|line| json!(line)).collect();
    should.sort_by_key(Value::to_string);
    same("what is in the cart", &lines.into(), should)
}

fn version(cart: &Value) -> Checked<u64> {
    let version = cart["version"].as_u64();
    version.ok_or_else(|| {
        Differs(format!(
            "version is {} instead of a number",
            cart["version"]
        ))
    })
}
